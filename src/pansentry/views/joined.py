"""Texts that a reader shows one after the other, read on from one into the next.

In: the Subject and the text leaves of a message, in order. Out: one view of their ends and beginnings joined by a line
break, so that a number which is written across them is found; each piece goes back to its own source. Only so much of
each piece is taken as a split number can reach: ``WINDOW`` characters at either end, all of a short one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.edits import Edit
from pansentry.mime.source import Source, Text
from pansentry.views.reading import Reading, lower
from pansentry.views.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = 160


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A text as a reader shows it; ``reading`` is None if it is shown as it stands."""

    source: Text
    reading: Reading | None

    @property
    def text(self) -> str:
        return self.source.text if self.reading is None else self.reading.text

    def lower(self, edits: Sequence[Edit[str]]) -> list[tuple[Source, Edit[bytes]]]:
        lowered = edits if self.reading is None else lower(self.reading, edits)
        return [(self.source, edit) for edit in self.source.raise_edits(lowered)]


def view(pieces: Sequence[Piece]) -> View | None:
    """Return the joined view of two or more pieces, None if there is nothing to join."""
    if len(pieces) < 2:
        return None
    windows: list[tuple[int, int, Piece, int]] = []  # start and end in the joined text, piece, offset in the piece
    texts: list[str] = []
    length = 0
    for piece in pieces:
        text = piece.text.rstrip(" \t\r\n")
        cuts = [(0, len(text))] if len(text) <= 2 * WINDOW else [(0, WINDOW), (len(text) - WINDOW, len(text))]
        for number, (start, end) in enumerate(cuts):
            if texts:
                glue = "\n\n…\n\n" if number else "\n"
                texts.append(glue)
                length += len(glue)
            texts.append(text[start:end])
            windows.append((length, length + end - start, piece, start))
            length += end - start

    def sink(edits: Sequence[Edit[str]]) -> Sequence[tuple[Source, Edit[bytes]]]:
        lowered: list[tuple[Source, Edit[bytes]]] = []
        for start, end, piece, offset in windows:
            mine = [cut for edit in edits if (cut := _cut(edit, start, end, offset)) is not None]
            if mine:
                lowered += piece.lower(mine)
        return lowered

    return View("".join(texts), "joined", "joined", sink)


def _cut(edit: Edit[str], start: int, end: int, offset: int) -> Edit[str] | None:
    """Return the part of an edit (as long as what it replaces) that falls on one window, as an edit of its piece."""
    first, last = max(edit.start, start), min(edit.end, end)
    if first >= last:
        return None
    new = edit.new[first - edit.start : last - edit.start] if len(edit.new) == edit.end - edit.start else edit.new
    return Edit(first - start + offset, last - start + offset, new)
