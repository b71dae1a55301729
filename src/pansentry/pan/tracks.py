"""Magnetic stripe data: tracks 1 and 2 as a reader gives them, and EMV tag 57 (track 2 equivalent data).

ISO/IEC 7813: track 1 ``%B<PAN>^<name>^YYMM<service code>…?``, track 2 ``;<PAN>=YYMM<service code>…?``; sentinels may
be missing. Tag 57 writes ``D`` for ``=`` and pads with ``F``. Sensitive authentication data (PCI DSS 3.3.1): always
found in full, to the end sentinel or the last character that belongs to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.pans import Candidate, known_issuer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.options import DetectOptions

_NUMBER = r"(?<![0-9])(?P<pan>[0-9](?:[0-9]| (?=[0-9])){11,22})"
_TRACKS = (
    re.compile(rf"%?b?{_NUMBER}\^(?P<name>[^\^\r\n]{{2,40}})\^(?P<date>[0-9]{{4}}|\^)(?P<rest>[0-9a-z =]{{0,60}})\??"),
    re.compile(rf";?{_NUMBER}=(?P<date>[0-9]{{4}})(?P<rest>[0-9=]{{0,40}})\??"),
    re.compile(
        r"(?<![0-9a-f])(?:57(?P<len>[01][0-9a-f]))?(?P<pan>[0-9]{12,19})d(?P<date>[0-9]{4})(?P<rest>[0-9]{3,25}f?)(?![0-9a-e])"
    ),
)


def tracks(text: str, start: int, end: int, options: DetectOptions) -> Iterator[Candidate]:
    """Yield the tracks in ``text[start:end]``; ``digits`` is the number, ``spans`` the whole track."""
    if all(text.find(mark, start, end) < 0 for mark in "^=d"):
        return
    for pattern in _TRACKS:
        for match in pattern.finditer(text, start, end):
            digits = match["pan"].replace(" ", "")
            brand = known_issuer(digits, options)
            date = match["date"]
            if brand is None or not (date == "^" or "01" <= date[2:] <= "12"):
                continue
            yield Candidate(digits, brand, (match.span(),), ["track", "luhn", f"iin:{brand.key}"])
