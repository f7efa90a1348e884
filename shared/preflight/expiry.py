"""When a signed media URL stops working, read from its query."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

#: No signature lasts longer; a larger number is something else.
_LONGEST_SECONDS = 400 * 365 * 24 * 3600

Query = Mapping[str, str]


def expires_at(url: str) -> datetime | None:
    """Return the first moment at which a signature in the URL has run out, or None.

    Read are AWS, Google Cloud, Alibaba, Azure, CloudFront, Meta's and TikTok's CDNs, and JWTs.
    """
    if "?" not in url:  # most are not signed, and a file may name a hundred thousand
        return None
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return None
    query = {name.lower(): value for name, value in pairs}
    return min(_moments(query), default=None)


def _moments(query: Query) -> Iterator[datetime]:
    for reader in _READERS:
        moment = reader(query)
        if moment is not None:
            yield moment


def _dated(prefix: str) -> Callable[[Query], datetime | None]:
    """Read version 4 signatures: when it was signed, and for how many seconds."""

    def read(query: Query) -> datetime | None:
        seconds = _number(query.get(f"{prefix}-expires", ""))
        if seconds is None:
            return None
        try:
            signed = datetime.strptime(query.get(f"{prefix}-date", ""), "%Y%m%dT%H%M%S%z")
            return signed + timedelta(seconds=seconds)
        except (ValueError, OverflowError):
            return None

    return read


def _epoch(name: str, beside: str = "", base: int = 10) -> Callable[[Query], datetime | None]:
    """Read seconds since 1970, where another parameter shows that they are a signature's."""

    def read(query: Query) -> datetime | None:
        if beside and beside not in query:
            return None
        return _instant(_number(query.get(name, ""), base))

    return read


def _azure(query: Query) -> datetime | None:
    """Read `se` of a shared access signature: ISO 8601 in UTC, a date alone among its forms."""
    try:
        moment = datetime.fromisoformat(query.get("se", "")) if "sig" in query else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cloudfront_policy(query: Query) -> datetime | None:
    """Read `DateLessThan` of a custom policy, whose base64 has - _ ~ for + = /."""
    policy = _json(query.get("policy", "").translate(str.maketrans("-_~", "+=/")))
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    first = statements[0] if isinstance(statements, list) and statements else None
    for key in ("Condition", "DateLessThan", "AWS:EpochTime"):
        first = first.get(key) if isinstance(first, dict) else None
    return _instant(first)


def _token(query: Query) -> datetime | None:
    """Read `exp` of a JSON web token, as Supabase signs with."""
    parts = query.get("token", "").split(".")
    claims = _json(parts[1].translate(str.maketrans("-_", "+/"))) if len(parts) == 3 else None  # noqa: PLR2004
    return _instant(claims.get("exp")) if isinstance(claims, dict) else None


def _json(encoded: str) -> object:
    try:
        return json.loads(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _number(text: str, base: int = 10) -> int | None:
    try:
        number = int(text, base)
    except ValueError:
        return None
    return number if 0 <= number <= _LONGEST_SECONDS else None


def _instant(seconds: object) -> datetime | None:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not is_number or not 0 < seconds <= _LONGEST_SECONDS:  # type: ignore[operator]
        return None
    return datetime.fromtimestamp(seconds, UTC)  # type: ignore[arg-type]


_READERS: tuple[Callable[[Query], datetime | None], ...] = (
    _dated("x-amz"),
    _dated("x-goog"),
    _dated("x-oss"),
    # S3 and Google's older signatures, Alibaba's, and CloudFront's canned policy.
    _epoch("expires", "signature"),
    _epoch("x-expires", "x-signature"),
    _epoch("oe", "oh", 16),
    _azure,
    _cloudfront_policy,
    _token,
)
