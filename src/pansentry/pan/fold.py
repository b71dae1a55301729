"""Fold a text for reading: lower case, digits of any script as 0-9, one kind of space and dash, nothing invisible.

In: a text. Out: :class:`Folded`, the folded text with the way back to the offsets of the original. Every character
becomes exactly one or none, so the way back is the identity for most texts and an array for the rest.

Folding is NFKC-like (UAX #15) but per character, so it is linear and never reorders: compatibility letters and digits
(full-width, mathematical, circled, superscript) become plain ones, accents go (labels are folded the same way),
format characters (Cf), combining marks (Mn, Me, Mc), control characters, ANSI sequences and other invisible fillers are
dropped. That resists numbers broken up by zero-width characters, soft hyphens, bidi marks, key caps and colours.

Character references of HTML ("&#259;") count as what they stand for.

Not done: characters that stand for several digits (⑫, ½) stay as they are.
"""

from __future__ import annotations

import functools
import html.entities
import re
import unicodedata
from array import array
from dataclasses import dataclass
from itertools import compress

_DROPPED = "\x00"
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u0640\u17b4\u17b5")
_DASHES = frozenset("\u2043\u2212\u02d7\u2796\u2500\u2501")
_SPECIAL = {"〇": "0", "\u2800": " ", "\x85": "\n", "\u2044": "/", "\u2215": "/", "\u29f8": "/"}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; ``offsets`` is None where nothing was dropped."""

    text: str
    original: str
    offsets: array[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that ``text[start:end]`` was read from, with marks on its last character."""
        if self.offsets is not None:
            start, end = self.offsets[start], self.offsets[end - 1] + 1
        original = self.original
        if original[end - 1] == "&" and (entity := _ENTITIES.match(original, end - 1)) is not None:
            end = entity.end()
        while (
            end < len(original)
            and original[end] > "\u02ff"
            and unicodedata.category(original[end]) in ("Mn", "Me", "Mc")
        ):
            end += 1
        return start, end


def fold(text: str) -> Folded:
    """Fold ``text``; linear in its length."""
    original = text
    if "&" in text:
        text = _ENTITIES.sub(_character, text)
    folded = _folded(text)
    if _DROPPED not in folded:
        return Folded(folded, original, None)
    offsets = array("L", compress(range(len(folded)), map(_DROPPED.__ne__, folded)))
    return Folded(folded.replace(_DROPPED, ""), original, offsets)


_ENTITIES = re.compile(r"&(?:#(?P<decimal>[0-9]{2,7})|#[xX](?P<hexadecimal>[0-9a-fA-F]{2,6})|(?P<name>[a-zA-Z]{3,8}));")
_KEPT = frozenset("&<>\"'\xa0")


def _character(match: re.Match[str]) -> str:
    """Return the character a reference stands for (HTML 4 §24) and droppable ones to its length; blanks stay as is."""
    if match["name"]:
        code = html.entities.name2codepoint.get(match["name"], 0)
    else:
        code = int(match["decimal"]) if match["decimal"] else int(match["hexadecimal"], 16)
    if not 0x20 < code < 0x110000 or chr(code) in _KEPT or unicodedata.category(chr(code)) in ("Zs", "Cf", "Cs"):
        return match[0]
    return chr(code) + "\x01" * (len(match[0]) - 1)


def fold_text(text: str) -> str:
    """Fold ``text`` where the way back is not needed."""
    if "&" in text:
        text = _ENTITIES.sub(_character, text)
    elif text.isascii() and text.isprintable():
        return text.lower()
    return _folded(text).replace(_DROPPED, "")


def _folded(text: str) -> str:
    """Fold every character to one.

    Text of Latin-1 goes octet by octet. Of other text only stretches beyond ASCII go through the table (six times
    faster on prose), unless there are so many (a film read as text) that the whole is cheaper.
    """
    if "\x1b[" in text:
        text = _ANSI.sub(lambda match: _DROPPED * len(match[0]), text)
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        text = _CONTROL.sub(_DROPPED, text)
        if "я" in text or "Я" in text:
            text = _APOSTROPHE.sub(_DROPPED, text)
        if (len(text) - len(text.encode("ascii", "ignore"))) * _DENSE > len(text):
            known = _known(frozenset(text))
            return text.translate(known).lower()
        table = _table()
        return _BEYOND_ASCII.sub(lambda match: match[0].translate(table), text).lower()
    folded = octets.translate(_octets()).decode("latin-1")
    return folded.replace(_MICRO, "\u03bc") if _MICRO in folded else folded


_ANSI = re.compile(r"\x1b\[[0-?]{0,20}[ -/]{0,4}[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
"""What terminals act on and nobody sees: ANSI sequences (ECMA-48 section 5.4) and other controls."""
_APOSTROPHE = re.compile("['’‘`´\u02bc](?<=[\u0400-\u052f].)(?=[яюєїёЯЮЄЇЁ])")
"""The apostrophe of Ukrainian and Belarusian, in front of a letter that begins with a y; many write none."""
_MICRO = "\xb5"
"""The one character of Latin-1 that folds to another script (Greek mu); no other folds to it."""


_DENSE = 16
"""One character in so many beyond ASCII is dense."""


def _known(characters: frozenset[str]) -> dict[int, str]:
    """Return the table for these characters as a plain dict, in which a look-up costs a quarter."""
    table = _table()
    return {code: table[code] for code in map(ord, characters)}


@functools.cache
def _octets() -> bytes:
    """Return what each octet of Latin-1 folds to."""
    table = _table()
    each = (_CONTROL.sub(_DROPPED, chr(code)).translate(table).lower() for code in range(256))
    return "".join(_MICRO if one == "\u03bc" else one for one in each).encode("latin-1")


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


class _Table(dict[int, str]):
    """What each code point folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


@functools.cache
def _table() -> _Table:
    return _Table()


def _fold_character(character: str) -> str:
    if character < "\x80":
        return character.lower()
    if character in _SPECIAL:
        return _SPECIAL[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Mc") or character in _FILLERS:
        return _DROPPED
    if category == "Pd" or character in _DASHES:
        return "-"
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category in ("Cc", "Cs", "Co", "Cn") or "\uac00" <= character <= "\ud7a3":
        return character
    plain = unicodedata.normalize("NFKD", character)
    if len(plain) > 1 and any(unicodedata.category(mark) != "Mn" for mark in plain[1:]):
        return character
    folded = plain[0].casefold()
    return folded if len(folded) == 1 else plain[0]
