"""Excel binary workbooks ([MS-XLS], BIFF8, and BIFF5 cells): sheets as tables of text. Read only.

In: the stream Workbook or Book. Out: each sheet as lines of tab-separated cells, as ``sheet`` gives those of today's
workbooks: shared strings, numbers in full, dates by their format, results of formulas. Everything else in the stream
(comments, names, headers, validations, formulas' strings) is in what ``strings`` shows of it.
Standard: [MS-XLS] 2.1.4 (records), 2.4 (BOF, SST, LabelSst, RK, MulRk, Number, Formula, String, XF, Format, FilePass).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import number_formats
from pansentry.formats.compound import Compound, Path, Shown

_BOF, _EOF, _CONTINUE, _FILEPASS, _SST = 0x0809, 0x000A, 0x003C, 0x002F, 0x00FC
_FORMAT, _XF, _DATEMODE, _STRING = 0x041E, 0x00E0, 0x0022, 0x0207
_LABEL, _RSTRING, _LABELSST, _NUMBER, _RK, _MULRK, _FORMULA = 0x0204, 0x00D6, 0x00FD, 0x0203, 0x027E, 0x00BD, 0x0006
_CELLS: Final = frozenset({_LABEL, _RSTRING, _LABELSST, _NUMBER, _RK, _MULRK, _FORMULA})
_TEXTS: Final = frozenset({_SST, _LABEL, _RSTRING, _STRING})  # records of which everything is shown
_MAX_PADDING: Final = 64
_MAX_WHOLE: Final = 1e20
_MAX_STRINGS: Final = 2_000_000
_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08
_BREAKS: Final = str.maketrans("\r\n\t", "   ", "\0")


@dataclass(slots=True)
class _Book:
    """What holds for all sheets, and the cells of the sheet that is read."""

    strings: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)
    from_1904: bool = False
    wide: bool = True
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    last: tuple[int, int] = (0, 0)
    used: set[int] = field(default_factory=set)

    def number(self, value: float, style: int) -> str:
        """Return what is shown of a number."""
        index = self.formats[style] if style < len(self.formats) else 0
        code = self.codes.get(index, number_formats.BUILT_IN.get(index, ""))
        return number_formats.shown(stored(value), code, from_1904=self.from_1904)


def texts(file: Compound, storage: Path) -> Shown:
    """Return the sheets. Raises DamagedError("encrypted", "damaged")."""
    name = "Workbook" if file.stream(storage, "Workbook") is not None else "Book"
    stream = file.stream(storage, name) or b""
    book = _Book()
    found: list[tuple[str, str]] = []
    ranges: list[tuple[int, int]] = []
    sheet = depth = 0
    try:
        for kind, pieces, start, end in _records(stream):
            if kind in _TEXTS:
                ranges.append((start, end))
            if kind == _FILEPASS:
                raise DamagedError("encrypted")
            if kind == _BOF:
                sheet += not depth
                depth += 1
                book.wide = int.from_bytes(pieces[0][:2], "little") >= 0x0600
            elif kind == _EOF:
                depth -= 1
                if book.cells and depth <= 0:
                    found.append((table(book.cells), f"sheet {max(sheet - 1, 1)}"))
                    book.cells = {}
            else:
                _record(book, kind, pieces)
    except (struct.error, IndexError):
        raise DamagedError("damaged") from None
    if book.cells:
        found.append((table(book.cells), f"sheet {max(sheet - 1, 1)}"))
    unused = [text for index, text in enumerate(book.strings) if index not in book.used or "\n" in text]
    return Shown(name, [*found, ("\n;\n".join(unused), "strings")], ranges)


def _records(stream: bytes) -> Iterator[tuple[int, list[bytes], int, int]]:
    """Yield type and content of each record, the pieces of its continuations with it, and where it begins and ends."""
    at = begin = 0
    kind, pieces = -1, [b""]
    while at + 4 <= len(stream):
        following, size = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if following == _CONTINUE:
            pieces.append(content)
            continue
        if kind >= 0:
            yield kind, pieces, begin, at - 4 - size
        kind, pieces, begin = following, [content], at - 4 - size
    if kind >= 0:
        yield kind, pieces, begin, at


def _record(book: _Book, kind: int, pieces: list[bytes]) -> None:
    data = pieces[0]
    if kind == _SST:
        book.strings = _shared(pieces)
    elif kind == _DATEMODE:
        book.from_1904 = data[:2] == b"\1\0"
    elif kind == _FORMAT:
        book.codes[int.from_bytes(data[:2], "little")] = _string(data, 2, wide=book.wide)
    elif kind == _XF:
        book.formats.append(int.from_bytes(data[2:4], "little"))
    elif kind == _STRING:
        book.cells[book.last] = _string(data, 0, wide=book.wide)
    elif kind in _CELLS:
        row, column, style = struct.unpack_from("<HHH", data)
        book.last = (row, column)
        _cell(book, kind, data, style)


def _cell(book: _Book, kind: int, data: bytes, style: int) -> None:
    row, column = book.last
    if kind == _LABELSST:
        index = int.from_bytes(data[6:10], "little")
        book.used.add(index)
        book.cells[row, column] = book.strings[index] if index < len(book.strings) else ""
    elif kind in (_LABEL, _RSTRING):
        book.cells[row, column] = _string(data, 6, wide=book.wide)
    elif kind == _NUMBER:
        book.cells[row, column] = book.number(struct.unpack_from("<d", data, 6)[0], style)
    elif kind == _RK:
        book.cells[row, column] = book.number(rk(data, 6), style)
    elif kind == _MULRK:
        for index in range((len(data) - 6) // 6):
            at = 4 + 6 * index
            style = int.from_bytes(data[at : at + 2], "little")
            book.cells[row, column + index] = book.number(rk(data, at + 2), style)
    elif data[12:14] != b"\xff\xff":  # a formula with a number as its result; a text follows in a record of its own
        book.cells[row, column] = book.number(struct.unpack_from("<d", data, 6)[0], style)


def stored(value: float) -> str:
    """Return a number as a workbook of today would store it: a whole one in full."""
    if not math.isfinite(value):
        return ""
    return f"{value:.0f}" if abs(value) < _MAX_WHOLE and value == int(value) else repr(value)


def rk(data: bytes, at: int) -> float:
    """Read a number in four bytes ([MS-XLS] 2.5.219)."""
    raw = struct.unpack_from("<l", data, at)[0]
    value: float = raw >> 2 if raw & 2 else struct.unpack("<d", b"\0\0\0\0" + struct.pack("<l", raw & ~3))[0]
    return value / 100 if raw & 1 else value


def _string(data: bytes, at: int, *, wide: bool) -> str:
    """Read a string with a count of two bytes: with flags (BIFF8), or 8-bit characters."""
    count = int.from_bytes(data[at : at + 2], "little")
    if not wide:
        return data[at + 2 : at + 2 + count].decode("cp1252", "replace")
    if data[at + 2] & _WIDE:
        return data[at + 3 : at + 3 + 2 * count].decode("utf-16-le", "replace")
    return data[at + 3 : at + 3 + count].decode("latin-1")


class _Pieces:
    """Reads over the borders of continued records; characters begin anew there with a flag byte ([MS-XLS] 2.5.293)."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._number = 0
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return ``count`` bytes, or what is left."""
        found = b""
        while count and self._number < len(self._pieces):
            piece = self._pieces[self._number][self._at : self._at + count]
            found += piece
            count -= len(piece)
            self._at += len(piece)
            if self._at >= len(self._pieces[self._number]) and count:
                self._number, self._at = self._number + 1, 0
        return found

    def characters(self, count: int, *, wide: bool) -> str:
        """Return ``count`` characters."""
        found: list[str] = []
        while count and self._number < len(self._pieces):
            width = 2 if wide else 1
            left = (len(self._pieces[self._number]) - self._at) // width
            part = self.take(min(count, left) * width)
            found.append(part.decode("utf-16-le" if wide else "latin-1", "replace"))
            count -= min(count, left)
            if count:
                self._number, self._at = self._number + 1, 0
                wide = bool(self.take(1)[:1] > b"\0")
        return "".join(found)


def _shared(pieces: list[bytes]) -> list[str]:
    reader = _Pieces(pieces)
    _, count = struct.unpack("<LL", reader.take(8))
    found: list[str] = []
    for _ in range(min(count, _MAX_STRINGS)):
        head = reader.take(3)
        if len(head) < 3:
            break
        length, flags = struct.unpack("<HB", head)
        runs = int.from_bytes(reader.take(2), "little") if flags & _RICH else 0
        phonetic = int.from_bytes(reader.take(4), "little") if flags & _PHONETIC else 0
        found.append(reader.characters(length, wide=bool(flags & _WIDE)))
        reader.take(4 * runs)
        reader.take(phonetic)
    return found


def table(cells: dict[tuple[int, int], str]) -> str:
    """Return cells as lines; a missing row is a blank line, missing columns are tabs up to a limit."""
    out: list[str] = []
    row = column = -1
    for (at_row, at_column), text in sorted(cells.items()):
        if not text:
            continue
        if at_row != row:
            out.append("" if row < 0 else "\n" if at_row == row + 1 else "\n\n")
            row, column = at_row, 0
        out.append("\t" * min(at_column - column, _MAX_PADDING))
        column = at_column
        out.append(text.translate(_BREAKS))
    return "".join(out)
