"""Echoes: a number that was found once is masked wherever else the same digits stand, whatever surrounds them there.

In: findings. Out: a function that finds their numbers again in other texts. In an address, a file name or an
identifier nothing says "card", and a detector is right to doubt; but the message itself has said what these digits are.
Only whole runs count, with up to three separators between two digits; codes and dates are too short to be known again.
Linear in the text for each of at most :data:`MAX_NUMBERS` numbers.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pansentry.pan.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MAX_NUMBERS = 50


def listener(findings: Iterable[Finding]) -> Callable[[str], tuple[Finding, ...]]:
    """Return a function that finds the numbers of ``findings`` again in other texts."""
    numbers = {finding.reveal(): finding.brand for finding in findings if finding.kind is Kind.PAN}
    patterns = [(_pattern(number), number, brand) for number, brand in list(numbers.items())[:MAX_NUMBERS]]

    def listen(text: str) -> tuple[Finding, ...]:
        digits = text if text.isascii() else _as_digits(text)
        return tuple(
            Finding(Kind.PAN, match.start(), match.end(), number, brand=brand, confidence=1.0, reasons=("echo",))
            for pattern, number, brand in patterns
            for match in pattern.finditer(digits)
        )

    return listen


def joined(found: Sequence[Finding], echoes: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings and those echoes that no finding of a number covers."""
    covered = [(one.start, one.end) for one in found if one.kind in (Kind.PAN, Kind.TRACK)]
    new = (one for one in echoes if not any(start < one.end and one.start < end for start, end in covered))
    return (*found, *new)


def _pattern(number: str) -> re.Pattern[str]:
    first, rest = number[0], number[1:]  # begins with a literal, which is looked for faster than what stands before it
    gap = r"[^0-9A-Za-z]{0,3}"
    return re.compile(first + rf"(?<![0-9]{first})" + gap + gap.join(rest) + r"(?![0-9])")


def _as_digits(text: str) -> str:
    """Write every digit as an ASCII digit, one character for one.

    Of each different character is asked once: 8 KB take 0.1 ms, asked of each where it stands 1.4.
    """
    written = {
        ord(character): str(value)
        for character in set(text)
        if not character.isascii() and (value := unicodedata.digit(character, None)) is not None
    }
    return text.translate(written) if written else text
