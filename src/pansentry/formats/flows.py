"""The texts that a part shows: changes accepted, rejected or marked, hidden text with and without, either branch.

In: the segments of a flow (``walker``). Out: :func:`readings`, each a passage with a way back, and :func:`beside`, what
stands beside the text. A table's row is a line, its cells are apart by a tab, as the readings of HTML tables have them.

Known gaps: hiding by style sheet in WordprocessingML, layout (shapes side by side, columns of text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pansentry.formats import markup, number_formats
from pansentry.formats.markup import Markup, Token
from pansentry.formats.vocabulary import CODES, VALUES, Flag, Flows, Op, Segment
from pansentry.formats.woven import Decode, Sink, Woven

_BOXES: Final = ", boxes"
_MAX_TABS: Final = 256
_SYMBOL_FONT: Final = 0xF000
_SURROGATES: Final = 0xD800
ESCAPES: Final = re.compile(markup.REFERENCE.pattern + "|[\uf020-\uf07e]")
"""References, and the keys of symbol fonts, which Word and Excel store as U+F020 and so on (ECMA-376-1 §17.3.3.30)."""
_READINGS: Final = (  # what each reading leaves out, the plainest first
    Flag.DELETED | Flag.HIDDEN | Flag.FALLBACK | Flag.STORED,
    Flag.DELETED | Flag.HIDDEN | Flag.CHOICE | Flag.STORED,
    Flag.INSERTED | Flag.HIDDEN | Flag.FALLBACK | Flag.STORED,
    Flag.HIDDEN | Flag.FALLBACK | Flag.STORED,
    Flag.DELETED | Flag.FALLBACK | Flag.STORED,
    Flag.CHOICE | Flag.STORED,
    Flag.DELETED | Flag.HIDDEN | Flag.SHOWN,
)


def character(match: re.Match[str]) -> str:
    """Return what a match of :data:`ESCAPES` shows."""
    shown = match[0] if len(match[0]) == 1 else markup.character(match)
    return chr(ord(shown) - _SYMBOL_FONT) if "\uf020" <= shown <= "\uf07e" else shown


def readings(
    part: Markup,
    flows: Flows,
    name: str,
    escapes: re.Pattern[str] = ESCAPES,
    meaning: Decode = character,
) -> Iterator[Woven]:
    """Yield the texts that the flow ``name`` shows, none if it has no text. ``escapes`` mean one character.

    Two of them can be equal and still stand in different places (the branches of an alternative).
    """
    present = Flag(0)
    segments = flows.by_name[name]
    for segment in segments:
        present |= segment.flags
    cells = typed_cells(part, flows)
    if name.startswith(CODES) and (quoted := _quoted(part, segments)).length:
        yield quoted
    for left_out in dict.fromkeys(skipped & present for skipped in _READINGS):
        woven = _weave(part, segments, left_out, Spelling(escapes, meaning, name.startswith(CODES)), cells)
        if woven.length:
            yield woven


def in_a_row(texts: Sequence[tuple[Woven, str]], first: int) -> list[tuple[int, ...]]:
    """Return the group of passages of one part that a reader sees together: its main text and its boxes, once each."""
    by_place: dict[str, int] = {}
    for key in range(first, len(texts)):
        by_place.setdefault(texts[key][1], key)
    group = [key for place, key in by_place.items() if place.endswith(_BOXES) or not place.count(",")]
    return [tuple(group)] if any(place.endswith(_BOXES) for place in by_place) and len(group) > 1 else []


class Spelling(NamedTuple):
    """What stands for a character in the text of a part."""

    escapes: re.Pattern[str]
    meaning: Decode
    is_expression: bool


def _weave(
    part: Markup, segments: Sequence[Segment], left_out: Flag, spelling: Spelling, cells: Sequence[TypedCell]
) -> Woven:
    woven = Woven()
    text = part.text
    newlines = tabs = spanned = 0
    gap, fresh = False, True
    for op, flags, start, end, made, columns, cell in segments:
        if flags & left_out and op not in (Op.PARAGRAPH, Op.GAP, Op.ROW, Op.CELL):
            continue
        if op is Op.PARAGRAPH:
            newlines, tabs, fresh = min(newlines + 1, 2), 0, True
        elif op is Op.ROW:
            newlines, tabs, spanned, fresh = max(newlines, 1), 0, 0, True
        elif op is Op.GAP:
            gap = True
        elif op is Op.CELL:
            if made:
                spanned = columns - 1
                continue
            tabs += spanned + 1 - fresh
            spanned, fresh, gap = columns - 1, False, False
        elif op is Op.MADE and (not made or made == "\n"):
            newlines = max(newlines, 1) if made else newlines
        else:
            if woven.length:
                woven.make_up("\n" * newlines or (" " if gap and not tabs else ""))
            woven.make_up("\t" * min(tabs, _MAX_TABS))
            newlines, tabs, gap = 0, 0, False
            sink: Sink = part if cell < 0 else cells[cell]
            if op is Op.TEXT and spelling.is_expression:
                expression(woven, text[start:end], sink, start)
            elif op is Op.TEXT:
                woven.decoded(text[start:end], sink, start, spelling.escapes, spelling.meaning)
            elif op is Op.LITERAL:
                woven.keep(text[start:end], sink, start)
            elif op is Op.MADE:
                woven.make_up(made)
            elif op is Op.NUMBER:
                number: Sink = _Number(part, start, end) if cell < 0 else TypeSink(cells[cell])
                woven.keep(number_formats.shown(text[start:end]), number, 0)
            elif symbol := _symbol(text[start:end]):
                woven.put(symbol, _Hexadecimal(part), start, end)
    return woven


_QUOTED: Final = re.compile(r"\bQUOTE((?>(?:\s++(?:0[xX][0-9A-Fa-f]{2,4}|[0-9]{2,3})(?![0-9A-Za-z]))+))", re.IGNORECASE)
_CODE: Final = re.compile(r"0[xX]([0-9A-Fa-f]+)|([0-9]+)")


def _quoted(part: Markup, segments: Sequence[Segment]) -> Woven:
    """Return the characters that instructions quote by their codes: ``QUOTE 52 0x31`` shows 41."""
    woven = Woven()
    for op, _, start, end, *_ in segments:
        for field in _QUOTED.finditer(part.text, start, end) if op is Op.TEXT else ():
            for code in _CODE.finditer(part.text, *field.span(1)):
                number = int(code[1], 16) if code[1] else int(code[2])
                woven.put(chr(number) if number < _SURROGATES else " ", _Decimal(part), code.start(), code.end())
            woven.make_up("\n")
    return woven


class _Decimal:
    """Writes a character as its code."""

    def __init__(self, part: Markup) -> None:
        self._part = part

    def write(self, start: int, end: int, new: str) -> None:
        self._part.write(start, end, str(ord(new[0])))


def _symbol(code: str) -> str:
    """Return the character of a symbol; fonts of symbols have ASCII at U+F000 (ECMA-376-1 §17.3.3.30)."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    number -= _SYMBOL_FONT if _SYMBOL_FONT <= number < _SYMBOL_FONT + 0x100 else 0
    return chr(number) if 0x20 <= number < _SURROGATES else ""


