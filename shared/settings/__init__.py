"""What Dropline is told from outside; the one place that reads the environment."""

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
    "Connection",
    "Policies",
    "Settings",
    "child_environment",
    "is_known",
    "is_private_host",
    "read_settings",
]
