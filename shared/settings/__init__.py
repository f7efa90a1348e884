"""What Dropline is told from outside; the one place that reads the environment."""

from shared.settings.accounts import (
    AccountSettings,
    ByAccount,
    Stated,
    limits_in,
    name_key,
    tags_of,
    timetable_in,
    unlisted,
)
from shared.settings.connection import Connection, is_private_host
from shared.settings.environment import (
    KNOWN_VARIABLES,
    child_environment,
    is_known,
    read_settings,
)
from shared.settings.policies import Policies
from shared.settings.settings import Settings

__all__ = [
    "KNOWN_VARIABLES",
    "AccountSettings",
    "ByAccount",
    "Connection",
    "Policies",
    "Settings",
    "Stated",
    "child_environment",
    "is_known",
    "is_private_host",
    "limits_in",
    "name_key",
    "read_settings",
    "tags_of",
    "timetable_in",
    "unlisted",
]
