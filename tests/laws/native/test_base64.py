"""The compiled way to take line ends out of base64 gives what its twin in ``mime/transfer.py`` gives."""

from __future__ import annotations

import base64
import random

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import transfer

PIECES = (b"AAAA\r\n", b"AAAA\r\n", b"AAAA", b"AAAA\r\n" * 9, b"=", b"\r", b"\n", b"A\r\nA", b"\0" * 16, b"AAA\r\n")


def same(body: bytes) -> bool:
    """Ask both and compare; say whether the lines are even."""
    letters = compiled("letters_of_even_lines")(body, 0, len(body))
    assert letters == transfer.letters_of_even_lines_slowly(body, 0, len(body))
    return letters is not None


def test_it_takes_out_the_ends_of_even_lines() -> None:
    """Lines of one width, with one octet changed, dropped or put in at times: what mailers write, and nearly so."""
    dice = random.Random(64)
    told = []
    for _ in range(4000):
        width = dice.choice((4, 8, 16, 60, 64, 76))
        packed = base64.b64encode(dice.randbytes(dice.randrange(600)))
        body = b"\r\n".join(packed[at : at + width] for at in range(0, len(packed), width))
        body += dice.choice((b"", b"\r\n", b"\r\n\r\n", b"\r", b"\n"))
        for _ in range(dice.choice((0, 0, 1, 2))):
            at = dice.randrange(len(body) + 1)
            body = body[:at] + dice.choice((b"", b"\r", b"\n", b"\r\n", b"=", b"A")) + body[at + dice.randrange(3) :]
        told.append(same(body))
    assert 500 < sum(told) < 3500


def test_lines_of_any_kind_are_told_alike() -> None:
    """Pieces of lines in any order, and cut anywhere."""
    assert sum(map(same, octets(PIECES, seed=2045))) > 100


def test_a_range_is_taken_as_a_slice_is() -> None:
    """Start and end may be anywhere, also before or behind the octets, or the wrong way round."""
    letters_of_even_lines = compiled("letters_of_even_lines")
    data = b"AAAA\r\nBBBB\r\nCC==\r\n"
    places = (-100, -7, -1, 0, 1, 6, len(data) - 1, len(data), 100, 1 << 70)
    for start in places:
        for end in places:
            found = letters_of_even_lines(data, start, end)
            assert found == transfer.letters_of_even_lines_slowly(data, start, end)


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("letters_of_even_lines")("text", 0, 4)
