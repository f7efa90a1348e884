"""Job rows: what a person or a program writes down to ask for a post, read and checked."""

from shared.rows.file import read_file
from shared.rows.media import media_word
from shared.rows.moments import read_moment, read_zone
from shared.rows.reading import FIELDS, read_row
from shared.rows.row import Row, RowProblem

__all__ = [
    "FIELDS",
    "Row",
    "RowProblem",
    "media_word",
    "read_file",
    "read_moment",
    "read_row",
    "read_zone",
]
