"""What headers and bodies of every style mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.limit import Reading, Reply
from shared.limits.reading import read, windows

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EPOCH_SECONDS = int(NOW.timestamp())


def reply(headers: dict[str, str] | None = None, body: Any = None, status: int = 429) -> Reply:
    return Reply(status=status, headers=headers or {}, body=body, received_at=NOW)


def wait_s(headers: dict[str, str] | None = None, body: Any = None, status: int = 429) -> Any:
    wait = read(reply(headers, body, status)).wait
    return None if wait is None else wait.total_seconds()


def soon(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("0", 0),
        ("-5", 0),
        ("+7", 7),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sunday, 22-Nov-26 12:00:30 GMT", 30),
        ("Sun Nov 22 12:00:30 2026", 30),
        ("Sun, 22 Nov 2026 14:00:30 +0200", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("2026-11-22T12:00:30Z", 30),
        ("2026-11-22T13:00:30.500+01:00", 30.5),
        (str(EPOCH_SECONDS + 40), 40),
        ("6m0s", 360),
        ("999999", 604_800),
        ("soon", None),
        ("", None),
        ("NaN", None),
        ("1e3", None),
        ("٣٠", None),
        ("30 seconds", None),
        ("Sun, 99 Nov 2026 12:00:30 GMT", None),
        ("99999999999999999999", None),
        ("9" * 400, None),
        ("Fri, 22 Nov 9999 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form_and_garbage_is_ignored(
    value: str, seconds: float | None
) -> None:
    assert wait_s({"Retry-After": value}) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (str(EPOCH_SECONDS + 20), 20),
        (str((EPOCH_SECONDS + 20) * 1000), 20),
        ("20", 20),
        ("20.25", 20.25),
        ("2026-11-22T12:00:20Z", 20),
        ("2026-11-22 12:00:20", 20),
        ("Sun, 22 Nov 2026 12:00:20 GMT", 20),
        ("20s", 20),
        ("6m0s", 360),
        ("1h0m5s", 3605),
        ("250ms", 0.25),
        ("yesterday", None),
        ("-1", 0),
    ],
)
@pytest.mark.parametrize("prefix", ["X-RateLimit-", "RateLimit-", "x-rate-limit-", "X-Rate_Limit-"])
def test_a_reset_is_read_in_every_form(prefix: str, value: str, seconds: float | None) -> None:
    headers = {f"{prefix}Limit": "60", f"{prefix}Remaining": "0", f"{prefix}Reset": value}

    reading = read(reply(headers, status=200))

    assert (reading.limit, reading.remaining) == (60, 0)
    assert (reading.wait.total_seconds() if reading.wait is not None else None) == seconds


def test_a_window_that_is_not_exhausted_asks_for_no_wait() -> None:
    headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "20"}

    assert read(reply(headers, status=200)) == Reading(limit=60, remaining=7, reset_at=soon(20))
    assert wait_s(headers, status=429) is None


def test_on_a_429_the_only_window_is_exhausted_even_without_remaining() -> None:
    headers = {"X-RateLimit-Reset": "20"}

    assert wait_s(headers, status=429) == 20
    assert wait_s(headers, status=200) is None


def test_the_wait_is_the_longest_that_is_asked_for() -> None:
    exhausted = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "45"}

    assert wait_s({"Retry-After": "30", **exhausted}) == 45
    assert wait_s({"Retry-After": "60", **exhausted}) == 60
    assert wait_s({"Retry-After": "10"}, {"error": {"retryAfter": 20}}) == 20


def test_discords_reset_after_wins_over_the_reset() -> None:
    headers = {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(EPOCH_SECONDS + 3),
        "X-RateLimit-Reset-After": "2.5",
    }

    assert wait_s(headers) == 2.5


def test_the_servers_date_corrects_a_skewed_clock_for_absolute_times_only() -> None:
    date = "Sun, 22 Nov 2026 10:00:00 GMT"
    reset = str(int((NOW - timedelta(hours=2)).timestamp()) + 25)

    assert wait_s({"Date": date, "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}) == 30
    assert wait_s({"Date": date, "Retry-After": "30"}) == 30
    assert wait_s({"Date": date, "X-RateLimit-Reset": reset}) == 25
    assert wait_s({"Date": date}, {"deferUntil": "2026-11-22T10:00:30Z"}) == 30


def test_a_date_within_its_own_coarseness_is_no_skew() -> None:
    headers = {"Date": "Sun, 22 Nov 2026 11:59:59 GMT", "Retry-After": "2026-11-22T12:00:30Z"}

    assert wait_s(headers) == 30


def test_the_ietf_draft_by_name_is_read_with_its_policy() -> None:
    headers = {
        "RateLimit": '"burst";r=50;t=30, "daily";r=900;t=3600',
        "RateLimit-Policy": '"burst";q=100;w=60,"daily";q=1000;w=86400',
    }

    burst, daily = windows(reply(headers, status=200))

    assert (burst.limit, burst.remaining, burst.reset_at) == (100, 50, soon(30))
    assert burst.per == timedelta(minutes=1)
    assert (daily.limit, daily.remaining, daily.per) == (1000, 900, timedelta(days=1))
    assert read(reply(headers, status=200)).limit == 100


def test_the_older_draft_in_one_header_is_read_with_its_policy() -> None:
    headers = {"RateLimit": "limit=100, remaining=0, reset=30", "RateLimit-Policy": "100;w=60"}

    assert read(reply(headers, status=200)) == Reading(
        wait=timedelta(seconds=30),
        limit=100,
        remaining=0,
        reset_at=soon(30),
        window=timedelta(minutes=1),
    )


def test_the_oldest_draft_names_several_windows_and_the_governing_one_first() -> None:
    headers = {
        "RateLimit-Limit": "100, 1000;w=3600, 100;w=60",
        "RateLimit-Remaining": "5",
        "RateLimit-Reset": "30",
    }

    first, second = windows(reply(headers, status=200))

    assert (first.limit, first.per, first.remaining) == (100, timedelta(minutes=1), 5)
    assert (second.limit, second.per, second.remaining) == (1000, timedelta(hours=1), None)


@pytest.mark.parametrize(
    ("suffix", "seconds"),
    [
        ("-Second", 1),
        ("-Minute", 60),
        ("-Per-Minute", 60),
        ("-hour", 3600),
        ("-Day", 86400),
        ("-24h", 86400),
        ("-15min", 900),
        ("-Hourly", 3600),
    ],
)
def test_a_suffix_names_the_windows_length(suffix: str, seconds: int) -> None:
    headers = {f"X-RateLimit-Limit{suffix}": "10", f"X-RateLimit-Remaining{suffix}": "9"}

    (quota,) = windows(reply(headers, status=200))

    assert (quota.limit, quota.remaining) == (10, 9)
    assert quota.per == timedelta(seconds=seconds)


def test_several_windows_in_one_answer_are_kept_apart_and_the_tightest_is_told() -> None:
    headers = {
        "X-RateLimit-Limit-Minute": "60",
        "X-RateLimit-Remaining-Minute": "59",
        "X-RateLimit-Limit-Hour": "1000",
        "X-RateLimit-Remaining-Hour": "0",
        "X-RateLimit-Reset-Hour": "900",
        "X-RateLimit-Limit-Day": "5000",
        "X-RateLimit-Remaining-Day": "0",
        "X-RateLimit-Reset-Day": "7200",
    }

    reading = read(reply(headers, status=200))

    assert len(windows(reply(headers))) == 3
    assert reading.wait == timedelta(hours=2)
    assert (reading.limit, reading.window) == (5000, timedelta(days=1))


def test_parallel_lists_are_one_window_each() -> None:
    headers = {"X-RateLimit-Limit": "200,2000", "X-RateLimit-Usage": "10,2000"}

    short, long = windows(reply(headers, status=200))

    assert (short.limit, short.remaining) == (200, 190)
    assert (long.limit, long.remaining) == (2000, 0)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"error": {"retryAfter": 12}}, 12),
        ({"error": {"retry_after": "12.5"}}, 12.5),
        ({"retryAfter": 12}, 12),
        ({"error": {"deferUntil": "2026-11-22T12:01:00.000Z"}}, 60),
        ({"deferUntil": EPOCH_SECONDS + 60}, 60),
        ({"deferUntil": (EPOCH_SECONDS + 60) * 1000}, 60),
        ({"error": "throttled", "deferUntil": "2026-11-22T12:01:00Z"}, 60),
        ({"error": {"retryAfter": None}}, None),
        ({"error": {"retryAfter": True}}, None),
        ({"error": {"retryAfter": {"seconds": 3}}}, None),
        ({"error": {"retryAfter": float("nan")}}, None),
        ({"error": {"retryAfter": 10**400}}, None),
        (["retryAfter"], None),
        ("retryAfter", None),
    ],
)
def test_the_body_may_name_the_wait(body: Any, seconds: float | None) -> None:
    assert wait_s(None, body) == seconds


def test_metas_percentages_are_a_window_of_a_hundred() -> None:
    headers = {
        "X-Business-Use-Case-Usage": '{"17": [{"call_count": 100, "total_time": 20,'
        ' "estimated_time_to_regain_access": 5}]}'
    }

    assert read(reply(headers, status=200)) == Reading(
        wait=timedelta(minutes=5), limit=100, remaining=0, reset_at=soon(300)
    )
    assert read(reply({"X-App-Usage": '{"call_count": 28}'}, status=200)).remaining == 72


def test_a_pair_of_used_and_limit_is_a_window() -> None:
    reading = read(reply({"X-Shopify-Shop-Api-Call-Limit": "32/40"}, status=200))

    assert (reading.limit, reading.remaining) == (40, 8)


def test_an_answer_that_says_nothing_reads_as_nothing() -> None:
    assert read(reply({"Content-Type": "application/json"}, {"data": {}}, 200)) == Reading()
