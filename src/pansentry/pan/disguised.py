"""Numbers that people disguise: in pieces, with letters for digits, in number words, backwards.

Only where words about cards stand near, and only if range, length and check digit are right in the end: three digits of
chance in a hundred are, so each disguise also costs evidence. Work per group is bounded.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from pansentry.pan.brands import MAX_DIGITS, MIN_DIGITS, Brand
from pansentry.pan.gate import LETTERED, LETTERS, near_letters
from pansentry.pan.grouping import grouping_evidence
from pansentry.pan.issuers import issuer_evidence, known_issuer
from pansentry.pan.numerals import announcements, may_be_said, spoken_rows, words_between
from pansentry.pan.pans import Candidate, weigh
from pansentry.pan.pieces import in_pieces, issued_lengths
from pansentry.pan.reach import card_reach, is_spoken_of
from pansentry.pan.runs import Gap, Group, gap_of, rows_around, windows
from pansentry.pan.scene import CONTEXT
from pansentry.pan.sieve import numbers
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.numerals import Spoken
    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.pieces import Places
    from pansentry.pan.scene import Scene

_MIN_WORDS = 3
_MIN_ANNOUNCED = 2  # number words where the pieces of a number are announced
_CARD = Role.CARD | Role.CARD_WEAK | Role.CODE


def disguised(
    scene: Scene,
    options: DetectOptions,
    known: Known,
    plain: Sequence[Candidate],
    *,
    letters: bool = True,
    turned: bool = True,
    enough: float | None = None,
) -> Iterator[Candidate]:
    """Yield the numbers of a scene that a plain look does not see; ``plain`` are those it has seen.

    ``letters`` and ``turned`` tell whether letters like digits, and words like "backwards", stand there at all. With
    ``enough``, what can not come up to it may be left out.
    """
    if not scene.labelled:
        return
    looked_up = bool(plain) or known.card_in_message or known.card_in_conversation  # else labels are asked for late
    worded = _may_be_spoken_of(scene) if looked_up else None  # asked once: a scene may have a thousand candidates
    if worded is False:
        return
    places = card_reach(scene) if looked_up else ((scene.start, scene.end),)
    for candidate in (
        *in_pieces(scene, places, options, known, plain),
        *(_with_letters(scene, places, options, known, enough) if letters else ()),
        *_spoken(scene, places, options, known, enough),
        *(_reversed(scene, places, options, known) if turned else ()),
    ):
        if _is_dictated(scene.text, candidate):
            yield candidate
            continue
        if worded is None:
            worded = _may_be_spoken_of(scene)
        if not worded:
            return
        if any(code.startswith(("label", "context")) for code in candidate.evidence):
            yield candidate


def _is_dictated(text: str, candidate: Candidate) -> bool:
    """Tell whether a number is said in words from its first to its last figure: no words about cards are asked for."""
    if not any(code.startswith("spoken") for code in candidate.evidence):
        return False
    if any(code == "longer" or code.startswith("other") for code in candidate.evidence):
        return False
    return not any(c.isdigit() for start, end in candidate.spans for c in text[start:end])


def _may_be_spoken_of(scene: Scene) -> bool:
    """Tell whether a scene has words about a card, or of a date and a code: without them no disguised number counts."""
    if scene.roles & Role.EXPIRY and scene.roles & Role.CODE_WEAK:
        return True
    return any(hit.roles & _CARD and not hit.roles & Role.NOT_CARD for hit in scene.hits)


# --- letters for digits -----------------------------------------------------------------------------------------


def _with_letters(
    scene: Scene, places: Places, options: DetectOptions, known: Known, enough: float | None
) -> Iterator[Candidate]:
    """Read O as 0, l as 1 and so on where most characters are digits."""
    for start, end in places:
        for first, last in _written_so(scene, start, end):
            for row in _lettered_rows(scene.text, first, last):
                yield from _lettered(scene, row, options, known, enough)


def _written_so(scene: Scene, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where digits and words of letters like digits stand, enough for a number, no other word between.

    Looked for around such words, most of which stand among others ("so", "il"): 0.1 million instructions for 2 KB,
    where following digits and letters takes 0.5, and 4 in Italian.
    """
    text, seen = scene.text, start
    for at in _like_digits(scene, start, end):
        if at < seen:
            continue
        stop = _RUN.match(text, at, end).end()  # type: ignore[union-attr]  # it may be empty
        back = _RUN.match(text[seen:at][::-1]).end()  # type: ignore[union-attr]
        first, last, begin, seen = at - back, stop, at - back, stop
        if text[first - 1 : first].isalnum():  # the rest of a word
            first += len(text[first:at]) - len(text[first:at].lstrip(_GLUED))
        if last < end:
            last -= len(text[at:last]) - len(text[at:last].rstrip(_GLUED))
        written = len(_LIKE_ONE.findall(text, first, last))
        figures = len(_FIGURE.findall(text, first, last))
        if figures < written >= MIN_DIGITS <= 2 * figures:
            yield begin, min(stop + 1, end)  # with what ends it, which decides what its last word is


