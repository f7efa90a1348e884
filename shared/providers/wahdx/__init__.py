"""WAHDX: four platforms through one endpoint, media by public URL, no history and no search."""

from shared.providers.wahdx.provider import Wahdx

__all__ = ["Wahdx"]
