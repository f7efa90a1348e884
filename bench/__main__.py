"""`python -m bench [NAME ...] [--full]`: runs benchmarks; a JSON line and a table of each."""

import argparse
import importlib
import json

from bench.measure import Benchmark, Figure, Size
from shared.cli.output import show_table

#: Every benchmark by name: the module of that name in this folder has a function `measure`.
NAMES = (
    "ledger",
    "limiter",
    "lateness",
    "throughput",
    "submit",
    "settling",
    "quota",
    "ticks",
)

HEAD = ("what", "", "unit", "beside", "", "ratio", "target")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--full", action="store_true", help="the size whose figures are quoted")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    size = Size.FULL if options.full else Size.SMOKE
    for name in options.names or NAMES:
        _run(name, size)


def _run(name: str, size: Size) -> None:
    measure: Benchmark = importlib.import_module(f"bench.{name}").measure
    figures = list(measure(size))
    shapes = [figure.shape() for figure in figures]
    print(json.dumps({"bench": name, "size": size, "figures": shapes}), flush=True)
    show_table(HEAD, [_row(figure) for figure in figures])
    print(flush=True)


def _row(figure: Figure) -> tuple[object, ...]:
    bound = "" if figure.bound is None else f"{figure.bound:,.4g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    value = f"{figure.value:,.4g}"
    return (figure.what, value, figure.unit, figure.beside, bound, ratio, figure.target)


if __name__ == "__main__":
    main()
