"""Numbers that people take apart or disguise: pieces with words between, letters for digits, number words, reversed.

Only where words about cards stand near, and only if range, length and check digit are right in the end: three digits of
chance in a hundred are, so each disguise also costs evidence. Work per group is bounded: pieces are joined over at most
:data:`_MAX_PIECES` groups and :data:`_MAX_APART` characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.pan.brands import MAX_DIGITS, MIN_DIGITS, Brand
from pansentry.pan.numerals import spoken_rows
from pansentry.pan.pans import Candidate, grouping_evidence, issuer_evidence, known_issuer, weigh
from pansentry.pan.runs import Gap, Group, gap_of, runs, windows
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

_MAX_PIECES = 10
_MAX_APART = 90
_MIN_TRUE_DIGITS = 8
_MIN_WORDS = 3
_ANNOUNCED_NEAR = 80
_CARD = Role.CARD | Role.CARD_WEAK | Role.CODE

# times, dates and counted things between the lines of a chat are no pieces
_NOISE = re.compile(
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?|[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{2,4}|[0-9]+(?:st|nd|rd|th|er|ere|e|eme)\b"
    r"|(?<![0-9])[0-9](?![0-9])(?=[ ]?[.):]|[ \-]?[^\W\d_])"
)
_DIGITS = re.compile(r"[0-9]+")

_LETTERS = {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "!": "1", "z": "2", "s": "5", "b": "8", "g": "9"}
_LETTERS |= {"о": "0", "з": "3", "б": "6", "в": "8", "і": "1", "ч": "4", "ο": "0", "ι": "1", "β": "8"}
_TRANSLATED = str.maketrans(_LETTERS)
_DISGUISED = re.compile(r"(?<![^\W_])[0-9" + "".join(_LETTERS) + r"]+(?![^\W_])")


def disguised(scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Yield the numbers of a scene that a plain look does not see."""
    if not scene.labelled or not any(hit.roles & _CARD and not hit.roles & Role.NOT_CARD for hit in scene.hits):
        return
    for candidate in (
        *_in_pieces(scene, options, known),
        *_with_letters(scene, options, known),
        *_spoken(scene, options, known),
        *_reversed(scene, options, known),
    ):
        if any(code.startswith(("label", "context")) for code in candidate.evidence):
            yield candidate


@dataclass(frozen=True, slots=True)
class _Piece:
    """Groups that stand together at ``start:end``."""

    start: int
    end: int
    digits: str
    sizes: tuple[int, ...]


# --- words between ----------------------------------------------------------------------------------------------


