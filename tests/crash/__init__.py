"""Crash points: one job of each provider, killed between any two side effects."""
