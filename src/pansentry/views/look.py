"""Which views a message has: the union of everything that a reader may show.

In: a parsed message, limits, and a predicate that says of bytes whether they are worth reading (``views`` knows no
cards; a clean part is spared its text). Out: :class:`Seen`: the views, what could not be read, and the documents that
a document reader has to open. Never raises.

The union: headers and names, every leaf in every charset a reader may take and as every fitting reader shows it,
preamble and epilogue, adjacent text parts read on, and for an ambiguous message the whole source read blindly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.errors import LimitExceededError
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime import transfer
from pansentry.mime.source import Source, Span
from pansentry.outcome import Unreadable
from pansentry.views import embedded, headers, joined, leaf, openpgp, plain_sight, sealed, whole, worth
from pansentry.views.document import Course, Document, kind_of
from pansentry.views.view import View
from pansentry.views.witness import testimony

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.mime.parts import Message, Part
    from pansentry.views.worth import Predicate

_BULK_BYTES = 64 * 1024
_REACH = 4 * joined.WINDOW  # four bytes are the longest character
_MAY_END_A_NUMBER = re.compile(rb"[0-9\x80-\xff]|=\?")
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


NOTHING = Seen(())


def look(message: Message, limits: Limits = DEFAULT_LIMITS, worth_reading: Predicate = worth.always) -> Seen:
    """Return the views of ``message`` that are worth reading, what is unreadable, and its documents."""
    return NOTHING if is_in_plain_sight(message, worth_reading) else look_closely(message, limits, worth_reading)


def look_until(
    message: Message, limits: Limits, worth_reading: Predicate, is_enough: Callable[[View], bool]
) -> Seen | None:
    """Look as :func:`look` does, each view shown to ``is_enough`` as soon as it is there: None if that was enough."""
    if is_in_plain_sight(message, worth_reading):
        return NOTHING
    return _seen(message, limits, worth_reading, is_enough)


def is_in_plain_sight(message: Message, worth_reading: Predicate) -> bool:
    """Say whether a message plainly has nothing that is worth reading."""
    try:
        return plain_sight.says_nothing(message, worth_reading)
    except Exception:  # whatever broke, it proved nothing; the closer look says of each part whether it fails
        return False


def look_closely(message: Message, limits: Limits, worth_reading: Predicate) -> Seen:
    """Do so part by part."""
    seen = _seen(message, limits, worth_reading, lambda _view: False)
    assert seen is not None
    return seen


def _seen(message: Message, limits: Limits, worth_reading: Predicate, is_enough: Callable[[View], bool]) -> Seen | None:
    views: list[View] = []
    gathered = _Gathered(dict.fromkeys(message.unreadable), [], [])
    shown = 0
    share = max(limits.max_view_growth * len(message.raw), limits.min_view_share)
    for view in _all_views(message, worth_reading, gathered):
        shown += len(view.text)
        if shown > limits.max_view_characters or shown > share:
            name = "max_view_growth" if shown > share else "max_view_characters"
            gathered.unreadable[Unreadable(f"limit:{name}", view.place)] = None
            break
        views.append(view)
        if is_enough(view):
            return None
    return Seen(tuple(views), tuple(gathered.unreadable), tuple(gathered.documents))


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What is found on the way through the parts: ``texts`` are the leaves that a reader shows one after the other."""

    unreadable: dict[Unreadable, None]
    documents: list[Document]
    texts: list[Part]


def _all_views(message: Message, worth_reading: Predicate, gathered: _Gathered) -> Iterator[View]:
    for part in message.walk():
        views = _part_views(message, part, worth_reading, gathered)
        yield from _guarded(views, f"body:{part.path or '1'}", gathered)
    yield from _guarded(_joined_views(message, worth_reading, gathered.texts), "joined", gathered)
    if message.ambiguities or message.unreadable:
        yield from _guarded(_whole_views(message, worth_reading), "message", gathered)
        yield from testimony(message, worth_reading)


