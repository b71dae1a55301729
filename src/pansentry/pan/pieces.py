"""Numbers that people take apart or disguise: pieces with words between, letters for digits, number words, reversed.

Only where words about cards stand near, and only if range, length and check digit are right in the end: three digits of
chance in a hundred are, so each disguise also costs evidence. Work per group is bounded: pieces are joined over at most
:data:`_MAX_PIECES` groups and :data:`_MAX_APART` characters.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from pansentry.pan.brands import BRANDS, MAX_DIGITS, MIN_DIGITS, Brand
from pansentry.pan.gate import LETTERED, LETTERS, near_letters
from pansentry.pan.grouping import grouping_evidence
from pansentry.pan.issuers import issuer_evidence, known_issuer
from pansentry.pan.numerals import announcements, may_be_said, spoken_rows, words_between
from pansentry.pan.pans import MASKS, Candidate, kept_by_mask, weigh
from pansentry.pan.reach import card_reach
from pansentry.pan.runs import MAX_LINE_GAP, Gap, Group, gap_of, rows_around, windows
from pansentry.pan.scene import CONTEXT
from pansentry.pan.sieve import numbers
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.numerals import Spoken
    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

    Places = Sequence[tuple[int, int]]

_MAX_PIECES = 10
_MAX_APART = 90
_MAX_ANNOUNCED = 300
_ANNOUNCED = 30
_MIN_WORDS = 3
_MIN_ANNOUNCED = 2  # number words where the pieces of a number are announced
_CARD = Role.CARD | Role.CARD_WEAK | Role.CODE

# times, dates and counted things between the lines of a chat are no pieces
_NOISE = re.compile(
    r"[0-9](?:[0-9]?:[0-9]{2}(?::[0-9]{2})?|[0-9]{0,3}[./\-][0-9]{1,2}[./\-][0-9]{2,4}"
    r"|[0-9]{0,4}(?:st|nd|rd|th|er|ere|e|eme)\b|(?<![0-9][0-9])(?![0-9])(?=[ ]?[.):]|[ \-]?[^\W\d_]))"
)
"""Begins with a digit outside of any choice: ``re`` skips to one fast."""


def disguised(
    scene: Scene,
    options: DetectOptions,
    known: Known,
    plain: Sequence[Candidate],
    *,
    letters: bool = True,
    turned: bool = True,
) -> Iterator[Candidate]:
    """Yield the numbers of a scene that a plain look does not see; ``plain`` are those it has seen.

    ``letters`` and ``turned`` tell whether letters like digits, and words like "backwards", stand there at all.
    """
    if not scene.labelled:
        return
    looked_up = bool(plain) or known.card_in_message or known.card_in_conversation  # else labels are asked for late
    places = card_reach(scene) if looked_up else ((scene.start, scene.end),)
    for candidate in (
        *_in_pieces(scene, places, options, known, plain),
        *(_with_letters(scene, places, options, known) if letters else ()),
        *_spoken(scene, places, options, known),
        *(_reversed(scene, places, options, known) if turned else ()),
    ):
        dated = scene.roles & Role.EXPIRY and scene.roles & Role.CODE_WEAK
        if not dated and not any(hit.roles & _CARD and not hit.roles & Role.NOT_CARD for hit in scene.hits):
            return
        if any(code.startswith(("label", "context")) for code in candidate.evidence):
            yield candidate


class _Piece(NamedTuple):
    """Groups that stand together at ``start:end``; a tuple, because a text of numbers has many."""

    start: int
    end: int
    digits: str
    sizes: tuple[int, ...]


# --- words between ----------------------------------------------------------------------------------------------


def _in_pieces(
    scene: Scene, places: Places, options: DetectOptions, known: Known, plain: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Join pieces across words: "first eight 4111 1111, the rest is 1111 1111"; one group a chat turn."""
    for start, end in places:
        pieces = _pieces(scene, start, end, plain)
        yield from _joined(scene, pieces, options, known, is_alone=not plain)


