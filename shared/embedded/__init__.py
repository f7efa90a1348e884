"""Servers that Dropline starts itself when nobody gave it an address."""

from shared.embedded.valkey import EmbeddedRedis, known_url

__all__ = ["EmbeddedRedis", "known_url"]
