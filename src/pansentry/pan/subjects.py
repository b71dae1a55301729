"""What a label of a code or expiry date speaks of: a payment card, or another thing that expires or has codes.

The nearest subject before the label decides: a word for a card clears it, a passport, an offer, a numbered thing or a
label of another number claims it. Looks at most a line back.
"""

from __future__ import annotations

import bisect
import functools
import re
from typing import TYPE_CHECKING

from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene


def _last_end(pans: Sequence[Candidate], position: int) -> tuple[int, ...]:
    """Return the end of the last card number before ``position``, if there is one (``pans`` are in order)."""
    index = bisect.bisect_right(pans, position, key=lambda pan: pan.end)
    return (pans[index - 1].end,) if index else ()


_NUMBERED = re.compile(
    r"(?<![0-9*x#•])(?:[0-9]{4,12}|[0-9]{5,12}[a-z]{1,2}|(?<=[a-z])[0-9]{4}[a-z]"
    r"|[0-9]{4,12}[ ][0-9][ ]?[a-z]{2}[0-9]|[0-9]{20,24})"
    r"(?:[ ,(、]{1,2}[^\W\d_]{1,12}){0,2}[ ,(、]{1,2}\Z"
)
"""A number of another kind, with the letters that identity documents end in, two words at most before a label."""


_LAST_FOUR = 4
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?![0-9])")


