"""A reading of bytes: bytes that were decoded from a stretch of other bytes, with the way back for edits.

In: a source and what is kept of it or decoded in it, left to right. Out: :class:`BytesReading` (a base64 paragraph, a
uuencoded file, UTF-7 runs). An edit sinks to the stretch; only the quanta or blocks that it touches are written anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pansentry.edits import Edit, apply, merge


@dataclass(frozen=True, slots=True, eq=False)
class BytesReading:
    """Bytes that were decoded from ``source[start:end]`` of other bytes (a base64 paragraph, a uuencoded file).

    ``relower`` turns edits of ``data`` into edits of the source, re-encoding only the quanta that are touched.
    """

    name: str
    data: bytes = field(repr=False)
    start: int
    end: int
    relower: Callable[[Sequence[Edit[bytes]]], Sequence[Edit[bytes]]] = field(repr=False)


def lower_bytes(reading: BytesReading, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
    """Turn disjoint, ascending edits of ``reading.data`` into edits of the bytes it was decoded from."""
    return tuple(reading.relower(edits)) if edits else ()


class _Piece(NamedTuple):
    """``data[start:end]`` was read from ``source[source_start:source_end]``; without ``encode`` it was kept."""

    start: int
    end: int
    source_start: int
    source_end: int
    encode: Callable[[bytes], bytes] | None


class BytesWeaver:
    """Builds a :class:`BytesReading` of ``source`` from kept stretches and blocks, left to right."""

    __slots__ = ("_length", "_out", "_pieces", "_source")

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._out: list[bytes] = []
        self._pieces: list[_Piece] = []
        self._length = 0

    def keep(self, start: int, end: int) -> None:
        """Show ``source[start:end]`` as it is."""
        self._add(self._source[start:end], start, end, None)

    def block(self, data: bytes, start: int, end: int, encode: Callable[[bytes], bytes]) -> None:
        """Show ``data`` for ``source[start:end]``, which is rewritten as a whole by ``encode``."""
        self._add(data, start, end, encode)

    def _add(self, data: bytes, start: int, end: int, encode: Callable[[bytes], bytes] | None) -> None:
        if data:
            self._pieces.append(_Piece(self._length, self._length + len(data), start, end, encode))
            self._out.append(data)
            self._length += len(data)

    def reading(self, name: str) -> BytesReading:
        """Return what was woven."""
        data = b"".join(self._out)
        pieces = self._pieces
        bounds = (pieces[0].source_start, pieces[-1].source_end) if pieces else (0, 0)
        return BytesReading(name, data, *bounds, lambda edits: _lower_pieces(data, pieces, edits))


def _lower_pieces(data: bytes, pieces: Sequence[_Piece], edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
    """Part edits at the borders of pieces; a replacement of another length goes to the first piece it falls on."""
    inside: dict[int, list[Edit[bytes]]] = {}
    for edit in edits:
        by_byte = len(edit.new) == edit.end - edit.start
        pending = edit.new
        number = max(bisect_right(pieces, edit.start, key=lambda piece: piece.start) - 1, 0)
        while number < len(pieces) and (pieces[number].start < edit.end or edit.start == edit.end):
            piece = pieces[number]
            start, end = max(edit.start, piece.start), min(edit.end, piece.end)
            if by_byte:
                pending = edit.new[start - edit.start : end - edit.start]
            inside.setdefault(number, []).append(Edit(start - piece.start, end - piece.start, pending))
            pending = b""
            number += 1
            if edit.start == edit.end:
                break
    lowered: list[Edit[bytes]] = []
    for number, changes in inside.items():
        piece = pieces[number]
        if piece.encode is None:
            lowered += (Edit(piece.source_start + c.start, piece.source_start + c.end, c.new) for c in changes)
        else:
            new = piece.encode(apply(data[piece.start : piece.end], changes))
            lowered.append(Edit(piece.source_start, piece.source_end, new))
    return merge(lowered)
