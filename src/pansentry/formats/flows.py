"""Text that flows through markup: paragraphs, tables, boxes, tracked changes, alternatives, as their readers show it.

In: a part (:class:`~pansentry.formats.markup.Markup`) and a :class:`Vocabulary`. Out: :func:`flows`, the segments of
each flow (the main text, text boxes, field codes, notes) and what stands beside the text; :func:`readings`, the texts
that one flow shows: changes accepted, rejected or marked, hidden text with and without, either branch of an
alternative. A table's row is a line, its cells are apart by a tab, as the readings of HTML tables have them.

Standards: ECMA-376-1 §17 (WordprocessingML), §19, §21 (DrawingML), ECMA-376-3 §7.6 (alternate content), ODF 1.3 part 3
§5, §6. Elements are known by their local name, whatever prefix or edition of a namespace they come in.
Known gaps: hiding by style sheet in WordprocessingML, layout (shapes side by side, columns of text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntFlag, auto
from typing import Final, NamedTuple

from pansentry.formats import markup, number_formats
from pansentry.formats.markup import Kind, Markup, Token
from pansentry.formats.woven import Decode, Sink, Woven

MAIN: Final = "main"
_MAX_SPACES: Final = 40
_MAX_SPAN: Final = 64
_MAX_TABS: Final = 256


class Flag(IntFlag):
    """Why a reader may not see a segment."""

    DELETED = 1
    INSERTED = 2
    HIDDEN = 4
    CHOICE = 8
    FALLBACK = 16


class Op(Enum):
    """What a segment is."""

    TEXT = auto()
    LITERAL = auto()  # CDATA: no references in it
    CODE = auto()  # a character by its hexadecimal code
    NUMBER = auto()
    MADE = auto()
    PARAGRAPH = auto()
    GAP = auto()  # a paragraph inside a cell
    ROW = auto()
    CELL = auto()


class Segment(NamedTuple):
    """``text[start:end]`` of the part, or ``made``; ``columns`` is how many a cell spans."""

    op: Op
    flags: Flag
    start: int = 0
    end: int = 0
    made: str = ""
    columns: int = 1


class Aside(NamedTuple):
    """Text that no flow shows: an attribute's value (``is_attribute``) or text of an element, under a name."""

    name: str
    start: int
    end: int
    is_attribute: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the elements of a language mean, by local name."""

    text: frozenset[str]
    inherits: bool = False
    """Character data counts in all descendants of ``text`` elements, ``apart`` excepted."""
    apart: frozenset[str] = frozenset()
    made: Mapping[str, str] = field(default_factory=dict)
    paragraphs: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    flows: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, Flag] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    """Elements whose text is a number unless what is around them says otherwise; a cut makes it 0."""


@dataclass(slots=True)
class Flows:
    """The segments of each flow, in the order in which they were met, and what stands beside."""

    by_name: dict[str, list[Segment]] = field(default_factory=dict)
    asides: list[Aside | None] = field(default_factory=list)
    """None is the border of an element."""


class _Open(NamedTuple):
    name: str
    flow: str
    flags: Flag
    is_text: bool
    in_cell: bool


OFFICE: Final = Vocabulary(
    text=frozenset({"t", "delText", "instrText", "delInstrText", "text"}),
    made={"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    paragraphs=frozenset({"p", "comment", "threadedComment", "cm", "pt", "si"}),
    rows=frozenset({"tr"}),
    cells=frozenset({"tc"}),
    tables=frozenset({"tbl"}),
    flows={"txbxContent": "boxes", "instrText": "codes", "delInstrText": "codes", "rt": "ruby", "rPh": "ruby"},
    flags={
        "del": Flag.DELETED,
        "moveFrom": Flag.DELETED,
        "ins": Flag.INSERTED,
        "moveTo": Flag.INSERTED,
        "Choice": Flag.CHOICE,
        "Fallback": Flag.FALLBACK,
    },
)
OPEN: Final = Vocabulary(
    text=frozenset({"p", "h"}),
    inherits=True,
    apart=frozenset(
        {"annotation", "note", "text-box", "desc", "title", "tracked-changes", "ruby-text", "note-citation", "creator"}
        | {"date", "creator-initials", "date-string"}
    ),
    made={"tab": "\t", "line-break": "\n", "soft-hyphen": ""},
    paragraphs=frozenset({"p", "h"}),
    rows=frozenset({"table-row"}),
    cells=frozenset({"table-cell", "covered-table-cell"}),
    tables=frozenset({"table"}),
    flows={
        "annotation": "annotations",
        "note": "notes",
        "text-box": "boxes",
        "tracked-changes": "deletions",
        "ruby-text": "ruby",
        "notes": "speaker notes",
    },
)
_RUNNING: Final = frozenset({"instrText", "delInstrText"})  # flows that go on from one element to the next
_STYLED: Final = frozenset({"span", "p", "h", "a"})
_UNTEXTED: Final = frozenset({"tabs", "tabLst"})  # where `tab` defines a tab stop
_SKIPPED: Final = ("rsid", "paraId", "textId", "xmlns", "fmtid", "pid")
_PAIRS: Final = frozenset({"docVar", "tag", "config-item", "variable-set", "user-field-decl", "property"})
_TYPES: Final = frozenset(  # elements that only say what type a value has (ECMA-376-1 §22.4)
    {"lpwstr", "lpstr", "bstr", "i1", "i2", "i4", "i8", "int", "ui4", "ui8", "r4", "r8", "decimal", "filetime", "date"}
)
_TEXTY: Final = frozenset(
    {"descr", "title", "alt", "string", "tooltip", "screenTip", "prompt", "promptTitle", "error", "errorTitle", "text"}
    | {
        "displayText",
        "display",
        "helpText",
        "statusText",
        "caption",
        "instr",
        "string-value",
        "value-string",
        "formula",
    }
    | {"conditional-text", "current-value", "label", "placeholder", "content", "description", "keywords", "subject"}
)
_DIGITS: Final = re.compile(r"\d")
_SOME_DIGITS: Final = 8
_NAMES: Final = frozenset({"name", "key", "id", "tag", "alias", "label"})
_OFF: Final = frozenset({"0", "false", "off"})
_TINY: Final = 4  # half points
_SYMBOL_FONT: Final = 0xF000


def flows(part: Markup, vocabulary: Vocabulary, *, all_asides: bool = False) -> Flows:
    """Read a part. ``all_asides`` takes every attribute and all stray text, for languages that nobody knows."""
    walker = Walker(part.text, vocabulary, all_asides=all_asides)
    for token in markup.tokens(part.text):
        walker.step(token)
    for start, end in markup.comments(part.text):
        walker.result.asides += [Aside("", start, end, False), None]
    return walker.result


class Walker:
    """One pass over the tokens with the stack of open elements."""

    def __init__(self, text: str, vocabulary: Vocabulary, *, all_asides: bool = False) -> None:
        self.result = Flows()
        self._text = text
        self._words = vocabulary
        self._all = all_asides
        self._stack = [_Open("", MAIN, Flag(0), False, False)]
        self._inserted: set[str] = set()  # ODF: identifiers of insertions, and those open now
        self._open_insertions: set[str] = set()
        self._region = ""
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._cell_is_number = False

    def step(self, token: Token) -> None:
        if token.kind is Kind.START:
            self._start(token)
        elif token.kind is Kind.END:
            self._end()
        else:
            self._characters(token)

    def _emit(self, flow: str, segment: Segment) -> None:
        self.result.by_name.setdefault(flow, []).append(segment)

    def _characters(self, token: Token) -> None:
        top = self._stack[-1]
        if top.is_text:
            op = Op.TEXT if token.kind is Kind.TEXT else Op.LITERAL
            if top.name in self._words.numbers and self._is_number():
                op = Op.NUMBER
            flags = top.flags | (Flag.INSERTED if self._open_insertions else Flag(0))
            self._emit(top.flow, Segment(op, flags, token.start, token.end))
        elif not self._text[token.start : token.end].isspace() and (
            self._all or _DIGITS.search(self._text, token.start, token.end)
        ):
            asides = self.result.asides
            if top.name in _TYPES and asides and asides[-1] is None:
                asides.pop()
            label = top.name if self._all and top.name not in _TYPES else ""
            asides += [Aside(label, token.start, token.end, False), None]

    def _is_number(self) -> bool:
        """Say whether a value is a number: in a numeric cache (§21.2.2.121), or a cell of no other type (§18.14.1)."""
        around = [element.name for element in self._stack[-3:-1]]
        return "numCache" in around or "numLit" in around or (around[-1:] == ["cell"] and self._cell_is_number)

    def _start(self, token: Token) -> None:
        words, name = self._words, token.name
        above = self._stack[-1]
        flow = words.flows.get(name, above.flow)
        flags = above.flags | words.flags.get(name, Flag(0))
        in_cell = above.in_cell
        if flow != above.flow and name not in _RUNNING:
            in_cell = False
            self._emit(flow, Segment(Op.PARAGRAPH, flags))
        if name in words.paragraphs:
            self._emit(flow, Segment(Op.GAP if in_cell else Op.PARAGRAPH, flags))
        elif name in words.rows:
            self._emit(flow, Segment(Op.ROW, flags))
        elif name in words.cells:
            in_cell = True
            self._emit(flow, Segment(Op.CELL, flags, columns=self._repeated(token)))
        elif name in words.tables:
            self._emit(flow, Segment(Op.PARAGRAPH, flags))
            in_cell = False
        elif name in words.made and above.name not in _UNTEXTED:
            self._emit(flow, Segment(Op.MADE, flags, made=words.made[name]))
        is_text = name in words.text or (words.inherits and above.is_text and name not in words.apart)
        if words.inherits:
            flags = self._open_document(token, flags, above)
        else:
            self._office(token, flags)
        self._stack.append(_Open(name, flow, flags, is_text, in_cell))
        self._attributes(token)

    def _end(self) -> None:
        if len(self._stack) > 1:
            ended = self._stack.pop()
            if ended.name in self._words.tables:
                self._emit(ended.flow, Segment(Op.PARAGRAPH, ended.flags))

    def _repeated(self, token: Token) -> int:
        value = markup.attribute(self._text, token, "number-columns-repeated") if self._words.inherits else None
        return min(int(value), _MAX_SPAN) if value and value.isdecimal() and len(value) < 8 else 1

    def _office(self, token: Token, flags: Flag) -> None:
        """Read symbols, spans and what hides a run (ECMA-376-1 §17.3.2)."""
        name, text = token.name, self._text
        above = self._stack[-1]
        if name == "sym":
            for found in markup.attributes(text, token):
                if found.name.rpartition(":")[2] == "char":
                    self._emit(above.flow, Segment(Op.CODE, flags, found.start, found.end))
        elif name == "cell":
            self._cell_is_number = (markup.attribute(text, token, "t") or "n") == "n"
        elif name == "fldChar":
            self._emit("codes", Segment(Op.PARAGRAPH, flags))
        elif name == "gridSpan" and above.name == "tcPr":
            span = markup.attribute(text, token, "val") or ""
            if span.isdecimal() and len(span) < 4:
                self._emit(above.flow, Segment(Op.CELL, flags, columns=min(int(span), _MAX_SPAN), made="span"))
        elif above.name == "rPr" and len(self._stack) > 1 and self._stack[-2].name == "r":
            value = (markup.attribute(text, token, "val") or "").lower()
            hides = (
                (name in ("vanish", "webHidden") and value not in _OFF)
                or (name == "color" and value in ("ffffff", "white"))
                or (name == "sz" and value.isdecimal() and len(value) < 4 and int(value) <= _TINY)
            )
            if hides:
                self._stack[-2] = self._stack[-2]._replace(flags=self._stack[-2].flags | Flag.HIDDEN)

    def _open_document(self, token: Token, flags: Flag, above: _Open) -> Flag:
        """Read spaces, changes and hiding styles (ODF 1.3 part 3 §5.5, §6.1.3, §20.357)."""
        name, text = token.name, self._text

        def value(attribute: str) -> str:
            return markup.attribute(text, token, attribute) or ""

        if name == "s" and above.is_text:
            count = value("c")
            spaces = min(int(count), _MAX_SPACES) if count.isdecimal() and len(count) < 6 else 1
            self._emit(above.flow, Segment(Op.MADE, flags, made=" " * spaces))
        elif name == "changed-region":
            self._region = value("id")
        elif name == "insertion":
            self._inserted.add(self._region)
        elif name == "change-start" and value("change-id") in self._inserted:
            self._open_insertions.add(value("change-id"))
        elif name == "change-end":
            self._open_insertions.discard(value("change-id"))
        elif name == "style":
            self._style = value("name")
        elif name == "text-properties" and value("display") == "none":
            self._hidden_styles.add(self._style)
        elif self._hidden_styles and name in _STYLED and value("style-name") in self._hidden_styles:
            return flags | Flag.HIDDEN
        return flags

    def _attributes(self, token: Token) -> None:
        start, end = token.attributes
        text = self._text
        if start == end or not (self._all or _DIGITS.search(text, start, end)):
            return
        found = [a for a in markup.attributes(text, token) if self._tells(a, token.name)]
        if found:
            for attribute in found:
                name = attribute.name.rpartition(":")[2]
                label = name if self._all and name not in _NAMES else ""
                self.result.asides.append(Aside(label, attribute.start, attribute.end, True))
            self.result.asides.append(None)

    def _tells(self, attribute: markup.Attribute, element: str) -> bool:
        size = attribute.end - attribute.start
        local = attribute.name.rpartition(":")[2]
        if not size or attribute.name.startswith(_SKIPPED) or local.startswith(_SKIPPED):
            return False
        if self._all or local in _TEXTY or element in _PAIRS:
            return True
        return size >= _SOME_DIGITS and len(_DIGITS.findall(self._text, attribute.start, attribute.end)) >= _SOME_DIGITS


_READINGS: Final = (  # what each reading leaves out, the plainest first
    Flag.DELETED | Flag.HIDDEN | Flag.FALLBACK,
    Flag.DELETED | Flag.HIDDEN | Flag.CHOICE,
    Flag.INSERTED | Flag.HIDDEN | Flag.FALLBACK,
    Flag.HIDDEN | Flag.FALLBACK,
    Flag.DELETED | Flag.FALLBACK,
    Flag.CHOICE,
    Flag(0),
)


def readings(
    part: Markup,
    segments: list[Segment],
    escapes: re.Pattern[str] = markup.REFERENCE,
    meaning: Decode = markup.character,
) -> Iterator[Woven]:
    """Yield the texts that a flow shows, none if it has no text. ``escapes`` mean one character.

    Two of them can be equal and still stand in different places (the branches of an alternative).
    """
    present = Flag(0)
    for segment in segments:
        present |= segment.flags
    for left_out in dict.fromkeys(skipped & present for skipped in _READINGS):
        woven = _weave(part, segments, left_out, escapes, meaning)
        if woven.length:
            yield woven


def _weave(part: Markup, segments: list[Segment], left_out: Flag, escapes: re.Pattern[str], meaning: Decode) -> Woven:
    woven = Woven()
    text = part.text
    newlines = tabs = spanned = 0
    gap, fresh = False, True
    for op, flags, start, end, made, columns in segments:
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
            if op is Op.TEXT:
                woven.decoded(text[start:end], part, start, escapes, meaning)
            elif op is Op.LITERAL:
                woven.keep(text[start:end], part, start)
            elif op is Op.MADE:
                woven.make_up(made)
            elif op is Op.NUMBER:
                woven.keep(number_formats.shown(text[start:end]), _Number(part, start, end), 0)
            elif symbol := _symbol(text[start:end]):
                woven.put(symbol, _Hexadecimal(part), start, end)
    return woven


def _symbol(code: str) -> str:
    """Return the character of a symbol; fonts of symbols have ASCII at U+F000 (ECMA-376-1 §17.3.3.30)."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    number -= _SYMBOL_FONT if _SYMBOL_FONT <= number < _SYMBOL_FONT + 0x100 else 0
    return chr(number) if 0x20 <= number < 0xD800 else ""


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


