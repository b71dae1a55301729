"""The compiled decoder of quoted-printable gives what its twin in ``mime/transfer.py`` gives."""

from __future__ import annotations

import random

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import transfer

PIECES = (
    b"=3D",
    b"=C3=A9",
    b"=\r\n",
    b"=\n",
    b"\r\n",
    b"a",
    b"abcdefghijklmno",
    b"x" * 16,
    b"F0",
    b" ",
    b"_",
    b"\0\xff",
)
FLAWS = (b"=", b"==", b"=A", b"=3d", b"=g0", b"=0G", b"=\r", b"=\r=", b"= \r\n", b"=/0", b"=:0", b"=@0", b"=\xb0\xb1")


def test_it_decodes_what_has_no_flaw() -> None:
    """The content is the same, whatever stands in a body and wherever it ends; often there is one."""
    decode_strictly = compiled("decode_strictly")
    decoded = 0
    for body in octets(PIECES, seed=2045):
        content = decode_strictly(body, 0, len(body))
        assert content == transfer.decode_strictly_slowly(body, 0, len(body))
        decoded += content is not None
    assert decoded > 2000


def test_it_sees_a_flaw_anywhere() -> None:
    """Nothing is decoded where an ``=`` begins no escape in capitals and no soft line break."""
    decode_strictly = compiled("decode_strictly")
    dice = random.Random(7103)
    refused = 0
    for body in octets(PIECES, seed=6):
        at = dice.randrange(len(body) + 1)
        flawed = body[:at] + b"".join(dice.choices(FLAWS, k=dice.choice((1, 1, 2, 20)))) + body[at:]
        content = decode_strictly(flawed, 0, len(flawed))
        assert content == transfer.decode_strictly_slowly(flawed, 0, len(flawed))
        refused += content is None
    assert refused > 2000


def test_every_pair_behind_an_equals_sign() -> None:
    """All 65,536 pairs of octets behind an ``=`` are taken alike."""
    decode_strictly = compiled("decode_strictly")
    for pair in range(1 << 16):
        body = b"=" + pair.to_bytes(2, "big")
        assert decode_strictly(body, 0, 3) == transfer.decode_strictly_slowly(body, 0, 3)


def test_a_range_is_taken_as_a_slice_is() -> None:
    """Start and end may be anywhere, also before or behind the octets, or the wrong way round."""
    decode_strictly = compiled("decode_strictly")
    data = b"a=3Db=\r\nc=C3=A9 and more than sixteen octets=20"
    places = (-100, -20, -1, 0, 1, 3, 4, 17, len(data) - 1, len(data), 100, 1 << 70)
    for start in places:
        for end in places:
            assert decode_strictly(data, start, end) == transfer.decode_strictly_slowly(data, start, end)


@pytest.mark.parametrize(
    "given", [("text", 0, 1), (b"octets",), (b"octets", 0), (b"octets", "0", 1), (b"octets", 0, None)]
)
def test_it_takes_bytes_and_a_range_only(given: tuple[object, ...]) -> None:
    """What is none is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("decode_strictly")(*given)
