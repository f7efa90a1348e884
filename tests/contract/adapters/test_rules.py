"""Every checkable rule of the references: what breaks it is told, what keeps it passes."""

from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from shared.domain.options import PRIVACY_LEVELS, read_options
from shared.domain.post import Kind
from shared.providers import provider_named, providers
from tests.contract.adapters.rules import Case, Rule, genviral, posteverywhere, wahdx, wonda
from tests.contract.adapters.rules.moved import moved

BOOKS = {
    "genviral": genviral.RULES,
    "posteverywhere": posteverywhere.RULES,
    "wahdx": wahdx.RULES,
    "wonda": wonda.RULES,
}


@dataclass(frozen=True)
class Ruled:
    """A rule at its provider."""

    provider: str
    rule: Rule

    @override
    def __str__(self) -> str:
        return f"{self.provider} {self.rule}"

    def concerns(self, platform: str, kind: Kind) -> bool:
        posts = self.rule.rejects.post, self.rule.accepts.post
        return any((each.platform, each.kind) == (platform, kind) for each in posts)

    def holds(self) -> bool:
        """Whether what breaks the rule is told and what keeps it passes."""
        told = (self.rule.field, self.rule.warning)
        kept = self.found(self.rule.accepts)
        wrong = told in kept or any(not warning for _, warning in kept)
        return told in self.found(self.rule.rejects) and not wrong

    def found(self, case: Case) -> list[tuple[str, bool]]:
        problems = case.problems(provider_named(self.provider))
        return [(each.field, each.warning) for each in problems]


RULED = [Ruled(name, rule) for name, rules in BOOKS.items() for rule in rules]
SORTS = [
    (name, *sort) for name in sorted(BOOKS) for sort in provider_named(name).capabilities.shapes
]


def test_every_provider_has_its_rules() -> None:
    assert set(BOOKS) == set(providers())


@pytest.mark.parametrize("ruled", RULED, ids=str)
def test_what_breaks_a_rule_is_told_and_what_keeps_it_is_not(ruled: Ruled) -> None:
    rule = ruled.rule
    assert (rule.field, rule.warning) in ruled.found(rule.rejects)

    kept = ruled.found(rule.accepts)
    assert [each for each in kept if each == (rule.field, rule.warning)] == []
    assert [field for field, warning in kept if not warning] == []


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_every_shape_an_adapter_offers_has_a_rule(name: str) -> None:
    """A platform or kind that is added without any rule in the book is noticed."""
    ruled = {(each.accepts.post.platform, each.accepts.post.kind) for each in BOOKS[name]}
    assert set(provider_named(name).capabilities.shapes) - ruled == set()


@pytest.mark.parametrize("sort", SORTS, ids=" ".join)
def test_no_figure_of_a_shape_can_change_unnoticed(
    sort: tuple[str, str, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has an example on either side of it: one of them falls over when it moves."""
    name, platform, kind = sort
    provider, here = provider_named(name), (platform, kind)
    capabilities = provider.capabilities
    rules = [each for each in RULED if each.provider == name and each.concerns(*here)]
    unnoticed = []
    for words, other in moved(capabilities.shapes[here], kind):
        shapes = {**capabilities.shapes, here: other}
        monkeypatch.setattr(type(provider), "capabilities", replace(capabilities, shapes=shapes))
        if all(each.holds() for each in rules):
            unnoticed.append(words)
    assert unnoticed == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        *(("privacy", level, "EVERYBODY") for level in sorted(PRIVACY_LEVELS)),
        ("post_mode", "inbox", "drafts"),
        ("post_mode", "direct", ""),
        ("cover_index", 0, -1),
        ("cover_timestamp_ms", 1000, "soon"),
        ("allow_comment", False, "perhaps"),
        ("video_duration_s", 42.5, float("nan")),
        ("tags", ["rye"], "rye"),
        ("visibility", "unlisted", "hidden"),
        ("video_type", "Short", "Long"),
        ("settings", {"a": 1}, ["a"]),
        ("music_url", "https://www.tiktok.com/1", ""),
    ],
)
def test_the_values_of_options(name: str, right: object, wrong: object) -> None:
    assert read_options({name: right}) == ({name: right}, [])
    _, problems = read_options({name: wrong})
    assert [each for each, _ in problems] == [name]
