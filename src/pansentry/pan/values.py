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
from pansentry.pan.numerals import spoken_at
from pansentry.pan.pans import code_at, skip_separators
from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.labels import Hit
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
            code = _code_after(scene, hit) or _code_before(scene, hit.start)
            if code is not None and not _compound(scene, hit):
                label = (
                    "label-code"
                    if hit.roles & Role.CODE
                    else "label-pin"
                    if hit.roles & Role.PIN
                    else "label-code-word"
                )
                evidence = [f"{label}:{hit.language}"]
                if not hit.roles & Role.CODE and _other_subject(scene, hit.start, pans):
                    evidence.append("other-subject")
                found.append(Value(Kind.CVV, *code, evidence))
        if hit.roles & Role.EXPIRY:
            date = _date_after(scene, hit.end) or _date_before(scene, hit.start)
            if date is not None:
                evidence = [f"label-expiry:{hit.language}"]
                if _other_subject(scene, hit.start, pans):
                    evidence.append("other-subject")
                found.append(Value(Kind.EXPIRY, *date, evidence))
    found += _month_and_year(scene)
    _weigh(scene, found, pans, known)
    return found


def _compound(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word for code is the tail of another kind of code: "discount code", "indirim kodu", "优惠码"."""
    if hit.roles & (Role.CODE | Role.PIN):
        return False
    before = scene.text[max(scene.start, hit.start - 24) : hit.start]
    if not before or not (before[-1].isalpha() or (before[-1] in " -_" and before[-2:-1].isalpha())):
        return False
    if before[-1].isalpha():
        return not any(other.end == hit.start for other in scene.between(hit.start - 12, hit.start))
    wanted = Role.FILLER | Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY | Role.NUMBER
    return not any(
        other.end >= hit.start - 1 and other.roles & wanted for other in scene.between(hit.start - 24, hit.start)
    )


def _month_and_year(scene: Scene) -> Iterator[Value]:
    """Yield month and year that stand in labelled fields of their own, both with the whole date as value."""
    month: tuple[int, int, str] | None = None
    for hit in scene.hits:
        if not hit.roles & (Role.MONTH | Role.YEAR):
            continue
        match = _FIELD_VALUE.match(scene.text, hit.end)
        if match is None:
            continue
        number = match["value"]
        if hit.roles & Role.MONTH and 1 <= int(number) <= 12:
            month = (match.start("value"), match.end("value"), number)
        elif hit.roles & Role.YEAR and month is not None and match.start() - month[1] < _NEAR and number[-2:] >= "10":
            if len(number) == 1 or (len(number) == 4 and number[:2] != "20"):
                continue
            value = f"{int(month[2]):02d}/{number[-2:]}"
            language = f"label-expiry:{hit.language}"
            yield Value(Kind.EXPIRY, month[0], month[1], value, [language])
            yield Value(Kind.EXPIRY, match.start("value"), match.end("value"), value, [language])
            month = None


_FIELD_VALUE = re.compile(
    r"[^\r\n0-9:=>,;]{0,24}[ \t\"')\]]{0,4}[:=>][ \t\"'(\[]{0,4}(?P<value>[0-9]{1,4})(?![0-9/.\-])"
)


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
            pin = value.evidence[0].startswith("label-pin")
            if not pin and any(abs(other.start - value.start) < _NEAR for other in positions[Kind.EXPIRY]):
                value.evidence.append("near-expiry")
            if not near and len({other.value for other in positions[Kind.CVV]}) > 2:
                value.evidence.append("many-codes")
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
    """Return where the digits begin that ``position`` is joined to by marks and filler words only.

    A remark in brackets is skipped, and so is a clause that ends in a colon right before the digits
    ("the CVV you asked for: 883").
    """
    text = scene.text
    start, limit = position, min(len(text), position + _MAX_BRIDGE)
    breaks = 0
    for _ in range(_MAX_BRIDGE_WORDS):
        remark = _REMARK.match(text, position)
        if remark is not None:
            position = remark.end()
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
        if scene.vocabulary.spoken(match[0]) and spoken_at(text, position, scene.vocabulary, 4) is not None:
            return position
        hit = scene.at(position)
        if hit is None or not hit.roles & _BRIDGE_ROLES:
            return position if match[0] in scene.vocabulary.months else _clause(scene, start)
        position = hit.end
    return None


def _clause(scene: Scene, position: int) -> int | None:
    match = _CLAUSE.match(scene.text, position)
    if match is None:
        return None
    other = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT
    return None if any(hit.roles & other for hit in scene.between(position, match.end())) else match.end()


_REMARK = re.compile(r"[ \t]{0,2}(?:[(\[（][^()\[\]\r\n（）]{0,40}[)\]）]|(?:</?[a-z][^<>\r\n]{0,60}>\s{0,2}){1,4})")
_CLAUSE = re.compile(r"[^\r\n.;!?:=0-9]{1,40}[:=][ \t]{0,3}(?=[0-9])")


def _counts(text: str, position: int) -> bool:
    """Tell whether the digit counts digits ("3 digits", "3桁"), and is no value."""
    after = text[position + 1 : position + 12]
    return text[position] in "34" and bool(after) and not after[0].isdigit() and _COUNTED.match(after) is not None


_COUNTED = re.compile(
    r"[ \-]?(?:digit|number|chiffre|cifr|numer|ziffer|zahl|stell|cijfer|siffr|sifr|digito|桁|位|자리|hane|haneli|numero|цифр|אות|ספרות)"
)


def _code_after(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    at = _bridge(scene, hit.end)
    if at is None:
        return None
    if scene.text[at].isdigit():
        return _code(scene.text, at)
    spoken = spoken_at(scene.text, at, scene.vocabulary, 4) if hit.roles & Role.CODE else None
    return None if spoken is None or len(spoken[1]) < 3 else (at, *spoken)


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

_MASKED = re.compile(r"[Xx*#•]{2}[ .\-]?\Z")
"""In front of digits: they are what a mask has left of a number ("XXXX XXXX XXXX 1111 cvv"), no code."""


def _code_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the code right before its label: "737 (CVV)"."""
    match = _BEFORE.search(scene.text, max(scene.start, position - 20), position)
    if match is None or _MASKED.search(scene.text, max(match.start() - 4, 0), match.start()):
        return None
    return match.start("code"), match.end("code"), match["code"]


def _date_after(scene: Scene, position: int) -> tuple[int, int, str] | None:
    at = _bridge(scene, position)
    if at is None:
        return None
    found = date_at(scene.text, at, scene.vocabulary.months, fields=True, day=True)
    if found is not None:
        return at, *found
    spoken = spoken_at(scene.text, at, scene.vocabulary, 4)
    if spoken is None or len(spoken[1]) not in (3, 4):
        return None
    month, year = spoken[1][:-2], spoken[1][-2:]
    return (at, spoken[0], f"{int(month):02d}/{year}") if 1 <= int(month) <= 12 and year >= "10" else None


_DATE_BEFORE = re.compile(r"(?<![0-9./,\-:])[0-9]{1,4} ?[/.\-] ?[0-9]{2,4}[ \t]?[(\[=\-]?[ \t]{0,2}$")


def _date_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the expiry date right before its label: "09/28 (exp)"."""
    match = _DATE_BEFORE.search(scene.text, max(scene.start, position - 16), position)
    if match is None:
        return None
    found = date_at(scene.text, match.start(), scene.vocabulary.months)
    return None if found is None or found[0] > position else (match.start(), *found)


def _other_subject(scene: Scene, position: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether the words before a label speak of another thing than a payment card: the nearest subject decides."""
    text = scene.text
    stop = next((i for i in range(position, min(len(text), position + 40)) if text[i].isdigit()), position)
    after = scene.between(position + 1, stop)
    if any(hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD for hit in after):
        return False
    floor = max([position - 70, scene.line_start(position), *(pan.end for pan in pans if pan.end <= position)])
    for hit in reversed(scene.between(floor, position)):
        if hit.roles & (Role.CARD | Role.CODE | Role.CARD_WEAK) and not hit.roles & (Role.NOT_CARD | Role.SUBJECT):
            return False
        if hit.roles & (Role.NOT_CARD | Role.SUBJECT):
            return True
        if hit.roles & Role.OTHER and not hit.roles & (Role.CODE_WEAK | Role.EXPIRY | Role.PIN):
            return True
        if hit.roles & Role.MENTION and not hit.roles & Role.NUMBER and position - hit.end < 25:
            return not any(c in ".;!?" for c in text[hit.end : position])
    return False


# --- by place ---------------------------------------------------------------------------------------------------


_MAX_FIELDS = 8


def _beside(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Yield what stands beside a card number with nothing but separators between, in either order, or line by line."""
    text, months = scene.text, scene.vocabulary.months
    position = pan.end
    dated = False
    stop = min(stop, len(text))
    if _glued_on(pan, text):
        yield from _glued_values(pan, text)
        return
    for _ in range(3):
        at = _past_labels(scene, skip_separators(text, position, 12))
        if at >= stop or at == pan.end:
            break
        found = date_at(text, at, months, fields=True)
        if found is not None and not dated:
            dated = True
            yield Value(Kind.EXPIRY, at, found[0], found[1], ["place-expiry"])
            position = found[0]
            continue
        slashes = _BETWEEN_SLASHES.match(text, at)
        if slashes is not None and text[at - 1] == "/" and len(slashes["code"]) == pan.brand.code_digits:
            month, _, year = slashes["date"].partition("/")
            date = (slashes.start("date"), slashes.end("date"), f"{int(month):02d}/{year}")
            yield Value(Kind.EXPIRY, *date, ["place-expiry"])
            yield Value(Kind.CVV, slashes.start("code"), slashes.end("code"), slashes["code"], ["place-row"])
            break
        code = _place_code(text, at, pan.brand.code_digits, dated)
        if code is None:
            break
        yield code
        position = code.end
    if not dated and (worded := _date_after_words(scene, pan)) is not None:
        yield worded
    before = _date_right_before(text, pan.start, scene)
    if before is not None:
        yield before
    yield from _following_fields(scene, pan, stop)


def _glued_values(pan: Candidate, text: str) -> Iterator[Value]:
    """Read MMYY and code that are glued to a card number."""
    match = _GLUED.match(text, pan.end)
    if match is None or len(match["code"]) not in (0, pan.brand.code_digits):
        return
    date = f"{match['date'][:2]}/{match['date'][2:]}"
    yield Value(Kind.EXPIRY, match.start("date"), match.end("date"), date, ["place-expiry"])
    if match["code"]:
        yield Value(Kind.CVV, match.start("code"), match.end("code"), match["code"], ["place-row"])


_GLUED = re.compile(r"(?P<date>(?:0[1-9]|1[0-2])[1-5][0-9])(?P<code>[0-9]{0,4})(?![0-9])")


def _past_labels(scene: Scene, position: int) -> int:
    """Skip a label of an expiry date or code and the marks behind it: "… / exp 9/27 / 662"."""
    hit = scene.at(position) if scene.labelled else None
    if hit is None or not hit.roles & (Role.EXPIRY | _CODE_LABELS) or hit.roles & Role.CARD:
        return position
    return skip_separators(scene.text, hit.end)


_MAX_WORDS = 5


def _date_after_words(scene: Scene, pan: Candidate) -> Value | None:
    """Read a date as the first number after a card number with a few unknown words between ("jusqu'en 09/29")."""
    text, position = scene.text, pan.end
    other = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT
    for _ in range(_MAX_WORDS):
        at = skip_separators(text, position, 5)
        if at >= len(text) or any(c in "\r\n.;!?" for c in text[position:at]):
            return None
        found = date_at(text, at, scene.vocabulary.months)
        if found is not None:
            plain = len(text[at : found[0]]) > 4 and "20" <= found[1][-2:] <= "49"
            return Value(Kind.EXPIRY, at, found[0], found[1], ["place-words"]) if plain and position > pan.end else None
        match = TOKEN.match(text, at)
        if match is None or (scene.labelled and any(hit.roles & other for hit in scene.between(at, match.end()))):
            return None
        position = match.end()
    return None


_BETWEEN_SLASHES = re.compile(r"(?P<date>(?:0?[1-9]|1[0-2])/[1-5][0-9])/(?P<code>[0-9]{3,4})(?![0-9])")


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
        elif written.isdigit() and len(written) in (3, 4) and _code_column(scene, at):
            yield Value(Kind.CVV, at, at + len(written), written, ["column-code"])
        elif written.isdigit() and len(written) == pan.brand.code_digits and dated:
            yield Value(Kind.CVV, at, at + len(written), written, ["place-row"])
            return
        elif any(c.isdigit() for c in written) or len(written) > 40 or not written:
            return


def _code_column(scene: Scene, position: int) -> bool:
    return any(hit.roles & (Role.CODE | Role.CODE_WEAK) for hit in scene.column_hits(position))


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
