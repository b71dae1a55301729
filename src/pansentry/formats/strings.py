"""Texts in bytes that have no text format of their own: runs of characters, 8-bit and UTF-16, and pictures.

In: a stream. Out: what ``strings`` would print of it (ASCII and UTF-16 little-endian, four characters or more), apart
by a border that no number is written across; and PNG and JPEG files that stand in it. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BORDER: Final = "\n;\n"
_NARROW: Final = re.compile(rb"[\t\n\r\x20-\x7e\xa0]{4,}")
_WIDE: Final = re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0]\0){4,}")
_TELLING: Final = re.compile(r"[0-9]")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_MAX_PICTURES: Final = 200


def strings(data: bytes) -> str:
    """Return the runs of characters in ``data`` that hold a digit."""
    found = [match[0].decode("utf-16-le") for match in _WIDE.finditer(data)]
    found += [match[0].decode("latin-1") for match in _NARROW.finditer(data)]
    return _BORDER.join(run for run in found if _TELLING.search(run))


def pictures(data: bytes) -> Iterator[bytes]:
    """Yield the PNG and JPEG files in a stream, each up to its own end."""
    position = found = 0
    while found < _MAX_PICTURES:
        starts = [at for at in (data.find(_PNG, position), data.find(_JPEG, position)) if at >= 0]
        if not starts:
            return
        start = min(starts)
        if data.startswith(_PNG, start):
            end = data.find(b"IEND", start)
            end = end + 8 if end >= 0 else len(data)
        else:
            end = data.find(b"\xff\xd9", start)
            following = data.find(_JPEG, start + 3)  # a thumbnail has an end of its own
            while 0 <= following < end:
                end = data.find(b"\xff\xd9", end + 2)
                following = data.find(_JPEG, following + 3)
            end = end + 2 if end >= 0 else len(data)
        yield data[start:end]
        position, found = end, found + 1
