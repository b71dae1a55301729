"""A text that was read from several places of a document, with the way back for cuts.

In: pieces in the order of the screen: kept from a part one for one, decoded (one character for several of the part),
owned (text that something else writes, such as a numeric cell), or made up (a line break between rows). Out: the text
of a :class:`~pansentry.formats.format.Passage`, and :meth:`Woven.lower`, which gives each place the edits of it.

Only characters that change are written, so a mask that keeps the last four digits leaves these as they are spelt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pansentry.errors import DamagedError
from pansentry.formats.format import CANNOT_REWRITE

if TYPE_CHECKING:
    from pansentry.edits import Edit


class Sink(Protocol):
    """What takes edits: a part, a cell."""

    def write(self, start: int, end: int, new: str) -> None:
        """Write ``new`` in place of ``start:end`` of the sink's own text."""
        ...


class ReadOnly:
    """A sink that nothing can be written to."""

    def write(self, start: int, end: int, new: str) -> None:
        """Refuse. Raises DamagedError."""
        raise DamagedError(CANNOT_REWRITE)


READ_ONLY = ReadOnly()


class Woven:
    """Pieces of one passage, left to right. ``end`` is the last character, ``""`` at the start.

    Without ``track`` there is no way back, and the memory is that of the text.
    """

    __slots__ = ("_at", "_pieces", "_runs", "_track", "end", "length")

    def __init__(self, *, track: bool = True) -> None:
        self._track = track
        self._pieces: list[str] = []
        self._at: list[int] = []
        self._runs: list[tuple[Sink | None, int, int]] = []  # sink, where in it, width there (0: one for one)
        self.length = 0
        self.end = ""

    def _add(self, text: str, sink: Sink | None, start: int, width: int) -> None:
        if text:
            self._pieces.append(text)
            if self._track:
                self._at.append(self.length)
                self._runs.append((sink, start, width))
            self.length += len(text)
            self.end = text[-1]

    def keep(self, text: str, sink: Sink, start: int) -> None:
        """Show ``text`` that stands at ``start`` of ``sink`` character for character."""
        self._add(text, sink, start, 0)

    def put(self, character: str, sink: Sink, start: int, end: int) -> None:
        """Show one character for ``start:end`` of ``sink``."""
        self._add(character[:1], sink, start, end - start)

    def make_up(self, text: str) -> None:
        """Show text that stands nowhere."""
        self._add(text, None, 0, 0)

    def decoded(self, raw: str, sink: Sink, start: int, escapes: re.Pattern[str], meaning: Decode) -> None:
        """Show ``raw``, which stands at ``start`` of ``sink``, with what ``escapes`` matches as ``meaning`` says."""
        position = 0
        for match in escapes.finditer(raw):
            self.keep(raw[position : match.start()], sink, start + position)
            self.put(meaning(match), sink, start + match.start(), start + match.end())
            position = match.end()
        self.keep(raw[position:], sink, start + position)

    @property
    def text(self) -> str:
        """What was woven so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def copy(self, other: Woven, index: int) -> None:
        """Show one character of another passage, from where that one shows it."""
        character = other.text[index]
        if not other._track:
            self.make_up(character)
            return
        run = bisect_right(other._at, index) - 1
        sink, start, width = other._runs[run]
        self._add(character, sink, start + (0 if width else index - other._at[run]), width)

    def lower(self, edits: Sequence[Edit[str]]) -> None:
        """Give every place the edits that fall on it; what falls on made-up characters is dropped.

        Raises DamagedError for a replacement of another length.
        """
        text = self.text
        for edit in edits:
            if len(edit.new) != edit.end - edit.start:
                raise DamagedError(CANNOT_REWRITE)
            index = edit.start
            while index < edit.end:
                run = bisect_right(self._at, index) - 1
                stop = min(edit.end, self._at[run + 1] if run + 1 < len(self._at) else self.length)
                sink, start, width = self._runs[run]
                if sink is not None:
                    new = edit.new[index - edit.start : stop - edit.start]
                    if width:
                        if new != text[index:stop]:
                            sink.write(start, start + width, new)
                    else:
                        _write_changed(sink, start + index - self._at[run], text[index:stop], new)
                index = stop


def _write_changed(sink: Sink, start: int, old: str, new: str) -> None:
    """Write the stretches in which ``new`` differs from ``old``."""
    position = 0
    while position < len(old):
        if old[position] == new[position]:
            position += 1
            continue
        end = position + 1
        while end < len(old) and old[end] != new[end]:
            end += 1
        sink.write(start + position, start + end, new[position:end])
        position = end


RIGHT_TO_LEFT, POP = "\u202e", "\u202c"
_OVERRIDDEN = re.compile(f"{RIGHT_TO_LEFT}([^{POP}\\n]*+)")
MAX_OVERRIDDEN = 100_000


def visual(woven: Woven) -> Woven | None:
    """Return a passage in the order of the screen where an override turns it round (UAX #9 §2.2), None without one."""
    text = woven.text
    if RIGHT_TO_LEFT not in text:
        return None
    turned = Woven()
    position = 0
    for match in _OVERRIDDEN.finditer(text):
        order = [*range(position, match.start()), *reversed(range(match.start(1), match.end()))]
        for index in order[:MAX_OVERRIDDEN]:
            turned.copy(woven, index)
        position = match.end()
    for index in range(position, min(len(text), position + MAX_OVERRIDDEN)):
        turned.copy(woven, index)
    return turned


class Decode(Protocol):
    """What an escape stands for."""

    def __call__(self, match: re.Match[str], /) -> str: ...
