"""OpenPGP messages that are signed or packed, not encrypted: what every program for OpenPGP shows of them.

In: a source that holds armoured messages (RFC 9580 §6.2), or is a message in octets. Out: a source for the content of
each, and whether every message in it could be opened. ``gpg --sign`` makes a compressed packet (§5.6) of a one-pass
signature (§5.4), a literal packet (§5.9) and the signature (§5.2): no key is needed to read it.

An edit writes the message anew as one literal packet: the signature would not hold for it any more.
Resists: old and new packet headers, partial and indeterminate lengths (§4.2), packets within packets, bombs.
Limits: :data:`MAX_INFLATED_BYTES`, :data:`_MAX_NESTING`, :data:`_MAX_PACKETS`.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import re
import zlib
from typing import TYPE_CHECKING, Final

from pansentry.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.mime.source import Source

ARMOUR: Final = b"-----BEGIN PGP MESSAGE-----"
MAX_INFLATED_BYTES: Final = 64 * 1024 * 1024
_MAX_NESTING: Final = 4
_MAX_PACKETS: Final = 64
_BLOCK: Final = re.compile(
    rb"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n"
    rb"((?>(?:[!-9;-~]{1,60}:(?>(?:[^\n-]++|-(?!----BEGIN PGP MESSAGE-----))*)\n)*))[ \t]*\r?\n([A-Za-z0-9+/=\s]*+)"
    rb"-----END PGP MESSAGE-----"
)
_SIGNATURE, _ONE_PASS, _COMPRESSED, _MARKER, _LITERAL, _PADDING = 2, 4, 8, 10, 11, 21
_PASSED_OVER: Final = frozenset({_SIGNATURE, _ONE_PASS, _MARKER, _PADDING})
_FIRST: Final = frozenset({_SIGNATURE, _ONE_PASS, _COMPRESSED, _LITERAL})
_LINE: Final = 64
_PIECE_BYTES: Final = 1 << 20


class Message:
    """The content of one message; an edit writes the message anew."""

    __slots__ = ("_end", "_is_armoured", "_start", "data", "parent", "place")

    def __init__(self, parent: Source, start: int, end: int, data: bytes, *, is_armoured: bool) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self.data = data
        self._start, self._end, self._is_armoured = start, end, is_armoured

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        """Return the whole message as it is without what is cut."""
        packet = _literal_packet(apply(self.data, edits))
        return (Edit(self._start, self._end, _armoured(packet) if self._is_armoured else packet),)


def messages(source: Source) -> tuple[tuple[Message, ...], bool]:
    """Return the messages in ``source`` that need no key, and whether these are all there are."""
    data = source.data
    if data.find(ARMOUR) >= 0:
        found, budget = [], _Budget()
        for block in _BLOCK.finditer(data):
            packets = _octets(block[2])
            content = None if packets is None else _content(packets, budget)
            if content is not None:
                found.append(Message(source, *block.span(), content, is_armoured=True))
        return tuple(found), len(found) == data.count(ARMOUR)
    if data[:1] >= b"\x80" and _tag(data[0]) in _FIRST and (content := _content(data, _Budget())) is not None:
        return (Message(source, 0, len(data), content, is_armoured=False),), True
    return (), False


def _octets(armoured: bytes) -> bytes | None:
    """Return what is armoured, without its check sum (§6.1), which few programs look at."""
    body = b"".join(line for line in armoured.split() if not line.startswith(b"="))
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        return None


class _Budget:
    """Octets that may come out of all compressed packets of a source together, whether something is in them or not."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_INFLATED_BYTES


def _content(packets: bytes, budget: _Budget) -> bytes | None:
    """Return the text of the literal packet in a message, None if there is none that can be read without a key."""
    for _ in range(_MAX_NESTING):
        inner = None
        for tag, body in _packets(packets):
            if tag == _LITERAL:
                return _text(body)
            if tag == _COMPRESSED:
                inner = _inflated(body, budget)
                break
            if tag not in _PASSED_OVER:
                return None
        if inner is None:
            return None
        packets = inner
    return None


