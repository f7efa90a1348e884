"""PostEverywhere: one post for many accounts, each account a destination with its own status."""

from shared.providers.posteverywhere.provider import PostEverywhere

__all__ = ["PostEverywhere"]
