"""The expiry date that a label introduces: behind it, before it, below it, or as the answer to it.

In: a scene, a label and where card numbers stand. Out: :class:`Value` s not yet weighed. "until" labels month and year
only; a stay, a day and MMYY behind a mere "until" are none.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import answer, back, bridge, loose_bridge
from pansentry.pan.corrections import date_instead, should_be
from pansentry.pan.dates import MONTH_WORD, date_at
from pansentry.pan.finding import Kind
from pansentry.pan.periods import begins, end_of_period
from pansentry.pan.subjects import other_subject
from pansentry.pan.turns import answer_above, little_before, reply_at
from pansentry.pan.value import Value
from pansentry.pan.vocabulary import Role
from pansentry.pan.written import date_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

UNTIL_BEHIND = frozenset(("ja", "ko", "tr", "fi", "hu", "hi", "bn", "ur", "et"))
"""Languages whose word for "until" stands behind the date."""
_PLAIN = re.compile(
    r"[0-9]{1,4}[^0-9]{1,4}[0-9]{2,4}[^0-9]{0,2}|[^0-9]+[0-9]{2,4}|[0-9]{4}[^0-9]+"
    r"|[0-9]{1,2} (?:of|de|del|do|di|da|van|von|av|af) 20[0-9]{2}"
    rf"|[0-9]{{1,2}}[^0-9]{{0,4}}{MONTH_WORD}[^0-9]{{0,12}}20[0-9]{{2}}"
    r"|(?:20)?[0-9]{2} ?[年년] ?[0-9]{1,2} ?[月월] ?"
)
"""Month and year only, kept apart: no day, no MMYY."""


def labelled_date(
    scene: Scene, hit: Hit, spans: Sequence[tuple[int, int]], pans: Sequence[Candidate]
) -> Iterator[Value]:
    label = "label-expiry" if hit.roles & Role.EXPIRY else "label-until"
    date = free(_date_after(scene, hit.end), spans) if scene.may_precede_value(hit) else None
    if (
        date is not None
        and label == "label-until"
        and (
            date[2][-2:] < "20"
            or not (
                _PLAIN.fullmatch(scene.text, *date[:2])
                or _packed(scene, hit, date, pans)
                or _month_said(scene, hit, date, pans)
            )
        )
    ):
        return
    if date is None and hit.roles & Role.EXPIRY:
        date = free(_date_before(scene, hit.start), spans) or free(_answered_date(scene, hit), spans)
        if date is None and (at := should_be(scene.text, hit.end)) is not None:
            date = free(date_written(scene, hit.end, at), spans)
        if date is None:
            date, label = free(_loose_date(scene, hit.end), spans), "label-expiry-loose"
    if date is None and hit.roles & Role.UNTIL and not hit.roles & Role.EXPIRY:
        date = _asked_until(scene, hit, spans)
    if date is None and hit.roles & Role.UNTIL and hit.language in UNTIL_BEHIND:
        date = free(_date_before(scene, hit.start), spans)
        if date is not None and not _PLAIN.fullmatch(scene.text, *date[:2]):
            return
    if date is None or (not hit.roles & Role.EXPIRY and begins(scene, date[0])):
        return
    if _DAYS.match(scene.text, date[0]) is not None:
        return  # "15.01.2027 - 17.01.2027": a stay
    date = free(end_of_period(scene, date[0], date[1]), spans) or date
    evidence = [f"{label}:{hit.language}"]
    if other_subject(scene, hit.start, pans):
        evidence.append("other-subject")
    yield Value(Kind.EXPIRY, *date, evidence)
    instead = date_instead(scene.text, date[0], date[1])
    other = date_at(scene.text, instead, scene.vocabulary.months) if instead is not None else None
    if instead is not None and other is not None:
        yield Value(Kind.EXPIRY, instead, *other, list(evidence))


def _month_said(scene: Scene, hit: Hit, date: tuple[int, int, str], pans: Sequence[Candidate]) -> bool:
    """Tell whether month and year are said in words a little behind a card's number: "jusqu'en avril vingt-huit"."""
    index = bisect.bisect_right(pans, hit.start, key=lambda pan: pan.start)
    close = index > 0 and hit.start - pans[index - 1].end < FIELDS_APART
    return close and not any(map(str.isdigit, scene.text[date[0] : date[1]]))


def _packed(scene: Scene, hit: Hit, date: tuple[int, int, str], pans: Sequence[Candidate]) -> bool:
    """Tell whether MMYY stands behind a word for date, or behind "until:" at the head of a line in a card's form.

    Without a card's number or code close by "until: 1130" is as well a time of day or the number of a house.
    """
    if not _MMYY.fullmatch(scene.text, *date[:2]):
        return False
    if _DATE_WORD.search(scene.text, hit.start, hit.end) is not None:
        return True
    line = scene.line_start(hit.start)
    if scene.text[hit.end : date[0]].strip(" \t") != ":" or any(map(str.isalnum, scene.text[line : hit.start])):
        return False
    index = bisect.bisect_right(pans, line, key=lambda pan: pan.start)
    if index > 0 and line - pans[index - 1].end < FIELDS_APART:
        return True
    near = scene.between(line - FIELDS_APART, date[1] + FIELDS_APART)
    return any(other.roles & Role.CODE and not other.roles & Role.PLACE for other in near)


