"""Card numbers: candidates at group edges, the evidence for and against each, and which of them are taken.

In: a :class:`Scene`. Out: candidates with their evidence; :func:`resolve` keeps the best of those that overlap.
Issuer range, length and check digit come first (they cost least), so only one digit string in 36 is looked at closely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.brands import MAX_DIGITS, Brand, brands_of, has_issuer, luhn, luhn_digit
from pansentry.pan.dates import SHAPE
from pansentry.pan.evidence import EVIDENCE, score, total
from pansentry.pan.lookalikes import TEST_NUMBERS, own_number, own_rules, touching
from pansentry.pan.neighbours import beside_evidence, code_further_on, labelled_beside
from pansentry.pan.runs import Gap, Group, rows_around
from pansentry.pan.scene import CONTEXT
from pansentry.pan.scientific import scientific
from pansentry.pan.sieve import long_groups, numbers
from pansentry.pan.unnamed import named
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

_PAID = 10  # characters from a word of paying to its card number: "to", "my"
_ADJACENT = 15  # a mention further away does not label the number
_BEHIND = 25
_TYPICAL = 4  # the size of one printed group
_LABELS = Role.CARD | Role.CARD_WEAK | Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT


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


def known_issuer(digits: str, options: DetectOptions) -> Brand | None:
    """Return the scheme of ``digits`` by range, length and check digit, or None."""
    if not has_issuer(digits) or not luhn(digits):
        return None
    for brand in brands_of(digits):
        if not options.brands or brand.key in options.brands:
            return brand
    return None


def issuer_evidence(digits: str, brand: Brand) -> list[str]:
    """Return the evidence that range, length and check digit give."""
    strength = "iin" if len(digits) in brand.alone else "iin-weak"
    return ["luhn", f"{strength}:{brand.key}"]


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
            if _is_part(scene, row, first, last, brand, options):  # a window of a longer row is not printed so
                evidence += ["longer", *(code for code in grouping if code != "grouping-printed")]
            else:
                evidence += grouping
            if last > first and row[first + 1].gap >= Gap.WIDE and kept_by_mask(scene.text, row[first].start):
                evidence.append("masked-part")
            if enough is not None and _is_hopeless(candidate, scene, enough):
                continue
            weigh(candidate, scene, options, known)
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
            if enough is not None and _is_hopeless(candidate, scene, enough):
                continue
            weigh(candidate, scene, options, known)
            yield candidate
    for match in long_groups(data):
        start, end = scene.start + match.start(), scene.start + match.end()
        yield from _glued(Group(start, end, match[0].decode(), Gap.BREAK), scene, options, known)


_ABOVE = 700  # characters before a number in which its label stands at the furthest: three lines
_SPEAKS = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY


_BESIDE = sum(EVIDENCE[code].weight for code in ("beside-expiry", "beside-code"))


def _is_hopeless(candidate: Candidate, scene: Scene, enough: float) -> bool:
    """Tell whether nothing around a candidate can make it credible.

    Most that pass the sieve in rows of single digits and in tables are: 2 µs for each of them, not 30.
    """
    best = total(candidate.evidence) + EVIDENCE["known-card"].weight
    if best + _BESIDE >= 100 * enough and best + total(_beside(candidate, scene)) >= 100 * enough:
        return False
    near = scene.between(candidate.start - _ABOVE, candidate.end + CONTEXT) if scene.labelled else ()
    return not any(hit.roles & _SPEAKS for hit in near) and not scene.column_hits(candidate.start)


def weigh(candidate: Candidate, scene: Scene, options: DetectOptions, known: Known) -> None:
    """Add what stands around a candidate to its evidence."""
    text, start, end, evidence = scene.text, candidate.start, candidate.end, candidate.evidence
    around = tuple(touching(text, start, end, lambda left, right: _is_label(scene, left, right)))
    if "url" not in around:  # the words of an address are no labels
        evidence += label_evidence(scene, start, end)
    unlabelled = "url" not in around and not any(code.startswith(("label", "other")) for code in evidence)
    if "label-card" in evidence and "separators-wide" in evidence:
        evidence.remove("separators-wide")  # a list under its label
    if scene.labelled and unlabelled and scene.card_words_near(start, end):
        evidence.append("context-card")
    elif unlabelled and not (known.card_in_message or known.card_in_conversation) and named(scene, start):
        evidence.append("other-mention")
    evidence += _beside(candidate, scene)
    if scene.labelled and "other-label" not in evidence and labelled_beside(scene, start, end):
        evidence.append("beside-labelled")
    evidence += around
    if not any(code.startswith("label") for code in evidence):
        evidence += own_rules(candidate.digits, candidate.brand.key)
    if known.card_in_message or known.card_in_conversation:
        evidence.append("known-card")
    if own_number(candidate.digits, options.own_numbers):
        evidence.append("own-number")
    if options.ignore_test_numbers and candidate.digits in TEST_NUMBERS:
        evidence.append("test-number")


def _beside(candidate: Candidate, scene: Scene) -> Iterator[str]:
    """Yield what stands right behind a candidate; fractions in a row are no dates."""
    evidence = candidate.evidence
    if "grouping-odd" not in evidence or any(code.startswith("label") for code in evidence):
        yield from beside_evidence(scene, candidate.end, candidate.brand)


def _is_label(scene: Scene, start: int, end: int) -> bool:
    wanted = Role.CARD | Role.CARD_WEAK | Role.NUMBER | Role.EXPIRY | Role.CODE | Role.FILLER
    return any(hit.end >= end and hit.roles & wanted for hit in scene.between(start, end))


def grouping_evidence(groups: Sequence[Group], brand: Brand) -> Iterator[str]:
    """Yield what the sizes of the groups and the gaps between them say."""
    if len(groups) == 1:
        return
    gaps = {group.gap for group in groups[1:]}
    sizes = tuple(len(group.digits) for group in groups)
    if brand.printed(sizes):
        yield "grouping-printed" if len(gaps) == 1 and max(gaps) <= Gap.MARK else "grouping-sizes"
    elif not _regular(sizes):
        yield "grouping-odd"
    if max(gaps) >= Gap.WIDE:
        yield "separators-wide"


def _regular(sizes: tuple[int, ...]) -> bool:
    """Tell whether groups are of one size, but for the last: single digits, pairs, threes, eights."""
    return len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0] and sizes[0] > 1


def _is_part(scene: Scene, row: Sequence[Group], first: int, last: int, brand: Brand, options: DetectOptions) -> bool:
    """Tell whether the groups beside a window make it a piece of something longer."""
    inner = row[first + 1].gap if last > first else None
    before = first > 0 and _continues(row[first].gap, inner)
    after = last + 1 < len(row) and _continues(row[last + 1].gap, inner)
    if before and not _harmless_before(row, first, options):
        return True
    return after and not _harmless_after(scene, row, first, last, brand, options)


def _continues(gap: Gap, inner: Gap | None) -> bool:
    """Tell whether a gap outside a window looks like those inside it."""
    return gap == inner if inner is not None else gap in (Gap.SPACE, Gap.DASH, Gap.MARK)


_KEPT = re.compile(r"(?:[x*#•●]{2,6}[ .\-]?[x*#•●]{2,6}|[x*#•●]{8,})[ .\-]?\Z")


def kept_by_mask(text: str, start: int) -> bool:
    """Tell whether the digits at ``start`` are what a mask has left of a number ("XXXX XXXX XXXX 1111")."""
    if MASKS.isdisjoint(text[max(0, start - 2) : start]):
        return False
    return _KEPT.search(text, max(0, start - 16), start) is not None


MASKS = frozenset("x*#•●")


def _harmless_before(row: Sequence[Group], first: int, options: DetectOptions) -> bool:
    """A year, a short count, an expiry date or another card may stand before a card."""
    digits = row[first - 1].digits
    if len(digits) <= 3 or (len(digits) == _TYPICAL and digits[:2] in ("19", "20")):
        return True
    if len(digits) > 6 and row[first].gap != Gap.DASH:
        return True
    return _another_card(row, first, -1, options)


def _belongs(scene: Scene, row: Sequence[Group], last: int, first: int, options: DetectOptions) -> bool:
    """Tell whether the groups behind a window complete a longer card number, rather than being a code.

    Three digits behind a blank are a code unless the longer number is of a scheme that commonly has such numbers or
    has no codes, or the code stands further on. In doubt the shorter reading: a mask of the longer one keeps the code.
    """
    gap, stop = row[last + 1].gap, last + 1
    digits = "".join(group.digits for group in row[first : last + 1])
    while stop < len(row) and row[stop].gap == gap and len(digits) + len(row[stop].digits) <= MAX_DIGITS:
        digits += row[stop].digits
        stop += 1
    goes_on = stop < len(row) and row[stop].gap == gap and SHAPE.match(scene.text, row[stop].start) is None
    if stop == last + 1 or goes_on:
        return False
    longer = known_issuer(digits, options)
    if longer is None:
        return False
    code = stop == last + 2 and len(row[last + 1].digits) == 3 and gap == Gap.SPACE
    return (
        not code
        or not longer.code_digits
        or 16 not in longer.alone
        or 19 in longer.alone
        or code_further_on(scene, row[last + 1].end)
    )


def _harmless_after(
    scene: Scene, row: Sequence[Group], first: int, last: int, brand: Brand, options: DetectOptions
) -> bool:
    """An expiry date, a code, a postal code or another card may stand behind a card."""
    following = row[last + 1].digits
    if _belongs(scene, row, last, first, options):
        return False
    if SHAPE.match(scene.text, row[last + 1].start):
        return True
    if len(following) <= 3 or len(following) in (5, 6, 8) or _another_card(row, last, 1, options):
        return True
    if len(following) != _TYPICAL:
        return len(following) > 6 and row[last + 1].gap != Gap.DASH
    further = row[last + 2 :]
    goes_on = bool(further) and further[0].gap == row[last + 1].gap and len(further[0].digits) == _TYPICAL
    if goes_on:
        return False
    return bool(SHAPE.fullmatch(following)) or (brand.code_digits == len(following))


def _another_card(row: Sequence[Group], edge: int, step: int, options: DetectOptions) -> bool:
    """Tell whether the groups right outside a window are themselves a card number."""
    digits, index = "", edge + (step if step > 0 else -1)
    while 0 <= index < len(row) and len(digits) < MAX_DIGITS:
        digits = digits + row[index].digits if step > 0 else row[index].digits + digits
        if 13 <= len(digits) <= MAX_DIGITS and known_issuer(digits, options) is not None:
            return True
        index += step
    return False


def label_evidence(scene: Scene, start: int, end: int) -> Iterator[str]:
    """Yield what the nearest label says: before it on its line, on the line above, in its column, right after it."""
    text = scene.text
    line = scene.line_start(start)
    verdict = _nearest(scene, line, start)
    if verdict:
        yield verdict
        return
    if not any(map(str.isalpha, text[line:start])):
        above = scene.previous_line(start)
        if above is not None and (not _holds_long_number(text[above[0] : above[1]]) or _ends_in_card(scene, *above)):
            verdict = _nearest(scene, *above)
            if verdict:
                yield "label-near" if verdict.startswith("label") else verdict
                return
    column = scene.column_hits(start)
    for hit in column:
        if hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD:
            yield "label-near"
            return
    if column and any(hit.roles & (Role.OTHER | Role.MENTION | Role.NOT_CARD) or hit.word == "id" for hit in column):
        yield "other-label"
        return
    for hit in scene.between(end, end + _BEHIND):
        between = text[end : hit.start]
        if _END.search(between) is not None:
            break
        if hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD:
            yield "label-near"
            return
        if hit.roles & (Role.OTHER | Role.NOT_CARD) and between.strip(" \t") in ("", "(", "[", "-", "=", "is", "is my"):
            yield "other-label"
            return


_END = re.compile(r"[\n0-9]")


def _ends_in_card(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a label of cards is all that stands at the end of a line: what it labels was wrapped."""
    hits = [hit for hit in scene.between(start, end) if hit.roles & _LABELS and hit.end <= end]
    if not hits or not hits[-1].roles & (Role.CARD | Role.CARD_WEAK) or hits[-1].roles & Role.NOT_CARD:
        return False
    return not any(map(str.isalnum, scene.text[hits[-1].end : end]))


