"""Verification codes and expiry dates: by label, by place beside a card number, by shape where a card is known.

In: a :class:`Scene` and the card numbers taken. Out: :class:`Value` s with their evidence, the most credible reading of
each digit. See :mod:`pansentry.pan.labelled` and :mod:`pansentry.pan.placed`.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from pansentry.pan.finding import Kind
from pansentry.pan.halves import halves
from pansentry.pan.labelled import labelled
from pansentry.pan.lacking import lacking
from pansentry.pan.placed import beside, follow_up
from pansentry.pan.scene import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene
    from pansentry.pan.value import Value


def find_values(
    scene: Scene, pans: Sequence[Candidate], known: Known, *, announced: bool = True, halved: bool = True
) -> list[Value]:
    """Return the codes and expiry dates of a scene, sorted, not overlapping, the most credible reading of each.

    ``announced`` tells whether words for codes or expiry dates stand in the scene, ``halved`` whether words that
    announce a half do.
    """
    found: list[Value] = []
    if scene.labelled and announced:
        found += labelled(scene, pans, known)
    for index, pan in enumerate(pans):
        stop = pans[index + 1].start if index + 1 < len(pans) else scene.end
        found += beside(scene, pan, stop)
    card_known = known.card_in_message or known.card_in_conversation
    if card_known or scene.labelled:
        found += follow_up(scene, pans, known=card_known)
    if halved:
        found += halves(scene, pans, known)
    best = _best(_without_until(found, pans), pans)
    more = list(lacking(scene, pans, [value for value in best if value.confidence >= _SURE], best))
    return _best([*best, *more], pans) if more else best


def _without_until(found: Sequence[Value], pans: Sequence[Candidate]) -> list[Value]:
    """Leave out what only "until" labels, where its card has another date that stands nearer to it."""
    dates = sorted(v.start for v in found if v.kind is Kind.EXPIRY and not _until(v) and v.confidence >= _SURE)
    ends = [pan.end for pan in pans]
    return [value for value in found if not _until(value) or not _has_another(value, dates, ends)]


def _has_another(value: Value, dates: Sequence[int], ends: Sequence[int]) -> bool:
    """Tell whether another date is nearer to the card before ``value``, or close to it where no card is before it."""
    index = bisect.bisect_right(ends, value.start)
    start = ends[index - 1] if index else value.start
    reach = _CLOSE if index else CONTEXT
    first = bisect.bisect_left(dates, min(start, value.start - reach + 1))
    near = dates[first : first + _FEW]
    return any(start <= date < value.start or abs(date - value.start) < reach for date in near)


_FEW = 8
_CLOSE = 60
_SURE = 0.6


def _until(value: Value) -> bool:
    return value.evidence[0].startswith("label-until")


def _best(found: Sequence[Value], pans: Sequence[Candidate]) -> list[Value]:
    occupied = {cell for pan in pans for start, end in pan.spans for cell in range(start, end)}
    taken = []
    for value in sorted(found, key=lambda v: (-v.confidence, v.start, -v.end)):
        cells = set(range(value.start, value.end))
        if occupied.isdisjoint(cells):
            occupied |= cells
            taken.append(value)
    return sorted(taken, key=lambda v: v.start)
