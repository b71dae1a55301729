"""The documents of a message: what is asked about each, what the answers add up to, and what becomes of the part.

In: the documents that ``views.look`` has found. A worker examines them (``workers/``); here are only data. A document
that shows card data is replaced by its rewritten form, in the part's own transfer encoding and under its own name;
one that could not be rewritten, or not proved, by a notice. One that could not be read is ``Unreadable``, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry import pan
from pansentry.edits import Edit, merge
from pansentry.examination import Examination, Examined
from pansentry.examination.searching import fingerprint
from pansentry.outcome import Unreadable
from pansentry.redaction import rewrite
from pansentry.redaction.notice import in_place_of_part

if TYPE_CHECKING:
    from pansentry.examination import Sight
    from pansentry.mime.source import Source
    from pansentry.truncation import Style
    from pansentry.views import Document

__all__ = ["Enclosure", "Examine", "answered", "edits", "fingerprint", "open_questions", "sightings", "unreadable"]

Examine = Callable[[bytes, str, Examination], Examined]
"""Examines a document in a worker and waits for it; never raises."""


@dataclass(frozen=True, slots=True, eq=False)
class Enclosure:
    """A document of a message, and what is known of it; ``examined`` is None as long as nobody has opened it."""

    document: Document
    examined: Examined | None = None


def open_questions(enclosures: Iterable[Enclosure]) -> tuple[bytes, ...]:
    """Return the documents that have not been examined, each once, in their order."""
    return tuple(dict.fromkeys(one.document.data for one in enclosures if one.examined is None))


def answered(
    enclosures: Sequence[Enclosure], asked: Sequence[bytes], answers: Sequence[Examined]
) -> tuple[Enclosure, ...]:
    """Put the answers to their enclosures."""
    by_data = dict(zip(asked, answers, strict=True))
    return tuple(
        Enclosure(one.document, by_data[one.document.data]) if one.examined is None else one for one in enclosures
    )


def without_card(enclosures: Sequence[Enclosure]) -> tuple[Enclosure, ...]:
    """Take back the answers about documents that were read without a card: a bare code is one if another holds it."""
    return tuple(
        one if one.examined is None or _has_card(one.examined) else Enclosure(one.document) for one in enclosures
    )


def have_card(enclosures: Iterable[Enclosure]) -> bool:
    """Say whether one of the documents shows a card number or track data."""
    return any(one.examined is not None and _has_card(one.examined) for one in enclosures)


def _has_card(examined: Examined) -> bool:
    return any(sight.kind in (pan.Kind.PAN, pan.Kind.TRACK) for sight in examined.sightings)


def sightings(enclosures: Iterable[Enclosure]) -> tuple[Sight, ...]:
    """Return everything that was seen in documents."""
    return tuple(sight for one in enclosures if one.examined is not None for sight in one.examined.sightings)


def unreadable(enclosures: Iterable[Enclosure]) -> tuple[Unreadable, ...]:
    """Return what could not be read of documents; all of one that nobody has opened."""
    found: dict[Unreadable, None] = {}
    for one in enclosures:
        if one.examined is None:
            found[Unreadable(f"document:{one.document.kind}", one.document.place)] = None
        else:
            found.update(dict.fromkeys(one.examined.unreadable))
    return tuple(found)


def edits(
    enclosures: Iterable[Enclosure], style: Style, language: str
) -> tuple[list[tuple[Source, Edit[bytes]]], tuple[str, ...]]:
    """Return the edits that take card data out of documents, and the places where a notice had to be put."""
    changes: list[tuple[Source, Edit[bytes]]] = []
    noticed: list[str] = []
    for one in enclosures:
        examined, document = one.examined, one.document
        if examined is None or not _is_to_go(examined, style):
            continue
        if examined.rewritten is not None:
            changes.append((document.source, Edit(0, len(document.data), examined.rewritten)))
        elif document.source.parent is document.part.source:
            by_text = rewrite.by_text(document.part, in_place_of_part(language))
            changes += [(document.part.source, edit) for edit in merge(by_text)]
            noticed.append(document.place)
        else:  # a document inside a text (a data URI): its bytes go
            changes.append((document.source, Edit(0, len(document.data), b"")))
            noticed.append(document.place)
    return changes, tuple(noticed)


def _is_to_go(examined: Examined, style: Style) -> bool:
    return any(sight.kind != pan.Kind.EXPIRY or style.expiry != "keep" for sight in examined.sightings)
