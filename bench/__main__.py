"""`python -m bench`: runs every benchmark; one JSON line and one row of a table each."""

import argparse
import json

from bench.ledger import measure_ledger
from bench.limiter import measure_limiter
from bench.measure import Figure
from shared.cli.output import show_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--jobs", type=int, default=500, help="jobs, or requests, per figure")
    options = parser.parse_args()
    figures = [*measure_ledger(options.jobs), *measure_limiter(options.jobs)]
    for figure in figures:
        print(json.dumps(figure.shape()), flush=True)
    print()
    show_table(("what", "per second", "beside", "per second", "ratio"), _rows(figures))


def _rows(figures: list[Figure]) -> list[tuple[object, ...]]:
    return [
        (each.what, round(each.rate), each.beside, round(each.bound), f"{each.ratio:.2f}")
        for each in figures
    ]


if __name__ == "__main__":
    main()
