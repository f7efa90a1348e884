"""The documents name every shape, variable, command and file there is, and none that is not."""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main

from shared.cli.app import COMMANDS
from shared.domain.capabilities import Shape
from shared.producer.explanation import Reason
from shared.provider import Provider
from shared.providers import providers
from shared.settings import KNOWN_VARIABLES

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

#: A provider's reference, other public documentation, or an assumption.
_MARK = re.compile(r"\s*\([SDA]\)")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`(dropline [^`]+)`")
#: Where a line of the shell goes on to something that is not ours.
_BEYOND = re.compile(r"\s+(?:#|\||<|>|&&).*")

Row = dict[str, str]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tables(text: str) -> Iterator[list[Row]]:
    """Give every table as rows of cells by column."""
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        head, _, *lines = (
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in block.splitlines()
        )
        yield [dict(zip(head, cells, strict=True)) for cells in lines]


def section(provider: str) -> str:
    """Give what docs/providers.md says of one provider."""
    text = (ROOT / "docs" / "providers.md").read_text()
    found = re.search(
        rf"^## [^\n]*\(`{provider}`\)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/providers.md has no section headed (`{provider}`)"
    return found[1]


def documented(provider: str) -> list[Row]:
    found = [rows for rows in tables(section(provider)) if "kind" in rows[0]]
    return [row for rows in found for row in rows]


def sets(provider: str) -> dict[str, frozenset[str]]:
    """Give the named sets of file extensions and options that a section defines."""
    found = [rows for rows in tables(section(provider)) if "set" in rows[0]]
    return {row["set"]: frozenset(_words(row["members"]) - {"-"}) for rows in found for row in rows}


def _words(cell: str) -> set[str]:
    return set(_MARK.sub("", cell).replace("`", "").split())


