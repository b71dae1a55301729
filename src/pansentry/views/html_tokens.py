"""The HTML tokenizer: one pass, exact offsets, every byte in exactly one token.

In: HTML source. Out: :class:`Tokens`, in order and without gaps. Follows WHATWG HTML §13.2.5 (tokenization) as far as
offsets and what is text depend on it: raw-text elements, title and textarea, plaintext, comments with odd ends
(``--!>``, ``<!-->``), bogus comments (``<?``, ``</ ``, ``<!x``), CDATA in SVG and MathML, attributes of every quoting.

Readers differ where the source is broken, so there are three modes. ``STANDARD`` does what browsers do (an unclosed
tag or comment swallows the rest). ``LENIENT`` does what text readers do (what is not closed is text, a comment ends
at ``-->`` only, CDATA is text, ``<title/>`` is empty, tags in ``<xmp>`` or ``<title>`` are tags). ``CONDITIONAL`` does
what Outlook does (the inside of ``<!--[if mso]>`` is live). ``Tokens.odd`` says that the first two can differ.

Resists: super-linear input. Every search that fails to find an end either ends the run or is remembered.
Known gap: the script-data double-escaped states; we show what a browser hides there, never the other way round.
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple


class Mode(enum.Enum):
    """Whose habits are followed where the source is broken or conditional."""

    STANDARD = enum.auto()
    LENIENT = enum.auto()
    CONDITIONAL = enum.auto()


class Kind(enum.Enum):
    """``TEXT`` and ``ESCAPABLE`` (title, textarea) have references; ``RAW`` has none; the rest is not text."""

    TEXT = enum.auto()
    ESCAPABLE = enum.auto()
    RAW = enum.auto()
    START = enum.auto()
    END = enum.auto()
    COMMENT = enum.auto()


class Attribute(NamedTuple):
    """``text[start:end]`` is the value without its quotes; the name is lower case."""

    name: str
    start: int
    end: int


class Token(NamedTuple):
    """``text[start:end]``; ``name`` is the element a tag names or raw text belongs to, else ``""``."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()
    closed: bool = False  # ``<br/>``


class Tokens(NamedTuple):
    """The tokens of one source; ``odd`` if a lenient reader may see it differently."""

    items: tuple[Token, ...]
    odd: bool


