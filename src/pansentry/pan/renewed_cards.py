"""Dates and codes of a card that was renewed, in mails that need not say its number again.

"My bank sent me a new card, same number, but the date is now 07/30 instead of 07/26 and on the back it says 829." No
label stands before the date: the card is the subject, what changed is said, and so is what holds now. In: a scene.
Out: values under the label ``label-expiry-renewed`` or ``label-code-renewed``. A date counts if it is told apart from
another one, or said to hold now; if the nearest subject before it (:data:`CONTEXT` characters at most) is a card for
paying; if the card is said to be new or changed, or the date is called one; and if the paragraph says more of a card
than that: a word for its code or its expiry. What was charged to a new card "for 04/28 instead of 05/28", or when its
reader or its fees change, is none. Bounded looks for each date; nothing is asked of texts without words about cards.

Known gaps: the prefilter does not know this rule, so it holds only where other words open the text ("expires", "CVV", a
card's number, a known card); and a card's new date in a paragraph without a word for code or expiry is not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at
from pansentry.pan.finding import Kind
from pansentry.pan.old_and_new import RENEWED, SOLID, TAKEN_BACK
from pansentry.pan.renewals import tells_apart
from pansentry.pan.scene import CONTEXT
from pansentry.pan.value import UNITS, Value
from pansentry.pan.vocabulary import TOKEN, Role
from pansentry.pan.weighing import refers_to_another

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_MONTH_YEAR = re.compile(r"(?<![0-9./,:\-#])(?:0[1-9]|1[0-2]) ?/ ?(?:20)?[2-4][0-9](?![0-9]|[.,:/\-][0-9])")
_DATE_NOUN = re.compile(
    r"(?:dat(?:e|um|umet|a|o|oen|i|y|ei|ul)|fecha|дат[ауы]|датата|датум|tarih\w{0,3}|tanggal|kuupaev|paivays)\Z"
)
_SENTENCE = re.compile(r"(?:[!?]|(?<=[^\W\d_]{3})[.])[ \r\n]+(?=[^\W\d_])")
_LEAD = 48
_AROUND = 60
_CARDS = Role.CARD | Role.CARD_WEAK
_OWNERS = _CARDS | Role.NOT_CARD | Role.SUBJECT
_STRANGE = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT | Role.START
_LITTLE = Role.FILLER | Role.CODE | Role.CODE_WEAK | Role.EXPIRY | Role.UNTIL | Role.NUMBER | Role.CARD | Role.CARD_WEAK
_BACK = Role.PLACE | Role.CODE | Role.FIGURES
_THEN = re.compile(r"[^0-9\r\n!?;]{2,60}(?P<code>[0-9]{3})(?![0-9]|[.,:/\-][0-9]|[ ][0-9]{2})")


def renewed_cards(scene: Scene) -> Iterator[Value]:
    """Yield the dates that a renewed card is said to have or to have had, and the code said right behind them."""
    if not scene.roles & _CARDS:
        return
    text = scene.text
    dates = list(_MONTH_YEAR.finditer(text, scene.start, scene.end))
    for index, match in enumerate(dates):
        date = date_at(text, match.start(), scene.vocabulary.months)
        if date is None or date[0] != match.end():
            continue
        floor = dates[index - 1].end() if index else scene.start
        ceiling = dates[index + 1].start() if index + 1 < len(dates) else scene.end
        before = tells_apart(scene, Kind.EXPIRY, floor, match.start()) if index else False
        behind = tells_apart(scene, Kind.EXPIRY, match.end(), ceiling) if index + 1 < len(dates) else False
        lead = _sentence(text, max(floor, match.start() - _LEAD), match.start())
        if not (before or behind or _holds_now(scene, lead, match.start())):
            continue
        first = dates[index - 1].start() if before else match.start()
        last = dates[index + 1].end() if behind else match.end()
        card = _owner(scene, first) or (_named_behind(scene, last) if before or behind else None)
        if card is None or not (_called_date(scene, first) or _is_renewed(scene, card, first)):
            continue
        if not _speaks_of_card(scene, match.start()):
            continue
        label = f"label-expiry-renewed:{card.language}"
        yield Value(Kind.EXPIRY, match.start(), *date, [label])
        code = _THEN.match(text, match.end(), min(scene.end, match.end() + _AROUND + 10))
        if code is not None and _said_of_back(scene, match.end(), code.start("code"), code.end()):
            yield Value(Kind.CVV, code.start("code"), code.end(), code["code"], [f"label-code-renewed:{card.language}"])


def _speaks_of_card(scene: Scene, position: int) -> bool:
    """Tell whether the paragraph of a date has a word for a code or an expiry date, as cards have them."""
    text, floor = scene.text, max(scene.start, position - CONTEXT)
    start = max((match.end() for match in _BLANK_LINE.finditer(text, floor, position)), default=floor)
    match = _BLANK_LINE.search(text, position, min(scene.end, position + CONTEXT))
    hits = scene.between(start, match.start() if match is not None else position + CONTEXT)
    return any(hit.roles & _OF_CARDS and not hit.roles & Role.NOT_CARD for hit in hits)


_BLANK_LINE = re.compile(r"\n[ \t>|]{0,8}\r?\n")
_OF_CARDS = Role.CODE | Role.CODE_WEAK | Role.PLACE | Role.EXPIRY


def _sentence(text: str, start: int, end: int) -> int:
    """Return where the sentence begins that ``end`` stands in."""
    return max((match.end() for match in _SENTENCE.finditer(text, start, end)), default=start)


def _holds_now(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a date is said to hold now, nothing else between: "the date is now", "ahora pone"."""
    text = scene.text
    last = None
    for word in TOKEN.finditer(text, start, end):
        if word[0] in RENEWED:
            last = word
    told = SOLID.search(text, start, end)
    at = last.end() if last is not None else told.end() if told is not None else None
    if at is None or len(TOKEN.findall(text, at, end)) > _FEW or any(c in ".;!?" for c in text[at:end]):
        return False
    return not any(hit.roles & _STRANGE and not hit.roles & _LITTLE for hit in scene.between(start, end))


