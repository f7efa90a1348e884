"""Media of a row: URLs, the provider's own ids, or files beside the list."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.domain.post import Media
from shared.rows.texts import read_name, read_text, type_word

_FORMS = 'a URL, {"url": ...}, {"id": ...} or {"path": ...}'


def read_media(value: object) -> Media:
    """Return one file; ValueError says which forms there are."""
    if isinstance(value, str):
        return _url(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"must be {_FORMS}, not {type_word(value)}")  # noqa: TRY004
    if len(value) != 1 or not set(value) <= {"url", "id", "path"}:
        raise ValueError(f"must be {_FORMS}, not an object of {', '.join(map(str, value))}")
    source, content = next(iter(value.items()))
    if content is None or not str(content).strip():
        raise ValueError(f"has an empty {source}")
    if source == "url":
        return _url(content)
    return Media(id=read_name(content)) if source == "id" else Media(path=read_text(content))


def _url(value: object) -> Media:
    url = read_text(value).strip()
    if not url:
        raise ValueError("is empty")
    try:
        urlsplit(url)
    except ValueError:
        raise ValueError(f"{url!r} is not a URL") from None
    return Media(url=url)
