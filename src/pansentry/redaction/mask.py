"""Masks: what is written in place of a finding (PCI DSS 4.0.1 §3.3.1, §3.4.1).

In: the text of a finding and a :class:`Style`. Out: a text of the same length in which digits have become ``X`` and
everything else (separators, tags, words) has stayed: ``4111 1111 1111 1111`` is ``XXXX XXXX XXXX 1111``. The mask is
ASCII, so every charset can hold it and layouts survive.

A code and track data go completely, whatever the style: not one character may be kept after authorisation. Of a PAN
the last four digits stay, or the first six (eight where the issuer number has eight digits is not used: six are always
allowed) and the last four, or nothing. A number that is written in words or with look-alike letters is masked whole.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pansentry.edits import Edit
from pansentry.pan.finding import Kind
from pansentry.truncation import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.finding import Finding


DEFAULT_STYLE = Style()
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
MASK = "X"


def mask(text: str, finding: Finding, style: Style = DEFAULT_STYLE) -> tuple[Edit[str], ...]:
    """Return the edit that masks ``finding`` in ``text``, or nothing if the style keeps it."""
    old = text[finding.start : finding.end]
    if finding.kind is Kind.EXPIRY and style.expiry == "keep":
        return ()
    new = _mask_pan(old, finding, style) if finding.kind is Kind.PAN else _mask_all(old)
    return (Edit(finding.start, finding.end, new),) if new != old else ()


def _is_digit(character: str) -> bool:
    return unicodedata.digit(character, None) is not None


def _mask_pan(old: str, finding: Finding, style: Style) -> str:
    value = finding.reveal()
    places = [index for index, character in enumerate(old) if _is_digit(character)]
    first, last = style.kept(len(value))
    if _digits_at(old, places) != value:  # blanks written as percent escapes (RFC 3986 §2.1) have digits of their own
        escaped = {index for match in _ESCAPE.finditer(old) for index in range(*match.span())}
        places = [index for index in places if index not in escaped]
    if (
        _digits_at(old, places) != value
    ):  # words, look-alikes, reversed text: what stands where is not certain, so all of it goes
        return _mask_all(old)
    kept = {*places[:first], *(places[-last:] if last else ())}
    return "".join(MASK if index in set(places) - kept else character for index, character in enumerate(old))


def _digits_at(text: str, places: Sequence[int]) -> str:
    return "".join(str(unicodedata.digit(text[index])) for index in places)


def _mask_all(old: str) -> str:
    """Mask every letter and digit; ideographs that only part numbers (年, 月) stay."""
    return "".join(MASK if _says_something(character) else character for character in old)


def _says_something(character: str) -> bool:
    if unicodedata.numeric(character, None) is not None:
        return True
    return character.isalpha() and character not in "年月日년월일"
