"""Rows of posts over all four sandboxes, each told apart by its caption."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.sandbox.server import Sandbox


@dataclass(frozen=True)
class _Sort:
    provider: str
    platform: str
    accounts: tuple[str, ...]
    files: tuple[str, ...]
    extra: Mapping[str, Any]


_WAHDX = "1f0a0f52-6a2e-4c55-9d1e-aa00000000{:02}"
_WONDA_INSTAGRAM = "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a0{}"
_WONDA_TIKTOK = "a3f4c9de-1b7e-4a39-9d1b-52a5a2f3c00{}"
_GENVIRAL = "3a061820-7849-4285-82c7-97a6b5c4221{}"
_SLIDES = ("3.jpg", "1.jpg", "2.jpg")

_INSTAGRAM_OF_WONDA = tuple(_WONDA_INSTAGRAM.format(n) for n in range(1, 7))
_WONDA_CAROUSEL = _Sort("wonda", "instagram", _INSTAGRAM_OF_WONDA, _SLIDES, {})

_SORTS = (
    _Sort("wahdx", "tiktok", tuple(_WAHDX.format(n) for n in range(1, 14)), _SLIDES, {}),
    _Sort(
        "wonda", "instagram", tuple(_WONDA_INSTAGRAM.format(n) for n in range(1, 7)), _SLIDES, {}
    ),
    _Sort("posteverywhere", "x", ("4104",), (), {}),
    _Sort("genviral", "instagram", tuple(_GENVIRAL.format(n) for n in range(1, 10)), _SLIDES, {}),
    _Sort("wahdx", "instagram", tuple(_WAHDX.format(n) for n in range(15, 28)), ("one.jpg",), {}),
    _Sort("wonda", "tiktok", tuple(_WONDA_TIKTOK.format(n) for n in range(1, 7)), ("one.mp4",), {}),
    _Sort("posteverywhere", "instagram", tuple(str(n) for n in range(4111, 4121)), _SLIDES, {}),
    _Sort("genviral", "linkedin", ("f6c2d4ee-3405-4041-8e83-536271802206",), (), {}),
)


def mixed_rows(sandbox: Sandbox, count: int, *, carousels: bool = True) -> list[dict[str, Any]]:
    """Return `count` rows in turn over providers, platforms, kinds and accounts.

    Without carousels at Wonda, whose absence is believed only after 150 s.
    """
    sorts = [each for each in _SORTS if carousels or each is not _WONDA_CAROUSEL]
    rows = []
    for number in range(count):
        sort = sorts[number % len(sorts)]
        account = sort.accounts[number // len(sorts) % len(sort.accounts)]
        row: dict[str, Any] = {
            "ref": f"r{number:04}",
            "provider": sort.provider,
            "platform": sort.platform,
            "account": account,
            "caption": f"Post {number:04} of the test",
            **sort.extra,
        }
        if sort.files:
            row["media"] = [sandbox.media_url(f"{number}-{name}") for name in sort.files]
        rows.append(row)
    return rows


def stored_by_caption(sandbox: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Return everything the four sandboxes ever stored, by caption."""
    found: dict[str, list[dict[str, Any]]] = {}
    for post in sandbox.stored():
        found.setdefault(post["caption"], []).append(post)
    return found


def differences(sandbox: Sandbox, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what the sandboxes stored otherwise than the rows say: twice, not, or wrong."""
    stored = stored_by_caption(sandbox)
    found = []
    for row in rows:
        posts = stored.pop(row["caption"], [])
        if len(posts) != 1:
            found.append(f"{row['ref']} is stored {len(posts)} times")
            continue
        found += [f"{row['ref']}: {wrong}" for wrong in _wrong(row, posts[0])]
    return found + [f"nobody asked for {caption!r}" for caption in stored]


def _wrong(row: Mapping[str, Any], post: Mapping[str, Any]) -> list[str]:
    wanted = {
        "provider": row["provider"],
        "platform": row["platform"],
        "account_id": row["account"],
        "media": [url.rpartition("/")[2] for url in row.get("media", ())],
    }
    seen = {**post, "account_id": str(post["account_id"]), "media": _file_names(post)}
    return [
        f"{name} is {seen[name]}, not {value}"
        for name, value in wanted.items()
        if seen[name] != value
    ]


def _file_names(post: Mapping[str, Any]) -> list[str]:
    names = post["options"].get("filenames") or post["media"]
    return [str(name).rpartition("/")[2] for name in names]
