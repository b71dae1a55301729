"""What a card still lacks: a code or expiry date near it whose label is misspelt, or that fills a line of its own.

Asked only for a card number without a code or date of its own, so text without cards costs nothing. Words before a
number count if they are a label but for a slip or two: a letter too many, too few, wrong, or two changed places
(Damerau 1964), with the first letter right. Short words are never guessed.
"""

from __future__ import annotations

import bisect
import functools
import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at, starts_inside
from pansentry.pan.finding import Kind
from pansentry.pan.neighbours import code_at
from pansentry.pan.periods import begins
from pansentry.pan.turns import turn_at
from pansentry.pan.value import UNITS, Value
from pansentry.pan.vocabulary import TOKEN, Role
from pansentry.pan.written import LETTER_FIRST, figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene
    from pansentry.pan.vocabulary import Vocabulary

_BEFORE = 160
_BEHIND = 240
_MAX_WORDS = 3
_SLIP = 5  # words of fewer letters are not guessed
_SLIPS = 10  # from this length on two slips are forgiven
_STRANGE = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT | Role.CARD | Role.CARD_WEAK
_NUMBER = re.compile(rf"(?<![0-9./,\-:])[0-9]{{3,4}}(?![0-9])|{LETTER_FIRST.pattern}")
_DATE = re.compile(
    r"(?<![0-9])(?:0?[1-9]|1[0-2]) ?[/.\-_] ?(?:20)?[1-5][0-9](?![0-9])"
    r"|(?<![^\W\d_])[^\W\d_]{3,12}[ .'’/\-]{1,3}(?:20)?[2-4][0-9](?![0-9])"
)
_MAX_LEAD = 30
_REST_OF_LINE = re.compile(r"[ \t.,;)]{0,4}(?:[\r\n]|\Z)")


def lacking(
    scene: Scene, pans: Sequence[Candidate], found: Sequence[Value], weighed: Sequence[Value]
) -> Iterator[Value]:
    """Yield codes and dates for the cards that have none among ``found``; what was ``weighed`` is not asked again."""
    taken = sorted((value.start, value.end) for value in weighed)
    places = [value.start for value in found]
    for index, pan in enumerate(pans):
        floor = max(scene.start, pan.start - _BEFORE, pans[index - 1].end if index else 0)
        stop = min(scene.end, pan.end + _BEHIND, pans[index + 1].start if index + 1 < len(pans) else scene.end)
        near = {value.kind for value in found[bisect.bisect_left(places, floor) : bisect.bisect_left(places, stop)]}
        if Kind.CVV not in near and pan.brand.code_digits:
            yield from _codes(scene, pan, floor, stop, taken)
        if Kind.EXPIRY not in near:
            yield from _dates(scene, pan, floor, stop, taken)


def _codes(scene: Scene, pan: Candidate, floor: int, stop: int, taken: list[tuple[int, int]]) -> Iterator[Value]:
    length, text = pan.brand.code_digits, scene.text
    for match in _NUMBER.finditer(text, floor, stop):
        at = match.start()
        code = figures(match[0])
        if len(code) != length or _inside(at, taken, pan) or not (code != match[0] or code_at(text, at, length)):
            continue
        alone = at > pan.end and _turn(scene, at, match.end())
        if UNITS.match(text, match.end()) is None and (alone or _misspelt(scene, at, Role.CODE)):
            yield Value(Kind.CVV, at, match.end(), code, ["place-line" if alone else "label-misspelt"])
            return


def _dates(scene: Scene, pan: Candidate, floor: int, stop: int, taken: list[tuple[int, int]]) -> Iterator[Value]:
    text = scene.text
    for match in _DATE.finditer(text, floor, stop):
        at = match.start()
        found = date_at(text, at, scene.vocabulary.months)
        if found is None or _inside(at, taken, pan) or starts_inside(text, at) or begins(scene, at):
            continue
        if UNITS.match(text, found[0]) is not None or found[1][-2:] < "20":
            continue
        alone = at > pan.end and "/" in match[0] and _fills_line(scene, at, found[0])
        if alone or _misspelt(scene, at, Role.EXPIRY):
            yield Value(Kind.EXPIRY, at, *found, ["place-line" if alone else "label-misspelt"])
            return


