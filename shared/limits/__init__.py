"""Inside every limit: what answers say about limits, and who may send a request now."""
