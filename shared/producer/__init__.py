"""The producer: what the command line, the API and your own code call to hand over posts."""

from shared.producer.audience import Audience
from shared.producer.changes import Changes
from shared.producer.drops import Drop, Planned
from shared.producer.preparing import Checked, Prepared
from shared.producer.producer import Answer, Producer, Retried, Submission
from shared.producer.spool import Spool

__all__ = [
    "Answer",
    "Audience",
    "Changes",
    "Checked",
    "Drop",
    "Planned",
    "Prepared",
    "Producer",
    "Retried",
    "Spool",
    "Submission",
]
