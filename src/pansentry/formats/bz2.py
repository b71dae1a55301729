"""bzip2 files: one or more streams; see :mod:`pansentry.formats.packed`."""

from __future__ import annotations

import bz2

from pansentry.formats.container import Budget
from pansentry.formats.format import Cuts, DocumentLimits, Embedded, Extract, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.packed import unpack


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
    return bz2.compress(TAKEN_OUT.encode() if content is None else content)


def _read(data: bytes, limits: DocumentLimits) -> tuple[bytes, bytes]:
    return unpack(data, bz2.BZ2Decompressor, _start_of, Budget(limits))


def _start_of(data: bytes, at: int) -> int:
    return at if data.startswith(b"BZh", at) else -1
