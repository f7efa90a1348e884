"""The first bytes of media files, made by hand from their published layouts."""

import struct


def png(width: int = 1080, height: int = 1350) -> bytes:
    header = struct.pack(">II", width, height) + b"\x08\x06\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + b"\x00\x00\x00\x00"


def gif(width: int = 320, height: int = 240) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00"


def webp(width: int = 640, height: int = 480, sort: str = "VP8X") -> bytes:
    three = struct.Struct("<I")
    match sort:
        case "VP8X":
            sized = three.pack(width - 1)[:3] + three.pack(height - 1)[:3]
            content = b"\x00\x00\x00\x00" + sized
        case "VP8L":
            content = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
        case _:
            content = b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    chunk = sort.ljust(4).encode() + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def jpeg(width: int = 1080, height: int = 1350, comment_bytes: int = 100) -> bytes:
    """Make a JPEG whose frame stands behind so many bytes of comments."""
    segments = b""
    while comment_bytes > 0:
        part = min(comment_bytes, 65_533)
        segments += b"\xff\xfe" + struct.pack(">H", part + 2) + b"c" * part
        comment_bytes -= part
    frame = b"\xff\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + b"\x00" * 9
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"JF" + segments + frame + b"\xff\xda"


def heic(width: int = 4032, height: int = 3024) -> bytes:
    thumb = box(b"ispe", struct.pack(">III", 0, 160, 120))
    whole = box(b"ispe", struct.pack(">III", 0, width, height))
    return box(b"ftyp", b"heic" + b"\x00" * 4 + b"mif1") + box(b"meta", b"\x00" * 4 + thumb + whole)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def wide_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 1) + kind + struct.pack(">Q", len(content) + 16) + content


def mp4(
    seconds: float = 12.5,
    width: int = 1080,
    height: int = 1920,
    brand: bytes = b"isom",
    mdat_bytes: int = 0,
    *,
    wide: bool = False,
    turned: bool = False,
    fragmented: bool = False,
) -> bytes:
    """Make a film with its `moov` at the end, behind so many bytes of `mdat`."""
    units = 0 if fragmented else round(seconds * 1000)
    form, version = (">QQIQ", b"\x01") if wide else (">IIII", b"\x00")
    mvhd = version + b"\x00" * 3 + struct.pack(form, 0, 0, 1000, units) + b"\x00" * 80
    more = b""
    if fragmented:
        mehd = b"\x00" * 4 + struct.pack(">I", round(seconds * 1000))
        more = box(b"mvex", box(b"mehd", mehd))
    sound = box(b"trak", _tkhd(0, 0, wide=wide, turned=False))
    sight = box(b"trak", _tkhd(width, height, wide=wide, turned=turned))
    moov = box(b"moov", box(b"mvhd", mvhd) + sound + sight + more)
    mdat = wide_box(b"mdat", b"m" * mdat_bytes) if mdat_bytes else b""
    return box(b"ftyp", brand + b"\x00\x00\x02\x00" + brand) + mdat + moov


def _tkhd(width: int, height: int, *, wide: bool, turned: bool) -> bytes:
    before = b"\x01" + b"\x00" * 51 if wide else b"\x00" * 40
    one = 0x10000
    matrix = (0, one, 0, -one, 0, 0, 0, 0, 1 << 30) if turned else (one, 0, 0, 0, one, 0, 0, 0, 1)
    stored = (height, width) if turned else (width, height)
    packed = struct.pack(">9i", *matrix) + struct.pack(">II", *(each << 16 for each in stored))
    return box(b"tkhd", before + packed)


def webm(seconds: float = 7.5, width: int = 720, height: int = 1280) -> bytes:
    info = element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
    info += element(0x4489, struct.pack(">d", seconds * 1000))
    sight = element(0xB0, width.to_bytes(2, "big")) + element(0xBA, height.to_bytes(2, "big"))
    tracks = element(0xAE, element(0x83, b"\x02")) + element(0xAE, element(0xE0, sight))
    content = element(0x1549A966, info) + element(0x1654AE6B, tracks)
    # A live recording's segment has a length of all ones: unknown.
    segment = (0x18538067).to_bytes(4, "big") + b"\x01" + b"\xff" * 7 + content
    return element(0x1A45DFA3, element(0x4282, b"webm")) + segment


def element(name: int, content: bytes) -> bytes:
    length = (1 << 14 | len(content)).to_bytes(2, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + length + content


def avi(seconds: int = 4, width: int = 640, height: int = 360) -> bytes:
    header = struct.pack("<12I", 40_000, 0, 0, 0, seconds * 25, 0, 1, 0, width, height, 0, 0)
    content = b"hdrl" + b"avih" + struct.pack("<I", 56) + header
    chunks = b"LIST" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"AVI " + chunks