def _like_digits(scene: Scene, start: int, end: int) -> Sequence[int]:
    """Return where words and marks stand that are typed for digits, without those between two other words."""
    text, words = scene.text, scene.words
    like = {word for word in set(words.written) if _GLUED_SET.issuperset(word)}
    places = [
        at
        for at, word in zip(words.starts, words.written, strict=True)
        if word in like
        and start <= at < end
        and not (_is_other(text[at - 2 : at - 1]) and _is_other(text[at + len(word) + 1 : at + len(word) + 2]))
    ]
    if "|" in text or "!" in text:
        places = sorted([*places, *(match.start() for match in _MARKS.finditer(text, start, end))])
    return places


def _is_other(character: str) -> bool:
    return character.isalpha() and character not in _GLUED_SET


def _lettered_rows(text: str, begin: int, stop: int) -> Iterator[list[Group]]:
    row: list[Group] = []
    for match in LETTERED.finditer(text, begin, stop):
        start, end = match.span()
        gap = gap_of(text[row[-1].end : start]) if row else Gap.BREAK
        if gap is Gap.BREAK and not any(c.isdigit() for c in match[0]):
            continue
        if gap is Gap.BREAK:
            yield row
            row = []
        row.append(Group(start, end, match[0].translate(LETTERS), gap))
    yield row


_LIKE = "".join(map(chr, LETTERS))
_LIKE_ONE = re.compile(f"[0-9{_LIKE}]")
_FIGURE = re.compile("[0-9]")
_MARKS = re.compile("[|!]")
_RUN = re.compile(rf"[\W_0-9{_LIKE}]*+")
_GLUED = "".join(letter for letter in _LIKE if letter.isalpha()) + "0123456789"
_GLUED_SET = frozenset(_GLUED)


def _lettered(
    scene: Scene, row: list[Group], options: DetectOptions, known: Known, enough: float | None
) -> Iterator[Candidate]:
    written = [scene.text[group.start : group.end] for group in row]
    counted = [*itertools.accumulate((sum(map(str.isdigit, group)) for group in written), initial=0)]
    for first, last, digits in windows(row, near_letters(written)):
        true_digits = counted[last + 1] - counted[first]
        if not len(digits) <= 2 * true_digits < 2 * len(digits):
            continue
        start, end = row[first].start, row[last].end
        brand = known_issuer(digits, options)
        if brand is None or not is_spoken_of(scene, start, end):
            continue
        evidence = [*issuer_evidence(digits, brand), "letters", *grouping_evidence(row[first : last + 1], brand)]
        if first > 0 or _completed(row, first, last, options):
            evidence.append("longer")
        candidate = Candidate(digits, brand, ((start, end),), evidence)
        if weigh(candidate, scene, options, known, enough):
            yield candidate


_REST = 3


def _completed(row: Sequence[Group], first: int, last: int, options: DetectOptions) -> bool:
    """Tell whether the rest of a row completes a longer number."""
    if len(row) - last > _REST + 1:
        return False
    rest = "".join(group.digits for group in row[last + 1 :])
    whole = "".join(group.digits for group in row[first:])
    return 0 < len(rest) <= _REST and len(whole) <= MAX_DIGITS and known_issuer(whole, options) is not None


