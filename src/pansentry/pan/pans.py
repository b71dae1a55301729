"""Card numbers: candidates at group edges, the evidence for and against each, and which of them are taken.

In: a :class:`Scene`. Out: candidates with their evidence; :func:`resolve` keeps the best of those that overlap.
Issuer range, length and check digit come first (they cost least), so only one digit string in 36 is looked at closely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.brands import Brand, luhn_digit
from pansentry.pan.dates import SHAPE
from pansentry.pan.evidence import EVIDENCE, score, total
from pansentry.pan.grouping import grouping_evidence, is_part
from pansentry.pan.issuers import issuer_evidence, known_issuer
from pansentry.pan.lookalikes import TEST_NUMBERS, own_number, own_rules, touching
from pansentry.pan.naming import BEHIND, label_evidence
from pansentry.pan.neighbours import labelled_beside, paid_with
from pansentry.pan.prospects import beside, falls_short, is_hopeless, is_known
from pansentry.pan.runs import Gap, Group, rows_around
from pansentry.pan.scientific import scientific
from pansentry.pan.sieve import long_groups, numbers
from pansentry.pan.unnamed import keyed, named
from pansentry.pan.vocabulary import Role
from pansentry.pan.weighing import (
    of_another_kind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

_UNUSUAL = (17, 18)  # digits: hardly a card has so many, and fours are how people part any number


@dataclass(slots=True)
class Candidate:
    """A number that has a scheme's range, length and check digit.

    ``spans`` are its pieces in the folded text (one, unless words stand between); ``evidence`` codes, see
    :mod:`pansentry.pan.evidence`.
    """

    digits: str
    brand: Brand
    spans: tuple[tuple[int, int], ...]
    evidence: list[str] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the first piece begins."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where the last piece ends."""
        return self.spans[-1][1]

    @property
    def confidence(self) -> float:
        """What the evidence adds up to."""
        return score(self.evidence)

    def __repr__(self) -> str:
        return f"<Candidate {self.brand.key} …{self.digits[-4:]} {self.confidence:.2f} {' '.join(self.evidence)}>"


def candidates(
    scene: Scene, options: DetectOptions, known: Known, *, enough: float | None = None
) -> Iterator[Candidate]:
    """Yield the candidates of a scene with all their evidence; with ``enough`` only those that may come up to it."""
    data = scene.text[scene.start : scene.end].encode("latin-1", "replace")  # a byte to a character
    found = [(scene.start + at, scene.start + to, digits) for at, to, digits in numbers(data, lenient=scene.labelled)]
    scene.numbers = len(found)
    for row, held in rows_around(scene.text, scene.start, scene.end, found):
        for first, last, digits in held:
            if digits[0] == "0" or digits[0] == "7":
                continue
            brand, number = known_issuer(digits, options), digits
            evidence: list[str]
            if brand is not None:
                evidence = issuer_evidence(digits, brand)
            elif (rounded := _spreadsheet(digits, last - first + 1, options)) is not None and scene.labelled:
                number, brand = rounded
                evidence = ["spreadsheet", issuer_evidence(number, brand)[-1]]
            else:
                continue
            candidate = Candidate(number, brand, ((row[first].start, row[last].end),), evidence)
            grouping = grouping_evidence(row[first : last + 1], brand)
            if is_part(scene, row, first, last, brand, options):  # a window of a longer row is not printed so
                evidence += ["longer", *(code for code in grouping if code != "grouping-printed")]
            else:
                evidence += grouping
            if last > first and row[first + 1].gap >= Gap.WIDE and kept_by_mask(scene.text, row[first].start):
                evidence.append("masked-part")
            if enough is not None and is_hopeless(candidate, scene, enough):
                continue
            if weigh(candidate, scene, options, known, enough):
                yield candidate
    exponents = list(scientific(data)) if scene.labelled else []
    scene.numbers += len(exponents)
    for at, to, digits in exponents:
        brand, number = known_issuer(digits, options), digits
        if brand is None and (rounded := _spreadsheet(digits, 1, options)) is not None:
            number, brand = rounded
        if brand is not None:
            span = (scene.start + at, scene.start + to)
            candidate = Candidate(number, brand, (span,), ["spreadsheet", issuer_evidence(number, brand)[-1]])
            if enough is not None and is_hopeless(candidate, scene, enough):
                continue
            if weigh(candidate, scene, options, known, enough):
                yield candidate
    for match in long_groups(data):
        start, end = scene.start + match.start(), scene.start + match.end()
        yield from _glued(Group(start, end, match[0].decode(), Gap.BREAK), scene, options, known)


