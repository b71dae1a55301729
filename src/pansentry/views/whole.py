"""The whole source, read without regard to its structure: what a reader sees that takes another turn than we do.

In: the received bytes of a message that is ambiguous or was not parsed to its end. Out: views of the source as text
and as HTML, as it stands and with quoted-printable decoded everywhere. (Base64 paragraphs, uuencoded and yEnc files and
UTF-7 runs are found by ``blind``, in every text.) All of them lead back to the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.edits import Edit
from pansentry.mime import transfer
from pansentry.mime.source import Source, Text
from pansentry.views import html, worth
from pansentry.views.view import View, of_reading, of_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.views.worth import Predicate


class Decoded:
    """A source as if all of it had one transfer encoding."""

    __slots__ = ("_encoding", "data", "parent", "place")

    def __init__(self, parent: Source, encoding: str) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self._encoding = encoding
        self.data = transfer.decode(parent.data, encoding)

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        assert self.parent is not None
        return transfer.lower(self.parent.data, self._encoding, edits)


def views(source: Source, worth_reading: Predicate) -> Iterator[View]:
    """Yield the views of a source as a whole."""
    sources: list[Source] = [source]
    if b"=" in source.data:
        decoded = Decoded(source, "quoted-printable")
        if decoded.data != source.data:
            sources.append(decoded)
    for one in sources:
        if worth.of_markup(one.data, worth_reading):
            text = Text(one, "utf-8")
            yield of_text(text, "source")
            if "<" in text.text:
                for reading in html.read(text.text):
                    yield of_reading(text, reading, "source")
