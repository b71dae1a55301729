"""Month and year of an expiry date in labelled fields of their own, in either order: "Month: 09 / Year: 2028".

In: a scene. Out: a value for each of the two fields, both with the whole date. Fields further apart than
:data:`~pansentry.pan.weighing.NEAR` are none of one date; a year before its month needs four digits and the next field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at
from pansentry.pan.finding import Kind
from pansentry.pan.value import Value
from pansentry.pan.vocabulary import Role
from pansentry.pan.weighing import NEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.scene import Scene


def month_and_year(scene: Scene) -> Iterator[Value]:
    """Yield month and year that stand in labelled fields of their own, both with the whole date as value."""
    month: tuple[int, int, str] | None = None
    year: tuple[int, int, str] | None = None
    for hit in [hit for hit in scene.hits if hit.roles & _PARTS]:
        named_both = _AND_YEAR.match(scene.text, hit.end) if hit.roles & Role.MONTH else None
        other = scene.at(named_both.end()) if named_both is not None else None
        if other is not None and other.roles & Role.YEAR:
            at = _IS.match(scene.text, other.end)
            date = date_at(scene.text, at.end(), scene.vocabulary.months) if at is not None else None
            if at is not None and date is not None:
                yield Value(Kind.EXPIRY, at.end(), *date, [f"label-expiry:{hit.language}"])
        match = _FIELD_VALUE.match(scene.text, hit.end)
        if match is None:
            continue
        if match["name"] is not None:
            named = scene.vocabulary.months.get(match["name"])
            if named is not None and hit.roles & Role.MONTH:
                month = (match.start("name"), match.end("name"), str(named))
            continue
        number, bare = match["value"], ":" not in match[0] and "=" not in match[0] and ">" not in match[0]
        if bare and hit.roles & Role.YEAR and (month is None or hit.start - month[1] > _BARE_APART):
            continue  # "5 years 3 months": without marks, both must stand close
        if hit.roles & Role.MONTH and 1 <= int(number) <= 12:
            month = (match.start("value"), match.end("value"), number)
        elif hit.roles & Role.YEAR and month is not None and match.start() - month[1] < NEAR and number[-2:] >= "10":
            if len(number) == 1 or (len(number) == 4 and number[:2] != "20"):
                continue
            yield from _both(month, (match.start("value"), match.end("value"), number), hit.language)
            month = None
        elif hit.roles & Role.YEAR and not bare and _YEAR.fullmatch(number):
            year = (match.start("value"), match.end("value"), number)
            continue
        if month is not None and year is not None and 0 < month[0] - year[1] < _NEXT_FIELD:
            yield from _both(month, year, hit.language)
            month = year = None


def _both(month: tuple[int, int, str], year: tuple[int, int, str], language: str) -> Iterator[Value]:
    value = f"{int(month[2]):02d}/{year[2][-2:]}"
    for field in (month, year):
        yield Value(Kind.EXPIRY, field[0], field[1], value, [f"label-expiry:{language}"])


_YEAR = re.compile(r"20[2-4][0-9]")
_NEXT_FIELD = 40  # characters from a year to the month below it


_AND_YEAR = re.compile(r" ?(?:/|&|(?:and|und|et|y|e|en|i|og|och|a|ja|и|и|و) )[ ]?")
_IS = re.compile(r"(?: ?[:=] ?| (?:is|are|ist|est|es|e|is|jest|to) )(?=[0-9])")
_PARTS = Role.MONTH | Role.YEAR
_BARE_APART = 6
_FIELD_VALUE = re.compile(
    r"(?:[^\r\n0-9:=>,;]{0,24}[ \t\"')\]]{0,4}[:=>][ \t\"'(\[]{0,4}|[ \t])(?P<value>[0-9]{1,4})(?![0-9/.\-])"
    r"|[ \t]{0,4}[:=>][ \t\"'(\[]{0,4}(?P<name>[^\W\d_]{3,16})(?![^\W_])"
)
