"""A fast strip of HTML, so that a digit prefilter can judge bytes instead of readings.

In: decoded bytes of an HTML part (any ASCII-compatible charset). Out: bytes that hold, one behind the other, nearly
what the readings of ``html.py`` hold: the text with line breaks for blocks, the text without any gap (both once more
with the insides of conditional comments, and with alternative texts in place), the source with references and percent
escapes decoded. Too many hits cost time, a miss would cost a card number, so whatever these few C-speed passes
cannot follow comes back with :data:`ALARM` in front, which every prefilter takes for a card: odd comments, ``>`` in
quotes, unclosed markup, script escapes, embedded data, bidirectional overrides, text between table cells, and an
element right behind a digit where something in the page may hide it.

Sound for digits of ASCII and of UTF-8: bytes from 0x80 on are kept everywhere. Linear: no pattern is tried where its
end is known to be missing.
"""

from __future__ import annotations

import functools
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from pansentry.pan.engines import Fast
from pansentry.views.html_entities import reference_at
from pansentry.views.html_parts import Parted, part, split

ALARM: Final = b"card 4111 1111 1111 1111\n"
"""A published test number, which any test for card numbers takes for one."""

_BLOCK_NAMES: Final = (
    b"address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    b"footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol optgroup option p "
    b"plaintext pre search section select summary table tbody tfoot thead title textarea tr ul xmp br"
)
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split()) | {b"/" + name for name in _BLOCK_NAMES.split()} | {b"td", b"th"}
_TAG_NAME: Final = re.compile(rb"<(/?[a-zA-Z][a-zA-Z0-9]*+)(?![^\s/>])")
_REFERENCE: Final = re.compile(rb"&(?:#[xX][0-9a-fA-F]++|#[0-9]++|[a-zA-Z][a-zA-Z0-9]{1,30}+);?")
_NAME: Final = re.compile(rb"&[a-zA-Z0-9#]*+")
_HARMLESS: Final = frozenset(  # neither digits nor anything that stands between digits
    b"& &amp &lt &gt &quot &apos &copy &reg &euro &auml &ouml &uuml &Auml &Ouml &Uuml &szlig &eacute &egrave".split()
)
_INVISIBLE: Final = re.compile(
    rb"(?>(?:\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xcd\x8f|\xd8\x9c|\xe1\xa0\x8e)+)"
)
_INVISIBLE_MARKS: Final = (
    b"\xc2\xad",
    b"\xe2\x80",
    b"\xe2\x81",
    b"\xef\xbb\xbf",
    b"\xcd\x8f",
    b"\xd8\x9c",
    b"\xe1\xa0",
)
"""How what :data:`_INVISIBLE` matches begins."""
_CONDITION: Final = re.compile(rb"<!--[\t\n\f\r ]*+\[if", re.IGNORECASE)
_SPACES: Final = (b"\t", b"\n", b"\f", b"\r", b"\x01")
_BORDER: Final = b"\x01"  # stands for a tag while references are decoded
_VALUES: Final = bytes.maketrans(b"\"'=<>", b"\n\n\n\n\n")  # attribute values stand alone in their reading

