"""xz files (The .xz File Format 1.2.0): one or more streams with padding; see :mod:`pansentry.formats.packed`."""

from __future__ import annotations

import lzma

from pansentry.formats.container import Budget
from pansentry.formats.format import Cuts, DocumentLimits, Embedded, Extract, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.packed import unpack

_DICTIONARY_BYTES = 96 * 1024 * 1024
"""``xz -9`` asks for 65 MiB to unpack; a header may ask for 4 GiB."""


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
    return lzma.compress(TAKEN_OUT.encode() if content is None else content)


def _read(data: bytes, limits: DocumentLimits) -> tuple[bytes, bytes]:
    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY_BYTES)

    return unpack(data, new, lambda rest: rest.lstrip(b"\0").startswith(b"\xfd7zXZ\0"), Budget(limits))
