"""Signed URLs say when they stop working, each host in its own way."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.preflight.expiry import expires_at

AT = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
EPOCH = int(AT.timestamp())


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode().rstrip("=")


POLICY = {"Statement": [{"Condition": {"DateLessThan": {"AWS:EpochTime": EPOCH}}}]}
TOKEN = f"{encoded({'alg': 'HS256'})}.{encoded({'exp': EPOCH})}.c2ln"


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date=20260701T090000Z&X-Amz-Expires=3600&X-Amz-Signature=ab",
        "x-amz-date=20260701T090000Z&x-amz-expires=3600",
        "X-Goog-Date=20260701T093000Z&X-Goog-Expires=1800&X-Goog-Signature=ab",
        "x-oss-date=20260701T095000Z&x-oss-expires=600",
        f"AWSAccessKeyId=A&Signature=b&Expires={EPOCH}",
        f"GoogleAccessId=A&Expires={EPOCH}&Signature=b",
        f"Expires={EPOCH}&Signature=b&Key-Pair-Id=K",
        f"Policy={encoded(POLICY).replace('+', '-').replace('/', '~')}&Signature=b&Key-Pair-Id=K",
        "sv=2024-11-04&se=2026-07-01T10%3A00%3A00Z&sr=b&sig=ab%3D",
        "se=2026-07-01T12:00:00%2B02:00&sig=ab",
        f"oh=00_AY&oe={EPOCH:X}",
        f"x-expires={EPOCH}&x-signature=ab",
        f"token={TOKEN}",
        f"Expires={EPOCH + 60}&Signature=b&X-Amz-Date=20260701T090000Z&X-Amz-Expires=3600",
    ],
)
def test_the_moment_is_read(query: str) -> None:
    assert expires_at(f"https://cdn.example.com/a.jpg?{query}") == AT


@pytest.mark.parametrize(
    "query",
    [
        "",
        "v=3",
        f"Expires={EPOCH}",
        f"oe={EPOCH:X}",
        "se=2026-07-01",
        "se=soon&sig=a",
        "X-Amz-Date=yesterday&X-Amz-Expires=3600",
        "X-Amz-Date=20260701T090000Z",
        "Expires=never&Signature=b",
        "Expires=99999999999999999999&Signature=b",
        "Policy=%21%21&Signature=b",
        f"Policy={encoded([1])}",
        "token=a.b.c",
        "token=abc",
    ],
)
def test_anything_else_is_no_moment(query: str) -> None:
    assert expires_at(f"https://cdn.example.com/a.jpg?{query}") is None


names = st.sampled_from(
    [
        "X-Amz-Date",
        "X-Amz-Expires",
        "Expires",
        "Signature",
        "se",
        "sig",
        "Policy",
        "token",
        "oe",
        "oh",
    ]
)


@given(st.lists(st.tuples(names, st.text(max_size=30)), max_size=6))
def test_no_query_raises(pairs: list[tuple[str, str]]) -> None:
    expires_at("https://a.example/1.jpg?" + "&".join(f"{name}={value}" for name, value in pairs))


@given(st.text(max_size=80))
def test_no_text_raises(url: str) -> None:
    expires_at(url)
