"""The walk over the tokens of a part: which text flows where, what stands beside, what a reader may not see.

In: a part and a :class:`~pansentry.formats.vocabulary.Vocabulary`. Out: :class:`~pansentry.formats.vocabulary.Flows`.
One pass with the stack of open elements; linear, however deep it nests. Attributes are taken if they are texts by
their name, or hold as many digits as somebody's number; in languages that nobody knows all of them are.
Standards: ECMA-376-1 §17.3.2 (what hides a run), ODF 1.3 part 3 §5.5 (changes), §19.385 ff. (values of cells).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pansentry.formats import markup, number_formats
from pansentry.formats.markup import Kind, Markup, Token
from pansentry.formats.vocabulary import CODES, EXPRESSIONS, MAIN, VALUES, Aside, Flag, Flows, Op, Segment, Vocabulary
from pansentry.formats.woven import POP, RIGHT_TO_LEFT

_MAX_SPACES: Final = 40
_MAX_SPAN: Final = 64
_MAX_COPIES: Final = 20_000  # segments, of all repeated cells of a part
_LONG: Final = 12  # digits of the shortest card number
_RUNNING: Final = frozenset({"instrText", "delInstrText"})  # flows that go on from one element to the next
_STYLED: Final = frozenset({"span", "p", "h", "a"})
_UNTEXTED: Final = frozenset({"tabs", "tabLst"})  # where `tab` defines a tab stop
_SKIPPED: Final = ("rsid", "paraId", "textId", "xmlns", "fmtid", "pid", "value-type")
_PAIRS: Final = frozenset({"docVar", "tag", "config-item", "variable-set", "user-field-decl", "property"})
_TYPES: Final = frozenset(  # elements that only say what type a value has (ECMA-376-1 §22.4)
    {"lpwstr", "lpstr", "bstr", "i1", "i2", "i4", "i8", "int", "ui4", "ui8", "r4", "r8", "decimal", "filetime", "date"}
    | {"user-defined"}
)
_TEXTY: Final = frozenset(
    {"descr", "title", "alt", "string", "tooltip", "screenTip", "prompt", "promptTitle", "error", "errorTitle", "text"}
    | {"displayText", "display", "helpText", "statusText", "caption", "instr", "string-value", "formula", "label"}
    | {"conditional-text", "current-value", "placeholder", "content", "description", "keywords", "subject"}
)
_DIGITS: Final = re.compile(r"\d")
_SOME_DIGITS: Final = 8
_NAMES: Final = frozenset({"name", "key", "id", "tag", "alias", "label"})
_HIDING: Final = frozenset({"vanish", "webHidden", "strike", "dstrike"})  # what is struck out is not read, either
_LOOKS: Final = _HIDING | {"rStyle", "color", "sz"}
_OFF: Final = frozenset({"0", "false", "off"})
_TINY: Final = 4  # half points


class _Open(NamedTuple):
    name: str
    flow: str
    flags: Flag
    is_text: bool
    in_cell: bool
    cell: int = -1
    at: int = -1
    """Of a cell: which segment of its flow it is."""


def walk(part: Markup, vocabulary: Vocabulary, *, all_asides: bool = False) -> Flows:
    """Read a part. ``all_asides`` takes every attribute and all stray text, for languages that nobody knows."""
    walker = Walker(part.text, vocabulary, all_asides=all_asides)
    for token in markup.tokens(part.text):
        walker.step(token)
    for start, end in markup.comments(part.text):
        walker.result.asides += [Aside("", start, end), None]
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
        self._hidden_styles = set(vocabulary.hidden_styles)
        self._style = ""
        self._deleted: dict[str, list[Segment]] = {}
        self._cell_is_number = False
        self._copies = _MAX_COPIES
        self._fields: list[bool] = []  # the fields that are open, and whether each is in its instruction

    def step(self, token: Token) -> None:
        if token.kind is Kind.START:
            self._start(token)
        elif token.kind is Kind.END:
            self._end()
        else:
            self._characters(token)

    def _emit(self, flow: str, segment: Segment) -> None:
        self.result.by_name.setdefault(flow, []).append(segment)
        if flow == "deletions":
            self._deleted.setdefault(self._region, []).append(segment)

    def _characters(self, token: Token) -> None:
        top = self._stack[-1]
        if top.is_text:
            op = Op.TEXT if token.kind is Kind.TEXT else Op.LITERAL
            if top.name in self._words.numbers and self._is_number():
                op = Op.NUMBER
            flags = top.flags | Flag.INSERTED if self._open_insertions else top.flags
            if top.name not in _RUNNING and any(self._fields):  # a result that is part of another field's instruction
                self._emit(CODES, Segment(op, flags, token.start, token.end))
                flags |= Flag.HIDDEN
            self._emit(top.flow, Segment(op, flags, token.start, token.end, cell=top.cell))
        elif not self._text[token.start : token.end].isspace() and (
            self._all or _DIGITS.search(self._text, token.start, token.end)
        ):
            asides = self.result.asides
            if top.name in _TYPES and asides and asides[-1] is None:
                asides.pop()
            label = top.name if self._all and top.name not in _TYPES else ""
            expression = top.name in EXPRESSIONS
            asides += [Aside(label, token.start, token.end, is_expression=expression), None]

    def _is_number(self) -> bool:
        """Say whether a value is a number: in a numeric cache (§21.2.2.121), or a cell of no other type (§18.14.1)."""
        around = [element.name for element in self._stack[-3:-1]]
        return "numCache" in around or "numLit" in around or (around[-1:] == ["cell"] and self._cell_is_number)

    def _start(self, token: Token) -> None:
        words, name = self._words, token.name
        above = self._stack[-1]
        flow = words.flows.get(name, above.flow)
        if name in _RUNNING and sum(self._fields) > 1:
            flow = f"{CODES} of fields inside fields"
        flags = above.flags | words.flags[name] if name in words.flags else above.flags
        in_cell, cell, at = above.in_cell, above.cell, -1
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
            if words.inherits:
                at = len(self.result.by_name[flow]) - 1
                cell = self._typed(token)
                flags |= self._stored(token, flow, flags, cell)
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
        self._stack.append(_Open(name, flow, flags, is_text, in_cell, cell, at))
        self._attributes(token)

    def _end(self) -> None:
        if len(self._stack) > 1:
            ended = self._stack.pop()
            if ended.name in self._words.tables:
                self._emit(ended.flow, Segment(Op.PARAGRAPH, ended.flags))
            elif ended.at >= 0:
                self._repeat(ended)
            elif ended.name == "bdo":
                self._emit(ended.flow, Segment(Op.MADE, ended.flags, made=POP))

    def _repeat(self, ended: _Open) -> None:
        """Show a cell with text as often as it is repeated (ODF 1.3 part 3 §19.675)."""
        segments = self.result.by_name[ended.flow]
        count = segments[ended.at].columns
        copies = (count - 1) * (len(segments) - ended.at)
        if count > 1 and len(segments) > ended.at + 1 and copies <= self._copies:
            self._copies -= copies
            segments[ended.at] = segments[ended.at]._replace(columns=1)
            segments += segments[ended.at :] * (count - 1)

    def _repeated(self, token: Token) -> int:
        value = markup.attribute(self._text, token, "number-columns-repeated") if self._words.inherits else None
        return min(int(value), _MAX_SPAN) if value and value.isdecimal() and len(value) < 8 else 1

    def _typed(self, token: Token) -> int:
        """Return the index of a cell whose attributes hold a value (ODF 1.3 part 3 §9.1.4), -1 for others."""
        if not any(a.name.rpartition(":")[2] in VALUES for a in markup.attributes(self._text, token)):
            return -1
        self.result.cells.append(token)
        return len(self.result.cells) - 1

    def _stored(self, token: Token, flow: str, flags: Flag, cell: int) -> Flag:
        """Read a long number that a cell holds: what it shows of it may be rounded."""
        for found in markup.attributes(self._text, token) if cell >= 0 else ():
            if found.name.rpartition(":")[2] == "value":
                shown = number_formats.shown(self._text[found.start : found.end])
                if len(_DIGITS.findall(shown)) >= _LONG:
                    self._emit(flow, Segment(Op.NUMBER, flags | Flag.STORED, found.start, found.end, cell=cell))
                    return Flag.SHOWN
        return Flag(0)

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
        elif name == "bdo" and markup.attribute(text, token, "val") == "rtl":
            self._emit(above.flow, Segment(Op.MADE, flags, made=RIGHT_TO_LEFT))
        elif name == "fldChar":
            self._field(markup.attribute(text, token, "fldCharType") or "")
            if len(self._fields) < 2:
                self._emit(CODES, Segment(Op.PARAGRAPH, flags))
        elif name == "gridSpan" and above.name == "tcPr":
            span = markup.attribute(text, token, "val") or ""
            if span.isdecimal() and len(span) < 4:
                self._emit(above.flow, Segment(Op.CELL, flags, columns=min(int(span), _MAX_SPAN), made="span"))
        elif name in _LOOKS and above.name == "rPr" and len(self._stack) > 1 and self._stack[-2].name == "r":
            value = (markup.attribute(text, token, "val") or "").casefold()
            hides = (
                (name in _HIDING and value not in _OFF)
                or (name == "rStyle" and value in self._hidden_styles)
                or (name == "color" and value in ("ffffff", "white"))
                or (name == "sz" and value.isdecimal() and len(value) < 4 and int(value) <= _TINY)
            )
            if hides:
                self._stack[-2] = self._stack[-2]._replace(flags=self._stack[-2].flags | Flag.HIDDEN)

    def _field(self, kind: str) -> None:
        """Follow the fields that are open: each is in its instruction until its result begins (§17.16.18)."""
        if kind == "begin":
            self._fields.append(True)
        elif self._fields and kind == "separate":
            self._fields[-1] = False
        elif self._fields and kind == "end":
            self._fields.pop()

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
        elif name == "change":
            for segment in self._deleted.pop(value("change-id"), ())[1:]:  # the first is the border of the flow
                self._emit(above.flow, segment._replace(flags=segment.flags | Flag.DELETED))
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
                cell = self._stack[-1].cell if name in VALUES else -1
                self.result.asides.append(Aside(label, attribute.start, attribute.end, cell, name in EXPRESSIONS))
            self.result.asides.append(None)

    def _tells(self, attribute: markup.Attribute, element: str) -> bool:
        size = attribute.end - attribute.start
        local = attribute.name.rpartition(":")[2]
        if not size or attribute.name.startswith(_SKIPPED) or local.startswith(_SKIPPED):
            return False
        if self._all or local in _TEXTY or element in _PAIRS:
            return True
        return size >= _SOME_DIGITS and len(_DIGITS.findall(self._text, attribute.start, attribute.end)) >= _SOME_DIGITS
