"""Job rows: what a person or a program writes down to ask for a post, read and checked."""

from shared.rows.cells import media_word, option_cell
from shared.rows.defaults import DateOrder, Defaults, read_accounts
from shared.rows.exporting import harmless, write_rows, write_table
from shared.rows.file import RowFile, read_file
from shared.rows.moments import read_moment
from shared.rows.places import located, missing_files
from shared.rows.reading import FIELDS, read_row
from shared.rows.row import Row, RowProblem
from shared.rows.texts import read_name

__all__ = [
    "FIELDS",
    "DateOrder",
    "Defaults",
    "Row",
    "RowFile",
    "RowProblem",
    "harmless",
    "located",
    "media_word",
    "missing_files",
    "option_cell",
    "read_accounts",
    "read_file",
    "read_moment",
    "read_name",
    "read_row",
    "write_rows",
    "write_table",
]