def _holds_long_number(line: str) -> bool:
    """Tell whether a line has its own number, so that its label is spent."""
    return len(_DIGIT.findall(line)) > 4


_DIGIT = re.compile(r"[0-9]")


def _nearest(scene: Scene, start: int, end: int) -> str | None:
    """Return what the nearest label in ``start:end``, a stretch that ends before the number, says of it.

    A label of another number is spent once digits follow it; one that merely names a thing counts right before the
    number only, and yields to a card label before it.
    """
    text = scene.text
    mentioned = False
    for hit in reversed(scene.between(start, end)):
        roles = hit.roles
        if roles & Role.PAYING and end - hit.end <= _PAID:
            return None  # "for my visa application please charge 4111…"
        if not roles & _LABELS or hit.end > end:
            continue
        if roles & Role.NOT_CARD:
            if len(_DIGIT.findall(text, hit.end, end)) <= _TYPICAL:  # "BahnCard 25 Nr.": part of its name
                return "other-label"
        elif roles & (Role.CARD | Role.CARD_WEAK):
            if mentioned and (_spent(text, hit.end, end) or _SENTENCE_END.search(text, hit.end, end)):
                break  # "Maestro …, 12 March, order 5018…": the nearer word labels it
            if _LONG.search(text, hit.end, end):
                return None  # another number has had this label
            return "label-card" if roles & Role.CARD else "label-word"
        elif _spent(text, hit.end, end):
            continue
        elif roles & Role.OTHER:
            return "other-label"
        elif end - hit.end <= _ADJACENT and text[hit.start - 1 : hit.start] != "@":  # the domain of an address is none
            mentioned = True
    return "other-mention" if mentioned else None


_SENTENCE_END = re.compile(r"(?:[!?]|(?<=[^\W\d_]{4})[.])[ \r\n]+(?=[^\W\d_])")
_LONG = re.compile(r"[0-9](?:[ \-.]?[0-9]){13,}[^0-9]{0,12}[^\W\d_]{3,}[^0-9]*\Z")
"""A long number, and then words, between a label and a place."""


_DATES = re.compile(r"(?<![0-9])(?:[0-3]?[0-9][./\-]){1,2}(?:20)?[0-9]{2}(?![0-9])")


def _spent(text: str, start: int, end: int) -> bool:
    """Tell whether a label has had its number: digits that are no date stand behind it."""
    between = text[start:end]
    return _DIGIT.search(between) is not None and _DIGIT.search(_DATES.sub("", between)) is not None


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
