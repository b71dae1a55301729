"""Tell in one pass whether a text can hold card data at all. Sound: never "no" where the detector finds something.

In: text, or bytes in UTF-8 or any superset of ASCII. One pass over the bytes (:mod:`pansentry.pan.engines`) looks for
many digits close to each other, words about cards and codes, and characters that must be folded before either can be
judged. Then, only where something was seen: digits must make a number with a scheme's range, length and check digit
(:mod:`pansentry.pan.gate`), words about cards must have enough digits or number words near.

The detector asks the same functions, so what they let pass is all that it ever reads.
"""

from __future__ import annotations

import functools
import heapq
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.pan import sieve
from pansentry.pan.brands import MIN_DIGITS, brands_of
from pansentry.pan.dates import SHAPE
from pansentry.pan.engines import compiled
from pansentry.pan.evidence import total
from pansentry.pan.expressions import (
    Seen,
    close_pass,
    digits_only,
    first_pass,
    folded_table,
    foreign_pass,
    marked_digits,
    numerals,
    second_pass,
    spaced_phrases,
)
from pansentry.pan.fold import fold_text
from pansentry.pan.gate import holds_number, letters_make_number, pieces_make_number, without_escapes
from pansentry.pan.halves import holds_run
from pansentry.pan.neighbours import skip_separators
from pansentry.pan.numerals import row_of_words
from pansentry.pan.options import NOTHING_KNOWN, Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.pan.engines import Started

_CHUNK = 1024
_MARGIN = 450
_BLOCK = 4096
_SPOKEN = 8  # number words or digits that a number needs at the least
_LONGEST = 1 << 15  # characters of a stretch
LABELS = Seen.CARD | Seen.CODE | Seen.CODE_WEAK | Seen.EXPIRY | Seen.SAID
ANNOUNCES = Seen.CODE | Seen.CODE_WEAK | Seen.EXPIRY


def may_hold_card_data(text: str, known: Known = NOTHING_KNOWN) -> bool:
    """Tell whether :func:`pansentry.pan.find` can find anything in ``text``; False is certain."""
    return bool(_look(text.encode("utf-8", "surrogatepass"), lambda: text, known, whether=True))


