"""What each adapter must make of every golden exchange, by hand from the contract sheets.

A module of this folder is named after its provider and holds `USES`, the exchanges that the
adapter meets, and `UNUSED`, those that it never does, each with the reason. `scene`, where there
is one, answers what the adapter asks besides.
"""
