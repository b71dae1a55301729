"""Strings of a workbook: plain and rich text items, shared and inline (ECMA-376-1 §18.4).

In: the part of shared strings, or the inside of a cell. Out: :class:`Item`, the text that a cell shows, with the way
back into the part. ``_x0034_`` is a character, too (ST_Xstring, §22.9.2.19). Phonetic runs are not part of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pansentry.formats import markup
from pansentry.formats.markup import Kind, Markup
from pansentry.formats.woven import Woven

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pansentry.formats.markup import Token

ESCAPES: Final = re.compile(markup.REFERENCE.pattern + r"|_x([0-9A-Fa-f]{4})_")


def character(match: re.Match[str]) -> str:
    """Return what a reference or an escape of ST_Xstring stands for."""
    if match[4]:
        number = int(match[4], 16)
        return chr(number) if not 0xD800 <= number <= 0xDFFF else "�"
    return markup.character(match)


def plain(raw: str) -> str:
    """Return raw character data as it is shown."""
    return ESCAPES.sub(character, raw) if "&" in raw or "_x" in raw else raw


@dataclass(slots=True)
class Item:
    """One string: ``pieces`` are the ranges of its character data, ``start:end`` is its inside."""

    start: int
    end: int
    pieces: list[tuple[int, int]] = field(default_factory=list)

    def text(self, part: Markup) -> str:
        """Return what is shown."""
        if len(self.pieces) == 1:
            return plain(part.text[slice(*self.pieces[0])])
        return "".join(plain(part.text[start:end]) for start, end in self.pieces)

    def weave(self, part: Markup, woven: Woven) -> None:
        """Add the text to a passage."""
        for start, end in self.pieces:
            woven.decoded(part.text[start:end], part, start, ESCAPES, character)


class Collector:
    """Collects the character data of one item from the tokens inside of it."""

    __slots__ = ("_in_phonetic", "_in_text", "item")

    def __init__(self, start: int) -> None:
        self.item = Item(start, start)
        self._in_text = False
        self._in_phonetic = 0

    def step(self, token: Token) -> None:
        """Take a token."""
        if token.kind is Kind.START:
            self._in_text = token.name == "t" and not self._in_phonetic
            self._in_phonetic += token.name == "rPh"
        elif token.kind is Kind.END:
            self._in_text = False
            self._in_phonetic -= token.name == "rPh"
        elif self._in_text:
            self.item.pieces.append((token.start, token.end))


def shared(part: Markup | None) -> list[Item]:
    """Return the items of the shared strings, in their order."""
    return list(_items(markup.tokens(part.text))) if part is not None else []


def _items(tokens: Iterable[Token]) -> Iterable[Item]:
    collector: Collector | None = None
    for token in tokens:
        if token.name == "si":
            if token.kind is Kind.START:
                collector = Collector(token.end)
            elif collector is not None:
                collector.item.end = token.start
                yield collector.item
                collector = None
        elif collector is not None:
            collector.step(token)
