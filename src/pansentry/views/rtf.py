"""Rich Text Format (RTF 1.9.1) as its readers show it.

In: the text of an RTF file, one character a byte (``latin-1``) or as decoded. Out: ``rtf``: the document's text,
control words gone, ``\\'hh`` and ``\\uN`` decoded, paragraphs as line breaks, cells as tabs; ``rtf-visible`` without
hidden and deleted text (``\\v``, ``\\deleted``) where there is any; ``rtf-all`` with the text of skipped destinations
(fields, bookmarks, info); and of HTML that was wrapped in RTF (``\\fromhtml``, [MS-OXRTFEX] §2.1.3: how Outlook sends
pages) what the page shows: markup is in ``\\htmltag``, what only RTF shows between ``\\htmlrtf`` and ``\\htmlrtf0``.

Resists: ``41{\\b 11}``, ``\\'34\\'31``, ``\\u52?``, fallback characters, ``\\bin`` data, hidden decoys. A replacement
goes where the digit stood; in place of an escape (its fallback included) it is written as an escape, since a letter
would lengthen a control word in front of it. Linear; groups may nest as deep as they like.
Pictures and objects are files of their own: ``rtf_data.py``. Known gap: readers that show fallback characters.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from pansentry.views import html
from pansentry.views.reading import Reading, Weaver, compose

_TOKEN: Final = re.compile(
    r"\\(?:([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|'([0-9a-fA-F]{2})|([^a-zA-Z']))|([{}])|[\r\n\x00]++", re.DOTALL
)
_HEX_RUN: Final = re.compile(r"(?>(?:\\'[0-9a-fA-F]{2})+)")
_TEXT_WORDS: Final = {
    **dict.fromkeys(("par", "line", "row", "sect", "page", "nestrow", "lbr"), "\n"),
    **dict.fromkeys(("tab", "cell", "nestcell"), "\t"),
    **dict(zip(("emdash", "endash", "bullet", "lquote", "rquote", "ldblquote", "rdblquote"), "—–•‘’“”", strict=True)),
    **dict(zip(("enspace", "emspace", "qmspace"), "\u2002\u2003\u2005", strict=True)),
}
_SYMBOLS: Final = {"~": "\xa0", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n", "\t": "\t"}
_DATA: Final = frozenset(
    {"pict", "objdata", "themedata", "colorschememapping", "datastore", "panose", "blipuid", "fontemb", "datafield"}
)
_ASIDE: Final = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "listtable", "listoverridetable", "rsidtbl", "generator"),
        *("xmlnstbl", "latentstyles", "filetbl", "revtbl", "fldinst", "bkmkstart", "bkmkend", "template", "author"),
    }
)
_HIDING: Final = frozenset({"v", "deleted"})
_WRAPPED: Final = re.compile(r"\\fromhtml1?(?![0-9])")
_HEAD_CHARACTERS: Final = 1024


class _Group(NamedTuple):
    """What a group hands down: skipped data, text beside the document, hidden text, fallback length; of a page that
    was wrapped in RTF its markup, and what is not of it."""

    is_data: bool = False
    is_aside: bool = False
    is_hidden: bool = False
    fallback: int = 1
    is_markup: bool = False
    is_only_rtf: bool = False


class _Piece(NamedTuple):
    """``text`` stands for ``source[start:end]``; an empty text means: as it is."""

    group: _Group
    start: int
    end: int
    text: str = ""
    is_escape: bool = False


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings of an RTF file; nothing if it does not begin as one."""
    if not text[:64].lstrip("\ufeff \t\r\n\x00").startswith("{\\rtf"):
        return ()
    pieces = _Reader(text).pieces()
    readings = [_weave(text, [p for p in pieces if not p.group.is_aside], "rtf")]
    if any(piece.group.is_hidden for piece in pieces):
        shown = [p for p in pieces if not p.group.is_aside and not p.group.is_hidden]
        readings.append(_weave(text, shown, "rtf-visible"))
    if any(piece.group.is_aside for piece in pieces):
        readings.append(_weave(text, pieces, "rtf-all"))
    if _WRAPPED.search(text, 0, _HEAD_CHARACTERS):
        of_page = [p for p in pieces if p.group.is_markup or not (p.group.is_aside or p.group.is_only_rtf)]
        page = _weave(text, of_page, "rtf-page")
        readings += [compose(shown, page) for shown in html.read(page.text)]
    return tuple(readings)


def _weave(text: str, pieces: list[_Piece], name: str) -> Reading:
    weaver = Weaver(name, text, _spell)
    for piece in pieces:
        if piece.is_escape:
            weaver.block(piece.text, piece.start, piece.end, _spell_escape)
        elif piece.text:
            weaver.put(piece.text, piece.start, piece.end)
        else:
            weaver.keep(piece.start, piece.end)
    return weaver.reading()


