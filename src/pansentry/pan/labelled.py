"""Codes and expiry dates that a label introduces.

What may stand between a label and its value is said in :mod:`pansentry.pan.bridges`, so that sentences about codes and
offers that expire give none. A code alone is strong evidence only under its own names; "code" needs a card near. The
nearest subject before a label decides what expires. "until" labels a date only where a card has no other.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import answer, back, bridge, loose_bridge, said
from pansentry.pan.corrections import code_instead, should_be
from pansentry.pan.fields import month_and_year
from pansentry.pan.finding import Kind
from pansentry.pan.labelled_dates import BACK, FIELDS_APART, UNTIL_BEHIND, free, labelled_date
from pansentry.pan.neighbours import code_at
from pansentry.pan.numerals import spoken_at
from pansentry.pan.paired import dates_beside, disown
from pansentry.pan.renewals import in_place_of
from pansentry.pan.renewed_cards import renewed_cards
from pansentry.pan.subjects import named_between, of_another, other_subject, part_of_name, spelled_out
from pansentry.pan.turns import answer_above, answers_with_code, reply_at
from pansentry.pan.value import UNITS, Value
from pansentry.pan.vocabulary import TOKEN, Role
from pansentry.pan.weighing import weigh_values
from pansentry.pan.written import code_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_CODE_LABELS = Role.CODE | Role.CODE_WEAK | Role.PIN
_CODES_OR_DATES = _CODE_LABELS | Role.EXPIRY
_INTRODUCE = _CODES_OR_DATES | Role.UNTIL


def labelled(scene: Scene, pans: Sequence[Candidate], known: Known) -> list[Value]:
    """Read the value that each label of a code or expiry date introduces, then weigh them by one another."""
    found: list[Value] = []
    spans = sorted(span for pan in pans for span in pan.spans)
    for hit in [hit for hit in scene.hits if hit.roles & _INTRODUCE]:
        if not scene.may_have_value(hit) or not (hit.roles & _CODES_OR_DATES or _may_label(scene, hit)):
            continue
        here: list[Value] = []
        if hit.roles & _CODE_LABELS and not hit.roles & Role.NOT_CARD:
            here += _labelled_code(scene, hit, spans, pans)
        if hit.roles & (Role.EXPIRY | Role.UNTIL):
            here += labelled_date(scene, hit, spans, pans)
        if here and not _satisfied(scene.text, hit.end):
            found += here
    found += month_and_year(scene)
    card_known = known.card_in_message or known.card_in_conversation
    if not (pans or card_known):
        disown(scene, found)
    found += dates_beside(scene, found)
    found += renewed_cards(scene)
    found += list(in_place_of(scene, found, pans, card_known=card_known))
    weigh_values(scene, found, pans, known)
    return found


def _may_label(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word for "until" may label a date: "to" and "for" do in many languages, and stand everywhere."""
    if hit.language in UNTIL_BEHIND or scene.may_precede_value(hit):
        return True
    return scene.breaks_behind(hit.end)  # a line below may answer it


def _labelled_code(
    scene: Scene, hit: Hit, spans: Sequence[tuple[int, int]], pans: Sequence[Candidate]
) -> Iterator[Value]:
    label = "label-code" if hit.roles & Role.CODE else "label-pin" if hit.roles & Role.PIN else "label-code-word"
    code = free(_code_after(scene, hit), spans) or free(_code_before(scene, hit), spans)
    if code is None and (answered := _answered_code(scene, hit)) is not None:
        code, label = free(answered, spans), "label-asked" if hit.roles & Role.CODE else label
    if code is None and (at := should_be(scene.text, hit.end)) is not None:
        code, label = free(code_written(scene.text, at), spans), "label-asked" if hit.roles & Role.CODE else label
    if code is None and hit.roles & Role.CODE:
        code, label = free(_next_sentence(scene, hit), spans), "label-asked"
        if code is None:
            code = free(_loose_code(scene, hit), spans)
            label = "label-code-said" if code is not None and said(scene.text, code[0]) else "label-code-loose"
    elif code is None and hit.roles & Role.CODE_WEAK:
        code, label = free(_next_sentence(scene, hit), spans), "label-code-loose"
        if code is None and (code := free(_loose_code(scene, hit), spans)) and not said(scene.text, code[0]):
            code = None  # only "the code he dictated is 628" says so
        if code is None and hit.roles & Role.PLACE:
            code = free(_on_the_front(scene, hit, pans), spans)
    if code is None or _compound(scene, hit) or _last_four(code[2], pans) or spelled_out(scene, hit):
        return
    evidence = [f"{label}:{hit.language}"]
    doubtful = not hit.roles & Role.CODE or hit.roles & Role.PLACE
    if part_of_name(scene, hit, code[0]) or (doubtful and _is_anothers(scene, hit, code, pans)):
        evidence.append("other-subject")
    yield Value(Kind.CVV, *code, evidence)
    instead = code_instead(scene.text, code[0], code[1])
    if instead is not None and UNITS.match(scene.text, instead.end()) is None:
        yield Value(Kind.CVV, instead.start("code"), instead.end("code"), instead["code"], list(evidence))


