"""Puts a file to a presigned address: a local copy with its content type, then PUT or POST."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media
from shared.wire.answer import CallFailed
from shared.wire.media import LocalFile, local_file, problem_with_url
from shared.wire.wire import Wire

#: By extension, as the sheets name them; the operating system's table knows only some.
_CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "m4v": "video/x-m4v",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
}

#: What the storage says of the file itself; any other refusal may be an address that ran out, and
#: the next attempt asks for a new one.
_ABOUT_THE_FILE = frozenset({400, 411, 413, 415, 422})


@contextlib.contextmanager
def local_copy(media: Media, wire: Wire) -> Iterator[LocalFile]:
    """Open a media file given by path or URL, for as long as the job may run.

    Raises MediaFailed.
    """
    allow_private = wire.connection.allows_private_media
    with local_file(media, wire.road, allow_private=allow_private, deadline=wire.deadline) as found:
        extension = PurePosixPath(found.name).suffix.lower().removeprefix(".")
        yield replace(found, content_type=_CONTENT_TYPES.get(extension, found.content_type))


def store(wire: Wire, address: str, method: str, found: LocalFile) -> None:
    """Send the whole file by PUT, or by a multipart POST with the part `file`.

    Raises NoAnswer, CallFailed.
    """
    problem = problem_with_url(address, allow_private=True)
    if problem:
        message = f"the address to upload to {problem}"
        raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
    found.file.seek(0)
    if method.upper() == "POST":
        answer = wire.post_file(address, {"file": (found.name, found.file, found.content_type)})
    else:
        answer = wire.put_file(address, found.file, {"Content-Type": found.content_type})
    if answer.ok:
        return
    again = answer.status not in _ABOUT_THE_FILE
    fault = Fault(
        error_class=ErrorClass.TRANSIENT if again else ErrorClass.VALIDATION,
        code="upload_refused",
        message=f"the storage answers {answer.status} to {found.name}",
    )
    raise CallFailed(fault, again=again)
