"""Cells of a worksheet: read from markup, shown as text, written back as text where they were cut.

In: the tokens of ``sheetData``. Out: :class:`Cell` objects row by row, and :func:`finish`, which carries out what was
cut from them (ECMA-376-1 §18.3.1.4, §18.3.1.40):

- a shared string is edited where it is kept if all its cells were cut alike or a whole number stood in it, else the
  cell gets a text of its own, so that the same three digits in another cell stay;
- a number becomes an inline text, its style stays;
- a formula whose result was cut, or that was cut outside of its strings, becomes a constant of what is left of the
  result. It stays a formula, so the calculation chain stays true; cells that share it (§18.3.1.40) follow.

A cell is only ever written as a whole, so cuts that meet in it (its value, its formula) cannot contradict each other.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pansentry.edits import Edit, apply, merge
from pansentry.formats import markup
from pansentry.formats.markup import Kind, Markup, Token
from pansentry.formats.sheet_strings import Collector, Item, plain
from pansentry.formats.woven import Woven

MAX_COLUMNS = 16384
_WHOLE_NUMBER = 8  # digits from which on a string is somebody's number wherever it stands
_COPIED = frozenset({"r", "s"})
_PLAIN = re.compile(
    r'<c(?: r="([A-Z]{1,3})[0-9]{1,7}")?(?: s="([0-9]{1,7})")?(?: t="([a-z]{1,9})")?(?:/>|>(?:<v>([^<&_]*)</v>)?</c>)'
)
_QUOTE = re.compile(r"\"|&quot;|&#34;|&#x22;")


@dataclass(slots=True)
class Formula:
    """``text[start:end]`` is the element, of which ``start:opened`` is the start tag; ``pieces`` are its text."""

    start: int
    end: int
    opened: int
    kind: str
    group: str
    pieces: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Cell:
    """One cell; a sink for edits of ``shown``. ``text[start:end]`` is the element ``c``."""

    start: int
    end: int
    column: int
    kind: str
    style: int
    hidden: bool = False
    value: list[tuple[int, int]] | None = None
    item: Item | None = None
    formula: Formula | None = None
    shared: int = -1
    shown: str = field(default="", repr=False)
    edits: list[Edit[str]] = field(default_factory=list)
    formula_edits: list[Edit[str]] = field(default_factory=list)

    def write(self, start: int, end: int, new: str) -> None:
        """Take an edit of ``shown``."""
        self.edits.append(Edit(start, end, new))


class FormulaSink:
    """A sink for edits of the raw text of a cell's formula."""

    __slots__ = ("_cell",)

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def write(self, start: int, end: int, new: str) -> None:
        """Take an edit."""
        self._cell.formula_edits.append(Edit(start, end, new))


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row; ``gap`` says that rows above are missing."""

    cells: list[Cell]
    gap: bool
    hidden: bool


class RowReader:
    """Reads rows from the tokens of ``sheetData``."""

    def __init__(self, part: Markup) -> None:
        self._text = part.text
        self._cells: list[Cell] = []
        self._cell: Cell | None = None
        self._collector: Collector | None = None
        self._within = ""
        self._row = 0
        self._gap = False
        self._hidden = False
        self._in_row = False

    def take(self, position: int) -> int:
        """Take plain cells (a number, an index, nothing) from ``position`` on; return where another token stands."""
        if not self._in_row or self._cell is not None:
            return position
        cells, text = self._cells, self._text
        while match := _PLAIN.match(text, position):
            letters, style, kind, value = match.groups()
            column = _column(letters, 0) if letters else cells[-1].column + 1 if cells else 0
            cell = Cell(position, match.end(), column, kind or "n", int(style) if style else 0)
            if value is not None:
                cell.value = [match.span(4)]
            cells.append(cell)
            position = match.end()
        return position

    def step(self, token: Token) -> Row | None:
        """Take a token; return a row when it is complete."""
        if token.kind is Kind.START:
            self._start(token)
        elif token.kind is Kind.END:
            return self._end(token)
        elif self._collector is not None:
            self._collector.step(token)
        elif self._cell is not None and self._within == "v":
            self._cell.value = [*(self._cell.value or ()), (token.start, token.end)]
        elif self._cell is not None and self._within == "f" and self._cell.formula is not None:
            self._cell.formula.pieces.append((token.start, token.end))
        return None

    def _start(self, token: Token) -> None:
        name, text = token.name, self._text
        if self._collector is not None:
            self._collector.step(token)
        elif name == "c":
            self._open_cell(token)
        elif name == "row":
            values = {a.name: text[a.start : a.end] for a in markup.attributes(text, token)}
            stated = values.get("r", "")
            number = int(stated) if stated.isdecimal() and len(stated) < 10 else self._row + 1
            self._gap = number > self._row + 1
            self._row = number
            self._in_row = not token.empty
            self._hidden = values.get("hidden", "0") not in ("0", "false")
        elif self._cell is not None:
            if name == "is":
                self._collector = Collector(token.end)
            elif name == "f":
                values = {a.name: text[a.start : a.end] for a in markup.attributes(text, token)}
                kind, group = values.get("t", ""), values.get("si", "")
                self._cell.formula = Formula(token.start, token.end, token.end, kind, group)
            self._within = name

    def _open_cell(self, token: Token) -> None:
        column, kind, style = len(self._cells), "n", 0
        if self._cells:
            column = self._cells[-1].column + 1
        text = self._text
        for found in markup.attributes(text, token):
            value = text[found.start : found.end]
            if found.name == "r":
                column = _column(value, column)
            elif found.name == "t":
                kind = value
            elif found.name == "s" and value.isdecimal() and len(value) < 8:
                style = int(value)
        self._cell = Cell(token.start, token.end, column, kind, style)

    def _end(self, token: Token) -> Row | None:
        name, cell = token.name, self._cell
        if name == "is" and self._collector is not None and cell is not None:
            self._collector.item.end = token.start
            cell.item = self._collector.item
            self._collector = None
        elif self._collector is not None:
            self._collector.step(token)
        elif name == "f" and cell is not None and cell.formula is not None:
            cell.formula.end = token.end
        elif name == "c" and cell is not None:
            cell.end = max(token.end, cell.end)
            self._cells.append(cell)
            self._cell = None
        elif name == "row":
            row = Row(self._cells, self._gap, self._hidden)
            self._cells = []
            self._in_row = False
            return row
        self._within = ""
        return None


@functools.lru_cache(maxsize=4096)
def _column(reference: str, default: int) -> int:
    """Return the number of the column that a reference such as ``AB12`` names, from 0."""
    number = 0
    for character in reference[:4].upper():
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return number - 1 if 0 < number <= MAX_COLUMNS else default


def formula_text(part: Markup, cell: Cell) -> str:
    """Return the raw text of a cell's formula."""
    return _joined(part, cell.formula.pieces) if cell.formula else ""