def _in_pieces(scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Join groups across words: "first eight 4111 1111, the rest is 1111 1111"; one group a chat turn."""
    groups = _signal(scene)
    for first, group in enumerate(groups):
        digits, last = "", first
        for last in range(first, min(first + _MAX_PIECES, len(groups))):
            if last > first and groups[last].start - groups[last - 1].end > _MAX_APART:
                break
            digits += groups[last].digits
            if len(digits) > MAX_DIGITS:
                break
            if len(digits) < MIN_DIGITS or last == first:
                continue
            pieces = _joined(groups[first : last + 1], scene.text)
            if len(pieces) < 2 or group.start == groups[last].start:
                continue
            yield from _piece_candidate(scene, pieces, digits, options, known)
            if len(pieces) == 2:  # "ends with … and begins with …"
                yield from _piece_candidate(scene, pieces, pieces[1].digits + pieces[0].digits, options, known)


def _piece_candidate(
    scene: Scene, pieces: Sequence[_Piece], digits: str, options: DetectOptions, known: Known
) -> Iterator[Candidate]:
    brand = known_issuer(digits, options)
    if brand is None or digits[0] in "07":
        return
    evidence = [*issuer_evidence(digits, brand), "pieces"]
    sizes = tuple(size for piece in pieces for size in piece.sizes)
    if brand.printed(sizes):
        evidence.append("grouping-sizes")
    announced = _announced(scene, pieces)
    if announced:
        evidence.append("announced")
    elif any(len(piece.digits) not in (4, 5, 6, 8, 12) for piece in pieces):
        evidence.append("grouping-odd")
    candidate = Candidate(digits, brand, tuple((piece.start, piece.end) for piece in pieces), evidence)
    weigh(candidate, scene, options, known)
    if announced:  # "first", "part" and the like are what the pieces are labelled with
        for code in ("other-mention", "other-label"):
            if code in evidence and scene.card_words_near(candidate.start, candidate.end):
                evidence.remove(code)
                evidence.append("context-card")
    yield candidate


def _signal(scene: Scene) -> list[Group]:
    """Return the digit groups of a scene that can be pieces: no times, dates, ordinals and counts."""
    text = scene.text
    noise = [match.span() for match in _NOISE.finditer(text, scene.start, scene.end)]
    groups: list[Group] = []
    at = 0
    previous = scene.start
    for match in _DIGITS.finditer(text, scene.start, scene.end):
        start, end = match.span()
        while at < len(noise) and noise[at][1] <= start:
            at += 1
        if at < len(noise) and noise[at][0] < end or end - start > MAX_DIGITS or end - start < 2:
            continue
        groups.append(Group(start, end, match[0], gap_of(text[previous:start]) if groups else Gap.BREAK))
        previous = end
    return groups


def _joined(groups: Sequence[Group], text: str) -> list[_Piece]:
    """Put groups that stand together into one piece."""
    pieces: list[_Piece] = []
    for group in groups:
        last = pieces[-1] if pieces else None
        if last is not None and group.gap <= Gap.WIDE and gap_of(text[last.end : group.start]) <= Gap.WIDE:
            pieces[-1] = _Piece(last.start, group.end, last.digits + group.digits, (*last.sizes, len(group.digits)))
        else:
            pieces.append(_Piece(group.start, group.end, group.digits, (len(group.digits),)))
    return pieces


def _announced(scene: Scene, pieces: Sequence[_Piece]) -> bool:
    """Tell whether words like "first", "then", "the rest" stand before a piece."""
    start = max(scene.start, pieces[0].start - _ANNOUNCED_NEAR)
    return any(hit.roles & Role.SPLIT for hit in scene.between(start, pieces[-1].start))


# --- letters for digits -----------------------------------------------------------------------------------------


def _with_letters(scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read O as 0, l as 1 and so on where most characters are digits."""
    text = scene.text
    row: list[Group] = []
    for match in _DISGUISED.finditer(text, scene.start, scene.end):
        start, end = match.span()
        if not any(c.isdigit() for c in match[0]) and end - start < 3:
            continue
        gap = gap_of(text[row[-1].end : start]) if row else Gap.BREAK
        if gap is Gap.BREAK:
            yield from _lettered(scene, row, options, known)
            row = []
        row.append(Group(start, end, match[0].translate(_TRANSLATED), gap))
    yield from _lettered(scene, row, options, known)


def _lettered(scene: Scene, row: list[Group], options: DetectOptions, known: Known) -> Iterator[Candidate]:
    for first, last, digits in windows(row):
        start, end = row[first].start, row[last].end
        written = scene.text[start:end]
        true_digits = sum(c.isdigit() for c in written)
        if true_digits == len(digits) or true_digits < _MIN_TRUE_DIGITS:
            continue
        brand = known_issuer(digits, options)
        if brand is None:
            continue
        evidence = [*issuer_evidence(digits, brand), "letters", *grouping_evidence(row[first : last + 1], brand)]
        candidate = Candidate(digits, brand, ((start, end),), evidence)
        weigh(candidate, scene, options, known)
        yield candidate


# --- number words -----------------------------------------------------------------------------------------------


def _spoken(scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read number words, alone or mixed with digits."""
    for language, row in spoken_rows(scene.text, scene.start, scene.end, scene.vocabulary, _MIN_WORDS):
        for first in range(len(row)):
            digits = ""
            for last in range(first, len(row)):
                digits += row[last].digits
                if len(digits) > MAX_DIGITS:
                    break
                if len(digits) < MIN_DIGITS or not any(atom.word for atom in row[first : last + 1]):
                    continue
                brand = known_issuer(digits, options)
                if brand is None:
                    continue
                evidence = [*issuer_evidence(digits, brand), f"spoken:{language}"]
                candidate = Candidate(digits, brand, ((row[first].start, row[last].end),), evidence)
                if first > 0:
                    evidence.append("longer")
                weigh(candidate, scene, options, known)
                _as_disguised(evidence)
                yield candidate


def _as_disguised(evidence: list[str]) -> None:
    """Words and letters touch by nature."""
    while "touching" in evidence:
        evidence.remove("touching")


# --- reversed ---------------------------------------------------------------------------------------------------


def _reversed(scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read a number backwards where the text says so."""
    if not any(hit.roles & Role.REVERSED for hit in scene.hits):
        return
    for row in runs(scene.text, scene.start, scene.end):
        for first, last, digits in windows(row):
            start, end = row[first].start, row[last].end
            brand: Brand | None = known_issuer(digits[::-1], options)
            if brand is None or not _said_reversed(scene, start, end):
                continue
            turned = [Group(g.start, g.end, g.digits, g.gap) for g in reversed(row[first : last + 1])]
            evidence = [*issuer_evidence(digits[::-1], brand), "reversed", *grouping_evidence(turned, brand)]
            candidate = Candidate(digits[::-1], brand, ((start, end),), evidence)
            weigh(candidate, scene, options, known)
            yield candidate


def _said_reversed(scene: Scene, start: int, end: int) -> bool:
    return any(
        hit.roles & Role.REVERSED for hit in (*scene.between(start - 200, start), *scene.between(end, end + 120))
    )
