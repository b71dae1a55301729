"""Workbooks in XML: cells are columns, rows are lines, whatever white space a program has left out."""

from __future__ import annotations

import pytest

from pansentry import detect
from pansentry.edits import Edit, apply
from pansentry.views import readers, spreadsheet_xml
from pansentry.views.reading import lower

NUMBER = "4111111111111111"
HEAD = f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{spreadsheet_xml.SIGN}">'
PROPERTIES = "<DocumentProperties><Author>Anna</Author><Created>2026</Created></DocumentProperties><!-- <a>1</a> -->"


def book(*rows: tuple[str, ...]) -> str:
    """Return a workbook, with the properties that Excel writes."""
    cells = ("".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) for row in rows)
    table = "".join(f"<Row>{row}</Row>" for row in cells)
    return f"{HEAD}{PROPERTIES}<Worksheet><Table>{table}</Table></Worksheet></Workbook>"


def test_rows_are_lines_and_cells_are_columns() -> None:
    """What stands under a heading stands under it; a cut goes to the cell."""
    text = book(("Name", "Card number", "CVV"), ("Anna", NUMBER, "<![CDATA[345]]>"))
    assert spreadsheet_xml.read in readers.of_text("", text)
    (reading,) = spreadsheet_xml.read(text)
    assert reading.text.endswith(f"Name\tCard number\tCVV\nAnna\t{NUMBER}\t345")
    at = reading.text.index(NUMBER)
    cut = lower(reading, (Edit(at, at + 12, "X" * 12),))
    assert cut is not None
    assert apply(text, cut) == text.replace(NUMBER[:12], "X" * 12)


def test_cells_that_are_empty_or_left_out_keep_their_columns() -> None:
    """An empty cell, and one that says which column it is, stand under their own headings; a far one not too far."""
    cells = f'<Row><Cell/><Cell><Data>{NUMBER}</Data></Cell><Cell ss:Index="4"><Data>x</Data></Cell></Row>'
    far = '<Row><Cell><Data>a</Data></Cell><Cell ss:Index="16000"><Data>b</Data></Cell></Row>'
    (reading,) = spreadsheet_xml.read(book(("A", "B", "C", "D")).replace("</Table>", cells + far + "</Table>"))
    assert reading.text.endswith(f"\nA\tB\tC\tD\n\t{NUMBER}\t\tx\na" + "\t" * spreadsheet_xml.MAX_PADDING + "b")


@pytest.mark.parametrize(("heading", "found"), [("Card number", True), ("Order number", False)])
def test_the_heading_says_what_a_number_is(heading: str, found: bool) -> None:
    """A number under the heading of a card is one, under that of an order it is none."""
    (reading,) = spreadsheet_xml.read(book(("Name", heading, "Total"), ("Anna", NUMBER, "12.00")))
    assert bool(detect(reading.text)) is found


@pytest.mark.parametrize("text", ["", HEAD, HEAD + "<!--" * 50_000, HEAD + "<?" * 50_000, HEAD + "<" * 50_000])
def test_nothing_to_border_gives_no_reading(text: str) -> None:
    """Markup that never ends is read once, from its start to the end."""
    assert spreadsheet_xml.read(text) == ()
