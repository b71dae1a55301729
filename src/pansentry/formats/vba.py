"""Macros ([MS-OVBA]): source text of the modules in a VBA storage. Read only, never changed.

In: the streams of a storage that has a stream ``dir``. Out: what each stream unpacks to, wherever in it the packed
source begins (2.4.1, compressed containers). Bounded: a chunk gives 4,096 bytes at most.
"""

from __future__ import annotations

from typing import Final

from pansentry.formats.compound import Compound, Path, Shown

_MAIN: Final = "dir"
_SIGNATURE: Final = 0x01
_CHUNK: Final = 4096
_SOURCE: Final = b"\x00Attribut"  # how packed source begins, after the chunk's header (2.3.4.3)


def texts(file: Compound, storage: Path) -> Shown:
    """Return the source of every module."""
    found: list[tuple[str, str]] = []
    for name, stream in file.under(storage):
        if name != _MAIN:
            at = stream.find(_SOURCE)
            if at >= 3 and stream[at - 3] == _SIGNATURE:
                found.append((unpack(stream[at - 3 :]).decode("latin-1"), "macro"))
    return Shown(_MAIN, found)


def unpack(packed: bytes) -> bytes:
    """Return what a compressed container holds; what is damaged ends it."""
    out = bytearray()
    at = 1
    while at + 2 <= len(packed):
        header = int.from_bytes(packed[at : at + 2], "little")
        end = min(at + (header & 0x0FFF) + 3, len(packed))
        at += 2
        if header & 0x8000:
            _chunk(packed, at, end, out)
        else:
            out += packed[at : min(at + _CHUNK, len(packed))]
        at = end
    return bytes(out)


def _chunk(packed: bytes, at: int, end: int, out: bytearray) -> None:
    start = len(out)
    while at < end:
        flags = packed[at]
        at += 1
        for bit in range(8):
            if at >= end or len(out) - start >= _CHUNK:
                return
            if not flags >> bit & 1:
                out.append(packed[at])
                at += 1
                continue
            token = int.from_bytes(packed[at : at + 2], "little")
            at += 2
            width = max((len(out) - start - 1).bit_length(), 4)
            length = (token & (0xFFFF >> width)) + 3
            source = len(out) - (token >> (16 - width)) - 1
            if source < start:
                return
            for index in range(min(length, _CHUNK)):
                out.append(out[source + index])
