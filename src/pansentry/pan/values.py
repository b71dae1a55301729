"""Verification codes and expiry dates: by label, by place beside a card number, by shape where a card is known.

In: a :class:`Scene` and the card numbers taken. Out: :class:`Value` s with their evidence. A label must be joined to its
value by nothing but marks and words that may stand there ("is", "number", "on the back"), so that sentences about codes
and offers that expire give none. A code alone is strong evidence only under its own names; "code" needs a card near.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at, starts_inside
from pansentry.pan.evidence import score
from pansentry.pan.finding import Kind
from pansentry.pan.pans import code_at, skip_separators
from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_MAX_BRIDGE = 60
_MAX_BRIDGE_WORDS = 7
_NEAR = 120
_CODE_LABELS = Role.CODE | Role.CODE_WEAK | Role.PIN
_BRIDGE_ROLES = Role.FILLER | Role.CODE | Role.CODE_WEAK | Role.NUMBER | Role.CARD | Role.CARD_WEAK | Role.EXPIRY
_SPACED = re.compile(r"[0-9](?:[ .\-][0-9]){2,3}(?![0-9]|[ .\-/][0-9])")
_UNITS = re.compile(
    r"[ \t]?(?:%|€|\$|£|¥|°|eur\b|usd\b|gbp\b|chf\b|pln\b|sek\b|dkk\b|nok\b|czk\b|huf\b|ron\b|euros?\b|dollars?\b|pounds?\b"
    r"|kg\b|g\b|km\b|cm\b|mm\b|m\b|ml\b|l\b|kb\b|mb\b|gb\b|pcs\b|x\b|stk\b|st\.|stück\b|pieces?\b|people\b|persons?\b"
    r"|personen\b|personas\b|persone\b|personnes\b|nights?\b|days?\b|tage\b|jours\b|días\b|giorni\b|hours?\b|minutes?\b|min\b"
    r"|users?\b|years?\b|kč|zł|円|元|원|руб|грн|lei\b|ft\b|tl\b|digits?\b|characters?\b)"
)


@dataclass(slots=True)
class Value:
    """A code or expiry date at ``start:end`` of the folded text."""

    kind: Kind
    start: int
    end: int
    value: str
    evidence: list[str] = field(default_factory=list)

    @property
    def confidence(self) -> float:
        """What the evidence adds up to."""
        return score(self.evidence)


def find_values(scene: Scene, pans: Sequence[Candidate], known: Known) -> list[Value]:
    """Return the codes and expiry dates of a scene, sorted, not overlapping, the most credible reading of each."""
    found: list[Value] = []
    if scene.labelled:
        found += _labelled(scene, pans, known)
    for index, pan in enumerate(pans):
        stop = pans[index + 1].start if index + 1 < len(pans) else scene.end
        found += _beside(scene, pan, stop)
    if known.card_in_message or known.card_in_conversation:
        found += _follow_up(scene)
    return _best(found, pans)


def _best(found: Sequence[Value], pans: Sequence[Candidate]) -> list[Value]:
    occupied = {cell for pan in pans for start, end in pan.spans for cell in range(start, end)}
    taken = []
    for value in sorted(found, key=lambda v: (-v.confidence, v.start, -v.end)):
        cells = set(range(value.start, value.end))
        if occupied.isdisjoint(cells):
            occupied |= cells
            taken.append(value)
    return sorted(taken, key=lambda v: v.start)


# --- by label ---------------------------------------------------------------------------------------------------


def _labelled(scene: Scene, pans: Sequence[Candidate], known: Known) -> list[Value]:
    """Read the value that each label of a code or expiry date introduces, then weigh them by one another."""
    found: list[Value] = []
    for hit in scene.hits:
        if hit.roles & _CODE_LABELS and not hit.roles & Role.NOT_CARD:
            code = _code_after(scene, hit.end) or _code_before(scene, hit.start)
            if code is not None:
                label = (
                    "label-code"
                    if hit.roles & Role.CODE
                    else "label-pin"
                    if hit.roles & Role.PIN
                    else "label-code-word"
                )
                found.append(Value(Kind.CVV, *code, [f"{label}:{hit.language}"]))
        if hit.roles & Role.EXPIRY:
            date = _date_after(scene, hit.end) or _date_before(scene, hit.start)
            if date is not None:
                evidence = [f"label-expiry:{hit.language}"]
                if _other_subject(scene, hit.start):
                    evidence.append("other-subject")
                found.append(Value(Kind.EXPIRY, *date, evidence))
    _weigh(scene, found, pans, known)
    return found


def _weigh(scene: Scene, found: Sequence[Value], pans: Sequence[Candidate], known: Known) -> None:
    """Add to labelled values what stands near: card numbers, each other, words about cards, what is known."""
    card_known = known.card_in_message or known.card_in_conversation
    amex = any(pan.brand.code_digits == 4 for pan in pans)
    positions = {kind: [v for v in found if v.kind is kind] for kind in Kind}
    for value in found:
        near = [pan for pan in pans if pan.start - CONTEXT < value.start < pan.end + CONTEXT]
        if near or card_known:
            value.evidence.append("near-card")
        elif scene.card_words_near_value(value.start, value.end, 60 if value.kind is Kind.EXPIRY else _NEAR):
            value.evidence.append("near-card-word")
        if value.kind is Kind.CVV:
            if any(abs(other.start - value.start) < _NEAR for other in positions[Kind.EXPIRY]):
                value.evidence.append("near-expiry")
            if len(value.value) == 4 and not amex:
                value.evidence.append("four-digits")
                if value.value[:2] in ("19", "20"):
                    value.evidence.append("year-like")
        elif any(
            abs(other.start - value.start) < _NEAR and not other.evidence[0].startswith("label-pin")
            for other in positions[Kind.CVV]
        ):
            value.evidence.append("near-code")


def _bridge(scene: Scene, position: int) -> int | None:
    """Return where the digits begin that ``position`` is joined to by marks and filler words only."""
    text = scene.text
    limit = min(len(text), position + _MAX_BRIDGE)
    breaks = 0
    for _ in range(_MAX_BRIDGE_WORDS):
        while position < limit and not text[position].isalnum():
            breaks += text[position] == "\n"
            if breaks > 2 or text[position] in "?!":
                return None
            position += 1
        if position >= limit:
            return None
        if text[position].isdigit():
            if _counts(text, position):
                position += 1
                continue
            return position
        match = TOKEN.match(text, position)
        if match is None:
            return None
        hit = scene.at(position)
        if hit is None or not hit.roles & _BRIDGE_ROLES:
            return position if match[0] in scene.vocabulary.months else None
        position = hit.end
    return None


def _counts(text: str, position: int) -> bool:
    """Tell whether the digit counts digits ("3 digits", "3桁"), and is no value."""
    after = text[position + 1 : position + 12]
    return text[position] in "34" and bool(after) and not after[0].isdigit() and _COUNTED.match(after) is not None


_COUNTED = re.compile(
    r"[ \-]?(?:digit|number|chiffre|cifr|numer|ziffer|zahl|stell|cijfer|siffr|sifr|digito|桁|位|자리|hane|haneli|numero|цифр|אות|ספרות)"
)


def _code_after(scene: Scene, position: int) -> tuple[int, int, str] | None:
    text = scene.text
    at = _bridge(scene, position)
    return None if at is None else _code(text, at)


def _code(text: str, at: int) -> tuple[int, int, str] | None:
    """Return the code of three or four digits at ``at``, together or one by one."""
    for length in (3, 4):
        if code_at(text, at, length) or _ends_in_word(text, at, length):
            return None if _UNITS.match(text, at + length) else (at, at + length, text[at : at + length])
    match = _SPACED.match(text, at)
    if match is not None:
        return at, match.end(), "".join(c for c in match[0] if c.isdigit())
    return None


def _ends_in_word(text: str, at: int, length: int) -> bool:
    """Tell whether a code is followed directly by text of a script without blanks ("737です")."""
    end = at + length
    return text[at:end].isdigit() and len(text) > end and text[end] >= "\u3000" and not text[end].isdigit()


_BEFORE = re.compile(
    r"(?<![0-9./,\-:])(?P<code>[0-9]{3,4})[ \t]?(?:[(\[=\-]|is|ist|est|es|är|is the|ist der|est le)?[ \t]{0,2}(?:my |the |der |le |el |il )?$"
)


def _code_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the code right before its label: "737 (CVV)"."""
    match = _BEFORE.search(scene.text, max(scene.start, position - 20), position)
    return None if match is None else (match.start("code"), match.end("code"), match["code"])


