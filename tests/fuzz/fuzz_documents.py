"""Fuzz target: documents. Whatever the bytes are, a reader gives passages, or one of two exceptions; uncut, the object.

The kind is told by the content, as everywhere. Pictures are left out: what reads them is not ours.
"""

from __future__ import annotations

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import recognise, registry
from pansentry.limits import DocumentLimits

MAX_LEN = 16 * 1024
TIMEOUT_S = 8
LIMITS = DocumentLimits(
    max_depth=3, max_members=200, max_total_bytes=4 * 1024 * 1024, max_pages=20, max_pixels=1_000_000
)
READERS = {kind: registry.format_of(kind) for kind in registry.MODULES if kind not in registry.PICTURES}
"""Imported here, so that they are instrumented."""


def check(data: bytes) -> None:
    """Extract every kind that the bytes are, twice; nothing cut gives the same object back."""
    for kind in recognise.kinds(data):
        reader = READERS.get(kind)
        if reader is None:
            continue
        try:
            extract = reader.extract(data, LIMITS)
            assert reader.rewrite(data, {}, {}, LIMITS) is data
            keys = [passage.key for passage in extract.passages] + [inner.key for inner in extract.embedded]
            assert all(isinstance(key, int) for key in keys)
            again = reader.extract(data, LIMITS)
            assert [(p.key, p.text) for p in again.passages] == [(p.key, p.text) for p in extract.passages]
        except (DamagedError, LimitExceededError):
            continue
