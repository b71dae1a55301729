"""A stretch of folded text with what is written around the numbers: labels, lines, columns.

Labels are looked for once, when first asked for. All questions look at most a fixed distance away, so text far away
changes no answer, and every question costs a bounded number of steps.
"""

from __future__ import annotations

import bisect
import functools
import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.labels import Hit, find_labels, labels_of
from pansentry.pan.numerals import said_places
from pansentry.pan.vocabulary import Role, is_solid
from pansentry.pan.words import Words, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.vocabulary import Vocabulary

_HEADING = 8  # words at most
_NO_HEAD = re.compile(r"(?<![0-9,.])[0-9]{1,4},[0-9]{2}(?![0-9,.])|[^\W\d_]:[ ][^\s,]")
"""Sums, or "name: value": no heading of a column."""
CONTEXT = 300  # characters: the distance Microsoft Purview's rules use too
_LINE = 200  # a label further away on the same line does not speak of the number
_MAX_HEADER_LINES = 60
_MAX_ROW = 600
_FAR = 2000  # characters: more than the lines below a label in which its value may stand
_FAR_ABOVE = 8000  # and those above
_REACH = 160  # and more than between a label and the value that is bridged to
_DIGITS = re.compile(r"[0-9]+")
_MASKED = re.compile(r"(?<![x*#•])[x*#•]{4}(?:[ \-]?[x*#•]{4}){2}")
_ROLES = operator.attrgetter("roles")


