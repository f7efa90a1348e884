"""The producer: what the command line, the API and your own code call to hand over posts."""

from shared.producer.changes import Changes
from shared.producer.preparing import Checked, Prepared
from shared.producer.producer import Answer, Producer, Retried, Submission
from shared.producer.spool import Spool

__all__ = [
    "Answer",
    "Changes",
    "Checked",
    "Prepared",
    "Producer",
    "Retried",
    "Spool",
    "Submission",
]
