"""Binary workbooks: cells as tables, and honesty about what is not read."""

from __future__ import annotations

import random
import struct

import pytest
from tests.documents import third_office as office

from pansentry.errors import DamagedError
from pansentry.examination import examine
from pansentry.formats import xlsb

NUMBER = "4929381332664295"
RNG = random.Random(1)


def sheet(*records: bytes, more: dict[str, bytes] | None = None) -> list[str]:
    parts = {"xl/worksheets/sheet1.bin": b"".join(records), **(more or {})}
    return [text for text, place in xlsb.texts(parts) if place == "sheet 1"]


def row(number: int, flags: int = 0) -> bytes:
    return office._b(0, struct.pack("<LLHBBBL", number, 0, 300, 0, flags, 0, 0))


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    return office._b(kind, struct.pack("<LL", column, style) + value)


@pytest.mark.parametrize(
    "maker", [office.binary_text, office.binary_number, office.binary_four_cells, office.binary_comment]
)
def test_numbers_are_found_and_nothing_is_written(maker: object) -> None:
    """Texts, numbers of eight and of four bytes, comments: found, and the workbook is replaced or held."""
    examined = examine(maker(NUMBER, RNG))  # type: ignore[operator]
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is None


def test_a_workbook_without_a_card_is_the_same_bytes() -> None:
    """Nothing found, everything read."""
    data = office.binary_book([["Invoice", "Amount"], ["R-2026-100", 119], ["x", 12.5]])
    examined = examine(data)
    assert examined.rewritten is data
    assert not examined.unreadable


def test_cells_stand_in_their_columns() -> None:
    """Short and long cells, results of formulas, rich texts and truth values keep their places."""
    text = office._wide("a")
    rich = cell(62, 5, b"\0" + office._wide("r"))
    short = office._b(16, struct.pack("<L", 0) + struct.pack("<d", 12.5))
    formula = cell(9, 4, struct.pack("<d", 1234567890123456.0))
    assert sheet(row(0), cell(6, 0, text), cell(4, 1, b"\1"), short, formula, rich) == [
        "a\t\t12.5\t\t1234567890123456\tr"
    ]


def test_formats_make_dates() -> None:
    """A date shows as its format does: month and year of an expiry."""
    code = office._b(44, struct.pack("<H", 164) + office._wide("mm/yy"))
    styles = code + office._b(617, b"") + office._b(47, struct.pack("<HH", 0, 164) + bytes(12)) + office._b(618, b"")
    serial = struct.pack("<l", 47027 << 2 | 2)
    assert sheet(row(0), cell(2, 0, serial), more={"xl/styles.bin": styles}) == ["10/28"]


def test_hidden_rows_and_columns_are_left_out_of_a_second_reading() -> None:
    """What stands between two groups and is hidden does not part them."""
    column = office._b(60, struct.pack("<LLLLH", 1, 1, 2560, 0, 1))
    text = [cell(6, at, office._wide(str(at))) for at in range(3)]
    shown = sheet(column, row(0), *text, row(1, 0x10), *text, row(2), *text)
    assert shown == ["0\t1\t2\n0\t1\t2\n0\t1\t2", "0\t\t2\n\n0\t\t2"]


@pytest.mark.parametrize("records", [b"\x07\x7f", b"\x80", cell(6, 0, struct.pack("<L", 99)), cell(5, 0, b"\0")])
def test_records_that_do_not_add_up_are_damage(records: bytes) -> None:
    """A record that is longer than its sheet, or shorter than its value, is DamagedError."""
    with pytest.raises(DamagedError, match="damaged"):
        sheet(row(0), records)


def test_what_a_table_shows_is_not_said_again_without_its_heading() -> None:
    """An order number stands under its heading once; a string that no cell shows, and what no cell is, stands apart."""
    order = "2467021896019245"
    shared = office._b(19, b"\0" + office._wide(order)) + office._b(19, b"\0" + office._wide("spare 123"))
    used = cell(7, 0, struct.pack("<L", 0))
    parts = {
        "xl/worksheets/sheet1.bin": row(0) + used + row(1) + cell(6, 0, office._wide("77 text")),
        "xl/sharedStrings.bin": shared,
    }
    said = "".join(text for text, place in xlsb.texts(parts) if place == "strings")
    assert "spare 123" in said
    assert order not in said
    assert "77 text" not in said
