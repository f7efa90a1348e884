"""What WAHDX minds beyond the counts and lengths of its shapes."""

from collections.abc import Iterator

from shared.domain.post import Kind, Post
from shared.domain.preflight import Problem


def problems_of(post: Post) -> Iterator[Problem]:
    yield from _extensions(post)
    if post.platform == "tiktok":
        yield from _surprises(post)


def _extensions(post: Post) -> Iterator[Problem]:
    """Require an extension: WAHDX tells photo from video by the one in the URL (S)."""
    for position, media in enumerate(post.media):
        if media.url is not None and not media.extension:
            message = "needs the file's extension in the URL's path, before any `?`"
            yield Problem(f"media[{position}]", message)


def _surprises(post: Post) -> Iterator[Problem]:
    if post.inbox and post.kind is Kind.VIDEO:
        yield from _ignored_by_video_drafts(post)
    elif "privacy" not in post.options:
        message = "is absent: WAHDX publishes as SELF_ONLY, which nobody else sees"
        yield Problem("options.privacy", message, warning=True)


def _ignored_by_video_drafts(post: Post) -> Iterator[Problem]:
    """Warn of what a video draft ignores and a photo draft keeps (S)."""
    ignored = [f"options.{name}" for name in sorted(set(post.options) - {"post_mode"})]
    for field in [*(["caption"] if post.caption else []), *ignored]:
        yield Problem(field, "is ignored by TikTok video drafts", warning=True)
