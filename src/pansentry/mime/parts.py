"""The nouns of a message: :class:`Part`, an entity as offsets, and :class:`Message`, the tree of them.

Who reads bytes into them is :mod:`pansentry.mime.tree`. Paths are numbered as in RFC 3501 §6.4.5: ``1``, ``1.2``; a
message without parts is ``1``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.frozen import quickly_made
from pansentry.limits import DEFAULT_LIMITS
from pansentry.mime import fields as header
from pansentry.mime.source import Leaf, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.mime.regular import Spans
    from pansentry.outcome import Unreadable


@dataclass(slots=True, eq=False)
class Part:
    """One entity: spans into ``source.data``. Not changed after it was read.

    ``fields_end`` is behind the last header line, ``body_start`` behind the blank line. ``encoding`` is the effective
    transfer encoding. A multipart has ``children``, ``preamble`` and ``epilogue``; an embedded message has one child.
    ``content`` holds the spans of the values of the first of each Content-… field.
    """

    source: Source
    path: str
    start: int
    fields_end: int
    body_start: int
    body_end: int
    media_type: str = "text/plain"
    parameters: tuple[header.Parameter, ...] = ()
    encoding: str = "7bit"
    disposition: str = ""
    disposition_parameters: tuple[header.Parameter, ...] = ()
    content: dict[str, tuple[int, int]] = field(default_factory=dict)
    children: tuple[Part, ...] = ()
    preamble: tuple[int, int] = (0, 0)
    epilogue: tuple[int, int] = (0, 0)
    is_labelled: bool = False
    regular: Spans | None = None
    """Where values stand in the header if it is of the regular form (:mod:`pansentry.mime.regular`)."""
    max_fields: int = DEFAULT_LIMITS.max_header_fields

    @property
    def fields(self) -> tuple[header.Field, ...]:
        """The header fields, split when asked for."""
        return header.split(self.source.data, self.start, self.fields_end, self.max_fields)

    def value(self, name: str) -> bytes:
        """The unfolded value of a Content-… field without blanks around it, ``b""`` if there is none."""
        start, end = self.content.get(name, (0, 0))
        return header.unfold(self.source.data, start, end).strip(b" \t\r\n")

    def parameter(self, name: str) -> bytes | None:
        """The value of a Content-Type parameter, RFC 2231 sections joined."""
        return header.resolve(self.parameters, name)

    @property
    def charset(self) -> str:
        """The charset label, ``""`` if there is none."""
        value = self.parameter("charset")
        return value.decode("latin-1") if value else ""

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @property
    def is_leaf(self) -> bool:
        return not self.children

    def walk(self) -> Iterator[Part]:
        """Yield this part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@quickly_made
@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A parsed message. ``raw`` is the very object that was given; ``leaf(part)`` is the decoded body of a leaf."""

    raw: bytes = field(repr=False)
    source: Source = field(repr=False)
    root: Part
    ambiguities: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]
    _leaves: dict[int, Leaf] = field(default_factory=dict, repr=False)

    def walk(self) -> Iterator[Part]:
        """Yield every part, in order."""
        return self.root.walk()

    def leaf(self, part: Part) -> Leaf:
        """Return the decoded body of a part: the same object each time, so that edits meet in one source."""
        found = self._leaves.get(id(part))
        if found is None:
            found = self._leaves[id(part)] = Leaf(part.source, part, f"body:{part.path or '1'}")
        return found
