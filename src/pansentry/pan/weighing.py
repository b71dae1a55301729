"""What stands near a labelled code or expiry date: card numbers, each other, words about cards, what is known.

Nothing further away than :data:`~pansentry.pan.scene.CONTEXT` counts, so text far away changes no weight; places are
kept sorted and looked up by bisection, so the cost is linear in the values found.
"""

from __future__ import annotations

import bisect
import itertools
import re
from typing import TYPE_CHECKING

from pansentry.pan.finding import Kind
from pansentry.pan.scene import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene
    from pansentry.pan.value import Value

NEAR = 120
_NEAR_WORD = 90


def weigh_values(scene: Scene, found: Sequence[Value], pans: Sequence[Candidate], known: Known) -> None:
    """Add to labelled values what stands near: card numbers, each other, words about cards, what is known."""
    card_known = known.card_in_message or known.card_in_conversation
    amex = any(pan.brand.code_digits == 4 for pan in pans)
    numbers = sorted(pan.start for pan in pans)
    dates = sorted(v.start for v in found if v.kind is Kind.EXPIRY and "other-subject" not in v.evidence)
    codes = sorted(v.start for v in found if v.kind is Kind.CVV and _credible(v))
    listed = sorted((value.start, value.value) for value in found if value.kind is Kind.CVV)
    for value in found:
        near = _any_within(numbers, value.start, CONTEXT + 25)
        if near or card_known:
            value.evidence.append("near-card")
        elif scene.card_words_near_value(value.start, value.end, _NEAR_WORD if value.kind is Kind.EXPIRY else NEAR):
            value.evidence.append("near-card-word")
        if value.kind is Kind.EXPIRY:
            if _any_within(codes, value.start, NEAR):
                value.evidence.append("near-code")
            continue
        if not value.evidence[0].startswith("label-pin") and _any_within(dates, value.start, NEAR):
            value.evidence.append("near-expiry")
        if not near and _one_of_many(listed, value.start):
            value.evidence.append("many-codes")
        if len(value.value) == 4 and not amex and not _AMEX.search(scene.text, max(0, value.start - NEAR), value.end):
            value.evidence.append("four-digits")
            if value.value[:2] in ("19", "20"):
                value.evidence.append("year-like")


_AMEX = re.compile(r"(?<![^\W\d_])(?:amex|american express|американ экспресс|амекс|アメックス|运通|運通|아멕스)")


_MANY = 2


def _one_of_many(listed: Sequence[tuple[int, str]], place: int) -> bool:
    """Tell whether more than two different values stand under labels of codes around a place (``listed`` is sorted)."""
    first = bisect.bisect_left(listed, (place - CONTEXT, ""))
    around = itertools.takewhile(lambda item: item[0] <= place + CONTEXT, listed[first : first + 4 * _MANY])
    return len({value for _, value in around}) > _MANY


def _credible(code: Value) -> bool:
    """Tell whether a code says that a date near it is a card's."""
    return not code.evidence[0].startswith("label-pin") and "other-subject" not in code.evidence


def _any_within(places: Sequence[int], place: int, distance: int) -> bool:
    """Tell whether any of the sorted ``places`` is less than ``distance`` away."""
    index = bisect.bisect_left(places, place - distance + 1)
    return index < len(places) and places[index] < place + distance
