"""`make mutants`: takes out each defence in turn and shows which test notices."""

import argparse
import sys
from collections.abc import Sequence

from tests.mutants.catalogue import MUTANTS, Mutant
from tests.mutants.ground import FAILED, PASSED, Ground, Run, copied

_WIDTH = max(len(mutant.defence) for mutant in MUTANTS)

#: Of each test while nothing is taken out.
_PATIENCE_S = 120


def main() -> int:
    """Return 0 when every mutant was killed, 1 when one survived or could not be tried."""
    chosen = _chosen()
    killers = dict.fromkeys(killer for mutant in chosen for killer in mutant.killers)
    with copied() as ground:
        whole = ground.run(killers, _PATIENCE_S)
        if whole.status != PASSED:
            _say(f"{whole.output}\nthe tests must pass before anything is taken out")
            return 1
        _say(f"{len(chosen)} mutants; unchanged, all passes in {whole.seconds:.1f} s\n")
        alive = sum(not _killed(ground, mutant) for mutant in chosen)
    _say(f"\n{len(chosen) - alive} killed, {alive} alive")
    return 1 if alive else 0


def _chosen() -> Sequence[Mutant]:
    arguments = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    arguments.add_argument("words", nargs="*", help="only defences that contain one of these")
    words: list[str] = arguments.parse_args().words
    return [each for each in MUTANTS if not words or any(word in each.defence for word in words)]


def _killed(ground: Ground, mutant: Mutant) -> bool:
    with ground.changed(mutant):
        run = ground.run(mutant.killers, mutant.timeout_s)
    _say(f"{mutant.defence:<{_WIDTH}}  {run.seconds:5.1f} s  {_fate(run)}")
    if run.status not in {PASSED, FAILED}:
        _say(run.output)
    return run.status == FAILED


def _fate(run: Run) -> str:
    if run.status == FAILED:
        return f"killed by {run.failed}"
    return "ALIVE" if run.status == PASSED else f"not tried: pytest ended with {run.status}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
