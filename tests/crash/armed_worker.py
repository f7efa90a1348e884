"""A real worker process that dies at a point: `python -m tests.crash.armed_worker POINT NOTES`.

What follows are the arguments that the Procfile gives to Celery.
"""

import os
import sys

from celery.__main__ import main

from shared.startup import process_parts
from tests.crash.probe import Probe, watch


def start() -> None:
    point, notes, *celery = sys.argv[1:]
    opened = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    watch(Probe(opened, point), process_parts().ledger)
    sys.argv = celery
    main()


if __name__ == "__main__":
    start()
