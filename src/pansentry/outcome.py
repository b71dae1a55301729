"""What the core answers: an :class:`Outcome`, effects as data that the shell performs.

Nothing in here holds a card number. A :class:`Receipt` says what was removed (kinds, brands, counts, places); letters,
notices, events and log lines are all written from it, so that no writer ever holds a finding.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping


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

    def count(self, kind: str) -> int:
        return sum(item.kind == kind for item in self.removed)

    @property
    def brands(self) -> tuple[str, ...]:
        return tuple(sorted({item.brand for item in self.removed if item.brand}))


@dataclass(frozen=True, slots=True)
class Relay:
    """Give these bytes to the next hop."""

    message: bytes = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class Record:
    """Write this event. ``fields`` are flat, and of fixed names (``store/schema.py``); no digits of any card."""

    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Remember:
    """Remember for ``ttl_s`` seconds that these keyed conversation tokens had a card."""

    tokens: tuple[str, ...]
    ttl_s: int = 14 * 86400


Effect = Relay | Refuse | Hold | Review | Notify | EnqueueLetter | Record | Remember


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
