"""Magnetic stripe data: tracks 1 and 2 as a reader gives them, and EMV tag 57 (track 2 equivalent data).

ISO/IEC 7813: track 1 ``%B<PAN>^<name>^YYMM<service code>…?``, track 2 ``;<PAN>=YYMM<service code>…?``; sentinels may
be missing, and lines may be wrapped. Tag 57 writes ``D`` for ``=``, pads with ``F`` and may be spaced. Sensitive
authentication data (PCI DSS 3.3.1): always found in full, to the end sentinel or the last character that belongs to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.issuers import known_issuer
from pansentry.pan.pans import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.options import DetectOptions

_BREAK = r"(?:\r\n?|\n)(?:[>|] ?){0,3}"  # a mailer wraps long lines, a reply quotes them
_NUMBER = rf"(?<![0-9])(?P<pan>[0-9](?:[0-9]|(?: |{_BREAK})(?=[0-9])){{11,24}})"
_REST = rf"(?P<rest>(?:[0-9a-z= ]|{_BREAK}){{0,80}}\?|[0-9a-z= ]{{0,60}})"
_DATE = rf"(?P<date>[0-9](?:(?:{_BREAK})?[0-9]){{3}})"
_TRACKS = (
    re.compile(rf"%?b?{_NUMBER}\^(?P<name>[^\^?]{{2,48}})\^(?:{_BREAK})?(?:{_DATE}|\^){_REST}"),
    re.compile(rf";?{_NUMBER}=(?:{_BREAK})?{_DATE}(?P<rest>(?:[0-9=]|{_BREAK}){{0,44}}\?|[0-9=]{{0,40}})"),
    re.compile(
        r"(?<![0-9a-f])(?:57[ :=]{0,3}(?P<len>[01][0-9a-f])[ :=]{0,3})?(?P<pan>[0-9](?: ?[0-9]){11,18}) ?d ?"
        r"(?P<date>[0-9](?: ?[0-9]){3})(?P<rest>(?: ?[0-9]){3,25}(?: ?f)?)(?![0-9a-e])"
    ),
)


def tracks(text: str, start: int, end: int, options: DetectOptions) -> Iterator[Candidate]:
    """Yield the tracks in ``text[start:end]``; ``digits`` is the number, ``spans`` the whole track."""
    if all(text.find(mark, start, end) < 0 for mark in "^=d"):
        return
    for pattern in _TRACKS:
        for match in pattern.finditer(text, start, end):
            digits = _digits(match["pan"])
            brand = known_issuer(digits, options)
            if brand is None or not (match["date"] is None or "01" <= _digits(match["date"])[2:] <= "12"):
                continue
            tag = "len" in pattern.groupindex  # "57 13" in front of the data is none of it
            start = match.start("pan") if tag else match.start()
            yield Candidate(digits, brand, ((start, match.end()),), ["track", "luhn", f"iin:{brand.key}"])


def _digits(written: str) -> str:
    return "".join(c for c in written if c.isdigit())
