"""Fuzz target: the tree of parts. Any bytes give a message whose spans lie inside their source, the same each time."""

from __future__ import annotations

from pansentry.limits import Limits
from pansentry.mime import read

LIMITS = Limits(max_parts=60, max_depth=8, max_header_bytes=16 * 1024, max_header_fields=200)
MAX_LEN = 8192


def check(data: bytes) -> None:
    """Read ``data`` twice and look at every part."""
    message = read(data, LIMITS)
    assert message.raw is data
    count = 0
    for part in message.walk():
        count += 1
        size = len(part.source.data)
        assert 0 <= part.start <= part.fields_end <= part.body_start <= size
        assert part.body_start <= part.body_end <= size
        for field in part.fields:
            assert part.start <= field.start <= field.value <= max(field.end, field.value) <= size
        for span in (part.preamble, part.epilogue, *part.content.values()):
            assert 0 <= span[0] <= span[1] <= size
        if part.is_leaf:
            message.leaf(part).data  # noqa: B018 (decoding is what is tried)
    assert count <= LIMITS.max_parts + 1
    again = read(data, LIMITS)
    assert (again.ambiguities, again.unreadable) == (message.ambiguities, message.unreadable)
