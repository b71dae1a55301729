"""Views: the texts that a reader of the message may see, each with a way back to the bytes.

One part has several views (HTML as shown, HTML source, the blind reading of the raw bytes, …). Findings are looked
for in all of them; whatever one view shows is cut from the source that all of them share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.mime.source import Source
from pansentry.views.reading import lower as lower_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.source import Text
    from pansentry.views.reading import Reading

__all__ = ["Source", "View", "of_reading"]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A text with a way back.

    ``place`` is stable and free of content: ``header:subject``, ``body:1.2`` (part path, RFC 3501 numbering),
    ``name:2``, ``preamble``, ``part:2/word/document.xml``. ``kind`` says how it was read: ``header``, ``text``,
    ``html``, ``source``, ``joined``, ``blind``, ``witness``, ``document``, ``picture``. ``lower`` gives, for edits of
    ``text``, the edits of the sources it was read from; nothing at all if the view cannot be written to (a witness).
    """

    text: str = field(repr=False)
    place: str
    kind: str
    lower: Callable[[Sequence[Edit[str]]], Sequence[tuple[Source, Edit[bytes]]]] = field(repr=False)


def of_reading(source: Text, reading: Reading, kind: str) -> View:
    """Return the view that a reading of ``source.text`` gives."""

    def lower(edits: Sequence[Edit[str]]) -> Sequence[tuple[Source, Edit[bytes]]]:
        return [(source, edit) for edit in source.raise_edits(lower_reading(reading, edits))]

    return View(reading.text, source.place, kind, lower)


def of_text(source: Text, kind: str) -> View:
    """Return the view that shows ``source.text`` as it is."""

    def lower(edits: Sequence[Edit[str]]) -> Sequence[tuple[Source, Edit[bytes]]]:
        return [(source, edit) for edit in source.raise_edits(edits)]

    return View(source.text, source.place, kind, lower)
