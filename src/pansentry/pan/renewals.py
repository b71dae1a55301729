"""Values that take one another's place: the old date and the new one, the wrong code and the right one.

In: a scene and the values that labels introduce. Out: the other value of each such pair, with the same evidence. Two
numbers are a pair if they are written alike (as many digits, the same marks), differ, stand in one breath, and what
stands between says which is which: "exp was 05/27 but renewed, now 05/30", "cvv 123 (the old 999 is void)",
"03/26 → 03/29". Both are card data, whichever holds today. What names another thing between the two, a second unknown
noun, or one right before the further number parts them. Four digits need a card near: alarms and logins have security
codes of four that change, too. Every look is bounded.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import COPULAS
from pansentry.pan.dates import date_at
from pansentry.pan.finding import Kind
from pansentry.pan.old_and_new import RENEWED, SOLID, TAKEN_BACK
from pansentry.pan.scene import CONTEXT
from pansentry.pan.value import UNITS, Value
from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_OLD_OR_NEW = RENEWED | TAKEN_BACK
_ARROW = re.compile(r"[ \t]{0,3}(?:[-=~]{1,3}>|→|⇒|➔|➜|»|>{2,3})[ \t]{0,3}")
_TO = re.compile(r" (?:to|into|auf|in|zu|a|à|en|al|na|naar|op|til|till|para|no|по|на|la|-{1,2}) ")
_LEAD = 30
_CORRECTION = re.compile(r"[*\s]{0,6}(?:correction|korrektur|edit|update|ps|p\.s)\b")

_LONG_CODE = 4
_AROUND = 120
_REACH = 64
_UNKNOWN = 4  # letters that a word must have to be a noun
_MAX_UNKNOWN = 1
_NEXT_CODE = re.compile(r"[^0-9]{1,64}?(?P<value>[0-9]{3,4})(?![0-9]|[.,:/\-][0-9])")
_LAST_CODE = re.compile(r"(?<![0-9./,:\-#])(?P<value>[0-9]{3,4})[^0-9]{1,64}\Z")
_SHAPE = r"(?:(?:0?[1-9]|1[0-2]) ?[/.\-] ?(?:20)?[2-4][0-9]|[^\W\d_]{3,12}[.]? 20[2-4][0-9])"
_NEXT_DATE = re.compile(rf"[^0-9]{{1,64}}?(?P<value>{_SHAPE})(?![0-9]|[.,:/\-][0-9])")
_LAST_DATE = re.compile(rf"(?<![0-9./,:\-]|[^\W_])(?P<value>{_SHAPE})[^0-9]{{1,64}}\Z")
_STRANGE = Role.LAST | Role.SPLIT | Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT
_OURS = Role.FILLER | Role.CODE | Role.CODE_WEAK | Role.EXPIRY | Role.UNTIL | Role.NUMBER | Role.CARD | Role.CARD_WEAK
_OURS |= Role.FIGURES | Role.PLACE | Role.START | Role.PIN
_LABELS = {Kind.CVV: Role.CODE | Role.CODE_WEAK | Role.FIGURES | Role.PLACE, Kind.EXPIRY: Role.EXPIRY | Role.UNTIL}
_DIGIT = re.compile("[0-9]")


def in_place_of(
    scene: Scene, found: Sequence[Value], pans: Sequence[Candidate], *, card_known: bool
) -> Iterator[Value]:
    """Yield the values whose place those of ``found`` take, and those that take theirs, one step either way.

    What a label vouches for loosely it vouches for wholly where two such values are told apart: they were named.
    """
    for value in found:
        if value.end - value.start == _LONG_CODE and not card_known and not _card_near(scene, value, pans):
            continue
        for start, end in _others(scene, value):
            if UNITS.match(scene.text, end) is not None:
                continue
            written = scene.text[start:end]
            if value.kind is Kind.EXPIRY:
                date = date_at(scene.text, start, scene.vocabulary.months)
                if date is None or date[0] != end or date[1] == value.value:
                    continue
                written = date[1]
            elif len(written) != value.end - value.start or written == value.value:
                continue
            if "replaces" not in value.evidence:
                label = value.evidence[0].replace("label-expiry-loose", "label-expiry")
                value.evidence[:] = [label, *value.evidence[1:], "replaces"]
            yield Value(value.kind, start, end, written, list(value.evidence))


def _card_near(scene: Scene, value: Value, pans: Sequence[Candidate]) -> bool:
    """Tell whether a card's number or a word for a card stands near a code of four digits."""
    if value.kind is not Kind.CVV:
        return True
    index = bisect.bisect_right(pans, value.start - CONTEXT, key=lambda pan: pan.end)
    if index < len(pans) and pans[index].start < value.end + CONTEXT:
        return True
    return any(
        hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD
        for hit in scene.between(value.start - _AROUND, value.end + _AROUND)
    )