# what a tag-by-tag strip reads differently from a tokenizer, or what is shown in another order
_ODD_TAG: Final = re.compile(
    rb"<!--|--!?>|<!\[cdata\[|<[a-z/][^<>]*+<|=\s*+(?:\"[^\">]*+>|'[^'>]*+>)"
    rb"|</?(?:plaintext|template|iframe|noembed|noframes|datalist|rp|dialog|desc|metadata|defs|bdo|svg|math|rtc?)\b|bidi|<!entity"
)
_ODD_COMMENT: Final = re.compile(rb"<!--?>|<!--->|--!>|<!--\s*+\[if[^\]>]*+>", re.IGNORECASE)
_ESCAPE: Final = re.compile(rb"\\(?:[0-9a-fA-F]|u|x)")
_URI: Final = re.compile(rb"data:(?!image/(?:png|jpe?g|gif)|font/)[^,\"'<>\s]{0,200}+,", re.IGNORECASE)
_OVERRIDES: Final = (b"\xe2\x80\xad", b"\xe2\x80\xae")
# text between table cells: browsers show it in front of the table
_FOSTERED: Final = re.compile(
    rb"(?:</(?:td|th|tr|caption|tbody|thead|tfoot)|<(?:table|tr|tbody|thead|tfoot))\b[^>]{0,200}+>\s*+"
    rb"(?:[^<\s]|<(?!/?(?:td|th|tr|table|tbody|thead|tfoot|caption|col|colgroup)\b))",
    re.IGNORECASE,
)
# what may hide a part of the page, in lower case: words, and values that take a closer look
_HIDING_WORDS: Final = (b"none", b"hidden", b"visibility", b"opacity", b"overflow", b"clip", b"mso-hide", b"/*")
_HIDING_VALUES: Final = (
    (b"color", re.compile(rb"color[\"' ]*+[:=][\"' ]*+(?:white|transp|#f|rgb)")),
    (b"font-size", re.compile(rb"font-size *+: *+(?:[+.0]|[12](?>(?:\.[0-9]++)?)p|[0-9](?>(?:\.[0-9]++)?)%)")),
    (b"font", re.compile(rb"font *+:(?:[^;\"'{}]{0,60}? )?(?:[+.]?0|[12](?>(?:\.[0-9]++)?)p)")),
    (b"scale", re.compile(rb"scale(?:3d|x|y)?(?:\(| *+:) *+[0.]")),
    (b"zoom", re.compile(rb"zoom *+: *+[0.]")),
    (b"(", re.compile(rb"(?:circle|ellipse)\( *+[0.]")),
    (b"-", re.compile(rb": *+-[0-9]")),
)
# what may lay out digits in another order, or bring some of its own
_LAYING_WORDS: Final = (b"float", b"reverse", b"order", b"absolute", b"relative", b"fixed")
_LAYING: Final = re.compile(rb"float *+: *+right|-reverse|[;\"'{ ]order *+:|position *+: *+(?:absolute|relative|fixed)")
_GENERATED: Final = re.compile(rb"content *+: *+(?:\"[^\"0-9]*+|'[^'0-9]*+)[0-9]|content *+:[^;}]{0,200}?attr *+\(")
_CELL_TAG: Final = re.compile(rb"<t[dh]\b", re.IGNORECASE)
_BEHIND_DIGIT: Final = re.compile(
    rb"[0-9;\x80-\xff][\s\x80-\xff.,:;/_-]{0,32}+((?>(?:<[^>]*+>[\s\x80-\xff.,:;/_-]*+)+))"
)
_STYLED_TAG: Final = re.compile(rb"\b(?:style|class|hidden|id|color)\b", re.IGNORECASE)
_START_TAG: Final = re.compile(rb"<(?!(?:br|wbr|img|hr|td|tr|th|a)\b)[a-z]|<[a-z]+\s[^>]", re.IGNORECASE)
_FIELD_NAMES: Final = (b"alt", b"value", b"placeholder", b"label")
_FIELD: Final = re.compile(
    rb"\b(?:alt|value|placeholder|label)\s*+=\s*+(?:\"([^\"]*+)|'([^']*+)|([^\"'\s>]++))", re.IGNORECASE
)
_DIGIT: Final = re.compile(rb"[0-9&\x80-\xff]")


