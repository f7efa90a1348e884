"""The producer: what the command line, the API and your own code call to hand over posts."""

from shared.producer.preparing import Checked
from shared.producer.producer import Answer, Producer, Retried, Submission

__all__ = ["Answer", "Checked", "Producer", "Retried", "Submission"]
