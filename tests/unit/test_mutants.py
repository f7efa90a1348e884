"""Every mutant still applies: a defence that moved takes its mutant along."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.defence)
def test_a_mutant_s_text_is_found_once_and_still_compiles_when_changed(mutant: Mutant) -> None:
    compile(mutant.applied(ROOT), mutant.path, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.defence)
def test_the_tests_that_should_kill_a_mutant_exist(mutant: Mutant) -> None:
    tests = set(re.findall(r"^def (test_\w+)", (ROOT / mutant.suite).read_text(), re.MULTILINE))
    named = {name.partition("[")[0] for name in mutant.noticed_by}
    assert named
    assert named <= tests


def test_a_mutant_whose_text_is_gone_says_so() -> None:
    gone = replace(MUTANTS[0], old="never there")
    with pytest.raises(LookupError, match=rf"occurs 0 times in {gone.path}"):
        gone.applied(ROOT)
