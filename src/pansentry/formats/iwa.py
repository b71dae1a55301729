"""Apple's documents (Pages, Numbers, Keynote; the parts ``Index/*.iwa`` of their packages). Read only.

In: a part: pieces of snappy without its frames, each behind a zero and its length in three bytes; unpacked, a row of
protocol buffers. Out: the texts in it (UTF-8 between the numbers of the format), and the whole numbers of cells of
Numbers (fifth version: a byte 5, the type, flags, sixteen bytes of a decimal). Nothing is known of which cell stands
where, so a number in cells has no heading. ``rewrite`` raises DamagedError("cannot-rewrite"): a notice takes the place
of the document.

Limits: what snappy unpacks is counted while it comes out. Sources: snappy's ``format_description.txt``; the cells as
numbers-parser (MIT) describes them. Known gap: numbers in cells of older versions, and those of formulas as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Extract, Passage, Replaced

_BORDER: Final = "\n;\n"
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]+")
_LINES: Final = re.compile("[\x0b\x0c\u2028\u2029]")
_DIGIT: Final = re.compile(r"[0-9]")
_CELL: Final = re.compile(rb"\x05[\x02\x0a][\x00-\xff]{6}([\x01\x03\x05\x07\x09\x0b\x0d\x0f][\x00-\xff]{3})")
_CELL_BYTES: Final = 12
_BIAS: Final = 0x1820
_MAX_DIGITS: Final = 19


def is_iwa(data: bytes) -> bool:
    """Tell whether the pieces of such a part fill ``data`` to its last byte."""
    at = 0
    while at + 4 < len(data) and data[at] == 0:
        size = int.from_bytes(data[at + 1 : at + 4], "little")
        if not size:
            return False
        at += 4 + size
    return at == len(data) and at > 0


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the texts and numbers of a part. Raises DamagedError, LimitExceededError."""
    budget = Budget(limits)
    pieces: list[bytes] = []
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "little")
        pieces.append(_unpacked(data[at + 4 : at + 4 + size], budget))
        at += 4 + size
    content = b"".join(pieces)
    passages = (Passage(0, _text(content), "text"), Passage(1, _BORDER.join(_numbers(content)), "cells"))
    return Extract(tuple(passage for passage in passages if passage.text))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def streams(data: bytes) -> Iterator[bytes]:
    """Yield the part unpacked: what the proof searches."""
    budget = Budget(DocumentLimits())
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "little")
        yield _unpacked(data[at + 4 : at + 4 + size], budget)
        at += 4 + size


def _text(content: bytes) -> str:
    """Return the runs of characters that hold a digit."""
    text = _LINES.sub("\n", content.decode("utf-8", "replace"))
    return _BORDER.join(run for run in _CONTROL.split(text) if _DIGIT.search(run))


def _numbers(content: bytes) -> Iterator[str]:
    """Yield the whole numbers in cells."""
    for match in _CELL.finditer(content):
        raw = content[match.start() + _CELL_BYTES : match.start() + _CELL_BYTES + 16]
        if len(raw) == 16:
            exponent = ((raw[15] & 0x7F) << 7 | raw[14] >> 1) - _BIAS
            mantissa = (raw[14] & 1) << 112 | int.from_bytes(raw[:14], "little")
            if not raw[15] & 0x80 and -_MAX_DIGITS < exponent < _MAX_DIGITS and mantissa:
                value, rest = (mantissa * 10**exponent, 0) if exponent >= 0 else divmod(mantissa, 10**-exponent)
                if not rest and len(digits := str(value)) <= _MAX_DIGITS:
                    yield digits


def _unpacked(packed: bytes, budget: Budget) -> bytes:
    """Unpack one piece of snappy. Raises DamagedError, LimitExceededError."""
    size, at = _varint(packed)
    budget.spend(size)
    out = bytearray()
    try:
        while at < len(packed):
            tag = packed[at]
            at += 1
            if tag & 3 == 0:
                length = (tag >> 2) + 1
                if length > 60:
                    more = length - 60
                    length = int.from_bytes(packed[at : at + more], "little") + 1
                    at += more
                out += packed[at : at + length]
                at += length
                continue
            if tag & 3 == 1:
                length, back = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | packed[at]
                at += 1
            else:
                width = 2 if tag & 3 == 2 else 4
                length, back = (tag >> 2) + 1, int.from_bytes(packed[at : at + width], "little")
                at += width
            if not 0 < back <= len(out):
                raise DamagedError("damaged")
            start = len(out) - back
            out += out[start : start + length] if back >= length else (out[start:] * (length // back + 1))[:length]
            if len(out) > size:
                raise DamagedError("damaged")
    except IndexError:
        raise DamagedError("damaged") from None
    if len(out) != size:
        raise DamagedError("damaged")
    return bytes(out)


def _varint(data: bytes) -> tuple[int, int]:
    """Return the length that stands in front, and where it ends."""
    value = 0
    for at, byte in enumerate(data[:5]):
        value |= (byte & 0x7F) << 7 * at
        if not byte & 0x80:
            return value, at + 1
    raise DamagedError("damaged")
