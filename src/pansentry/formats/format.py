"""What a document format gives and takes: passages of text, what is embedded, and the way back.

Laws of every format (``tests/laws/test_documents.py``): no cuts and nothing replaced → the very same object; what was
cut is not found by an independent reader; hostile bytes raise :class:`DamagedError` or ``LimitExceededError``.

A module in this room is a :class:`Format` if it has the two functions; ``registry.py`` has a row for each, imported
only when needed. A third one is optional: ``streams(data) -> Iterator[bytes]`` gives everything that is packed in the
document, unpacked, for the raw search of the proof (what is ``Embedded`` is searched anyway). Keys are the format's
own: the same ``data`` always gives the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pansentry.edits import Edit
from pansentry.errors import DamagedError
from pansentry.limits import DocumentLimits
from pansentry.outcome import Unreadable

CANNOT_REWRITE = "cannot-rewrite"
"""Reason of the DamagedError that ``rewrite`` of a read-only format raises."""
PICTURES_LATER = "pictures-later"
"""Reason for a picture that was not looked at because ``limits.max_pictures`` is 0: another worker reads pictures. A
place that ends with ``font`` says that there are glyphs of unknown meaning."""

__all__ = [
    "CANNOT_REWRITE",
    "PICTURES_LATER",
    "Cuts",
    "DamagedError",
    "DocumentLimits",
    "Embedded",
    "Extract",
    "Format",
    "Passage",
    "Replaced",
    "Unreadable",
]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that a reader of the document sees in one piece: a sheet, a run of paragraphs, a page, a picture's words.

    ``place`` is in words and without content: ``"sheet 2"``, ``"page 3"``, ``"header"``, ``"metadata"``, ``"picture"``.
    """

    key: int
    text: str = field(repr=False)
    place: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """A document inside the document: a picture, an OLE package, an attachment, an archive's member, a mail."""

    key: int
    data: bytes = field(repr=False)
    name: str = field(repr=False)
    place: str


@dataclass(frozen=True, slots=True)
class Extract:
    """Everything that can be read of a document, and what cannot.

    ``joined`` are groups of passage keys that a reader may see in a row, so that a number which runs from one into the
    next is found; each group is read once more with a line break between the passages.
    ``unreadable`` is what could not be read inside (an encrypted member), with its place.
    """

    passages: tuple[Passage, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    joined: tuple[tuple[int, ...], ...] = ()
    signed: bool = False
    """A signature covers the document; it does not hold for an edited one."""
    reading_ms: int = 0
    """What of ``limits.max_reading_ms`` was used."""


Cuts = Mapping[int, Sequence[Edit[str]]]
"""Edits of ``Passage.text`` by key: disjoint, ascending, never empty; replacements are as long as what they replace."""
Replaced = Mapping[int, bytes | None]
"""New bytes of an :class:`Embedded` by key; None takes it out, or puts a notice in its place."""


class Format(Protocol):
    """One document format."""

    def extract(self, data: bytes, limits: DocumentLimits) -> Extract:
        """Return what a reader sees. Raises DamagedError(reason) or LimitExceededError."""
        ...

    def rewrite(self, data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
        """Return ``data`` with cuts and replacements carried out; ``data`` itself if there are none.

        Raises DamagedError(CANNOT_REWRITE) if the format is read-only or this document cannot be written safely.
        """
        ...