def _is_anothers(scene: Scene, hit: Hit, code: tuple[int, int, str], pans: Sequence[Candidate]) -> bool:
    """Tell whether the words before, behind or between a mere word for code and its value name another thing."""
    if other_subject(scene, hit.start, pans) or of_another(scene, code[1]):
        return True
    if code[0] < hit.start and of_another(scene, hit.end, Role.SUBJECT | Role.NOT_CARD | Role.AMOUNT):
        return True  # "0318, that is the code of the intercom"
    return named_between(scene, hit.end, code[0])


_MASK = re.compile(
    r"[^0-9\r\n]{0,24}?\s{0,3}(?<![a-z0-9])[x*#•●]{2,4}(?:[/.\- ][x*#•●]{2,4})?(?![a-z0-9*#•●]|[ .\-]?[0-9x*#•●])"
)


def _satisfied(text: str, position: int) -> bool:
    """Tell whether a mask stands where the label's value was: it must not look for one elsewhere."""
    return _MASK.match(text, position) is not None


def _last_four(value: str, pans: Sequence[Candidate]) -> bool:
    """Tell whether a value is the end of a card's number, as signature strips print it before the code."""
    return len(value) == _LAST_FOUR and any(p.digits[-4:] == value and p.brand.code_digits != _LAST_FOUR for p in pans)


_LAST_FOUR = 4


