"""A fast strip of HTML, so that a digit prefilter can judge bytes instead of readings.

In: decoded bytes of an HTML part (any ASCII-compatible charset). Out: bytes that hold, one behind the other, nearly
what the readings of ``html.py`` hold: the text with line breaks for blocks, the text without any gap (both once more
with the insides of conditional comments, and with alternative texts in place), the source with references and percent
escapes decoded. Too many hits cost time, a miss would cost a card number, so whatever these few C-speed passes
cannot follow comes back as :data:`ALARM` alone, which every prefilter takes for a card: odd comments, ``>`` in
quotes, unclosed markup, script escapes, embedded data, bidirectional overrides, text between table cells, and long
pages in which anything may be hidden; of short ones, what is left without it is among the texts (``html_hiding.py``).
:func:`strip_with_source` gives all that there is to ask about, the source included, and the text only once where that
says as much.

Sound for digits of ASCII and of UTF-8: bytes from 0x80 on are kept everywhere. Linear: no pattern is tried where its
end is known to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from pansentry import native
from pansentry.views import html_hiding, html_signs
from pansentry.views.html_entities import reference_at
from pansentry.views.html_parts import (
    BLOCKS,
    BREAK,
    JOINT,
    Parted,
    edges,
    has_name_of,
    part,
    part_as_it_stands,
    split,
    with_breaks,
)
from pansentry.views.html_signs import (
    DIGIT_EDGE,
    DOUBLED,
    FIELDS,
    NAMED,
    NAMES_IN_PHRASES,
    SUSPECT,
    TABLE,
    TIGHT,
    UNNAMED,
    WORD_EDGE,
)

ALARM: Final = b"card 4111 1111 1111 1111\n"
"""A published test number, which any test for card numbers takes for one."""

_REFERENCE: Final = re.compile(rb"(&(?:#[xX][0-9a-fA-F]++|#[0-9]++|[a-zA-Z][a-zA-Z0-9]{1,30}+);?)")
_NAME: Final = re.compile(rb"&[a-zA-Z0-9#]*+")
_HARMLESS: Final = frozenset(  # neither digits nor anything that stands between digits
    b"& &amp &lt &gt &quot &apos &copy &reg &euro &auml &ouml &uuml &Auml &Ouml &Uuml &szlig &eacute &egrave".split()
)
_INVISIBLE: Final = re.compile(
    rb"(?>(?:\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xcd\x8f|\xd8\x9c|\xe1\xa0\x8e)+)"
)
_CONDITION: Final = re.compile(rb"^<!--[\t\n\f\r ]*+\[if", re.IGNORECASE | re.MULTILINE)
_SPACES: Final = (b"\t", b"\n", b"\f", b"\r", b"\x01")
_LESS, _AMPERSAND, _PERCENT, _PLUS, _SLASH, _BACKSLASH, _NUL = b"<&%+/\\\0"
"""Octets by number: to ask for ``b"<"`` costs 2,000 instructions more, since Python takes it for a number first."""
_VALUES: Final = bytes.maketrans(b"\"'=<>", b"\n\n\n\n\n")  # attribute values stand alone in their reading

# what a tag-by-tag strip reads differently from a tokenizer, or what is shown in another order
_ODD_TAG: Final = re.compile(
    rb"<!--|--!?>|<!\[cdata\[|<[a-z/][^<>]*+<|=\s*+(?:\"[^\">]*+>|'[^'>]*+>)"
    rb"|</?(?:plaintext|template|iframe|noembed|noframes|datalist|rp|dialog|desc|metadata|defs|bdo|svg|math|rtc?)\b|bidi|<!entity"
)
_ODD_COMMENT: Final = re.compile(rb"<!--?>|<!--->|--!>|<!--\s*+\[if[^\]>]*+>", re.IGNORECASE)
_ESCAPE: Final = re.compile(rb"\\(?:[0-9a-fA-F]|u|x)")
_URI: Final = re.compile(rb"data:(?!image/(?:png|jpe?g|gif)|font/)[^,\"'<>\s]{0,200}+,", re.IGNORECASE)
# text between table cells: browsers show it in front of the table
_FOSTERED: Final = re.compile(
    rb"(?:</(?:td|th|tr|caption|tbody|thead|tfoot)|<(?:table|tr|tbody|thead|tfoot))\b[^>]{0,200}+>\s*+"
    rb"(?:[^<\s]|<(?!/?(?:td|th|tr|table|tbody|thead|tfoot|caption|col|colgroup)\b))",
    re.IGNORECASE,
)
# what may lay out digits in another order, or bring some of its own
_LAYING_WORDS: Final = (b"float", b"reverse", b"order", b"absolute", b"relative", b"fixed")
_LAYING: Final = re.compile(rb"float *+: *+right|-reverse|[;\"'{ ]order *+:|position *+: *+(?:absolute|relative|fixed)")
_GENERATED: Final = re.compile(rb"content *+: *+(?:\"[^\"0-9]*+|'[^'0-9]*+)[0-9]|content *+:[^;}]{0,200}?attr *+\(")
_SHEET: Final = re.compile(rb"<style", re.IGNORECASE)
_CELL_TAG: Final = re.compile(rb"<t[dh]\b", re.IGNORECASE)
_BEHIND_DIGIT: Final = re.compile(
    rb"[0-9;\x80-\xff][\s\x80-\xff.,:;/_-]{0,32}+((?>(?:<[^>]*+>[\s\x80-\xff.,:;/_-]*+)+))"
)
_START_TAG: Final = re.compile(rb"<(?!(?:br|wbr|img|hr|td|tr|th|a)\b)[a-z]|<[a-z]+\s[^>]", re.IGNORECASE)
_FIELD_NAMES: Final = (b"alt", b"value", b"placeholder", b"label")
_FIELD: Final = re.compile(
    rb"\b(?:alt|value|placeholder|label)\s*+=\s*+(?:\"([^\"]*+)|'([^']*+)|([^\"'\s>]++))", re.IGNORECASE
)
_DIGIT: Final = re.compile(rb"[0-9&\x80-\xff]")


def strip_for_prefilter(data: bytes, *, is_even: bool = False) -> bytes:
    """Return what a digit prefilter has to look at, beside the source, to know whether any reading is worth making.

    ``is_even`` says that white space is single blanks and whole line ends (``signs.Sign.UNEVEN`` was not seen).
    """
    return b"\n\n".join(_strip(data, is_even=is_even, borders=TIGHT | DOUBLED)[0])


def strip_with_source(data: bytes, *, is_even: bool = False) -> bytes:
    """Return what a digit prefilter has to look at to know whether any reading is worth making, that of the source too.

    The text once, where it need not be looked at with line breaks, without gap and as source: all three say the same if
    white space is even, nothing in the text was hidden in its spelling, and on one side of any markup at least stands
    neither word nor digit (:func:`html_signs.borders`). What the source joins beside that, it joins at the edge of a
    tag: the end of an attribute with the text behind it, the name of a tag with either side. Those edges are added.
    A page of 9 KB is asked about as 8 KB instead of 25.
    """
    texts, is_all = _strip(data, is_even=is_even, borders=html_signs.borders(data) if is_even else TIGHT | DOUBLED)
    return b"\n\n".join(texts if is_all else (*texts, data))


def _strip(data: bytes, *, is_even: bool, borders: int) -> tuple[list[bytes], bool]:
    """Return the texts that are to be looked at, and whether what the source alone might show is among them."""
    if _LESS not in data and not any(mark in data for mark in b"&%\\+\0") and data.isascii():
        return [data], True
    page = data.replace(b"\r", b"").replace(b"\n", b" ") if is_even else collapse(data)
    parted = part(page)
    named = parted.named
    live = part_as_it_stands(page) if _CONDITION.search(parted.comments) else None
    if live is not None:
        named = b"\n".join(dict.fromkeys((*named.split(b"\n"), *live.named.split(b"\n"))))
    markup = b"\n".join((named, parted.comments, parted.silent))
    seen = html_signs.seen_in(markup)
    # the source with its references decoded is a reading: as a whole, or what is not text already where that is enough
    is_telling = _AMPERSAND in page and not _HARMLESS.issuperset(_NAME.findall(page))
    shown, is_plain = _decoded(parted.shown)
    bare = _without_breaks(shown)
    if borders & DOUBLED:
        bare = _narrow(bare)
    is_all = is_plain and not (borders & TIGHT or is_telling or parted.comments or seen & UNNAMED or _has_dates(bare))
    is_all = is_all and not (seen & DIGIT_EDGE and html_signs.has_digit_edges(page))
    texts = [bare] if is_all else [bare, with_breaks(parted, shown)]
    if seen & FIELDS and (fields := _with_fields(parted, named)):
        texts.append(fields)
    if live is not None:
        shown, _ = _decoded(live.shown)
        texts += (_narrow(_without_breaks(shown)), with_breaks(live, shown))
        if seen & FIELDS and (fields := _with_fields(live, named)):
            texts.append(fields)
    has_digits = any(_DIGIT.search(text) is not None for text in texts)
    if is_telling:
        markup = _references(page)
    texts += [markup, markup.translate(_VALUES)]
    if is_all and seen & (WORD_EDGE | NAMED):
        # what the source has on both sides of tags, where it might be words of one phrase
        beside = edges(parted, NAMES_IN_PHRASES if seen & NAMED else frozenset(), len(data) // 4)
        texts += [data] if beside is None else dict.fromkeys(beside)
    if _PERCENT in page or _PLUS in markup:
        written = markup if b"%" not in page or is_telling else page  # form data and links in text are decoded too
        once = unquote_to_bytes(written.translate(_VALUES).replace(b"+", b" "))
        texts += [once, unquote_to_bytes(once)] if _PERCENT in once else [once]
    # the alarm alone: asked about with 54 KB of texts it took the prefilter 25 million instructions to say the same
    if _is_odd(page, texts, named, seen, parted):
        return [ALARM], True
    if has_digits and _may_hide(page, named, seen, parted, is_telling=is_telling):
        hiding = html_hiding.texts(data) if len(data) <= html_hiding.MOST_BYTES else None
        return ([ALARM], True) if hiding is None else (texts + hiding, is_all)
    return texts, is_all


def _may_hide(page: bytes, named: bytes, seen: int, parted: Parted, *, is_telling: bool) -> bool:
    """Say whether there may be readings that leave out some of the text."""
    is_spelled = is_telling and _AMPERSAND in named
    if seen & SUSPECT or is_spelled or (parted.comments and _SHEET.search(page) is not None):
        tags = _references(named) + named if is_spelled else named
        if html_hiding.may_hide(page, tags.lower()):
            return True
    return html_hiding.has_title_behind_digits(parted.source)


def _has_dates(text: bytes) -> bool:
    """Say whether there may be dates with slashes: only they ask for a least distance, which breaks add to."""
    return _SLASH in text and _SLASHED.search(text) is not None


_SLASHED: Final = re.compile(rb"/(?<=[0-9]/)[0-9]")


def collapse_slowly(data: bytes) -> bytes:
    """Make one blank of each run of white space."""
    page = data
    for space in _SPACES:  # at most six times 500 instructions for 9 KB, where a table takes 84,000
        page = page.replace(space, b" ")
    return _narrow(page)


collapse: Callable[[bytes], bytes] = native.function("collapse_blanks") or collapse_slowly


def _narrow(text: bytes) -> bytes:
    """Make one blank of several: also of those that markup stood between."""
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def _decoded(shown: bytes) -> tuple[bytes, bool]:
    """Return the text as it is shown, with what stands for its tags, and whether nothing in it was invisible."""
    decoded = _references(shown)
    visible = _without_invisible(decoded)
    return visible, visible is decoded


def _without_breaks(shown: bytes) -> bytes:
    """Return the text read on without any gap."""
    return shown.replace(JOINT, b"").replace(BREAK, b"")


def _with_fields(parted: Parted, named: bytes) -> bytes:
    """Return the text with breaks and with the values of fields in place; nothing if none of them has a digit."""
    if not any(_DIGIT.search(field[0]) for field in _FIELD.finditer(named)):  # tag by tag it takes twenty times as long
        return b""
    fields = {tag: value for tag in named.split(b"\n") if (value := _field_values(tag))}
    if not fields:
        return b""
    pieces = parted.pieces or split(parted.source)
    words = _decode(JOINT.join(pieces[::2])).split(JOINT)
    tags = pieces[1::2]
    gap = {tag: (b"\n" if has_name_of(tag, BLOCKS) else b"") + fields.get(tag, b"") for tag in set(tags)}
    shown: list[bytes] = [b""] * len(pieces)
    shown[::2] = words
    shown[1::2] = [gap[tag] for tag in tags]
    return b"".join(shown)


def _field_values(tag: bytes) -> bytes:
    """Return the values that a reader may show in place of a tag, if there is a digit in them."""
    if not any(name in tag.lower() for name in _FIELD_NAMES):
        return b""
    values = b"".join(field[1] or field[2] or field[3] or b"" for field in _FIELD.finditer(tag))
    return _decode(values) if _DIGIT.search(values) else b""


def _is_odd(page: bytes, texts: list[bytes], named: bytes, seen: int, parted: Parted) -> bool:
    """Say whether the strip may lose or part digits that a reading joins."""
    if (
        parted.is_loud
        or page.rfind(b"<") > page.rfind(b">")
        or _ODD_COMMENT.search(parted.comments) is not None
        or (_BACKSLASH in page and _ESCAPE.search(page) is not None)
        or _overrides(texts)
        or (seen & TABLE and _FOSTERED.search(parted.source) is not None)
    ):
        return True
    if not seen & SUSPECT:
        return False
    tags = named.lower()
    styles = parted.silent.lower()
    both = tags + styles
    return (
        _ODD_TAG.search(tags) is not None
        or _URI.search(tags) is not None
        or b"bidi" in styles
        or (b"content" in styles and _GENERATED.search(styles) is not None)
        or (b"rtl" in both and _stands_behind_digit(parted.source, _CELL_TAG))
        or (_may_lay_out(both) and _stands_behind_digit(parted.source, _START_TAG))
    )


def _overrides(texts: list[bytes]) -> bool:
    """Say whether some text is shown in another direction."""
    text = b"\n".join(texts)
    return 0xE2 in text and (b"\xe2\x80\xad" in text or b"\xe2\x80\xae" in text)


def _may_lay_out(styles: bytes) -> bool:
    return any(word in styles for word in _LAYING_WORDS) and _LAYING.search(styles) is not None


def _stands_behind_digit(page: bytes, hideable: re.Pattern[bytes]) -> bool:
    """Say whether an element that may be hidden begins right behind a digit."""
    closed = page[: page.rfind(b">") + 1]
    return any(hideable.search(tags[1]) for tags in _BEHIND_DIGIT.finditer(closed))


def _decode(text: bytes) -> bytes:
    """Decode references, drop NULs and what has no width."""
    return _without_invisible(_references(text))


def _without_invisible(text: bytes) -> bytes:
    return without_invisible(text.replace(b"\0", b"") if _NUL in text else text)


def without_invisible_slowly(text: bytes) -> bytes:
    """Take out what has no width: four million instructions for 9 KB with a dash in it, compiled 12 thousand."""
    # one octet is looked for at fifty times the speed of two; written out, since a generator costs 15,000 instructions
    if text.isascii() or not (
        (0xC2 in text and b"\xc2\xad" in text)
        or (0xE2 in text and (b"\xe2\x80" in text or b"\xe2\x81" in text))
        or (0xEF in text and b"\xef\xbb\xbf" in text)
        or 0xCD in text
        or 0xD8 in text
        or (0xE1 in text and b"\xe1\xa0" in text)
    ):
        return text
    return _INVISIBLE.sub(b"", text)


without_invisible: Callable[[bytes], bytes] = native.function("without_invisible") or without_invisible_slowly


def _references(text: bytes) -> bytes:
    """Return the text with its references decoded, each different one once; a call back for each takes three times as
    many instructions."""
    if _AMPERSAND not in text:
        return text
    pieces = _REFERENCE.split(text)
    stand_in = {reference: _stand_for(reference.decode("ascii")) for reference in set(pieces[1::2])}
    pieces[1::2] = [stand_in[reference] for reference in pieces[1::2]]
    return b"".join(pieces) if stand_in else text


def _stand_for(reference: str) -> bytes:
    decoded = reference_at(reference, 0)
    if decoded is None:
        return reference.encode()
    character, end = decoded
    return (character + reference[end:]).encode("utf-8").replace(JOINT, b" ").replace(BREAK, b" ")
