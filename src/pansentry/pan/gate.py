"""The exact half of the prefilter: do digits near a place make a card number at all?

Works on bytes, with issuer range, length and check digit (:mod:`pansentry.pan.sieve`), so that the words around a
number are only read where there is a number. Looser than the detector everywhere: any gap without letters joins, any
brand counts. A piece of a number costs a bounded number of steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.brands import MAX_DIGITS, brands_of, has_issuer, luhn, luhn_digit
from pansentry.pan.scientific import scientific
from pansentry.pan.sieve import long_groups, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GROUP = re.compile(r"[0-9]+")
_ESCAPES = re.compile(rb"%(?:20|a0|09)|%c2%a0|&(?:[a-z]{3,6}|#x?[0-9a-f]{2,4});", re.IGNORECASE)
_MAX_APART = 100  # characters of words between two pieces of one number
_MIN_PIECE = 3  # dates and times are full of shorter groups
_MIN = 13


def holds_number(data: bytes, *, lenient: bool) -> bool:
    """Tell whether a card number stands in ``data``.

    ``lenient`` (words about cards stand near) also lets spreadsheets' rounded numbers and twelve digits pass.
    """
    if any(lenient or len(digits) >= _MIN for _, _, digits in numbers(data, lenient=lenient)):
        return True
    if lenient and any(is_number(digits, True) for _, _, digits in scientific(data)):
        return True
    return any(_glued(match[0].decode()) for match in long_groups(data))


def without_escapes(data: bytes) -> bytes:
    """Blank out written-out blanks ("%20", "&nbsp;"), keeping the length."""
    return _ESCAPES.sub(lambda match: b" " * len(match[0]), data) if b"%" in data or b"&" in data else data


def is_number(digits: str, lenient: bool) -> bool:
    """Tell whether ``digits`` have a scheme's range, length and check digit."""
    if not has_issuer(digits) or not brands_of(digits):
        return False
    if luhn(digits):
        return True
    return lenient and len(digits) == 16 and digits[-1] == "0" and luhn(digits[:-1] + luhn_digit(digits[:-1]))


def _glued(digits: str) -> bool:
    return any(is_number(digits[:length], False) for length in range(_MIN, MAX_DIGITS + 1))


def pieces_make_number(data: bytes, *, announced: bool) -> bool:
    """Tell whether groups with words between make a number, in order or with two pieces turned round.

    Pieces that nothing announces ("first", "then", "the rest") must have the sizes that cards print, or be halves.
    """
    for chain in _chains(data, 3 * _MAX_APART if announced else _MAX_APART):
        for first in range(len(chain)):
            digits = ""
            for last in range(first, min(first + 12, len(chain))):
                digits += chain[last]
                if len(digits) > MAX_DIGITS:
                    break
                if last == first:
                    if len(digits) >= 12 and is_number(digits, False):
                        return True
                elif len(digits) >= 12:
                    sizes = tuple(len(piece) for piece in chain[first : last + 1])
                    if (announced or _usual(sizes, digits)) and (
                        is_number(digits, False) or _turned(chain[first : last + 1])
                    ):
                        return True
    return False


def _turned(pieces: Sequence[str]) -> bool:
    return any(is_number("".join((*pieces[at:], *pieces[:at])), False) for at in range(1, len(pieces)))


def _usual(sizes: tuple[int, ...], digits: str) -> bool:
    if sizes in ((8, 8), (12, 4), (4, 12)) or set(sizes[:-1]) == {4}:
        return True
    return any(brand.printed(sizes) for brand in brands_of(digits))


def _chains(data: bytes, apart: int) -> Iterator[list[str]]:
    """Yield rows of groups of three digits and more that stand within ``apart`` characters of each other."""
    if not data.isascii():
        apart *= 3
    chain: list[str] = []
    previous = 0
    for match in _GROUP.finditer(data.decode("latin-1")):
        start, end = match.span()
        if end - start < _MIN_PIECE or end - start > MAX_DIGITS:
            continue
        if chain and start - previous > apart:
            yield chain
            chain = []
        chain.append(match[0])
        previous = end
    yield chain


_LOOKS = {"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "!": "1", "z": "2", "s": "5", "b": "8", "g": "9"}
_LOOKS |= {"о": "0", "з": "3", "б": "6", "в": "8", "і": "1", "ч": "4", "ο": "0", "ι": "1", "β": "8"}
LETTERS = str.maketrans(_LOOKS)
"""Letters that are typed for digits, Latin, Cyrillic and Greek, and the digits they look like."""

LETTERED = re.compile(r"(?<![^\W_])[0-9" + "".join(_LOOKS) + r"]+(?![^\W_])")
_LETTER_GAP = 8


def near_letters(row: Sequence[str]) -> list[int]:
    """Return which groups of a row may begin a number that has letters: those not too far before one that has."""
    lettered = [index for index, group in enumerate(row) if not group.isdigit()]
    return sorted({first for index in lettered for first in range(max(0, index - MAX_DIGITS), index + 1)})


def letters_make_number(data: bytes) -> bool:
    """Tell whether digits and letters that look like digits make a number together."""
    text = data.decode("utf-8", "replace").lower()
    row: list[str] = []
    previous = 0
    for match in LETTERED.finditer(text):
        if row and match.start() - previous > _LETTER_GAP:
            if _lettered(row):
                return True
            row = []
        row.append(match[0])
        previous = match.end()
    return _lettered(row)


def _lettered(row: Sequence[str]) -> bool:
    for first in near_letters(row):
        written = ""
        for group in row[first : first + MAX_DIGITS]:
            written += group
            if len(written) > MAX_DIGITS:
                break
            true_digits = sum(map(str.isdigit, written))
            mixed = len(written) >= 12 and len(written) <= 2 * true_digits < 2 * len(written)
            if mixed and is_number(written.translate(LETTERS), False):
                return True
    return False
