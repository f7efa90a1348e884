"""Cells of a table that a spreadsheet would take for formulas, made text."""

#: A spreadsheet computes what begins so; a caption or a message may be written to do that.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: object) -> object:
    """Return a cell as it may be written: text that looks like a formula is given a leading '."""
    if isinstance(cell, str) and cell.startswith(_BEGINNINGS):
        return f"'{cell}"
    return cell
