"""Fuzz target: what is decoded blindly. Edits lower to disjoint ranges of the source, and what they mask is gone."""

from __future__ import annotations

import re

from pansentry.edits import Edit, apply
from pansentry.views import blind, data_uris, uu
from pansentry.views.bytes_reading import lower_bytes

MAX_LEN = 8192
_CHECKED = 8192


def check(data: bytes) -> None:
    """Decode whatever ``data`` holds and mask every long run of digits."""
    for reader in (blind.read, uu.read, data_uris.read):
        for reading in reader(data):
            assert 0 <= reading.start <= reading.end <= len(data)
            if len(data) > _CHECKED:
                continue
            edits = [
                Edit(m.start(), m.end(), b"X" * (m.end() - m.start())) for m in re.finditer(b"[0-9]{8,}", reading.data)
            ]
            written = apply(data, lower_bytes(reading, edits))
            assert bool(edits) == (written != data)
