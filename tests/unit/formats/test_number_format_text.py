"""Workbooks: a number of which the number format holds all digits but the last four."""

from __future__ import annotations

import io
import zipfile

from tests.documents import archives

from pansentry.examination import examine

SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
LITERAL = "4929 3813 3266"


def workbook(heading: str) -> bytes:
    """Return a workbook that shows LITERAL and the cell's own four digits under a heading."""
    text = f'<c r="A1" t="inlineStr"><is><t>{heading}</t></is></c>'
    rows = f'<row r="1">{text}</row><row r="2"><c r="A2" s="1"><v>4295</v></c></row>'
    code = f"&quot;{LITERAL} &quot;0000"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"/>',
        "xl/workbook.xml": f"<workbook {SPACE}/>",
        "xl/styles.xml": f'<styleSheet {SPACE}><numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f"<worksheet {SPACE}><sheetData>{rows}</sheetData></worksheet>",
    }
    return archives.zipped(*((name, content.encode()) for name, content in members.items()))


def test_the_format_is_cut_with_its_cell() -> None:
    """The cell keeps its last four digits, so the format must not keep the others."""
    examined = examine(workbook("Card number"))
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is not None
    with zipfile.ZipFile(io.BytesIO(examined.rewritten)) as written:
        contents = b"".join(map(written.read, written.namelist()))
    assert LITERAL.encode() not in contents
    assert b"XXXX XXXX XXXX" in contents


def test_the_format_of_an_order_stays() -> None:
    """Under another heading the workbook is the same object."""
    data = workbook("Order number")
    assert examine(data).rewritten is data
