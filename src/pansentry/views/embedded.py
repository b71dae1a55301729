"""Files and encodings inside a text: uuencode, yEnc, BinHex, base64 paragraphs, UTF-7 runs, quoted-printable.

In: a source of bytes. Out: sources that were decoded from stretches of it, whatever the labels say; each takes edits
back to its stretch. They are looked for in every text, since old and helpful readers open them in every text.

Limits: what is illegible is kept only if it has a number's worth of digits close together, and if it is large only what
stands around these, or all of it if one of them is a card's. Resists: files of serial numbers, whose digits are letters
of base64, too: decoded from each of four places, and that once more, megabytes of garbage hold such digits by chance,
and all of it was read as text.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from pansentry.pan.sieve import numbers
from pansentry.views import blind, calendar, data_uris, rtf_data, uu
from pansentry.views.bytes_reading import BytesReading, lower_bytes
from pansentry.views.document import kind_of
from pansentry.views.sealed import Pieces
from pansentry.views.signs import Sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.source import Source

MAX_DEPTH = 3
"""An encoding in an encoding in an encoding: nothing shows more."""
_READERS = (
    (Sign.FILE, uu.read),
    (Sign.ENCODED, blind.read),
    (Sign.DATA_URI, data_uris.read),
    (Sign.PROPERTIES, calendar.read_binary),
    (Sign.FORMAT, rtf_data.read),
)
_NUMBER = re.compile(rb"(?:[0-9][^0-9]{0,7}+){10}[0-9]|(?:\xef\xbc[\x90-\x99][^\xef]{0,7}+){10}")
_ILLEGIBLE = bytes({*range(0x20)} - {9, 10, 13} | {0x7F} | {*range(0x80, 0x100)})
_SAMPLE_BYTES = 2048
_LARGE = 64 * 1024
_AROUND = 4096  # octets, a thousand characters at least: further than words speak of a number
_WIDEST = 4  # octets of a character in UTF-32


class Embedded:
    """Bytes that were decoded from a stretch of the parent."""

    __slots__ = ("_reading", "parent", "place")

    def __init__(self, parent: Source, reading: BytesReading) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self._reading = reading

    @property
    def data(self) -> bytes:
        return self._reading.data

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        return lower_bytes(self._reading, edits)


def sources(source: Source, seen: int = Sign.ALL) -> Iterator[Source]:
    """Yield what is embedded in ``source`` and may say something; ``seen`` are the signs of its content."""
    for sign, read in _READERS:
        for reading in read(source.data) if seen & sign else ():
            inner = Embedded(source, reading)
            if _is_legible(inner.data) or kind_of(inner.data):
                yield inner
            elif _NUMBER.search(inner.data) is not None:
                yield inner if len(inner.data) <= _LARGE or _is_utf8(inner.data) else _worth_reading(inner)


def _worth_reading(inner: Embedded) -> Source:
    """Return what stands around the numbers of a large illegible source; all of it where one of them is a card's.

    Its date and code may stand anywhere, and garbage hardly ever has an issuer's range with the right check digit.
    """
    pieces = Pieces(inner, _near_numbers(inner.data))
    return inner if next(numbers(pieces.data.replace(b"\0", b"")), None) is not None else pieces


def _is_legible(data: bytes) -> bool:
    """Tell text from the garbage that prose gives when it is taken for base64: most of it is printable ASCII.

    Garbage has a digit in every 25 octets and two thirds of it is none. So what stays of what is not legible (text in
    UTF-16 as well) is what has a number's worth of digits close together.
    """
    sample = data[:_SAMPLE_BYTES]
    return len(sample.translate(None, _ILLEGIBLE)) * 4 >= len(sample) * 3


def _is_utf8(data: bytes) -> bool:
    """Tell whether a beginning is UTF-8, which garbage never is, but for a character that is cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:_SAMPLE_BYTES])
    except UnicodeDecodeError:
        return False
    return True


def _near_numbers(data: bytes) -> list[tuple[int, int]]:
    """Return the stretches around a number's worth of digits, at places where wide characters begin, and the start."""
    spans = [(0, _SAMPLE_BYTES)]
    for found in _NUMBER.finditer(data):
        start = max(found.start() - _AROUND, 0) // _WIDEST * _WIDEST
        end = min(-(-(found.end() + _AROUND) // _WIDEST) * _WIDEST, len(data))
        if start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