@dataclass(slots=True)
class Scene:
    """``text`` from ``start`` to ``end`` is looked at; offsets are those of ``text``."""

    text: str
    start: int
    end: int
    vocabulary: Vocabulary
    labelled: bool = True
    _hits: tuple[Hit, ...] | None = None
    _starts: list[int] = field(default_factory=list)
    numbers: int = 0
    """How many numbers of a scheme's range and check digit stand here, once they have been looked for."""
    others: list[int] = field(default_factory=list)
    """Where numbers end that might be a card's but are said to be another thing's: in order, once cards are taken."""
    lines: dict[int, tuple[bool, int, int | None]] = field(default_factory=dict)
    """What :mod:`pansentry.pan.turns` has found out of the lines that begin at these places."""
    replies: dict[tuple[int, int], int | None] = field(default_factory=dict)
    """And where the digits begin that answer the lines at these places."""
    _groups: list[tuple[int, int]] | None = None
    _roles: int | None = None
    _words: Words | None = None
    _digits: list[int] | None = None
    _spoken: bool | None = None
    _all_near: bool = False
    _values: list[int] | None = None
    _tabled: bool | None = None
    _cards: list[int] | None = None
    _headers: dict[tuple[int, str], int] = field(default_factory=dict)
    _masked: bool | None = None

    @property
    def words(self) -> Words:
        """All words of the stretch."""
        if self._words is None:
            self._words = words_of(self.text, self.start, self.end)
        return self._words

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All labels of the stretch."""
        if self._hits is None:
            self._hits = labels_of(self.text, self.words, self.vocabulary)
            self._starts = [hit.start for hit in self._hits]
        return self._hits

    @property
    def groups(self) -> Sequence[tuple[int, int]]:
        """Where groups of digits stand in the stretch: looked for once, since four readers ask."""
        if self._groups is None:
            self._groups = [match.span() for match in _DIGITS.finditer(self.text, self.start, self.end)]
        return self._groups

    @property
    def roles(self) -> int:
        """What the labels of the stretch say, all together."""
        if self._roles is None:
            self._roles = functools.reduce(operator.or_, map(_ROLES, self.hits), 0)
        return self._roles

    @property
    def masked(self) -> bool:
        """Tell whether a card's number was masked in the stretch: it was there. Looked for once, not for each label."""
        if self._masked is None:
            self._masked = _MASKED.search(self.text, self.start, self.end) is not None
        return self._masked

    def between(self, start: int, end: int) -> tuple[Hit, ...]:
        """Return the labels that begin in ``start:end``."""
        hits = self.hits
        return hits[bisect.bisect_left(self._starts, start) : bisect.bisect_left(self._starts, end)]

    def at(self, start: int) -> Hit | None:
        """Return the label that begins exactly at ``start``."""
        found = self.between(start, start + 1)
        return found[0] if found else None

    def may_have_value(self, hit: Hit) -> bool:
        """Tell whether digits stand within reach of a label, or number words anywhere: 1 µs, where looking takes 30."""
        digits = self._digit_places() if self._digits is None else self._digits
        if self._all_near:
            return True
        index = bisect.bisect_left(digits, hit.start - _FAR_ABOVE)
        if index < len(digits) and digits[index] < hit.end + _FAR:
            return True
        if self._spoken is None:
            words = set(self.words.written)
            self._spoken = not words.isdisjoint(self.vocabulary.number_words) or any(map(is_solid, words))
        return self._spoken

    def may_precede_value(self, hit: Hit) -> bool:
        """Tell whether digits, a month or number words begin within reach behind a label: spares 5 µs of a look."""
        end = hit.end + _REACH
        if end > self.end:
            return True
        if self._values is None:
            self._values = sorted(self._digit_places() + said_places(self.words, self.vocabulary))
        index = bisect.bisect_left(self._values, hit.end)
        return index < len(self._values) and self._values[index] < end

    def _digit_places(self) -> list[int]:
        if self._digits is None:
            found = [start for start, _ in self.groups]
            found += [match.start() for match in _DIGITS.finditer(self.text, self.end, self.end + _FAR)]
            self._digits = found
            self._all_near = bool(found) and found[0] < self.start + _FAR and self.end - self.start <= _FAR_ABOVE
        return self._digits

    def line_start(self, position: int) -> int:
        """Return where the line of ``position`` begins, or a fixed distance before it."""
        floor = max(self.start, position - _LINE)
        cut = max(self.text.rfind("\n", floor, position), self.text.rfind("\r", floor, position))
        return cut + 1 if cut >= 0 else floor

    def line_end(self, position: int) -> int:
        """Return where the line of ``position`` ends, or a fixed distance after it."""
        cut = ceiling = min(len(self.text), position + _LINE)
        for mark in "\r\n":
            found = self.text.find(mark, position, cut)
            cut = found if found >= 0 else cut
        return min(cut, ceiling)

    def breaks_behind(self, position: int) -> bool:
        """Tell whether a line ends as near behind ``position`` as :meth:`line_end` looks."""
        end = position + _LINE + 1
        return self.text.find("\n", position, end) >= 0 or self.text.find("\r", position, end) >= 0

    def previous_line(self, position: int) -> tuple[int, int] | None:
        """Return the last line before that of ``position`` which is not blank, at most two lines up."""
        start = self.line_start(position)
        for _ in range(3):
            if start <= max(self.start, 0) or self.text[start - 1] not in "\r\n":
                return None
            end = start - 1
            start = self.line_start(end)
            if self.text[start:end].strip(" \t>|*-"):
                return start, end
        return None

    def card_words_near(self, start: int, end: int, distance: int = CONTEXT) -> bool:
        """Tell whether words about a payment card, its code or its expiry stand within ``distance``."""
        if not self.labelled:
            return False
        if self._cards is None:
            wanted = Role.CARD | Role.CARD_WEAK | Role.CODE
            self._cards = [hit.start for hit in self.hits if hit.roles & wanted and not hit.roles & Role.NOT_CARD]
        places = self._cards
        for first, last in ((start - distance, start), (end, end + distance)):
            index = bisect.bisect_left(places, first)
            if index < len(places) and places[index] < last:
                return True
        return False

    def column_hits(self, position: int) -> tuple[Hit, ...]:
        """Return the labels of the head of the table column that ``position`` stands in, if it stands in a table.

        A table is a block of lines that share a delimiter (tab, ``|``, ``;``, ``,``); its head is its first line.
        """
        text = self.text
        if not self._may_be_table():
            return ()
        start = max(text.rfind("\n", max(0, position - _MAX_ROW), position) + 1, 0)
        end = text.find("\n", position, position + _MAX_ROW)
        row = text[start : end if end >= 0 else min(len(text), position + _MAX_ROW)]
        delimiter = next((mark for mark in "\t|;," if mark in row), None)
        if delimiter is None:
            return ()
        header = self._header(start, delimiter)
        if header == start:
            return ()
        column = text.count(delimiter, start, position)
        stop = text.find("\n", header)
        fields = text[header:stop].split(delimiter)
        if delimiter == "," and (
            max(len(field.split()) for field in fields) > _HEADING or _NO_HEAD.search(text, header, stop)
        ):
            return ()  # a sentence with commas, or sums in a row
        if column >= len(fields) or (delimiter != "\t" and 2 * (row.count(delimiter) + 1) < len(fields)):
            return ()  # a line of few fields ("note;…") is no row of it; a sheet's ends with its last cell
        begin = header + sum(len(field) + 1 for field in fields[:column])
        return find_labels(text, begin, begin + len(fields[column]), self.vocabulary)

    def _may_be_table(self) -> bool:
        """Tell whether the stretch has a mark that parts columns, and a line above its last one; asked once."""
        if self._tabled is None:
            part = self.text[max(0, self.start - _MAX_ROW) : self.end + _MAX_ROW]
            self._tabled = self.text.find("\n", 0, self.end) >= 0 and any(mark in part for mark in "\t|;,")
        return self._tabled

    def table_head(self, position: int) -> tuple[int, int] | None:
        """Return the first line of the table that ``position`` stands in, if it stands in one, below its head."""
        text = self.text
        start = max(text.rfind("\n", max(0, position - _MAX_ROW), position) + 1, 0)
        delimiter = next((mark for mark in "\t|;," if text.find(mark, start, position) >= 0), None)
        if delimiter is None:
            return None
        header = self._header(start, delimiter)
        stop = text.find("\n", header, header + _MAX_ROW)
        return None if header == start or stop < 0 else (header, stop)

    def _header(self, start: int, delimiter: str) -> int:
        """Return where the first line of the block around the line at ``start`` begins."""
        walked = []
        for _ in range(_MAX_HEADER_LINES):
            if (start, delimiter) in self._headers:
                start = self._headers[start, delimiter]
                break
            walked.append(start)
            if start <= 0:
                break
            above = max(self.text.rfind("\n", max(0, start - 1 - _MAX_ROW), start - 1) + 1, 0)
            if delimiter not in self.text[above : start - 1]:
                break
            start = above
        for line in walked:
            self._headers[line, delimiter] = start
        return start
