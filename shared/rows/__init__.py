"""Job rows: what a person or a program writes down to ask for a post, read and checked."""

from shared.rows.cells import media_word, option_cell
from shared.rows.defaults import DateOrder, Defaults, read_accounts
from shared.rows.dialects import NAMES as DIALECTS
from shared.rows.exporting import harmless, write_rows, write_table
from shared.rows.file import ReadRow, RowFile, read_file
from shared.rows.media import read_media
from shared.rows.moments import read_moment, read_zone
from shared.rows.places import located, missing_files
from shared.rows.reading import FIELDS, read_row
from shared.rows.row import Row, RowProblem
from shared.rows.texts import read_name

__all__ = [
    "DIALECTS",
    "FIELDS",
    "DateOrder",
    "Defaults",
    "ReadRow",
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
    "read_media",
    "read_moment",
    "read_name",
    "read_row",
    "read_zone",
    "write_rows",
    "write_table",
]
