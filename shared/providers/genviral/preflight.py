"""What Genviral minds beyond the counts and lengths of its shapes."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from shared.domain.account import Account
from shared.domain.post import Kind, Post
from shared.domain.preflight import Problem
from shared.domain.text import Unit, length
from shared.providers.genviral.shapes import TIKTOK_OPTIONS

#: Pinterest's limits (D); the caption's includes the tags.
TAGS_MAX = 30
PIN_CAPTION_MAX = 800
BOARD_ID_MAX = 128

#: Seconds of a video that older versions of the service take (D).
SECONDS_MIN, SECONDS_MAX = 15, 60


def problems_of(post: Post, account: Account | None) -> Iterator[Problem]:
    if post.platform == "tiktok":
        yield from _tiktok_problems(post, account)
    yield from _video_problems(post)
    if post.platform == "pinterest":
        yield from _pinterest_problems(post)
    if post.platform == "youtube" and not post.title:
        message = "is not set; Genviral chooses one"
        yield Problem("title", message, warning=True)


def _tiktok_problems(post: Post, account: Account | None) -> Iterator[Problem]:
    if account is not None and account.account_type == "hosted":
        for name in sorted(TIKTOK_OPTIONS & set(post.options)):
            yield Problem(f"options.{name}", "is not offered for hosted TikTok accounts")
        if post.title:
            yield Problem("title", "is not offered for hosted TikTok accounts")
    elif "privacy" not in post.options and not post.inbox:
        message = "is not set; Genviral publishes to everyone"
        yield Problem("options.privacy", message, warning=True)
    yield from _description_problems(post)
    yield from _music_problems(post)


def _description_problems(post: Post) -> Iterator[Problem]:
    ceiling = 2200 if post.kind is Kind.VIDEO else 4000
    size = length(post.options.get("description", ""), Unit.UTF16)
    if size > ceiling:
        message = f"has {size} {Unit.UTF16}; at most {ceiling} are allowed"
        yield Problem("options.description", message)


def _music_problems(post: Post) -> Iterator[Problem]:
    """Require the address of a TikTok post; anything else is `invalid_music_url` (D)."""
    url = post.options.get("music_url")
    if url is None:
        return
    try:
        parts = urlsplit(url)
        host, scheme = (parts.hostname or "").lower(), parts.scheme
    except ValueError:
        host, scheme = "", ""
    if scheme not in {"http", "https"} or not f".{host}".endswith(".tiktok.com"):
        yield Problem("options.music_url", f"must be the URL of a TikTok post, not {url!r}")


def _video_problems(post: Post) -> Iterator[Problem]:
    """Warn of a stated duration that older versions of the service refuse (D)."""
    seconds = post.options.get("video_duration_s")
    if seconds is not None and not SECONDS_MIN <= seconds <= SECONDS_MAX:
        message = f"is {seconds:g} s; older versions take {SECONDS_MIN} to {SECONDS_MAX} s"
        yield Problem("options.video_duration_s", message, warning=True)


def _pinterest_problems(post: Post) -> Iterator[Problem]:
    tags, board_id = post.options.get("tags", []), post.options.get("board_id", "")
    if len(tags) > TAGS_MAX:
        yield Problem("options.tags", f"are {len(tags)}; at most {TAGS_MAX} are allowed")
    # Tags are appended to the description (D), each as ` #tag` (A).
    size = len(post.caption) + sum(len(tag.removeprefix("#")) + 2 for tag in tags)
    if tags and size > PIN_CAPTION_MAX:
        message = f"has {size} characters with its tags; at most {PIN_CAPTION_MAX} are allowed"
        yield Problem("caption", message)
    if len(board_id) > BOARD_ID_MAX:
        yield Problem("options.board_id", f"has more than {BOARD_ID_MAX} characters")
    if not board_id:
        message = "is not set; Genviral chooses the board"
        yield Problem("options.board_id", message, warning=True)
