"""The compiled first look sees what the expressions for digits, marks and foreign characters see."""

from __future__ import annotations

import re

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.pan import engines, prefilter
from pansentry.pan.expressions import Seen, first_pass, folded_table, foreign, foreign_pass

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
        assert first_look(text, folded_table()) == slowly(text), text


def test_it_knows_every_character_that_must_be_folded() -> None:
    """Each character of Unicode by itself, and what is left of it when it is cut."""
    first_look, expression = compiled("first_look"), re.compile(b"|".join(foreign()))
    table = folded_table()
    for code in (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200)):
        character = chr(code).encode()
        assert first_look(character, table)[2] == bool(expression.search(character)), hex(code)
    assert len(table) // 64 < 255  # rows are counted in an octet, of which two values mean something else


def test_a_table_that_ends_too_soon_is_not_read_past_its_end() -> None:
    """Whatever the table says, nothing outside of it is asked."""
    first_look, table = compiled("first_look"), folded_table()
    for size in range(0, len(table), 7):
        first_look(b"".join(FOLDED + CUT), table[:size])
    assert first_look(b"\xf0\x9d\x9f\x8e", b"\xfe" * 64) == (0, False, False)


def test_the_prefilter_sees_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first look tells, and where digits end, does not depend on what is compiled."""
    first_look = compiled("first_look")
    for text in octets((*NUMBERS, *GAPS, *RARE, *FOLDED, b"cvv ", b"card ", b"%20", b"&nbsp;"), seed=7, number=300):
        told = []
        for function in (None, first_look):
            monkeypatch.setattr(prefilter, "_LOOK", function)
            found = prefilter._seen(text)
            told.append((found.keys(), found.get(Seen.DIGITS), prefilter._has_many_digits(text)))
        assert told[0] == told[1], text


@pytest.mark.parametrize("arguments", [(), (b"text",), (b"text", b"", b""), ("text", b""), (b"text", None)])
def test_it_takes_two_bytes_only(arguments: tuple[object, ...]) -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("first_look")(*arguments)
