"""What a report reads: every job in a few columns, and failures by cause."""

from dataclasses import replace

import pytest

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    FAILED,
    NOW,
    SECOND,
    SUCCEEDED,
    new_job,
    settled,
    submit,
)


def failed(message: str) -> Settlement:
    fault = Fault(error_class=ErrorClass.REJECTED, code="E7", message=message)
    return replace(FAILED, fault=fault)


def test_every_job_of_the_campaign_is_reported(ledger: Ledger) -> None:
    out = settled(ledger, SUCCEEDED, "out", account="a1", run_at=NOW - SECOND)
    wrong = settled(ledger, FAILED, "wrong", account="a2")
    [waits] = submit(ledger, new_job("waits", account="a3", run_at=NOW + SECOND))
    submit(ledger, new_job("not ours"), campaign="autumn")

    jobs = ledger.reports.jobs("spring")

    assert [each.id for each in jobs] == [out.id, wrong.id, waits]
    assert [each.state for each in jobs] == [State.SUCCEEDED, State.FAILED, State.SCHEDULED]
    assert [each.late_s for each in jobs] == [1.0, 0.0, None]
    assert [each.permalink for each in jobs] == ["https://x.test/1", None, None]
    assert {(each.platform, each.kind) for each in jobs} == {("instagram", "text")}
    assert [bool(each.fingerprint) for each in jobs] == [False, True, False]


def test_failures_are_counted_by_cause(ledger: Ledger) -> None:
    first, *_ = [
        settled(ledger, failed(f"slide {at} is too large"), f"r{at}", account=f"a{at}")
        for at in range(3)
    ]
    other = settled(ledger, failed("the account is gone"), "other", account="a9")
    settled(ledger, SUCCEEDED, "out", account="a8")

    large, gone = ledger.reports.failures("spring")

    assert (large.jobs, large.example, large.error_class, large.code) == (
        3,
        first.id,
        "rejected",
        "E7",
    )
    assert (gone.jobs, gone.example, gone.message) == (1, other.id, "the account is gone")
    assert ledger.reports.jobs("spring")[0].fingerprint == large.fingerprint


def test_an_unknown_campaign_is_an_error(ledger: Ledger) -> None:
    for read in (ledger.reports.jobs, ledger.reports.failures):
        with pytest.raises(UnknownName):
            read("nowhere")