def weigh(
    candidate: Candidate, scene: Scene, options: DetectOptions, known: Known, enough: float | None = None
) -> bool:
    """Add what stands around a candidate to its evidence; not all of it, and False, if it can not be ``enough``."""
    text, start, end, evidence = scene.text, candidate.start, candidate.end, candidate.evidence
    if enough is not None and falls_short(candidate, scene, known, enough):
        return False
    around = tuple(touching(text, start, end, lambda left, right: _is_label(scene, left, right)))
    is_spoken = any(code.startswith("spoken") for code in evidence)
    if is_spoken:
        around = tuple(code for code in around if code != "touching")  # words touch by nature
    if "url" not in around:  # the words of an address are no labels
        evidence += label_evidence(scene, start, end)
    if any(code.startswith("iin-weak") for code in evidence) and of_another_kind(scene, start):
        evidence[:] = ["other-mention" if code in ("label-card", "label-word") else code for code in evidence]
    unlabelled = "url" not in around and not any(code.startswith(("label", "other")) for code in evidence)
    if "label-card" in evidence and "separators-wide" in evidence:
        evidence.remove("separators-wide")  # a list under its label
    if scene.labelled and unlabelled and scene.card_words_near(start, end):
        weak = any(code.startswith("iin-weak") for code in evidence)
        evidence.append("other-mention" if weak and keyed(scene, start) else "context-card")
    elif unlabelled and len(candidate.digits) in _UNUSUAL and "grouping-printed" in evidence:
        evidence[evidence.index("grouping-printed")] = "grouping-sizes"
    elif unlabelled and not is_known(known) and named(scene, start, end):
        evidence.append("other-mention")
    evidence += beside(candidate, scene)
    if scene.labelled and labelled_beside(scene, start, end):
        evidence.append("beside-labelled")
        if "other-label" in evidence and not _has_cards_code(scene, start, end):
            evidence.remove("beside-labelled")
        elif "other-label" in evidence:  # "gift certificate: 4111…, exp 09/28, CVV 737": whoever has a CVV is a card
            evidence[evidence.index("other-label")] = "other-mention"
    if "other-mention" in evidence and "beside-labelled" not in evidence and paid_with(scene, start, end):
        evidence.remove("other-mention")
    if not _ANOTHERS.isdisjoint(evidence):
        scene.others.append(end)
    evidence += around
    seen_before = ["known-card"] if is_known(known) else []
    best = total(evidence) + total(seen_before)
    if is_spoken and not any(code.startswith(("label", "context", "other")) for code in evidence):
        best += EVIDENCE["context-card"].weight  # which a date and a code may speak for
    if enough is not None and best / 100 < enough:
        return False  # all else speaks against it
    if not any(code.startswith("label") for code in evidence):
        evidence += own_rules(candidate.digits, candidate.brand.key)
    evidence += seen_before
    if own_number(candidate.digits, options.own_numbers):
        evidence.append("own-number")
    if options.ignore_test_numbers and candidate.digits in TEST_NUMBERS:
        evidence.append("test-number")
    return True


_ANOTHERS = frozenset(("other-label", "other-mention"))


def _has_cards_code(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a code under a name that only payment cards' codes have, or a word for one, stands beside."""
    hits = (*scene.between(start - BEHIND * 4, start), *scene.between(end, end + BEHIND * 8))
    if any(hit.roles & Role.CARD and not hit.roles & (Role.NOT_CARD | Role.NUMBER) for hit in hits):
        return True
    return any(hit.roles & Role.CODE for hit in hits)


def _is_label(scene: Scene, start: int, end: int) -> bool:
    wanted = Role.CARD | Role.CARD_WEAK | Role.NUMBER | Role.EXPIRY | Role.CODE | Role.FILLER
    return any(hit.end >= end and hit.roles & wanted for hit in scene.between(start, end))


_KEPT = re.compile(r"(?:[x*#•●]{2,6}[ .\-]?[x*#•●]{2,6}|[x*#•●]{8,})[ .\-]?\Z")


def kept_by_mask(text: str, start: int) -> bool:
    """Tell whether the digits at ``start`` are what a mask has left of a number ("XXXX XXXX XXXX 1111")."""
    if MASKS.isdisjoint(text[max(0, start - 2) : start]):
        return False
    return _KEPT.search(text, max(0, start - 16), start) is not None


MASKS = frozenset("x*#•●")


def _spreadsheet(digits: str, groups: int, options: DetectOptions) -> tuple[str, Brand] | None:
    """Return number and scheme of sixteen digits in one cell whose last a spreadsheet turned to zero."""
    if groups != 1 or len(digits) != 16 or digits[-1] != "0":
        return None
    whole = digits[:-1] + luhn_digit(digits[:-1])
    brand = known_issuer(whole, options)
    return (whole, brand) if brand is not None else None


def _glued(group: Group, scene: Scene, options: DetectOptions, known: Known) -> Iterator[Candidate]:
    """Yield the number in front of a glued row: number, MMYY and code without a blank."""
    digits = group.digits
    for length in (16, 15, 14, 19, 13, 18):
        rest = digits[length:]
        if len(rest) not in (4, 6, 7, 8, 9, 10) or not SHAPE.fullmatch(rest[:4]):
            continue
        brand = known_issuer(digits[:length], options)
        if brand is None or len(rest) not in (4, 4 + brand.code_digits):
            continue
        candidate = Candidate(digits[:length], brand, ((group.start, group.start + length),))
        candidate.evidence += [*issuer_evidence(digits[:length], brand), "longer", "beside-expiry"]
        if len(rest) > 4:
            candidate.evidence.append("beside-code")
        candidate.evidence += label_evidence(scene, group.start, group.end)
        if scene.card_words_near(group.start, group.end):
            candidate.evidence.append("context-card")
        candidate.evidence += touching(
            scene.text, group.start, group.end, lambda left, right: _is_label(scene, left, right)
        )
        yield candidate


def resolve(found: Sequence[Candidate]) -> list[Candidate]:
    """Keep the most credible of overlapping candidates; longer and world-wide ones win ties."""
    taken: list[Candidate] = []
    ranked = sorted(found, key=lambda c: (-total(c.evidence), -len(c.digits), not c.brand.world_wide, c.start))
    occupied: set[int] = set()
    for candidate in ranked:
        cells = {cell for start, end in candidate.spans for cell in range(start, end)}
        if occupied.isdisjoint(cells):
            occupied |= cells
            taken.append(candidate)
    return sorted(taken, key=lambda c: c.start)
