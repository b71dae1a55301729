"""Codes and expiry dates that a label introduces.

A label must be joined to its value by nothing but marks, remarks in brackets and words that may stand there ("is",
"number", "on the back"), so that sentences about codes and offers that expire give none. A code alone is strong
evidence only under its own names; "code" needs a card near. The nearest subject before a label decides what expires.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at
from pansentry.pan.finding import Kind
from pansentry.pan.neighbours import code_at
from pansentry.pan.numerals import spoken_at
from pansentry.pan.scene import CONTEXT
from pansentry.pan.value import DATE_BEFORE, UNITS, Value
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


def labelled(scene: Scene, pans: Sequence[Candidate], known: Known) -> list[Value]:
    """Read the value that each label of a code or expiry date introduces, then weigh them by one another."""
    found: list[Value] = []
    spans = sorted(span for pan in pans for span in pan.spans)
    for hit in scene.hits:
        if not hit.roles & (_CODE_LABELS | Role.EXPIRY) or _satisfied(scene.text, hit.end):
            continue
        if hit.roles & _CODE_LABELS and not hit.roles & Role.NOT_CARD:
            code = _free(_code_after(scene, hit), spans) or _code_before(scene, hit)
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
            date = _free(_date_after(scene, hit.end), spans) or _date_before(scene, hit.start)
            if date is not None:
                evidence = [f"label-expiry:{hit.language}"]
                if _other_subject(scene, hit.start, pans):
                    evidence.append("other-subject")
                found.append(Value(Kind.EXPIRY, *date, evidence))
    found += _month_and_year(scene)
    _weigh(scene, found, pans, known)
    return found


_MASK = re.compile(
    r"[^0-9\r\n]{0,24}?\s{0,3}(?<![a-z0-9])[x*#•●]{2,4}(?:[/.\- ][x*#•●]{2,4})?(?![a-z0-9*#•●]|[ .\-]?[0-9x*#•●])"
)


def _satisfied(text: str, position: int) -> bool:
    """Tell whether a mask stands where the label's value was: it must not look for one elsewhere."""
    return _MASK.match(text, position) is not None


def _free(value: tuple[int, int, str] | None, spans: Sequence[tuple[int, int]]) -> tuple[int, int, str] | None:
    """Return ``value`` unless it is a part of a card number ("529 is the CVV and 5019 … the number")."""
    if value is None:
        return None
    index = bisect.bisect_right(spans, value[0], key=lambda span: span[0])
    return None if index and value[0] < spans[index - 1][1] else value


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
    numbers = sorted(pan.start for pan in pans)
    dates = sorted(value.start for value in found if value.kind is Kind.EXPIRY)
    codes = sorted(v.start for v in found if v.kind is Kind.CVV and not v.evidence[0].startswith("label-pin"))
    many = len({value.value for value in found if value.kind is Kind.CVV}) > 2
    for value in found:
        near = _any_within(numbers, value.start, CONTEXT + 25)
        if near or card_known:
            value.evidence.append("near-card")
        elif scene.card_words_near_value(value.start, value.end, 60 if value.kind is Kind.EXPIRY else _NEAR):
            value.evidence.append("near-card-word")
        if value.kind is Kind.EXPIRY:
            if _any_within(codes, value.start, _NEAR):
                value.evidence.append("near-code")
            continue
        if not value.evidence[0].startswith("label-pin") and _any_within(dates, value.start, _NEAR):
            value.evidence.append("near-expiry")
        if many and not near:
            value.evidence.append("many-codes")
        if len(value.value) == 4 and not amex:
            value.evidence.append("four-digits")
            if value.value[:2] in ("19", "20"):
                value.evidence.append("year-like")


def _any_within(places: Sequence[int], place: int, distance: int) -> bool:
    """Tell whether any of the sorted ``places`` is less than ``distance`` away."""
    index = bisect.bisect_left(places, place - distance + 1)
    return index < len(places) and places[index] < place + distance


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
    r"[ \-]?(?:digit|number|chiffre|cifr|numer|ziffer|zahl|stell|cijfer|siffr|sifr"
    r"|digito|桁|位|자리|hane|haneli|numero|цифр|אות|ספרות)"
)


_ANSWER = re.compile(
    r"[^\r\n0-9?]{0,20}\?[ \t]{0,3}(?:(?:\r\n?|\n)[>| \t]{0,8}){1,3}(?P<code>[0-9]{3,4})[ \t.!]{0,3}(?=[\r\n]|\Z)"
)
"""The next line answers the question for the code with nothing but digits."""