def _text(body: bytes) -> bytes | None:
    """Return what stands behind format, name and date of a literal packet (§5.9)."""
    if len(body) < 2 or body[:1] not in (b"b", b"t", b"u", b"l", b"1", b"m"):
        return None
    start = 2 + body[1] + 4
    return body[start:] if start <= len(body) else None


def _inflated(body: bytes, budget: _Budget) -> bytes | None:
    """Inflate a compressed packet (§9.4); None if it cannot be, or is longer than what is left of ``budget``."""
    try:
        match body[:1]:
            case b"\0":
                return body[1:]
            case b"\1":
                return _paid_for(_deflated(body[1:], -zlib.MAX_WBITS), budget)
            case b"\2":
                return _paid_for(_deflated(body[1:], zlib.MAX_WBITS), budget)
            case b"\3":
                return _paid_for(_bzipped(body[1:]), budget)
            case _:
                return None
    except (zlib.error, OSError, EOFError, ValueError):
        budget.left -= _PIECE_BYTES  # what broke off in the middle of a piece
        return None


def _paid_for(pieces: Iterator[bytes], budget: _Budget) -> bytes | None:
    """Join what is unpacked, paid for piece by piece: also of what breaks off at its end, and of what is too much."""
    content = []
    for piece in pieces:
        budget.left -= len(piece)
        if budget.left < 0:
            return None
        content.append(piece)
    return b"".join(content)


def _deflated(packed: bytes, bits: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(bits)
    while piece := unpacker.decompress(packed, _PIECE_BYTES):
        yield piece
        packed = unpacker.unconsumed_tail


def _bzipped(packed: bytes) -> Iterator[bytes]:
    unpacker = bz2.BZ2Decompressor()
    while not unpacker.eof and (piece := unpacker.decompress(packed, _PIECE_BYTES)):
        yield piece
        packed = b""


def _tag(first: int) -> int:
    return first & 0x3F if first & 0x40 else first >> 2 & 0x0F


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and body of each packet (§4.2); stops where the octets are none."""
    at = 0
    for _ in range(_MAX_PACKETS):
        if at >= len(data) or not data[at] & 0x80:
            return
        first = data[at]
        tag = _tag(first)
        if first & 0x40:
            body, at = _new_body(data, at + 1)
        elif first & 3 == 3:  # indeterminate: to the end
            body, at = data[at + 1 :], len(data)
        else:
            width = 1 << (first & 3)
            size = int.from_bytes(data[at + 1 : at + 1 + width], "big")
            body, at = data[at + 1 + width : at + 1 + width + size], at + 1 + width + size
        yield tag, body


def _new_body(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the body of a packet in the new format, its partial lengths (§4.2.1.4) joined, and where it ends."""
    pieces = []
    while at < len(data):
        first = data[at]
        if first < 192:
            start, size = at + 1, first
        elif first < 224:
            start, size = at + 2, (first - 192 << 8) + (data[at + 1] if at + 1 < len(data) else 0) + 192
        elif first == 255:
            start, size = at + 5, int.from_bytes(data[at + 1 : at + 5], "big")
        else:
            start, size = at + 1, 1 << (first & 0x1F)
        pieces.append(data[start : start + size])
        at = start + size
        if not 224 <= first < 255:
            break
    return b"".join(pieces), at


def _literal_packet(content: bytes) -> bytes:
    body = b"b\0\0\0\0\0" + content
    return bytes((0xC0 | _LITERAL, 0xFF)) + len(body).to_bytes(4, "big") + body


def _armoured(packet: bytes) -> bytes:
    """Armour a message; the check sum is optional (§6.1)."""
    text = base64.b64encode(packet)
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return b"\r\n".join((ARMOUR, b"", *lines, b"-----END PGP MESSAGE-----"))
