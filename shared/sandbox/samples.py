"""The smallest real file of each media format, marked with its name so that no two are alike."""

import base64
import struct

_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERX"
    "RTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABQQAQAA"
    "AAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8ASP/Z"
)
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEElEQVR4nGM8wQABTAwUMQA6AADYhMgK6QAAAABJ"
    "RU5ErkJggg=="
)
_WEBP = base64.b64decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoIAAgAAsBMJaQAA3AA/vAnAAA=")
_GIF = base64.b64decode("R0lGODdhCAAIAIEAAMjIyAAAAAAAAAAAACwAAAAACAAIAAAIDwABCBxIsKDBgwgTKkwYEAA7")
_PDF = b"%PDF-1.4\n%%EOF\n"


def _box(kind: bytes, content: bytes) -> bytes:
    """Write one box of the ISO media format: its size, its kind, what is in it."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _movie() -> bytes:
    times = struct.pack(">IIIII", 0, 0, 0, 1000, 5000)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = times + struct.pack(">IHH8x", 0x10000, 0x100, 0) + matrix + bytes(24)
    brands = b"isom" + struct.pack(">I", 512) + b"isomiso2mp41"
    mvhd = _box(b"mvhd", header + struct.pack(">I", 2))
    return _box(b"ftyp", brands) + _box(b"moov", mvhd) + _box(b"mdat", b"")


_MP4 = _movie()

FORMATS = {
    "jpg": ("image/jpeg", _JPEG),
    "jpeg": ("image/jpeg", _JPEG),
    "png": ("image/png", _PNG),
    "webp": ("image/webp", _WEBP),
    "gif": ("image/gif", _GIF),
    "heic": ("image/heic", _JPEG),
    "heif": ("image/heif", _JPEG),
    "mp4": ("video/mp4", _MP4),
    "mov": ("video/quicktime", _MP4),
    "webm": ("video/webm", _MP4),
    "m4v": ("video/x-m4v", _MP4),
    "avi": ("video/x-msvideo", _MP4),
    "pdf": ("application/pdf", _PDF),
}


def sample(extension: str, name: str, size: int = 0) -> bytes:
    """Give a file of at least `size` bytes; decoders ignore what follows the content."""
    mime, content = FORMATS[extension]
    if mime.startswith("video/"):
        padding = max(size - len(content) - len(name) - 8, 0)
        return content + _box(b"free", name.encode() + bytes(padding))
    return (content + name.encode()).ljust(size, b"\0")
