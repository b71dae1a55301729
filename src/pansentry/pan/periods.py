"""Periods of validity: which of two dates is the expiry date ("valid from 03/23 until 09/28", "03/23 - 09/28").

Cards of some countries print both. In: a scene and where a date stands. The first date of a period is no expiry date;
the second is, whatever stood before the first. Every look is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at
from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_MAX_BETWEEN = 40
_MAX_WORDS = 4
_BETWEEN = re.compile(r"(?:[^0-9\r\n;!?.]|[.](?=[a-z]|[ ]?[0-9])){1,40}(?=[0-9])")
_DASH = re.compile(r"(?: ?-{1,2}>? ?| ?/ )\Z")
_ENDS = Role.UNTIL | Role.EXPIRY
_LITTLE = _ENDS | Role.FILLER | Role.CARD | Role.CARD_WEAK


def end_of_period(scene: Scene, start: int, end: int) -> tuple[int, int, str] | None:
    """Return the date that a period ends with which the date at ``start:end`` begins, or None."""
    text = scene.text
    match = _BETWEEN.match(text, end)
    if match is None:
        return None
    found = date_at(text, match.end(), scene.vocabulary.months)
    if found is None or _order(found[1]) <= _order(_value(scene, start)):
        return None
    if _DASH.fullmatch(match[0]) is None:
        words = TOKEN.findall(match[0])
        hits = scene.between(end, match.end())
        if not words or len(words) > _MAX_WORDS or not hits or not any(hit.roles & _ENDS for hit in hits):
            return None
        if any(not hit.roles & _LITTLE for hit in hits) or sum(_words(scene, hit) for hit in hits) < len(words):
            return None
    return match.end(), *found


def _words(scene: Scene, hit: Hit) -> int:
    return len(TOKEN.findall(scene.text, hit.start, hit.end))


def begins(scene: Scene, position: int) -> bool:
    """Tell whether the last word before ``position`` says that a date begins something: "from", "issued", "seit"."""
    hits = scene.between(max(scene.start, position - _MAX_BETWEEN), position)
    hit = hits[-1] if hits else None
    return (
        hit is not None
        and bool(hit.roles & Role.START)
        and not any(c.isalnum() or c in "\r\n" for c in scene.text[hit.end : position])
    )


def _value(scene: Scene, start: int) -> str:
    found = date_at(scene.text, start, scene.vocabulary.months)
    return found[1] if found is not None else "00/00"


def _order(value: str) -> str:
    return value[-2:] + value[:2]
