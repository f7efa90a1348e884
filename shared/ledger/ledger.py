"""The ledger: every part of it, over one database."""

from datetime import datetime
from typing import Self

from shared.clock import Clock, SystemClock
from shared.ledger.accounts import Accounts
from shared.ledger.audits import Audits
from shared.ledger.backlogs import Backlogs
from shared.ledger.campaigns import Campaigns
from shared.ledger.cancels import Cancels
from shared.ledger.claims import Claims
from shared.ledger.database import Database
from shared.ledger.edits import Edits
from shared.ledger.epochs import Epochs
from shared.ledger.habits import Habits
from shared.ledger.heartbeats import Heartbeats
from shared.ledger.jobs import Jobs
from shared.ledger.latecomers import Latecomers
from shared.ledger.limits import Limits
from shared.ledger.looks import Looks
from shared.ledger.media import MediaShelf
from shared.ledger.moves import Moves
from shared.ledger.neighbours import Neighbours
from shared.ledger.occurrences import Occurrences
from shared.ledger.pauses import Pauses
from shared.ledger.polls import Polls
from shared.ledger.releases import Releases
from shared.ledger.reports import Reports
from shared.ledger.rescues import Rescues
from shared.ledger.retries import Retries
from shared.ledger.schema import Schema
from shared.ledger.series import SeriesBook
from shared.ledger.slots import Slots
from shared.ledger.waits import Waits


class Ledger:
    """The truth, in SQL; each method of each part is one transaction, and nobody else commits.

    Every method raises PartUnreachable when the database is away, and SchemaOutdated when it
    has not been brought to this version.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.schema = Schema(database)
        self.campaigns = Campaigns(database)
        self.jobs = Jobs(database)
        self.moves = Moves(database)
        self.edits = Edits(database)
        self.cancels = Cancels(database)
        self.claims = Claims(database)
        self.releases = Releases(database)
        self.latecomers = Latecomers(database)
        self.backlogs = Backlogs(database)
        self.waits = Waits(database)
        self.polls = Polls(database)
        self.habits = Habits(database)
        self.looks = Looks(database)
        self.reports = Reports(database)
        self.rescues = Rescues(database)
        self.retries = Retries(database)
        self.accounts = Accounts(database)
        self.neighbours = Neighbours(database)
        self.pauses = Pauses(database)
        self.limits = Limits(database)
        self.media = MediaShelf(database)
        self.heartbeats = Heartbeats(database)
        self.epochs = Epochs(database)
        self.series = SeriesBook(database)
        self.occurrences = Occurrences(database)
        self.slots = Slots(database)
        self.audits = Audits(database)

    @classmethod
    def open(cls, url: str, clock: Clock | None = None) -> Self:
        """Open the ledger at an address; nothing is asked of the database yet."""
        return cls(Database(url, clock or SystemClock()))

    @property
    def dialect(self) -> str:
        return self._database.dialect

    def database_now(self) -> datetime:
        return self._database.now()

    def close(self) -> None:
        self._database.close()
