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

from pansentry.pan.brands import BRANDS, MAX_DIGITS, MIN_DIGITS
from pansentry.pan.issuers import issuer_evidence, known_issuer
from pansentry.pan.pans import MASKS, Candidate, kept_by_mask, weigh
from pansentry.pan.runs import MAX_LINE_GAP, Gap, gap_of
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

    Places = Sequence[tuple[int, int]]

_MAX_PIECES = 10
_MAX_APART = 90
_MAX_ANNOUNCED = 300
_ANNOUNCED = 30

# times, dates and counted things between the lines of a chat are no pieces
_NOISE = re.compile(
    r"[0-9](?:[0-9]?:[0-9]{2}(?::[0-9]{2})?|[0-9]{0,3}[./\-][0-9]{1,2}[./\-][0-9]{2,4}"
    r"|[0-9]{0,4}(?:st|nd|rd|th|er|ere|e|eme)\b|(?<![0-9][0-9])(?![0-9])(?=[ ]?[.):]|[ \-]?[^\W\d_]))"
)
"""Begins with a digit outside of any choice: ``re`` skips to one fast."""


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
