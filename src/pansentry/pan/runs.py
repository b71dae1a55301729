"""Digit groups and the gaps between them: where a number may begin and end.

A run is a row of digit groups with at most :data:`MAX_GAP` characters of separators between two of them. Windows are
cut at group edges only, never by one greedy match: "3782 822463 10005\\n3 people" holds a card and a 3, and a year or a
list number in front must not eat the card. A window has at most 19 groups, so the work per group is bounded.
"""

from __future__ import annotations

import enum
import functools
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from pansentry.pan.brands import MAX_DIGITS, MIN_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_GAP = 5
MAX_LINE_GAP = 14  # a line break with reply marks: "\r\n> > > "

GROUP = re.compile(r"[0-9]+")
_LINE_GAP = re.compile(r"[ \t,;.\-]{0,3}(?:\r\n?|\n)[ \t]{0,4}(?:[>|*•-][ \t]?){0,4}")


class Gap(enum.IntEnum):
    """How two groups are kept apart, from the most to the least usual inside one number."""

    SPACE = 0
    DASH = 1
    MARK = 2  # one of . _ * · • + ~ = or several
    WIDE = 3  # comma, slash, colon, tab, bracket …
    LINE = 4
    BREAK = 9  # letters, or too far: not one number


class Group(NamedTuple):
    """Digits at ``start:end``; ``gap`` is what stands before them. A tuple, because a table has thousands."""

    start: int
    end: int
    digits: str
    gap: Gap


_group = functools.partial(tuple.__new__, Group)
_USUAL = {
    " ": Gap.SPACE,
    "  ": Gap.SPACE,
    "-": Gap.DASH,
    ".": Gap.MARK,
    "_": Gap.MARK,
    "\n": Gap.LINE,
    "\r\n": Gap.LINE,
}
_USUAL |= dict.fromkeys(",;:/", Gap.WIDE)
_USUAL |= dict.fromkeys(("][", "] [", ")(", ") ("), Gap.MARK)  # one digit to a box of a form
_MARKS = frozenset("._*·•+~=>→‧∙⋅◦–")
_DASHES = frozenset("-")


def gap_of(between: str) -> Gap:
    """Classify the text between two groups."""
    usual = _USUAL.get(between)
    if usual is not None:
        return usual
    if len(between) > MAX_LINE_GAP:
        return Gap.BREAK
    if "\n" in between or "\r" in between:
        return Gap.LINE if _LINE_GAP.fullmatch(between) else Gap.BREAK
    if len(between) > MAX_GAP and between.strip(" \t"):
        return Gap.BREAK
    if len(between) > 2 * MAX_GAP:
        return Gap.BREAK
    if between.isalpha():
        return Gap.BREAK
    marks = frozenset(between) - {" "}
    if not marks:
        return Gap.SPACE
    if marks <= _DASHES:
        return Gap.DASH
    if marks <= _MARKS | _DASHES:
        return Gap.MARK
    return Gap.BREAK if any(mark.isalnum() for mark in marks) else Gap.WIDE


def rows_around(
    text: str, start: int, end: int, found: Sequence[tuple[int, int, str]]
) -> Iterator[tuple[list[Group], list[tuple[int, int, str]]]]:
    """Yield the rows around stretches of groups, each with ``(first, last, digits)`` of those that it holds.

    ``found`` are ``(start, end, digits)`` in order. A row is read as far as anything beside a number matters, so that
    a table of numbers is not taken apart for the few that pass for a card's.
    """
    at = 0
    while at < len(found):
        low, high = max(start, found[at][0] - _AROUND), found[at][1] + _AROUND
        stop = at + 1
        while stop < len(found) and found[stop][0] - _AROUND <= high:
            high = max(high, found[stop][1] + _AROUND)
            stop += 1
        low, high = _past_digits(text, low, start, -1), _past_digits(text, min(high, end), end, 1)
        for row in _runs(text, low, high):
            begins = {group.start: index for index, group in enumerate(row)}
            ends = {group.end: index for index, group in enumerate(row)}
            first = bisect_left(found, (row[0].start,), at, stop)
            last = bisect_left(found, (row[-1].end,), first, stop)
            held = [one for one in found[first:last] if one[1] <= row[-1].end]
            if held:
                yield row, [(begins[begin], ends[finish], digits) for begin, finish, digits in held]
        at = stop


_AROUND = 400  # characters: more than twenty groups of one digit, which is as far as a look beside a number goes
_MOST_DIGITS = 40


def _past_digits(text: str, position: int, limit: int, step: int) -> int:
    """Move a cut out of a group of digits, or forty digits into a very long one."""
    for _ in range(_MOST_DIGITS):
        if position == limit or not (text[position - 1].isdigit() and text[position : position + 1].isdigit()):
            break
        position += step
    return position


def _runs(text: str, start: int, end: int) -> Iterator[list[Group]]:
    row: list[Group] = []
    digits = 0
    previous = start
    for match in GROUP.finditer(text, start, end):
        at, stop = match.span()
        gap = _USUAL.get(between := text[previous:at]) if row else Gap.BREAK
        if gap is None:
            gap = gap_of(between)
        if gap is Gap.BREAK and row:
            if digits >= MIN_DIGITS:
                yield row
            row, digits = [], 0
        row.append(_group((at, stop, match[0], gap)))
        digits += stop - at
        previous = stop
    if digits >= MIN_DIGITS:
        yield row


def windows(row: list[Group], begins: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    """Yield ``(first, last, digits)`` for stretches of whole groups of a number's length that begin at ``begins``."""
    for first in begins:
        digits = row[first].digits
        last = first
        while len(digits) <= MAX_DIGITS:
            if len(digits) >= MIN_DIGITS:
                yield first, last, digits
            last += 1
            if last >= len(row):
                break
            digits += row[last].digits
