"""Our own surprises, one tree; what a provider said is an Outcome and lives in the domain.

DroplineError
├── InputError            bad usage or bad input; nothing was written           exit 2
│   ├── ConfigurationError
│   └── UnknownName       a job, campaign, connection or provider that is not there
├── PartUnreachable       SQL, Redis or a provider cannot be reached            exit 5
│   ├── SchemaOutdated
│   ├── KeyMissing
│   └── LimiterUnavailable
├── WaitTimedOut                                                                exit 6
├── IllegalMove           a state was asked to go where the table does not lead
├── LedgerError           the ledger refused a write; nothing was changed
│   └── PublishClaimed    the provider's publish id belongs to another job already
├── LeaseLost             a claim that is no longer ours wanted to send or settle
├── TooLate               a job whose `not_after` has passed wanted to send
└── ProviderMisuse        an adapter was asked for what it declares it lacks
"""

from collections.abc import Sequence


class DroplineError(Exception):
    """Something went wrong in Dropline."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n", maxsplit=1)[0])


class InputError(DroplineError):
    """The input is not usable; nothing was written."""

    def __init__(self, message: str | None = None, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ConfigurationError(InputError):
    """The configuration is not usable."""


class UnknownName(InputError):
    """There is nothing of that name."""


class PartUnreachable(DroplineError):
    """A needed part cannot be reached."""


class SchemaOutdated(PartUnreachable):
    """The database schema is not the one this version needs; run `dropline db upgrade`."""


class KeyMissing(PartUnreachable):
    """The connection has no API key in the environment."""


class LimiterUnavailable(PartUnreachable):
    """Redis cannot be asked whether a request is inside the limits, so nothing is sent."""


class WaitTimedOut(DroplineError):
    """The wait ended before everything had settled."""


class IllegalMove(DroplineError):
    """The state table has no such move."""


class LedgerError(DroplineError):
    """The ledger refused a write; nothing was changed."""


class PublishClaimed(LedgerError):
    """This publish belongs to another job already."""


class LeaseLost(DroplineError):
    """The claim on this job is no longer ours."""


class TooLate(DroplineError):
    """The time after which the job must not be published has passed."""


class ProviderMisuse(DroplineError):
    """The provider does not offer this call."""
