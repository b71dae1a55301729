"""Apple's documents: snappy without frames, texts and cells in protocol buffers."""

from __future__ import annotations

import random
import struct

import pytest
from tests.documents import third_office as office

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import examine
from pansentry.formats import iwa, recognise
from pansentry.limits import DocumentLimits

NUMBER = "4929381332664295"
LIMITS = DocumentLimits()
RNG = random.Random(1)


def piece(body: bytes) -> bytes:
    return b"\0" + len(body).to_bytes(3, "little") + body


def cell(value: int, exponent: int = 0, kind: int = 2, flags: int = 1) -> bytes:
    """Return a cell of Numbers: mantissa in the low 113 bits, then the exponent."""
    decimal = (value | (exponent + 0x1820) << 113).to_bytes(16, "little")
    return b"\x05" + bytes([kind]) + bytes(6) + struct.pack("<L", flags) + decimal


@pytest.mark.parametrize("maker", [office.pages_document, office.numbers_workbook])
def test_a_document_with_a_card_is_replaced(maker: object) -> None:
    """Found behind the copies of snappy; the document as a whole is replaced or held, not left without a part."""
    examined = examine(maker(NUMBER, RNG))  # type: ignore[operator]
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is None or b".iwa" not in examined.rewritten


def test_literals_and_copies_come_out() -> None:
    """Short and long literals, copies with offsets of one, two and four bytes, and those that overlap themselves."""
    long = bytes(range(32, 132))
    body = b"\xf0" + bytes([99]) + long  # a literal of 100 bytes, its length in a byte
    body += bytes([0x01 | 0 << 2, 100])  # four bytes from 100 back
    body += bytes([(8 - 1) << 2 | 2]) + struct.pack("<H", 4)  # eight from four back: twice the same
    body += bytes([(5 - 1) << 2 | 3]) + struct.pack("<L", 112)
    expected = long + long[:4] + long[:4] * 2 + long[:5]
    data = piece(bytes([len(expected)]) + body)
    assert recognise.kinds(data) == ("iwa",)
    assert b"".join(iwa.streams(data)) == expected


@pytest.mark.parametrize(
    "body", [b"\x05\x04ab", b"\x04\x01\x09", b"\x02\x08abc", b"\xff\xff\xff\xff\xff", b"\x03\x01", b"\x08\x00a\x05\x00"]
)
def test_what_does_not_unpack_is_damage(body: bytes) -> None:
    """Too short, too long, a copy of nothing, a length without an end."""
    with pytest.raises(DamagedError, match="damaged"):
        iwa.extract(piece(body), LIMITS)


def test_what_unpacks_to_more_than_the_limit_is_not_unpacked() -> None:
    """The stated length is asked before a byte comes out; at the limit it is read."""
    data = piece(b"\x05\x10hello")
    assert iwa.extract(data, DocumentLimits(max_total_bytes=5)).passages == ()
    with pytest.raises(LimitExceededError, match="max_total_bytes"):
        iwa.extract(data, DocumentLimits(max_total_bytes=4))


def test_numbers_of_cells_are_read() -> None:
    """Whole ones in full, whatever their exponent; fractions and negative ones are none."""
    content = cell(int(NUMBER)) + cell(12, 3) + cell(125, -1) + cell(1250, -1, kind=10) + cell(7, flags=2)
    literal = bytes([len(content) | 0x80, 1]) if len(content) > 127 else bytes([len(content)])
    data = piece(literal + b"\xf0" + bytes([len(content) - 1]) + content)
    (cells,) = (passage.text for passage in iwa.extract(data, LIMITS).passages if passage.place == "cells")
    assert cells.split("\n;\n") == [NUMBER, "12000", "125"]


def test_other_bytes_that_begin_with_nul_are_no_document_of_apple() -> None:
    """The pieces must fill the file to its last byte."""
    for data in (b"\0", b"\0\0\0\0", b"\0\5\0\0ab", b"\0\1\0\0a\1", bytes(100)):
        assert "iwa" not in recognise.kinds(data)
