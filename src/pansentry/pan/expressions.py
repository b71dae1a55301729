"""The byte expressions the prefilter looks for, made from the vocabulary.

All are matched on UTF-8 (or any superset of ASCII) without regard to ASCII case and mean the same to hyperscan, re2 and
``re``: byte classes, bounded repeats, no look-around but ``\\b``. They are made once per process.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

from pansentry.pan.halves import announcing
from pansentry.pan.spelled import words
from pansentry.pan.vocabulary import vocabulary


class Seen:
    """What a pass over the bytes can see. The first pass looks for the first four, the second for the rest."""

    DIGITS: Final = 1  # thirteen digits close to each other
    CARD: Final = 2  # a word for card
    CODE: Final = 4  # a word for verification code
    FOREIGN: Final = 8  # must be folded before it can be judged
    PAIR: Final = 16  # an expiry date with three or four digits close by
    CODE_WEAK: Final = 32  # a word like "code"
    EXPIRY: Final = 64  # a word for expiry
    LETTERS: Final = 128  # digits and letters like digits, close to each other
    REVERSED: Final = 256
    SPLIT: Final = 512  # a word that announces a piece
    DATE: Final = 1024  # month and year
    HALF: Final = 2048  # a half of a number is announced
    MARKS: Final = 4096  # marks that may stand between digits: not in any answer
    SAID: Final = 8192  # figures in words, one after the other


# Bytes that may part two digits of one number: no ASCII letter or digit, no lead byte of a script that has letters.
GAP: Final = rb"[^0-9A-Za-z\xc3-\xdf\xe0\xe1\xe4-\xee\xf0-\xff]"
_DIGITS = (rb"[0-9](?:" + GAP + rb"*[0-9]){12}",)
"""Any number of gap bytes: a fifth faster than bounded gaps; the gate refuses what is too far apart."""
_MARKED_DIGITS = (
    rb"[0-9]{12} ?\^",
    rb"[0-9]%(?:20|a0|c2%a0|09)[0-9]",
    rb"[0-9]&(?:[a-z]{3,6}|#x?[0-9a-f]{2,4});[0-9]",
)
"""Digits that a mark stands between: an engine of its own, for texts with one of ``%&^``."""

_MONTH_YEAR = rb"[01]?[0-9] ?[/.\-] ?(?:20)?[1-5][0-9]"
_PAIR = (
    rb"[^0-9]" + _MONTH_YEAR + rb"[^0-9/.:\-][^0-9]{0,24}[0-9]{3,4}",
    rb"[0-9]{3,4}[^0-9][^0-9]{0,24}" + _MONTH_YEAR,
)
_SLASHED = (
    rb"[^0-9/.\-][01]?[0-9]/(?:20)?[2-4][0-9][^0-9/][^0-9]{2,12}[0-9]{3}",
    rb"[^0-9][0-9]{3,4}[^0-9][^0-9]{2,12}[01]?[0-9]/(?:20)?[2-4][0-9]",
    rb"[^0-9/.\-][01]?[0-9]/(?:20)?[2-4][0-9][ \t,;.]{0,3}[\r\n/|;][^0-9]{2,60}[0-9]{3}",
    rb"[^0-9][0-9]{3,4}[ \t,;.]{0,3}[\r\n/|;][^0-9]{2,40}[01]?[0-9]/(?:20)?[2-4][0-9]",
)
"""An expiry date and three digits a word apart or in two fields of a form: all that a mail may hold besides."""
_DATES = (
    rb"(?:^|[^0-9/.\-])" + _MONTH_YEAR + rb"(?:[^0-9/.:\-]|[/.:\-][^0-9]|$)",
    rb"[a-z\x80-\xff][ .,/\-]{1,3}(?:de |of |'|\xe2\x80\x99)?(?:20)?[1-5][0-9](?:[^0-9]|$)",
    rb"(?:[^0-9]|^)(?:20)?[1-5][0-9][^0-9a-z]{1,6}[01]?[0-9](?:[^0-9]|$)",
    rb"(?:^|[^0-9])[01][0-9](?:20)?[1-5][0-9](?:[^0-9]|$)",
)
_LETTERS = (
    rb"[0-9oilsbzqg|!](?:[ .\-_]{0,3}(?:[0-9oilsbzqg|!]|\xd0[\x9e\xbe\x97\xb7\xb1\x91\x92\xb2\xa7\x86]|\xd1[\x87\x96]"
    rb"|\xce[\x99\x9f\xb2\xbf\xb9\x92])){11}"
)


@functools.cache
def first_pass() -> tuple[tuple[int, bytes], ...]:
    """Return what tells whether a text is worth a second look."""
    found = {(Seen.DIGITS, digits) for digits in _DIGITS}
    found |= {(Seen.CARD, word) for word in words("card")}
    found |= {(Seen.CODE, word) for word in words("code") + words("counted")}
    found |= {(Seen.DATE, pair) for pair in _SLASHED}
    found |= {(Seen.SAID, pair) for pair in words("said")}
    return tuple(sorted(found))


@functools.cache
def foreign_pass() -> tuple[tuple[int, bytes], ...]:
    """Return marks that may part digits, and what must be folded first: rare octets, passed at 7 GB/s by themselves."""
    return ((Seen.MARKS, rb"[%&^]"), *sorted((Seen.FOREIGN, expression) for expression in foreign()))


@functools.cache
def marked_digits() -> tuple[tuple[int, bytes], ...]:
    """Return digits with a mark (``%``, ``&`` or ``^``) between them."""
    return tuple((Seen.DIGITS, digits) for digits in _MARKED_DIGITS)


@functools.cache
def digits_only() -> tuple[tuple[int, bytes], ...]:
    """Return what finds the next row of digits once labels have been looked for."""
    return tuple((Seen.DIGITS, digits) for digits in _DIGITS + _MARKED_DIGITS)


@functools.cache
def second_pass() -> tuple[tuple[int, bytes], ...]:
    """Return what matters only where words about cards, or a number with a check digit, stand."""
    found = {(Seen.LETTERS, _LETTERS), *((Seen.PAIR, pair) for pair in _PAIR), *((Seen.DATE, date) for date in _DATES)}
    found |= {(Seen.CODE_WEAK, word) for word in words("code-weak")}
    found |= {(Seen.EXPIRY, word) for word in words("expiry")}
    found |= {(Seen.REVERSED, word) for word in words("reversed")}
    found |= {(Seen.SPLIT, word) for word in words("split")}
    found |= {(Seen.HALF, phrase) for phrase in announcing()}
    return tuple(sorted(found))


@functools.cache
def numerals() -> frozenset[str]:
    """Return the number words of all languages, folded."""
    return vocabulary().number_words


@functools.cache
def foreign() -> tuple[bytes, ...]:
    """Return the expressions for what must be folded first.

    Digits beyond ASCII, invisible characters beside digits or letters, compatibility letters, combining accents, Latin
    letters with two accents, Hebrew points and Arabic vowel signs.
    """
    codes = itertools.chain(range(0x80, 0x3400), range(0xA620, 0xD800), range(0xF900, 0xFFFF), range(0x10000, 0x20000))
    prefixes: dict[bytes, list[int]] = {}
    for code in codes:
        character = chr(code)
        if character.isdigit() or code == 0x3007:
            form = character.encode("utf-8")
            prefixes.setdefault(form[:-1], []).append(form[-1])
    listed = [re.escape(prefix) + _byte_class(last) for prefix, last in sorted(prefixes.items())]
    listed += [
        rb"\xc2\xad",
        rb"\xe2\x80[\x8b-\x8f\xaa-\xae]",
        rb"\xe2\x81[\xa0-\xaf]",
        rb"\xef\xbb\xbf",
        rb"[\x00-\x08\x0e-\x1b\x7f]",
    ]
    listed += [rb"\xd8\x9c", rb"\xe1\xa0[\x8b-\x8f]", rb"\xef\xb8[\x80-\x8f]", rb"\xf3\xa0[\x80-\x87]"]
    listed += [rb"\xef(?:\xbc[\xa1-\xba]|\xbd[\x81-\x9f]|\xbe[\x80-\x9f])", rb"\xf0\x9d[\x90-\x9f]"]
    listed += [rb"\xcc[\x80-\xbf]|\xcd[\x80-\xaf]", rb"\xe1[\xb8-\xbb]"]
    listed += [rb"\xd6[\x91-\xbf]|\xd7[\x80-\x87]", rb"\xd9[\x8b-\x9f]"]
    return tuple(listed)


def _byte_class(values: list[int]) -> bytes:
    return b"[" + b"".join(rb"\x%02x" % value for value in sorted(values)) + b"]"
