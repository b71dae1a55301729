"""What stands between two texts of a page: a line break, a tab, or nothing.

In: the gaps between two texts in their order: the edge of a block, a row, a cell, ``<br>``. Out: the characters made up
for them, each at its place. A block that begins or ends where its cell does makes no line of its own: Word and Outlook
write ``<td><p>4711</p></td>`` for every cell, and what stands in a row shall stand under its heads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.views.reading import Weaver


class Gaps:
    """The gaps since the last text. What is made up for them is known when the next text comes."""

    __slots__ = ("_is_loose", "_made_up", "_weaver")

    def __init__(self, weaver: Weaver) -> None:
        self._weaver = weaver
        self._made_up: list[tuple[str, int]] = []
        self._is_loose = True
        """Nothing but blocks and line breaks so far: a cell that begins or ends here takes their place."""

    @property
    def last(self) -> str:
        """The last character so far, made up or not."""
        return self._made_up[-1][0] if self._made_up else self._weaver.last

    def block(self, at: int) -> None:
        """Pass the edge of a block: a line ends, if it has not ended yet."""
        if self.last not in "\n\t":
            self._made_up.append(("\n", at))

    def row(self, at: int) -> None:
        """Pass the edge of a row or a table: the same, and no cell takes its place."""
        self.block(at)
        self._is_loose = False

    def line(self, at: int) -> None:
        """Pass a ``<br>``: a line ends, even if it has."""
        self._made_up.append(("\n", at))

    def cell(self, at: int) -> None:
        """Pass the beginning of a cell: a tab, unless a row or another cell has just begun."""
        if self._made_up and self._is_loose:
            self._made_up.clear()
        if self.last not in "\n\t":
            self._made_up.append(("\t", at))
        self._is_loose = False

    def close(self) -> None:
        """Make up what is due: a text follows, or the page ends."""
        for text, at in self._made_up:
            self._weaver.make_up(text, at)
        self._made_up.clear()
        self._is_loose = True
