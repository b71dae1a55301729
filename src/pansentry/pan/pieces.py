"""Numbers that people take apart: pieces with words between, joined where range, length and check digit are right.

"first eight 4111 1111, the rest is 1111 1111"; one group a chat turn; "ends with … and begins with …". Work per group
is bounded: pieces are joined over at most :data:`_MAX_PIECES` groups and :data:`_MAX_APART` characters.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from pansentry.pan.brands import BRANDS, MAX_DIGITS, MIN_DIGITS, issuer_lengths
from pansentry.pan.issuers import issuer_evidence, known_issuer
from pansentry.pan.pans import MASKS, Candidate, kept_by_mask, weigh
from pansentry.pan.reach import is_spoken_of
from pansentry.pan.runs import MAX_LINE_GAP, Gap, gap_of
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

    Places = Sequence[tuple[int, int]]

_MAX_PIECES = 10
_MAX_APART = 90
_MAX_ANNOUNCED = 300
_ANNOUNCED = 30


class _Piece(NamedTuple):
    """Groups that stand together at ``start:end``; a tuple, because a text of numbers has many."""

    start: int
    end: int
    digits: str
    sizes: tuple[int, ...]


def in_pieces(
    scene: Scene, places: Places, options: DetectOptions, known: Known, plain: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Join pieces across words: "first eight 4111 1111, the rest is 1111 1111"; one group a chat turn."""
    if plain and not scene.roles & Role.SPLIT and not _may_be_printed(scene, plain):
        return
    for start, end in places:
        pieces = _pieces(scene, start, end, plain)
        yield from _joined(scene, pieces, options, known, is_alone=not plain)


def _may_be_printed(scene: Scene, plain: Sequence[Candidate]) -> bool:
    """Tell whether groups stand outside of ``plain`` that have the sizes of a usual form, near enough to each other.

    Beside a number in one piece no others are joined unless they are announced; few mails have such groups: 0.1 million
    instructions, where taking 2 KB full of dates and orders apart takes 2.3.
    """
    forms, sizes = _usual_sizes(), _sizes_in_forms()
    groups = [group for group in scene.groups if group[1] - group[0] in sizes]
    for candidate in plain:
        low, high = (bisect.bisect_left(groups, (place,)) for place in (candidate.start, candidate.end))
        del groups[low:high]
    by_size: dict[int, list[tuple[int, int]]] = {}
    for start, end in groups:
        by_size.setdefault(end - start, []).append((start, end))
    return any(_in_order(form, by_size) for form in forms if by_size.keys() >= _parts(form))


