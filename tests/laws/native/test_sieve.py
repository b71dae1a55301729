"""The compiled sieve finds the numbers that its twin in ``pan/sieve.py`` finds."""

from __future__ import annotations

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.pan import sieve
from pansentry.pan.brands import MAX_DIGITS, brands_of

VISA, AMEX, SWITCH = b"4111111111111111", b"378282246310005", b"6759649826438453"
CARDS = (VISA, b"4111 1111 1111 1111", AMEX, SWITCH, b"4222222222222", b"5018 0000 0009", b"4111111111111110")
PIECES = (b"4", b"1", b"41", b"4111", b"0", b"55", b"123456789012", b"378282", b"246310005", b"7" * 20)
GAPS = (b" ", b"-", b"\n", b", ", b" " * 15, b" " * 16, b" " * 17, b"\xc3\xa9", b"a", b"Z", b"@", b"[", b"`", b"{")


@pytest.mark.parametrize("size", [1 << 16, 64])
@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    "pieces",
    [CARDS + GAPS, PIECES + GAPS, PIECES[:6] + GAPS[:3], PIECES[:2] + GAPS[:1], (*CARDS, b" ", b"-", b"words ")],
)
def test_it_finds_what_its_twin_finds(
    monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes, ...], lenient: bool, size: int
) -> None:
    """The same stretches in the same order, in slices of any size."""
    monkeypatch.setattr(sieve, "_COMPILED", compiled("card_numbers"))
    found = 0
    for text in octets(pieces, seed=len(pieces), number=150):
        wanted = list(sieve.numbers_slowly(text, lenient=lenient))
        monkeypatch.setattr(sieve, "_SLICE", size)
        assert list(sieve.numbers(text, lenient=lenient)) == wanted, text
        monkeypatch.undo()
        monkeypatch.setattr(sieve, "_COMPILED", compiled("card_numbers"))
        found += len(wanted)
    assert found


def test_a_number_belongs_to_the_part_in_which_it_begins() -> None:
    """Wherever a text is parted, the numbers of its parts are those of all of it."""
    text = b"x " + b" and ".join((VISA, b"41" + b" " * 16 + VISA[2:], AMEX, b"1" + VISA)) + b" " + VISA
    card_numbers = compiled("card_numbers")

    def listed(begin: int, end: int) -> list[tuple[int, int, str]]:
        return [one for one in card_numbers(text, begin, end, sieve._issued(), False) if brands_of(one[2])]

    whole = listed(0, len(text))
    assert whole == list(sieve.numbers_slowly(text, lenient=False))
    for at in range(len(text) + 1):
        assert listed(0, at) + listed(at, len(text) + MAX_DIGITS) == whole


@pytest.mark.parametrize(
    "arguments", [(), (b"4", 0, 1, b""), ("4", 0, 1, b"", False), (b"4", "0", 1, b"", False), (b"4", 0, 1, None, False)]
)
def test_it_takes_bytes_and_places(arguments: tuple[object, ...]) -> None:
    """What is no bytes, or no number, is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("card_numbers")(*arguments)


@pytest.mark.parametrize("arguments", [(b"4", -1, 1, bytes(256), False), (b"4", 0, 1, bytes(99), False)])
def test_it_reads_nothing_outside_of_what_it_was_given(arguments: tuple[object, ...]) -> None:
    """A place before the text, and a table without all pairs of digits, are refused."""
    with pytest.raises(ValueError, match="pairs"):
        compiled("card_numbers")(*arguments)
