"""Tests of the command line over a real ledger in SQLite."""