def _date_after(scene: Scene, position: int) -> tuple[int, int, str] | None:
    at = _bridge(scene, position)
    if at is None:
        return None
    found = date_at(scene.text, at, scene.vocabulary.months, fields=True)
    return None if found is None else (at, *found)


_DATE_BEFORE = re.compile(r"(?<![0-9./,\-:])[0-9]{1,4} ?[/.\-] ?[0-9]{2,4}[ \t]?[(\[=\-]?[ \t]{0,2}$")


def _date_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the expiry date right before its label: "09/28 (exp)"."""
    match = _DATE_BEFORE.search(scene.text, max(scene.start, position - 16), position)
    if match is None:
        return None
    found = date_at(scene.text, match.start(), scene.vocabulary.months)
    return None if found is None or found[0] > position else (match.start(), *found)


def _other_subject(scene: Scene, position: int) -> bool:
    """Tell whether the words before an expiry label speak of another thing than a payment card."""
    text = scene.text
    for hit in reversed(scene.between(max(position - 60, scene.line_start(position)), position)):
        if hit.roles & (Role.CARD | Role.CODE | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD:
            return False
        if any(c.isdigit() or c in ".;!?" for c in text[hit.end : position]):
            return False
        if hit.roles & (Role.OTHER | Role.MENTION | Role.NOT_CARD):
            return True
    return False


# --- by place ---------------------------------------------------------------------------------------------------


_MAX_FIELDS = 8


def _beside(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Yield what stands beside a card number with nothing but separators between, in either order, or line by line."""
    text, months = scene.text, scene.vocabulary.months
    position = pan.end
    dated = False
    stop = min(stop, len(text))
    for _ in range(3):
        at = skip_separators(text, position, 12)
        if at >= stop or (at == position and position == pan.end and not _glued_on(pan, text)):
            break
        found = date_at(text, at, months, fields=True)
        if found is not None and not dated:
            dated = True
            yield Value(Kind.EXPIRY, at, found[0], found[1], ["place-expiry"])
            position = found[0]
            continue
        code = _place_code(text, at, pan.brand.code_digits, dated)
        if code is None:
            break
        yield code
        position = code.end
    before = _date_right_before(text, pan.start, scene)
    if before is not None:
        yield before
    yield from _following_fields(scene, pan, stop)