def _joined(part: Markup, pieces: Iterable[tuple[int, int]]) -> str:
    return "".join(part.text[start:end] for start, end in pieces)


def finish(part: Markup, cells: Iterable[Cell], strings: Strings) -> None:
    """Carry out what was cut from the cells of one sheet."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    cut: list[Cell] = []
    for cell in cells:
        if cell.formula is not None and cell.formula.kind == "shared":
            groups[cell.formula.group].append(cell)
        if cell.edits or cell.formula_edits:
            cut.append(cell)
    written = set(map(id, cut))
    for cell in cut:
        _finish(part, cell, strings)
        if cell.formula is not None and cell.formula.kind == "shared" and formula_text(part, cell):
            for other in groups[cell.formula.group]:
                if id(other) not in written:
                    written.add(id(other))
                    _constant(part, other, other.shown)


def _finish(part: Markup, cell: Cell, strings: Strings) -> None:
    new = apply(cell.shown, merge(cell.edits))
    if cell.formula is not None:
        masked = markup.decode(apply(formula_text(part, cell), merge(cell.formula_edits)))
        if cell.edits or not _in_strings(part, cell):
            _constant(part, cell, new if cell.value is not None or not cell.formula_edits else masked)
        else:
            _replace_formula(part, cell, masked)
    elif cell.kind == "s":
        if not strings.keeps(cell):
            part.write_raw(cell.start, cell.end, _text_cell(part, cell, new))
    elif cell.item is not None:
        woven = Woven()
        cell.item.weave(part, woven)
        woven.lower(merge(cell.edits))
    else:
        part.write_raw(cell.start, cell.end, _text_cell(part, cell, new))


def _text_cell(part: Markup, cell: Cell, text: str) -> str:
    """Return a cell that holds ``text`` itself, with the reference and the style of the old one."""
    head = part.text[cell.start : part.text.find(">", cell.start)]
    prefix = head[1 : -len(head.partition(":")[2]) - 1] + ":" if ":" in head.split()[0] else ""
    kept = _kept_attributes(part, cell)
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    inside = f"<{prefix}is><{prefix}t{space}>{markup.escape(text)}</{prefix}t></{prefix}is>"
    return f'<{prefix}c{kept} t="inlineStr">{inside}</{prefix}c>'


def _kept_attributes(part: Markup, cell: Cell) -> str:
    token = next(markup.tokens(part.text[cell.start : cell.end]))
    text = part.text[cell.start : cell.end]
    kept = [text[slice(*a.whole)] for a in markup.attributes(text, token) if a.name in _COPIED]
    return "".join(f" {attribute}" for attribute in kept)


def _constant(part: Markup, cell: Cell, text: str) -> None:
    """Turn a formula into a constant formula of its result (see the module)."""
    formula = cell.formula
    assert formula is not None
    changed = bool(cell.edits)
    old = part.text[cell.start : cell.end]
    token = next(markup.tokens(old))
    name = old[1 : token.end].split()[0].rstrip("/>")
    prefix = name[: -len(token.name)] if name.endswith(token.name) else ""
    is_number = not changed and cell.kind in ("n", "b", "e") and cell.value is not None
    stored = _joined(part, cell.value) if cell.value is not None else ""
    constant = stored if is_number else '"' + text.replace('"', '""') + '"'
    kind = "" if cell.kind == "n" and is_number else f' t="{cell.kind if is_number else "str"}"'
    result = stored if is_number else markup.escape(text)
    head = ""
    if formula.kind == "array":
        opening = part.text[formula.start : formula.opened].rstrip("/>")
        head = opening.partition(" ")[2]
    head = f" {head}" if head else ""
    inside = f"<{prefix}f{head}>{markup.escape(constant)}</{prefix}f><{prefix}v>{result}</{prefix}v>"
    part.write_raw(cell.start, cell.end, f"<{prefix}c{_kept_attributes(part, cell)}{kind}>{inside}</{prefix}c>")


def _in_strings(part: Markup, cell: Cell) -> bool:
    """Tell whether all that is cut from a formula stands in its strings, so that it can stay a formula."""
    raw = formula_text(part, cell)
    return len(cell.formula.pieces if cell.formula else ()) == 1 and all(
        len(_QUOTE.findall(raw, 0, edit.start)) % 2 and not _QUOTE.search(raw, edit.start, edit.end)
        for edit in cell.formula_edits
    )


def _replace_formula(part: Markup, cell: Cell, new: str) -> None:
    assert cell.formula is not None
    part.write(*cell.formula.pieces[0], new)


class Strings:
    """The shared strings of a workbook and how often each is used and was cut."""

    def __init__(self, part: Markup | None, items: list[Item]) -> None:
        self.part = part
        self.items = items
        self.uses: Counter[int] = Counter()
        self._cuts: dict[int, list[tuple[Edit[str], ...]]] = defaultdict(list)
        self._in_place: set[int] = set()

    def text(self, index: int) -> str:
        """Return what a cell with this index shows; nothing for one that does not exist."""
        return self.items[index].text(self.part) if self.part is not None and 0 <= index < len(self.items) else ""

    def cut(self, cell: Cell) -> None:
        """Take note of a cut cell."""
        self._cuts[cell.shared].append(merge(cell.edits))

    def settle(self) -> None:
        """Decide which strings are edited where they are, and do it."""
        assert self.part is not None or not self._cuts
        for index, cuts in self._cuts.items():
            text = self.text(index)
            alike = len(cuts) >= self.uses[index] and len(set(cuts)) == 1
            digits = max((sum(c.isdigit() for c in text[e.start : e.end]) for e in cuts[0]), default=0)
            removed = sum(c.isdigit() for cut in cuts for e in cut for c in text[e.start : e.end])
            if self.part is not None and (alike or max(digits, removed // len(cuts)) >= _WHOLE_NUMBER):
                woven = Woven()
                self.items[index].weave(self.part, woven)
                for edits in dict.fromkeys(cuts):
                    woven.lower(edits)
                self._in_place.add(index)

    def keeps(self, cell: Cell) -> bool:
        """Tell whether the string of a cut cell is edited where it is kept."""
        return cell.shared in self._in_place


def show(cell: Cell, part: Markup, strings: Strings, number: Callable[[str, int], str]) -> str:
    """Set and return what a cell shows; ``number`` formats a stored number by the index of its style."""
    if cell.item is not None:
        text = cell.item.text(part)
    elif cell.value is None:
        return ""
    else:
        stored = _joined(part, cell.value)
        if cell.kind == "s":
            cell.shared = int(stored) if stored.strip().isdecimal() and len(stored) < 12 else -1
            text = strings.text(cell.shared)
        elif cell.kind == "n":
            text = number(stored, cell.style)
        else:
            text = plain(stored)
    cell.shown = text
    return text


def rows(part: Markup, other: Callable[[Token], None]) -> Iterator[Row]:
    """Yield the rows of a worksheet; tokens outside of ``sheetData`` go to ``other``."""
    reader = RowReader(part)
    inside = False
    for token in markup.tokens(part.text, take=reader.take):
        if token.name == "sheetData":
            inside = token.kind is Kind.START and not token.empty
            other(token)
        elif inside:
            row = reader.step(token)
            if row is not None:
                yield row
        else:
            other(token)