def _others(scene: Scene, value: Value) -> Iterator[tuple[int, int]]:
    """Yield where the nearest values of the same shape stand that replace ``value`` or are replaced by it."""
    text = scene.text
    ahead, behind = (_NEXT_DATE, _LAST_DATE) if value.kind is Kind.EXPIRY else (_NEXT_CODE, _LAST_CODE)
    if not any(map(str.isdigit, text[value.start : value.end])):
        return
    match = ahead.match(text, value.end)
    if (
        match is not None
        and _alike(text, value, match)
        and tells_apart(scene, value.kind, value.end, match.start("value"))
        and _known_before(scene, value.kind, value.end, match.start("value"))
    ):
        yield match.span("value")
    match = behind.search(text, max(scene.start, value.start - _REACH - 10), value.start)
    if (
        match is not None
        and _alike(text, value, match)
        and tells_apart(scene, value.kind, match.end("value"), value.start)
        and _known_before(scene, value.kind, max(scene.start, match.start("value") - _REACH), match.start("value"))
    ):
        yield match.span("value")


def _alike(text: str, value: Value, match: re.Match[str]) -> bool:
    """Tell whether a number is written as ``value`` is: in the same marks, with years of as many figures."""
    return _marks(match["value"]) == _marks(text[value.start : value.end])


def _marks(written: str) -> str:
    if written[0].isalpha():
        return "name"
    shape = _DIGIT.sub("0", written)
    return shape[1:] if shape.startswith("00/") else shape  # "3/28" and "03/28"


def tells_apart(scene: Scene, kind: Kind, start: int, end: int) -> bool:
    """Tell whether what stands between two numbers says that one is there for the other, and nothing else."""
    text = scene.text
    between = text[start:end]
    if _ARROW.fullmatch(between) is not None or (_TO.fullmatch(between) and _changed(scene, start)):
        return True
    if between.count("\n") > 1 and _CORRECTION.match(between) is None:
        return False
    if any(hit.roles & _STRANGE and not hit.roles & _OURS for hit in scene.between(start, end)):
        return False
    if kind is Kind.EXPIRY and any(hit.roles & Role.CODE for hit in scene.between(start, end)):
        return False
    said, unknown = SOLID.search(between) is not None, 0
    for word in TOKEN.finditer(text, start, end):
        if word[0] in _OLD_OR_NEW:
            said = True
        elif not _little(scene, word):
            unknown += 1
    return said and unknown <= _MAX_UNKNOWN


def _changed(scene: Scene, position: int) -> bool:
    """Tell whether what is said to have changed stands before the first of two values: "changed from 03/27 to"."""
    words = TOKEN.findall(scene.text, max(scene.start, position - _LEAD), position)
    return not RENEWED.isdisjoint(words) or not TAKEN_BACK.isdisjoint(words)


def _known_before(scene: Scene, kind: Kind, floor: int, position: int) -> bool:
    """Tell whether the word right before a number is a label of its kind or says no more than that it is one."""
    word = None
    for match in TOKEN.finditer(scene.text, floor, position):
        word = match
    if word is None:
        return True
    if word[0] in _OLD_OR_NEW or word[0] in COPULAS:
        return True
    hits = [hit for hit in scene.between(word.start() - 40, word.end()) if hit.end >= word.end()]
    if any(hit.roles & _LABELS[kind] for hit in hits):
        return True
    return _little(scene, word)


def _little(scene: Scene, word: re.Match[str]) -> bool:
    """Tell whether a word names nothing: too short for a noun, of a label, or one of those around any value."""
    if len(word[0]) < _UNKNOWN or word[0] in COPULAS or word[0] in _OLD_OR_NEW or is_solid(word[0]):
        return True
    return any(hit.end >= word.end() and hit.roles & _OURS for hit in scene.between(word.start() - 40, word.end()))