RAW_ELEMENTS: Final = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
ESCAPABLE_ELEMENTS: Final = frozenset({"title", "textarea"})
_RAW_EVERYWHERE: Final = frozenset({"script", "style"})
FOREIGN: Final = frozenset({"svg", "math"})
# HTML inside SVG and MathML (§13.2.6, integration points), and the tags that end SVG and MathML (§13.2.6.5)
INTEGRATION: Final = frozenset({"foreignobject", "desc", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"})
_BREAKOUT_NAMES: Final = (
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
BREAKOUT: Final = frozenset(_BREAKOUT_NAMES.split())
_NAME: Final = re.compile(r"[a-zA-Z][^\t\n\f\r />]*+")
_ATTRIBUTE: Final = re.compile(
    r"[\t\n\f\r /]*+(?:(>)|([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    r"(?>(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"([^\"]*+)\"|'([^']*+)'|(?![\"'])([^\t\n\f\r >]*+)))?))"
)
_ASSIGNED: Final = re.compile(r"[\t\n\f\r ]*+=")
_COMMENT_END: Final = re.compile(r"--!?>")
_CONDITION: Final = re.compile(r"<!--[\t\n\f\r ]*+\[if\b", re.IGNORECASE | re.ASCII)
_RAW_END: Final = {
    name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE | re.ASCII)
    for name in RAW_ELEMENTS | ESCAPABLE_ELEMENTS
}
_MAX_UNCLOSED: Final = 16  # lenient: after so many unclosed tags a tag ends at the next ">", quotes or not


def tokenize(text: str, mode: Mode = Mode.STANDARD) -> Tokens:
    """Return the tokens of ``text``; linear in its length, never fails."""
    return _Tokenizer(text, mode).run()


class _Tokenizer:
    """The state of one pass: where we are, what is known to have no end, how deep in SVG or MathML."""

    __slots__ = ("_foreign", "_integration", "_items", "_mode", "_no_end", "_odd", "_text", "_unclosed")

    def __init__(self, text: str, mode: Mode) -> None:
        self._text = text
        self._mode = mode
        self._items: list[Token] = []
        self._odd = False
        self._foreign = self._integration = 0
        self._unclosed = 0
        self._no_end: set[str] = set()

    def run(self) -> Tokens:
        text, size = self._text, len(self._text)
        shown = position = 0  # text[shown:position] is text that was not emitted yet
        while (markup := text.find("<", position)) >= 0:
            before = len(self._items)
            if shown < markup:
                self._items.append(Token(Kind.TEXT, shown, markup))
            end = self._markup(markup)
            if end is None:
                del self._items[before:]
                position = markup + 1
                continue
            shown = position = end
        if shown < size:
            self._items.append(Token(Kind.TEXT, shown, size))
        return Tokens(tuple(self._items), self._odd)

    def _markup(self, start: int) -> int | None:
        """Emit the markup at ``start`` and return its end; None if ``<`` is text there."""
        text = self._text
        if ">" in self._no_end:
            return None  # nothing that begins here can end
        following = text[start + 1 : start + 2]
        if following.isascii() and following.isalpha():
            return self._start_tag(start)
        if following == "/":
            after = text[start + 2 : start + 3]
            if after.isascii() and after.isalpha():
                return self._end_tag(start)
            return self._until(start, ">", start + 2) if after else None
        if following == "?":
            return self._until(start, ">", start + 2)
        if following != "!":
            return None
        if text.startswith("--", start + 2):
            return self._comment(start)
        if text.startswith("[CDATA[", start + 2):
            self._odd |= not self._foreign or bool(self._integration)
            if (self._foreign and not self._integration) or self._mode is Mode.LENIENT:
                return self._cdata(start)
        return self._until(start, ">", start + 2)

    def _emit(self, kind: Kind, start: int, end: int, name: str = "") -> int:
        self._items.append(Token(kind, start, end, name))
        return end

    def _until(self, start: int, closing: str, search_from: int) -> int | None:
        """Emit a comment that ends with ``closing``; without one it swallows the rest (lenient: ``<`` is text)."""
        found = -1 if closing in self._no_end else self._text.find(closing, search_from)
        if found >= 0:
            return self._emit(Kind.COMMENT, start, found + len(closing))
        self._odd = True
        self._no_end.add(closing)
        return None if self._mode is Mode.LENIENT else self._emit(Kind.COMMENT, start, len(self._text))

    def _comment(self, start: int) -> int | None:
        text, inside = self._text, start + 4
        if self._mode is Mode.LENIENT:
            return self._until(start, "-->", inside)
        if self._mode is Mode.CONDITIONAL and "]>" not in self._no_end and (match := _CONDITION.match(text, start)):
            # ``<!--[if …]>`` alone is the comment; ``<![endif]-->`` then is a bogus comment that ends at its ">"
            if (condition := text.find("]>", match.end())) >= 0:
                return self._emit(Kind.COMMENT, start, condition + 2)
            self._no_end.add("]>")
        for abrupt in (">", "->"):
            if text.startswith(abrupt, inside):
                self._odd = True
                return self._emit(Kind.COMMENT, start, inside + len(abrupt))
        match = None if "-->" in self._no_end else _COMMENT_END.search(text, inside)
        if match is None:
            return self._until(start, "-->", len(text))
        self._odd |= match.end() - match.start() == 4
        return self._emit(Kind.COMMENT, start, match.end())

    def _cdata(self, start: int) -> int | None:
        inside = start + 9
        found = -1 if "]]>" in self._no_end else self._text.find("]]>", inside)
        if found < 0:
            return self._until(start, "]]>", len(self._text))
        self._emit(Kind.COMMENT, start, inside)
        if found > inside:
            self._emit(Kind.RAW, inside, found, "![cdata[")
        return self._emit(Kind.COMMENT, found, found + 3)

    def _end_tag(self, start: int) -> int | None:
        match = _NAME.match(self._text, start + 2)
        assert match
        name = match[0].lower()
        end, _ = self._tag_end(match.end())
        if end is None:
            return self._unclosed_tag(start)
        if self._foreign:
            self._leave_foreign(name)
        return self._emit(Kind.END, start, end, name)

    def _leave_foreign(self, name: str) -> None:
        if name in FOREIGN:
            self._foreign -= 1
            self._integration = self._integration if self._foreign else 0
        elif self._integration:
            self._integration -= name in INTEGRATION
        elif name in ("p", "br"):
            self._foreign = 0

    def _start_tag(self, start: int) -> int | None:
        match = _NAME.match(self._text, start + 1)
        assert match
        name = match[0].lower()
        end, attributes = self._tag_end(match.end())
        if end is None:
            return self._unclosed_tag(start)
        closed = self._text.startswith("/", end - 2)
        self._items.append(Token(Kind.START, start, end, name, attributes, closed))
        if name in FOREIGN and not closed:
            self._foreign += 1
        elif self._foreign and name in INTEGRATION and not closed:
            self._integration += 1
        elif self._foreign and not self._integration and name in BREAKOUT:
            self._foreign = 0
        if self._foreign and not self._integration:
            return end
        if name == "plaintext" and self._mode is not Mode.LENIENT:
            self._odd = True
            return self._emit(Kind.RAW, end, len(self._text), name) if end < len(self._text) else end
        if name not in _RAW_END:
            return end
        self._odd |= closed
        if self._mode is Mode.LENIENT and (closed or name not in _RAW_EVERYWHERE):
            return end
        return self._raw_text(end, name)

    def _raw_text(self, start: int, name: str) -> int:
        close = None if name in self._no_end else _RAW_END[name].search(self._text, start)
        if close is None:
            self._odd = True
            self._no_end.add(name)
            if self._mode is Mode.LENIENT:
                return start
        end = close.start() if close else len(self._text)
        self._odd |= name not in _RAW_EVERYWHERE and self._text.find("<", start, end) >= 0
        kind = Kind.ESCAPABLE if name in ESCAPABLE_ELEMENTS else Kind.RAW
        return self._emit(kind, start, end, name) if end > start else end

    def _tag_end(self, position: int) -> tuple[int | None, tuple[Attribute, ...]]:
        """Return the end of the tag whose name ends at ``position``, None if it has none, and its attributes."""
        text = self._text
        if text.startswith(">", position):
            return position + 1, ()
        if self._unclosed > _MAX_UNCLOSED:
            return (text.find(">", position) + 1 or None), ()
        attributes: list[Attribute] = []
        while match := _ATTRIBUTE.match(text, position):
            position = match.end()
            if match[1]:
                return position, tuple(attributes)
            group = match.lastindex or 2
            if group == 2:
                if _ASSIGNED.match(text, position):
                    return None, ()  # a quote that never ends
                attributes.append(Attribute(match[2].lower(), position, position))
            else:
                attributes.append(Attribute(match[2].lower(), match.start(group), match.end(group)))
        return None, ()

    def _unclosed_tag(self, start: int) -> int | None:
        """A tag without end: browsers drop the rest of the source; lenient readers end it at the next ``>``."""
        self._odd = True
        self._unclosed += 1
        if self._mode is not Mode.LENIENT:
            return self._emit(Kind.COMMENT, start, len(self._text))
        return self._until(start, ">", start + 1)
