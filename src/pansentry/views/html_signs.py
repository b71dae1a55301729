"""What there is in the markup of a page, and how text lies beside it: looked for in one pass each.

In: bytes of HTML. Out: bits. Where a bit is not set, what it stands for is not there, and ``html_prefilter.py`` need
not look; all of them are set where there is no engine (hyperscan) that tells so much in one pass.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from pansentry import native
from pansentry.pan.engines import Fast

NAMES_IN_PHRASES: Final = frozenset(b"a i u s o v w m th del code data small".split())
"""Names of tags that are words of phrases about cards: "codice a tre cifre" (a test compares with the vocabulary)."""

# what is worth looking for in the markup, as bits: fields shown in place, tables, anything suspicious
FIELDS: Final = 1
TABLE: Final = 2
SUSPECT: Final = 4
UNNAMED: Final = 8  # markup that a number may run through
DIGIT_EDGE: Final = 16  # a value that ends with a digit
WORD_EDGE: Final = 32  # one that ends with a letter
NAMED: Final = 64  # a name that is a word of a phrase
_EVERYTHING: Final = 127
_IN_MARKUP: Final = (
    (FIELDS, rb"(?i)alt|value|placeholder|label"),
    (TABLE, rb"(?i)<t"),
    (UNNAMED, rb"<[!?/]?[^a-zA-Z!?/]|<[!?/][!?/]|[0-9](?:[ /][\"' /]*|[\"'][\"' /]+)>"),
    (DIGIT_EDGE, rb"[0-9][\"']?>"),
    (WORD_EDGE, rb"(?i)[= ][^>]*[^0-9\"' />][\"' /]*>"),
    (NAMED, rb"(?i)</?(?:%b)[ />]" % b"|".join(sorted(NAMES_IN_PHRASES))),
    (
        SUSPECT,
        rb"(?i)<!--|--!?>|<!\[cdata\[|<[a-z/][^<>]*<|=\s*\"[^\">]*>|=\s*'[^'>]*>|data:|bidi|rtl|content|<!entity",
    ),
    (
        SUSPECT,
        rb"(?i)</?(?:plaintext|template|iframe|noembed|noframes|datalist|rp|dialog|desc|metadata|defs|bdo|svg|math|rt)",
    ),
    (SUSPECT, rb"(?i)none|hidden|visibility|opacity|clip|mso-hide|/\*|\\|scale[3dxy]*\(|circle\(|ellipse\("),
    (SUSPECT, rb"(?i)color[^!#-&(-~]*[:=][^!#-&(-~]*(?:w *h *i|t *r *a|# *f|r *g *b *\()|:[^!-~]*-[0-9.]"),
    (SUSPECT, rb"(?i)font-size[^!-~]*:[^!-~]*(?:[-+.0]|[12](?:\.[0-9]*)?p|[0-9](?:\.[0-9]*)?%)|font[^!-~]*:"),
    (SUSPECT, rb"(?i)(?:scale|zoom)[^!-~]*:[^!-~]*[-+0.]"),
    (SUSPECT, rb"(?i)float *: *right|-reverse|[;\"'{ ]order *:|position *: *(?:absolute|relative|fixed)"),
)
"""What the strip looks for by exact expressions, each here in a form that is there wherever that one is."""


def seen_in(markup: bytes) -> int:
    """Return what is to be looked for in the markup of a page: all of it without an engine that tells in one pass.

    A page of ordinary mail costs 25 thousand instructions here; to look for each thing by itself took 200.
    """
    found = _engine()(markup)
    return _EVERYTHING if found is None else sum(found)


@functools.cache
def _engine() -> Fast:
    return Fast(_IN_MARKUP)


# how text and markup of a page lie side by side
TIGHT: Final = 1  # words on both sides of markup, or a digit on one side and no blank on the other
DOUBLED: Final = 2  # blanks on both sides


def borders_by_engine(data: bytes) -> int:
    """Return how text and markup lie side by side: not known without an engine.

    65 thousand instructions for 9 KB in a pass of its own, compiled 8; among the signs it would cost 200.
    """
    found = _border_engine()(data)
    return TIGHT | DOUBLED if found is None else sum(found)


borders: Callable[[bytes], int] = native.function("borders_of_markup") or borders_by_engine


@functools.cache
def _border_engine() -> Fast:
    return Fast(BORDERS)


BORDERS: Final = (
    (TIGHT, rb"[0-9A-Za-z;\x80-\xff](?:<[^>]*>)+[0-9A-Za-z&\x80-\xff]"),
    (TIGHT, rb"[0-9\x80-\xff](?:<[^>]*>)+[^ \r\n<]"),
    (TIGHT, rb"[^ \r\n>](?:<[^>]*>)+[0-9\xd8-\xff]"),
    (DOUBLED, rb"[ \r\n](?:<[^>]*>)+[ \r\n](?:[ \r\n]|<[^>]*>)*[^ \r\n<]"),
)


def has_digit_edges_by_engine(page: bytes) -> bool:
    """Say whether digits of a value stand as close to digits of the text as those of one number do."""
    found = _digit_edges()(page)
    return found is None or bool(found)


has_digit_edges: Callable[[bytes], bool] = native.function("has_digit_edges") or has_digit_edges_by_engine


@functools.cache
def _digit_edges() -> Fast:
    return Fast(((1, DIGIT_EDGES),))


DIGIT_EDGES: Final = rb"[0-9][\"']?>[^0-9A-Za-z<]*[0-9\xd8-\xff]"


def warm_up() -> None:
    """Compile the engines now (0.03 s), so that the first message does not wait for them."""
    engines = (_engine,) if native.IS_THERE else (_engine, _border_engine, _digit_edges)
    for engine in engines:
        engine().hurry()
