"""Epochs: which life of Redis' memory the queued jobs were rung in."""

from datetime import datetime

from sqlalchemy import Connection

from shared.ledger.book import Book, writing
from shared.ledger.marks import change_mark

_NAME = "epoch of the broker"


class Epochs(Book):
    """Remembers the last epoch that anybody saw."""

    @writing
    def seen(self, tx: Connection, epoch: str, now: datetime) -> bool:
        """Store the epoch; true when it is not the one that was stored before."""
        return change_mark(tx, _NAME, epoch, now)

    @writing
    def doubt(self, tx: Connection, now: datetime) -> None:
        """Have all that is queued rung for again: a ring was not taken, nobody knows of which."""
        change_mark(tx, _NAME, "", now)
