"""Expiry dates: their shapes and what they say.

Month and year, in the order and with the separators people use; four digits for the year or two. Years 2010 … 2059
count: a plainer rule than "not long past", and one that needs no clock. Values are ``MM/YY``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_YEAR = r"(?:20)?[1-5][0-9]"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_SEPARATOR = r"(?: ?(?:[/.\-\\|_~·•‧・∙*+]|//|%2f) ?| (?=[0-9])|['’´](?=[2-4][0-9](?![0-9]))|:(?=20[2-4][0-9]))"
SHAPE = re.compile(
    rf"(?P<m>{_MONTH}){_SEPARATOR}['’]?(?P<y>{_YEAR})(?![0-9])"
    rf"|(?P<y2>20[1-5][0-9]) ?[-/.] ?(?P<m2>0?[1-9]|1[0-2])(?![0-9])"
    rf"|(?P<y3>20[1-5][0-9]|[1-5][0-9]) ?[年년] ?(?P<m3>{_MONTH}) ?[月월]"
    rf"|(?P<m4>{_MONTH}) ?[月월] ?[/, ]?(?P<y4>{_YEAR})(?![0-9])(?: ?[年년])?"
    r"|(?P<m5>0[1-9]|1[0-2])(?P<y5>20[1-5][0-9]|[1-4][0-9])(?![0-9])"
)
"""A date in digits; group m5/y5 is MMYY run together, to 2049, and counts only beside a label or a card."""

_OF = r"(?:de|del|dell|des|of|d|von|di|do|da|van|av|af|the|l|i|in|im|u|w|roku|rok)"
MONTH_WORD = (
    r"(?:month|monat|mois|mes|maand|miesi|mesi|mesec|mjesec|meseta|manad|maned|kuu|honap|lun[aai]|μην|ay[iı]?n?\b|мес|міс"
    r"|thang|bulan|เดือน|شهر|ماه|חודש|मही|माह|মাস|menes|menuo|menesi|man\b)"
)
_YEAR_WORD = (
    r"(?:year|jahr|ann[eio]|an\b|anul|ano\b|any\b|jaar|rok|ar\b|aar\b|vuo|ev\b|ετο|yil|год|рік|рок|nam\b|tahun|ปี|سنة|عام|سال"
    r"|שנ|साल|वर्ष|সাল|met[aui]|gad[asu]|aasta|leta|lj?eta|god)"
)
"""How the words for month and year begin, folded, in the languages that say both between the figures of a date."""
_NAMED = re.compile(
    rf"(?P<name>[^\W\d_]{{2,16}})[.,]?(?:[ '’]{_OF}\b){{0,2}}(?:[ '’]{_YEAR_WORD}[^\W\d_]{{0,4}})?"
    r"(?: ?\((?:0?[1-9]|1[0-2])\))?[ /\-]{0,2}['’]?"
    r"(?P<y>(?:20)?[1-5][0-9])(?![0-9])"
)
_DAY_NAMED = re.compile(
    r"[0-3]?[0-9](?:st|nd|rd|th|er|\.)? (?:de |of |di )?(?P<name>[^\W\d_]{3,12})[.,]?(?: (?:de|del|of))? "
    r"(?P<y>20[1-5][0-9])(?![0-9])"
)
_NAMED_FIRST_YEAR = re.compile(
    r"(?P<y>20[1-5][0-9])[., ]{1,2}(?:(?:m|r|г|р|gada|ev|yili|roku|года|року)[.]? )?(?P<name>[^\W\d_]{3,16})"
)
_SPLIT_FIELDS = re.compile(rf"(?P<m>{_MONTH})[ ]?[,;|\t][ ]?(?P<y>20[1-5][0-9])(?![0-9])")
_WITH_DAY = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<mark>[./\-]) ?(?P<b>[0-9]{1,2})(?P=mark) ?"
    r"(?P<y>20[1-5][0-9]|[2-4][0-9])(?![0-9]|[./\-][0-9])"
)
_DECIMAL = re.compile(r"(?P<m>0[1-9]|1[0-2]),(?P<y>[2-4][0-9])(?![0-9]|[.,:/\-][0-9]|[ ]?[€$£%])")
_WORDED = re.compile(
    rf"(?P<m>{_MONTH})(?:st|nd|rd|th|er|eme|e|[aoºª]|-?[йяе]|-?го|[.])?,?"
    rf"(?:(?P<mw>[ ]?(?:{_OF} )?{MONTH_WORD}[^\W\d_]{{0,6}})(?![^\W\d_]))?[,.]?"
    rf"(?:(?P<of>[ ](?:{_OF}\b|/)){{1,2}}|(?=[ .,/]))(?P<yw>[ ]?{_YEAR_WORD}[^\W\d_]{{0,6}}(?![^\W\d_])[.]?)?"
    rf"[ ./]{{0,2}}['’]?(?P<y>{_YEAR})(?![0-9])"
)
"""Month and year with words between: "9 of 2028", "9. mjeseca 2028", "9-го месяца 2028". Figures behind the
words for month *and* year are fields of their own."""
_ROMAN = re.compile(
    r"(?P<r>x(?:ii?)?|i(?:ii?|v|x)?|v(?:i{1,3})?)"
    r"(?: ?[/.\-] ?['’]?(?P<y>(?:20)?[2-4][0-9])| (?P<y4>20[2-4][0-9]))(?![0-9])"
)
"""Months in Roman figures, as in Poland, Hungary and Romania: "IX/28"."""
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_NUMERALS = "〇零一二三四五六七八九"
_CJK = re.compile(rf"(?P<y>[{_NUMERALS}]{{2,4}})[年년](?P<m>十[一二]?|[{_NUMERALS[2:]}])月")
_ANOTHER = re.compile(r"(?:0?[1-9]|1[0-2])/(?:20)?[2-4][0-9](?![0-9/])")
_CODE = re.compile(r"[0-9]{3,4}(?![0-9]|[:.][0-9])")
_TIGHT = frozenset("/.-\\|:,")


def date_at(
    text: str, position: int, months: Mapping[str, int], *, fields: bool = False, day: bool = False
) -> tuple[int, str] | None:
    """Return the end and value of the expiry date that begins at ``position``, or None.

    ``fields`` also reads month and year in separate fields ("09,2028"). A day in front or behind makes it a plain
    date and not an expiry date, unless ``day`` says that a label vouches for it ("expiry 31/08/2028").
    """
    if day and (match := _WITH_DAY.match(text, position)) is not None:
        first, second = int(match["a"]), int(match["b"])
        month = second if second <= 12 else first
        if 1 <= month <= 12 and 0 < max(first, second) <= 31 and first:
            return match.end(), _value(month, match["y"])
    if day and (match := _DECIMAL.match(text, position)) is not None:
        return match.end(), _value(int(match["m"]), match["y"])
    if day and (match := _DAY_NAMED.match(text, position)) is not None and match["name"] in months:
        return match.end(), _value(months[match["name"]], match["y"])
    if day and (match := _WORDED.match(text, position)) is not None and (match["mw"] or match["of"]):
        return match.end(), _value(int(match["m"]), match["y"])
    if (roman := _roman(text, position)) is not None:
        return roman
    if text[position : position + 1] > "\u3000" and (match := _CJK.match(text, position)) is not None:
        year = "".join(str(max(_NUMERALS.index(c) - 1, 0)) for c in match["y"])
        month = sum(10 if c == "十" else _NUMERALS.index(c) - 1 for c in match["m"])
        return match.end(), _value(month, year)
    match = SHAPE.match(text, position)
    if match is not None and (match["m5"] or not _goes_on(text, match.end())):
        found = match.groupdict()
        for suffix in ("", "2", "3", "4", "5"):
            if found["m" + suffix]:
                return match.end(), _value(int(found["m" + suffix]), found["y" + suffix])
    if fields and (match := _SPLIT_FIELDS.match(text, position)) is not None:
        return match.end(), _value(int(match["m"]), match["y"])
    for pattern in (_NAMED, _NAMED_FIRST_YEAR):
        match = pattern.match(text, position)
        if match is not None and match["name"] in months and not _goes_on(text, match.end()):
            return match.end(), _value(months[match["name"]], match["y"])
    return None


def _roman(text: str, position: int) -> tuple[int, str] | None:
    match = _ROMAN.match(text, position) if text[position : position + 1] in ("i", "v", "x") else None
    if match is None or text[position - 1 : position].isalpha() or _goes_on(text, match.end()):
        return None
    return match.end(), _value(_ROMANS.index(match["r"]) + 1, match["y"] or match["y4"])


def names_month(text: str, position: int, word: str, months: Mapping[str, int]) -> bool:
    """Tell whether the ``word`` at ``position`` begins a date: a month by its name or its Roman figure."""
    return word in months or _roman(text, position) is not None


def month_end(year: str, month: str) -> str | None:
    """Return ``MM/YY`` for two-digit year and month as tracks have them (YYMM), or None if there is no such month."""
    return f"{month}/{year}" if "01" <= month <= "12" else None


def _goes_on(text: str, end: int) -> bool:
    """Tell whether the date goes on: 09/28/2024, 12.05.2028, 3-11-24-7; "03/23-09/28" are two, "09/28:737" not."""
    if end + 1 >= len(text) or text[end] not in "/.-\\:" or not text[end + 1].isdigit():
        return False
    return (_ANOTHER if text[end] == "-" else _CODE).match(text, end + 1) is None or text[end] not in "-:"


def starts_inside(text: str, position: int) -> bool:
    """Tell whether digits and a separator stand right before ``position``: the tail of a longer date or number."""
    if position == 0:
        return False
    before = text[position - 1]
    return before.isdigit() or (before in _TIGHT and position > 1 and text[position - 2].isdigit())


def _value(month: int, year: str) -> str:
    return f"{month:02d}/{year[-2:]}"
