"""A social account reachable through a connection, with one verdict on its health."""

from dataclasses import dataclass

from shared.domain.post import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as its provider lists it; `reason` says why it cannot post."""

    account_id: str
    platform: str
    username: str
    display_name: str = ""
    can_post: bool = True
    reason: str = ""
    #: Only the creator's inbox may be written (a TikTok account without `video.publish`).
    inbox_only: bool = False
    #: Provider words that matter to validation, such as Genviral's `byo` and `hosted`.
    account_type: str = ""
    #: Provider-declared limits that matter to validation, such as Genviral's caption limit.
    caption_max: int | None = None
    #: The kinds of posts that the provider says it takes, as Genviral does; None = nobody says.
    kinds: frozenset[Kind] | None = None