def _fills_line(scene: Scene, start: int, end: int) -> bool:
    """Tell whether nothing else stands on the line, but for who says it and a few words and a mark before."""
    text = scene.text
    line = scene.line_start(start)
    match = turn_at(text, line, start)
    begin = match.end() if match is not None else line
    lead = text[begin:start]
    if _REST_OF_LINE.match(text, end) is None or any(c.isdigit() for c in lead) or len(lead) > _MAX_LEAD:
        return False
    if any(hit.roles & _STRANGE for hit in scene.between(line, start)):
        return False
    return not lead.strip(" \t>|*•-–") or lead.rstrip()[-1:] in ".,!:;-…"


def _turn(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a number is all that somebody says in a turn of a chat."""
    text = scene.text
    line = scene.line_start(start)
    match = turn_at(text, line, start)
    if match is None or not match["stamp"] or match.end() != start or _REST_OF_LINE.match(text, end) is None:
        return False
    return not any(hit.roles & _STRANGE for hit in scene.between(line, start))


def _inside(position: int, taken: Sequence[tuple[int, int]], pan: Candidate) -> bool:
    """Tell whether a place belongs to a card or to a value already weighed (``taken`` is sorted and disjoint)."""
    index = bisect.bisect_right(taken, position, key=lambda span: span[0])
    if index and position < taken[index - 1][1]:
        return True
    return any(start <= position < end for start, end in pan.spans)


def _misspelt(scene: Scene, position: int, role: int) -> bool:
    """Tell whether one of the last words before ``position`` is nearly a label of ``role``."""
    floor = max(scene.line_start(position), position - 50)
    words = list(TOKEN.finditer(scene.text, floor, position))[-_MAX_WORDS:]
    if not words or any(c.isdigit() or c in ";!?" for c in scene.text[words[-1].end() : position]):
        return False
    words = [word for word in words if not any(c.isdigit() for c in scene.text[word.end() : position])]
    listed = _listed(scene.vocabulary, role)
    label = next((word for word in reversed(words) if nearly(word[0], listed)), None)
    if label is None:
        return False
    between = scene.between(label.end(), position)
    return not any(hit.roles & _STRANGE and not hit.roles & (Role.CODE_WEAK | Role.NUMBER | role) for hit in between)


@functools.cache
def _listed(vocabulary: Vocabulary, role: int) -> Mapping[str, tuple[str, ...]]:
    """Return the long words of the labels of ``role``, by first letter; words that say something else are left out."""
    plain = Role.NUMBER | Role.FIGURES | Role.SPLIT | Role.CARD | Role.CARD_WEAK | Role.AMOUNT | Role.OTHER
    others = {label.tokens[0] for label in vocabulary.labels if len(label.tokens) == 1 and label.roles & plain}
    others |= set(vocabulary.months) | vocabulary.number_words
    words = {
        token
        for label in vocabulary.labels
        if label.roles & role and len(label.tokens) <= 2
        for token in label.tokens
        if len(token) >= _SLIP + 1 and token not in others and token.isalpha()
    }
    index: dict[str, list[str]] = {}
    for word in sorted(words):
        index.setdefault(word[0], []).append(word)
    return {first: tuple(listed) for first, listed in index.items()}


def nearly(word: str, listed: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a word is one of those listed by first letter, but for a slip or two."""
    if len(word) < _SLIP:
        return False
    return any(
        abs(len(word) - len(wanted)) <= (slips := 2 if len(wanted) >= _SLIPS else 1)
        and distance(word, wanted, slips) <= slips
        for wanted in listed.get(word[0], ())
    )


def distance(left: str, right: str, most: int) -> int:
    """Return in how many slips two words differ (letters added, lost, wrong, or swapped), at most ``most`` + 1."""
    if left == right:
        return 0
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
