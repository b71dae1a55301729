"""Workbooks of Excel 2003 in XML (SpreadsheetML): what many programs export as ``.xls``, a table without white space.

In: a text that names the vocabulary near its start. Out: one reading in which rows are lines and columns are apart by a
tab, also where cells are empty or left out (``ss:Index``); texts of other elements are lines. Comments and instructions
are left out, CDATA sections are text. A reader of HTML makes one word of ``<Cell>Card number</Cell><Cell>CVV</Cell>``
and the row below; numbers that are cut by markup are whole in that other reading.

Not for other XML: there the names of elements say what a number is, and they would be gone. Limit: :data:`MAX_PADDING`.
Known gaps: merged cells, references in the texts. Source: Office 2003 XML reference schemas, SpreadsheetML.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

SIGN: Final = "urn:schemas-microsoft-com:office:spreadsheet"
MAX_PADDING: Final = 64
_MARKUP: Final = re.compile(
    r"<!--(?>(?:[^-]|-(?!->))*)(?>(?:-->)?)|<\?(?>(?:[^?]|\?(?!>))*)(?>(?:\?>)?)|<!\[CDATA\[|\]\]>"
    r"|<(?P<end>/?+)(?>(?:[A-Za-z_]\w*+:)?)(?P<name>\w*+)(?P<attributes>[^<>]*+)>?+",
    re.ASCII,
)
_INDEX: Final = re.compile(r"\bIndex\s*+=\s*+[\"']([0-9]{1,5})[\"']", re.ASCII)
_WHITE: Final = " \t\r\n"


def read(text: str) -> tuple[Reading, ...]:
    """Return the reading, none for a text without cells."""
    weaver = Weaver("sheet", text)
    position, column, shown, has_cells = 0, 0, -1, False  # shown: column of the last text in this row, -1 before it
    for match in _MARKUP.finditer(text):
        if text[position : match.start()].strip(_WHITE):
            padding = "\t" * min(column - max(shown, 0), MAX_PADDING)
            weaver.make_up(padding if shown >= 0 else "\n" + padding, position)
            weaver.keep(position, match.start())
            shown = column
        name = match["name"]
        if name == "Cell" and not match["end"]:
            has_cells = True
            stated = _INDEX.search(match["attributes"])
            column = int(stated[1]) - 1 if stated else column + 1
        elif name == "Row" or (match["end"] and name not in ("Cell", "Data")):
            column, shown = -1 if name == "Row" and not match["end"] else 0, -1
        position = match.end()
    return (weaver.reading(),) if has_cells else ()