def _joined(
    scene: Scene, pieces: Sequence[_Piece], options: DetectOptions, known: Known, *, is_alone: bool
) -> Iterator[Candidate]:
    """Join neighbouring pieces; beside a number in one piece (not ``is_alone``) only announced or usual ones."""
    near = [_within_reach(scene, left, right) for left, right in itertools.pairwise(pieces)]
    lengths = [len(piece.digits) for piece in pieces]
    for first in range(len(pieces)):
        length = lengths[first]
        for last in range(first + 1, min(first + _MAX_PIECES, len(pieces))):
            length += lengths[last]
            if length > MAX_DIGITS or not near[last - 1]:
                break
            if length < MIN_DIGITS:
                continue
            chosen = pieces[first : last + 1]
            if not is_alone and not scene.roles & Role.SPLIT:  # without a number labels cost too much
                sizes = itertools.chain.from_iterable(piece.sizes for piece in chosen)
                if tuple(sizes) not in _usual_sizes():
                    continue
            digits = "".join(piece.digits for piece in chosen)
            turned = chosen[1].digits + chosen[0].digits if len(chosen) == 2 else digits
            if known_issuer(digits, options) is None and known_issuer(turned, options) is None:
                continue
            if not all(_joinable(scene, left, right) for left, right in itertools.pairwise(chosen)):
                break
            if len(chosen) == 2 and _end_comes_first(scene, *chosen):
                for candidate in _piece_candidate(scene, chosen, turned, options, known):
                    candidate.evidence.append("swapped")
                    yield candidate
                continue
            in_order = tuple(_piece_candidate(scene, chosen, digits, options, known))
            yield from in_order
            if len(chosen) == 2 and not in_order:  # "ends with … and begins with …"
                for candidate in _piece_candidate(scene, chosen, turned, options, known):
                    candidate.evidence.append("swapped")
                    yield candidate


_HALVES = ((8, 8), (12, 4), (4, 12))


@functools.cache
def _usual_sizes() -> frozenset[tuple[int, ...]]:
    """Return the sizes of pieces that need no announcement: those that some scheme prints, and halves."""
    return frozenset([*_HALVES, *(form for brand in BRANDS for _, forms in brand.groupings for form in forms)])


def _end_comes_first(scene: Scene, left: _Piece, right: _Piece) -> bool:
    """Tell whether words say that the first piece is the end of the number: "last eight …, first eight …"."""
    before = scene.between(left.start - _ANNOUNCED, left.start)
    between = scene.between(max(left.end, right.start - _ANNOUNCED), right.start)
    if not any(hit.roles & Role.LAST for hit in before) or any(hit.roles & Role.LAST for hit in between):
        return False
    return any(hit.roles & Role.SPLIT for hit in between)


def _within_reach(scene: Scene, left: _Piece, right: _Piece) -> bool:
    """Tell whether a piece is near enough to the one before it; "second half:" right before it reaches further."""
    apart = right.start - left.end
    if apart <= _MAX_APART:
        return True
    hits = scene.between(right.start - _ANNOUNCED, right.start)
    return apart <= _MAX_ANNOUNCED and any(hit.roles & Role.SPLIT for hit in hits)


_FOREIGN = Role.OTHER | Role.EXPIRY | Role.CODE | Role.NOT_CARD | Role.SUBJECT


def _joinable(scene: Scene, left: _Piece, right: _Piece) -> bool:
    """Tell whether the words between two pieces can stand inside one number: no label of anything else."""
    return not any(
        hit.roles & _FOREIGN and not hit.roles & (Role.SPLIT | Role.CARD | Role.FILLER)
        for hit in scene.between(left.end, right.start)
    )


