"""What the core answers: an :class:`Outcome`, effects as data that the shell performs.

Nothing in here holds a card number. A :class:`Receipt` says what was removed (kinds, brands, counts, places); letters,
notices, events and log lines are all written from it, so that no writer ever holds a finding.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.frozen import quickly_made
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Action(enum.StrEnum):
    """What the policy decided to do with the message, weakest first."""

    DELIVER = "deliver"
    REDACT = "redact"
    REPLACE_PART = "replace-part"
    """Attachments with card data, or that could not be read, become a notice; the rest is redacted."""
    HOLD = "hold"
    REFUSE = "refuse"
    TEMPFAIL = "tempfail"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that could not be read; never "clean". ``reason`` is a stable code such as ``limit:max_parts``,
    ``encrypted``, ``timeout``, ``crash``, ``ocr-missing``; ``place`` is where, as in :class:`Removed`."""

    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Removed:
    """One value that was taken out. ``kept`` is what the policy keeps of it (``"1111"``), ``""`` for nothing."""

    kind: str
    brand: str | None
    place: str
    confidence: float
    kept: str = ""
    places: tuple[str, ...] = ()
    """Every place that showed the value; ``place`` is the first."""
    where: tuple[str, ...] = ()
    """The words of a policy for these places, see :mod:`pansentry.whereabouts`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision: action, the rule that made it, and why, in stable short codes."""

    action: Action
    rule: str = ""
    reasons: tuple[str, ...] = ()
    reply: Reply | None = None
    """What the SMTP client is told if the action is ``REFUSE`` or ``TEMPFAIL``."""
    tags: tuple[str, ...] = ()
    letter: str = ""
    """Name of the letter to send, ``""`` for none."""
    notice: str = "header"
    notify: tuple[str, ...] = ()
    """Who is told by mail that this rule matched."""
    review: tuple[str, ...] = ()
    """Who gets a redacted copy."""
    observe_only: bool = False
    """True in observe mode: decided and recorded, not acted upon."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed and what was not readable, for letters, notices, events and logs."""

    removed: tuple[Removed, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    ambiguities: tuple[str, ...] = ()
    signed_part_edited: bool = False
    quoted_only: bool = False
    """All of it stood in text quoted from an earlier mail."""
    enquires: bool = False
    """Nothing was found, but the sender asks whether card data may be mailed."""

    def count(self, kind: str) -> int:
        return sum(item.kind == kind for item in self.removed)

    @property
    def brands(self) -> tuple[str, ...]:
        return tuple(sorted({item.brand for item in self.removed if item.brand}))


@quickly_made
@dataclass(frozen=True, slots=True)
class Relay:
    """Give these bytes to the next hop."""

    message: bytes = field(repr=False)
    may_hold_cards: bool = False
    """Parts of it could not be read, or the policy lets card data through: no disk of ours may get it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not take the message; tell the client this."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the redacted copy until somebody decides; the client is told it was accepted."""

    message: bytes = field(repr=False)
    reason: str = ""
    keep_s: float = 30 * 86400.0
    original: bytes = field(default=b"", repr=False)
    """What is sealed beside the copy: as received, but for codes and track data; in memory only until it is sealed."""
    seal_to: str = ""
    """Public key (age) to seal ``original`` to, ``""`` for none."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something for staff: ``channel`` was offered to a customer, ``duty`` says in words what follows from it, and
    ``webhook`` is a URL that is told, ``""`` for none."""

    channel: str
    kind: str
    duty: str = ""
    webhook: str = ""


@dataclass(frozen=True, slots=True)
class LinkWish:
    """A payment link to be made: ``amount`` in minor units. ``redraft`` writes the letter anew with that link; it is
    pure, and returns None for a link that a letter may not show."""

    order: str
    amount: int
    currency: str
    idempotency_key: str
    redraft: Callable[[str], EnqueueLetter | None] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class EnqueueLetter:
    """Send this finished letter to ``recipient`` (null reverse-path) unless the window in the store forbids it.

    ``window_key`` is keyed (HMAC), never an address; ``window_s`` is in seconds.
    """

    recipient: str
    message: bytes = field(repr=False)
    window_key: str = ""
    window_s: int = 7 * 86400
    template: str = ""
    language: str = ""
    kind: str = ""
    """What it is about (:class:`pansentry.reply.Kind`)."""
    joined: tuple[str, ...] = ()
    """More windows that it opens: of the thread and of the customer's name; any of them open, and it is not sent."""
    customer: str = ""
    """Keyed token of the customer's address."""
    known_language: str = ""
    """The customer's language, to be remembered; ``""`` where it was only guessed."""
    utf8: bool = False
    """It needs SMTPUTF8 (RFC 6531)."""
    code: str = field(default="", repr=False)
    """The reference code that it names; the store keeps a keyed hash."""
    code_valid_s: float = 14 * 86400.0
    message_ref: str = ""
    tasks: tuple[Task, ...] = ()
    """What staff have to do once it is sent."""
    link: LinkWish | None = None
    """A payment link that a provider may be asked for before it is sent."""


@dataclass(frozen=True, slots=True)
class Review:
    """Give these redacted bytes to ``recipients`` as well."""

    recipients: tuple[str, ...]
    message: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell ``recipients`` that ``rule`` matched, each at most once in ``window_s`` seconds for one rule.

    ``facts`` are words for the template (:mod:`pansentry.notification`): kinds, domains, reasons; never content.
    """

    recipients: tuple[str, ...]
    rule: str
    facts: Mapping[str, str]
    window_s: int = 3600


class Alike(dict[str, object]):
    """Fields of events that are the same from one to the next, as one object: whoever writes them spells them once."""

    __slots__ = ("spelled",)

    spelled: tuple[tuple[str, str, str], str]
    """Columns and the rest as text; set by the store when it has looked through the fields."""


@quickly_made
@quickly_made
@dataclass(frozen=True, slots=True)
class Record:
    """Write this event. ``fields`` are flat, and of fixed names (``store/schema.py``); no digits of any card.

    ``alike`` are those that many events have alike; the first of them says kind, action and rule.
    """

    own: Mapping[str, object]
    alike: tuple[Alike, ...] = ()

    @property
    def fields(self) -> Mapping[str, object]:
        """All of them."""
        return {name: value for some in (*self.alike, self.own) for name, value in some.items()}


@dataclass(frozen=True, slots=True)
class Remember:
    """Remember for ``ttl_s`` seconds that these keyed conversation tokens had a card."""

    tokens: tuple[str, ...]
    ttl_s: int = 14 * 86400


Effect = Relay | Refuse | Hold | Review | Notify | EnqueueLetter | Record | Remember


@quickly_made
@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on a message, the message as it may be delivered, and the effects to perform.

    ``message`` is what may be delivered: the very same object that came in when nothing was changed, None when the
    policy holds, refuses or defers. ``found`` says what was found even where nothing was removed (observe mode, a rule
    that delivers, a refusal). ``silence`` says why no letter is sent (a stable code), ``""`` if one is.
    """

    verdict: Verdict
    receipt: Receipt
    message: bytes | None = field(default=None, repr=False)
    effects: tuple[Effect, ...] = ()
    silence: str = ""
    found: tuple[Removed, ...] = ()

    @property
    def changed(self) -> bool:
        """True when ``message`` differs from what came in."""
        return bool(self.receipt.removed) and self.message is not None
