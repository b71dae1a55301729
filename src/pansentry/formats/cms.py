"""What is signed or packed in CMS (RFC 5652, RFC 3274): opaque S/MIME mail, and files such as ``offer.pdf.p7m``.

In: a ContentInfo in BER, its lengths definite or not, its octet string whole or in pieces (X.690 §8.1.3, §8.7.3). Out:
the content as a document of its own, whatever it is: the MIME entity of an opaque signed mail (RFC 8551 §3.5.2) with
its own transfer encodings and attachments, a PDF, an invoice; inflated, where it is compressed. Beside it the strings
of the rest (names in certificates) and what stands behind. Back: the content in one piece, every length around it
right. The signature does not hold for it, which ``Extract.signed`` says.

A signature beside what it signs (``smime.p7s``) holds no content and is none of these; encrypted content is not either.
Limits: :data:`_MAX_DEPTH`, and the budget of documents. Known gap: TimeStampedData (RFC 5544).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import strings
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.formats.notices import TAKEN_OUT

_PKCS7: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SMIME: Final = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"
_COMPRESSED: Final = _SMIME + b"\x09"
_OPEN: Final = (_PKCS7 + b"\x02", _PKCS7 + b"\x05", _SMIME + b"\x02", _COMPRESSED)
"""Signed, digested, authenticated (RFC 5652 §5, §7, §9), compressed: what holds its content without a key."""
_LENGTH: Final = rb"(?:[\0-\x80]|\x81.|\x82..|\x83...|\x84....)"
_CONTENT: Final = re.compile(re.escape(_PKCS7) + rb"\x01(?=\xa0" + _LENGTH + rb"[\x04\x24])", re.DOTALL)
_HEAD_BYTES: Final = 32
_REACH: Final = 64 * 1024
"""What may stand before the content: recipients of authenticated data."""
_MAX_DEPTH: Final = 32
_OCTETS, _CONSTRUCTED_OCTETS, _EXPLICIT, _SEQUENCE = 0x04, 0x24, 0xA0, 0x30
_CHUNK: Final = 1 << 20
_MAIL: Final = re.compile(rb"(?:content-|mime-version)[a-z-]*[ \t]*:", re.IGNORECASE)
_NOTICE: Final = f"Content-Type: text/plain; charset=us-ascii\r\n\r\n{TAKEN_OUT}\r\n"


@dataclass(frozen=True, slots=True)
class _Value:
    """One value: where its header, its content, the end of its content and its end are (X.690 §8.1)."""

    at: int
    start: int
    stop: int
    end: int


def is_cms(data: bytes) -> bool:
    """Say whether ``data`` is a structure that holds its content readable."""
    head = data[:_HEAD_BYTES]
    return head[:1] == b"\x30" and any(oid in head for oid in _OPEN) and _CONTENT.search(data, 0, _REACH) is not None


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the content and what stands around it. Raises DamagedError, LimitExceededError."""
    around = _around(data)
    octets = around[-1]
    content = _content(data, octets, Budget(limits))
    rest = strings.strings(data[: octets.at] + b"\0" + data[octets.end : around[0].end])
    behind = data[around[0].end :]
    embedded = [Embedded(0, content, "", "content")]
    if behind.strip(b"\0\r\n"):
        embedded.append(Embedded(1, behind, "", "behind the file"))
    is_signed = not _is_compressed(data)
    return Extract((Passage(0, rest, "certificates"),) if rest else (), tuple(embedded), signed=is_signed)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the structure around new content, ``data`` itself if nothing is to do. What stands behind it goes if
    something was found there. Raises DamagedError("cannot-rewrite") for a certificate that would have to change."""
    if not cuts and not replaced:
        return data
    if cuts:
        raise DamagedError(CANNOT_REWRITE)
    around = _around(data)
    octets = around[-1]
    content = replaced[0] if 0 in replaced else _content(data, octets, Budget(limits))
    if content is None:
        old = _content(data, octets, Budget(limits))
        content = (_NOTICE if _MAIL.match(old) else TAKEN_OUT).encode("ascii")
    inner = _value(_OCTETS, zlib.compress(content) if _is_compressed(data) else content)
    for outer, kept in zip(reversed(around[:-1]), reversed(around[1:]), strict=True):
        inner = _value(data[outer.at], data[outer.start : kept.at] + inner + data[kept.end : outer.stop])
    return inner + (b"" if 1 in replaced else data[around[0].end :])


def _is_compressed(data: bytes) -> bool:
    return _COMPRESSED in data[:_HEAD_BYTES]


def _around(data: bytes) -> list[_Value]:
    """Return the octet string that is the content, and before it every value around it, from the outermost in."""
    found = _CONTENT.search(data, 0, _REACH)
    if found is None:
        raise DamagedError("damaged")
    explicit = found.end()
    target = _read(data, explicit, len(data)).start
    path = [_read(data, 0, len(data))]
    while path[-1].at != target:
        if len(path) > _MAX_DEPTH or data[path[-1].at] not in (_SEQUENCE, _EXPLICIT):
            raise DamagedError("damaged")
        path += [one for one in _children(data, path[-1]) if one.at <= target < one.end] or [_nowhere()]
    return path


def _nowhere() -> _Value:
    raise DamagedError("damaged")


def _read(data: bytes, at: int, limit: int, depth: int = 0) -> _Value:
    """Return the value at ``at``, which has to end at ``limit`` or before. Raises DamagedError."""
    first = data[at + 1] if at + 2 <= limit else 0xFF
    width = first & 0x7F if first & 0x80 else 0
    start = at + 2 + width
    if width > 4 or start > limit or depth > _MAX_DEPTH or data[at] & 0x1F == 0x1F:
        raise DamagedError("damaged")
    if first == 0x80:
        stop = start
        while data[stop : stop + 2] != b"\0\0":
            stop = _read(data, stop, limit, depth + 1).end
        return _Value(at, start, stop, stop + 2)
    stop = start + (int.from_bytes(data[at + 2 : start], "big") if width else first)
    if stop > limit:
        raise DamagedError("damaged")
    return _Value(at, start, stop, stop)


def _children(data: bytes, value: _Value, depth: int = 0) -> Iterator[_Value]:
    position = value.start
    while position < value.stop:
        child = _read(data, position, value.stop, depth)
        yield child
        position = child.end


def _content(data: bytes, octets: _Value, budget: Budget) -> bytes:
    """Return the octet string, its pieces joined; inflated where it is compressed. Raises LimitExceededError."""
    packed = b"".join(_pieces(data, octets))
    if not _is_compressed(data):
        budget.spend(len(packed))
        return packed
    machine = zlib.decompressobj()
    pieces: list[bytes] = []
    total, rest = 0, packed
    while not machine.eof:
        try:
            piece = machine.decompress(rest, _CHUNK)
        except zlib.error:
            raise DamagedError("damaged") from None
        rest = machine.unconsumed_tail
        total += len(piece)
        budget.unpacked(len(piece), total, len(packed), len(packed))
        pieces.append(piece)
        if not piece and not rest and not machine.eof:
            raise DamagedError("damaged")
    return b"".join(pieces)


def _pieces(data: bytes, octets: _Value, depth: int = 0) -> Iterator[bytes]:
    if depth > _MAX_DEPTH:
        raise LimitExceededError("max_depth")
    if data[octets.at] == _OCTETS:
        yield data[octets.start : octets.stop]
        return
    if data[octets.at] != _CONSTRUCTED_OCTETS:
        raise DamagedError("damaged")
    for child in _children(data, octets, depth):
        yield from _pieces(data, child, depth + 1)


def _value(tag: int, content: bytes) -> bytes:
    """Write a value with a definite length (X.690 §8.1.3)."""
    size = len(content)
    octets = b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets) if octets else size)) + octets + content
