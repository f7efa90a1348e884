"""The pure heart: what a job is, how it may move and what may be decided about it."""
