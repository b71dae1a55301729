"""gzip files (RFC 1952): one or more members, of which the first may have a name, a comment and an extra field.

In: a file. Out: what is packed, the name and the comment; and back. Known gap: name and comment of later members are
read with everything else that the raw search of the proof sees, not as passages; no reader shows them.
"""

from __future__ import annotations

import struct
import zlib

from pansentry.edits import apply
from pansentry.errors import DamagedError
from pansentry.formats.container import Budget
from pansentry.formats.format import Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.packed import feeds

_NAME, _COMMENT, _EXTRA = 0, 1, 2
_HAS_CRC, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 2, 4, 8, 16
_CHUNK = 1 << 20


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the packed file and what its header says. Raises DamagedError, LimitExceededError."""
    said, _ = _header(data)
    content, rest = _unpack(data, Budget(limits))
    names = {_NAME: "name", _COMMENT: "comment", _EXTRA: "fields"}
    passages = tuple(Passage(key, text.decode("latin-1"), names[key]) for key, text in said.items() if text)
    name = said.get(_NAME, b"").decode("latin-1").removesuffix(".gz")
    behind = (Embedded(1, rest, "", "behind the file"),) if rest.strip(b"\0") else ()
    return Extract(passages, (Embedded(0, content, name, "packed file"), *behind))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the file with its header cut and packed anew, ``data`` itself if nothing is to do."""
    if not cuts and not replaced:
        return data
    said, _ = _header(data)
    content = replaced[0] if 0 in replaced else _unpack(data, Budget(limits))[0]
    if content is None:
        content = TAKEN_OUT.encode("ascii")
    said = {key: apply(text.decode("latin-1"), cuts.get(key, ())).encode("latin-1") for key, text in said.items()}
    flags = _HAS_NAME * bool(said.get(_NAME)) | _HAS_COMMENT * bool(said.get(_COMMENT))
    head = b"\x1f\x8b\x08" + bytes([flags]) + data[4:10]
    head += b"".join(said[key] + b"\0" for key in (_NAME, _COMMENT) if said.get(key))
    machine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = machine.compress(content) + machine.flush()
    return head + packed + struct.pack("<2L", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _header(data: bytes, at: int = 0) -> tuple[dict[int, bytes], int]:
    """Return what a member's header says, and where it ends. Raises DamagedError."""
    if data[at : at + 3] != b"\x1f\x8b\x08" or len(data) < at + 18:
        raise DamagedError("damaged")
    flags, position, said = data[at + 3], at + 10, {}
    if flags & _HAS_EXTRA:
        size = int.from_bytes(data[position : position + 2], "little")
        said[_EXTRA] = data[position + 2 : position + 2 + size]
        position += 2 + size
    for flag, key in ((_HAS_NAME, _NAME), (_HAS_COMMENT, _COMMENT)):
        if flags & flag:
            end = data.find(b"\0", position)
            if end < 0:
                raise DamagedError("damaged")
            said[key] = data[position:end]
            position = end + 1
    return said, position + 2 * bool(flags & _HAS_CRC)


def _unpack(data: bytes, budget: Budget) -> tuple[bytes, bytes]:
    """Return what all members hold, one after the other, and what stands behind them."""
    pieces: list[bytes] = []
    at = total = 0
    while data.startswith(b"\x1f\x8b", at):
        budget.member()
        machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
        start, more = at, feeds(data, at)
        while not machine.eof:
            given = machine.unconsumed_tail
            if not given:
                given = next(more, b"")
                at += len(given)
            try:
                piece = machine.decompress(given, _CHUNK)
            except zlib.error:
                if not start:
                    raise DamagedError("damaged") from None
                return b"".join(pieces), data[start:]
            total += len(piece)
            budget.unpacked(len(piece), total, at, len(data))
            pieces.append(piece)
            if not piece and not given:
                return b"".join(pieces), b""  # cut off: what came out is what a reader gets
        at -= len(machine.unused_data)
    return b"".join(pieces), data[at:]
