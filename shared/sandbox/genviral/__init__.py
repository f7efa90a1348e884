"""The other end of Genviral's wire."""

from shared.sandbox.genviral.api import GenviralSandbox

__all__ = ["GenviralSandbox"]
