"""Files and encodings inside a text: uuencode, yEnc, BinHex, base64 paragraphs, UTF-7 runs, quoted-printable.

In: a source of bytes. Out: sources that were decoded from stretches of it, whatever the labels say; each takes edits
back to its stretch. They are looked for in every text, since old and helpful readers open them in every text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.views import blind, calendar, data_uris, rtf_data, uu
from pansentry.views.bytes_reading import BytesReading, lower_bytes
from pansentry.views.document import kind_of
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


def sources(source: Source, seen: int = Sign.ALL) -> Iterator[Embedded]:
    """Yield what is embedded in ``source`` and may say something; ``seen`` are the signs of its content."""
    for sign, read in _READERS:
        for reading in read(source.data) if seen & sign else ():
            if _may_say_something(reading.data) or kind_of(reading.data):
                yield Embedded(source, reading)


def _may_say_something(data: bytes) -> bool:
    """Tell text from the garbage that prose gives when it is taken for base64.

    Garbage has a digit in every 25 octets and two thirds of it is no printable ASCII. So what stays is what has a
    number's worth of digits close together (in UTF-16 as well), or is mostly legible.
    """
    sample = data[:_SAMPLE_BYTES]
    if len(sample.translate(None, _ILLEGIBLE)) * 4 >= len(sample) * 3:
        return True
    return _NUMBER.search(data) is not None