def _piece_candidate(
    scene: Scene, pieces: Sequence[_Piece], digits: str, options: DetectOptions, known: Known
) -> Iterator[Candidate]:
    brand = known_issuer(digits, options)
    if brand is None or digits[0] in "07":
        return
    announced = any(
        hit.roles & Role.SPLIT
        for left, right in itertools.pairwise(pieces)
        for hit in scene.between(left.end, right.start)
    )
    sizes = tuple(size for piece in pieces for size in piece.sizes)
    printed = brand.printed(sizes)
    if not announced and not printed and sizes not in _HALVES:
        return
    evidence = [*issuer_evidence(digits, brand), "pieces"]
    if printed:
        evidence.append("grouping-sizes")
    if announced:
        evidence.append("announced")
    candidate = Candidate(digits, brand, tuple((piece.start, piece.end) for piece in pieces), evidence)
    weigh(candidate, scene, options, known)
    if "other-mention" in evidence and scene.card_words_near(candidate.start, candidate.end):
        evidence[evidence.index("other-mention")] = "context-card"  # "part", "block" or a name before each piece
    yield candidate


def _pieces(scene: Scene, begin: int, stop: int, plain: Sequence[Candidate]) -> list[_Piece]:
    """Return what can be a piece: groups that stand together, no times, dates, counts, identifiers, whole numbers."""
    text = scene.text
    taken = sorted((c.start, c.end) for c in plain)
    pieces: list[_Piece] = []
    at = reach = quiet = 0
    first, last_of_all = (bisect.bisect_left(scene.groups, (place,)) for place in (begin, stop))
    for start, end in scene.groups[first:last_of_all]:
        while at < len(taken) and taken[at][0] < end:
            reach = max(reach, taken[at][1])
            at += 1
        if quiet < end and (end - start == 1 or text[end : end + 1] in _NOISY):
            quiet = _past_noise(text, max(start, quiet), end, stop)
            reach = max(reach, quiet)
        if start < reach:
            continue
        before, after = text[max(0, start - 2) : start], text[end : end + 1]
        is_plain = before[-1:] == " " and not after.isalpha() and MASKS.isdisjoint(before)
        if not is_plain and (_identifier(before, after) or kept_by_mask(text, start)):
            continue
        last = pieces[-1] if pieces else None
        if last is not None and start - last.end <= MAX_LINE_GAP and gap_of(text[last.end : start]) <= Gap.WIDE:
            whole = len(last.digits) > MAX_DIGITS  # too long for a piece; only where it ends matters
            digits, sizes = ("", ()) if whole else (text[start:end], (end - start,))
            pieces[-1] = _Piece(last.start, end, last.digits + digits, (*last.sizes, *sizes))
        else:
            pieces.append(_Piece(start, end, text[start:end], (end - start,)))
    return [piece for piece in pieces if 2 <= len(piece.digits) <= MAX_DIGITS]


_NOISY = frozenset(":./-snrte")
"""What stands right behind digits of a time, a date or an ordinal; one digit alone may also count something."""


def _past_noise(text: str, start: int, end: int, stop: int) -> int:
    """Return where the time, date or count ends that begins at ``start`` or at a later digit before ``end``, or 0."""
    for at in range(start, end):
        match = _NOISE.match(text, at, stop)
        if match is not None:
            return match.end()
    return 0


def _identifier(before: str, after: str) -> bool:
    """Tell whether letters are glued to digits, if only by a dash: F-4485602."""
    glued = bool(before) and (before[-1].isalpha() or (before[-1] in "-_/" and before[0].isalpha()))
    return (glued and before[-1] < "\u3000") or (after.isalpha() and after < "\u3000")


# --- letters for digits -----------------------------------------------------------------------------------------