def may_hold_card_data_bytes(data: bytes, known: Known = NOTHING_KNOWN) -> bool:
    """Tell the same of bytes in UTF-8 or another superset of ASCII, before they are decoded."""
    return bool(_look(data, lambda: data.decode("utf-8", "replace"), known, whether=True))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that is worth reading: ``start:end``, of which what begins in ``first:last`` counts."""

    start: int
    end: int
    first: int
    last: int
    seen: int


def stretches(text: str, known: Known, enough: float | None = None) -> Iterator[Stretch]:
    """Yield the stretches of a folded text that are worth reading, in order; with ``enough`` only for such confidence.

    Neighbours are joined; what is longer than :data:`_LONGEST` is cut, with a margin to either side, so that a reader
    may stop in the middle of a long table and no stretch takes much memory.
    """
    begin = first = reach = seen = 0
    for start, end, more in _worth_reading(text, known, enough):
        if start > reach or not seen:
            if seen:
                yield Stretch(max(begin, first - _MARGIN), reach, first, reach, seen)
            begin, first, seen = start, start, 0
        reach, seen = end, seen | more
        while reach - first > _LONGEST + _MARGIN:
            last = first + _LONGEST
            yield Stretch(max(begin, first - _MARGIN), last + _MARGIN, first, last, seen)
            first = last
    if seen:
        yield Stretch(max(begin, first - _MARGIN), reach, first, reach, seen)


def _worth_reading(text: str, known: Known, enough: float | None) -> Iterator[tuple[int, int, int]]:
    """Yield ``(start, end, seen)`` of the places that can hold something: around numbers, or chunk by chunk."""
    if len(text) > _NUMBERS_ALONE and not (known.card_in_message or known.card_in_conversation):
        data = text.encode("utf-8", "surrogatepass")
        if _seen(data).keys() <= _NUMERIC and b"^" not in data and b"=" not in data:
            yield from _around_numbers(text, enough)
            return
    for at in range(0, max(len(text), 1), _CHUNK):
        start, end = max(0, at - _MARGIN), min(len(text), at + _CHUNK + _MARGIN)
        piece = text[start:end]
        seen = _look(piece.encode("utf-8", "surrogatepass"), lambda piece=piece: piece, known, folded=True)  # type: ignore[misc]
        if seen:
            yield start, end, seen


_NUMBERS_ALONE = 4096
_NUMERIC = frozenset((Seen.DIGITS, Seen.FOREIGN))


def _around_numbers(text: str, enough: float | None) -> Iterator[tuple[int, int, int]]:
    """Yield the surroundings of each number of a text that has no words about cards anywhere: tables of numbers."""
    data = without_escapes(text.encode("latin-1", "replace"))  # a byte to a character
    weakly = enough is not None and 100 * enough > _ALONE
    found = (
        (start, end)
        for start, end, digits in sieve.numbers(data)
        if len(digits) > MIN_DIGITS and not (weakly and _is_weak(text, start, end, digits))
    )
    low = high = -1
    for start, end in heapq.merge(found, (match.span() for match in sieve.long_groups(data))):
        if low >= 0 and (start > high + 2 * _MARGIN or high - low > _CHUNK):
            yield _place(text, low, high)
            low = start
        low, high = start if low < 0 else low, max(high, end)
    if low >= 0:
        yield _place(text, low, high)


def _place(text: str, low: int, high: int) -> tuple[int, int, int]:
    """Return the surroundings of ``low:high`` and what else is seen in them."""
    low, high = max(0, low - _MARGIN), min(len(text), high + _MARGIN)
    return low, high, Seen.DIGITS | sum(_second()(text[low:high].encode("utf-8", "surrogatepass")))


_ALONE = total(("luhn", "iin-weak", "beside-code"))


def _is_weak(text: str, start: int, end: int, digits: str) -> bool:
    """Tell whether a number in one piece has a length that other numbers often have, and no date right behind it.

    Without words about a card such a number comes to no more than :data:`_ALONE`: thirteen digits in a list of goods.
    """
    if end - start > len(digits) or any(len(digits) in brand.alone for brand in brands_of(digits)):
        return False
    behind = skip_separators(text, end)
    return SHAPE.match(text, behind) is None and not text[behind : behind + 1].isalpha()


def _look(data: bytes, text: Callable[[], str], known: Known, *, folded: bool = False, whether: bool = False) -> int:
    """Return what was seen if it can be card data, 0 otherwise; with ``whether`` not all that can be seen."""
    found = _seen(data)
    anything = known.card_in_message or known.card_in_conversation
    if not found and not anything:
        return 0
    seen = sum(found)
    if seen & Seen.FOREIGN and not folded:
        data = fold_text(text()).encode("utf-8", "surrogatepass")
        found = _seen(data)
        seen = sum(found)
    elif _NO_BREAK in data:  # mail that was HTML once; the expressions behind the first pass know plain blanks only
        data = data.replace(_NO_BREAK, b" ")
        found = _seen(data)
    if anything:
        if not any(digit in data for digit in _DIGITS):
            return seen & Seen.CODE
        return seen | Seen.PAIR | Seen.EXPIRY | (0 if whether else sum(_second()(data)) & (Seen.HALF | Seen.REVERSED))
    if seen & Seen.CODE:
        return seen if whether else seen | sum(_second()(data))
    data = without_escapes(data)
    number = Seen.DIGITS in found and _number(
        data, found[Seen.DIGITS], lenient=bool(seen & Seen.CARD) or b"^" in data or b"=" in data
    )
    if number and whether:
        return seen
    if not number and not seen & Seen.CARD:
        if seen & Seen.SAID and _spoken(data, announced=False):
            return seen if whether else seen | sum(_second()(data))
        if not seen & Seen.DATE:
            return 0
        more = sum(_second()(data))
        return seen | more if more & Seen.EXPIRY and more & Seen.CODE_WEAK else 0
    more = sum(_second()(data))
    if number:
        return seen | more
    if _disguised(data, more):
        return seen | more
    if holds_run(data):
        if not folded and not data.isascii():  # the phrases are spelled without accents
            more |= sum(_second()(fold_text(text()).encode("utf-8", "surrogatepass"))) & Seen.HALF
        return seen | more if more & Seen.HALF else 0
    return 0


_NO_BREAK = "\xa0".encode()
_CARD_PAIR = re.compile(
    rb"[0-9](?:(?<=[^0-9\r\n]{4}[1-9])|(?<=[^0-9\r\n]{4}0[1-9])|(?<=[^0-9\r\n]{4}1[0-2]))"
    rb" ?[/.\-] ?(?:20)?[1-5][0-9][ \t,;|/&+\-a-z\xd0\xb8]{1,6}[0-9]{3,4}(?![0-9])"
)
"""Expiry date and code with little between, no digit right before. Begins with a digit: ``re`` skips to one fast."""


@functools.cache
def _first() -> Started:
    """Return the first look; asked for by name because hashing its expressions takes longer than a scan."""
    return compiled(first_pass() + foreign_pass(), apart=((Seen.DIGITS,), (Seen.FOREIGN, Seen.MARKS)))


@functools.cache
def _spaced() -> bytes:
    """Return the phrases that the compiled look finds, a line for each."""
    return b"".join(words + b"\n" for _, words in spaced_phrases())


@functools.cache
def _worded() -> Started:
    """Return the part of the first look that looks for words."""
    return compiled(close_pass())


def _seen(data: bytes) -> dict[int, int]:
    """Return what the first look sees in ``data``, each with the end of a match."""
    if _LOOK is None:
        found = _first()(data)
        marks = bool(found) and found.pop(Seen.MARKS, None) is not None
    else:
        end, marks, folded, phrases = _LOOK(data, folded_table(), _spaced())
        found = _worded()(data)
        if end:
            found[Seen.DIGITS] = end
        if folded:
            found[Seen.FOREIGN] = 0  # nobody asks where
        if phrases:
            found.update((seen, 0) for bit, (seen, _) in enumerate(spaced_phrases()) if phrases >> bit & 1)
    if marks:
        marked = _marked()(data).get(Seen.DIGITS)
        if marked is not None:
            found[Seen.DIGITS] = min(marked, found.get(Seen.DIGITS, marked))
    return found


_LOOK = native.function("first_look")
"""Digits, marks, what must be folded and phrases of short words in one pass, at 5 GB/s. Hyperscan takes two, the first
stops at each digit, and its look at words at each "so" and "c"."""


@functools.cache
def _marked() -> Started:
    return compiled(marked_digits())


@functools.cache
def _second() -> Started:
    return compiled(second_pass())


@functools.cache
def _digits() -> Started:
    return compiled(digits_only())


def _has_many_digits(data: bytes) -> bool:
    """Tell whether a row of many digits is in ``data``, or digits with a mark between."""
    if _LOOK is None:
        return bool(_digits()(data))
    end, marks, _, _ = _LOOK(data, b"", b"")
    return bool(end or (marks and _marked()(data)))


_DIGITS = tuple(bytes([digit]) for digit in b"0123456789")


def _number(data: bytes, position: int, *, lenient: bool) -> bool:
    """Tell whether a card number stands in ``data``, whose first many digits end at ``position``.

    Block by block: blocks without many digits are passed at 3 GB/s, the others are sieved at 0.1.
    """
    start = max(0, position - sieve.REACH)
    for at in range(start, len(data), _BLOCK):
        block = data[max(start, at - 1) : at + _BLOCK + sieve.REACH]
        if (at == start or _has_many_digits(block)) and holds_number(block, lenient=lenient):
            return True
    return False


def _disguised(data: bytes, more: int) -> bool:
    """Tell whether words about cards may speak of a number in pieces or disguise, of a code or of an expiry date."""
    digits = len(data) - len(data.translate(None, b"0123456789"))
    if digits >= 3 and (more & Seen.CODE_WEAK or (more & Seen.EXPIRY and more & (Seen.DATE | Seen.PAIR))):
        return True
    if more & Seen.PAIR and _CARD_PAIR.search(data) is not None:
        return True
    if more & Seen.LETTERS and letters_make_number(data):
        return True
    if digits >= 12 and pieces_make_number(data, announced=bool(more & Seen.SPLIT)):
        return True
    if more & Seen.REVERSED and digits >= _SPOKEN:
        return True
    return _spoken(data, announced=bool(more & Seen.SPLIT)) or (not data.isascii() and _solid_numerals(data) >= _SPOKEN)


def _spoken(data: bytes, *, announced: bool) -> bool:
    """Tell whether number words stand in a row, a few other words (hesitations, "double") between them.

    Where the pieces of a number are ``announced``, fewer words and more between them will do.
    """
    listed, row, words, strange = numerals(), 0, 0, 0
    least, most = _ANNOUNCED if announced else (_MIN_WORDS, 1)
    if data.isascii() and not row_of_words(_ascii_words(data), listed, least, strange=most):
        return False  # 15 µs for 2 KB, where telling words and digits apart takes 60
    written = _WORD.findall(fold_text(data.decode("utf-8", "replace")))
    if not row_of_words(written, listed, least, strange=most):
        return False
    for word in written:
        if word in listed:
            row, words, strange = row + 1, words + 1, 0
            if words >= least and row >= _SPOKEN:
                return True
        elif word.isdigit():
            row, strange = row + len(word), 0
            if words >= least and row >= _SPOKEN:
                return True
        else:
            strange += 1
            if strange > most:
                row = words = 0
    return False


def _ascii_words(data: bytes) -> list[str]:
    """Return the words of an ASCII text, lower case, without its digits: they part no row."""
    return data.translate(_LETTERS_ONLY).decode("ascii").split()


_LETTERS_ONLY = bytes(code | 0x20 if chr(code).isalpha() and code < 0x80 else 0x20 for code in range(256))
_MIN_WORDS = 3
_ANNOUNCED = 2, 2  # number words, and other words between two of them
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_SOLID = re.compile("[零一二三四五六七八九幺壹壱贰貳弐叁參叄参肆伍陆陸柒漆捌玖영공일이삼사오육칠팔구]")


def _solid_numerals(data: bytes) -> int:
    return len(_SOLID.findall(data.decode("utf-8", "replace")))


def warm_up() -> None:
    """Compile everything that the prefilter needs, so that the first message does not wait for it.

    0.7 s of CPU with hyperscan, which lets other threads run meanwhile. One after the other: whoever imports beside it
    has a processor left, and the peak is 14 MB lower.
    """
    first = (_first(), _digits()) if _LOOK is None else (_worded(),)
    for engine in (*first, _second(), _marked()):
        engine.hurry()
