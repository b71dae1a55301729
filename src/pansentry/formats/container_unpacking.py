"""Unpacking a member of a ZIP: stored, deflate, bzip2, LZMA (APPNOTE 6.3.10 §4.4.5); what comes out is counted.

In: a container and a member, or a packed stream. Out: bytes. Resists: bombs, and dictionaries that ask for gigabytes.
"""

from __future__ import annotations

import bz2
import lzma
import zlib

from pansentry.errors import DamagedError
from pansentry.formats.container_reading import BZIP2, DEFLATED, LZMA, STORED, Budget, Container, Member

_LZMA_PROPERTIES = 5
MAX_DICTIONARY_BYTES = 96 * 1024 * 1024
"""``xz -9`` asks for 65 MiB to unpack; a header may ask for 4 GiB."""
_CHUNK = 1 << 20


def content(container: Container, member: Member, budget: Budget) -> bytes:
    """Return a member's bytes. Raises DamagedError("encrypted", "method", "damaged") and LimitExceededError."""
    if member.is_encrypted:
        raise DamagedError("encrypted")
    packed = container.data[member.data_start : member.data_start + member.packed_size]
    if member.method == STORED:
        budget.spend(len(packed))
        return packed
    if member.method == DEFLATED:
        return inflate(packed, budget, -zlib.MAX_WBITS)
    if member.method == BZIP2:
        return _by_machine(packed, bz2.BZ2Decompressor(), budget)
    if member.method == LZMA:
        machine, start = _lzma_machine(packed)
        return _by_machine(packed[start:], machine, budget)
    raise DamagedError("method")


def _lzma_machine(packed: bytes) -> tuple[lzma.LZMADecompressor, int]:
    """Return what unpacks LZMA in a ZIP (§5.8.8), and where its stream begins. Raises DamagedError."""
    size = int.from_bytes(packed[2:4], "little")
    if size != _LZMA_PROPERTIES or len(packed) < 4 + size or packed[4] >= 9 * 5 * 5:
        raise DamagedError("damaged")
    rest, lc = divmod(packed[4], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(packed[5:9], "little")
    if dictionary > MAX_DICTIONARY_BYTES:
        raise DamagedError("method")
    stated = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": lc, "lp": lp, "pb": pb}
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[stated]), 4 + size
    except (lzma.LZMAError, ValueError):
        raise DamagedError("damaged") from None


def _by_machine(packed: bytes, machine: bz2.BZ2Decompressor | lzma.LZMADecompressor, budget: Budget) -> bytes:
    """Unpack one stream, counting while it goes. Raises DamagedError("damaged") and LimitExceededError."""
    pieces: list[bytes] = []
    feed, total = packed, 0
    try:
        while not machine.eof:
            piece = machine.decompress(feed, _CHUNK)
            feed = b""
            total += len(piece)
            budget.unpacked(len(piece), total, len(packed), len(packed))
            pieces.append(piece)
            if not piece and machine.needs_input:
                break
    except (OSError, EOFError, ValueError, lzma.LZMAError):
        raise DamagedError("damaged") from None
    return b"".join(pieces)


def inflate(packed: bytes, budget: Budget, window: int = zlib.MAX_WBITS) -> bytes:
    """Inflate, counting while it goes. Raises DamagedError("damaged") and LimitExceededError."""
    machine = zlib.decompressobj(window)
    pieces: list[bytes] = []
    rest, total = packed, 0
    try:
        while not machine.eof:
            piece = machine.decompress(rest, _CHUNK)
            total += len(piece)
            if not piece and not machine.unconsumed_tail:
                break
            rest = machine.unconsumed_tail
            budget.unpacked(len(piece), total, len(packed) - len(rest), len(packed))
            pieces.append(piece)
    except zlib.error:
        raise DamagedError("damaged") from None
    if not machine.eof and not pieces and packed:
        raise DamagedError("damaged")
    return b"".join(pieces)
