"""Which views a message has: the union of everything that a reader may show.

In: a parsed message, limits, and a predicate that says of bytes whether they are worth reading (``views`` knows no
cards; a clean part is spared its text). Out: :class:`Seen`: the views, what could not be read, and the documents that
a document reader has to open. Never raises.

The union: headers and names, every leaf in every charset a reader may take and as every fitting reader shows it,
preamble and epilogue, adjacent text parts read on, and for an ambiguous message the whole source read blindly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime.source import Span, Text
from pansentry.outcome import Unreadable
from pansentry.views import headers, leaf, worth
from pansentry.views.leaf import Document
from pansentry.views.view import View, of_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.mime.tree import Message, Part
    from pansentry.views.worth import Predicate

_UNREADABLE_TYPES = {
    "message/partial": "partial",
    "multipart/encrypted": "encrypted",
    "application/pgp-encrypted": "encrypted",
}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Everything that was seen of a message."""

    views: tuple[View, ...]
    unreadable: tuple[Unreadable, ...] = ()
    documents: tuple[Document, ...] = ()


def look(message: Message, limits: Limits = DEFAULT_LIMITS, worth_reading: Predicate = worth.always) -> Seen:
    """Return the views of ``message`` that are worth reading, what is unreadable, and its documents."""
    views: list[View] = []
    unreadable: dict[Unreadable, None] = dict.fromkeys(message.unreadable)
    documents: list[Document] = []
    left = limits.max_view_characters
    for part in message.walk():
        for view in _part_views(message, part, worth_reading, unreadable, documents):
            left -= len(view.text)
            if left < 0:
                unreadable[Unreadable("limit:max_view_characters", view.place)] = None
                return Seen(tuple(views), tuple(unreadable), tuple(documents))
            views.append(view)
    return Seen(tuple(views), tuple(unreadable), tuple(documents))


def _part_views(
    message: Message,
    part: Part,
    worth_reading: Predicate,
    unreadable: dict[Unreadable, None],
    documents: list[Document],
) -> Iterator[View]:
    yield from headers.views(part, worth_reading)
    reason = _UNREADABLE_TYPES.get(part.media_type)
    if reason:
        unreadable[Unreadable(reason, f"body:{part.path or '1'}")] = None
    if part.children:
        for start, end, name in ((*part.preamble, "preamble"), (*part.epilogue, "epilogue")):
            if end - start > 2:
                yield from _aside(part, start, end, name, worth_reading)
        return
    content = message.leaf(part)
    kind = leaf.kind_of(content.data) if not part.media_type.startswith("text/") else ""
    if kind:
        documents.append(Document(kind, part.media_type, content, part))
    else:
        yield from leaf.views(content, part, worth_reading)


def _aside(part: Part, start: int, end: int, name: str, worth_reading: Predicate) -> Iterator[View]:
    """Yield the view of a preamble or epilogue: readers without MIME show it."""
    span = Span(part.children[0].source, start, end, name)
    if worth_reading(span.data):
        yield of_text(Text(span, "utf-8"), "source")
