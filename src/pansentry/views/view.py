"""Views: the texts that a reader of the message may see, each with a way back to the bytes.

One part has several views (HTML as shown, HTML source, the blind reading of the raw bytes, …). Findings are looked
for in all of them; whatever one view shows is cut from the source that all of them share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pansentry.edits import Edit


class Source(Protocol):
    """A buffer of bytes from which views are read: the raw message, a decoded leaf, an embedded message.

    ``parent`` is the source it was derived from (None for the raw message). ``lower`` turns disjoint, ascending edits
    of ``data`` into edits of ``parent.data``.
    """

    @property
    def data(self) -> bytes: ...
    @property
    def parent(self) -> Source | None: ...
    @property
    def place(self) -> str: ...
    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A text with a way back.

    ``place`` is stable and free of content: ``header:subject``, ``body:1.2`` (part path, RFC 3501 numbering),
    ``name:2``, ``preamble``, ``part:2/word/document.xml``. ``kind`` says how it was read: ``header``, ``text``,
    ``html``, ``source``, ``joined``, ``blind``, ``witness``, ``document``, ``picture``. ``lower`` gives, for edits of
    ``text``, the edits of the sources it was read from.
    """

    text: str = field(repr=False)
    place: str
    kind: str
    lower: Callable[[Sequence[Edit[str]]], Sequence[tuple[Source, Edit[bytes]]]] = field(repr=False)
