"""The byte expressions the prefilter looks for, made from the vocabulary.

All are matched on UTF-8 (or any superset of ASCII) without regard to ASCII case and mean the same to hyperscan, re2 and
``re``: byte classes, bounded repeats, no look-around but ``\\b``. They are made once per process.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

from pansentry.pan.engines import WORD_GAP
from pansentry.pan.halves import announcing
from pansentry.pan.spelled import ALONE, words
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
    return tuple(sorted({*((Seen.DIGITS, digits) for digits in _DIGITS), *worded_pass()}))


@functools.cache
def worded_pass() -> tuple[tuple[int, bytes], ...]:
    """Return the same without the digits."""
    found = {(Seen.CARD, word) for word in words("card")}
    found |= {(Seen.CODE, word) for word in words("code") + words("counted")}
    found |= {(Seen.DATE, pair) for pair in _SLASHED}
    found |= {(Seen.SAID, pair) for pair in words("said")}
    return tuple(sorted(found))


_LETTERS_ALONE = re.compile(
    re.escape(ALONE[0].encode()) + re.escape(WORD_GAP).join([rb"([a-z])"] * 3) + re.escape(ALONE[1].encode())
)
_BESIDE_THE = re.compile(rb"([a-z]{2})" + re.escape(WORD_GAP) + rb"the")


@functools.cache
def spaced_phrases() -> tuple[tuple[int, bytes], ...]:
    """Return phrases that the compiled look finds, eight at most: "c v c" and "so the".

    They have no word of three letters that is not in every line, so hyperscan stops at each of theirs: a third of its
    look at words.
    """
    found = ((seen, _spaced(expression)) for seen, expression in worded_pass())
    return tuple((seen, words) for seen, words in found if words)[:8]


def _spaced(expression: bytes) -> bytes:
    """Return the words of such a phrase with a blank between two, nothing for all others."""
    if (match := _LETTERS_ALONE.fullmatch(expression)) is not None:
        return b" ".join(match.groups())
    return match[1] + b" the" if (match := _BESIDE_THE.fullmatch(expression)) is not None else b""


@functools.cache
def close_pass() -> tuple[tuple[int, bytes], ...]:
    """Return what :func:`worded_pass` looks for, of :func:`spaced_phrases` only those whose first two words are one."""
    apart = {words for _, words in spaced_phrases()}
    return tuple((seen, _closed(one) if _spaced(one) in apart else one) for seen, one in worded_pass())


def _closed(expression: bytes) -> bytes:
    return expression.replace(WORD_GAP, b"", 1)


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
    """Return the expressions for what must be folded first."""
    return (_CONTROLS, *(re.escape(prefix) + _byte_class(last) for prefix, last in sorted(_folded().items())))


_CONTROLS = rb"[\x00-\x08\x0e-\x1b\x7f]"
_FOLDED: dict[bytes, tuple[tuple[int, int], ...]] = {
    b"\xc2": ((0xAD, 0xAD),),
    b"\xcc": ((0x80, 0xBF),),
    b"\xcd": ((0x80, 0xAF),),
    b"\xd6": ((0x91, 0xBF),),
    b"\xd7": ((0x80, 0x87),),
    b"\xd8": ((0x9C, 0x9C),),
    b"\xd9": ((0x8B, 0x9F),),
    b"\xe1": ((0xB8, 0xBB),),
    b"\xe1\xa0": ((0x8B, 0x8F),),
    b"\xe2\x80": ((0x8B, 0x8F), (0xAA, 0xAE)),
    b"\xe2\x81": ((0xA0, 0xAF),),
    b"\xef\xb8": ((0x80, 0x8F),),
    b"\xef\xbb": ((0xBF, 0xBF),),
    b"\xef\xbc": ((0xA1, 0xBA),),
    b"\xef\xbd": ((0x81, 0x9F),),
    b"\xef\xbe": ((0x80, 0x9F),),
    b"\xf0\x9d": ((0x90, 0x9F),),
    b"\xf3\xa0": ((0x80, 0x87),),
}
"""First octets of what must be folded, and from where to where the next one may be.

Invisible characters beside digits or letters, compatibility letters, combining accents, Latin letters with two accents,
Hebrew points and Arabic vowel signs.
"""


@functools.cache
def _folded() -> dict[bytes, frozenset[int]]:
    """Return for the first octets of what must be folded the next ones: of digits beyond ASCII, and :data:`_FOLDED`."""
    codes = itertools.chain(range(0x80, 0x3400), range(0xA620, 0xD800), range(0xF900, 0xFFFF), range(0x10000, 0x20000))
    prefixes: dict[bytes, set[int]] = {}
    for code in codes:
        character = chr(code)
        if character.isdigit() or code == 0x3007:
            form = character.encode("utf-8")
            prefixes.setdefault(form[:-1], set()).add(form[-1])
    for prefix, spans in _FOLDED.items():
        prefixes.setdefault(prefix, set()).update(octet for low, high in spans for octet in range(low, high + 1))
    return {prefix: frozenset(last) for prefix, last in prefixes.items()}


_ROW, _WHOLE, _FIRST, _NEXT = 64, 255, 0xC0, 0x80


@functools.cache
def folded_table() -> bytes:
    """Return the same, but for controls, as the table that the compiled look reads (``native/src/digits.c``)."""
    rows = {b"": bytearray(_ROW)}
    for prefix, last in sorted(_folded().items()):
        for size in range(1, len(prefix) + 1):
            if prefix[:size] not in rows:
                rows[prefix[:size]] = bytearray(_ROW)
        for octet in last:
            rows[prefix][octet - _NEXT] = _WHOLE
    listed = list(rows)
    for number, prefix in enumerate(listed[1:], 1):
        above, octet = prefix[:-1], prefix[-1]
        row, at = rows[above], octet - (_NEXT if above else _FIRST)
        if row[at] != _WHOLE:  # else no octet behind it matters
            row[at] = number - listed.index(above)
    return b"".join(rows.values())


def _byte_class(values: frozenset[int]) -> bytes:
    return b"[" + b"".join(rb"\x%02x" % value for value in sorted(values)) + b"]"
