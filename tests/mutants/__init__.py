"""Mutants: each defence taken out, one at a time, to show that a test notices."""
