"""A series made of one row: its post is checked now, as one that would go at once."""

from dataclasses import replace

from shared.domain.recurrence import Recurrence
from shared.domain.release import LatePolicy
from shared.domain.series import NewSeries
from shared.errors import InputError
from shared.producer.producer import Producer
from shared.rows import Row, RowProblem


def series_of(
    producer: Producer,
    row: Row,
    *,
    name: str,
    campaign: str,
    recurrence: Recurrence,
    late: LatePolicy | None,
) -> tuple[NewSeries, list[RowProblem]]:
    """Return the series and its post's warnings; InputError has every problem of the post.

    Raises PartUnreachable, KeyMissing.
    """
    checked = producer.check([replace(row, run_at=None)])
    if checked.errors:
        message = "the post cannot go out like this; nothing was written"
        raise InputError(message, [str(each) for each in checked.errors])
    [job] = checked.jobs
    series = NewSeries(
        name=name,
        campaign=campaign,
        recurrence=recurrence,
        provider=job.provider,
        connection=job.connection,
        post=job.post,
        late=late,
    )
    return series, checked.warnings
