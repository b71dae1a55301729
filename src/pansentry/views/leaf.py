"""The views of a leaf: every text that its content may be shown as.

In: a leaf and its part. Out: views of the text in each charset that a reader may take (:mod:`pansentry.mime.charset`),
as it stands and as each fitting reader shows it. Binary content is told by its first bytes and handed on as a
:class:`Document`; content that is neither is read as text if it could hold something. Known gap: of a large binary file
only stretches of ASCII, one or two octets a character, are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.edits import Edit
from pansentry.mime import charset, transfer
from pansentry.mime.source import Leaf, Span, Text
from pansentry.views import calendar, embedded, flowed, html, mended, readers, signs, statements, whole, worth
from pansentry.views.document import Course, kind_of
from pansentry.views.joined import Piece
from pansentry.views.reading import Reading, Weaver, identity
from pansentry.views.sealed import Pieces
from pansentry.views.signs import Sign
from pansentry.views.view import View, of_reading, of_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.mime.parts import Part
    from pansentry.mime.source import Source
    from pansentry.views.worth import Predicate

_MARKUP_OR_SHEET = re.compile(rb"<(?:style|script)\b[^<>]*+>[^<]*+|<[^<>]*+>", re.IGNORECASE)
_MAIL_FIELDS = (b"\ncontent-type", b"\ncontent-transfer-encoding", b"\nmime-version")
_MAIL_BYTES = 16384
_COLUMNS = bytes.maketrans(b";,|\"'", b"     ")
_MARKUP = ("html", "xml", "svg")
_LESS, _MORE, _BACKSLASH, _AMPERSAND, _PERCENT = b"<>\\&%"
_TAGGED = frozenset({"text/enriched", "text/richtext"})


_LARGE_BINARY = 64 * 1024
_AROUND = 4
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]++")
_NO_STRING = re.compile(r"[^\t\n\r\x20-\x7e\xa0]++")
_STRING = re.compile(rb"(?:\0?[\t\n\r\x20-\x7e]){6,}")
_WIDE = (  # strings of UTF-16 in something else (titles of sounds and films, resources of programs)
    ("utf-16-le", re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0]\0){6,}")),
    ("utf-16-be", re.compile(rb"(?:\0[\t\n\r\x20-\x7e\xa0]){6,}")),
)
_NO_CONTROLS = bytes({*range(0x20, 0x100), 0, 9, 10, 11, 12, 13, 0x1B} - {0x7F})
_MAX_CONTROLS = 12  # one in so many characters at most is a control in a text that is no binary file


def views(leaf: Leaf, part: Part, worth_reading: Predicate, course: Course | None = None) -> Iterator[View]:
    """Yield the views of a leaf that is text or may be."""
    yield from of_content(leaf, part.media_type, part.charset, worth_reading, course=course)
    if part.encoding == "base64" and transfer.is_url_safe(leaf.body):
        body = Span(part.source, part.body_start, part.body_end, leaf.place)
        yield from of_content(whole.Decoded(body, "base64-skipping"), part.media_type, part.charset, worth_reading)
    if part.encoding not in transfer.IDENTITY and part.media_type.startswith("text/") and worth_reading(leaf.body):
        yield of_text(Text(Span(part.source, part.body_start, part.body_end, leaf.place), "utf-8"), "source")


def of_content(
    source: Source,
    media_type: str,
    label: str,
    worth_reading: Predicate,
    *,
    depth: int = 0,
    course: Course | None = None,
) -> Iterator[View]:
    """Yield the views of bytes that are text or may be, and of what is embedded in them; no text twice.

    Documents that are embedded are put into ``course``. Raises LimitExceededError where too much is embedded.
    """
    data = source.data
    course = Course.over(data) if course is None else course
    is_binary = not media_type.startswith("text/") and _is_binary(data)
    if depth == 0 and 0 in data:
        yield from _wide_strings(source, worth_reading)
    if is_binary and len(data) > _LARGE_BINARY:
        source = Pieces(source, _strings(data))
        data = source.data
    shown = Sign.UNEVEN if is_binary else signs.with_layout(data)
    for codec in charset.readings(data, label):
        is_utf8 = codec == "utf-8" or (charset.is_plain(codec) and data.isascii())
        if is_utf8 and not _worth(data, media_type, worth_reading, shown):
            continue
        text = Text(source, codec)
        if not is_utf8 and not _worth(
            text.data, media_type, worth_reading, Sign.UNEVEN if is_binary else signs.with_layout(text.data)
        ):
            continue
        if text.text not in course.seen:
            yield from _of_text(text, media_type, course.seen, is_binary=is_binary)
    if depth < embedded.MAX_DEPTH and not is_binary:
        for inner in embedded.sources(source, shown):
            course.spend(len(inner.data))
            if kind := kind_of(inner.data):
                if not _is_begun(inner, course):
                    course.documents.append((kind, inner))
            else:
                yield from of_content(inner, "", "", worth_reading, depth=depth + 1, course=course)
    if depth == 0 and shown & Sign.MAIL and _looks_like_mail(data):
        yield from whole.views(source, worth_reading)


def _is_begun(source: Source, course: Course) -> bool:
    """Tell whether another reading has decoded this file, one of them a few letters further or not to its end.

    What is the same, or begins so, at another place is another file: a form sent twice, or empty and filled in. So only
    those are compared that begin at one place: a page may be made of thousands.
    """
    begin = _begin(source)
    if begin is None:
        return False
    begun = course.begun.setdefault(begin, [])
    if any(one.data.startswith(source.data) or source.data.startswith(one.data) for one in begun):
        return True
    begun.append(source)
    return False


def _begin(source: Source) -> int | None:
    """Return where a source begins in the leaf, None if that cannot be said."""
    edits: tuple[Edit[bytes], ...] = (Edit(0, 1, source.data[:1]),)
    while source.parent is not None and not isinstance(source, Leaf):
        lowered = source.lower(edits)
        if not lowered:
            return None
        edits, source = lowered, source.parent
    return edits[0].start


def _of_text(text: Text, media_type: str, seen: set[str], *, is_binary: bool) -> Iterator[View]:
    found = () if is_binary else readers.of_text(media_type, text.text)
    kind = "html" if html.read in found else "text"
    seen.add(text.text)
    bare = html.source(text.text) if kind == "html" else None
    if bare is None:
        yield of_text(text, "source" if kind == "html" else "text")
    else:
        seen.add(bare.text)
        yield of_reading(text, bare, "source")
    if is_binary and (parted := _parted(text.text, _CONTROLS)) is not None:
        yield of_reading(text, parted, "strings")
    for read in found:
        for reading in read(text.text):
            if reading.text not in seen:
                seen.add(reading.text)
                yield of_reading(text, reading, kind)


def _parted(text: str, parting: re.Pattern[str]) -> Reading | None:
    """Return a binary file read as text with a line break for controls in a row: they part what stands beside them
    (a title and the length of the next field), where in a text they are nothing."""
    weaver, position = Weaver("strings", text), 0
    for controls in parting.finditer(text):
        weaver.keep(position, controls.start())
        weaver.put("\n", *controls.span())
        position = controls.end()
    weaver.keep(position, len(text))
    return weaver.reading() if position else None


def _is_binary(data: bytes) -> bool:
    """Say whether bytes that nobody called a text are none: nobody looks for markup, escapes or files in them.

    Of random octets one in nine is a control; NULs do not count, wide charsets are full of them.
    """
    return len(data.translate(None, _NO_CONTROLS)) * _MAX_CONTROLS > len(data)


def _strings(data: bytes) -> list[tuple[int, int]]:
    """Return where text stands in a large binary file, as strings(1) finds it, wide characters (UTF-16) too.

    Each with a few octets on both sides, so that it reads as it did in its place and the digits of two do not become
    one number. Read as text as a whole, a film of 25 MB costs a minute and says nothing.
    """
    spans: list[tuple[int, int]] = []
    for found in _strings_in(data):
        start = max(found.start() - _AROUND, spans[-1][1] if spans else 0)
        spans.append((start, min(found.end() + _AROUND, len(data))))
    return spans


def _strings_in(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield what :data:`_STRING` finds, which is asked only where six of its octets stand in a row.

    Those are found in a copy in which they are all alike: 3.7 MB of noise take 15 ms, with the expression alone 120.
    """
    alike, at = data.translate(_OF_STRING), 0
    while (at := alike.find(_SIX, at)) >= 0:
        end = _ROW.match(alike, at).end()  # type: ignore[union-attr]  # it begins with six
        yield from _STRING.finditer(data, at, end)
        at = end


