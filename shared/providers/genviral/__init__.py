"""Genviral: one caption for up to ten accounts, each account a delivery with its own state."""

from shared.providers.genviral.provider import Genviral

__all__ = ["Genviral"]