def members(cell: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """Resolve a cell of set names and names in backticks."""
    found = set(re.findall(r"`(\w+)`", cell))
    for name in sorted(known, key=len, reverse=True):
        if name in cell:
            found |= known[name]
            cell = cell.replace(name, "")
    return frozenset(found)


def sized(size: int | None, unit: object, *, required: bool, extra: str = "") -> str:
    if not size:
        return "-"
    return f"{size} {unit}" + (", required" if required else "") + extra


def expected(shape: Shape) -> Row:
    """Give the cells that the adapter's declaration asks for."""
    low, high = shape.media_min, shape.media_max
    tags = "" if shape.hashtags_max is None else f", {shape.hashtags_max} hashtags"
    caption, title = shape.caption_required, shape.title_required
    return {
        "media": str(low) if low == high else f"{low}-{high}",
        "caption": sized(shape.caption_max, shape.caption_unit, required=caption, extra=tags),
        "title": sized(shape.title_max, shape.title_unit, required=title),
        "alt text": str(shape.alt_text_max or "-"),
        "inbox": "yes" if shape.inbox else "no",
    }


def every(provider: Provider) -> dict[tuple[str, str], Shape]:
    shapes = provider.capabilities.shapes.items()
    return {(platform, str(kind)): shape for (platform, kind), shape in shapes}


@pytest.mark.parametrize("provider", providers().values(), ids=lambda each: each.name)
def test_the_providers_page_names_every_shape_once_and_no_other(provider: Provider) -> None:
    rows = [(row["platform"], row["kind"]) for row in documented(provider.name)]
    assert sorted(rows) == sorted(every(provider))


@pytest.mark.parametrize("provider", providers().values(), ids=lambda each: each.name)
def test_the_providers_page_says_of_a_shape_what_its_adapter_declares(provider: Provider) -> None:
    known, shapes = sets(provider.name), every(provider)
    for row in documented(provider.name):
        shape = shapes[row["platform"], row["kind"]]
        said = {column: _MARK.sub("", row[column]) for column in expected(shape)}
        assert said == expected(shape), row
        assert members(row["files"], known) == shape.formats, row
        assert members(row["options"], known) == shape.options, row
        required = set(re.findall(r"`(\w+)` required", row["options"]))
        assert required == shape.required_options, row
        assert ("mixed" in row["files"]) is shape.mixing, row


@pytest.mark.parametrize("provider", providers().values(), ids=lambda each: each.name)
def test_every_figure_of_a_shape_is_marked_with_its_source(provider: Provider) -> None:
    for row in documented(provider.name):
        for column in ("media", "files", "caption", "title", "alt text", "options"):
            assert row[column] == "-" or _MARK.search(row[column]), row


@pytest.mark.parametrize("provider", providers().values(), ids=lambda each: each.name)
def test_the_providers_page_says_where_it_is_and_what_a_lost_answer_leads_to(
    provider: Provider,
) -> None:
    text, capabilities = section(provider.name), provider.capabilities
    assert provider.base_url in text
    assert f"DROPLINE_{provider.name.upper()}_API_KEY" in text
    assert f"| a lost answer | `{capabilities.lost_answer}` |" in text
    assert f"| sources | {' '.join(f'`{each}`' for each in sorted(capabilities.sources))} |" in text
    assert f"| cancel | {'yes' if capabilities.cancel else 'no'} |" in text
    assert f"| history | {'yes' if capabilities.history else 'no'} |" in text


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_relative_link_is_dead(page: Path) -> None:
    for target in _LINK.findall(page.read_text()):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            place = page.parent / path if path else page
            assert place.exists(), f"{named(page)} links to {target}"
            assert not anchor or anchor in anchors(place), f"{named(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    """Give the headings of a page as links name them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("variable", sorted(KNOWN_VARIABLES))
def test_the_configuration_page_names_every_variable(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "docs" / "configuration.md").read_text()


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(_LINK.findall((folder / "README.md").read_text()))
    assert listed == {page.name for page in folder.glob("[0-9]*.md")}


def lines_of_shell(page: Path) -> list[str]:
    lines = [line for block in _SHELL.findall(page.read_text()) for line in block.splitlines()]
    return [_BEYOND.sub("", line) for line in lines if line.startswith("dropline ")]


def mentioned(page: Path) -> list[str]:
    return [_BEYOND.sub("", found) for found in _INLINE.findall(page.read_text())]


def command_of(line: str) -> tuple[Any, str, list[str]]:
    """Give the command that a line calls, its name and the words after it."""
    _, name, *words = shlex.split(line)
    assert name in COMMANDS, f"there is no `dropline {name}`"
    command: Any = typer.main.get_command(import_module(f"shared.cli.{COMMANDS[name][0]}").app)
    subcommands = getattr(command, "commands", None)
    if subcommands and words:
        assert words[0] in subcommands, f"there is no `dropline {name} {words[0]}`"
        return subcommands[words[0]], words[0], words[1:]
    return command, name, words


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_of_the_documents_is_taken_as_it_stands(page: Path) -> None:
    for line in lines_of_shell(page):
        command, name, words = command_of(line)
        assert not hasattr(command, "commands"), f"{line}: which of its commands?"
        assert command.make_context(name, words), line


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_a_sentence_mentions_exists_with_its_options(page: Path) -> None:
    for line in mentioned(page):
        command, _, words = command_of(line)
        offered = {option for each in command.params for option in each.opts}
        asked = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert asked <= offered | {"--help"}, f"{line}: {asked - offered}"


def test_operations_says_what_to_do_about_every_reason_to_wait() -> None:
    rows = [row for rows in tables((ROOT / "docs" / "operations.md").read_text()) for row in rows]
    named = [each for row in rows for each in re.findall(r"`(\w+)`", row.get("`reason`", ""))]
    assert sorted(named) == sorted(Reason)


def test_every_log_line_that_operations_explains_is_written_somewhere() -> None:
    explained = [
        row["log line"].strip("`")
        for rows in tables((ROOT / "docs" / "operations.md").read_text())
        for row in rows
        if "log line" in row
    ]
    folders = ("shared", "worker", "scheduler")
    sources = [page.read_text() for folder in folders for page in (ROOT / folder).rglob("*.py")]
    assert explained
    for line in explained:
        assert any(f'"{line}"' in source for source in sources), line
