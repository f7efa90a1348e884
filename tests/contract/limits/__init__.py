"""The limits: what answers say about them, and who may send."""
