"""Whether a candidate can still become a card number: bounds of its evidence, told before all around it is read.

In: a candidate with what its digits and groups say, the scene, and the confidence that is enough. Out: True only if no
word, date or code around it could bring it there, so that nothing is lost that would have been found. A row of single
digits or number words holds two numbers to a figure by range, length and check digit, nearly all of them hopeless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.pan.evidence import EVIDENCE, total
from pansentry.pan.neighbours import beside_evidence, labelled_beside
from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_ABOVE = 700  # characters before a number in which its label stands at the furthest: three lines
_SPEAKS = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY


_BESIDE = sum(EVIDENCE[code].weight for code in ("beside-expiry", "beside-code"))
_BESIDE_LABELLED = EVIDENCE["beside-labelled"].weight
_KNOWN_CARD = EVIDENCE["known-card"].weight
_LABEL = EVIDENCE["label-card"].weight


def is_hopeless(candidate: Candidate, scene: Scene, enough: float) -> bool:
    """Tell whether nothing around a candidate can make it credible.

    Most that pass the sieve in rows of single digits and in tables are: 2 µs for each of them, not 30.
    """
    best = total(candidate.evidence) + _KNOWN_CARD
    if (best + _BESIDE) / 100 >= enough and (best + total(beside(candidate, scene))) / 100 >= enough:
        return False
    near = scene.between(candidate.start - _ABOVE, candidate.end + CONTEXT) if scene.labelled else ()
    return not any(hit.roles & _SPEAKS for hit in near) and not scene.column_hits(candidate.start)


def falls_short(candidate: Candidate, scene: Scene, known: Known, enough: float) -> bool:
    """Tell whether a candidate can not come up to ``enough`` with the best of labels: 10 µs, where weighing takes 150.

    Rows of hundreds of figures or number words have a candidate to each of them, all part of something longer.
    """
    evidence, spare = candidate.evidence, _LABEL + (_KNOWN_CARD if is_known(known) else 0)
    if "separators-wide" in evidence:
        spare -= EVIDENCE["separators-wide"].weight  # what a label makes of a list
    best = total(evidence) + spare
    if best / 100 >= enough:
        return False
    if (best + _BESIDE + _BESIDE_LABELLED) / 100 < enough:
        return True
    best += total(beside_evidence(scene, candidate.end, candidate.brand))
    if best / 100 >= enough:
        return False
    near = scene.labelled and labelled_beside(scene, candidate.start, candidate.end)
    return not near or (best + _BESIDE_LABELLED) / 100 < enough


def is_known(known: Known) -> bool:
    return known.card_in_message or known.card_in_conversation


def beside(candidate: Candidate, scene: Scene) -> Iterator[str]:
    """Yield what stands right behind a candidate; fractions in a row are no dates."""
    evidence = candidate.evidence
    if "grouping-odd" not in evidence or any(code.startswith("label") for code in evidence):
        yield from beside_evidence(scene, candidate.end, candidate.brand)
