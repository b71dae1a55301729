"""Fuzz target: HTML. Tokens cover the source, places lie inside it, masks spare markup, the fast strip is sound."""

from __future__ import annotations

import re

from pansentry.edits import Edit, apply
from pansentry.pan import find
from pansentry.pan.prefilter import may_hold_card_data, may_hold_card_data_bytes
from pansentry.views import html
from pansentry.views.html_prefilter import strip_for_prefilter
from pansentry.views.html_tokens import Kind, Mode, tokenize
from pansentry.views.reading import lower

MAX_LEN = 4096


_CHECKED = 2048  # longer inputs (cost tests) are read, but not masked digit by digit


def check(data: bytes) -> None:
    """Read ``data`` in every mode and mask every digit of every reading."""
    text = data.decode("utf-8", "surrogateescape")
    for mode in Mode:
        position = 0
        for token in tokenize(text, mode).items:
            assert token.start == position < token.end
            position = token.end
        assert position == len(text)
    readings = html.read(text)
    stripped = strip_for_prefilter(text.encode("utf-8", "surrogateescape"))
    if len(text) > _CHECKED:
        return
    rings = may_hold_card_data_bytes(data) or may_hold_card_data_bytes(stripped)
    for reading in readings:
        assert rings or not may_hold_card_data(reading.text) or not find(reading.text), reading.name
        assert len(reading.text) == len(reading.starts) == len(reading.ends)
        assert all(0 <= s <= e <= len(text) for s, e in zip(reading.starts, reading.ends, strict=True))
        edits = [Edit(m.start(), m.end(), "X") for m in re.finditer("[0-9]", reading.text)]
        masked = apply(text, lower(reading, edits))
        if reading.name in ("shown", "joined", "visible", "plain-sight"):
            assert _markup(masked) == _markup(text)


def _markup(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokenize(text).items if token.kind in _MARKUP]


_MARKUP = (Kind.START, Kind.END, Kind.COMMENT)
