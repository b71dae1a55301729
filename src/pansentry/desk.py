"""What lies ready for every message, and what was seen of one: the nouns of the pipeline.

:class:`Desk` is policy, memory, letters, limits and the key; :class:`Inspection` is a message with its findings, what
of it could not be read, and its documents. Values only; the flow is in :mod:`pansentry.pipeline`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pansentry import enclosures, pan
from pansentry.frozen import quickly_made
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS, DEFAULT_LIMITS, DocumentLimits, Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pansentry.enclosures import Enclosure, Examine
    from pansentry.envelope import Envelope
    from pansentry.mime import Message
    from pansentry.outcome import EnqueueLetter, Receipt, Record, Unreadable, Verdict
    from pansentry.policy import Policy
    from pansentry.redaction import Hit
    from pansentry.reply.incoming import Incoming
    from pansentry.searching import Search
    from pansentry.views import View

MAX_FOLLOW_UP_BYTES = 256 * 1024
"""A bare code that follows a card comes in a short mail; longer ones are not read with that in mind."""


class Memory(Protocol):
    """What is remembered of conversations: keyed tokens only."""

    @property
    def is_empty(self) -> bool: ...
    def had_card(self, tokens: tuple[str, ...]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Recollection:
    """A memory that says the same about every conversation."""

    card_seen: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.card_seen

    def had_card(self, tokens: tuple[str, ...]) -> bool:
        return self.card_seen


class LetterWriter(Protocol):
    """Writes the letter to a customer, or says in a stable code why there is none; never sees a finding.

    A letter with a code is filed all the same, but is expected to be kept back, and nobody is told that it was sent.
    """

    def __call__(
        self, verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
    ) -> tuple[EnqueueLetter | None, str]: ...


@quickly_made
@dataclass(frozen=True, slots=True)
class Desk:
    """What lies ready for every message: policy, memory, letters, limits, and the key of keyed tokens."""

    policy: Policy
    memory: Memory = Recollection()
    write_letter: LetterWriter | None = None
    limits: Limits = DEFAULT_LIMITS
    key: bytes = field(default=b"", repr=False)
    language: str = "en"
    """Language of notices to the mailbox owner."""
    document_limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS
    examine: Examine | None = None
    """Opens documents, for callers of :func:`process`; the gateway asks its workers itself. None: nobody does."""
    keeps_back: Callable[[EnqueueLetter], Awaitable[str]] | None = None
    """Why a letter would be kept back if it were filed now, in a stable code; the shell asks before a notice says
    that a letter was sent. None: nobody knows."""
    task_of: Callable[[bytes, str, str], Record | None] | None = None
    """The task for staff that an answer to one of our letters makes: message, what was written, its reference."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a message: ``hits`` are findings with the views they were found in, ``enclosed`` its documents."""

    message: Message = field(repr=False)
    hits: tuple[Hit, ...] = ()
    unread: tuple[Unreadable, ...] = ()
    known: pan.Known = pan.NOTHING_KNOWN
    enclosed: tuple[Enclosure, ...] = ()
    enquires: bool = False
    """Nothing was found, but the sender asks whether card data may be mailed."""
    views: tuple[View, ...] = field(default=(), repr=False)
    """What was searched."""
    search: Search | None = field(default=None, repr=False, compare=False)
    """And what was found in each of them, for whoever reads them again."""

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """What could not be read, documents included."""
        return (*self.unread, *enclosures.unreadable(self.enclosed)) if self.enclosed else self.unread

    @property
    def is_found(self) -> bool:
        """Whether card data was found, in the message or in its documents."""
        return bool(self.hits) or any(one.examined is not None and one.examined.sightings for one in self.enclosed)

    @property
    def is_clean(self) -> bool:
        return not self.is_found and not self.unreadable