def strip_for_prefilter(data: bytes, *, is_even: bool = False) -> bytes:
    """Return what a digit prefilter has to look at to know whether any reading of this HTML is worth making.

    ``is_even`` says that white space is single blanks and whole line ends (``signs.Sign.UNEVEN`` was not seen).
    """
    if not any(mark in data for mark in (b"<", b"&", b"%", b"\\", b"+", b"\0")) and data.isascii():
        return data
    page = data.replace(b"\r", b"").replace(b"\n", b" ") if is_even else _collapse(data)
    parted = part(page)
    tags = parted.tags
    live = split(page) if any(map(_CONDITION.match, parted.comments)) else []
    tags.update(live[1::2])
    named = b"\n".join(tags)
    markup = b"\n".join((named, *parted.comments, *parted.silent))
    seen = _seen_in(markup)
    texts = _texts(parted.pieces, tags, seen)
    if live:
        texts += _texts(live, tags, seen)
    # the source with its references decoded is a reading: as a whole, or what is not text already where that is enough
    is_telling = b"&" in page and not _HARMLESS.issuperset(_NAME.findall(page))
    if is_telling:
        markup = _references(page)
    texts += [markup, markup.translate(_VALUES)]
    if b"%" in page or b"+" in markup:
        written = markup if b"%" not in page or is_telling else page  # form data and links in text are decoded too
        once = unquote_to_bytes(written.translate(_VALUES).replace(b"+", b" "))
        texts += [once, unquote_to_bytes(once)] if b"%" in once else [once]
    stripped = b"\n\n".join(texts)
    return ALARM + stripped if _is_odd(page, stripped, named, seen, parted) else stripped


# what is worth looking for in the markup, as bits: fields that are shown in place, tables, anything suspicious
_FIELDS: Final = 1
_TABLE: Final = 2
_SUSPECT: Final = 4
_IN_MARKUP: Final = (
    (_FIELDS, rb"(?i)alt|value|placeholder|label"),
    (_TABLE, rb"(?i)<t"),
    (
        _SUSPECT,
        rb"(?i)<!--|--!?>|<!\[cdata\[|<[a-z/][^<>]*<|=\s*\"[^\">]*>|=\s*'[^'>]*>|data:|bidi|rtl|content|<!entity",
    ),
    (
        _SUSPECT,
        rb"(?i)</?(?:plaintext|template|iframe|noembed|noframes|datalist|rp|dialog|desc|metadata|defs|bdo|svg|math|rt)",
    ),
    (_SUSPECT, rb"(?i)none|hidden|visibility|opacity|overflow|clip|mso-hide|/\*"),
    (_SUSPECT, rb"(?i)color[\"' ]*[:=][\"' ]*(?:white|transp|#f|rgb)|: *-[0-9]|(?:circle|ellipse)\( *[0.]"),
    (_SUSPECT, rb"(?i)font-size *: *(?:[+.0]|[12](?:\.[0-9]+)?p|[0-9](?:\.[0-9]+)?%)"),
    (_SUSPECT, rb"(?i)font *:(?:[^;\"'{}]{0,60} )?(?:[+.]?0|[12](?:\.[0-9]+)?p)"),
    (_SUSPECT, rb"(?i)scale(?:3d|x|y)?(?:\(| *:) *[0.]|zoom *: *[0.]"),
    (_SUSPECT, rb"(?i)float *: *right|-reverse|[;\"'{ ]order *:|position *: *(?:absolute|relative|fixed)"),
)
"""What :func:`_is_odd` and :func:`_field_values` look for, in one pass: where none is they need not look."""


def _seen_in(markup: bytes) -> int:
    """Return what is to be looked for in the markup of a page: all of it without an engine that tells in one pass.

    A page of ordinary mail costs 25 thousand instructions here; to look for each thing by itself took 200.
    """
    found = _engine()(markup)
    return _FIELDS | _TABLE | _SUSPECT if found is None else sum(found)


@functools.cache
def _engine() -> Fast:
    return Fast(_IN_MARKUP)


def warm_up() -> None:
    """Compile the engine now, so that the first message does not wait for it."""
    _engine().hurry()


def _collapse(data: bytes) -> bytes:
    """Make one blank of each run of white space."""
    page = data
    for space in _SPACES:  # at most six times 500 instructions for 9 KB, where a table takes 84,000
        page = page.replace(space, b" ")
    while b"  " in page:
        page = page.replace(b"  ", b" ")
    return page


