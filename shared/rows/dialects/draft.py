"""A row of another tool's table in our words, before it is known for whom it is."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.rows.defaults import AccountFor, Defaults
from shared.rows.dialects.per_platform import PerPlatform
from shared.rows.found import Note

_PINTEREST = "pinterest"


@dataclass(slots=True, kw_only=True)
class Draft:
    """What one row says, and all that is wrong with it or left out of it."""

    dialect: str
    caption: str = ""
    title: str = ""
    link: str = ""
    media: list[object] = field(default_factory=list)
    alt_texts: list[str] = field(default_factory=list)
    #: ISO 8601; '' = at once.
    time: str = ""
    zone: str = ""
    #: It goes in the next free slot of its account.
    queue: bool = False
    kind: str = ""
    platforms: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    #: What the row says in columns of our own, such as `ref` or `not_after`.
    ours: dict[str, object] = field(default_factory=dict)
    per_platform: PerPlatform = field(default_factory=PerPlatform)
    notes: list[Note] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """Return what the refs of its jobs begin with: its own ref, or one made of its content.

        Neither the zone nor the form of the time counts, nor what concerns one platform only.
        """
        if self.ours.get("ref"):
            return str(self.ours["ref"])
        said = [self.caption, self.title, self.link, self.media, self.time]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()
        return f"{self.dialect}-{digest[:12]}"


def raw_jobs(draft: Draft, defaults: Defaults) -> Iterator[dict[str, object]]:
    """Yield a row in our own words for each account that the draft is for."""
    aims = list(_aims(draft, defaults))
    beyond = draft.per_platform.beyond({platform for platform, _ in aims})
    for platform in beyond if aims else ():
        message = f"is left out: the row does not post to {platform}"
        draft.notes.append(Note(f"custom_text/schedule_time {platform}", message, warning=True))
    for platform, account in aims:
        yield _raw(draft, platform, account)


def _raw(draft: Draft, platform: str, account: str) -> dict[str, object]:
    options: dict[str, Any] = dict(draft.ours.get("options") or {})  # type: ignore[call-overload]
    caption = draft.per_platform.captions.get(platform, draft.caption)
    if draft.link and platform == _PINTEREST:
        options.setdefault("link", draft.link)
    elif draft.link and draft.link not in caption:
        caption = f"{caption}\n\n{draft.link}".lstrip("\n")
    fields = {
        "caption": caption,
        "title": draft.title,
        "media": draft.media,
        "alt_texts": draft.alt_texts,
        "run_at": draft.per_platform.times.get(platform, draft.time),
        "timezone": draft.zone,
        "queue": draft.queue,
        "kind": draft.kind,
        **draft.ours,
        "ref": f"{draft.stem}/{platform}/{account}",
        "platform": platform,
        "account": account,
        "options": options,
    }
    return {name: value for name, value in fields.items() if value}


def _aims(draft: Draft, defaults: Defaults) -> Iterator[tuple[str, str]]:
    """Yield platform and account of each job, or note why there is none."""
    stated = str(draft.ours.get("account") or "")
    if not draft.platforms:
        named = [each for each in defaults.accounts if each.whom]
        if stated or not named:
            draft.notes.append(Note("platform", "is not named; say --account PLATFORM=ACCOUNT"))
            return
        yield from ((each.whom, each.account) for each in named)
        return
    for platform in draft.platforms:
        accounts = [stated] if stated else _accounts(platform, draft.profiles, defaults)
        if not accounts:
            message = f"is not named for {platform}; say --account {platform}=ACCOUNT"
            draft.notes.append(Note("account", message))
        yield from ((platform, account) for account in accounts)


def _accounts(platform: str, profiles: Sequence[str], defaults: Defaults) -> list[str]:
    """Return the accounts by the closest word for them; a profile may be an account itself."""
    if not profiles:
        return _names(defaults.of(platform) or defaults.of(""))
    found: list[str] = []
    for profile in profiles:
        name = profile.lower()
        meant = defaults.of(f"{name}/{platform}") or defaults.of(name)
        if not meant and len(profiles) == 1:
            meant = defaults.of(platform) or defaults.of("")
        found += _names(meant) or [profile]
    return list(dict.fromkeys(found))


def _names(meant: Sequence[AccountFor]) -> list[str]:
    return [each.account for each in meant]
