"""BinHex 4.0 inside text (RFC 1741): the data fork of the file, and back.

In: bytes that hold text. Out: one :class:`BytesReading` per file, holding its data fork; an edit writes the whole file
anew (header, run-length coding and the three checksums). A file whose header cannot be read is given as it decodes, and
an edit of it turns it into plain text in place. Linear.

Resists: run-length bombs. Past :data:`MAX_EXPANDED_BYTES` a run counts at most :data:`SHORT_RUN` bytes.
"""

from __future__ import annotations

import re
import struct
from binascii import crc_hqx
from typing import Final, NamedTuple

from pansentry.views.bytes_reading import BytesReading, BytesWeaver

MAX_EXPANDED_BYTES: Final = 64 * 1024 * 1024
SHORT_RUN: Final = 32

_ALPHABET: Final = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_SEXTET: Final = {octet: value for value, octet in enumerate(_ALPHABET)}
_OPENING: Final = re.compile(
    rb"\(This file must be converted with BinHex[^\r\n]{0,80}[\r\n]++[ \t\r\n]*+:", re.IGNORECASE
)
_REPEAT: Final = 0x90
_LINE: Final = 64


class _File(NamedTuple):
    """A decoded file: name with type, creator and flags (18 bytes and more), data fork, resource fork."""

    head: bytes
    fork: bytes
    resource: bytes


def read(data: bytes) -> tuple[BytesReading, ...]:
    """Return the data fork of each BinHex file."""
    if b"inHex" not in data and b"inhex" not in data:
        return ()
    readings: list[BytesReading] = []
    position = 0
    while opening := _OPENING.search(data, position):
        end = data.find(b":", opening.end())
        end = len(data) if end < 0 else end
        weaver = BytesWeaver(data)
        plain = _expand(_octets(data[opening.end() : end]))
        file = _parse(plain)
        if file is None:
            weaver.block(plain, opening.end(), end, lambda new: new)
        else:
            weaver.block(file.fork, opening.end(), end, lambda new, file=file: _write(file, new))  # type: ignore[misc]
        readings.append(weaver.reading("binhex"))
        position = end
    return tuple(readings)


def _octets(text: bytes) -> bytes:
    """Turn sextets into bytes; what is not in the alphabet is skipped."""
    sextets = [_SEXTET[c] for c in text if c in _SEXTET]
    sextets += [0] * (-len(sextets) % 4)
    out = bytearray()
    for i in range(0, len(sextets), 4):
        a, b, c, d = sextets[i : i + 4]
        out += bytes((a << 2 | b >> 4, (b & 15) << 4 | c >> 2, (c & 3) << 6 | d))
    return bytes(out)


def _expand(packed: bytes) -> bytes:
    """Undo the run-length coding (RFC 1741 §4)."""
    pieces: list[bytes] = []
    position = expanded = 0
    last = b""
    while (mark := packed.find(_REPEAT, position)) >= 0:
        pieces.append(packed[position:mark])
        last = packed[mark - 1 : mark] if mark > position else last
        count = packed[mark + 1] if mark + 1 < len(packed) else 0
        if expanded > MAX_EXPANDED_BYTES:
            count = min(count, SHORT_RUN)
        if count == 0:
            last = b"\x90"
        pieces.append(last * (count - 1 if count else 1))
        expanded += count
        position = mark + 2
    pieces.append(packed[position:])
    return b"".join(pieces)


def _parse(plain: bytes) -> _File | None:
    size = plain[0] + 1 + 1 + 10 if plain else 0
    if not plain or len(plain) < size + 10:
        return None
    data_size, resource_size = struct.unpack_from(">II", plain, size)
    start = size + 8 + 2
    if start + data_size > len(plain):
        return None
    resource_start = start + data_size + 2
    fork = plain[start : start + data_size]
    return _File(plain[:size], fork, plain[resource_start : resource_start + resource_size])


def _write(file: _File, fork: bytes) -> bytes:
    """Encode the file with another data fork."""
    head = file.head + struct.pack(">II", len(fork), len(file.resource))
    plain = b"".join(part + struct.pack(">H", crc_hqx(part, 0)) for part in (head, fork, file.resource))
    packed = plain.replace(b"\x90", b"\x90\0")
    packed += b"\0" * (-len(packed) % 3)
    bits = (
        _ALPHABET[number >> shift & 63]
        for i in range(0, len(packed), 3)
        for number in (int.from_bytes(packed[i : i + 3], "big"),)
        for shift in (18, 12, 6, 0)
    )
    text = bytes(bits)
    return b"\r\n".join(text[i : i + _LINE] for i in range(0, len(text), _LINE))