class _Hexadecimal:
    """Writes a character as its code."""

    def __init__(self, part: Markup) -> None:
        self._part = part

    def write(self, start: int, end: int, new: str) -> None:
        self._part.write(start, end, f"F{ord(new[0]) & 0xFFF:03X}")


class _Number:
    """Writes 0 in place of a number."""

    def __init__(self, part: Markup, start: int, end: int) -> None:
        self._part = part
        self._range = (start, end)

    def write(self, start: int, end: int, new: str) -> None:
        self._part.write(*self._range, "0")


class TypedCell:
    """A cell of OpenDocument whose attributes hold a value or a formula; once it is cut, it is only text."""

    def __init__(self, part: Markup, token: Token) -> None:
        self._part = part
        self._token = token
        self._is_text = False

    def write(self, start: int, end: int, new: str) -> None:
        """Write into what the cell shows."""
        self._part.write(start, end, new)
        self.become_text()

    def become_text(self) -> None:
        """Take out value and formula, and say that the cell is a string (ODF 1.3 part 3 §19.385, §19.387)."""
        if self._is_text:
            return
        self._is_text = True
        for found in markup.attributes(self._part.text, self._token):
            local = found.name.rpartition(":")[2]
            if local == "value-type":
                self._part.write(found.start, found.end, "string")
            elif local in VALUES:
                self._part.write_raw(*found.whole, "")


