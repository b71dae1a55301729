"""What every reader's test does: find digits in a reading, mask them, look at the source again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.edits import Edit, apply
from pansentry.views.bytes_reading import lower_bytes
from pansentry.views.reading import lower

if TYPE_CHECKING:
    from pansentry.views.bytes_reading import BytesReading
    from pansentry.views.reading import Reading


def named(readings: tuple[Reading, ...], name: str) -> Reading:
    """Return the one reading of that name."""
    (found,) = (reading for reading in readings if reading.name == name)
    return found


def masked(source: str, reading: Reading, pattern: str = r"\d") -> str:
    """Return the source with every match in the reading masked by as many X."""
    edits = [Edit(m.start(), m.end(), "X" * (m.end() - m.start())) for m in re.finditer(pattern, reading.text)]
    assert edits
    return apply(source, lower(reading, edits))


def masked_bytes(source: bytes, reading: BytesReading, pattern: bytes = rb"[0-9]{8,}") -> bytes:
    """Return the source with every match in the reading masked by as many X."""
    edits = [Edit(m.start(), m.end(), b"X" * (m.end() - m.start())) for m in re.finditer(pattern, reading.data)]
    assert edits
    return apply(source, lower_bytes(reading, edits))
