"""Fuzz target: header values. Encoded words and parameters read the same after an edit, with the digits masked."""

from __future__ import annotations

import re

from pansentry.edits import Edit, apply
from pansentry.views import encoded_words, parameters
from pansentry.views.reading import lower

MAX_LEN = 2048
_CHECKED = 2048


def check(data: bytes) -> None:
    """Read ``data`` as a header value and mask every digit of every reading."""
    text = data.decode("utf-8", "surrogateescape")
    for reader in (encoded_words.read, parameters.read):
        for reading in reader(text):
            assert len(reading.text) == len(reading.starts) == len(reading.ends)
            if len(text) > _CHECKED:
                continue
            assert all(0 <= s <= e <= len(text) for s, e in zip(reading.starts, reading.ends, strict=True))
            edits = [Edit(m.start(), m.end(), "X") for m in re.finditer("[0-9]{4,}", reading.text)]
            apply(text, lower(reading, edits))
