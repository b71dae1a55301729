"""Properties of Outlook's messages, which msg and TNEF share ([MS-OXPROPS]), and packed RTF ([MS-OXRTFCP]).

In: property numbers and values. Out: their places in words, and RTF unpacked (LZFu, [MS-OXRTFCP] 2.1, 3.1). Bounded:
RTF gives what it says it gives, at most ``limit`` bytes.
"""

from __future__ import annotations

from typing import Final

from pansentry.errors import DamagedError, LimitExceededError

BODY, HTML, RTF, SUBJECT, HEADERS = 0x1000, 0x1013, 0x1009, 0x0037, 0x007D
DATA, LONG_NAME, SHORT_NAME = 0x3701, 0x3707, 0x3704
WIDE, NARROW, BINARY, OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
_PLACES: Final = {BODY: "body", SUBJECT: "subject", HEADERS: "header", LONG_NAME: "name", SHORT_NAME: "name"}
_PACKED, _PLAIN = b"LZFu", b"MELA"
_DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW: Final = 4096


def place(number: int) -> str:
    """Return where a property's text stands, in words."""
    return _PLACES.get(number, "property")


def text(value: bytes, kind: int) -> str:
    """Return a text property's value."""
    return value.decode("utf-16-le" if kind == WIDE else "cp1252", "replace").rstrip("\0")


def rtf(packed: bytes, limit: int) -> bytes:
    """Unpack RTF. Raises DamagedError, LimitExceededError."""
    if len(packed) < 16:
        raise DamagedError("damaged")
    size = int.from_bytes(packed[4:8], "little")
    if packed[8:12] == _PLAIN:
        return packed[16 : 16 + size]
    if packed[8:12] != _PACKED:
        raise DamagedError("damaged")
    if size > limit:
        raise LimitExceededError("max_total_bytes")
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    position = len(_DICTIONARY)
    out = bytearray()
    at = 16
    while at < len(packed) and len(out) < size:
        flags = packed[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                token = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                source, length = token >> 4, (token & 0xF) + 2
                if source == position or at > len(packed):
                    return bytes(out)
                copied = [(source + index) % _WINDOW for index in range(length)]
            else:
                if at >= len(packed):
                    return bytes(out)
                copied = []
                out.append(packed[at])
                window[position] = packed[at]
                position = (position + 1) % _WINDOW
                at += 1
            for index in copied:
                out.append(window[index])
                window[position] = window[index]
                position = (position + 1) % _WINDOW
    return bytes(out)
