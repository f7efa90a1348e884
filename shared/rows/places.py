"""Files that rows name: found from the folder they were written for, and looked for here."""

from dataclasses import replace
from pathlib import Path

from shared.domain.post import Media
from shared.rows.row import Row, RowProblem


def located(row: Row, folder: Path) -> Row:
    """Return the row with its paths, which are relative to `folder`, made absolute."""
    if all(each.path is None for each in row.media):
        return row
    return replace(row, media=tuple(_located(each, folder.absolute()) for each in row.media))


def missing_files(row: Row) -> list[RowProblem]:
    """Return a problem for each path that leads to no file."""
    return [
        RowProblem(row.place, row.ref, f"media[{position}]", f"there is no file {media.path}")
        for position, media in enumerate(row.media)
        if media.path is not None and not is_file(Path(media.path))
    ]


def _located(media: Media, folder: Path) -> Media:
    return media if media.path is None else Media(path=str(folder / media.path))


def is_file(path: Path) -> bool:
    """Whether there is such a file; what is too long for a name is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
