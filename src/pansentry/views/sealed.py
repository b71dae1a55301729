"""Sealed content: what of S/MIME and OpenPGP can be read, and what cannot.

In: a leaf. Out: the reason why it is unreadable (``encrypted``, ``compressed`` where it does not inflate), and as a
source the content of opaque signed data (RFC 5652 §5, RFC 8551 §3.5.2), joined from the pieces of a constructed octet
string (X.690 §8.7): a number that is cut by a piece's end is whole in it, or the content of compressed data (RFC 3274),
inflated. Told by the content, not only by the label.

Edits of signed data keep the width, so the lengths in the BER stay true; the signature does not, and the event says so.
Compressed data is written anew as a whole, in DER. Limits: :data:`MAX_INFLATED_BYTES`.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from typing import TYPE_CHECKING

from pansentry.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.mime.source import Source
    from pansentry.mime.tree import Part

CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature"})
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SMIME_CT = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"
_OIDS = {  # the object identifier that a ContentInfo starts with
    _PKCS7 + b"\x03": "encrypted",
    _PKCS7 + b"\x06": "encrypted",
    _SMIME_CT + b"\x17": "encrypted",
    _SMIME_CT + b"\x09": "compressed",
}
_SMIME_TYPES = {"enveloped-data": "encrypted", "authenveloped-data": "encrypted", "compressed-data": "compressed"}
MAX_INFLATED_BYTES = 64 * 1024 * 1024
_DATA = _PKCS7 + b"\x01"
_COMPRESSED = _SMIME_CT + b"\x09"
_ZLIB = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08"
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"
_HEAD_BYTES = 64


class Pieces:
    """Ranges of a parent, one behind the other."""

    __slots__ = ("_at", "_ranges", "data", "parent", "place")

    def __init__(self, parent: Source, ranges: Sequence[tuple[int, int]]) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self._ranges = tuple(ranges)
        self._at = [0]
        for start, end in ranges:
            self._at.append(self._at[-1] + end - start)
        self.data = b"".join(parent.data[start:end] for start, end in ranges)

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        """Cut edits at the ends of the pieces; one that does not keep its width is not taken (the lengths are BER)."""
        lowered: list[Edit[bytes]] = []
        for edit in edits:
            if len(edit.new) != edit.end - edit.start:
                return None
            position = edit.start
            while position < edit.end:
                number = bisect_right(self._at, position) - 1
                stop = min(edit.end, self._at[number + 1])
                offset = self._ranges[number][0] - self._at[number]
                new = edit.new[position - edit.start : stop - edit.start]
                lowered.append(Edit(position + offset, stop + offset, new))
                position = stop
        return tuple(lowered)


def reason(part: Part, data: bytes) -> str:
    """Return why a leaf cannot be read, ``""`` if it can."""
    if part.media_type in CMS_TYPES:
        stated = (part.parameter("smime-type") or b"").decode("latin-1").lower()
        head = data[:_HEAD_BYTES]
        why = _SMIME_TYPES.get(stated) or next((why for oid, why in _OIDS.items() if oid in head), "")
        return _why_not_inflated(data) if why == "compressed" else why
    return "encrypted" if 0x2D in data and data.find(_ARMOUR) >= 0 else ""


class Inflated:
    """The content of compressed data; an edit writes the whole structure anew."""

    __slots__ = ("data", "parent", "place")

    def __init__(self, parent: Source, data: bytes) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self.data = data

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        assert self.parent is not None
        return (Edit(0, len(self.parent.data), _compressed(apply(self.data, edits))),)


def _why_not_inflated(data: bytes) -> str:
    content = _inflate(data)
    if content is None:
        return "compressed"
    return "limit:max_decoded_bytes" if len(content) > MAX_INFLATED_BYTES else ""


def _inflate(data: bytes) -> bytes | None:
    """Return the content of compressed data, a little more than the limit of what is longer; None if it is none."""
    algorithm = data.find(_ZLIB, 0, _HEAD_BYTES * 2)
    oid = data.find(_DATA, algorithm) if algorithm >= 0 else -1
    if oid < 0:
        return None
    position = oid + len(_DATA)
    pieces: list[bytes] = []
    while position < len(data) and (header := _header(data, position)) is not None:
        tag, start, length = header
        if tag == 0x04:
            pieces.append(data[start : start + length])
            position = start + length
        elif tag in (0xA0, 0x24):  # explicit tag, constructed octet string
            position = start
        else:
            break
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(b"".join(pieces), MAX_INFLATED_BYTES + 1)
    except zlib.error:
        return None
    return content if inflater.eof or len(content) > MAX_INFLATED_BYTES else None


def _header(data: bytes, position: int) -> tuple[int, int, int] | None:
    """Return tag, start and length of the value at ``position`` (X.690 §8.1); of an indefinite length, 0."""
    if position + 2 > len(data):
        return None
    first = data[position + 1]
    width = first & 0x7F if first & 0x80 else 0
    start = position + 2 + width
    if width > 4 or start > len(data):
        return None
    return data[position], start, int.from_bytes(data[position + 2 : start], "big") if width else first & 0x7F


def _compressed(content: bytes) -> bytes:
    """Write CompressedData in DER (RFC 3274 §1.1)."""
    inner = _value(0x30, _DATA + _value(0xA0, _value(0x04, zlib.compress(content))))
    return _value(0x30, _COMPRESSED + _value(0xA0, _value(0x30, b"\x02\x01\0" + _value(0x30, _ZLIB) + inner)))


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets) if octets else size)) + octets + content


def signed_content(source: Source) -> Pieces | Inflated | None:
    """Return the content of compressed data, or of opaque signed data whose octet string is in pieces, else None."""
    data = source.data
    if _COMPRESSED in data[:_HEAD_BYTES]:
        content = _inflate(data)
        return None if content is None else Inflated(source, content)
    position = data.find(b"\x24\x80")
    if not data.startswith(b"\x30") or position < 0:
        return None
    position += 2
    ranges: list[tuple[int, int]] = []
    while data[position : position + 1] == b"\x04":
        first = data[position + 1] if position + 1 < len(data) else 0
        width = first & 0x7F if first & 0x80 else 0
        start = position + 2 + width
        length = int.from_bytes(data[position + 2 : start], "big") if width else first
        if width > 4 or start + length > len(data):
            break
        ranges.append((start, start + length))
        position = start + length
    return Pieces(source, ranges) if len(ranges) > 1 else None
