"""Redis and SQL in trouble: what is promised holds, and everything goes on afterwards."""
