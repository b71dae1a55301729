r"""Pictures and objects inside RTF: hexadecimal data of ``\pict`` and ``\objdata`` (RTF 1.9.1, "Pictures", "Objects").

In: bytes of a text. Out: one :class:`BytesReading` per long run of hexadecimal digits, from where a file of a known
kind begins in it (an object has a header of OLE 1.0 in front, [MS-OLEDS] §2.2.5), else the whole run. An edit writes
the payload anew in hexadecimal. Linear.

Resists: a photograph of a card that was pasted into a letter. Known gap: data of ``\bin`` is passed over.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.bytes_reading import BytesReading, BytesWeaver

_RUN: Final = re.compile(rb"[0-9A-Fa-f]{2}(?>(?:[ \t\r\n]{0,4}+[0-9A-Fa-f]{2}){63,})")
_BLANKS: Final = b" \t\r\n"
_FILES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"%PDF-")
_REACH: Final = 1024
"""Bytes of a run in which a file may begin: behind the header of an object, its class and its names."""


def read(data: bytes) -> tuple[BytesReading, ...]:
    """Return what is kept in hexadecimal inside an RTF; nothing for any other text."""
    if b"{\\rtf" not in data:
        return ()
    readings: list[BytesReading] = []
    for match in _RUN.finditer(data):
        digits = match[0].translate(None, _BLANKS)
        payload = bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
        begins = [at for magic in _FILES if (at := payload.find(magic, 0, _REACH)) >= 0]
        skipped = min(begins, default=0)
        weaver = BytesWeaver(data)
        weaver.block(payload[skipped:], _place(data, match.start(), 2 * skipped), match.end(), _written)
        readings.append(weaver.reading("rtf-data"))
    return tuple(readings)


def _place(data: bytes, start: int, digits: int) -> int:
    """Return where the hexadecimal digit number ``digits`` stands, counted from ``start``."""
    at = start
    while digits:
        digits -= data[at] not in _BLANKS
        at += 1
    return at


def _written(content: bytes) -> bytes:
    return content.hex().encode("ascii")
