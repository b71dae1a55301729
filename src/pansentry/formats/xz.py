"""xz files (The .xz File Format 1.2.0): one or more streams with padding; and what was before it, ``.lzma`` files.

See :mod:`pansentry.formats.packed`. A ``.lzma`` file (LZMA SDK, "LZMA file format") has no magic: :func:`is_lzma` asks
its thirteen octets for what every packer writes.
"""

from __future__ import annotations

import lzma
import re

from pansentry.formats.container import Budget
from pansentry.formats.container_unpacking import MAX_DICTIONARY_BYTES
from pansentry.formats.format import Cuts, DocumentLimits, Embedded, Extract, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.packed import unpack

_PADDING = re.compile(rb"\0*+")


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the packed file. Raises DamagedError, LimitExceededError."""
    content, rest = _read(data, limits)
    behind = (Embedded(1, rest, "", "behind the file"),) if rest.strip(b"\0") else ()
    return Extract(embedded=(Embedded(0, content, "", "packed file"), *behind))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the file packed anew without what stood behind it; ``data`` itself if nothing is replaced."""
    if not replaced:
        return data
    content = replaced.get(0, b"") if 0 in replaced else _read(data, limits)[0]
    new = TAKEN_OUT.encode() if content is None else content
    return lzma.compress(new, lzma.FORMAT_ALONE if is_lzma(data) else lzma.FORMAT_XZ)


def is_lzma(data: bytes) -> bool:
    """Tell a ``.lzma`` file: properties lc 3, lp 0, pb 2; a dictionary of 2^n or 3 · 2^n; a size that is unknown or
    below 256 GiB; and the first octet of a range coder, which is 0."""
    if data[:1] != b"\x5d" or len(data) < 18 or data[13]:
        return False
    dictionary, size = int.from_bytes(data[1:5], "little"), int.from_bytes(data[5:13], "little")
    odd = dictionary // (dictionary & -dictionary) if dictionary else 0
    return dictionary >= 4096 and odd in (1, 3) and (size == (1 << 64) - 1 or size < 1 << 38)


def _read(data: bytes, limits: DocumentLimits) -> tuple[bytes, bytes]:
    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MAX_DICTIONARY_BYTES)

    if is_lzma(data):  # one stream, and nothing that would tell another one behind it
        return unpack(data, new, lambda _, at: -1 if at else 0, Budget(limits))
    return unpack(data, new, _start_of, Budget(limits))


def _start_of(data: bytes, at: int) -> int:
    """Return where a stream begins behind padding (§2.2)."""
    padding = _PADDING.match(data, at)
    start = padding.end() if padding else at
    return start if data.startswith(b"\xfd7zXZ\0", start) else -1
