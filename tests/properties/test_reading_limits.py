"""Whatever a server writes, reading its limits neither raises nor says what makes no sense."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.limit import Reply
from shared.limits.reading import LONGEST_WAIT, read, windows

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

NAMES = st.sampled_from(
    [
        "Date",
        "Retry-After",
        "Retry-After-Ms",
        "RateLimit",
        "RateLimit-Policy",
        "RateLimit-Limit",
        "RateLimit-Reset",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Used",
        "X-RateLimit-Reset",
        "X-RateLimit-Reset-After",
        "X-RateLimit-Limit-0000d",
        "x-rate-limit-remaining-hour",
        "X-App-Usage",
        "X-Some-Limit",
    ]
)
PIECES = st.sampled_from(
    [
        *'",;=wrtqms ./{}[]',
        *("limit", "60", "-1", "0", "00", "1e9", "9" * 30, "1795348800", "99999999999999", "inf"),
        *("Mon, ", "Nov", "GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "2026-11-22T12:00:30", "+99:99"),
    ]
)
VALUES = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=12).map("".join),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda instant: instant.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.datetimes().map(datetime.isoformat),
)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | VALUES,
    lambda inner: st.dictionaries(
        st.sampled_from(["error", "retryAfter", "retry_after", "deferUntil", "x"]), inner
    ),
    max_leaves=6,
)


@given(
    headers=st.dictionaries(NAMES | st.text(max_size=20), VALUES, max_size=8),
    body=BODIES,
    status=st.sampled_from([200, 429, 503]),
)
def test_no_answer_makes_the_reader_fail_or_lie(
    headers: dict[str, str], body: Any, status: int
) -> None:
    reply = Reply(status=status, headers=headers, body=body, received_at=NOW)

    reading = read(reply)

    assert reading.wait is None or timedelta() <= reading.wait <= LONGEST_WAIT
    for quota in windows(reply):
        assert quota.limit is None or quota.limit >= 0
        assert quota.remaining is None or quota.remaining >= 0
        assert quota.per is None or quota.per > timedelta()


@given(seconds=st.floats(min_value=0, max_value=604_800).map(lambda number: round(number, 3)))
def test_a_wait_in_seconds_is_taken_as_it_is(seconds: float) -> None:
    reply = Reply(status=429, headers={"Retry-After": f"{seconds:.3f}"}, received_at=NOW)

    assert read(reply).wait == timedelta(seconds=float(f"{seconds:.3f}"))


@given(
    offset=st.timedeltas(timedelta(days=-300), timedelta(days=300)),
    ahead=st.integers(min_value=0, max_value=86_400),
)
def test_a_servers_wrong_clock_moves_an_absolute_wait_by_two_seconds_at_most(
    offset: timedelta, ahead: int
) -> None:
    server_now = (NOW + offset).replace(microsecond=0)
    named = server_now + timedelta(seconds=ahead)
    headers = {
        "Date": server_now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Retry-After": named.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }

    wait = read(Reply(status=429, headers=headers, received_at=NOW)).wait

    assert wait is not None
    assert abs(wait - timedelta(seconds=ahead)) <= timedelta(seconds=2)
