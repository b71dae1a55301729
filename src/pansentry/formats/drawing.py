"""Drawings of draw.io (diagrams.net) whose pages are packed: XML of which each page is XML again, in three wrappings.

In: ``<mxfile>`` with ``<diagram>`` elements that hold base64 of a raw deflate stream (RFC 1951) of percent-encoded XML
(``Graph.compress`` in its sources; drawings saved without it are read as any XML). Out: each page, and the file
without them, as documents inside; and back, in the same wrappings. Text that is not packed so is left where it is.

Resists: bombs (bytes are counted while they are inflated). Known gap: drawings inside pictures that draw.io exported.
"""

from __future__ import annotations

import binascii
import re
import zlib
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pansentry.errors import DamagedError
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Replaced

_HEAD: Final = re.compile(rb"<mxfile[\s>]")
_HEAD_BYTES: Final = 1024
_PACKED: Final = re.compile(rb"(<diagram(?:\s[^<>]{0,2000})?>)([A-Za-z0-9+/=\s]{8,}+)(</diagram>)")
_EMPTY: Final = re.compile(rb"(<diagram(?:\s[^<>]{0,2000})?>)(</diagram>)")
_UNESCAPED: Final = "!'()*~-_."
"""What ECMAScript's ``encodeURIComponent`` leaves as it is, besides letters and digits."""
_CHUNK: Final = 1 << 20


def is_packed(data: bytes) -> bool:
    """Tell whether XML is a drawing with a page that may be packed."""
    return _HEAD.search(data, 0, _HEAD_BYTES) is not None and _PACKED.search(data) is not None


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the file without its packed pages, and the pages. Raises LimitExceededError."""
    pages = _pages(data, limits)
    shell = Embedded(0, _with(data, pages, [b""] * len(pages)), "", "drawing")
    return Extract(embedded=(shell, *(Embedded(i, page, "", f"page {i}") for i, (_, page) in enumerate(pages, 1))))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the drawing with pages packed anew, ``data`` itself if nothing is to do. Raises DamagedError."""
    if not replaced:
        return data
    pages = _pages(data, limits)
    packed: list[bytes] = []
    for index, (match, _) in enumerate(pages, 1):
        new = replaced.get(index, b"")
        if new is None:
            raise DamagedError(CANNOT_REWRITE)
        packed.append(_pack(new) if index in replaced else match[2])
    if 0 not in replaced:
        return _with(data, pages, packed)
    shell = replaced[0]
    places = list(_EMPTY.finditer(shell)) if shell is not None else []
    if shell is None or len(places) != len(pages):  # an empty page of its own, or a name that was cut away
        raise DamagedError(CANNOT_REWRITE)
    return _spliced(shell, [match.span(2)[0] for match in places], [match.span(2)[0] for match in places], packed)


def _pages(data: bytes, limits: DocumentLimits) -> list[tuple[re.Match[bytes], bytes]]:
    """Return where the packed pages are, and what they hold."""
    budget = Budget(limits)
    found = []
    for match in _PACKED.finditer(data):
        content = _unpack(match[2], budget)
        if content is not None:
            budget.member()
            found.append((match, content))
    return found


def _unpack(written: bytes, budget: Budget) -> bytes | None:
    """Return the XML of a page, None for what is wrapped otherwise."""
    try:
        packed = binascii.a2b_base64(written)
    except binascii.Error:
        return None
    machine, pieces, total, rest = zlib.decompressobj(-zlib.MAX_WBITS), [], 0, packed
    while not machine.eof:
        try:
            piece = machine.decompress(rest, _CHUNK)
        except zlib.error:
            return None
        rest = machine.unconsumed_tail
        if not piece and not rest:
            break  # cut off: what came out is what a reader gets
        total += len(piece)
        budget.unpacked(len(piece), total, len(packed) - len(rest), len(packed))
        pieces.append(piece)
    return unquote_to_bytes(b"".join(pieces)) if total else None


def _pack(content: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    written = quote_from_bytes(content, safe=_UNESCAPED).encode("ascii")
    return binascii.b2a_base64(machine.compress(written) + machine.flush(), newline=False)


def _with(data: bytes, pages: list[tuple[re.Match[bytes], bytes]], contents: list[bytes]) -> bytes:
    starts, ends = [match.start(2) for match, _ in pages], [match.end(2) for match, _ in pages]
    return _spliced(data, starts, ends, contents)


def _spliced(data: bytes, starts: list[int], ends: list[int], contents: list[bytes]) -> bytes:
    """Return ``data`` with contents in place of the ranges, which are in order."""
    out: list[bytes] = []
    at = 0
    for start, end, content in zip(starts, ends, contents, strict=True):
        out += (data[at:start], content)
        at = end
    return b"".join((*out, data[at:]))