class _Reader:
    """One pass over the tokens with the stack of groups."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[_Piece] = []
        self._stack: list[_Group] = []
        self._group = _Group()
        self._codec = "cp1252"
        self._to_skip = 0  # fallback characters of \u that are still to come
        self._starred = False
        self._high: tuple[int, int] | None = None  # a high surrogate and which piece it is

    def pieces(self) -> list[_Piece]:
        text, position = self._text, 0
        while match := _TOKEN.search(text, position):
            self._plain(position, match.start())
            position = self._token(match)
        self._plain(position, len(text))
        return self._pieces

    def _plain(self, start: int, end: int) -> None:
        skipped = min(self._to_skip, end - start)
        self._swallow(start, start + skipped)
        if start + skipped < end:
            self._starred = False
            if not self._group.is_data:
                self._pieces.append(_Piece(self._group, start + skipped, end))

    def _swallow(self, start: int, end: int) -> None:
        """Make fallback characters part of the ``\\u`` that they stand behind."""
        if start < end:
            self._to_skip -= 1 if self._text.startswith("\\", start) else end - start
            if self._pieces and self._pieces[-1].is_escape:
                self._pieces[-1] = self._pieces[-1]._replace(end=end)

    def _token(self, match: re.Match[str]) -> int:
        word, parameter, hexadecimal, symbol, brace = match.groups()
        end = match.end()
        if brace:
            self._brace(brace)
        elif word:
            return self._word(word, None if parameter is None else int(parameter), match)
        elif hexadecimal:
            return self._octets(match.start())
        elif symbol == "*":
            self._starred = True
        elif symbol and symbol in _SYMBOLS:
            self._add(match.start(), end, _SYMBOLS[symbol])
        return end

    def _brace(self, brace: str) -> None:
        self._to_skip = 0
        self._starred = False
        if brace == "{":
            self._stack.append(self._group)
        elif self._stack:
            self._group = self._stack.pop()

    def _word(self, word: str, parameter: int | None, match: re.Match[str]) -> int:
        end = match.end()
        if word in _DATA:
            self._group = self._group._replace(is_data=True)
        elif self._starred or word in _ASIDE:
            self._group = self._group._replace(is_aside=True, is_markup=word == "htmltag")
        self._starred = False
        if word == "bin":
            return min(end + max(parameter or 0, 0), len(self._text))
        if word == "u" and parameter is not None:
            self._unicode(parameter & 0xFFFF, match.start(), end)
        elif word == "uc":
            self._group = self._group._replace(fallback=max(0, min(parameter or 0, 255)))
        elif word == "htmlrtf":
            self._group = self._group._replace(is_only_rtf=parameter != 0)
        elif word in _HIDING:
            self._group = self._group._replace(is_hidden=parameter != 0)
        elif word == "ansicpg" and parameter is not None:
            self._codec = _codec(parameter)
        elif word in _TEXT_WORDS:
            self._add(match.start(), end, _TEXT_WORDS[word])
        return end

    def _add(self, start: int, end: int, text: str, *, is_escape: bool = False) -> None:
        if self._to_skip:
            self._swallow(start, end)
        elif not self._group.is_data:
            self._pieces.append(_Piece(self._group, start, end, text, is_escape))

    def _unicode(self, unit: int, start: int, end: int) -> None:
        self._to_skip = 0
        if 0xDC00 <= unit < 0xE000 and self._high is not None and self._high[1] == len(self._pieces) - 1:
            character = chr(0x10000 + ((self._high[0] - 0xD800) << 10) + unit - 0xDC00)
            self._pieces[-1] = _Piece(self._group, self._pieces[-1].start, end, character, is_escape=True)
        else:
            self._add(start, end, "�" if 0xD800 <= unit < 0xE000 else chr(unit), is_escape=True)
        self._high = (unit, len(self._pieces) - 1) if 0xD800 <= unit < 0xDC00 and not self._group.is_data else None
        self._to_skip = self._group.fallback

    def _octets(self, start: int) -> int:
        """Read a run of ``\\'hh``, character by character in the code page of the document."""
        run = _HEX_RUN.match(self._text, start)
        assert run
        octets = bytes.fromhex(run[0].replace("\\'", ""))
        skipped = min(self._to_skip, len(octets))
        for index in range(skipped):
            self._swallow(start + 4 * index, start + 4 * index + 4)
        position = skipped
        decoder = codecs.getincrementaldecoder(self._codec)("replace")
        for index in range(skipped, len(octets)):
            text = decoder.decode(octets[index : index + 1], index == len(octets) - 1)
            if text:
                self._add(start + 4 * position, start + 4 * (index + 1), text, is_escape=True)
                position = index + 1
        return run.end()


def _codec(page: int) -> str:
    name = {65001: "utf-8", 10000: "mac_roman"}.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def _spell(text: str) -> str:
    """Spell a replacement among letters."""
    return "".join(c if c.isascii() and c not in "\\{}\r\n" else _spell_escape(c) for c in text)


def _spell_escape(text: str) -> str:
    """Spell a replacement where an escape stood: escapes only, whatever stands in front."""
    units = text.encode("utf-16-le", "replace")
    numbers = [int.from_bytes(units[i : i + 2], "little") for i in range(0, len(units), 2)]
    return "".join(f"\\'{n:02x}" if n < 0x80 else f"{{\\uc1\\u{n - 0x10000 if n > 0x7FFF else n}?}}" for n in numbers)
