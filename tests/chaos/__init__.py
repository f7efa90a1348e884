"""The chaos run: everything real, everything failing, and a count of what came of it."""