def _in_order(form: tuple[int, ...], by_size: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
    """Tell whether groups of these sizes stand one behind the other, each within reach of the one before."""
    reached: Sequence[tuple[int, int]] = by_size[form[0]]
    for size in form[1:]:
        further, at = [], 0
        for group in by_size[size]:
            while at < len(reached) and reached[at][1] <= group[0]:
                at += 1
            if at and group[0] - reached[at - 1][1] <= _MAX_APART:
                further.append(group)
        if not further:
            return False
        reached = further
    return True


def _joined(
    scene: Scene, pieces: Sequence[_Piece], options: DetectOptions, known: Known, *, is_alone: bool
) -> Iterator[Candidate]:
    """Join neighbouring pieces; beside a number in one piece (not ``is_alone``) only announced or usual ones."""
    near: dict[int, bool] = {}
    lengths = [len(piece.digits) for piece in pieces]
    issued = [issued_lengths().get(piece.digits[:2], ()) for piece in pieces]
    only_usual = not is_alone and not scene.roles & Role.SPLIT
    for first in range(len(pieces)):
        length = lengths[first]
        for last in range(first + 1, min(first + _MAX_PIECES, len(pieces))):
            length += lengths[last]
            if length > MAX_DIGITS:
                break
            if last not in near:
                near[last] = _within_reach(scene, pieces[last - 1], pieces[last])
            if not near[last]:
                break
            if length < MIN_DIGITS or not (length in issued[first] or (last == first + 1 and length in issued[last])):
                continue
            chosen = pieces[first : last + 1]
            if only_usual:  # without a number labels cost too much
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


@functools.cache
def _sizes_in_forms() -> frozenset[int]:
    return frozenset(itertools.chain.from_iterable(_usual_sizes()))


@functools.cache
def issued_lengths() -> Mapping[str, frozenset[int]]:
    """Return for the first two digits of a number how many it may have."""
    return issuer_lengths()


@functools.cache
def _parts(form: tuple[int, ...]) -> frozenset[int]:
    return frozenset(form)


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
    """Tell whether the words between two pieces can stand inside one number: no label of anything else.

    "The other eight of the card" are its, whatever was spoken of in between.
    """
    before = 0
    for hit in scene.between(right.start - _ANNOUNCED, right.start):
        before |= hit.roles
    if before & Role.SPLIT and before & (Role.CARD | Role.CARD_WEAK) and not before & _FOREIGN:
        return True
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
    if not is_spoken_of(scene, pieces[0].start, pieces[-1].end):
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
        if end <= quiet:
            continue
        while at < len(taken) and taken[at][0] < end:
            reach = max(reach, taken[at][1])
            at += 1
        after = text[end : end + 1]
        if after in _NOISY or end - start == 1:
            quiet = _past_noise(text, end, stop)
            if quiet > reach:
                reach = quiet
        if start < reach:
            continue
        before = text[max(0, start - 2) : start]
        if end - start == 2 and _counts_figures(text, start, end):
            continue
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


_TIME = re.compile(r":[0-9]{2}(?::[0-9]{2})?")
_DATE = re.compile(r"[./\-][0-9]{1,2}[./\-][0-9]{2,4}|(?<![0-9]{3})/(?:0[1-9]|1[0-2])(?![0-9/]| [0-9])")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ere|e|eme)\b")
_COUNTED = re.compile(r"[ ]?[.):]|[ \-]?[^\W\d_]")
_AMOUNT = re.compile(r"[.,][0-9]{2}(?![0-9]|[.,\- ][0-9])")
_DATE_OR_AMOUNT = re.compile(rf"{_DATE.pattern}|{_AMOUNT.pattern}")
_NOISY = {
    ":": _TIME,
    ",": _AMOUNT,
    ".": _DATE_OR_AMOUNT,
    **dict.fromkeys("/-", _DATE),
    **dict.fromkeys("snrte", _ORDINAL),
}
"""What may stand right behind the digits of a time, a date or an ordinal: one digit alone may also count something."""


_FIGURES = frozenset("0123456789")


def _past_noise(text: str, end: int, stop: int) -> int:
    """Return where the time, date, ordinal or count ends whose first digits end at ``end``, or 0.

    What stands behind the digits decides, whichever of them it begins with: a tenth of what trying each takes.
    """
    tail = _NOISY.get(text[end : end + 1])
    match = tail.match(text, end, stop) if tail is not None else None
    if match is not None:
        return match.end()
    return end if text[end - 2 : end - 1] not in _FIGURES and _COUNTED.match(text, end, stop) is not None else 0


_HOW_MANY = re.compile(r"(?<=[^\W\d_] )1[2-9][!?)]")


def _counts_figures(text: str, start: int, end: int) -> bool:
    """Tell whether a number says how many figures a card's number has: "(we need all 16!)"."""
    return _HOW_MANY.match(text, start, end + 1) is not None


def _identifier(before: str, after: str) -> bool:
    """Tell whether letters are glued to digits, if only by a dash: F-4485602."""
    glued = bool(before) and (before[-1].isalpha() or (before[-1] in "-_/" and before[0].isalpha()))
    return (glued and before[-1] < "\u3000") or (after.isalpha() and after < "\u3000")
