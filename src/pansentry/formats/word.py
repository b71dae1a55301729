"""Word binary files ([MS-DOC]): text of all stories by the piece table, field codes apart. Read only.

In: the streams WordDocument and 0Table or 1Table. Out: texts with places: document, footnotes, headers, comments,
endnotes, text boxes. Standard: [MS-DOC] 2.5 (FIB), 2.8.35 (PlcPcd), 2.9.38 (Clx), 2.9.73 (FcCompressed).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats.compound import Compound, Path, Shown

_IDENT: Final = (0xA5EC, 0xA5DC)  # Word 97 and later; Word 6 and 95 have a piece table of another form
_ENCRYPTED, _TABLE_1, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_MAIN: Final = "WordDocument"
_CLX: Final = 0x01A2
_COUNTS: Final = 0x4C
_STORIES: Final = (
    "document", "footnotes", "headers and footers", "macros", "comments", "endnotes", "text boxes", "text boxes",
)  # fmt: skip
_COMPRESSED: Final = 0x40000000
_MAX_PIECES: Final = 1_000_000
_FIELD: Final = re.compile("\x13([^\x13\x14\x15]*)\x14?")
_GONE: Final = dict.fromkeys((0, 1, 2, 3, 4, 5, 6, 8, 20, 21, 31))
_SHOWN: Final = {**_GONE, 0x07: "\t", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x0E: "\n", 0x1E: "-", 0xA0: " "}


def texts(file: Compound, storage: Path) -> Shown:
    """Return the stories of a document. Raises DamagedError("encrypted", "damaged")."""
    main = file.stream(storage, _MAIN) or b""
    if len(main) < _COUNTS + 32:
        raise DamagedError("damaged")
    ident, flags = struct.unpack_from("<H8xH", main)
    if ident not in _IDENT:
        raise DamagedError("damaged")
    if flags & (_ENCRYPTED | _OBFUSCATED):
        raise DamagedError("encrypted")
    if ident != _IDENT[0]:
        return Shown(_MAIN, [(_old(main), "document")])
    table = file.stream(storage, "1Table" if flags & _TABLE_1 else "0Table") or b""
    if len(main) < _CLX + 8:
        raise DamagedError("damaged")
    start, size = struct.unpack_from("<LL", main, _CLX)
    whole, ranges = _pieces(main, table[start : start + size])
    found: list[tuple[str, str]] = []
    at = 0
    for story, count in zip(_STORIES, struct.unpack_from("<8l", main, _COUNTS), strict=True):
        found += shown(whole[at : at + max(count, 0)], story)
        at += max(count, 0)
    found += shown(whole[at:], "document")
    return Shown(_MAIN, found, ranges)


def shown(text: str, place: str) -> Iterator[tuple[str, str]]:
    """Yield a story as it is shown, with results of fields, and the field codes."""
    codes = "\n".join(match[1] for match in _FIELD.finditer(text))
    plain = _FIELD.sub("", text).replace("\x07\x07", "\n").translate(_SHOWN)
    for found, where in ((plain, place), (codes.translate(_SHOWN), f"{place}, codes")):
        if found.strip():
            yield found, where


def _pieces(main: bytes, clx: bytes) -> tuple[str, list[tuple[int, int]]]:
    """Return the text in the order of the piece table, and where its pieces stand."""
    at = 0
    while clx[at : at + 1] == b"\x01":
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if clx[at : at + 1] != b"\x02":
        raise DamagedError("damaged")
    size = int.from_bytes(clx[at + 1 : at + 5], "little")
    table = clx[at + 5 : at + 5 + size]
    count = (len(table) - 4) // 12
    if not 0 < count <= _MAX_PIECES:
        raise DamagedError("damaged")
    positions = struct.unpack_from(f"<{count + 1}L", table)
    found: list[str] = []
    ranges: list[tuple[int, int]] = []
    left = 2 * len(main) + 2  # pieces that overlap must not make more of the text than there is
    for index in range(count):
        length = positions[index + 1] - positions[index]
        place = struct.unpack_from("<L", table, 4 * (count + 1) + 8 * index + 2)[0]
        if length < 0 or length > left:
            raise DamagedError("damaged")
        left -= length
        if place & _COMPRESSED:
            start = (place & ~_COMPRESSED) // 2
            found.append(main[start : start + length].decode("cp1252", "replace"))
            ranges.append((start, start + length))
        else:
            found.append(main[place : place + 2 * length].decode("utf-16-le", "replace"))
            ranges.append((place, place + 2 * length))
    return "".join(found), ranges


def _old(main: bytes) -> str:
    """Return the text of a Word 6 or 95 file: one stretch of 8-bit characters (fcMin, fcMac)."""
    start, end = struct.unpack_from("<LL", main, 0x18)
    return main[start:end].decode("cp1252", "replace").replace("\x07\x07", "\n").translate(_SHOWN)