def _compound(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word for code is the tail of another kind of code: "discount code", "indirim kodu", "优惠码"."""
    if hit.roles & (Role.CODE | Role.PIN | Role.PLACE):
        return False
    before = scene.text[max(scene.start, hit.start - 24) : hit.start]
    if not before or not (before[-1].isalpha() or (before[-1] in " -_" and before[-2:-1].isalpha())):
        return False
    if before[-1].isalpha():
        return not any(other.end == hit.start for other in scene.between(hit.start - 12, hit.start))
    if scene.vocabulary.spoken(TOKEN.findall(before)[-1]):
        return False  # "… twenty-eight code 212": the last figure of a date
    wanted = Role.FILLER | Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY | Role.NUMBER
    return not any(
        other.end >= hit.start - 1 and other.roles & wanted for other in scene.between(hit.start - 24, hit.start)
    )


def _code_after(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    asked = answer(scene, hit.end) if hit.roles & Role.CODE else None
    if (
        asked is not None
        and (replied := code_written(scene.text, asked)) is not None
        and _ALONE.match(scene.text, replied[1])
    ):
        return replied
    at = bridge(scene, hit.end)
    if at is None:
        return None
    if scene.text[at].isdigit() or hit.roles & (Role.CODE | Role.CODE_WEAK):
        return _code_or_words(scene, at)
    return None


_ALONE = re.compile(r"[ \t]{0,3}(?:[.,;!)]|[\r\n]|\Z|(?:is|ist|est|es|e|is what|steht|it says)[ ])")
"""Nothing but a mark follows an answer: no house number, no amount."""


def _answered_code(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    """Return the code that a line below, or the text above the quoted mail, answers the label's line with."""
    at = reply_at(scene, hit)
    code = _code_or_words(scene, at) if at is not None else None
    if code is not None and (_ALONE.match(scene.text, code[1]) or scene.text[code[1] : code[1] + 1] >= "\u3000"):
        return code
    above = answer_above(scene, hit) if hit.roles & Role.CODE else None
    for place in answers_with_code(scene, *above) if above is not None else ():
        code = code_written(scene.text, place)
        if code is not None and _ALONE.match(scene.text, code[1]):
            return code
    return None


def _code_or_words(scene: Scene, at: int) -> tuple[int, int, str] | None:
    if scene.text[at].isdigit():
        return code_written(scene.text, at)
    spoken = spoken_at(scene.text, at, scene.vocabulary, 4)
    return None if spoken is None or len(spoken[1]) < 3 or UNITS.match(scene.text, spoken[0]) else (at, *spoken)


def _next_sentence(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    """Return the code that the next sentence gives with little words only: "the CVV was wrong. It should be 518".

    Or the next clause: "I wrote the wrong code this morning, it is 583".
    """
    match = _SENTENCE.match(scene.text, hit.end) if hit.roles & Role.CODE else None
    match = match or _CLAUSE.match(scene.text, hit.end)
    if match is None or any(h.roles & (Role.AMOUNT | Role.OTHER) for h in scene.between(hit.end, match.end())):
        return None
    at = bridge(scene, match.end())
    return None if at is None or not scene.text[at].isdigit() else code_written(scene.text, at)


_CLAUSE = re.compile(
    r"[^\r\n.;!?:,、。0-9]{0,40}(?:(?:[.!;,]|,? (?:but|aber|mais|pero|ma|mas|maar|ale|men|но|але))[ ](?=[^\W\d_]{2,9} )"
    r"|[.,、。][ ]?(?=[是は]?[0-9]{3,4}(?:[ \t]{0,3}(?:[.!。\r\n]|\Z)|[\u3040-\ud7a3])))"
)
_SENTENCE = re.compile(r"[^\r\n.;!?:0-9]{0,40}[.!][ ](?=[^\W\d_]{1,9} )")


def _loose_code(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    at = loose_bridge(scene, hit.end)
    return None if at is None or not code_at(scene.text, at, 3) else code_written(scene.text, at)


def _on_the_front(scene: Scene, hit: Hit, pans: Sequence[Candidate]) -> tuple[int, int, str] | None:
    """Return the four digits that a place on the card before them is said of: American Express prints its code so."""
    index = bisect.bisect_right(pans, hit.start, key=lambda pan: pan.start)
    if not index or pans[index - 1].brand.code_digits != _LAST_FOUR or hit.start - pans[index - 1].end > FIELDS_APART:
        return None
    at = loose_bridge(scene, hit.end)
    return code_written(scene.text, at) if at is not None and code_at(scene.text, at, _LAST_FOUR) else None


_MASKED = re.compile(r"[Xx*#•]{2}[ .\-]?\Z")
"""In front of digits: they are what a mask has left of a number ("XXXX XXXX XXXX 1111 cvv"), no code."""


def _code_before(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    """Return the code before its label: "737 (CVV)"; a mere word for code needs more than a blank between."""
    text = scene.text
    end = back(scene, hit.start, max(scene.start, hit.start - BACK))
    match = _CODE_END.search(text, max(scene.start, end - 5), end) if end is not None else None
    if end is None or match is None or _MASKED.search(text, max(match.start() - 4, 0), match.start()):
        return None
    if not hit.roles & (Role.CODE | Role.PIN | Role.PLACE) and not text[end : hit.start].strip():
        return None
    return None if _is_things(scene, match.start(), match[0]) else (match.start(), end, match[0])


def _is_things(scene: Scene, start: int, digits: str) -> bool:
    """Tell whether the word right before digits says what they are: "booking 7714 - the code …", "September 2027"."""
    hits = scene.between(start - _WORD, start)
    if hits and scene.text[hits[-1].end : start] == " " and hits[-1].roles & (Role.OTHER | Role.MENTION | Role.AMOUNT):
        return not hits[-1].roles & (Role.CODE | Role.CODE_WEAK | Role.NUMBER | Role.FILLER)
    match = _WORD_BEFORE.search(scene.text, max(scene.start, start - _WORD), start) if digits[:2] == "20" else None
    return match is not None and match[0].rstrip(" .") in scene.vocabulary.months


_WORD = 24
_WORD_BEFORE = re.compile(r"[^\W\d_]{3,16}[.]? \Z")


_CODE_END = re.compile(r"(?<![0-9./,\-:])[0-9]{3,4}\Z")
