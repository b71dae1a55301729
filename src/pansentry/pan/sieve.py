"""All stretches of digit groups of a text that can be card numbers, found at once.

In: bytes in which a digit is one byte. Out: start, end and digits of every stretch of whole groups that a scheme could
have issued (range, length, check digit), with nothing but up to :data:`_MAX_GAP` bytes that are no ASCII letters
between two groups. Order: by start, then by length.

Compiled (``native/src/sieve.c``) it takes 3 to 7 ns a byte whatever stands there. Where nothing is, digits are laid out
one to a byte in long integers, on which one shift and one addition work for all places at a time: which groups begin
with an issuer's digits, which end so many digits further on, which stretches have the right sum. Linear, about 20 ns a
byte: 100 KB of numbers take 2 ms, where group by group it was 35. numpy would take a third, but brings 20 MB and 80 ms
to start.
"""

from __future__ import annotations

import functools
import itertools
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.pan.brands import MAX_DIGITS, MIN_DIGITS, brands_of, issuer_lengths, luhn

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_GAP = 16
REACH = MAX_DIGITS * (_MAX_GAP + 1)
"""Bytes that a number may take up at the most."""
_LENGTHS = range(MIN_DIGITS, MAX_DIGITS + 1)
_LONG_ROW = re.compile(rb"[0-9](?>(?:[^0-9A-Za-z]{0,%d}+[0-9]){%d,})" % (_MAX_GAP, MIN_DIGITS - 1))
_GROUP = re.compile(rb"[0-9]+")
_WORDY = 4
"""Characters to a digit from which on a text is mostly words."""
_BLOCK = 512
_SLICE = 1 << 16
_SPARSE = 128  # digits to one possible number: from there on sums are worked out one by one
_FEW = 16
_ROUNDED = 16  # digits of a number whose last one a spreadsheet turned to zero

_DIGIT, _BEGIN_BIT, _END_BIT = 0x10, 5, 6
_CODED = bytes(byte & 0x0F | _DIGIT if 48 <= byte < 58 else 0 for byte in range(256))
_DOUBLED = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[min(byte & 0x0F, 9)] for byte in range(256))
_ZEROS = bytes(byte & 0x0F == 0 for byte in range(256))
_RIGHT = bytes(byte % 10 == 0 for byte in range(256))
_WRITTEN = bytes(0x30 | byte & 0x0F for byte in range(256))
_LENGTHS_OF = tuple(tuple(length for length in _LENGTHS if bits >> (length - MIN_DIGITS) & 1) for bits in range(256))


def numbers(data: bytes, *, lenient: bool = False) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, digits)`` of what can be a card number by range, length and check digit.

    ``lenient`` also lets sixteen digits with a zero at the end pass whatever their sum: spreadsheets round so.
    """
    if _COMPILED is None:
        yield from numbers_slowly(data, lenient=lenient)
        return
    issued = _issued()
    for at in range(0, len(data), _SLICE):
        for one in _COMPILED(data, at, at + _SLICE, issued, lenient):
            if brands_of(one[2]):
                yield one


_COMPILED = native.function("card_numbers")
"""What :func:`numbers` yields and starts in a slice, of the ranges only the first two digits looked at: 200 MB/s."""


def numbers_slowly(data: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the same as :func:`numbers` where nothing is compiled."""
    for at in range(0, len(data), _SLICE):
        before = min(at, 1)  # whether a group begins here or goes on
        part = data[at - before : at + _SLICE + REACH]
        for start, end, digits in _in_slice(part, lenient=lenient):
            if before <= start < _SLICE + before:
                yield at - before + start, at - before + end, digits


