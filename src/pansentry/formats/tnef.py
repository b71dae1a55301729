"""TNEF, Outlook's winmail.dat ([MS-OXTNEF]): texts, bodies and attachments. Read only.

In: a TNEF stream. Out: text attributes and text properties as passages, HTML and RTF bodies and attachments as embedded
documents, messages inside as TNEF of their own. ``rewrite`` raises DamagedError("cannot-rewrite").
Standard: [MS-OXTNEF] 2.1.3 (structure), 2.1.3.3 (attributes), 2.1.3.4 (encapsulated properties).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import mapi
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.outcome import Unreadable

_MAGIC: Final = 0x223E9F78
_RECIPIENTS: Final = 0x9004
_PROPERTIES: Final = frozenset({0x9003, 0x9005, _RECIPIENTS})
_TEXTS: Final = {0x8004: "subject", 0x800C: "body", 0x8010: "name", 0x8000: "header"}
_DATA: Final = 0x800F
_FIXED: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_MANY: Final = 0x1000
_NAMED: Final = 0x8000
_OBJECT_ID: Final = 16


class _Found:
    """What was read so far."""

    def __init__(self, limits: DocumentLimits) -> None:
        self.passages: list[Passage] = []
        self.embedded: list[Embedded] = []
        self.unreadable: list[Unreadable] = []
        self.limits = limits

    def text(self, text: str, place: str) -> None:
        if text:
            self.passages.append(Passage(len(self.passages), text, place))

    def inside(self, data: bytes, place: str) -> None:
        if data:
            self.embedded.append(Embedded(len(self.embedded), data, "", place))


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what a reader sees. Raises DamagedError, LimitExceededError."""
    if len(data) < 6 or int.from_bytes(data[:4], "little") != _MAGIC:
        raise DamagedError("damaged")
    found = _Found(limits)
    at = 6
    while at + 9 <= len(data):
        _, attribute, _, size = struct.unpack_from("<BHHL", data, at)
        value = data[at + 9 : at + 9 + size]
        at += 9 + size + 2
        if attribute in _TEXTS:
            found.text(value.decode("cp1252", "replace").rstrip("\0"), _TEXTS[attribute])
        elif attribute == _DATA:
            found.inside(value, "attachment")
        elif attribute in _PROPERTIES:
            _properties(value, found, attribute)
    return Extract(tuple(found.passages), tuple(found.embedded), tuple(found.unreadable))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _properties(data: bytes, found: _Found, attribute: int) -> None:
    """Read a list of properties; the table of recipients is one list a row, its count in front."""
    rows, at = 1, 0
    if attribute == _RECIPIENTS:
        rows, at = min(int.from_bytes(data[:4], "little"), len(data) // 8), 4
    try:
        for _ in range(rows):
            for number, kind, value, end in _values(data, at):
                _property(number, kind, value, found)
                at = end
    except struct.error:
        found.unreadable.append(Unreadable("damaged", "properties"))


def _values(data: bytes, at: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Yield number, type, value and end of each property; raises struct.error where the data ends too early.

    The last of a list is an empty one that only says where the list ends.
    """
    (count,) = struct.unpack_from("<L", data, at)
    at += 4
    for _ in range(min(count, len(data) // 4)):
        kind, number = struct.unpack_from("<HH", data, at)
        at += 4
        if number >= _NAMED:
            (named_by,) = struct.unpack_from("<L", data, at + 16)
            (size,) = struct.unpack_from("<L", data, at + 20)
            if named_by:
                yield number, mapi.WIDE, data[at + 24 : at + 24 + size], at
            at += 24 + ((size + 3) // 4 * 4 if named_by else 0)
        base = kind & ~_MANY
        if base in _FIXED:
            many = 1
            if kind & _MANY:
                (many,) = struct.unpack_from("<L", data, at)
                at += 4
            at += (_FIXED[base] + 3) // 4 * 4 * many
            continue
        (values,) = struct.unpack_from("<L", data, at)
        at += 4
        for _ in range(min(values, len(data) // 4)):
            (size,) = struct.unpack_from("<L", data, at)
            yield number, base, data[at + 4 : at + 4 + size], at
            at += 4 + (size + 3) // 4 * 4
    yield 0, 0, b"", at


def _property(number: int, kind: int, value: bytes, found: _Found) -> None:
    if kind in (mapi.WIDE, mapi.NARROW):
        found.text(mapi.text(value, kind), mapi.place(number))
        if number == mapi.HTML:
            found.inside(value, "body")
    elif kind == mapi.OBJECT:
        found.inside(value[_OBJECT_ID:], "attachment")
    elif kind == mapi.BINARY:
        if number == mapi.RTF:
            try:
                found.inside(mapi.rtf(value, found.limits.max_total_bytes), "body")
            except DamagedError as error:
                found.unreadable.append(Unreadable(error.reason, "body"))
        elif number == mapi.HTML:
            found.inside(value, "body")
        elif number == mapi.DATA:
            found.inside(value, "attachment")