def _code_after(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    answer = _ANSWER.match(scene.text, hit.end) if hit.roles & Role.CODE else None
    if answer is not None:
        return answer.start("code"), answer.end("code"), answer["code"]
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
        if not text[at : at + length].isdigit():
            break
        if code_at(text, at, length) or _ends_in_word(text, at, length) or _NEXT_LABEL.match(text, at + length):
            return None if UNITS.match(text, at + length) else (at, at + length, text[at : at + length])
    match = _SPACED.match(text, at)
    if match is not None:
        return at, match.end(), "".join(c for c in match[0] if c.isdigit())
    return None


_NEXT_LABEL = re.compile(r"[a-z_]{2,16}[:=]")
"""Glued behind a code where all blanks are lost: "cvv:448name:"."""


def _ends_in_word(text: str, at: int, length: int) -> bool:
    """Tell whether a code is followed directly by text of a script without blanks ("737です")."""
    end = at + length
    return text[at:end].isdigit() and len(text) > end and text[end] >= "\u3000" and not text[end].isdigit()


_COPULA = (
    r"(?:(?:is|are|ist|sind|est|sont|es|son|e|sao|ar|er|jest|to|je|on|este|это|-|=) )?"
    r"(?:(?:my|the|your|der|die|das|mein|meine|le|la|mon|ma|el|il|lo|mi|mio|mia|o|a|meu|minha|de|het|mijn|min|mitt|den|"
    r"det|moj|moja|мой) |l['’])?$"
)
"""Between a value and the label behind it: "737 is the CVV"."""
_BEFORE = re.compile(rf"(?<![0-9./,\-:])(?P<code>[0-9]{{3,4}})[ \t]?(?:[(\[=\-][ \t]{{0,2}})?{_COPULA}")
_DATE_IS = re.compile(rf"(?<![0-9./,\-:])[0-9]{{1,4}} ?[/.\-] ?[0-9]{{2,4}} {_COPULA}")

_MASKED = re.compile(r"[Xx*#•]{2}[ .\-]?\Z")
"""In front of digits: they are what a mask has left of a number ("XXXX XXXX XXXX 1111 cvv"), no code."""


def _code_before(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    """Return the code right before its label: "737 (CVV)"; a mere word for code needs more than a blank between."""
    position = hit.start
    match = _BEFORE.search(scene.text, max(scene.start, position - 28), position)
    if match is None or _MASKED.search(scene.text, max(match.start() - 4, 0), match.start()):
        return None
    if not hit.roles & (Role.CODE | Role.PIN) and not scene.text[match.end("code") : position].strip():
        return None
    return match.start("code"), match.end("code"), match["code"]


def _date_after(scene: Scene, position: int) -> tuple[int, int, str] | None:
    at = _bridge(scene, position)
    if at is None:
        return None
    found = date_at(scene.text, at, scene.vocabulary.months, fields=True, day=True)
    if found is not None:
        return at, *found
    spaced = _SPACED_DATE.match(scene.text, at)
    if spaced is not None:  # one digit to a box of a form
        month, year = spaced["m"].replace(" ", ""), spaced["y"].replace(" ", "")
        return (at, spaced.end(), f"{month}/{year}") if "01" <= month <= "12" else None
    turned = _YEAR_FIRST.match(scene.text, at)
    if turned is not None and _YY_MM.search(scene.text, position, at):
        return at, turned.end(), f"{turned['m']}/{turned['y']}"
    spoken = spoken_at(scene.text, at, scene.vocabulary, 4)
    if spoken is None or len(spoken[1]) not in (3, 4):
        return None
    month, year = spoken[1][:-2], spoken[1][-2:]
    return (at, spoken[0], f"{int(month):02d}/{year}") if 1 <= int(month) <= 12 and year >= "10" else None


_SPACED_DATE = re.compile(r"(?P<m>[01] [0-9]) ?[/.\-] ?(?P<y>[1-5] [0-9])(?![0-9]| [0-9])")
_YEAR_FIRST = re.compile(r"(?P<y>[1-5][0-9]) ?[/.\-] ?(?P<m>0[1-9]|1[0-2])(?![0-9]|[/.\-][0-9])")
_YY_MM = re.compile(r"(?:yy|jj|aa|rr|гг|åå) ?[/.\-]? ?(?:mm|мм|kk)")
"""The label itself says that the year comes first."""


def _date_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the expiry date right before its label: "09/28 (exp)"."""
    match = DATE_BEFORE.search(scene.text, max(scene.start, position - 16), position) or _DATE_IS.search(
        scene.text, max(scene.start, position - 28), position
    )
    if match is None:
        return None
    found = date_at(scene.text, match.start(), scene.vocabulary.months)
    return None if found is None or found[0] > position else (match.start(), *found)


def _last_end(pans: Sequence[Candidate], position: int) -> tuple[int, ...]:
    """Return the end of the last card number before ``position``, if there is one (``pans`` are in order)."""
    index = bisect.bisect_right(pans, position, key=lambda pan: pan.end)
    return (pans[index - 1].end,) if index else ()


def _other_subject(scene: Scene, position: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether the words before a label speak of another thing than a payment card: the nearest subject decides."""
    text = scene.text
    stop = next((i for i in range(position, min(len(text), position + 40)) if text[i].isdigit()), position)
    after = scene.between(position + 1, stop)
    if any(hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD for hit in after):
        return False
    floor = max([position - 70, scene.line_start(position), *_last_end(pans, position)])
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