def _in_slice(data: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    coded = data.translate(_CODED)
    if len(data) > _WORDY * (len(data) - coded.count(0)):
        yield from _in_rows(data, lenient=lenient)
    else:
        yield from _at_once(data, coded, lenient=lenient)


def _at_once(data: bytes, coded: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the numbers of a table of numbers, all places looked at in one go."""
    digits = _marked(coded)
    if len(digits) < MIN_DIGITS:
        return
    row = int.from_bytes(digits, "little")
    fitting = _fitting(row, len(digits))
    if not fitting:
        return
    written = digits.translate(_WRITTEN).decode("ascii")
    places = fitting.to_bytes(len(digits), "little")
    summed = len(places) - places.count(0) > _FEW + len(places) // _SPARSE
    if summed:
        places = (fitting & _right(digits, row, places, lenient=lenient)).to_bytes(len(digits), "little")
    offsets = _Offsets(coded)
    for at in _marked_places(places):
        for length in _LENGTHS_OF[places[at]]:
            number = written[at : at + length]
            rounded = lenient and length == _ROUNDED and number[-1] == "0"
            if not (summed or rounded or luhn(number)) or not brands_of(number):
                continue
            match = _row_of(length).match(data, offsets.of(at))
            if match is not None:
                yield *match.span(), number


def _in_rows(data: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the numbers of a text that is mostly words, row by row: few rows have the digits of a number.

    30 µs for 2 KB, where looking at all places at a time takes 100: most of those are parts of two rows.
    """
    rows = (_LONG_ROW.finditer(data, *stretch) for stretch in _without_letters(data))
    for row in itertools.chain.from_iterable(rows):
        start, end = row.span()
        if end - start > REACH:
            found = _at_once(row[0], row[0].translate(_CODED), lenient=lenient)
        else:
            found = _in_row(row[0], lenient=lenient)
        yield from ((start + first, start + last, number) for first, last, number in found)


def _without_letters(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the stretches without ASCII letters that have the digits of a number: all that a row can stand in.

    Found in a copy in which all that is no letter is alike: 60,000 instructions for 2 KB of mail full of numbers, where
    the expression for rows, which begins anew at each digit, takes 500,000.
    """
    alike, at = data.translate(_NO_LETTER), 0
    while (at := alike.find(_SHORTEST, at)) >= 0:
        end = _ALL_ALIKE.match(alike, at).end()  # type: ignore[union-attr]  # it begins with some
        if len(data[at:end].translate(None, _NO_DIGITS)) >= MIN_DIGITS:
            yield at, end
        at = end


_NO_LETTER = bytes(not (chr(code).isalpha() and code < 128) for code in range(256))
_NO_DIGITS = bytes(code for code in range(256) if not 48 <= code < 58)
_SHORTEST = b"\1" * MIN_DIGITS
_ALL_ALIKE = re.compile(rb"\x01*+")


def _in_row(row: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the numbers of one row, group after group."""
    groups = [(match.start(), match.end(), match[0].decode("ascii")) for match in _GROUP.finditer(row)]
    for first, (start, _, _) in enumerate(groups):
        number = ""
        for _, end, digits in groups[first : first + MAX_DIGITS]:
            number += digits
            if len(number) > MAX_DIGITS:
                break
            rounded = lenient and len(number) == _ROUNDED and number[-1] == "0"
            if len(number) >= MIN_DIGITS and (rounded or luhn(number)) and brands_of(number):
                yield start, end, number


def long_groups(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the groups of more digits than any number has, up to thirty: number, date and code without a blank."""
    if _TWENTY in data.translate(_ALIKE):  # 0.2 ms for 100 KB of numbers, where looking for the groups takes 3
        yield from _LONG.finditer(data)


_TWENTY = b"0" * (MAX_DIGITS + 1)
_ALIKE = bytes(48 if 48 <= byte < 58 else 0 for byte in range(256))
_LONG = re.compile(rb"(?<![0-9])[0-9]{20,30}+(?![0-9])")


def _marked_places(row: bytes) -> list[int]:
    """Return where a row of bytes is not zero: each value is looked for on its own, ten times as fast as any."""
    found = []
    for value in set(row.translate(None, b"\x00")):
        at = row.find(value)
        while at >= 0:
            found.append(at)
            at = row.find(value, at + 1)
    return sorted(found)


def _marked(coded: bytes) -> bytes:
    """Return the digits alone, one to a byte, those marked that begin or end a group."""
    size = len(coded)
    row = int.from_bytes(coded, "little")
    digits = row >> 4 & _ones(size)
    begins, ends = digits & ~(digits << 8), digits & ~(digits >> 8)
    return (row | begins << _BEGIN_BIT | ends << _END_BIT).to_bytes(size, "little").translate(None, b"\x00")


def _fitting(row: int, size: int) -> int:
    """Return for each place, as bits of a byte, the lengths of the whole groups there that some scheme has."""
    ones = _ones(size)
    values = row & 0x0F * ones
    pairs = (values * 10 + (values >> 8)).to_bytes(size, "little")
    begins = _lanes(pairs, _issued()) & 0xFF * (row >> _BEGIN_BIT & ones)
    if not begins:
        return 0
    ends = row >> _END_BIT & ones
    lengths = 0
    for length in _LENGTHS:
        lengths |= ends >> _to_begin(length)
    return begins & lengths


def _to_begin(length: int) -> int:
    """Return by how many bits what is true of a number's last digit is moved to its first, and to its length's bit."""
    return 8 * (length - 1) - (length - MIN_DIGITS)


def _right(digits: bytes, row: int, places: bytes, *, lenient: bool) -> int:
    """Return for each place, as bits of a byte, the lengths with the right sum (ISO/IEC 7812-1 Annex B).

    A sum of nineteen digits is at most 171 and fits its byte. Sums over eight and sixteen digits are made of halves.
    """
    values, doubled = row & 0x0F * _ones(len(digits)), _lanes(digits, _DOUBLED)
    two = values + (doubled << 8)  # of the digits that end at each place
    four = two + (two << 16)
    eight = four + (four << 32)
    wanted = functools.reduce(int.__or__, set(places.translate(None, b"\x00")), 0)
    right = done = most = 0
    for length in _LENGTHS_OF[wanted]:
        if length >= done + 4:
            done = 16 if length >= 16 else 12
            most = eight + ((eight if done == 16 else four) << 64)
        pair, single = divmod(length - done, 2)
        sums = most
        if pair:
            sums += two << 8 * done
        if single:
            sums += values << 8 * (length - 1)
        fits = _lanes(sums.to_bytes(len(digits) + MAX_DIGITS, "little"), _RIGHT)
        if lenient and length == _ROUNDED:
            fits |= _lanes(digits, _ZEROS)
        right |= fits >> _to_begin(length)
    return right


def _lanes(row: bytes, table: bytes) -> int:
    """Return an integer with what ``table`` says of each byte, the first one lowest."""
    return int.from_bytes(row.translate(table), "little")


@functools.lru_cache(maxsize=8)
def _ones(size: int) -> int:
    return int.from_bytes(b"\x01" * size, "little")


@functools.cache
def _issued() -> bytes:
    """Return for each pair of digits, as bits, the lengths of the numbers that may begin with it."""
    table = bytearray(256)
    for pair, lengths in issuer_lengths().items():
        table[int(pair)] = sum(1 << (length - MIN_DIGITS) for length in lengths)
    return bytes(table)


@functools.cache
def _row_of(length: int) -> re.Pattern[bytes]:
    """Return what matches so many digits without a letter or a wide gap between them."""
    return re.compile(rb"[0-9](?:[^0-9A-Za-z]{0,%d}+[0-9]){%d}" % (_MAX_GAP, length - 1))


class _Offsets:
    """Where the digits of a text stand: counted by blocks, then by halves; a block asked for again is listed."""

    __slots__ = ("_asked", "_before", "_blocks", "_coded")

    def __init__(self, coded: bytes) -> None:
        self._coded = coded
        counts = (_digits_in(coded, at, _BLOCK) for at in range(0, len(coded), _BLOCK))
        self._before = list(itertools.accumulate(counts, initial=0))
        self._asked: set[int] = set()
        self._blocks: dict[int, list[int]] = {}

    def of(self, digit: int) -> int:
        """Return the place of a digit by its number."""
        block = bisect_right(self._before, digit) - 1
        left, at, size = digit - self._before[block], block * _BLOCK, _BLOCK
        places = self._blocks.get(block)
        if places is None and block in self._asked:
            row = self._coded[at : at + size]
            places = self._blocks[block] = list(itertools.compress(range(at, at + len(row)), row))
        if places is not None:
            return places[left]
        self._asked.add(block)
        while size > 1:
            size >>= 1
            here = _digits_in(self._coded, at, size)
            if left >= here:
                left, at = left - here, at + size
        return at


def _digits_in(coded: bytes, at: int, size: int) -> int:
    end = min(at + size, len(coded))
    return end - at - coded.count(0, at, end)
