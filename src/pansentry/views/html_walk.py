"""The walk over HTML tokens: what is text, where lines break, what is hidden.

In: HTML source and a tokenizer mode. Out: :class:`Walk`, a flat list of segments (text, line break, cell, attribute
that is shown in place, start and end of a bidirectional override), each with how well it is seen. The readings of
``html.py`` are cheap loops over it.

An open-element stack decides what styles reach, simplified from WHATWG HTML §13.2.6 (tree construction): implied end
tags, inline elements that end across blocks, end tags without start. Text that is wrongly thought hidden or seen only
moves between readings: all text is always one of them.
Resists: deep nesting, a million end tags (for an inline end the stack is walked down :data:`MAX_MISNESTING` elements).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from pansentry.views import bidi
from pansentry.views.css import NOTHING, Look, Sheet, declarations, look, of_link
from pansentry.views.html_elements import (
    BLOCK,
    CELLS,
    DIALLED,
    IMPLIED,
    INLINE_ATTRIBUTES,
    NEVER,
    OF_TABLES,
    PLACED,
    PREFORMATTED,
    SILENT,
    SMALL,
    UNSHOWN,
    VOID,
    words,
)
from pansentry.views.html_entities import decode
from pansentry.views.html_tokens import BREAKOUT, FOREIGN, INTEGRATION, Attribute, Kind, Mode, Token, Tokens, tokenize
from pansentry.views.reading import Weaver

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MISNESTING: Final = 64
MAX_LOOKS: Final = 5000
_MANY_DIGITS: Final = 8


class Seen(enum.IntEnum):
    """How well a reader sees a segment."""

    WELL = 0
    FAINTLY = 1
    HIDDEN = 2
    NEVER = 3  # template, iframe fallback …: not part of the page


class Op(enum.IntEnum):
    """What a segment is."""

    TEXT = enum.auto()
    RAW = enum.auto()
    BREAK = enum.auto()
    ROW = enum.auto()
    LINE = enum.auto()
    CELL = enum.auto()
    ATTRIBUTE = enum.auto()
    LINK = enum.auto()
    OVERRIDE = enum.auto()
    GENERATED = enum.auto()


class Segment(NamedTuple):
    """``source[start:end]``; ``mark`` is the control that stands for an override, or generated text of a sheet.

    ``rank`` is where among its neighbours CSS puts it.
    """

    op: Op
    start: int
    end: int
    seen: Seen
    preformatted: bool = False
    mark: str = ""
    rank: float | None = None


class Walk(NamedTuple):
    """The segments of a source, its tokens, and whether anything is hidden, overridden or shown from an attribute.

    ``fostered`` are the segments in the order of the screen where a table holds text outside of its cells: browsers
    show that in front of the table (§13.2.6.1, foster parenting). ``laid_out`` are the segments in the orders that CSS
    may put them in: all reversed, or sorted by rank. Both are empty where that does not happen.
    """

    segments: tuple[Segment, ...]
    tokens: Tokens
    seen: frozenset[Seen]
    overrides: bool
    attributes: bool
    fostered: tuple[Segment, ...] = ()
    laid_out: tuple[tuple[Segment, ...], ...] = ()
    generated: bool = False


class _State(NamedTuple):
    """What an element hands down."""

    never: bool = False
    gone: bool = False
    unseen: bool = False
    shrunk: bool = False
    faint: bool = False
    preformatted: bool = False
    rank: float | None = None

    def under(self, name: str, style: Look) -> _State:
        return _State(
            self.never or name in NEVER,
            self.gone or style.gone,
            self.unseen if style.unseen is None else style.unseen,
            self.shrunk if style.shrunk is None else style.shrunk,
            self.faint if style.faint is None else style.faint,
            name in PREFORMATTED or (self.preformatted if style.preformatted is None else style.preformatted),
            self.rank if style.rank is None else style.rank,
        )

    @property
    def seen(self) -> Seen:
        if self.never:
            return Seen.NEVER
        if self.gone or self.unseen or self.shrunk:
            return Seen.HIDDEN
        return Seen.FAINTLY if self.faint else Seen.WELL


class _Open(NamedTuple):
    """An open element; ``table`` is where in the segments the table began whose cells we are not in."""

    name: str
    style: Look
    state: _State
    table: int | None


def walk(text: str, mode: Mode = Mode.STANDARD) -> Walk:
    """Return the segments of an HTML source."""
    tokens = tokenize(text, mode)
    walker = _Walker(text)
    for token in tokens.items:
        if token.kind is Kind.RAW and token.name == "style":
            walker.sheet.add(text[token.start : token.end])
        elif token.name == "link":
            walker.sheet.add("".join(of_link(text[a.start : a.end]) for a in token.attributes if a.name == "href"))
    for token in tokens.items:
        walker.step(token)
    segments = tuple(walker.segments)
    fostered = tuple(segments[i] for i in sorted(range(len(segments)), key=walker.order.__getitem__))
    return Walk(
        segments,
        tokens,
        frozenset(segment.seen for segment in segments),
        any(segment.op is Op.OVERRIDE for segment in segments),
        any(segment.op in (Op.ATTRIBUTE, Op.LINK) for segment in segments),
        fostered if walker.fosters else (),
        (*_ranked(segments), *((segments[::-1],) if walker.reverses else ())),
        any(segment.op is Op.GENERATED for segment in segments),
    )


def _ranked(segments: tuple[Segment, ...]) -> tuple[tuple[Segment, ...], ...]:
    """Return the segments with every row of ranked ones sorted, if there is any; a line break ends no row."""
    if all(segment.rank is None for segment in segments):
        return ()
    ordered: list[Segment] = []
    row: list[Segment] = []
    for segment in segments:
        if segment.rank is None and segment.op in (Op.TEXT, Op.RAW) and segment.start < segment.end:
            ordered += (*sorted(row, key=_rank), segment)
            row = []
        elif segment.rank is not None:
            row.append(segment)
        elif not row:
            ordered.append(segment)
    return ((*ordered, *sorted(row, key=_rank)),)


def _rank(segment: Segment) -> float:
    return segment.rank or 0


class _Walker:
    """The stack of open elements and the segments so far."""

    def __init__(self, text: str) -> None:
        self.segments: list[Segment] = []
        self.order: list[tuple[int, int]] = []  # where each segment is shown
        self.fosters = False
        self.reverses = False
        self.sheet = Sheet()
        self._text = text
        self._stack: list[_Open] = []
        self._open: dict[str, int] = {}
        self._looks: dict[tuple[object, ...], Look] = {}
        self._rtl = False
        self._siblings: list[dict[str, int]] = [{}]  # how many children each open element has so far, by name

    @property
    def _in_foreign(self) -> bool:
        count = self._open.get
        return any(map(count, FOREIGN)) and not any(map(count, INTEGRATION))

    @property
    def _state(self) -> _State:
        return self._stack[-1].state if self._stack else _ROOT

    def step(self, token: Token) -> None:
        kind, state = token.kind, self._state
        if kind is Kind.START:
            self._start(token)
        elif kind is Kind.END:
            self._end(token)
        elif kind is Kind.RAW:
            if token.name not in SILENT:
                self._emit(Segment(Op.RAW, token.start, token.end, state.seen, state.preformatted, rank=state.rank))
        elif kind is not Kind.COMMENT and not (
            state.rank is not None and self._text[token.start : token.end].isspace()
        ):
            self._emit(Segment(Op.TEXT, token.start, token.end, state.seen, state.preformatted, rank=state.rank))

    def _emit(self, segment: Segment) -> None:
        number = len(self.segments)
        table = self._stack[-1].table if self._stack else None
        if table is None or not self._is_fostered(segment):
            self.order.append((number, 1))
        else:
            self.fosters = True
            self.order.append((table, 0))
        self.segments.append(segment)

    def _is_fostered(self, segment: Segment) -> bool:
        return segment.op in (Op.TEXT, Op.RAW) and not self._text[segment.start : segment.end].isspace()

    def _start(self, token: Token) -> None:
        name = token.name
        if name in BREAKOUT:
            self._break_out(token.start)
        implied = IMPLIED.get(name)
        while implied and self._stack and self._stack[-1].name in implied:
            self._pop(token.start)
        style = self._look(token, self._place(name))
        self._rtl |= style.rtl
        self.reverses |= style.reverse or (self._rtl and name in CELLS)
        state = self._state.under(name, style)
        self._gap(name, token.start, state.seen)
        for start, end, generated in self._generated(token):
            self._emit(Segment(Op.GENERATED, start, end, state.seen, mark=generated, rank=state.rank))
        for attribute in token.attributes:
            if attribute.name in INLINE_ATTRIBUTES and attribute.start < attribute.end:
                self._emit(Segment(Op.ATTRIBUTE, attribute.start, attribute.end, state.seen))
            elif attribute.name == "href" and (target := self._dialled(attribute)):
                self._emit(Segment(Op.LINK, target, attribute.end, state.seen))
        if name in VOID or (token.closed and (self._in_foreign or name in SILENT or name in FOREIGN)):
            return
        self._push(name, style, token.end)

    def _push(self, name: str, style: Look, at: int) -> None:
        state = self._state.under(name, style)
        if style.override:
            mark = bidi.RLO if style.override == "rtl" else bidi.LRO
            self._emit(Segment(Op.OVERRIDE, at, at, state.seen, mark=mark))
        table = self._stack[-1].table if self._stack else None
        if name == "table":
            table = len(self.segments)
        elif name in CELLS or name == "caption":
            table = None
        self._stack.append(_Open(name, style, state, table))
        self._siblings.append({})
        self._open[name] = self._open.get(name, 0) + 1

    def _place(self, name: str) -> tuple[int, int]:
        """Count a child of the innermost element; return its number among all children and among those of its name."""
        if not self.sheet.places:
            return (0, 0)
        counts = self._siblings[-1]
        counts[""] = counts.get("", 0) + 1
        counts[name] = counts.get(name, 0) + 1
        return counts[""], counts[name]

    def _dialled(self, attribute: Attribute) -> int:
        """Return where the number or the address begins in a link to one; 0 for other links and short numbers."""
        value = self._text[attribute.start : attribute.end].lower()
        scheme = next((scheme for scheme in DIALLED if value.startswith(scheme)), "")
        is_long = sum(map(str.isdigit, value)) >= _MANY_DIGITS
        return attribute.start + len(scheme) if scheme and is_long else 0

    def _break_out(self, at: int) -> None:
        """Leave SVG and MathML, as HTML tags do there (§13.2.6.5)."""
        while self._in_foreign:
            self._pop(at)

    def _end(self, token: Token) -> None:
        name = token.name
        if name in ("p", "br"):
            self._break_out(token.start)
        if self._open.get(name):
            if name in BLOCK or name in CELLS or name in NEVER:
                while self._stack[-1].name != name:
                    self._pop(token.start)
                self._pop(token.start)
            else:
                self._end_inline(name, token.start)
        self._gap(name, token.start, self._state.seen, closing=True)

    def _end_inline(self, name: str, at: int) -> None:
        """End an inline element below others: they stay open, without what it handed down (§13.2.6.4.7, any other)."""
        for depth in range(1, min(MAX_MISNESTING, len(self._stack)) + 1):
            if self._stack[-depth].name == name:
                break
        else:
            return
        above = self._stack[len(self._stack) - depth + 1 :]
        for _ in range(depth):
            self._pop(at)
        for element in above:
            self._push(element.name, element.style, at)

    def _pop(self, at: int) -> None:
        element = self._stack.pop()
        self._siblings.pop()
        self._open[element.name] -= 1
        if element.style.override:
            self._emit(Segment(Op.OVERRIDE, at, at, element.state.seen, mark=bidi.PDF))

    def _gap(self, name: str, at: int, seen: Seen, *, closing: bool = False) -> None:
        if name in BLOCK:
            self._emit(Segment(Op.ROW if name in OF_TABLES else Op.BREAK, at, at, seen))
        elif name == "br":
            self._emit(Segment(Op.LINE, at, at, seen))
        elif name in CELLS and not closing:
            self._emit(Segment(Op.CELL, at, at, seen))

    def _look(self, token: Token, place: tuple[int, int]) -> Look:
        """Ask the browser's own sheet, the style sheets, the attributes and the style attribute, in this order."""
        values = {a.name: self._value(a) for a in reversed(token.attributes) if a.name in _STYLING}
        if (
            not values
            and token.name not in UNSHOWN
            and token.name not in SMALL
            and not (self.sheet.rules or self.sheet.places)
        ):
            return NOTHING
        key = (token.name, place, *values.items())
        found = self._looks.get(key)
        if found is None:
            found = look(self._properties(token.name, values, place))
            if len(self._looks) < MAX_LOOKS:
                self._looks[key] = found
        return found

    def _generated(self, token: Token) -> Iterator[tuple[int, int, str]]:
        """Yield what a style sheet puts into the element (CSS 2.2 §12.1): texts, and attributes by their place."""
        if not self.sheet.generated:
            return
        values = {a.name: self._value(a) for a in token.attributes if a.name in ("class", "id")}
        classes, identifier = values.get("class", "").lower().split(), values.get("id", "").lower()
        for text, name in self.sheet.content(token.name, classes, identifier):
            if text:
                yield token.start, token.start, text
            yield from ((a.start, a.end, "") for a in token.attributes if name and a.name == name)

    def _properties(self, name: str, values: dict[str, str], place: tuple[int, int]) -> dict[str, str]:
        properties: dict[str, str] = {"display": "none"} if name in UNSHOWN else {}
        if name in SMALL:
            properties["mso-hide"] = "all"
        classes, identifier = values.get("class", "").lower().split(), values.get("id", "").lower()
        properties |= self.sheet.properties(name, classes, identifier, place)
        if name in PLACED and "x" in values:
            properties["x"] = values["x"]
        if name == "dialog" and "open" in values:
            properties["display"] = "block"
        if "hidden" in values or (name == "input" and values.get("type", "").lower() == "hidden"):
            properties["display"] = "none"
        direction = values.get("dir", "").lower()
        if name == "bdo" and direction in ("rtl", "ltr"):
            properties |= {"unicode-bidi": "bidi-override", "direction": direction}
        elif direction:
            properties.setdefault("direction", direction)
        if "color" in values:
            properties["color"] = values["color"].lower()
        return properties | declarations(values.get("style", ""))

    def _value(self, attribute: Attribute) -> str:
        raw = self._text[attribute.start : attribute.end]
        if "&" not in raw:
            return raw
        weaver = Weaver("value", raw)
        decode(weaver, raw, 0, len(raw))
        return weaver.reading().text


_STYLING: Final = words("class id style hidden dir color type open x")
_ROOT: Final = _State()
