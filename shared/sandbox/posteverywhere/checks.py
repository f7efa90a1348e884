"""What is wrong with a post for each of the platforms it goes to: all of it at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.sandbox.exchange import Json
from shared.sandbox.posteverywhere.media import Media
from shared.sandbox.posteverywhere.platforms import (
    LONGEST_SETTING,
    PRIVACY_LEVELS,
    RULES,
    PlatformRules,
)
from shared.sandbox.posteverywhere.posts import Wish

_Problem = tuple[str, str]
_CONTENT_KEYS = {"content": str, "contentType": str, "settings": dict}


def problems_of(wish: Wish, platforms: Mapping[str, str], media: Sequence[Media]) -> list[Json]:
    """`platforms` gives the platform of each account; one problem per platform and rule."""
    problems = list(_shape_problems(wish.platform_content or {}))
    for platform in dict.fromkeys(platforms.values()):
        problems += [
            _described(platform, problem) for problem in _platform_problems(wish, platform, media)
        ]
    return problems


def _described(platform: str, problem: _Problem) -> Json:
    code, message = problem
    return {"platform": platform, "code": code, "message": message}


def _shape_problems(by_platform: Json) -> Iterator[Json]:
    for platform, own in by_platform.items():
        if platform not in RULES:
            yield _described(platform, ("unknown_platform", f"{platform} is no platform."))
        elif not isinstance(own, dict):
            yield _described(platform, ("invalid_type", f"{platform} must be an object."))
        else:
            wrong = [key for key in own if not _fits(_CONTENT_KEYS.get(key), own[key])]
            for key in wrong:
                yield _described(platform, ("invalid_field", f"{platform}.{key} is not valid."))


def _platform_problems(wish: Wish, platform: str, media: Sequence[Media]) -> Iterator[_Problem]:
    rules = RULES[platform]
    own = (wish.platform_content or {}).get(platform)
    own = own if isinstance(own, dict) else {}
    yield from _text_problems(str(own.get("content") or wish.content), platform, rules)
    yield from _media_problems(media, platform, rules)
    yield from _type_problems(own.get("contentType"), platform, rules)
    settings = own.get("settings")
    yield from _setting_problems(settings if isinstance(settings, dict) else {}, platform, rules)


def _text_problems(text: str, platform: str, rules: PlatformRules) -> Iterator[_Problem]:
    excess = len(text) - rules.max_text
    if excess > 0:
        yield "content_too_long", f"Text is {excess} characters too long for {platform}."
    hashtags = sum(word.startswith("#") for word in text.split())
    if rules.max_hashtags is not None and hashtags > rules.max_hashtags:
        yield "too_many_hashtags", f"{platform} takes {rules.max_hashtags} hashtags."


def _media_problems(
    media: Sequence[Media], platform: str, rules: PlatformRules
) -> Iterator[_Problem]:
    images = [one for one in media if one.kind == "image"]
    videos = [one for one in media if one.kind == "video"]
    if rules.needs_media and not media:
        yield "media_required", f"{platform} needs media."
    if rules.needs_video and len(videos) != 1:
        yield "video_required", f"{platform} needs one video."
    if len(images) > rules.max_images:
        yield "too_many_images", f"{platform} takes at most {rules.max_images} images."
    if images and videos and not rules.mixes:
        yield "mixed_media", f"{platform} does not mix images and videos."
    if any(image.size > rules.max_image_bytes for image in images):
        yield "image_too_large", f"Images for {platform}: {rules.max_image_bytes} bytes."
    if any(video.size > rules.max_video_bytes for video in videos):
        yield "video_too_large", f"Videos for {platform}: {rules.max_video_bytes} bytes."


def _type_problems(given: Any, platform: str, rules: PlatformRules) -> Iterator[_Problem]:
    if given is not None and rules.content_types and given not in rules.content_types:
        allowed = ", ".join(sorted(rules.content_types))
        yield "invalid_content_type", f"contentType for {platform}: {allowed}."


def _setting_problems(
    settings: Mapping[str, Any], platform: str, rules: PlatformRules
) -> Iterator[_Problem]:
    if rules.needed_setting is not None and not settings.get(rules.needed_setting):
        yield "setting_required", f"{platform} needs settings.{rules.needed_setting}."
    for name, value in settings.items() if rules.settings else ():
        if not _fits(rules.settings.get(name), value) or not _in_range(name, value):
            yield "invalid_setting", f"settings.{name} is not valid for {platform}."


def _fits(kind: type | tuple[type, ...] | None, value: Any) -> bool:
    return kind is not None and isinstance(value, kind)


def _in_range(name: str, value: Any) -> bool:
    if name == "privacyLevel":
        return value in PRIVACY_LEVELS
    longest = LONGEST_SETTING.get(name)
    return longest is None or len(value) <= longest
