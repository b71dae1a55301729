"""tar archives: v7, ustar, pax (POSIX.1-2001), GNU long names.

In: an archive. Out: each header's and each extended record's texts as passages, the members as embedded documents; and
back: blocks that are not touched are copied byte for byte, headers that are touched get a new check sum.

Headers are read as blocks, not as files: extended headers (pax ``x`` and ``g``, GNU ``L`` and ``K``) are members whose
content is text, so that what they say is cut where it stands. What stands behind the end is one more member.
Known gaps: sparse files are read as they are stored; a member whose size stands in a pax record cannot be rewritten.
"""

from __future__ import annotations

import re

from pansentry.edits import apply
from pansentry.errors import DamagedError
from pansentry.formats import plain
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.formats.notices import TAKEN_OUT

_BLOCK = 512
_FIELDS = ((0, 100), (157, 257), (265, 297), (297, 329), (345, 500))  # name, link, owner, group, prefix
_SPECIAL = b"xgLKXV"
_BEHIND = -1
_PAX_SIZE = re.compile(rb"(?:^|\n)\d{1,20} size=")


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return names and members. Raises DamagedError, LimitExceededError."""
    budget = Budget(limits)
    passages: list[Passage] = []
    embedded: list[Embedded] = []
    headers, end = _headers(data, budget)
    for number, (at, size) in enumerate(headers):
        place = f"member {number + 1}"
        for which, (start, stop) in enumerate(_FIELDS):
            text = plain.read(_field(data[at + start : at + stop]))[0]
            if text:
                passages.append(Passage(8 * number + which, text, f"name of {place}"))
        content = data[at + _BLOCK : at + _BLOCK + size]
        budget.spend(len(content))
        if data[at + 156] in _SPECIAL:
            if content:
                passages.append(Passage(8 * number + 7, plain.read(content)[0], f"name of {place}"))
        elif content:
            embedded.append(Embedded(number, content, plain.read(_field(data[at : at + 100]))[0], place))
    if data[end:].strip(b"\0"):
        embedded.append(Embedded(_BEHIND, data[end:], "", "behind the members"))
    return Extract(tuple(passages), tuple(embedded))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the archive with cuts and replacements, ``data`` itself without any."""
    if not cuts and not replaced:
        return data
    headers, end = _headers(data, Budget(limits))
    out = bytearray()
    for number, (at, size) in enumerate(headers):
        following = headers[number + 1][0] if number + 1 < len(headers) else end
        touched = [key for key in range(8 * number, 8 * number + 8) if cuts.get(key)]
        if not touched and number not in replaced:
            out += data[at:following]
            continue
        header = bytearray(data[at : at + _BLOCK])
        content: bytes | None = data[at + _BLOCK : at + _BLOCK + size]
        for which, (start, stop) in enumerate(_FIELDS):
            if 8 * number + which in touched:
                text, codec = plain.read(_field(bytes(header[start:stop])))
                field = apply(text, cuts[8 * number + which]).encode(codec)
                header[start:stop] = field[: stop - start].ljust(stop - start, b"\0")
        if 8 * number + 7 in touched and content is not None:
            text, codec = plain.read(content)
            new = apply(text, cuts[8 * number + 7]).encode(codec)
            if len(new) != len(content):  # the records say their length
                raise DamagedError(CANNOT_REWRITE)
            content = new
        if number in replaced:
            content = replaced[number]
            if content is None:
                content = TAKEN_OUT.encode("ascii")
            if number and _PAX_SIZE.search(_records(data, headers[number - 1])):
                raise DamagedError(CANNOT_REWRITE)
        assert content is not None
        header[124:136] = b"%011o\0" % len(content)
        _seal(header)
        out += header + content + bytes(-len(content) % _BLOCK)
    out += data[end:] if _BEHIND not in replaced else bytes(2 * _BLOCK)
    return bytes(out)


def _records(data: bytes, header: tuple[int, int]) -> bytes:
    """Return the pax records that a header has, if it is one of them."""
    at, size = header
    return data[at + _BLOCK : at + _BLOCK + size] if data[at + 156] in b"xg" else b""


def _headers(data: bytes, budget: Budget) -> tuple[list[tuple[int, int]], int]:
    """Return offset and size of each member, and where the end of the archive starts. Raises DamagedError."""
    found: list[tuple[int, int]] = []
    at = 0
    while at + _BLOCK <= len(data):
        header = data[at : at + _BLOCK]
        if not header.strip(b"\0"):
            break
        size = _number(header[124:136])
        if size is None or not _is_sealed(header):
            if not found:
                raise DamagedError("damaged")
            break
        if header[156] in b"123456":  # links, devices, folders and queues have no content whatever they say
            size = 0
        budget.member()
        found.append((at, min(size, len(data) - at - _BLOCK)))
        at += _BLOCK + size + -size % _BLOCK
    if not found:
        raise DamagedError("damaged")
    return found, min(at, len(data))


def _number(field: bytes) -> int | None:
    """Return a size: octal digits, or GNU's base-256 for large ones; None for neither, or less than nothing."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big") if field[0] == 0x80 else None
    digits = field.split(b"\0", 1)[0].strip(b" ")
    if digits.strip(b"01234567"):
        return None
    return int(digits or b"0", 8)


def _is_sealed(header: bytes) -> bool:
    stated = _number(header[148:156])
    unsigned = sum(header[:148]) + sum(header[156:]) + 8 * 32
    signed = unsigned - 256 * sum(byte > 127 for byte in header[:148] + header[156:])
    return stated in (unsigned, signed)


def _seal(header: bytearray) -> None:
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)


def _field(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]
