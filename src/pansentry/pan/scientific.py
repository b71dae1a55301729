"""Numbers as a spreadsheet writes them when they are long: ``4.11111111111111E+15``.

In: text as bytes. Out: where it stands, and the digits of the whole number. A spreadsheet keeps fifteen
digits (IEEE 754), so of sixteen the last is a zero; numbers that lost more cannot be told any more and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WRITTEN = re.compile(rb"(?<![0-9])(?<![0-9][.])([1-9])[.,]([0-9]{11,14})[Ee]\+?1([1-5])(?![0-9])")
_SIGNS = (b"E+1", b"e+1", b"E1", b"e1")
KEPT = 15
"""Digits that a spreadsheet keeps."""


def scientific(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, digits)``: the span of what is written, and the digits of the number with its zeros."""
    if not any(sign in data for sign in _SIGNS):
        return
    for match in _WRITTEN.finditer(data):
        mantissa = (match[1] + match[2]).decode("ascii")
        length = 11 + int(match[3])
        if len(mantissa) == min(length, KEPT) or len(mantissa) == length - 1:
            yield match.start(), match.end(), mantissa.ljust(length, "0")
