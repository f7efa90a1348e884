"""Every checkable rule of the references: what breaks it is told, what keeps it passes."""

from dataclasses import dataclass

import pytest
from typing_extensions import override

from shared.domain.options import PRIVACY_LEVELS, read_options
from shared.providers import provider_named, providers
from tests.contract.adapters.rules import Case, Rule, genviral, posteverywhere, wahdx, wonda

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

    def found(self, case: Case) -> list[tuple[str, bool]]:
        problems = case.problems(provider_named(self.provider))
        return [(each.field, each.warning) for each in problems]


RULED = [Ruled(name, rule) for name, rules in BOOKS.items() for rule in rules]


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
