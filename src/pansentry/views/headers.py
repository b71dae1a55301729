"""The views of a header: every field a reader shows or a mailer copies, raw and decoded, and attachment names.

In: a part. Out: a view of each field's unfolded value, and where the value holds encoded words (RFC 2047) or RFC 2231
parameters, views with those decoded. Fields that only machines write and check are left out: to edit a signature or a
trace would break it, and no customer types a card into one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.mime.fields import split
from pansentry.mime.source import Text
from pansentry.mime.tree import unfolded
from pansentry.views import bidi, parameters, readers
from pansentry.views.joined import Piece
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


def views(part: Part, worth_reading: Predicate) -> Iterator[View]:
    """Yield the views of the header of ``part``."""
    data = part.source.data
    head = data[part.start : part.fields_end]
    has_words = b"=?" in head
    has_sections = b"*" in head or b"%3" in head  # RFC 2231, and percent escapes of digits as browsers write them
    prefix = "" if part.path in ("", "1") and not part.start else f"part:{part.path}/"
    fields = [one for one in part.fields if one.name not in MACHINE_FIELDS]
    if not has_words and not has_sections:
        values = b"\n".join(data[one.value if one.name else one.start : one.end] for one in fields)
        if not worth_reading(_TRACE.sub(b"~", values)):
            return
    for one in fields:
        value = data[one.value if one.name else one.start : one.end]
        words = has_words and b"=?" in value
        sections = has_sections and one.name in _NAMED and (b"*" in value or b"%3" in value)
        if not (words or sections or worth_reading(_TRACE.sub(b"~", value))):
            continue
        place = f"name:{part.path}" if one.name in _NAMED else f"{prefix}header:{one.name or 'junk'}"
        source = Text(unfolded(part, one, place), _codec(value))
        yield of_text(source, "header")
        reads = (readers.read_words,) * words + (parameters.read,) * sections + (bidi.read,)
        for read in reads:
            for reading in read(source.text):
                yield of_reading(source, reading, "header")


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
