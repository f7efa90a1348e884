"""Dialects: the tables that people have, recognised by their header or named."""

from shared.rows.dialects.ayrshare import AYRSHARE
from shared.rows.dialects.buffer import BUFFER
from shared.rows.dialects.canonical import Canonical
from shared.rows.dialects.dialect import Dialect, Reader
from shared.rows.dialects.gohighlevel import GOHIGHLEVEL
from shared.rows.dialects.headerless import HEADERLESS
from shared.rows.dialects.publer import PUBLER
from shared.rows.dialects.zernio import ZERNIO

#: Their headers have columns that ours does not know, so they are asked first.
FOREIGN: tuple[Dialect, ...] = (PUBLER, BUFFER, AYRSHARE, ZERNIO, GOHIGHLEVEL)
CANONICAL = Canonical()
NAMES = tuple(each.name for each in (CANONICAL, *FOREIGN, HEADERLESS))

__all__ = ["CANONICAL", "FOREIGN", "HEADERLESS", "NAMES", "Dialect", "Reader"]
