"""What PostEverywhere minds beyond the counts and lengths of its shapes."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from shared.domain.post import Post
from shared.domain.preflight import Problem
from shared.settings import is_private_host


def problems_of(post: Post) -> Iterator[Problem]:
    if not post.account_id.isdecimal():
        yield Problem("account", f"must be a whole number, not {post.account_id!r}")
    for at, media in enumerate(post.media):
        if media.url is not None and _is_open(media.url):
            message = "must be https: PostEverywhere fetches public HTTPS addresses only"
            yield Problem(f"media[{at}]", message)
    if post.platform == "tiktok" and "privacy" not in post.options:
        message = "is not set; PostEverywhere does not say which default it takes"
        yield Problem("options.privacy", message, warning=True)
    if post.platform == "youtube" and "visibility" not in post.options:
        message = "is not set; PostEverywhere does not say which default it takes"
        yield Problem("options.visibility", message, warning=True)


def _is_open(url: str) -> bool:
    """Whether a public address is plain http; private ones are a matter of the connection."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and not is_private_host(parts.hostname)
    except ValueError:
        return False
