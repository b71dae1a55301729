"""How the value behind a label is written: a code of three or four digits, a date in any form a label vouches for.

In: a text and the place where the value begins. Out: ``(start, end, value)`` or None. Boxes of forms, spoken dates,
MMYY, YYMM and years first count here only, because a label says what they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at
from pansentry.pan.neighbours import code_at
from pansentry.pan.numerals import spoken_at, spoken_year
from pansentry.pan.value import UNITS
from pansentry.pan.vocabulary import TOKEN

if TYPE_CHECKING:
    from pansentry.pan.scene import Scene

_SPACED = re.compile(r"[0-9](?:(?:[ .\-|_]|[ |\])]{1,2}[ |\[(]{1,2})[0-9]){2,3}(?![0-9]|[ .\-/|_]{1,2}[0-9])")
"""One digit to a box: "7 3 7", "7|3|7", "[7][3][7]"."""


def code_written(text: str, at: int) -> tuple[int, int, str] | None:
    """Return the code of three or four digits at ``at``, together or one by one."""
    for length in (3, 4):
        if not text[at : at + length].isdigit():
            break
        if code_at(text, at, length) or _ends_in_word(text, at, length) or _NEXT_LABEL.match(text, at + length):
            return None if UNITS.match(text, at + length) else (at, at + length, text[at : at + length])
    match = _SPACED.match(text, at)
    if match is not None:
        return at, match.end(), "".join(c for c in match[0] if c.isdigit())
    begin = at - 1 if at and text[at - 1] in _ZERO_OR_ONE and not text[max(at - 2, 0) : at - 1].isalnum() else at
    match = LETTER_FIRST.match(text, begin) if begin < at else None
    if match is not None and not UNITS.match(text, match.end()):
        return begin, match.end(), figures(match[0])
    match = _LETTERED_CODE.match(text, at)
    if match is not None and not match[0].isdigit():
        return at, match.end(), match[0].translate(_FIGURES)
    return None


_NEXT_LABEL = re.compile(r"[a-z_]{2,16}[:=]")
"""Glued behind a code where all blanks are lost: "cvv:448name:"."""


def _ends_in_word(text: str, at: int, length: int) -> bool:
    """Tell whether a code is followed directly by text of a script without blanks ("737です")."""
    end = at + length
    return text[at:end].isdigit() and len(text) > end and text[end] >= "\u3000" and not text[end].isdigit()


def date_written(scene: Scene, position: int, at: int) -> tuple[int, int, str] | None:
    """Read the date at ``at`` in any form that a label vouches for."""
    lettered = _lettered_date(scene.text, at)
    if lettered is not None:
        return lettered
    found = date_at(scene.text, at, scene.vocabulary.months, fields=True, day=True)
    if found is not None:
        return at, *found
    broken = _BROKEN_DATE.match(scene.text, at)
    if broken is not None:
        return at, broken.end(), f"{broken['m']}/{broken['y']}"
    broken = _BROKEN_NAMED.match(scene.text, at)
    if broken is not None and broken["name"] in scene.vocabulary.months:
        return at, broken.end(), f"{scene.vocabulary.months[broken['name']]:02d}/{broken['y']}"
    spaced = _SPACED_DATE.match(scene.text, at)
    if spaced is not None:  # one digit to a box of a form
        month, year = ("".join(c for c in spaced[part] if c.isdigit()) for part in ("m", "y"))
        return (at, spaced.end(), f"{month}/{year[-2:]}") if "01" <= month <= "12" else None
    turned = _YEAR_FIRST.match(scene.text, at)
    if turned is not None and (turned["y"] > "12" or _YY_MM.search(scene.text, position, at)):
        return at, turned.end(), f"{turned['m']}/{turned['y']}"
    packed = _PACKED.match(scene.text, at)
    if packed is not None:  # the order of stripe data and some payment forms
        return at, packed.end(), f"{packed['m']}/{packed['y']}"
    past = _LONG_PAST.match(scene.text, at)
    if past is not None:
        return at, past.end(), f"{past['m']}/{past['y']}"
    named = TOKEN.match(scene.text, at)
    if named is not None and named[0] in scene.vocabulary.months:
        said = spoken_year(scene.text, named.end(), scene.vocabulary)
        return None if said is None else (at, said[0], f"{scene.vocabulary.months[named[0]]:02d}/{said[1]}")
    spoken = spoken_at(scene.text, at, scene.vocabulary, 6)
    if spoken is None or not 3 <= len(spoken[1]) <= 6:
        return None
    month, year = _month_year(spoken[1])
    return (at, spoken[0], f"{int(month):02d}/{year}") if 1 <= int(month) <= 12 and year >= "10" else None


def figures(typed: str) -> str:
    """Return what letters for zeros and ones stand for."""
    return typed.translate(_FIGURES)


def _lettered_date(text: str, at: int) -> tuple[int, int, str] | None:
    """Read the date at ``at`` whose zeros or ones are typed as letters: "O9/28", "1O/28", "l2/2O28"."""
    begin = at - 1 if at and text[at - 1] in _ZERO_OR_ONE and not text[at - 2 : at - 1].isalnum() else at
    match = _LETTERED_DATE.match(text, begin)
    if match is None or match[0].translate(_FIGURES) == match[0]:
        return None
    month, year = match["m"].translate(_FIGURES), match["y"].translate(_FIGURES)
    return (begin, match.end(), f"{month}/{year[-2:]}") if "01" <= month <= "12" else None


_ZERO_OR_ONE = "oil"
_FIGURES = str.maketrans(_ZERO_OR_ONE, "011")
_LETTERED_CODE = re.compile(r"(?=[0-9])[0-9oil]{3,4}(?![^\W_]|[.,:/\-][0-9])(?![ ]?(?:[€$£%°]|kg|mm?\b|cm|min))")
"""A code whose zeros or ones are typed as letters: "6l4", "1o7"."""
LETTER_FIRST = re.compile(r"(?<![^\W_])[oil][0-9]{2}(?![^\W_]|[.,:/\-][0-9])")
"""A code that begins with such a letter, and then figures: "l84"."""
_LETTERED_DATE = re.compile(r"(?P<m>[01oil][0-9oil]) ?[/.\-] ?(?P<y>(?:2[0o])?[2-4][0-9oil])(?![^\W_]|[/.\-][0-9])")
_BROKEN_DATE = re.compile(
    r"(?P<m>0[1-9]|1[0-2])[ ]?[/.\-]?[ ]?\r?\n[>| \t]{0,8}(?:[/.\-][ ]?)?(?:20)?(?P<y>[2-4][0-9])"
    r"(?=[ \t]{0,3}(?:[\r\n.,;]|\Z))(?![.,][0-9])"
)
"""Month and year on a line each."""
_BROKEN_NAMED = re.compile(
    r"(?P<name>[^\W\d_]{3,16})[.,]?[ ]?\r?\n[>| \t]{0,8}(?:20)?(?P<y>[2-4][0-9])(?=[ \t]{0,3}(?:[\r\n.,;]|\Z))"
    r"(?![.,][0-9])"
)


def _month_year(digits: str) -> tuple[str, str]:
    """Return month and year of digits that were said: 928, 0928, 92028, 092028."""
    if len(digits) > 4 and digits[-4:-2] == "20":
        return digits[:-4], digits[-2:]
    return digits[:-2], digits[-2:]


_BOX = r"(?:[ |_]|[ |\])]{1,2}[ |\[(]{1,2})"
_SPACED_DATE = re.compile(
    rf"(?P<m>[01]{_BOX}[0-9])[ |\])]{{0,2}}(?:[ /.\-|]|\]\[)[ |\[(]{{0,2}}(?P<y>(?:2{_BOX}0{_BOX})?[1-5]{_BOX}[0-9])"
    r"(?![0-9]|[ |_]{1,2}[0-9])"
)
_YEAR_FIRST = re.compile(r"(?P<y>[1-5][0-9]) ?[/.\-] ?(?P<m>0[1-9]|1[0-2])(?![0-9]|[/.\-][0-9])")
_YY_MM = re.compile(r"(?:yy|jj|aa|rr|гг|åå) ?[/.\-]? ?(?:mm|мм|kk)")
"""The label itself says that the year comes first."""
_PACKED = re.compile(r"(?:20)?(?P<y>[2-4][0-9])(?P<m>0[1-9]|1[0-2])(?![0-9])")
_LONG_PAST = re.compile(r"(?P<m>0[1-9]|1[0-2]) ?/ ?(?:19|20)?(?P<y>9[0-9]|0[0-9])(?![0-9]|[/.\-][0-9])")
"""Old cards have dates, too."""
