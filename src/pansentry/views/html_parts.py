"""A page parted into its text and its markup, as quickly as can be: for the strip of ``html_prefilter.py``.

In: HTML source in bytes, white space collapsed. Out: :class:`Parted`: the text, in which one octet stands for each tag;
different tags, comments, and style sheets and scripts, apart. A tag begins with ``<`` and one of ``a-zA-Z/!?`` and ends
at the next ``>``; what a tokenizer reads otherwise (``>`` in quotes, ``<!-->``) is for the caller to be suspicious of.
Linear.

Compiled, if that is there: 43 thousand instructions for 9 KB instead of 320. What is compiled refuses pages that take
thought (a comment in a tag, a sheet that is not closed, more different tags than its table has room for): they are
parted here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from pansentry import native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

JOINT: Final = b"\x01"
"""Stands for a tag, or for where a sheet or script was."""
BREAK: Final = b"\f"
"""Stands for a tag that ends a line or a cell. No page has either octet, its white space being collapsed."""

_BLOCK_NAMES: Final = (
    b"address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    b"footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol optgroup option p "
    b"plaintext pre search section select summary table tbody tfoot thead title textarea tr ul xmp br"
)
BLOCKS: Final = frozenset(_BLOCK_NAMES.split()) | {b"/" + name for name in _BLOCK_NAMES.split()} | {b"td", b"th"}
_TAG: Final = re.compile(rb"(<[a-zA-Z/!?][^>]*+>)")
_TAG_NAME: Final = re.compile(rb"<(/?[a-zA-Z][a-zA-Z0-9]*+)(?![^\s/>])")
_COMMENT: Final = re.compile(rb"<!--(?>(?:[^-]++|-(?!->))*)-->")
_LOUD: Final = re.compile(rb"<(?:style|script)\b", re.IGNORECASE)
_NAME_SIZE: Final = 16
_EQUALS: Final = 0x3D


@lru_cache(maxsize=4)
def _in_order(names: frozenset[bytes]) -> bytes:
    """Return names as what is compiled looks for them: each of sixteen octets, in order."""
    return b"".join(name.ljust(_NAME_SIZE, b"\0") for name in sorted(names))


_BLOCKS_IN_ORDER: Final = _in_order(BLOCKS)


class Parted(NamedTuple):
    """The text of a page with one octet for each tag; what is no text, each a line; the rest.

    ``named`` are the different tags, ``silent`` are style sheets and scripts, ``source`` is the page without these and
    without comments. ``is_loud`` tells that a sheet or script could not be cut out, or that a comment stood in a tag.
    ``pieces`` are text and tags in turn if they had to be made: then the octets for tags are all the same, and what
    stands for which is looked up when it is asked for (:func:`with_breaks`).
    """

    shown: bytes
    named: bytes
    comments: bytes
    silent: bytes
    source: bytes
    is_loud: bool = False
    pieces: tuple[bytes, ...] = ()


_compiled = native.function("part_page")


def part(page: bytes) -> Parted:
    """Part a page."""
    found = None if _compiled is None else _compiled(page, _BLOCKS_IN_ORDER, False)
    return part_slowly(page) if found is None else Parted(*found)


def part_as_it_stands(page: bytes) -> Parted:
    """Part a page in which comments, sheets and scripts are tags and text like any other."""
    found = None if _compiled is None else _compiled(page, _BLOCKS_IN_ORDER, True)
    return part_as_it_stands_slowly(page) if found is None else Parted(*found)


def part_slowly(page: bytes) -> Parted:
    """Part a page. Comments are looked for only where a tag begins like one; so are sheets and scripts.

    Every ``<!--`` and ``<style`` begins a tag, or stands in one, or behind the last one, where the page is odd anyway.
    """
    source, pieces = page, split(page)
    tags = dict.fromkeys(pieces[1::2])
    named = b"\n".join(tags)
    comments: list[bytes] = []
    silent: list[bytes] = []
    is_loud = False
    if b"<!--" in named:
        # a reader of attributes takes it for a part of the value
        is_loud = any(b"<!--" in tag and not tag.startswith(b"<!--") for tag in tags)
        comments, source = _take_out(page)
        pieces = split(source)
        tags = dict.fromkeys(pieces[1::2])
        named = b"\n".join(tags)
    if _LOUD.search(named) is not None:
        silent, tags = _silence(pieces, tags)
        named, source = b"\n".join(tags), b"".join(pieces)
    is_loud = is_loud or _LOUD.search(named) is not None or _LOUD.search(pieces[-1]) is not None
    return _of_pieces(pieces, named, b"\n".join(comments), b"\n".join(silent), source, is_loud)


def part_as_it_stands_slowly(page: bytes) -> Parted:
    """Do what :func:`part_as_it_stands` does."""
    pieces = split(page)
    return _of_pieces(pieces, b"\n".join(dict.fromkeys(pieces[1::2])), b"", b"", page, False)


def _of_pieces(
    pieces: list[bytes], named: bytes, comments: bytes, silent: bytes, source: bytes, is_loud: bool
) -> Parted:
    return Parted(JOINT.join(pieces[::2]), named, comments, silent, source, is_loud, tuple(pieces))


def with_breaks(parted: Parted, shown: bytes) -> bytes:
    """Return the text with breaks for what ends a line or a cell; ``shown`` is that of the page, decoded."""
    if not parted.pieces:
        return shown.replace(JOINT, b"").replace(BREAK, b"\n")
    tags = parted.pieces[1::2]
    gap = {tag: b"\n" if has_name_of(tag, BLOCKS) else b"" for tag in set(tags)}
    text = [b""] * len(parted.pieces)
    text[::2] = shown.split(JOINT)
    text[1::2] = [gap[tag] for tag in tags]
    return b"".join(text)


def split(page: bytes) -> list[bytes]:
    """Return text and tags in turn; the first and the last are text (behind the last ``>`` no tag is looked for).

    18 instructions an octet: a loop over ``find`` takes three times as many, ``bytes.split`` and ``partition`` as many.
    """
    last = page.rfind(b">") + 1
    pieces = _TAG.split(page[:last])
    pieces[-1] += page[last:]
    return pieces


def has_name_of(tag: bytes, names: frozenset[bytes]) -> bool:
    """Say whether a tag has one of these names; a table is asked at a fifth of what fifty alternatives cost."""
    name = _TAG_NAME.match(tag)
    return name is not None and name[1].lower() in names


def edges(parted: Parted, names: frozenset[bytes], most: int) -> list[bytes] | None:
    """Return each tag that may be a word of a phrase beside it, with the text on both sides; None if that is much.

    Those are tags of which the last attribute ends with something else than a digit, and those that have one of
    ``names``; ``most`` is how many octets all of them may have.
    """
    if _edges is None or parted.pieces:
        return edges_slowly(parted.pieces, names, most)
    return _edges(parted.source, _in_order(names), most)


_edges: Callable[[bytes, bytes, int], list[bytes] | None] | None = native.function("edges_of_tags")


def edges_slowly(pieces: Sequence[bytes], names: frozenset[bytes], most: int) -> list[bytes] | None:
    """Do what :func:`edges` does, of text and tags in turn."""
    tags = set(pieces[1::2])
    edgy = {tag for tag in tags if _EQUALS in tag and not tag.rstrip(_BEHIND_VALUE)[-1:].isdigit()}
    if names:
        edgy |= {tag for tag in tags if has_name_of(tag, names)}
    found = []
    for before, tag, behind in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
        if tag in edgy:
            whole = tag if len(tag) < 2 * _REACH else tag[:_REACH] + b"\n" + tag[-_REACH:]
            found.append(before[-_REACH:] + whole + behind[:_REACH])
            most -= len(whole)
            if most < 0:
                return None
    return found


_REACH: Final = 48
_BEHIND_VALUE: Final = b"\"'/ >"


def _silence(pieces: list[bytes], tags: dict[bytes, None]) -> tuple[list[bytes], dict[bytes, None]]:
    """Empty the ``pieces`` of style sheets and scripts; return these, and the tags that are left.

    Tags and page are not made anew, which took 112 thousand instructions for 86 tags. ``</style>`` stays among the
    tags, and says nothing there.
    """
    silent: dict[bytes, None] = {}
    loud = {tag for tag in tags if tag[1] in b"sS" and _LOUD.match(tag)}
    left = {tag: None for tag in tags if tag not in loud}
    for at in _places(pieces, loud):
        name = pieces[at][1:7] if pieces[at][2:3] in b"cC" else pieces[at][1:6]
        closing = pieces[at + 2] if at + 2 < len(pieces) else b""
        if closing[:2] == b"</" and closing[2:-1].rstrip().lower() == name.lower() and b"<" not in pieces[at + 1]:
            silent[b"".join(pieces[at : at + 3])] = None
            pieces[at : at + 3] = (b"", b"", b"")
        else:
            left[pieces[at]] = None
    return list(silent), left


def _places(pieces: list[bytes], loud: set[bytes]) -> list[int]:
    """Return where in ``pieces`` the tags ``loud`` stand; a search of the list for each would be quadratic in them."""
    return [at for at in range(1, len(pieces), 2) if pieces[at] in loud]


def _take_out(page: bytes) -> tuple[list[bytes], bytes]:
    """Return the comments and the rest (behind the last ``-->`` every attempt would be in vain)."""
    last = page.rfind(b"-->") + 3
    if last < 3:
        return [], page
    found: dict[bytes, None] = {}
    left: list[bytes] = []
    position = 0
    for match in _COMMENT.finditer(page, 0, last):
        found[match[0]] = None
        left.append(page[position : match.start()])
        position = match.end()
    return (list(found), b"".join((*left, page[position:]))) if found else ([], page)
