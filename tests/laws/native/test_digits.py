"""The compiled first look sees what the expressions for digits, marks and foreign characters see."""

from __future__ import annotations

import re

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.pan import engines, expressions, prefilter
from pansentry.pan.expressions import (
    Seen,
    close_pass,
    first_pass,
    folded_table,
    foreign,
    foreign_pass,
    spaced_phrases,
    worded_pass,
)

SLOWLY = engines._plain((*(one for one in first_pass() if one[0] == Seen.DIGITS), *foreign_pass()))
NUMBERS = (b"1", b"12", b"4111", b"123456789012", b"1234567890123")
PARTERS = (b"a", b"Z", b"\xc3\xa9", b"\xd0\xb0", b"\xf0\x9f\x98\x80", b"\xe4\xb8\x80", b"\xff", b"\xdf", b"\xee")
GAPS = (b" ", b"-", b"\n", b" " * 20, b"\xe2\x80\x99", b"\xe3\x80\x82", b"\xef\xbf\xbd", b"\xc2\xa0", b"\x80", b"\xe2")
EDGES = tuple(bytes([edge]) for mark in b"09azAZ" for edge in (mark - 1, mark + 1))
RARE = (b"%", b"&", b"^", b"\x00", b"\x08", b"\x0e", b"\x1b", b"\x7f", b"\t", b"\x1c")
FOLDED = (b"\xc2\xad", b"\xe2\x80\x8b", b"\xe3\x80\x87", b"\xef\xbc\x91", b"\xf0\x9d\x9f\x8e", b"\xd9\xa1", b"\xcc\x81")
CUT = (b"\xf0\x9d", b"\xef\xbc", b"\xf0", b"\xc2", b"\xef", b"\xe1")


def slowly(text: bytes) -> tuple[int, bool, bool]:
    """Return what the expressions see."""
    found = SLOWLY(text)
    return found.get(Seen.DIGITS, 0), Seen.MARKS in found, Seen.FOREIGN in found


@pytest.mark.parametrize(
    "pieces",
    [
        NUMBERS + GAPS[:4],
        NUMBERS + GAPS + PARTERS,
        NUMBERS[:3] + EDGES,
        NUMBERS[:4] + RARE + GAPS[:2],
        PARTERS + GAPS + CUT,
        PARTERS + FOLDED + CUT + NUMBERS[:2],
    ],
)
def test_it_sees_what_the_expressions_see(pieces: tuple[bytes, ...]) -> None:
    """Where many digits end, whether marks are there, and whether something must be folded."""
    first_look = compiled("first_look")
    for text in octets(pieces, seed=len(pieces), number=1000):
        assert first_look(text, folded_table(), b"") == (*slowly(text), 0), text


def test_it_knows_every_character_that_must_be_folded() -> None:
    """Each character of Unicode by itself, and what is left of it when it is cut."""
    first_look, expression = compiled("first_look"), re.compile(b"|".join(foreign()))
    table = folded_table()
    for code in (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200)):
        character = chr(code).encode()
        assert first_look(character, table, b"")[2] == bool(expression.search(character)), hex(code)
    assert len(table) // 64 < 255  # rows are counted in an octet, of which two values mean something else


def test_a_table_that_ends_too_soon_is_not_read_past_its_end() -> None:
    """Whatever the table says, nothing outside of it is asked."""
    first_look, table = compiled("first_look"), folded_table()
    for size in range(0, len(table), 7):
        first_look(b"".join(FOLDED + CUT), table[:size], b"")
    assert first_look(b"\xf0\x9d\x9f\x8e", b"\xfe" * 64, b"") == (0, False, False, 0)


PHRASES = (b"c v c", b"c v v", b"so the", b"ma the", b"oo the", b"ba chu so")
WORDS = (b"c", b"v", b"C", b"V", b"so", b"the", b"SO", b"ma", b"oo", b"ba", b"chu", b"x", b"1")
BETWEEN = (b" ", b" ", b"-", b"\n", b"  ", b" - ", b"    ", b"\xc3\xa9", b"", b"@", b"[", b"\x00")


