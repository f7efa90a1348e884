"""Wonda: Instagram and TikTok, media by upload; carousels at once, single media by job."""

from shared.providers.wonda.provider import Wonda

__all__ = ["Wonda"]
