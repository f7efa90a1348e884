"""A social account as a sandbox keeps it."""

from dataclasses import dataclass, field

from shared.sandbox.exchange import Json


@dataclass(slots=True)
class SandboxAccount:
    """`id` is the text form of the provider's account id; `extra` holds provider fields."""

    id: str
    platform: str
    username: str
    display_name: str
    status: str = "active"
    extra: Json = field(default_factory=dict)
