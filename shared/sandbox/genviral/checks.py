"""The rules of a post beyond its schema: accounts, captions, media, music, platform settings."""

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.genviral.accounts import (
    caption_length,
    caption_limit,
    is_hosted,
    takes_text_only,
)
from shared.sandbox.genviral.posts import Wish
from shared.sandbox.genviral.wire import no, validation_failed
from shared.sandbox.media import extension_of, kind_of

_SLIDES_MOST = 35
_VIDEO_EXTENSIONS = frozenset({"mp4", "mov", "m4v", "avi", ""})
_OLD_SECONDS = range(15, 61)


def check(
    wish: Wish,
    accounts: Sequence[SandboxAccount],
    is_reachable: Callable[[str], bool],
    *,
    old: bool,
) -> None:
    """Refuse with every broken rule in one message; reachability comes last."""
    problems = [
        *_caption_problems(wish, accounts, old=old),
        *_media_problems(wish, accounts, old=old),
        *_setting_problems(wish, accounts),
    ]
    if problems:
        raise validation_failed("; ".join(problems))
    _check_music(wish, accounts, old=old)
    unreachable = [url for url in wish.urls if not is_reachable(url)]
    if unreachable:
        raise no(400, "media_unreachable", f"Could not fetch {', '.join(unreachable)}")


def _caption_problems(
    wish: Wish, accounts: Sequence[SandboxAccount], *, old: bool
) -> Iterator[str]:
    tags = (wish.body.get("pinterest") or {}).get("tags") or []
    for account in accounts:
        limit = caption_limit(account, slideshow=wish.is_slideshow, old=old)
        length = caption_length(account, wish.caption, tags)
        if length > limit:
            yield f"caption is {length} long, {account.platform} {account.username} takes {limit}"


def _media_problems(wish: Wish, accounts: Sequence[SandboxAccount], *, old: bool) -> Iterator[str]:
    if wish.media is None:
        yield from _text_problems(wish, accounts, old=old)
    elif wish.is_slideshow:
        if not 1 <= len(wish.urls) <= _SLIDES_MOST:
            yield f"a slideshow has 1 to {_SLIDES_MOST} urls"
        if any(kind_of(url) not in {"image", ""} for url in wish.urls):
            yield "a slideshow holds images only"
    else:
        if extension_of(wish.urls[0]) not in _VIDEO_EXTENSIONS:
            yield "a video is MP4, MOV, M4V or AVI"
        if old and wish.media.get("duration_sec", _OLD_SECONDS[0]) not in _OLD_SECONDS:
            yield "a video lasts 15 to 60 seconds"
    if any(urlsplit(url).scheme not in {"http", "https"} for url in wish.urls):
        yield "media must be public URLs"


def _text_problems(wish: Wish, accounts: Sequence[SandboxAccount], *, old: bool) -> Iterator[str]:
    if old:
        yield "media is required"
    if not wish.caption:
        yield "a post without media needs a caption"
    without = {account.platform for account in accounts if not takes_text_only(account)}
    if without:
        yield f"{', '.join(sorted(without))} does not take text_only posts"


def _setting_problems(wish: Wish, accounts: Sequence[SandboxAccount]) -> Iterator[str]:
    platforms = {account.platform for account in accounts}
    if wish.body.get("tiktok"):
        if platforms != {"tiktok"} or any(is_hosted(account) for account in accounts):
            yield "tiktok settings need every account to be a TikTok BYO account"
        if wish.to_inbox and not wish.is_slideshow:
            yield "MEDIA_UPLOAD is for slideshows only"
    if wish.body.get("pinterest"):
        if "pinterest" not in platforms:
            yield "pinterest settings need a Pinterest account"
        if wish.body.get("tiktok"):
            yield "tiktok and pinterest exclude each other"


def _check_music(wish: Wish, accounts: Sequence[SandboxAccount], *, old: bool) -> None:
    url = wish.body.get("music_url")
    if not url:
        return
    host = urlsplit(url).netloc
    if host != "tiktok.com" and not host.endswith(".tiktok.com"):
        raise no(400, "invalid_music_url", "music_url must be a TikTok post")
    if not old and any(account.platform != "tiktok" for account in accounts):
        raise validation_failed("music_url is for TikTok accounts only")