_DAY = r"[0-9]{1,2}[./\-][0-9]{1,2}[./\-](?:20)?[0-9]{2}"
_DAYS = re.compile(rf"{_DAY} ?[-–—] ?{_DAY}(?![0-9])")
FIELDS_APART = 60  # characters: a field of a form or two
_MMYY = re.compile(r"(?:0[1-9]|1[0-2])[2-4][0-9]")
_DATE_WORD = re.compile(
    r"(?<![^\W\d_])(?:date|datum|datumet|datums|data|dato|datoen|fecha|дата|датата|датум|tarihi?|tanggal|kuupaev|paivays|pvm"
    r"|ημερομηνια|التاريخ|تاريخ|תאריך|日期)\Z"
)


def free(value: tuple[int, int, str] | None, spans: Sequence[tuple[int, int]]) -> tuple[int, int, str] | None:
    """Return ``value`` unless it is a part of a card number ("529 is the CVV and 5019 … the number")."""
    if value is None:
        return None
    index = bisect.bisect_right(spans, value[0], key=lambda span: span[0])
    return None if index and value[0] < spans[index - 1][1] else value


BACK = 40
_CJK_END = re.compile(r"(?<![0-9])(?:20)?[2-4][0-9] ?[年년] ?[0-9]{1,2} ?[月월] ?\Z")
_DATE_END = re.compile(
    r"(?<![0-9./,\-:])(?:(?:[0-9]{1,4} ?[/.\-] ?|[^\W\d_]{3,12}[ .'’\-]{1,3})[0-9]{2,4}"
    r"|20[1-5][0-9][. ]{1,2}[^\W\d_]{3,12})\Z"
)


def _date_after(scene: Scene, position: int) -> tuple[int, int, str] | None:
    at = answer(scene, position)
    if at is None:
        at = bridge(scene, position)
    return None if at is None else date_written(scene, position, at)


def _asked_until(scene: Scene, hit: Hit, spans: Sequence[tuple[int, int]]) -> tuple[int, int, str] | None:
    """Return the date that answers "until when?", "and the date?"."""
    at = reply_at(scene, hit)
    if at is None:
        return None
    line = scene.line_start(hit.start)
    if any(other.roles & _OTHER_DATES for other in scene.between(line, scene.line_end(hit.end))):
        return None
    date = free(date_written(scene, hit.end, at), spans)
    return date if date is not None and _PLAIN.fullmatch(scene.text, *date[:2]) and date[2][-2:] >= "20" else None


_OTHER_DATES = Role.SUBJECT | Role.AMOUNT | Role.OTHER | Role.NOT_CARD | Role.START


def _answered_date(scene: Scene, hit: Hit) -> tuple[int, int, str] | None:
    """Return the date that a line below, or the text above the quoted mail, answers the label's line with."""
    at = reply_at(scene, hit)
    if at is not None:
        return date_written(scene, hit.end, at)
    above = answer_above(scene, hit) if hit.roles & Role.EXPIRY else None
    if above is None:
        return None
    for match in _MAY_BE_DATE.finditer(scene.text, *above):
        found = date_at(scene.text, match.start(), scene.vocabulary.months)
        if found is not None and found[1][-2:] >= "20" and little_before(scene, above[0], match.start(), most=12):
            return match.start(), *found
    return None


_MAY_BE_DATE = re.compile(
    r"(?<![0-9./,\-:])(?:[01]?[0-9] ?[/.\-] ?(?:20)?[2-4][0-9]|[^\W\d_]{3,12}[ .'’\-]{1,3}20[2-4][0-9])"
)


def _loose_date(scene: Scene, position: int) -> tuple[int, int, str] | None:
    at = loose_bridge(scene, position)
    found = date_at(scene.text, at, scene.vocabulary.months) if at is not None else None
    return None if at is None or found is None else (at, *found)


def _date_before(scene: Scene, position: int) -> tuple[int, int, str] | None:
    """Return the expiry date before its label: "09/28 (exp)", "09/28 is the expiry"."""
    end = back(scene, position, max(scene.start, position - BACK))
    match = _DATE_END.search(scene.text, max(scene.start, end - 22), end) if end is not None else None
    match = match or _CJK_END.search(scene.text, max(scene.start, position - 12), position)
    if match is None:
        return None
    found = date_at(scene.text, match.start(), scene.vocabulary.months)
    return None if found is None or found[0] > position else (match.start(), *found)