def _numbered(scene: Scene, position: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether a number that is no card's stands right before a label: "passport BH1234567 expires"."""
    text = scene.text
    match = _NUMBERED.search(text, max(scene.start, position - 40), position)
    if (
        match is None
        or _goes_with_code(scene, position)
        or _behind_code(scene, match.start())
        or _is_code(scene, match, pans)
        or _is_rest(scene, match.start())
        or any(start <= match.start() < end for pan in pans for start, end in pan.spans)
    ):
        return False
    longer = text[match.start() + _LAST_FOUR].isdigit()
    line = match.start() if longer else scene.line_start(position)
    ours = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.FIGURES
    if any(hit.roles & ours for hit in scene.between(line, position)):
        return False
    if text[match.start() - 1 : match.start()] in ("/", ".", "-", ":") and not text[match.start() - 2].isalpha():
        return False  # the tail of a date or number; "VCH-165742" is a number of its own
    return _YEAR.match(match[0]) is None


def _long_numbered(scene: Scene, position: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether a number as long as a card's, but none, stands right before a label, in a text with a card's.

    Without one it may be a card's with a slip in it.
    """
    match = _LONG_NUMBER.search(scene.text, max(scene.start, position - 40), position)
    if match is None or not (pans or scene.masked):
        return False
    return not any(start < match.end() and match.start() < end for pan in pans for start, end in pan.spans)


def has_number(text: str, line: int, label: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether a number in groups that is no card's stands right before a label: "EA 733 118 valid to"."""
    match = _GROUPS.search(text, max(line, label - _NUMBER_REACH), label)
    return match is not None and not any(s < match.end() and match.start() < e for pan in pans for s, e in pan.spans)


_GROUPS = re.compile(
    r"(?<![0-9./:,\-])(?<![0-9][ ])[0-9]{2,6}(?:[ \-][0-9]{1,6}){1,3},?[ ](?:[^\W\d_]{1,12}[ ]){0,1}\Z"
)
_NUMBER_REACH = 90


_LONG_NUMBER = re.compile(r"(?<![0-9*x#•\-])[0-9]{3,6}(?:[ \-][0-9]{3,7}){2,4},?[ ](?:[^\W\d_]{1,12}[ ]){0,2}\Z")


def spelled_out(scene: Scene, hit: Hit) -> bool:
    """Tell whether the letters of a label are said to stand for other words: "CVC  Cotswold Veterinary Clinic"."""
    letters = scene.text[hit.start : hit.end]
    if len(letters) != _LETTERS or not letters.isalpha() or not letters.isascii():
        return False
    near = (max(scene.start, hit.start - _DEFINED), min(scene.end, hit.end + _DEFINED))
    return any(
        not any(_OF_CARDS.match(word) for word in TOKEN.findall(match["words"]))
        for match in _definition(letters).finditer(scene.text, *near)
    )


_LETTERS = 3
_DEFINED = 600
_OF_CARDS = re.compile(r"card|[ck]art|[ck]ort|tarj|[ck]od|check|verif|valid|val[oue]|se[cg]u|sicu|ident|num|[ck]r[iy]p")


@functools.cache
def _definition(letters: str) -> re.Pattern[str]:
    words = " ".join(rf"{letter}[^\W\d_]{{2,16}}" for letter in letters)
    return re.compile(rf"(?<![^\W_]){letters}[ \t=:*(\-–]{{1,16}}(?P<words>{words})(?![^\W_])")


def _goes_with_code(scene: Scene, position: int) -> bool:
    """Tell whether the date of the label at ``position`` stands beside a labelled code: "expiry 09/28, CVV 737"."""
    match = _DATE_AND_LABEL.match(scene.text, position)
    hit = scene.at(match.end()) if match is not None else None
    return hit is not None and bool(hit.roles & Role.CODE)


def _is_code(scene: Scene, match: re.Match[str], pans: Sequence[Candidate]) -> bool:
    """Tell whether four digits are the code of a card right before them: "…12200, four digits above 7120, until"."""
    before = scene.between(match.start() - _ANNOUNCED, match.start())
    near = any(0 <= match.start() - end < _NEAR_CARD for end in _last_end(pans, match.start()))
    right_before = bool(before) and not any(map(str.isalnum, scene.text[before[-1].end : match.start()]))
    return near and right_before and bool(before[-1].roles & (Role.CODE | Role.CODE_WEAK))


_NEAR_CARD = 60


def _behind_code(scene: Scene, start: int) -> bool:
    """Tell whether a labelled code stands right before a number: "CVV 737, 95787636 expiry 09/28"."""
    hits = [hit for hit in scene.between(start - _ANNOUNCED, start) if hit.roles & Role.CODE]
    return bool(hits) and _CODE_BEFORE.fullmatch(scene.text, hits[-1].end, start) is not None


_CODE_BEFORE = re.compile(r"[ ]?[:=]?[ ]?[0-9]{3,4}[ ]?[,;/|]?[ \r\n]{0,3}")
_DATE_AND_LABEL = re.compile(
    r"[^0-9\r\n;!?]{2,30}[0-9]{1,2} ?[/.\-] ?(?:20)?[2-4][0-9][ \t]{0,2}[,;|/&+\-]?(?:[ \t]|\r?\n){0,3}"
    r"(?:(?:and|und|et|y|e|en|i|og|och|и)[ ])?(?=[^\W\d_])"
)


def _is_rest(scene: Scene, start: int) -> bool:
    """Tell whether digits are announced as the rest of a number that was begun elsewhere: "the rest is 95787636"."""
    hits = scene.between(max(scene.line_start(start), start - _ANNOUNCED), start)
    return bool(hits) and any(hit.roles & Role.SPLIT for hit in hits) and all(hit.roles & _LITTLE_ROLES for hit in hits)


_ANNOUNCED = 30
_LITTLE_ROLES = Role.SPLIT | Role.FILLER | Role.NUMBER | Role.CARD | Role.CARD_WEAK | Role.FIGURES


def _speaker(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word names who writes: the line above begins with it, too ("Customer: …")."""
    text, word = scene.text, scene.text[hit.start : hit.end] + ":"
    above = scene.previous_line(hit.start)
    return above is not None and text.startswith(word, hit.start) and word in text[above[0] : above[0] + 60]


def _of_card(scene: Scene, position: int) -> bool:
    """Tell whether the label at ``position`` itself says that it is a card's: "card expiry", "platnosť karty"."""
    label = scene.at(position)
    words = TOKEN.findall(scene.text, label.start, label.end) if label is not None else []
    entries = [entry for word in words if (entry := scene.vocabulary.words[word]) is not None]
    return len(words) > 1 and any(
        entry.alone is not None and entry.alone.roles & (Role.CARD | Role.CARD_WEAK) for entry in entries
    )


def other_subject(scene: Scene, position: int, pans: Sequence[Candidate]) -> bool:
    """Tell whether the words before a label speak of another thing than a payment card: the nearest subject decides."""
    text = scene.text
    stop = next((i for i in range(position, min(len(text), position + 40)) if text[i].isdigit()), position)
    after = scene.between(position + 1, stop)
    if any(hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD for hit in after):
        return False
    if _of_card(scene, position):
        return False
    issued = _ISSUED.search(text, max(scene.line_start(position), position - _SINCE), position)
    if issued is not None and any(hit.roles & Role.START for hit in scene.between(issued.start(), position)):
        position = issued.start("words")  # "number 107442318, issued 03/21, expires"
    if _numbered(scene, position, pans) or _long_numbered(scene, position, pans):
        return True
    masked = not pans and has_number(text, scene.line_start(position), position, pans)
    if masked and scene.masked:
        return True  # the card near had a date of its own, which was masked, too
    floor = max([position - 70, scene.line_start(position), *_last_end(pans, position)])
    for hit in reversed(scene.between(floor, position)):
        if hit.roles & (Role.CARD | Role.CODE | Role.CARD_WEAK) and not hit.roles & (Role.NOT_CARD | Role.SUBJECT):
            return False
        if hit.roles & (Role.NOT_CARD | Role.SUBJECT):
            return not (floor > scene.line_start(position) and _ENDED.fullmatch(text, hit.end, position))
        if hit.roles & Role.OTHER and not hit.roles & (Role.CODE_WEAK | Role.EXPIRY | Role.PIN | Role.FILLER):
            return True
        if hit.roles & Role.MENTION and not hit.roles & Role.NUMBER and position - hit.end < 25:
            if _speaker(scene, hit):
                return False
            return not any(c in ".;!?" for c in text[hit.end : position])
    return False


_SINCE = 40
_ISSUED = re.compile(
    r"(?<=[0-9][, ])[ ]?(?P<words>(?:[^\W\d_]{2,12}[ :]{1,2}){1,3})"
    r"[0-9]{1,2}[/.\-](?:[0-9]{1,2}[/.\-])?(?:20)?[0-9]{2}[,;]?[ ]\Z"
)
_ENDED = re.compile(r"[^0-9.;!?:]{2,60}[^\W\d_]{3}[.!][ ]")
"""A sentence without a figure that ends right before a label: what it speaks of has no number, and no date."""
_GENITIVE = 24
_LITTLE = 12


def of_another(scene: Scene, position: int, things: int = Role.SUBJECT | Role.NOT_CARD) -> bool:
    """Tell whether a value is said to be another thing's right behind it: "the code 610 of the promotion"."""
    text, at = scene.text, position
    for hit in scene.between(position, position + _GENITIVE):
        between = text[at : hit.start]
        if len(between) > _LITTLE or not between.replace(" ", "a").isalpha():
            return False
        if hit.roles & things:
            return at > position
        if not hit.roles & Role.FILLER or hit.roles & (Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY):
            return False
        at = hit.end
    return False


def part_of_name(scene: Scene, hit: Hit, start: int) -> bool:
    """Tell whether a label and its value are the name of an article: "lot CVC-312"; not where a card is spoken of."""
    if scene.text[hit.end : start] != "-":
        return False
    line = scene.between(scene.line_start(hit.start), hit.start)
    if any(other.roles & Role.CARD and not other.roles & (Role.NOT_CARD | Role.SUBJECT) for other in line):
        return False
    before = scene.between(hit.start - _GENITIVE, hit.start)
    named = bool(before) and scene.text[before[-1].end : hit.start] in (" ", ": ", " no. ")
    return named and bool(before[-1].roles & (Role.OTHER | Role.MENTION)) and not before[-1].roles & Role.FILLER


def named_between(scene: Scene, start: int, end: int) -> bool:
    """Tell whether what stands between a word for code and its value names another number: "3-digit branch no."."""
    said = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.CODE_WEAK | Role.PIN | Role.FILLER
    return any(hit.roles & Role.OTHER and not hit.roles & said for hit in scene.between(start, end))
