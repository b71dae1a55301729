"""Plain words: encoded words of a header that need no look at their field, decoded in passing (RFC 2047).

In: a header as it stands. Out: its fields from the first to the last that holds encoded words, the words decoded to
UTF-8, as labelled and once more as a reader may guess; None if there is a word that is not plain. What it gives is what
:mod:`pansentry.views.encoded_words` reads of each field (``tests/unit/views/test_headers.py``), for 25,000 instructions
and one word.

Linear. Known gap: a character that is split over two words is no flaw, but needs the closer look.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_qp
from typing import Final

from pansentry import native
from pansentry.mime import charset


def decoded(head: bytes) -> bytes | None:
    """Return what :func:`decoded_slowly` does; words of the plainest form are decoded by what is compiled (3,000)."""
    said = None if _COMPILED is None else _COMPILED(head)
    return decoded_slowly(head) if said is None else said


def decoded_slowly(head: bytes) -> bytes | None:
    """Return the fields from the first to the last that holds encoded words, the words decoded to UTF-8.

    Twice where a reader may guess another charset than the one named. None if there is any that needs a closer look.
    Plain are words that stand apart from other text, with every character whole in its word, no word in a word, no
    blank in one, and no bidirectional override: ``encoded_words`` reads each of them by itself.
    """
    before, *words = _WORD.split(head)
    pieces = [before[_start_of_field(before) :]]
    guessed: dict[int, bytes] = {}
    rest, begun = b"", 0
    try:
        for at in range(0, len(words), 4):
            label, kind, text, rest = words[at : at + 4]
            around = pieces[-1]
            if (around and around[-1] not in _APART) or (rest and rest[0] not in _APART):
                return None  # glued to other text, against RFC 2047 §5: some readers take it for no word
            begun += 2 if text[-1:] == b"=" else 1  # padding and the end of a word look like the start of one
            octets = _DECODERS[kind](text)
            if label in _PLAIN_CHARSETS and 0x1B not in octets and 0x7E not in octets:
                octets.decode()
            else:
                octets, other = _as_utf8(octets, label.decode("ascii"))
                if other != octets:
                    guessed[len(pieces)] = other
            pieces += octets, rest
    except (ValueError, RuntimeError):  # no Q, no base64, not of its charset; RuntimeError: see ``charset.decode``
        return None
    if begun != head.count(b"=?"):
        return None
    if len(words) > 4:  # blanks between two words are not shown
        pieces[2:-1:2] = [between if between.strip(b" \t\r\n") else b"" for between in pieces[2:-1:2]]
    pieces[-1] = rest[: _end_of_field(rest)]
    said = b"".join(pieces)
    if guessed:
        said += b"".join(guessed.get(at, piece) for at, piece in enumerate(pieces))
    if (0x3F in said and b"=?" in said) or (0xE2 in said and _OVERRIDE.search(said) is not None):
        return None
    return said


def _as_utf8(octets: bytes, label: str) -> tuple[bytes, bytes]:
    """Return the text of a word as its label says, and as a reader may guess; ValueError where it is none."""
    codecs = charset.readings(octets, label)
    return octets.decode(codecs[0]).encode(), octets.decode(codecs[1 if codecs[1:] else 0]).encode()


def _start_of_field(before: bytes) -> int:
    """Return where the last field of ``before`` begins."""
    start = before.rfind(b"\n") + 1
    while start and before[start : start + 1] in (b" ", b"\t"):
        start = before.rfind(b"\n", 0, start - 1) + 1
    return start


def _end_of_field(rest: bytes) -> int:
    """Return where the first field of ``rest`` ends, its line end included."""
    end = rest.find(b"\n") + 1
    while end and rest[end : end + 1] in (b" ", b"\t"):
        end = rest.find(b"\n", end) + 1
    return end or len(rest)


def _q_word(text: bytes) -> bytes:
    """Decode the text of a word in Q; ValueError if it has blanks, or an escape that is none (each is three octets)."""
    octets = a2b_qp(text, True)  # ``header``; by name it takes 1,500 instructions more
    if len(text) - len(octets) != 2 * text.count(b"=") or (text and text.split() != [text]):
        raise ValueError
    return octets


def _b_word(text: bytes) -> bytes:
    return a2b_base64(text, strict_mode=True)


_COMPILED: Final = native.function("plain_words")
_OVERRIDE: Final = re.compile(rb"\xe2\x80[\xad\xae]")
_WORD: Final = re.compile(rb"=\?([A-Za-z0-9_-]+)\?([BbQq])\?([^?]*)\?=")
_APART: Final = frozenset(b" \t\r\n<>()[]\"',;:.")
_PLAIN_CHARSETS: Final = frozenset({b"utf-8", b"UTF-8", b"us-ascii", b"US-ASCII"})
_DECODERS: Final = {b"q": _q_word, b"Q": _q_word, b"b": _b_word, b"B": _b_word}
