"""The ticks, over a real ledger, Redis and the four sandboxes."""