def _with_letters(scene: Scene, places: Places, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read O as 0, l as 1 and so on where most characters are digits."""
    for start, end in places:
        part = scene.text[start:end]
        if _LETTER_BEHIND.search(part) is not None or _LETTER_BEHIND.search(part[::-1]) is not None:
            yield from _lettered_rows(scene, start, end, options, known)  # six times what asking for letters costs


def _lettered_rows(scene: Scene, begin: int, stop: int, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    text = scene.text
    row: list[Group] = []
    for match in LETTERED.finditer(text, begin, stop):
        start, end = match.span()
        gap = gap_of(text[row[-1].end : start]) if row else Gap.BREAK
        if gap is Gap.BREAK and not any(c.isdigit() for c in match[0]):
            continue
        if gap is Gap.BREAK:
            yield from _lettered(scene, row, options, known)
            row = []
        row.append(Group(start, end, match[0].translate(LETTERS), gap))
    yield from _lettered(scene, row, options, known)


_LIKE = "".join(map(chr, LETTERS))
_LETTER_BEHIND = re.compile(rf"[0-9][\W_]{{0,{MAX_LINE_GAP}}}[{_LIKE}][0-9{_LIKE}]*+(?![^\W_])")
"""A digit, and behind it a letter like a digit in a word of such letters: turned round, a letter and a digit."""


def _lettered(scene: Scene, row: list[Group], options: DetectOptions, known: Known) -> Iterator[Candidate]:
    begins = near_letters([scene.text[group.start : group.end] for group in row])
    for first, last, digits in windows(row, begins):
        start, end = row[first].start, row[last].end
        true_digits = sum(map(str.isdigit, scene.text[start:end]))
        if not len(digits) <= 2 * true_digits < 2 * len(digits):
            continue
        brand = known_issuer(digits, options)
        if brand is None:
            continue
        evidence = [*issuer_evidence(digits, brand), "letters", *grouping_evidence(row[first : last + 1], brand)]
        if first > 0 or _completed(row, first, last, options):
            evidence.append("longer")
        candidate = Candidate(digits, brand, ((start, end),), evidence)
        weigh(candidate, scene, options, known)
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


def _spoken(scene: Scene, places: Places, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Read number words, alone or mixed with digits."""
    announced = scene.roles & Role.SPLIT
    least = _MIN_ANNOUNCED if announced else _MIN_WORDS
    if not may_be_said(scene.words.written, scene.vocabulary.number_words, least):
        return
    between = announcements(scene.vocabulary) if announced else frozenset()
    rows = (spoken_rows(scene.text, *place, scene.vocabulary, least, between=between) for place in places)
    for language, row in itertools.chain.from_iterable(rows):
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
                candidate = Candidate(digits, brand, _stretches(scene.text, row[first : last + 1]), evidence)
                before = words_between(scene.text, row[first - 1].end, row[first].start) if first else ()
                if (first and between.isdisjoint(before)) or sum(len(atom.digits) for atom in row[last + 1 :]) in (
                    1,
                    2,
                ):
                    evidence.append("longer")
                weigh(candidate, scene, options, known)
                _as_disguised(evidence)
                if not any(code.startswith(("label", "context", "other")) for code in evidence) and _dated(scene, row):
                    evidence.append("context-card")
                yield candidate


def _dated(scene: Scene, row: Sequence[Spoken]) -> bool:
    """Tell whether an expiry date and a code are spoken of near a number in words, if no card is."""
    near = scene.between(row[0].start - CONTEXT, row[-1].end + CONTEXT)
    return any(hit.roles & Role.EXPIRY for hit in near) and any(hit.roles & Role.CODE_WEAK for hit in near)


def _stretches(text: str, row: Sequence[Spoken]) -> tuple[tuple[int, int], ...]:
    """Return where the parts of a row stand that no other word parts."""
    spans = [(row[0].start, row[0].end)]
    for atom in row[1:]:
        if words_between(text, spans[-1][1], atom.start):
            spans.append((atom.start, atom.end))
        else:
            spans[-1] = (spans[-1][0], atom.end)
    return tuple(spans)


def _as_disguised(evidence: list[str]) -> None:
    """Words and letters touch by nature."""
    while "touching" in evidence:
        evidence.remove("touching")


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