_ASIDE_ESCAPES: Final = re.compile(markup.REFERENCE.pattern + r"|%(3[0-9]|20|2[dD])|_x(00[23][0-9A-Fa-f])_")
_BORDER: Final = "\n;\n"  # nothing that a number is written across


def _aside_character(match: re.Match[str]) -> str:
    code = match[4] or match[5]
    return chr(int(code, 16)) if code else markup.character(match)


def beside(part: Markup, asides: list[Aside | None], *, labelled: bool = False) -> Woven:
    """Return what stands beside the text, element by element, names of attributes and elements as labels if wished."""
    woven = Woven()
    border = "\n" if labelled else _BORDER
    for aside in asides:
        if aside is None:
            if woven.end not in ("", "\n"):
                woven.make_up(border)
            continue
        if woven.end not in ("", "\n"):
            woven.make_up(" ")
        if labelled and aside.name:
            woven.make_up(f"{aside.name}: ")
        aside_text(woven, part.text[aside.start : aside.end], part, aside.start)
    return woven


def aside_text(woven: Woven, raw: str, sink: Sink, start: int) -> None:
    """Add an attribute's value with references, percent escapes of digits and escapes of ST_Xstring decoded."""
    woven.decoded(raw, sink, start, _ASIDE_ESCAPES, _aside_character)
