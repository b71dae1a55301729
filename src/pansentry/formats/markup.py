"""One XML part of a document as text with offsets: decoded, checked, cut into tags and character data.

In: the bytes of a part. Out: :class:`Markup`, which can be edited at character offsets and written back in its own
encoding; what is not edited stays as it was, white space, prefixes, order of attributes and all.
Standards: XML 1.0 §2.2, §2.8, §4.3.3; OPC (ECMA-376-2 §6.2: UTF-8 or UTF-16, no DTD); ODF 1.3 part 2 §3.

A part must be well formed (expat decides) so that no other parser sees other text than the small tokenizer here.
Resists: entities (billion laughs, external entities): a document type with anything in it is damaged, nothing is
expanded, nothing is fetched; depth and length do not matter, the tokenizer is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple
from xml.parsers import expat

from pansentry.edits import Edit, apply, merge
from pansentry.errors import DamagedError

_TOKEN: Final = re.compile(
    r"<(?:(?P<close>/?)(?P<name>[^\s/<>!?\"'=]++)(?P<attributes>(?>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*))>"
    r"|!--.*?-->|!\[CDATA\[(?P<cdata>.*?)\]\]>|\?.*?\?>|![A-Z][^<>]*+>)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"([^\s=\"'/<>]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_UNMARKED: Final = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,10})|(amp|lt|gt|quot|apos));")


class Kind(Enum):
    """What a token is."""

    START = auto()
    END = auto()
    TEXT = auto()
    CDATA = auto()


class Token(NamedTuple):
    """``text[start:end]``. For a tag ``name`` is the name without prefix, ``empty`` says that it has no content."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: tuple[int, int] = (0, 0)
    empty: bool = False


class Attribute(NamedTuple):
    """An attribute; its raw value is ``text[start:end]``, ``whole`` is where the name starts and the quote ends."""

    name: str
    start: int
    end: int
    whole: tuple[int, int]


@dataclass(slots=True)
class Markup:
    """A part under edit. ``write`` collects edits of ``text``; ``finish`` carries them out."""

    text: str = field(repr=False)
    encoding: str
    mark: bytes
    _edits: list[Edit[str]] = field(default_factory=list, repr=False)

    def write(self, start: int, end: int, new: str) -> None:
        """Write the plain text ``new``, escaped, in place of ``text[start:end]``."""
        self._edits.append(Edit(start, end, escape(new)))

    def write_raw(self, start: int, end: int, new: str) -> None:
        """Write markup."""
        self._edits.append(Edit(start, end, new))

    @property
    def is_edited(self) -> bool:
        return bool(self._edits)

    def finish(self) -> bytes:
        """Return the part as bytes. Raises DamagedError if it is not well formed any more."""
        text = apply(self.text, merge(self._edits))
        check(text)
        return self.mark + text.encode(self.encoding)


def read(data: bytes, *, doctype: bool = False) -> Markup:
    """Decode and check a part. Raises DamagedError("xml"); a bare document type is taken only with ``doctype``."""
    mark, encoding = next(((b, e) for b, e in _BOMS if data.startswith(b)), (b"", ""))
    if not encoding:
        encoding = next((e for b, e in _UNMARKED if data.startswith(b)), "")
    if not encoding:
        declared = _DECLARED.match(data[:400])
        encoding = declared[1].decode("ascii") if declared else "utf-8"
        if encoding.lower().startswith(("utf-16", "utf-32", "ucs")):
            encoding = "utf-8"  # the first bytes say that it is not
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
        same = encoding.lower() in ("utf-8", "utf-16-le", "utf-16-be") or text.encode(encoding) == body
    except (UnicodeError, LookupError):
        raise DamagedError("xml") from None
    if not same:
        raise DamagedError("xml")
    check(text, doctype=doctype)
    return Markup(text, encoding, mark)


def check(text: str, *, doctype: bool = True) -> None:
    """Raise DamagedError("xml") unless ``text`` is well formed and brings no entities."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise DamagedError("xml:entities")

    def start(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset or not doctype:
            raise DamagedError("xml:entities")

    parser.StartDoctypeDeclHandler = start
    parser.EntityDeclHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, UnicodeError, ValueError):
        raise DamagedError("xml") from None


def tokens(text: str, start: int = 0, take: Callable[[int], int] | None = None) -> Iterator[Token]:
    """Yield tags and character data of a well-formed text, in order; comments and instructions are left out.

    Before each token ``take`` may consume text itself: it is given the position and returns where to go on.
    """
    position = start
    while True:
        if take is not None:
            position = take(position)
        match = _TOKEN.search(text, position)
        if match is None:
            break
        begin, end = match.span()
        if position < begin:
            yield Token(Kind.TEXT, position, begin)
        position = end
        name = match["name"]
        if name:
            local = name.rpartition(":")[2]
            if match["close"]:
                yield Token(Kind.END, begin, end, local)
            else:
                empty = text[end - 2] == "/"
                yield Token(Kind.START, begin, end, local, match.span("attributes"), empty)
                if empty:
                    yield Token(Kind.END, end, end, local)
        elif match["cdata"]:
            yield Token(Kind.CDATA, match.start("cdata"), match.end("cdata"))
    if position < len(text):
        yield Token(Kind.TEXT, position, len(text))


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the contents of comments and processing instructions stand."""
    for match in _HIDDEN.finditer(text):
        group = 1 if match[1] is not None else 2
        if match[group]:
            yield match.span(group)


_HIDDEN: Final = re.compile(r"<!--(.*?)-->|<\?(?!xml[ \t\r\n])(.*?)\?>", re.DOTALL)


def attributes(text: str, token: Token) -> Iterator[Attribute]:
    """Yield the attributes of a start tag."""
    start, end = token.attributes
    for match in _ATTRIBUTE.finditer(text, start, end):
        group = 2 if match[2] is not None else 3
        yield Attribute(match[1], match.start(group), match.end(group), match.span())


def attribute(text: str, token: Token, name: str) -> str | None:
    """Return the decoded value of the attribute with this local name, None without one."""
    for found in attributes(text, token):
        if found.name == name or found.name.rpartition(":")[2] == name:
            return decode(text[found.start : found.end])
    return None


def character(match: re.Match[str]) -> str:
    """Return what a reference stands for."""
    hexadecimal, decimal, name = match[1], match[2], match[3]
    if name:
        return _NAMED[name]
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "�"


def decode(raw: str) -> str:
    """Return character data or an attribute's value with references decoded."""
    return REFERENCE.sub(character, raw) if "&" in raw else raw


def escape(text: str) -> str:
    """Return ``text`` as it is written in character data and attributes."""
    if any(c in _ESCAPES for c in text):
        return "".join(_ESCAPES.get(c, c) for c in text)
    return text
