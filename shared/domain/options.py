"""The options a post may carry: one vocabulary for all providers, and what values they take."""

from collections.abc import Callable, Mapping
from typing import Any

#: TikTok's four levels; the plain words on the left are accepted in files as well.
PRIVACY_WORDS: Mapping[str, str] = {
    "public": "PUBLIC_TO_EVERYONE",
    "friends": "MUTUAL_FOLLOW_FRIENDS",
    "followers": "FOLLOWER_OF_CREATOR",
    "private": "SELF_ONLY",
}
PRIVACY_LEVELS = frozenset(PRIVACY_WORDS.values())


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false", "yes", "no"}:
        return value.strip().lower() in {"true", "yes"}
    raise ValueError("must be true or false")


def _whole_number(value: object) -> int:
    if isinstance(value, bool):
        raise ValueError("must be a whole number of 0 or more")  # noqa: TRY004
    if isinstance(value, int) and value >= 0:
        return value
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    raise ValueError("must be a whole number of 0 or more")


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("must be a text that is not empty")


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError("must be a number of 0 or more") from None
    if isinstance(value, bool) or not 0 <= number < float("inf"):
        raise ValueError("must be a number of 0 or more")
    return number


def _texts(value: object) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return value
    raise ValueError("must be a list of texts")


def _privacy(value: object) -> str:
    word = str(value).strip()
    level = PRIVACY_WORDS.get(word.lower(), word.upper())
    if level not in PRIVACY_LEVELS:
        known = ", ".join([*PRIVACY_WORDS, *PRIVACY_WORDS.values()])
        raise ValueError(f"must be one of {known}")
    return level


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("must be an object")


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        by_lower = {word.lower(): word for word in words}
        word = by_lower.get(str(value).strip().lower())
        if word is None:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    return read


#: Every option there is, with the function that reads its value or says what is wrong with it.
OPTIONS: Mapping[str, Callable[[object], Any]] = {
    "privacy": _privacy,
    "post_mode": _one_of("direct", "inbox"),
    "cover_index": _whole_number,
    "cover_timestamp_ms": _whole_number,
    "allow_comment": _boolean,
    "allow_duet": _boolean,
    "allow_stitch": _boolean,
    "share_to_feed": _boolean,
    "ai_generated": _boolean,
    "auto_add_music": _boolean,
    "music_url": _text,
    "video_duration_s": _number,
    "trial_reel": _boolean,
    "disclose_commercial": _boolean,
    "brand_organic": _boolean,
    "branded_content": _boolean,
    "user_consent": _boolean,
    "description": _text,
    "board_id": _text,
    "link": _text,
    "tags": _texts,
    "video_type": _one_of("Video", "Short"),
    "visibility": _one_of("public", "unlisted", "private"),
    #: Provider settings passed through as they are, where the provider documents free settings.
    "settings": _mapping,
}


def read_options(raw: Mapping[str, object]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the options with their values read, and (name, problem) for each that is wrong."""
    options: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, value in raw.items():
        reader = OPTIONS.get(name)
        if reader is None:
            problems.append((name, f"is not an option; known are {', '.join(OPTIONS)}"))
            continue
        try:
            options[name] = reader(value)
        except ValueError as wrong:
            problems.append((name, f"{wrong}, not {value!r}"))
    return options, problems