# --- number words -----------------------------------------------------------------------------------------------


def _spoken(
    scene: Scene, places: Places, options: DetectOptions, known: Known, enough: float | None
) -> Iterator[Candidate]:
    """Read number words, alone or mixed with digits."""
    announced = scene.roles & Role.SPLIT
    least = _MIN_ANNOUNCED if announced else _MIN_WORDS
    if not may_be_said(scene.words.written, scene.vocabulary.number_words, least):
        return
    between, issued = announcements(scene.vocabulary) if announced else frozenset(), issued_lengths()
    rows = (spoken_rows(scene.text, *place, scene.vocabulary, least, between=between) for place in places)
    for language, row in itertools.chain.from_iterable(rows):
        ends = [*itertools.accumulate(len(atom.digits) for atom in row)]
        said = [*itertools.accumulate((atom.word for atom in row), initial=0)]
        apart = [words_between(scene.text, left.end, right.start) for left, right in itertools.pairwise(row)]
        for first in range(len(row)):
            digits = ""
            for last in range(first, len(row)):
                digits += row[last].digits
                if len(digits) > MAX_DIGITS:
                    break
                if len(digits) < MIN_DIGITS or said[last + 1] == said[first]:
                    continue
                brand = known_issuer(digits, options) if len(digits) in issued.get(digits[:2], ()) else None
                if brand is None:
                    continue
                evidence = [*issuer_evidence(digits, brand), f"spoken:{language}"]
                candidate = Candidate(digits, brand, ((row[first].start, row[last].end),), evidence)
                if (first and between.isdisjoint(apart[first - 1])) or ends[-1] - ends[last] in (1, 2):
                    evidence.append("longer")
                if not weigh(candidate, scene, options, known, enough):
                    continue
                candidate.spans = _stretches(row[first : last + 1], apart[first:last])
                if not any(code.startswith(("label", "context", "other")) for code in evidence) and _dated(scene, row):
                    evidence.append("context-card")
                yield candidate


def _dated(scene: Scene, row: Sequence[Spoken]) -> bool:
    """Tell whether an expiry date and a code are spoken of near a number in words, if no card is."""
    near = scene.between(row[0].start - CONTEXT, row[-1].end + CONTEXT)
    return any(hit.roles & Role.EXPIRY for hit in near) and any(hit.roles & Role.CODE_WEAK for hit in near)


def _stretches(row: Sequence[Spoken], apart: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    """Return where the parts of a row stand that no other word parts; ``apart`` are the words before each but one."""
    spans = [(row[0].start, row[0].end)]
    for atom, words in zip(row[1:], apart, strict=True):
        if words:
            spans.append((atom.start, atom.end))
        else:
            spans[-1] = (spans[-1][0], atom.end)
    return tuple(spans)


# --- reversed ---------------------------------------------------------------------------------------------------


def _reversed(scene: Scene, places: Places, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read a number backwards where the text says so."""
    found: list[tuple[int, int, str]] = []
    for start, end in places:
        data = scene.text[start:end].encode("latin-1", "replace")[::-1]  # a byte to a character
        found += sorted((end - to, end - at, digits) for at, to, digits in numbers(data))
    for row, held in rows_around(scene.text, scene.start, scene.end, found):
        for first, last, digits in held:
            start, end = row[first].start, row[last].end
            brand: Brand | None = known_issuer(digits, options)
            if brand is None or not _said_reversed(scene, start, end):
                continue
            turned = [Group(g.start, g.end, g.digits, g.gap) for g in reversed(row[first : last + 1])]
            evidence = [*issuer_evidence(digits, brand), "reversed", *grouping_evidence(turned, brand)]
            candidate = Candidate(digits, brand, ((start, end),), evidence)
            weigh(candidate, scene, options, known)
            yield candidate


def _said_reversed(scene: Scene, start: int, end: int) -> bool:
    return any(
        hit.roles & Role.REVERSED for hit in (*scene.between(start - 200, start), *scene.between(end, end + 120))
    )