def _texts(pieces: list[bytes], tags: set[bytes], seen: int) -> list[bytes]:
    """Return the text with breaks for what ends a line or a cell, without any gap, and with fields in place."""
    words = pieces[::2]
    bare = _BORDER.join(words)
    decoded = _decode(bare)
    if decoded is not bare:
        words = decoded.split(_BORDER)
    gap = {tag: b"\n" if _is_block(tag) else b"" for tag in tags}
    gap[b""] = b""  # where a style sheet or script was
    shown: list[bytes] = [b""] * len(pieces)
    shown[::2] = words
    shown[1::2] = [gap[tag] for tag in pieces[1::2]]
    texts = [b"".join(shown), b"".join(words)]
    fields = {tag: value for tag in tags if (value := _field_values(tag))} if seen & _FIELDS else None
    if fields:
        shown[1::2] = [gap[tag] + fields.get(tag, b"") for tag in pieces[1::2]]
        texts.append(b"".join(shown))
    return texts


def _is_block(tag: bytes) -> bool:
    """Say whether a line ends where a tag stands; a table is asked at a fifth of what fifty alternatives cost."""
    name = _TAG_NAME.match(tag)
    return name is not None and name[1].lower() in _BLOCKS


def _field_values(tag: bytes) -> bytes:
    """Return the values that a reader may show in place of a tag, if there is a digit in them."""
    if not any(name in tag.lower() for name in _FIELD_NAMES):
        return b""
    values = b"".join(field[1] or field[2] or field[3] or b"" for field in _FIELD.finditer(tag))
    return _decode(values) if _DIGIT.search(values) else b""


def _is_odd(page: bytes, stripped: bytes, named: bytes, seen: int, parted: Parted) -> bool:
    """Say whether the strip may lose or part digits that a reading joins."""
    if (
        parted.is_loud
        or page.rfind(b"<") > page.rfind(b">")
        or any(_ODD_COMMENT.search(comment) for comment in parted.comments)
        or (b"\\" in page and _ESCAPE.search(page) is not None)
        or any(mark[2:] in stripped and mark in stripped for mark in _OVERRIDES)
        or (seen & _TABLE and _FOSTERED.search(parted.source) is not None)
    ):
        return True
    if not seen & _SUSPECT:
        return False
    tags = named.lower()
    styles = b"\n".join(parted.silent).lower()
    both = tags + styles
    return (
        _ODD_TAG.search(tags) is not None
        or _URI.search(tags) is not None
        or b"bidi" in styles
        or (b"content" in styles and _GENERATED.search(styles) is not None)
        or (b"rtl" in both and _stands_behind_digit(parted.source, _CELL_TAG))
        or (_may_lay_out(both) and _stands_behind_digit(parted.source, _START_TAG))
        or (_may_hide(both) and _stands_behind_digit(parted.source, _START_TAG if parted.silent else _STYLED_TAG))
    )


def _may_hide(styles: bytes) -> bool:
    return any(word in styles for word in _HIDING_WORDS) or any(
        word in styles and value.search(styles) for word, value in _HIDING_VALUES
    )


def _may_lay_out(styles: bytes) -> bool:
    return any(word in styles for word in _LAYING_WORDS) and _LAYING.search(styles) is not None


def _stands_behind_digit(page: bytes, hideable: re.Pattern[bytes]) -> bool:
    """Say whether an element that may be hidden begins right behind a digit."""
    closed = page[: page.rfind(b">") + 1]
    return any(hideable.search(tags[1]) for tags in _BEHIND_DIGIT.finditer(closed))


def _decode(text: bytes) -> bytes:
    """Decode references, drop NULs and what has no width."""
    text = _references(text)
    if b"\0" in text:
        text = text.replace(b"\0", b"")
    # one octet is looked for at fifty times the speed of two
    if text.isascii() or not any(mark[:1] in text and mark in text for mark in _INVISIBLE_MARKS):
        return text
    return _INVISIBLE.sub(b"", text)


def _references(text: bytes) -> bytes:
    known: dict[bytes, bytes] = {}

    def replace(match: re.Match[bytes]) -> bytes:
        found = match[0]
        if found not in known:
            known[found] = _stand_for(found.decode("ascii"))
        return known[found]

    return _REFERENCE.sub(replace, text) if b"&" in text else text


def _stand_for(reference: str) -> bytes:
    decoded = reference_at(reference, 0)
    if decoded is None:
        return reference.encode()
    character, end = decoded
    return (character + reference[end:]).encode("utf-8").replace(_BORDER, b" ")
