"""Edits: what is written in place of which range of a buffer.

The one currency of surgery. A mask that was decided on the text a reader sees sinks, layer by layer, to byte ranges
of the received message; each layer turns edits of what it derived into edits of what it was derived from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import AnyStr, Generic


@dataclass(frozen=True, slots=True, order=True)
class Edit(Generic[AnyStr]):
    """Write ``new`` in place of ``buffer[start:end]`` (half-open, offsets into the unedited buffer)."""

    start: int
    end: int
    new: AnyStr

    def __repr__(self) -> str:  # the new text is harmless, but stays out of logs all the same
        return f"Edit({self.start}, {self.end}, {len(self.new)} units)"


def merge(edits: Iterable[Edit[AnyStr]]) -> tuple[Edit[AnyStr], ...]:
    """Sort edits, drop doubles, and join those that overlap, so that the result is disjoint and ascending.

    Two views can name the same digit; they then agree on what replaces it. Where edits overlap that keep the length,
    each position gets what replaces it, and no digit where the two disagree. Where others overlap the union is replaced
    by the longer replacement, which removes at least what each wanted removed. Of two that are alike but for what they
    write the first counts, so the order of ``edits`` (likeliest view first) decides, never chance.
    """
    merged: list[Edit[AnyStr]] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end)):
        last = merged[-1] if merged else None
        if last is None or edit.start > last.end or (edit.start == last.end and edit.start != last.start):
            merged.append(edit)
        elif _keeps_length(edit) and _keeps_length(last):
            merged[-1] = _overlay(last, edit)
        elif (edit.start, edit.end) != (last.start, last.end):
            longer = max(edit, last, key=lambda e: len(e.new))
            merged[-1] = Edit(last.start, max(last.end, edit.end), longer.new)
    return tuple(merged)


def _keeps_length(edit: Edit[AnyStr]) -> bool:
    return len(edit.new) == edit.end - edit.start


def _overlay(first: Edit[AnyStr], second: Edit[AnyStr]) -> Edit[AnyStr]:
    """Join two overlapping edits that keep the length; ``first`` starts no later than ``second``."""
    offset = second.start - first.start
    shared = min(first.end, second.end) - second.start
    head, tail = first.new[:offset], first.new[offset + shared :] or second.new[shared:]
    pairs = zip(range(offset, offset + shared), range(shared), strict=True)
    both = [(first.new[i : i + 1], second.new[j : j + 1]) for i, j in pairs]
    middle = first.new[:0].join(theirs if ours.isdigit() else ours for ours, theirs in both)
    return Edit(first.start, max(first.end, second.end), head + middle + tail)


def apply(buffer: AnyStr, edits: Sequence[Edit[AnyStr]]) -> AnyStr:
    """Return ``buffer`` with disjoint, ascending ``edits`` carried out; the very same object if there are none."""
    if not edits:
        return buffer
    pieces: list[AnyStr] = []
    position = 0
    for edit in edits:
        assert position <= edit.start <= edit.end <= len(buffer), "edits must be disjoint, ascending and inside"
        pieces += (buffer[position : edit.start], edit.new)
        position = edit.end
    pieces.append(buffer[position:])
    return buffer[:0].join(pieces)
