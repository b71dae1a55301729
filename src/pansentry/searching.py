"""Texts of one message searched for card data: each once, whichever view shows it and however often it is read.

In: views, one after the other; then texts of the message as redacted. Out: hits, and what is found in a text. What was
searched is remembered with the inspection, since the proof reads again what no edit touched: most fields of a header,
the parts without a finding, and each text that the witness shows as our own reading does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry import pan
from pansentry.redaction import Hit

if TYPE_CHECKING:
    from pansentry.views import View

_NUMBERS = frozenset((pan.Kind.PAN, pan.Kind.TRACK))


class Search:
    """Finds card data as one policy wants it found, with one thing known of the message: nothing else is remembered.

    ``hits`` are the findings in the views that were taken; ``is_cut_short`` tells that there were more than ``most``.
    """

    __slots__ = ("_searched", "hits", "is_cut_short", "known", "most", "options")

    def __init__(self, options: pan.DetectOptions, known: pan.Known, most: int) -> None:
        self.options = options
        self.known = known
        self.most = most
        self.hits: list[Hit] = []
        self.is_cut_short = False
        self._searched: dict[str, pan.Searched] = {}

    def is_like(self, other: Search) -> bool:
        """Tell whether another search would find the same: as much is wanted, known and allowed."""
        return (self.options, self.known, self.most) == (other.options, other.known, other.most)

    def take(self, view: View) -> bool:
        """Search a view; say whether a card number is in it. Nothing is searched when there was too much."""
        if self.is_cut_short:
            return False
        searched = self._search(view.text, max(0, self.most - len(self.hits)))
        self.hits += [Hit(view, finding) for finding in searched.findings]
        self.is_cut_short = searched.is_cut_short or len(self.hits) > self.most
        return any(finding.kind in _NUMBERS for finding in searched.findings)

    def find(self, text: str) -> tuple[pan.Finding, ...]:
        """Return what is in a text, without taking it for a part of the message."""
        return self._search(text, self.most).findings

    def _search(self, text: str, room: int) -> pan.Searched:
        searched = self._searched.get(text)
        if searched is None or searched.is_cut_short or len(searched.findings) > room:
            searched = self._searched[text] = pan.search(text, self.options, self.known, room)
        return searched