def phrase(words: bytes) -> re.Pattern[bytes]:
    """Return the expression for a phrase with something between its first two words."""
    first, second, *others = words.split(b" ")
    body = rb"[^0-9A-Za-z]{0,3}".join((first + rb"[^0-9A-Za-z]{1,3}" + second, *others))
    return re.compile(rb"(?:^|[^a-z])" + body + rb"(?:[^a-z]|\Z)" if len(first) == 1 else body, re.IGNORECASE)


@pytest.mark.parametrize(
    "pieces", [WORDS + BETWEEN, (*WORDS[:4], *BETWEEN[:3]), (b"c", b"v", b" "), (*WORDS, b" ", b"-", b"\n ")]
)
def test_it_finds_phrases_of_short_words(pieces: tuple[bytes, ...]) -> None:
    """Each phrase whose words have one to three octets between them, and none of a word beside single letters."""
    first_look, looked_for = compiled("first_look"), [phrase(words) for words in PHRASES]
    lines = b"".join(words + b"\n" for words in PHRASES)
    seen = set()
    for text in octets(pieces, seed=len(pieces), number=1500):
        wanted = sum(1 << bit for bit, one in enumerate(looked_for) if one.search(text))
        assert first_look(text, b"", lines)[3] == wanted, text
        seen.add(wanted)
    assert len(seen) > 3


@pytest.mark.parametrize("lines", [b"c v c", b"\n", b"c\n", b" c\n", b"\n\n\n", b"c v", b"so the\nc v c", b"so the \n"])
def test_phrases_that_are_none_are_not_looked_for(lines: bytes) -> None:
    """What has no blank or no line end is no phrase; nothing is read behind it."""
    assert compiled("first_look")(b"c v c, then c v", b"", lines)[3] == 0


def test_only_eight_phrases_are_looked_for() -> None:
    """There are as many bits as are asked for, and eight at most."""
    assert compiled("first_look")(b"so the", b"", b"so the\n" * 20)[3] == 0xFF


def test_phrases_of_short_words_are_the_ones_of_the_vocabulary() -> None:
    """Every phrase that the compiled look finds is seen by the expressions, and the others see its words as one."""
    seen_slowly = engines._plain(tuple(one for one in worded_pass() if expressions._spaced(one[1])))
    seen_close = engines._plain(tuple(one for one in close_pass() if one not in worded_pass()))
    kinds = tuple(seen for seen, _ in spaced_phrases())
    assert 2 <= len(kinds) <= 8
    lines = b"".join(words + b"\n" for _, words in spaced_phrases())
    for text in octets((*WORDS, *BETWEEN), seed=9, number=1500):
        told = compiled("first_look")(text, b"", lines)[3]
        spaced = {kind for bit, kind in enumerate(kinds) if told >> bit & 1}
        assert spaced | seen_close(text).keys() == seen_slowly(text).keys(), text


def test_the_prefilter_sees_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first look tells, and where digits end, does not depend on what is compiled."""
    first_look = compiled("first_look")
    for text in octets(
        (*NUMBERS, *GAPS, *RARE, *FOLDED, b"cvv ", b"card ", b"%20", b"&nbsp;", b"c ", b"v", b"so the"),
        seed=7,
        number=300,
    ):
        told = []
        for function in (None, first_look):
            monkeypatch.setattr(prefilter, "_LOOK", function)
            found = prefilter._seen(text)
            told.append((found.keys(), found.get(Seen.DIGITS), prefilter._has_many_digits(text)))
        assert told[0] == told[1], text


@pytest.mark.parametrize("arguments", [(), (b"text", b""), ("text", b"", b""), (b"text", None, b""), (b"", b"", "")])
def test_it_takes_bytes_only(arguments: tuple[object, ...]) -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("first_look")(*arguments)
