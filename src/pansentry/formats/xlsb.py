"""Binary workbooks of today (xlsb, [MS-XLSB]): sheets as tables of text, out of the parts of a package. Read only.

In: the parts ``*.bin`` below ``xl/`` by name. Out: each sheet as lines of tab-separated cells, as ``sheet`` gives those
of other workbooks: shared strings, numbers in full, dates by their format, results of formulas, and once more without
hidden rows and columns; and what ``strings`` shows of every part (names, comments, formulas' texts, pivot caches).
A sheet whose records do not add up is damaged. Standard: [MS-XLSB] 2.1.4 (records), 2.4 (those that are read here).
Known gap: numbers inside formulas are read by their results only.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import excel, number_formats, strings

PARTS: Final = re.compile(
    r"(?:^|/)xl/(?:[^/]*|(?!embeddings|activeX|ctrlProps|printerSettings)[^/]*/[^/]*)\.bin\Z", re.I
)
_MACROS: Final = re.compile(r"vba[^/]*\.bin\Z", re.I)
_SHEET: Final = re.compile(r"/(?:work|chart|macro|dialog)sheets/[^/0-9]*([0-9]{0,4})[^/]*\.bin\Z", re.I)
_ROW, _FORMAT, _XF, _CELL_XFS, _END_CELL_XFS = 0, 44, 47, 617, 618
_COLUMNS, _BOOK, _ITEM = 60, 153, 19
_RK, _REAL, _TEXT, _SHARED, _RICH, _RESULT_TEXT, _RESULT = 2, 5, 6, 7, 62, 8, 9
_SHORT: Final = {13: _RK, 16: _REAL, 17: _TEXT, 18: _SHARED}  # cells without a column: right of the one before
_LONG: Final = frozenset({_RK, _REAL, _TEXT, _SHARED, _RICH, _RESULT_TEXT, _RESULT})
_CELLS: Final = frozenset({*_LONG, *_SHORT}) - {_RESULT, _RESULT_TEXT}
_BORDER: Final = "\n;\n"
_EMPTY: Final = frozenset({1, 3, 4, 10, 11})  # blank, errors, truth values
_EMPTY_SHORT: Final = frozenset({12, 14, 15})
_HIDDEN_ROW: Final = 0x10
_MAX_SHARED: Final = 2_000_000

Cells = dict[tuple[int, int], str]


@dataclass(slots=True)
class _Book:
    shared: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    from_1904: bool = False

    def number(self, value: float, style: int) -> str:
        index = self.formats[style] if style < len(self.formats) else 0
        code = self.codes.get(index, number_formats.BUILT_IN.get(index, ""))
        return number_formats.shown(excel.stored(value), code, from_1904=self.from_1904)


def is_part(name: str) -> bool:
    """Tell whether a member of a package is read here."""
    return PARTS.search(name) is not None and _MACROS.search(name) is None


def texts(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield texts with their places. Raises DamagedError."""
    book = _Book()
    try:
        for name, data in parts.items():
            _common(book, name.lower().rsplit("/", 1)[-1], data)
        for name, data in parts.items():
            if match := _SHEET.search(name):
                place = f"sheet {int(match[1] or 1)}"
                for cells in _sheet(book, data):
                    yield excel.table(cells), place
    except (struct.error, IndexError, ValueError, OverflowError):
        raise DamagedError("damaged") from None
    for name, data in parts.items():
        yield strings.strings(_rest(book, name, data)), "strings"


def _rest(book: _Book, name: str, data: bytes) -> bytes:
    """Return a part without what the tables show of it: numbers without their headings would look like others."""
    file = name.lower().rsplit("/", 1)[-1]
    if file.startswith("sharedstrings"):
        unused = [text for index, text in enumerate(book.shared) if index not in book.used]
        return _BORDER.join(unused).encode("utf-16-le")
    if _SHEET.search(name):
        return b"\0\0;\0".join(body for kind, body in _records(data) if kind not in _CELLS)
    return data


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each record: both numbers have seven bits a byte, the lowest first."""
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        for shift in range(0, 28, 7):
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if at + size > len(data):
            raise IndexError
        yield kind, data[at : at + size]
        at += size


def _common(book: _Book, name: str, data: bytes) -> None:
    """Read what holds for all sheets: shared strings, formats, the system of dates."""
    if name.startswith("sharedstrings"):
        book.shared = [_wide(body, 1) for kind, body in _records(data) if kind == _ITEM][:_MAX_SHARED]
    elif name.startswith("styles"):
        inside = False
        for kind, body in _records(data):
            inside = kind == _CELL_XFS or (inside and kind != _END_CELL_XFS)
            if kind == _FORMAT:
                book.codes[int.from_bytes(body[:2], "little")] = _wide(body, 2)
            elif kind == _XF and inside:
                book.formats.append(int.from_bytes(body[2:4], "little"))
    elif name.startswith("workbook"):
        book.from_1904 = any(kind == _BOOK and body[:1] and body[0] & 1 for kind, body in _records(data))


def _sheet(book: _Book, data: bytes) -> list[Cells]:
    """Return the cells of a sheet, and once more those that are not hidden if some are."""
    cells: Cells = {}
    visible: Cells = {}
    hidden_columns: list[tuple[int, int]] = []
    row = column = -1
    hidden = False
    for kind, body in _records(data):
        if kind == _ROW:
            row, column = int.from_bytes(body[:4], "little"), -1
            hidden = len(body) > 11 and bool(body[11] & _HIDDEN_ROW)
            continue
        if kind == _COLUMNS and len(body) >= 18 and body[16] & 1:
            hidden_columns.append(struct.unpack_from("<LL", body))
            continue
        if kind in _EMPTY or kind in _EMPTY_SHORT:
            column = column + 1 if kind in _EMPTY_SHORT else int.from_bytes(body[:4], "little")
            continue
        if kind in _SHORT:
            column += 1
            text = _shown(book, _SHORT[kind], body, 4)
        elif kind in _LONG:
            column = int.from_bytes(body[:4], "little")
            text = _shown(book, kind, body, 8)
        else:
            continue
        cells[row, column] = text
        if not hidden and not any(low <= column <= high for low, high in hidden_columns[:1000]):
            visible[row, column] = text
    return [cells, visible] if len(visible) < len(cells) else [cells]


def _shown(book: _Book, kind: int, body: bytes, at: int) -> str:
    style = int.from_bytes(body[at - 4 : at - 1], "little")
    if kind == _SHARED:
        index = int.from_bytes(body[at : at + 4], "little")
        book.used.add(index)
        return book.shared[index] if index < len(book.shared) else ""
    if kind in (_TEXT, _RESULT_TEXT):
        return _wide(body, at)
    if kind == _RICH:
        return _wide(body, at + 1)
    if kind == _RK:
        return book.number(excel.rk(body, at), style)
    return book.number(struct.unpack_from("<d", body, at)[0], style)


def _wide(body: bytes, at: int) -> str:
    """Read an XLWideString ([MS-XLSB] 2.5.168): a count of characters, UTF-16."""
    count = struct.unpack_from("<L", body, at)[0]
    if at + 4 + 2 * count > len(body):
        raise IndexError
    return body[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace")
