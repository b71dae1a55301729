"""Numbers in a picture that look like a card's and are none: what was misread must not pass as clean.

In: what was read of a picture, look by look. Out: whether some frame shows, alone on a line, groups of digits as cards
print them, with a date or a word of cards beside, of which no look gives a number with the right check digit
(ISO/IEC 7812-1 annex B). Models that lose a digit or take a 3 for an 8 do so where a person still reads the card.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import luhn

from pansentry.formats import ocr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pansentry.formats.picture_boxes import Look

UNCLEAR = "unclear"
"""Reason for a picture with a number that could not be read well enough."""
_GROUPS = re.compile(
    r"[^0-9]{0,3}([2-6][0-9]{2,4}(?:[ \t-][0-9]{3,5}){3}|3[0-9]{2,4}[ \t-][0-9]{5,7}[ \t-][0-9]{4,6})[^0-9]{0,3}"
)
_LENGTHS = range(14, 18)
"""Digits; one may be lost, or one be too many."""
_NUMBER = re.compile(r"[0-9](?:[ \t-]?[0-9]){12,18}")
_DATE = re.compile(r"(?<![0-9])(?:0[1-9]|1[0-2]) ?/ ?[0-9]{2}(?![0-9/])")
_WORDS = re.compile("|".join(ocr.CARD_WORDS))


def is_unclear(looks: Iterable[Look]) -> bool:
    """Say whether a card's number was seen and not read."""
    frames: dict[int, list[str]] = {}
    for look in looks:
        frames.setdefault(look.frame, []).append(look.text)
    return any(map(_is_unclear, frames.values()))


def _is_unclear(texts: list[str]) -> bool:
    shaped = [text for text in texts if any(map(_is_shaped, text.split("\n")))]
    if not any(_DATE.search(text) or _WORDS.search(text.upper()) for text in shaped):
        return False
    return not any(luhn.is_valid(re.sub(r"[^0-9]", "", found[0])) for text in texts for found in _NUMBER.finditer(text))


def _is_shaped(line: str) -> bool:
    found = _GROUPS.fullmatch(line)
    return found is not None and sum(map(str.isdigit, found[1])) in _LENGTHS
