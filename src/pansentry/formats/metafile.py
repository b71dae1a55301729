"""Windows metafiles (EMF [MS-EMF], WMF [MS-WMF]): texts that are drawn, and bitmaps. Read only.

In: the file. Out: what its text records draw, pieces on one base line joined and parted; every bitmap as a BMP file. As
a picture of an Office document such a file with a finding is replaced by an empty picture.
Known gaps: text that is drawn by glyph numbers, EMF+ records other than DrawString.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced

_EMF_TEXTS: Final = {83: "cp1252", 84: "utf-16-le"}
_EMF_BITMAPS: Final = {76: 84, 77: 84, 80: 48, 81: 48, 114: 84}  # record: where offset and size of the bitmap stand
_SMALL_TEXT: Final = 108
_COMMENT: Final = 70
_DRAW_STRING: Final = 0x401C
_WMF_BITMAPS: Final = {0x0F43: 22, 0x0B41: 20, 0x0940: 16, 0x0D33: 18}  # record: where the bitmap begins
_TEXT_OUT, _EXT_TEXT_OUT = 0x0521, 0x0A32
_PLACEABLE: Final = b"\xd7\xcd\xc6\x9a"
_GLYPHS: Final = 0x10

Drawn = tuple[int, str]


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what is drawn. Raises DamagedError."""
    texts: list[Drawn] = []
    bitmaps: list[bytes] = []
    read = _wmf if data.startswith(_PLACEABLE) else _emf
    try:
        for found in read(data):
            if isinstance(found, bytes):
                bitmaps.append(found)
            else:
                texts.append(found)
    except struct.error:
        raise DamagedError("damaged") from None
    passages = tuple(Passage(key, _joined(texts, gap), "picture") for key, gap in enumerate(("", " ")) if texts)
    embedded = tuple(Embedded(key, bitmap, "", "picture") for key, bitmap in enumerate(bitmaps))
    return Extract(passages, embedded)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _joined(texts: list[Drawn], gap: str) -> str:
    """Return texts in their order, those on one base line in one line."""
    out: list[str] = []
    for index, (line, text) in enumerate(texts):
        if index:
            out.append(gap if line == texts[index - 1][0] else "\n")
        out.append(text)
    return "".join(out)


def _emf(data: bytes) -> Iterator[Drawn | bytes]:
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<LL", data, at)
        record = data[at : at + size]
        if size < 8 or kind == 14:
            return
        at += size
        if kind in _EMF_TEXTS:
            line, count, start = struct.unpack_from("<lLL", record, 40)
            width = 2 if kind == 84 else 1
            options = struct.unpack_from("<L", record, 52)[0]
            if not options & _GLYPHS:
                yield line, record[start : start + width * count].decode(_EMF_TEXTS[kind], "replace")
        elif kind == _SMALL_TEXT:
            line, count, options = struct.unpack_from("<lLL", record, 12)
            start = 36 if options & 0x100 else 52
            narrow = bool(options & 0x200)
            raw = record[start : start + (1 if narrow else 2) * count]
            yield line, raw.decode("cp1252" if narrow else "utf-16-le", "replace")
        elif kind in _EMF_BITMAPS:
            head, head_size, bits, bits_size = struct.unpack_from("<LLLL", record, _EMF_BITMAPS[kind])
            if head_size and bits_size:
                yield _bitmap(record[head : head + head_size], record[bits : bits + bits_size])
        elif kind == _COMMENT and record[12:16] == b"EMF+":
            yield from _plus(record[16:])


def _plus(data: bytes) -> Iterator[Drawn]:
    """Yield what EMF+ records draw as text ([MS-EMFPLUS] 2.3.4.14)."""
    at = 0
    while at + 12 <= len(data):
        kind, _, size = struct.unpack_from("<HHL", data, at)
        if kind == _DRAW_STRING and at + 40 <= len(data):
            count = struct.unpack_from("<L", data, at + 20)[0]
            line = int(struct.unpack_from("<f", data, at + 28)[0]) if at + 32 <= len(data) else 0
            yield line, data[at + 40 : at + 40 + 2 * count].decode("utf-16-le", "replace")
        if size < 12:
            return
        at += size


def _wmf(data: bytes) -> Iterator[Drawn | bytes]:
    at = 22 + 18
    while at + 6 <= len(data):
        words, kind = struct.unpack_from("<LH", data, at)
        content = data[at + 6 : at + 2 * words]
        if words < 3:
            return
        at += 2 * words
        if kind == _TEXT_OUT:
            count = struct.unpack_from("<H", content)[0]
            text = content[2 : 2 + count].decode("cp1252", "replace")
            after = 2 + (count + 1) // 2 * 2
            yield struct.unpack_from("<h", content, after)[0] if after + 2 <= len(content) else 0, text
        elif kind == _EXT_TEXT_OUT:
            line, _, count, options = struct.unpack_from("<hhHH", content)
            start = 16 if options & 0x06 else 8
            yield line, content[start : start + count].decode("cp1252", "replace")
        elif kind in _WMF_BITMAPS and len(content) > _WMF_BITMAPS[kind] + 40:
            bitmap = content[_WMF_BITMAPS[kind] :]
            head = struct.unpack_from("<L", bitmap)[0] + _palette(bitmap)
            yield _bitmap(bitmap[:head], bitmap[head:])


def _palette(head: bytes) -> int:
    depth = struct.unpack_from("<H", head, 14)[0]
    used = struct.unpack_from("<L", head, 32)[0]
    return 4 * min(used or (1 << depth if depth <= 8 else 0), 256)


def _bitmap(head: bytes, bits: bytes) -> bytes:
    """Return a BMP file of a bitmap's header, palette and bits."""
    return b"BM" + struct.pack("<LHHL", 14 + len(head) + len(bits), 0, 0, 14 + len(head)) + head + bits
