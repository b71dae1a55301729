"""Worksheets as tables of text: a row is a line, cells are apart by a tab, so that columns keep their headings.

In: a worksheet part, the shared strings and the styles. Out: the passages of the sheet: the table as it is printed
(missing cells as empty ones), the table without hidden rows and columns where there are any, and the formulas.
Standard: ECMA-376-1 §18.3. See ``sheet_cells`` for the way back.

Resists: a cell far out (columns are padded by at most :data:`MAX_PADDING`), numbers in scientific form, dates that were
made of "09/27", numbers over four cells, a line break inside a cell that would tear its row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from pansentry.formats import markup, number_formats
from pansentry.formats.flows import expression
from pansentry.formats.markup import Kind, Markup
from pansentry.formats.sheet_cells import Cell, FormulaSink, Row, Strings, formula_text, rows, show
from pansentry.formats.vocabulary import OFFICE, Flows
from pansentry.formats.walker import Walker
from pansentry.formats.woven import Woven

MAX_PADDING: Final = 64
_BREAKS: Final = str.maketrans("\r\n\t", "   ")
_HIDDEN: Final = re.compile(r"\shidden\s*+=\s*+[\"'](?:1|true)")
_TELLING: Final = re.compile(r"[0-9]")
_column: Final = attrgetter("column")


@dataclass(frozen=True, slots=True)
class Styles:
    """How numbers are formatted: the format code of each cell style (``cellXfs``)."""

    codes: tuple[str, ...] = ()
    from_1904: bool = False

    def number(self, stored: str, style: int) -> str:
        """Return what is shown of a stored number."""
        code = self.codes[style] if style < len(self.codes) else ""
        return number_formats.shown(stored, code, from_1904=self.from_1904)


def styles(part: Markup | None, *, from_1904: bool = False) -> Styles:
    """Read the number formats of a workbook (ECMA-376-1 §18.8.10, §18.8.31)."""
    if part is None:
        return Styles(from_1904=from_1904)
    own: dict[int, str] = {}
    codes: list[str] = []
    inside = False
    for token in markup.tokens(part.text):
        if token.kind is not Kind.START:
            inside = inside and not (token.kind is Kind.END and token.name == "cellXfs")
        elif token.name == "numFmt":
            number = markup.attribute(part.text, token, "numFmtId") or ""
            if number.isdecimal() and len(number) < 8:
                own[int(number)] = markup.attribute(part.text, token, "formatCode") or ""
        elif token.name == "cellXfs":
            inside = True
        elif token.name == "xf" and inside:
            number = markup.attribute(part.text, token, "numFmtId") or "0"
            key = int(number) if number.isdecimal() and len(number) < 8 else 0
            codes.append(own.get(key, number_formats.BUILT_IN.get(key, "")))
    return Styles(tuple(codes), from_1904)


@dataclass(slots=True)
class Sheet:
    """A worksheet that was read. ``cells`` is only filled for writing."""

    tables: list[Woven] = field(default_factory=list)
    formulas: Woven = field(default_factory=Woven)
    asides: Flows = field(default_factory=Flows)
    cells: list[Cell] = field(default_factory=list)


def read(part: Markup, strings: Strings, look: Styles, *, for_writing: bool) -> Sheet:
    """Read a worksheet. Without ``for_writing`` the passages have no way back, and memory is that of the text."""
    sheet = Sheet(formulas=Woven(track=for_writing))
    walker = Walker(part.text, OFFICE)
    columns = _hidden_columns(part)
    whole, visible = Woven(track=for_writing), Woven(track=for_writing)
    differs = bool(columns) or _HIDDEN.search(part.text) is not None
    for row in rows(part, walker.step):
        for cell in row.cells:
            show(cell, part, strings, look.number)
            if cell.shared >= 0:
                strings.uses[cell.shared] += 1
            if cell.formula is not None:
                _formula(part, cell, sheet.formulas)
        _line(whole, row, row.cells)
        if differs and not row.hidden:
            _line(visible, row, [c for c in row.cells if not _is_in(c.column, columns)] if columns else row.cells)
        if for_writing:
            sheet.cells += row.cells
    sheet.tables = [whole, visible] if differs else [whole]
    sheet.asides = walker.result
    return sheet


def _line(woven: Woven, row: Row, cells: Sequence[Cell]) -> None:
    if woven.length:
        woven.make_up("\n\n" if row.gap else "\n")
    column = 0
    for cell in sorted(cells, key=_column):  # stored in any order, shown by their references (§18.3.1.4)
        if not cell.shown:
            continue
        woven.make_up("\t" * min(max(cell.column - column, 0), MAX_PADDING))
        column = cell.column
        woven.keep(cell.shown.translate(_BREAKS), cell, 0)


def _formula(part: Markup, cell: Cell, woven: Woven) -> None:
    """Add a formula if it holds digits."""
    raw = formula_text(part, cell)
    if _TELLING.search(raw):
        expression(woven, raw, FormulaSink(cell), 0)
        woven.make_up("\n")


def _hidden_columns(part: Markup) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for token in markup.tokens(part.text):
        if token.name == "sheetData":
            break
        if token.name == "col" and token.kind is Kind.START:
            hidden, low, high = (markup.attribute(part.text, token, name) or "" for name in ("hidden", "min", "max"))
            if hidden in ("1", "true") and low.isdecimal() and high.isdecimal() and len(low + high) < 12:
                found.append((int(low) - 1, int(high) - 1))
    return found[:1000]


def _is_in(column: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(low <= column <= high for low, high in ranges)