_FEW = 2  # words


def _owner(scene: Scene, position: int) -> Hit | None:
    """Return the word for a card for paying that is the nearest thing before a date of which dates are said."""
    for hit in reversed(scene.between(max(scene.start, position - CONTEXT), position)):
        if not hit.roles & _OWNERS or (hit.roles & Role.EXPIRY and not hit.roles & Role.NOT_CARD):
            continue
        if _in_brackets(scene.text, hit, position) or scene.text[hit.start : hit.end] in TAKEN_BACK:
            continue
        if hit.roles & (Role.NOT_CARD | Role.SUBJECT) or refers_to_another(scene, hit):
            return None
        if hit.end - hit.start >= _NOUN:
            return hit
    return None


def _in_brackets(text: str, hit: Hit, position: int) -> bool:
    """Tell whether a word stands in brackets that are closed before ``position``: aside of what is said."""
    opened, closed = text.rfind("(", max(0, hit.start - _AROUND), hit.start), text.find(")", hit.end, hit.end + _AROUND)
    return opened >= 0 and 0 <= closed < position and ")" not in text[opened : hit.start]


def _named_behind(scene: Scene, position: int) -> Hit | None:
    """Return the word for a card of which the words right behind a date say that it is its: "08/27 on this card"."""
    for hit in scene.between(position, position + _BEHIND):
        if hit.roles & _CARDS and not hit.roles & Role.NOT_CARD and hit.end - hit.start >= _NOUN:
            between = scene.text[position : hit.start]
            return None if any(c.isdigit() or c in ".;!?\r\n" for c in between) else hit
    return None


_BEHIND = 20
_NOUN = 3  # letters: "kp" and "cc" are no subjects of a sentence


def _called_date(scene: Scene, position: int) -> bool:
    """Tell whether the sentence calls what follows a date, or an expiry date, shortly before it."""
    start = _sentence(scene.text, max(scene.start, position - _LEAD), position)
    if any(hit.roles & Role.EXPIRY for hit in scene.between(start, position)):
        return True
    return any(_DATE_NOUN.match(word) for word in TOKEN.findall(scene.text, start, position))


def _is_renewed(scene: Scene, card: Hit, position: int) -> bool:
    """Tell whether a card is said to be new, changed or renewed: in its own sentence, close to it."""
    text = scene.text
    start = _sentence(text, max(scene.start, card.start - _AROUND), card.start)
    stop = _SENTENCE.search(text, card.end, min(position, card.end + 2 * _AROUND))
    end = stop.start() + 1 if stop is not None else min(position, card.end + 2 * _AROUND)
    words = {*TOKEN.findall(text, start, card.start), *TOKEN.findall(text, card.start, end)}
    return not words.isdisjoint(RENEWED - _MERE) or SOLID.search(text, start, end) is not None


_MERE = frozenset(
    (
        "nu",
        "lama",
        "ora",
        "sad",
        "ted",
        "cu",
        "sena",
        "era",
        "moi",
        "was",
        "were",
        "war",
        "foi",
        "fue",
        "var",
        "before",
        "avant",
        "prima",
        "eerst",
        "used",
    )
)
"""Small words that are no news of a card."""


def _said_of_back(scene: Scene, start: int, code: int, end: int) -> bool:
    """Tell whether digits behind a date are said to stand on the card's back, or to be its code."""
    hits = scene.between(start, code)
    if UNITS.match(scene.text, end) is not None or not any(hit.roles & _BACK for hit in hits):
        return False
    if any(hit.roles & _STRANGE and not hit.roles & _LITTLE for hit in hits):
        return False
    words = [word for word in TOKEN.findall(scene.text, start, code) if word in RENEWED or word in TAKEN_BACK]
    return len(TOKEN.findall(scene.text, start, code)) - len(words) <= _MANY


_MANY = 8
