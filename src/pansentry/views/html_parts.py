"""A page parted into its text and its markup, as quickly as the library can: for the strip of ``html_prefilter.py``.

In: HTML source in bytes, white space collapsed. Out: :class:`Parted`: text and tags in turn, comments and the insides
of style sheets and scripts apart. A tag begins with ``<`` and one of ``a-zA-Z/!?`` and ends at the next ``>``; what a
tokenizer reads otherwise (``>`` in quotes, ``<!-->``) is for the caller to be suspicious of. Linear.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TAG: Final = re.compile(rb"(<[a-zA-Z/!?][^>]*+>)")
_COMMENT: Final = re.compile(rb"<!--(?>(?:[^-]++|-(?!->))*)-->")
_LOUD: Final = re.compile(rb"<(?:style|script)\b", re.IGNORECASE)


class Parted(NamedTuple):
    """Text and tags of a page in turn, the different tags, comments, and style sheets and scripts.

    ``is_loud`` tells that a sheet or script could not be cut out, or that a comment stood in a tag.
    """

    pieces: list[bytes]
    tags: set[bytes]
    comments: set[bytes]
    silent: set[bytes]
    is_loud: bool

    @property
    def source(self) -> bytes:
        """The page without comments, sheets and scripts: put together when it is asked for, which it seldom is."""
        return b"".join(self.pieces)


def part(page: bytes) -> Parted:
    """Part a page. Comments are looked for only where a tag begins like one; so are sheets and scripts.

    Every ``<!--`` and ``<style`` begins a tag, or stands in one, or behind the last one, where the page is odd anyway.
    """
    pieces = split(page)
    tags = set(pieces[1::2])
    named = b"\n".join(tags)
    comments: set[bytes] = set()
    silent: set[bytes] = set()
    is_loud = False
    if b"<!--" in named:
        # a reader of attributes takes it for a part of the value
        is_loud = any(b"<!--" in tag and not tag.startswith(b"<!--") for tag in tags)
        comments, page = _take_out(page)
        pieces = split(page)
        tags = set(pieces[1::2])
        named = b"\n".join(tags)
    if _LOUD.search(named) is not None:
        silent, tags = _silence(pieces, tags)
        named = b"\n".join(tags)
    is_loud = is_loud or _LOUD.search(named) is not None or _LOUD.search(pieces[-1]) is not None
    return Parted(pieces, tags, comments, silent, is_loud)


def split(page: bytes) -> list[bytes]:
    """Return text and tags in turn; the first and the last are text (behind the last ``>`` no tag is looked for).

    18 instructions an octet: a loop over ``find`` takes three times as many, ``bytes.split`` and ``partition`` as many.
    """
    last = page.rfind(b">") + 1
    pieces = _TAG.split(page[:last])
    pieces[-1] += page[last:]
    return pieces


def _silence(pieces: list[bytes], tags: set[bytes]) -> tuple[set[bytes], set[bytes]]:
    """Empty the ``pieces`` of style sheets and scripts; return these, and the tags that are left.

    Tags and page are not made anew, which took 112 thousand instructions for 86 tags. ``</style>`` stays among the
    tags, and says nothing there.
    """
    silent: set[bytes] = set()
    loud = {tag for tag in tags if tag[1] in b"sS" and _LOUD.match(tag)}
    left = tags - loud
    for at in _places(pieces, loud):
        name = pieces[at][1:7] if pieces[at][2:3] in b"cC" else pieces[at][1:6]
        closing = pieces[at + 2] if at + 2 < len(pieces) else b""
        if closing[:2] == b"</" and closing[2:-1].rstrip().lower() == name.lower() and b"<" not in pieces[at + 1]:
            silent.add(b"".join(pieces[at : at + 3]))
            pieces[at : at + 3] = (b"", b"", b"")
        else:
            left.add(pieces[at])
    return silent, left


def _places(pieces: list[bytes], loud: set[bytes]) -> list[int]:
    """Return where in ``pieces`` the tags ``loud`` stand; a search of the list for each would be quadratic in them."""
    return [at for at in range(1, len(pieces), 2) if pieces[at] in loud]


def _take_out(page: bytes) -> tuple[set[bytes], bytes]:
    """Return the comments and the rest (behind the last ``-->`` every attempt would be in vain)."""
    last = page.rfind(b"-->") + 3
    if last < 3:
        return set(), page
    found: set[bytes] = set()
    left: list[bytes] = []
    position = 0
    for match in _COMMENT.finditer(page, 0, last):
        found.add(match[0])
        left.append(page[position : match.start()])
        position = match.end()
    return (found, b"".join((*left, page[position:]))) if found else (found, page)
