"""`python -m tests.chaos`: run chaos once per seed and count what came of it."""

import argparse
import sys

from tests.chaos.plan import SIZES
from tests.chaos.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    verdicts = []
    for seed in options.seeds:
        print(f"seed {seed}:", file=sys.stderr, flush=True)
        verdict = run(SIZES[options.size], seed)
        print(f"seed {seed}: {verdict}", flush=True)
        verdicts.append(verdict)
    return 0 if all(verdict.clean for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