class TypeSink:
    """A sink for edits of a typed cell's attributes."""

    def __init__(self, cell: TypedCell) -> None:
        self._cell = cell

    def write(self, start: int, end: int, new: str) -> None:
        """Whatever is cut, the attribute goes."""
        self._cell.become_text()


def typed_cells(part: Markup, flows: Flows) -> list[TypedCell]:
    """Return sinks for the typed cells of a part."""
    return [TypedCell(part, token) for token in flows.cells]


_QUOTES: Final = re.compile(
    r"(?>(?:(?:(?:\"|&quot;)\s*+|(?<!\s)\s*+)&amp;\s*+)?)\b(?:UNI)?CHAR\("  # blanks are walked from their first only
    r"\s*+(?P<code>[0-9]{1,5})\s*+\)(?>(?:\s*+&amp;\s*+(?:\"|&quot;))?)"
    r"|(?P<joint>(?:\"|&quot;)\s*+&amp;\s*+(?:\"|&quot;))|\"|&quot;",
    re.IGNORECASE,
)
_ASIDE_ESCAPES: Final = re.compile(
    markup.REFERENCE.pattern + r"|%(3[0-9]|20|2[dD])|_x(00[23][0-9A-Fa-f])_"
    r"|\\(?=[0-9]\\[0-9](?![0-9]))|(?<=\\[0-9])\\(?=[0-9](?![0-9]))"  # of a number format (§18.8.31)
)
_BORDER: Final = "\n;\n"  # nothing that a number is written across


def _aside_character(match: re.Match[str]) -> str:
    if match[0] == "\\":
        return ""
    code = match[4] or match[5]
    return chr(int(code, 16)) if code else markup.character(match)


def beside(part: Markup, flows: Flows, *, labelled: bool = False) -> Woven:
    """Return what stands beside the text, element by element, names of attributes and elements as labels if wished."""
    woven = Woven()
    border = "\n" if labelled else _BORDER
    cells = typed_cells(part, flows)
    for aside in flows.asides:
        if aside is None:
            if woven.end not in ("", "\n"):
                woven.make_up(border)
            continue
        if woven.end not in ("", "\n"):
            woven.make_up(" ")
        if labelled and aside.name:
            woven.make_up(f"{aside.name}: ")
        sink: Sink = part if aside.cell < 0 else TypeSink(cells[aside.cell])
        write = expression if aside.is_expression else aside_text
        write(woven, part.text[aside.start : aside.end], sink, aside.start)
    return woven


def expression(woven: Woven, raw: str, sink: Sink, start: int) -> None:
    """Add an expression: its texts in quotes stand for themselves, those joined by ``&`` are one, as are ``CHAR(52)``.

    The words around them are the language's, not the writer's: "cell" in a condition speaks of no telephone.
    """
    position = 0
    for quote in _QUOTES.finditer(raw):
        aside_text(woven, raw[position : quote.start()], sink, start + position)
        if quote["code"]:
            woven.put(_of_code(int(quote["code"])), sink, start + quote.start(), start + quote.end())
        elif quote["joint"] is None:
            woven.make_up(_BORDER)
        position = quote.end()
    aside_text(woven, raw[position:], sink, start + position)


def _of_code(number: int) -> str:
    return chr(number) if 0x20 <= number < _SURROGATES else " "


def aside_text(woven: Woven, raw: str, sink: Sink, start: int) -> None:
    """Add an attribute's value with references, percent escapes of digits and escapes of ST_Xstring decoded."""
    woven.decoded(raw, sink, start, _ASIDE_ESCAPES, _aside_character)
