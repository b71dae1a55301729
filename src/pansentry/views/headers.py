"""The views of a header: every field a reader shows or a mailer copies, raw and decoded, and attachment names.

In: a part. Out: a view of each field's unfolded value (with its name, if that is full of digits), and where the value
holds encoded words (RFC 2047), RFC 2231 parameters or percent escapes of digits, views with those decoded. Of fields
that only machines write and check (signatures, keys, faces) the opaque stretches are left out, and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.mime.fields import split
from pansentry.mime.source import Text, Unfolded
from pansentry.mime.tree import unfolded
from pansentry.views import bidi, parameters, readers, structured
from pansentry.views.joined import Piece
from pansentry.views.reading import Reading, Weaver
from pansentry.views.view import View, of_reading, of_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.mime.fields import Field
    from pansentry.mime.tree import Part
    from pansentry.views.worth import Predicate

MACHINE_FIELDS = frozenset(
    {
        "dkim-signature",
        "domainkey-signature",
        "x-google-dkim-signature",
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "autocrypt",
        "face",
        "x-face",
    }
)
# what fills a trace with digits and is no number: a date-time (RFC 5322 §3.3), an address literal (RFC 5321 §4.1.3)
_TRACE = re.compile(
    rb"\b[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? [+-][0-9]{4}"
    rb"|\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\]"
)
_NAMED = frozenset({"content-type", "content-disposition"})
_OPAQUE = re.compile(r"[A-Za-z0-9+/]{20,}+={0,2}")  # a signature, hash or key; longer than any number
_ESCAPED_DIGIT = re.compile(rb"%3[0-9]")
_MANY_DIGITS = 8


def views(part: Part, worth_reading: Predicate) -> Iterator[View]:
    """Yield the views of the header of ``part``."""
    data = part.source.data
    head = data[part.start : part.fields_end]
    has_words = b"=?" in head
    has_sections = b"*" in head or b"%3" in head  # RFC 2231, and percent escapes of digits as browsers write them
    prefix = "" if part.path in ("", "1") and not part.start else f"part:{part.path}/"
    fields = part.fields
    if not has_words and not has_sections:
        values = b"\n".join(data[_start(one) : one.end] for one in fields if one.name not in MACHINE_FIELDS)
        machine = [data[one.value : one.end] for one in fields if one.name in MACHINE_FIELDS]
        if not worth_reading(_TRACE.sub(b"~", values)) and not any(worth_reading(value) for value in machine):
            return
    for one in fields:
        value = data[_start(one) : one.end]
        words = has_words and b"=?" in value
        sections = has_sections and one.name in _NAMED and (b"*" in value or b"%3" in value)
        escapes = has_sections and not sections and _ESCAPED_DIGIT.search(value) is not None
        if not (words or sections or escapes or worth_reading(_TRACE.sub(b"~", value))):
            continue
        place = f"name:{part.path}" if one.name in _NAMED else f"{prefix}header:{one.name or 'junk'}"
        source = Text(Unfolded(part.source, _start(one), one.end, place), _codec(value))
        if one.name in MACHINE_FIELDS:
            yield of_reading(source, _legible(source.text), "header")
            continue
        yield of_text(source, "header")
        reads = (readers.read_words,) * words + (parameters.read,) * sections + (bidi.read,)
        for read in (*reads, structured.read_percent) if escapes else reads:
            for reading in read(source.text):
                yield of_reading(source, reading, "header")


def _start(one: Field) -> int:
    """Return where the view of a field begins: at its value, or at its name if that may be a number."""
    return one.value if one.name and sum(map(str.isdigit, one.name)) < _MANY_DIGITS else one.start


def _legible(text: str) -> Reading:
    """Return a field of machines without what only machines read."""
    weaver = Weaver("legible", text)
    position = 0
    for match in _OPAQUE.finditer(text):
        weaver.keep(position, match.start())
        weaver.put("~", match.start(), match.start())
        position = match.end()
    weaver.keep(position, len(text))
    return weaver.reading()


def find(part: Part, name: bytes) -> Field | None:
    """Return the first field of a name without splitting the whole header."""
    data = part.source.data
    block = data[part.start : part.fields_end].lower()
    at = 0 if block.startswith(name + b":") else block.find(b"\n" + name + b":") + 1
    if not at and not block.startswith(name + b":"):
        return None
    return next(iter(split(data, part.start + at, part.fields_end, 1)), None)


def piece(part: Part, one: Field) -> Piece:
    """Return a field as a reader shows it in a row with the text."""
    value = part.source.data[one.value : one.end]
    source = Text(unfolded(part, one, f"header:{one.name}"), _codec(value))
    reading = next(iter(readers.read_words(source.text)), None) if b"=?" in value else None
    return Piece(source, reading)


def _codec(value: bytes) -> str:
    """Raw 8-bit in a header is UTF-8 (RFC 6532) or else what old mailers sent."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
