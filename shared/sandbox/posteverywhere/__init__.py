"""The other end of PostEverywhere's wire."""

from shared.sandbox.posteverywhere.api import PostEverywhereSandbox

__all__ = ["PostEverywhereSandbox"]
