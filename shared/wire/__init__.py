"""The road to a provider: every request is admitted, watched, bounded and learnt from."""