def _guarded(views: Iterator[View], place: str, gathered: _Gathered) -> Iterator[View]:
    """Yield views; a reader that fails has not read its place, so the policy rules on it. No text gets out."""
    try:
        yield from views
    except LimitExceededError as error:
        gathered.unreadable[Unreadable(f"limit:{error.limit}", place)] = None
    except Exception:
        gathered.unreadable[Unreadable("crash", place)] = None


def _whole_views(message: Message, worth_reading: Predicate) -> Iterator[View]:
    source = _without_bulk(message)
    yield from whole.views(source, worth_reading)
    course = Course.over(source.data)
    for inner in embedded.sources(source):
        own = Course(course.left)  # the same file at two places is two files
        yield from leaf.of_content(inner, "", "", worth_reading, depth=1, course=own)
        course.left = own.left


def _without_bulk(message: Message) -> Source:
    """Return the whole source, but for large bodies that are base64 beyond doubt: their content was read already."""
    bulk = [
        (part.body_start, part.body_end)
        for part in message.walk()
        if part.is_leaf
        and part.source is message.source
        and part.encoding == "base64"
        and part.body_end - part.body_start > _BULK_BYTES
        and not transfer.flaws(message.leaf(part).body, "base64", message.leaf(part).data)
    ]
    if not bulk:
        return message.source
    edges = [0, *(edge for span in bulk for edge in span), len(message.raw)]
    return sealed.Pieces(message.source, list(zip(edges[::2], edges[1::2], strict=True)))


def _part_views(message: Message, part: Part, worth_reading: Predicate, gathered: _Gathered) -> Iterator[View]:
    yield from headers.views(part, worth_reading)
    reason = _UNREADABLE_TYPES.get(part.media_type)
    if reason:
        gathered.unreadable[Unreadable(reason, f"body:{part.path or '1'}")] = None
    if part.children:
        for start, end, name in ((*part.preamble, "preamble"), (*part.epilogue, "epilogue")):
            if end - start > 2:
                yield from _aside(part, start, end, name, worth_reading)
        return
    content = message.leaf(part)
    reason = sealed.reason(part, content.data)
    signed, is_all = openpgp.messages(content)
    for message_inside in signed:
        if kind := kind_of(message_inside.data):
            gathered.documents.append(Document(kind, "", message_inside, part))
        else:
            yield from leaf.of_content(message_inside, "", "", worth_reading)
    if reason and not is_all:
        gathered.unreadable[Unreadable(reason, content.place)] = None
    is_text = part.media_type.startswith("text/")
    kind = kind_of(content.data)
    if kind:
        gathered.documents.append(Document(kind, part.media_type, content, part))
        if not is_text:  # what claims to be text may be shown as it stands
            return
    if is_text and part.disposition != "attachment":
        gathered.texts.append(part)
    course = Course.over(content.data)
    yield from leaf.views(content, part, worth_reading, course)
    gathered.documents.extend(Document(kind, "", source, part) for kind, source in course.documents)


def _joined_views(message: Message, worth_reading: Predicate, texts: list[Part]) -> Iterator[View]:
    """Yield the view of the Subject and the texts read on, if what is near their ends could hold something."""
    data = message.root.source.data
    start, end = headers.value_of_subject(message.root) if texts else (0, 0)
    has_subject = start < end and _MAY_END_A_NUMBER.search(data, start, end) is not None
    if len(texts) + has_subject < 2:
        return
    ends = [end for part in texts for end in leaf.shown_ends(message.leaf(part).data, _REACH)]
    if has_subject:
        ends.insert(0, data[start:end])
    if not worth_reading(b"\n".join(ends)):
        return
    pieces = [leaf.piece(message.leaf(part), part) for part in texts]
    if has_subject and (subject := headers.find(message.root, b"subject")) is not None:
        pieces.insert(0, headers.piece(message.root, subject))
    view = joined.view(pieces)
    if view is not None:
        yield view


def _aside(part: Part, start: int, end: int, name: str, worth_reading: Predicate) -> Iterator[View]:
    """Yield the view of a preamble or epilogue: readers without MIME show it."""
    span = Span(part.children[0].source, start, end, name)
    yield from leaf.of_content(span, "", "", worth_reading)
