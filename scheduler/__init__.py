"""Beat's schedule and the ticks it rings; it only reads from providers."""
