"""What stands right beside a number: expiry dates and codes, bare or under their labels.

Nothing here looks further than :data:`_REACH` characters; offsets are those of the folded text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import bridge
from pansentry.pan.dates import date_at
from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.brands import Brand
    from pansentry.pan.scene import Scene

_REACH = 90
_MARKUP = re.compile(r"(?:</?[a-z][^<>\r\n]{0,40}>|[^<a-z0-9]){0,12}")
_LONG = re.compile(r"[0-9](?:[ \-]?[0-9]){6}")


def beside_evidence(scene: Scene, end: int, brand: Brand) -> Iterator[str]:
    """Yield what stands right behind a number: an expiry date, digits of a code's length."""
    text = scene.text
    position = skip_separators(text, end)
    found = date_at(text, position, scene.vocabulary.months) if position > end else None
    if found is not None:
        yield "beside-expiry"
        position = skip_separators(text, found[0])
    if brand.code_digits and position > end and code_at(text, position, brand.code_digits):
        yield "beside-code"


def labelled_beside(scene: Scene, start: int, end: int) -> bool:
    """Tell whether an expiry date and a code, both under their labels, stand close to a number.

    Words about a card between the number and them, or another long number, make them those of another card.
    """
    return _labelled_in(scene, end, end + _REACH, forward=True) or _labelled_in(
        scene, max(scene.start, start - _REACH), start, forward=False
    )


def paid_with(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a number is paid with, whatever word stands before it: date and code are said right behind it.

    The code under its own name; a mere "code" behind a sum ("the deposit 4111… will be fine, it expires 12/28 and the
    code is 737"). In data the code's key is enough: "account=4111…&cvv=737".
    """
    text = scene.text
    if _NEXT_KEY.match(text, end) is not None:
        return True
    before = scene.between(max(scene.line_start(start), start - _SUM), start)
    if any(hit.roles & (Role.SUBJECT | Role.NOT_CARD) for hit in before):
        return False  # a coupon has a date and a code, too
    paid = bool(before) and before[-1].roles & Role.AMOUNT and not before[-1].roles & Role.OTHER
    wanted = Role.CODE | (Role.CODE_WEAK if paid else 0)
    dated = coded = False
    for hit in scene.between(end, end + _REACH):
        at = bridge(scene, hit.end) if hit.roles & (Role.EXPIRY | wanted) else None
        if at is None or _LONG.search(text, end, hit.start) is not None:
            continue
        dated = dated or (bool(hit.roles & Role.EXPIRY) and date_at(text, at, scene.vocabulary.months) is not None)
        coded = coded or (bool(hit.roles & wanted) and (code_at(text, at, 3) or code_at(text, at, 4)))
    return coded and (dated or _DATE_FIRST.match(text, end) is not None)


_SUM = 24
_NEXT_KEY = re.compile(r"&(?:[a-z]{1,12}[_.\-])?(?:cvv2?|cvc2?|cvn|csc)=[0-9]{3,4}(?![0-9])")
_DATE_FIRST = re.compile(
    r"[ ]?(?:\([^()\r\n0-9]{1,24}\))?[ ,;|]{1,2}(?:0?[1-9]|1[0-2])[/.\-](?:20)?[2-4][0-9](?![0-9]|[/.\-][0-9])"
)


def _labelled_in(scene: Scene, start: int, end: int, *, forward: bool) -> bool:
    text, dated, coded = scene.text, -1, -1
    for hit in scene.between(start, end):
        if not hit.roles & (Role.EXPIRY | Role.CODE):
            continue
        at = _past_marks(text, hit.end)
        if hit.roles & Role.EXPIRY and dated < 0 and date_at(text, at, scene.vocabulary.months) is not None:
            dated = hit.start
        elif hit.roles & Role.CODE and coded < 0 and (code_at(text, at, 3) or code_at(text, at, 4)):
            coded = hit.start
    if dated < 0 or coded < 0:
        return False
    if not forward and _LONG.search(text, max(scene.start, start - _REACH), min(dated, coded)) is not None:
        return False  # they are those of a number before them
    first, last = (end, max(dated, coded)) if not forward else (min(dated, coded), start)
    between = (min(first, last), max(first, last))
    cards = any(hit.roles & (Role.CARD | Role.CARD_WEAK) for hit in scene.between(*between))
    return not cards and _LONG.search(text, *between) is None


def code_further_on(scene: Scene, end: int) -> bool:
    """Tell whether a code stands a little behind ``end``: after an expiry date, or under its label."""
    text = scene.text
    at = skip_separators(text, end)
    found = date_at(text, at, scene.vocabulary.months)
    if found is not None:
        at = skip_separators(text, found[0])
        if code_at(text, at, 3) or code_at(text, at, 4):
            return True
    for hit in scene.between(end, end + _REACH) if scene.labelled else ():
        at = _past_marks(text, hit.end)
        if hit.roles & Role.CODE and (code_at(text, at, 3) or code_at(text, at, 4)):
            return _LONG.search(text, end, hit.start) is None
    return False


def _past_marks(text: str, position: int) -> int:
    match = _MARKUP.match(text, position)
    return match.end() if match is not None else position


def skip_separators(text: str, position: int, limit: int = 8) -> int:
    """Return where the blanks and marks that may part two values of one card end."""
    stop = min(len(text), position + limit)
    while position < stop and not text[position].isalnum():
        position += 1
    return position


def code_at(text: str, position: int, length: int) -> bool:
    """Tell whether exactly ``length`` digits stand at ``position``, not as part of an amount, date or word.

    A mark that also stands before them parts fields (a row of CSV) and makes no amount.
    """
    end = position + length
    if not text[position:end].isdigit() or len(text) < end or _ROW_OF_THREES.match(text, position) is not None:
        return False
    after = text[end : end + 2]
    if not after:
        return True
    if after[0].isalnum() or after[0] in "%€$£¥°":
        return False
    return not (after[0] in ".,/:-" and after[1:].isdigit()) or (after[0] in ",/" and text[position - 1] == after[0])


_ROW_OF_THREES = re.compile(r"[0-9]{3}(?:[ ][0-9]{3}){2,}(?![0-9])")
"""A longer number: "281 934 557"."""


def headline(scene: Scene, start: int) -> tuple[int, int] | None:
    """Return the line with a colon at its end that heads the list of numbers in which ``start`` is an item."""
    place = start
    for _ in range(_ITEMS):
        line = scene.previous_line(place)
        if line is None or start - line[0] > CONTEXT:
            return None
        written = scene.text[slice(*line)]
        if written.rstrip().endswith(":"):
            return line
        if _LONG.search(written) is None:
            return None
        place = line[0]
    return None


_ITEMS = 12  # lines of a list above one of its items
