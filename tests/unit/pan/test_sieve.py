"""The sieve finds what looking at group after group finds, in slices of any size, and all of it at the same cost."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from pansentry.pan import brands, sieve

ROW = re.compile(rb"[0-9]++(?:[^0-9A-Za-z]{1,16}+[0-9]++)*+")
GAPS = (b" ", b"-", b", ", b"\n", b" x ", b" " * 15, b" " * 16, b" " * 17, "é".encode(), b"a", b"")


def one_by_one(data: bytes, *, lenient: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the same by looking at every stretch of whole groups."""
    for row in ROW.finditer(data):
        groups = [match.span() for match in re.finditer(rb"[0-9]+", row[0])]
        for first in range(len(groups)):
            digits = ""
            for at, to in groups[first:]:
                digits += row[0][at:to].decode()
                if len(digits) > brands.MAX_DIGITS:
                    break
                rounded = lenient and len(digits) == 16 and digits[-1] == "0"
                if brands.brands_of(digits) and (brands.luhn(digits) or rounded):
                    yield row.start() + groups[first][0], row.start() + to, digits


def table(seed: int) -> bytes:
    """Return groups of digits: single ones, of four, of any length."""
    rng = random.Random(seed)
    most = rng.choice((1, 4, 13, 16, 22))
    usual = rng.choice(GAPS[:4])
    if seed % 3 == 0:  # mostly words, or gaps as wide as may be
        usual = rng.choice((GAPS[6], b" and some more words "))
    row = b""
    for _ in range(rng.choice((1, 10, 300))):
        digits = "".join(rng.choices("0123456789", k=rng.randint(1, most) if most > 4 else most))
        row += digits.encode() + (usual if rng.random() < 0.9 else rng.choice(GAPS))
    return row


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("size", [1 << 16, 512])
def test_the_sieve_finds_what_a_slow_look_finds(monkeypatch: pytest.MonkeyPatch, size: int, lenient: bool) -> None:
    """Range, length, check digit, edges and gaps, for 120 tables, in order."""
    monkeypatch.setattr(sieve, "_SLICE", size)
    for seed in range(120):
        data = table(seed)
        wanted = sorted(one_by_one(data, lenient=lenient), key=lambda one: one[:2])
        assert list(sieve.numbers(data, lenient=lenient)) == wanted, seed
        assert list(sieve.numbers_slowly(data, lenient=lenient)) == wanted, seed


def test_long_groups_are_those_that_no_number_has() -> None:
    """Twenty to thirty digits in one piece, and no others."""
    data = b" ".join(b"7" * length for length in (3, 19, 20, 30, 31, 90))
    assert [len(match[0]) for match in sieve.long_groups(data)] == [20, 30]


def test_a_text_without_numbers_costs_no_look_at_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table of numbers only those are looked at whose first digits, length and sum may be right."""
    looked = []
    monkeypatch.setattr(sieve, "brands_of", lambda digits: looked.append(len(digits)))
    rng = random.Random(1)
    rows = "\n".join(f"{rng.randrange(10**9, 10**10)},{rng.randrange(10**15, 10**16)}" for _ in range(2000))
    assert not list(sieve.numbers(rows.encode()))
    assert len(looked) <= 140  # 2000 numbers of sixteen digits: a tenth has the sum, a third of these the range


def test_rows_are_looked_for_where_no_letters_are() -> None:
    """Among words the rows are those that the expression finds everywhere, whatever stands between the digits."""
    rng = random.Random(3)
    parts = (b"12", b"7", b"4111", b" ", b"-", b" to ", b"x", b", ", b"\xc3\xa9", b" " * 17, b"123456789012", b"\n")
    for _ in range(300):
        data = b"".join(rng.choices(parts, k=rng.randrange(60)))
        found = [m.span() for stretch in sieve._without_letters(data) for m in sieve._LONG_ROW.finditer(data, *stretch)]
        assert found == [m.span() for m in sieve._LONG_ROW.finditer(data)], data
