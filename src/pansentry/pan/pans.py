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
from pansentry.pan.neighbours import headline, labelled_beside, paid_with
from pansentry.pan.prospects import beside, falls_short, is_hopeless, is_known
from pansentry.pan.runs import Gap, Group, rows_around
from pansentry.pan.scientific import scientific
from pansentry.pan.sieve import long_groups, numbers
from pansentry.pan.unnamed import keyed, named, told
from pansentry.pan.vocabulary import Role
from pansentry.pan.weighing import is_disclaimed, is_stamp, names_another, of_another_kind, refers_to_another

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import DetectOptions, Known
    from pansentry.pan.scene import Scene

_PAID = 10  # characters from a word of paying to its card number: "to", "my"
_UNUSUAL = (17, 18)  # digits: hardly a card has so many, and fours are how people part any number
_BREAK = " \t\r\n>|"  # blanks, and the marks of a quoted line
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
        if "other-label" in evidence:  # "the gift certificate: 4111…, exp 09/28, CVV 737": whoever has a CVV is a card
            evidence[evidence.index("other-label")] = "other-mention"
    if "other-mention" in evidence and "beside-labelled" not in evidence and paid_with(scene, start, end):
        evidence.remove("other-mention")
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


def label_evidence(scene: Scene, start: int, end: int) -> Iterator[str]:
    """Yield what the nearest label says: before it on its line, on the line above, in its column, right after it."""
    text = scene.text
    if _NO_BANKS.match(text, end) is not None:
        yield "other-label"
        return
    verdict = _before(scene, start) or _of_list(scene, start, end)
    if verdict:
        yield verdict
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
            if not refers_to_another(scene, hit):
                yield "label-near"
            return
        if hit.roles & (Role.OTHER | Role.NOT_CARD) and between.strip(" \t") in ("", "(", "[", "-", "=", "is", "is my"):
            yield "other-label"
            return


def _before(scene: Scene, start: int) -> str | None:
    """Return what the nearest label before a number says, on its line or above it."""
    line = scene.line_start(start)
    verdict = _nearest(scene, line, start)
    if verdict or any(map(str.isalpha, scene.text[line:start])):
        return verdict
    above = scene.previous_line(start)
    if above is not None and (not _holds_long_number(scene.text[above[0] : above[1]]) or _ends_in_card(scene, *above)):
        verdict = _nearest(scene, *above)
    elif (headed := headline(scene, start)) is not None:
        verdict = _nearest(scene, *headed)
    return "label-near" if verdict is not None and verdict.startswith("label") else verdict


def _of_list(scene: Scene, start: int, end: int) -> str | None:
    """Return "other-label" if a label says so of a number that stands right before this one in a list."""
    for _ in range(_LISTED):
        place = _listed_before(scene, start, end)
        if place is None:
            return None
        start, end = place
        verdict = _before(scene, start)
        if verdict is not None:
            return verdict if verdict == "other-label" else None
    return None


_LISTED = 4  # numbers of a list before one of them


def _listed_before(scene: Scene, start: int, end: int) -> tuple[int, int] | None:
    """Return where the number stands that this one follows in a list of such: "4716… (Ben), 4716… (Eve)"."""
    text, size = scene.text, end - start
    match = _AND.search(text, max(scene.start, start - _AND_REACH), start)
    if match is None or match.start() - size < scene.start:
        return None
    before = text[match.start() - size : match.start()]
    if _DIGIT.sub("0", before) != _DIGIT.sub("0", text[start:end]) or text[match.start() - size - 1 :][:1].isalnum():
        return None
    return match.start() - size, match.start()


_AND_REACH = 32
_AND = re.compile(
    r"(?<=[0-9])(?:[ ]\([^()\r\n0-9]{1,20}\))?(?:,|,?(?:[ ]|\r?\n[>| ]{0,4})(?:and|und|et|y|e|en|i|og|och|и))[ ]\Z"
)
_END = re.compile(r"[\n0-9]")
_NO_BANKS = re.compile(
    r"[ ]?[(\[] ?(?:it is |it's |das ist |c'est |es |e |to )?(?:not|no|keine?|pas|non|nao|geen|ikke|inte|nie|neni|ei|nu"
    r"|не|δεν)[ ](?:(?:es|est|e|je|jest|ist|is|una?|une|an?|de|eine?|et|card|carte|carta|cartao|tarjeta|karta|karte"
    r"|карта|kort|kaart)[ ]){0,3}(?:(?:bank|payment|zahlungs|betal\w{0,6})[ ]?(?:card|kart|kort|kaart)\w{0,3}"
    r"|banc(?:ari[ao]|aire)s?|bankow[aey]\w?|bankovn\w{1,2}|p[łl]atnicz\w{1,2}|(?:de |di )?(?:pagamento|paiement|pago)"
    r"|банк(?:овск|івськ)\w{1,3}|платежн\w{1,3}|τραπεζικ\w{1,2})(?= ?[,;)\]])"
)
"""What is said in brackets to be no bank's card; "not a credit card" may be a debit card, "no bank transfer" says how
something is paid."""


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
        if roles & Role.PAYING and len(text[hit.end : end].rstrip(_BREAK)) <= _PAID:
            return None  # "for my visa application please charge 4111…"
        if not roles & _LABELS or hit.end > end:
            continue
        if roles & Role.NOT_CARD:
            if len(_DIGIT.findall(text, hit.end, end)) <= _TYPICAL:  # "BahnCard 25 Nr.": part of its name
                return "other-label"
        elif roles & (Role.CARD | Role.CARD_WEAK):
            if mentioned and (
                _spent(text, hit.end, end) or _SENTENCE_END.search(text, hit.end, end) or is_stamp(scene, hit)
            ):
                break  # "Maestro …, 12 March, order 5018…", "visa grant number 4012…": the nearer word labels it
            if _LONG.search(text, hit.end, end):
                return None  # another number has had this label
            if is_disclaimed(scene, hit):
                return "other-label"
            if names_another(scene, hit):
                return "other-mention"
            return "label-card" if roles & Role.CARD else "label-word"
        elif _spent(text, hit.end, end):
            continue
        elif roles & Role.OTHER:
            if told(scene, hit.end, end):
                continue  # "the phone gets it wrong, I will type it 5105…"
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