_OF_STRING = bytes(octet in b"\t\n\r\0" or 0x20 <= octet <= 0x7E for octet in range(256))
_SIX = b"\1" * 6
_ROW = re.compile(rb"\x01*+")


def _wide_strings(source: Source, worth_reading: Predicate) -> Iterator[View]:
    """Yield the strings of UTF-16 in something else; what is UTF-16 as a whole has readings of its own."""
    for codec, expression in _WIDE:
        spans = _runs(source.data, codec, expression)
        if not spans or _is_nearly_all(spans, len(source.data)):
            continue
        text = Text(Pieces(source, spans), codec)
        if worth_reading(text.data):
            yield of_reading(text, _parted(text.text, _NO_STRING) or identity(text.text), "strings")


def _is_nearly_all(spans: list[tuple[int, int]], size: int) -> bool:
    """Say whether runs fill a file, at even places: then it is read as UTF-16 as a whole."""
    covered = sum(end - start for start, end in spans)
    return covered * 10 >= size * 9 and all(start % 2 == 0 for start, _ in spans)


def _wide_in(data: bytes, codec: str, expression: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield what ``expression`` finds, asked where six characters stand in a row, found as strings are."""
    alike, six, at = data.translate(_OF_WIDE), _WIDE_SIX[codec], 0
    while (at := alike.find(six, at)) >= 0:
        found = expression.match(data, at)
        if found is None:  # never: six characters are what it asks for
            return
        yield found
        at = found.end()


_OF_WIDE = bytes(
    0 if not octet else 1 if octet in b"\t\n\r\xa0" or 0x20 <= octet <= 0x7E else 2 for octet in range(256)
)
_WIDE_SIX = {"utf-16-le": b"\1\0" * 6, "utf-16-be": b"\0\1" * 6}


def _runs(data: bytes, codec: str, expression: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Return where characters of two octets stand in a row, each run with one more on both sides to part them."""
    spans: list[tuple[int, int]] = []
    for found in _wide_in(data, codec, expression):
        start = found.start() - 2 if found.start() - 2 >= (spans[-1][1] if spans else 0) else found.start()
        spans.append((start, found.end() + 2 if found.end() + 2 <= len(data) else found.end()))
    return spans


def _looks_like_mail(data: bytes) -> bool:
    """Say whether some reader might open a text as a message: it has MIME fields near its start."""
    start = b"\n" + data[:_MAIL_BYTES].lower()
    return any(name in start for name in _MAIL_FIELDS)


def shown_ends(data: bytes, reach: int) -> tuple[bytes, ...]:
    """Return ``reach`` bytes from either end of roughly what is shown of a text: all of it where it is short.

    Markup is taken out if there seems to be any; where that leaves enough of some kilobytes at either end, the rest is
    not looked at (60 µs for 10 KB of HTML become 12).
    """
    if _LESS not in data or _MORE not in data:
        return _two_ends(data, reach)
    for share in _END_BYTES:
        if len(data) > 2 * share:
            first, last = without_markup(data, 0, share), without_markup(data, -share, len(data))
            if min(len(first), len(last)) > 2 * reach:
                return first[:reach], last[-reach:]
    return _two_ends(without_markup(data, 0, len(data)), reach)


def without_markup_slowly(data: bytes, start: int, end: int) -> bytes:
    """Return a range of octets without tags, and what stands in style sheets and scripts; 10 KB take 60 µs."""
    return _MARKUP_OR_SHEET.sub(b"", data[start:end]).strip()


without_markup: Callable[[bytes, int, int], bytes] = native.function("without_markup") or without_markup_slowly


def _two_ends(data: bytes, reach: int) -> tuple[bytes, ...]:
    data = data.rstrip()
    return (data,) if len(data) <= 2 * reach else (data[:reach], data[-reach:])


_END_BYTES = (2048, 4096)


def piece(leaf: Leaf, part: Part) -> Piece:
    """Return a text leaf as a reader shows it in a row with others."""
    source = Text(leaf, charset.readings(leaf.data, part.charset)[0])
    reading = html.read_text(source.text) if readers.is_html(part.media_type, source.text) else None
    return Piece(source, reading)


def _worth(data: bytes, media_type: str, worth_reading: Predicate, shown: int) -> bool:
    if shown & (Sign.WORDS | Sign.FORMAT):  # encoded words, RTF escapes, overrides, backspaces: nothing cheap can tell
        return True
    if media_type in _TAGGED and b"<" in data:  # what stands in its comments is not shown
        return True
    is_even = not shown & Sign.UNEVEN
    if shown & Sign.PROPERTIES:
        if statements.has_fields(data):  # broken in the middle of numbers, and cheap to read
            return True
        data, is_even = calendar.unfold(data), False
    if shown & Sign.QUOTED and worth_reading(flowed.strip_quotes(data)):
        return True
    if media_type.endswith(("csv", "separated-values")) and worth_reading(data.translate(_COLUMNS)):
        return True
    if mended.may_need(data) and worth_reading(mended.mend(data)):
        return True
    if media_type.endswith(_MARKUP) or _LESS in data or _BACKSLASH in data or _AMPERSAND in data or _PERCENT in data:
        return worth.of_markup(data, worth_reading, is_even=is_even, is_page=media_type == "text/html")
    return worth_reading(data)
