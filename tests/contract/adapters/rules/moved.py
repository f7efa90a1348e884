"""A shape with one of its figures moved: what a rule of the book must notice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.capabilities import FileRules, Shape
from shared.domain.options import OPTIONS
from shared.domain.post import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, Kind

_COUNTED = ("media_max", "caption_max", "title_max", "alt_text_max", "hashtags_max")
_EVERY_FILE = IMAGE_EXTENSIONS | VIDEO_EXTENSIONS | {"bmp"}
_BIT = timedelta(seconds=0.2)


def moved(shape: Shape, kind: Kind) -> Iterator[tuple[str, Shape]]:
    """Yield what was moved, and the shape that came of it."""
    yield from _figures(shape, kind)
    yield from _options(shape)
    yield from _formats(shape, kind)
    for words, files in _files(shape):
        yield words, replace(shape, files=files)


def _figures(shape: Shape, kind: Kind) -> Iterator[tuple[str, Shape]]:
    if shape.media_min:
        yield "fewer media", replace(shape, media_min=shape.media_min - 1)
    for name in _COUNTED:
        figure = getattr(shape, name)
        if figure is None or (name == "alt_text_max" and kind is Kind.TEXT):
            continue
        yield f"larger {name}", replace(shape, **{name: figure + 1})
        if figure:
            yield f"smaller {name}", replace(shape, **{name: figure - 1})


def _options(shape: Shape) -> Iterator[tuple[str, Shape]]:
    yield "any option", replace(shape, options=frozenset(OPTIONS))
    for name in sorted(shape.options):
        yield f"no {name}", replace(shape, options=shape.options - {name})
    for name in sorted(shape.required_options):
        yield f"{name} not required", replace(shape, required_options=frozenset())
    if "post_mode" in shape.options:
        yield "the other mode", replace(shape, inbox=not shape.inbox)


def _formats(shape: Shape, kind: Kind) -> Iterator[tuple[str, Shape]]:
    if kind is not Kind.TEXT:
        yield "any file", replace(shape, formats=_EVERY_FILE)
    for each in sorted(shape.formats):
        yield f"no .{each}", replace(shape, formats=shape.formats - {each})
    for name in ("mixing", "caption_required", "title_required"):
        if getattr(shape, name):
            changed: dict[str, Any] = {name: False}
            yield f"no {name}", replace(shape, **changed)


def _files(shape: Shape) -> Iterator[tuple[str, FileRules]]:
    files = shape.files
    sorts = {"image_bytes_max": IMAGE_EXTENSIONS, "video_bytes_max": VIDEO_EXTENSIONS}
    for name, extensions in sorts.items():
        most = getattr(files, name)
        if most is not None and shape.formats & extensions:
            yield f"larger {name}", replace(files, **{name: most + 1})
            yield f"smaller {name}", replace(files, **{name: most - 1})
    if not shape.formats & VIDEO_EXTENSIONS:
        return
    for name in ("video_shortest", "video_longest"):
        lasts = getattr(files, name)
        if lasts is not None:
            yield f"longer {name}", replace(files, **{name: lasts + _BIT})
            yield f"shorter {name}", replace(files, **{name: lasts - _BIT})
    if files.video_ratio is not None:
        yield "any ratio", replace(files, video_ratio=None)
