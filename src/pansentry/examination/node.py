"""The tree of a document: what was opened, the texts in it, and the documents inside it.

An :class:`Opened` is read by a document format, a :class:`Written` by the readers of messages: texts (HTML, RTF, CSV,
calendars …) and mails are what they read every day, as a message of one part or as it is. A :class:`Closed` is what
nobody can read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.formats.format import Extract, Format
    from pansentry.mime import Message
    from pansentry.outcome import Unreadable
    from pansentry.pan import Finding
    from pansentry.redaction import Hit
    from pansentry.views import Document


@dataclass(slots=True, eq=False)
class Opened:
    """A document that a format has opened. ``findings`` are by passage key; ``children`` by key of what is embedded."""

    kind: str
    data: bytes = field(repr=False)
    format: Format
    extract: Extract
    children: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    findings: dict[int, list[Finding]] = field(default_factory=dict, repr=False)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        return self.extract.unreadable


@dataclass(slots=True, eq=False)
class Written:
    """A text or a mail; a text has a header put in front. ``children`` are by index of ``documents``."""

    kind: str
    data: bytes = field(repr=False)
    message: Message = field(repr=False)
    documents: tuple[Document, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    children: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list, repr=False)

    @property
    def is_mail(self) -> bool:
        return self.message.raw is self.data


@dataclass(slots=True, eq=False)
class Closed:
    """A document that could not be opened."""

    kind: str
    data: bytes = field(repr=False)
    unreadable: tuple[Unreadable, ...]
    children: dict[int, tuple[Node, ...]] = field(default_factory=dict)


Node = Opened | Written | Closed
