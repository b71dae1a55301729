"""Signs: what in a text tells that a reader may show more of it than its characters, looked for in one pass.

In: bytes of a text. Out: :class:`Sign` bits. Each reader of this room that looks for something inside a text (an
embedded file, an encoding, quote marks, markup of another format) has a sign here that is present wherever that reader
could give anything; where none is, none of them is asked. Sound, not exact: a sign costs a look, a missing one would
cost a card number (``tests/unit/views/test_signs.py`` compares with the readers themselves).

One pass at 700 MB/s (8 KB: 12 µs) where asking uuencode, BinHex, yEnc, base64, UTF-7, quoted-printable, ``data:`` and
embedded mail one by one takes 120 µs; compiled (``native/src/signs.c``) 2 to 5 µs. With neither that nor hyperscan the
costly ones are taken to be there.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from pansentry import native
from pansentry.pan.engines import Fast

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTER: Final = rb"[A-Za-z0-9+/_-]"  # of base64, both alphabets
_JUNK: Final = rb"[^A-Za-z0-9+/_-]*"
_MARK: Final = rb"[MNODTjz]" + _JUNK + rb"[ACDEHILMOPQSTUXYbcefgijknsuwyz8+]"
_ON: Final = rb"(?:" + _JUNK + _LETTER + rb"){0,14}" + _JUNK


class Sign:
    """Bits of what was seen."""

    FILE: Final = 1  # uuencode, yEnc, BinHex
    ENCODED: Final = 2  # base64, quoted-printable, UTF-7
    DATA_URI: Final = 4
    MAIL: Final = 8  # MIME fields at the start of a line
    WORDS: Final = 16  # RFC 2047
    FORMAT: Final = 32  # RTF, bidirectional overrides, backspaces
    QUOTED: Final = 64  # quote marks at the start of a line
    PROPERTIES: Final = 128  # iCalendar, vCard; fields of SWIFT messages
    ALL: Final = 255
    UNEVEN: Final = 256  # white space other than single blanks and whole line ends: no reader's sign


_EXPRESSIONS: Final = (
    (Sign.FILE, rb"[Bb][Ee][Gg][Ii][Nn][ \t]+[0-7]"),
    (Sign.FILE, rb"(?:^|\n)[!-_][ -`]{16,64}\r?(?:\n|$)"),
    (Sign.FILE, rb"=ybegin "),
    (Sign.FILE, rb"in[Hh]ex"),
    (Sign.DATA_URI, rb"[Dd][Aa][Tt][Aa]:"),
    (Sign.ENCODED, rb"(?:^|\n)[ \t>]*[A-Za-z0-9+/_-]{16}"),
    # digits hidden in base64: three marks close together, junk between the letters (see ``blind.py``)
    (Sign.ENCODED, _MARK + _ON + _MARK + _ON + _MARK),
    (Sign.ENCODED, rb"7" + _JUNK + rb"7" + _JUNK + rb"y|\+" + _JUNK + rb"8|v" + _JUNK + rb"v" + _JUNK + rb"J"),
    (Sign.ENCODED, rb"H4sI|UEsDB|JVBERi0|Qlpo[ISWY]|/Td6WFo|N3q8ryc"),
    (Sign.ENCODED, rb"=(?:[0-9a-fA-F]{2}|[ \t]*\r?\n)"),
    (Sign.ENCODED, rb"\+[A-Za-z0-9+/]*(?:A[DMNOwxyz0-5]|/x)"),
    (Sign.MAIL, rb"(?:^|\n)(?:[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Tt]|[Mm][Ii][Mm][Ee]-[Vv])"),
    (Sign.PROPERTIES, rb"[Bb][Ee][Gg][Ii][Nn]:[Vv]"),
    (Sign.PROPERTIES, rb"(?:^|\n):(?:61|86):"),
    (Sign.WORDS, rb"=\?"),
    (Sign.FORMAT, rb"\{\\rtf"),
    (Sign.FORMAT, rb"\x08"),
    (Sign.FORMAT, rb"\xe2\x80[\xad\xae]"),
    (Sign.QUOTED, rb"(?:^|\n)[ \t]*[>|]"),
    (Sign.UNEVEN, rb"[\x01\t\f]|[ \n][ \n\r]|\r[^\n]|\r\z"),
)


def of(data: bytes) -> int:
    """Return the signs in ``data``; those that only an engine can tell are taken to be there without one."""
    return with_layout(data) & Sign.ALL


def with_layout_slowly(data: bytes) -> int:
    """Return the signs in ``data``, and whether its white space is uneven."""
    found = _engine()(data)
    if found is None:
        return _by_hand(data) | Sign.UNEVEN
    return sum(found) if found else 0


with_layout: Callable[[bytes], int] = native.function("text_signs") or with_layout_slowly


def _by_hand(data: bytes) -> int:
    found = _COSTLY
    found |= Sign.WORDS * (b"=?" in data)
    found |= Sign.FORMAT * any(mark in data for mark in (b"{\\rtf", b"\b", b"\xe2\x80\xae", b"\xe2\x80\xad"))
    found |= Sign.QUOTED * (b">" in data or b"|" in data)
    return found


_COSTLY: Final = Sign.FILE | Sign.ENCODED | Sign.DATA_URI | Sign.MAIL | Sign.PROPERTIES


@functools.cache
def _engine() -> Fast:
    return Fast(_EXPRESSIONS)


def warm_up() -> None:
    """Compile the engine now (0.1 s), so that the first message does not wait for it; compiled, there is no need."""
    if with_layout is with_layout_slowly:
        _engine().hurry()