def _glued_on(pan: Candidate, text: str) -> bool:
    return pan.end < len(text) and text[pan.end].isdigit()


def _place_code(text: str, at: int, length: int, dated: bool) -> Value | None:
    """Read a code beside a number: after an expiry date, or alone before a mark, a line's end or the text's."""
    if not length or not code_at(text, at, length) or _UNITS.match(text, at + length):
        return None
    if dated:
        return Value(Kind.CVV, at, at + length, text[at : at + length], ["place-row"])
    rest = text[at + length : at + length + 2].lstrip(" \t")
    if rest and rest[0].isalnum():
        return None
    return Value(Kind.CVV, at, at + length, text[at : at + length], ["place-code"])


def _date_right_before(text: str, start: int, scene: Scene) -> Value | None:
    match = _DATE_BEFORE.search(text, max(scene.start, start - 14), start)
    if match is None or starts_inside(text, match.start()):
        return None
    found = date_at(text, match.start(), scene.vocabulary.months)
    if found is None or text[found[0] : start].strip(" \t,;|/-"):
        return None
    return Value(Kind.EXPIRY, match.start(), found[0], found[1], ["place-expiry"])


_FIELD = re.compile(r"[^\r\n\t|;,]*")


def _following_fields(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Yield expiry date and code that fill a field or line of their own, a few fields or lines behind the number.

    Names may stand in between ("4111…, Anna Keller, 09/28, 737"); a longer text or another number ends the search.
    """
    text, months = scene.text, scene.vocabulary.months
    match = _FIELD.match(text, pan.end, stop)
    if match is None or match[0].strip(" \t\"')]"):
        return
    position, dated = match.end(), False
    for _ in range(_MAX_FIELDS):
        while position < stop and text[position] in "\r\n\t|;, >":
            position += 1
        match = _FIELD.match(text, position, stop)
        if match is None or not match[0].strip():
            return
        written = match[0].strip(" \"'>")
        at = match.start() + match[0].index(written) if written else match.start()
        position = match.end()
        found = date_at(text, at, months)
        rest = text[found[0] : position].strip(" \"'") if found is not None else ""
        if found is not None and not dated and (not rest or rest.isdigit()):
            dated = True
            yield Value(Kind.EXPIRY, at, found[0], found[1], ["place-expiry"])
            if rest:
                start = text.index(rest, found[0])
                code = _place_code(text, start, pan.brand.code_digits, dated)
                if code is not None and len(rest) == code.end - code.start:
                    yield code
        elif written.isdigit() and len(written) == pan.brand.code_digits and dated:
            yield Value(Kind.CVV, at, at + len(written), written, ["place-row"])
            return
        elif any(c.isdigit() for c in written) or len(written) > 40 or not written:
            return


# --- by shape ---------------------------------------------------------------------------------------------------


_PAIR = re.compile(
    r"(?<![0-9./\-:,])(?P<date>(?:0?[1-9]|1[0-2]) ?[/.\-] ?(?:20)?[1-5][0-9]|(?:0[1-9]|1[0-2])[1-5][0-9])"
    r"(?P<gap>[ \t,;|/&+\-]{1,4}|(?:\r?\n){1,2}|[ ,]{1,2}(?:and|und|et|y|e|og|och|i|ja|и)[ ])(?P<code>[0-9]{3,4})(?![0-9]|[.,:/\-][0-9])"
)
_PAIR_TURNED = re.compile(
    r"(?<![0-9./\-:,])(?P<code>[0-9]{3,4})[ \t,;|&+]{1,4}(?P<date>(?:0?[1-9]|1[0-2]) ?[/.\-] ?(?:20)?[1-5][0-9])(?![0-9]|[.,:/\-][0-9])"
)


def _follow_up(scene: Scene) -> Iterator[Value]:
    """Yield an expiry date and a code that stand alone where a card is known: "09/28 737"."""
    text, months = scene.text, scene.vocabulary.months
    for pattern in (_PAIR, _PAIR_TURNED):
        for match in pattern.finditer(text, scene.start, scene.end):
            date = date_at(text, match.start("date"), months)
            if date is None or date[0] != match.end("date") or _UNITS.match(text, match.end("code")):
                continue
            yield Value(Kind.EXPIRY, match.start("date"), match.end("date"), date[1], ["shape-follow-up"])
            yield Value(Kind.CVV, match.start("code"), match.end("code"), match["code"], ["shape-follow-up"])
