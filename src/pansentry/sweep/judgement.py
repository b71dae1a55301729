"""What the sweep wants to know of one message: the gateway's own judgement, cut down to what may leave a process.

In: the bytes of a message and a policy. Out: a :class:`Judgement`; it holds no digits of a card, and it can be pickled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.policy import Policy


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a message."""

    kinds: tuple[str, ...] = ()
    """Findings by kind, card numbers with their brand (``pan visa``); empty: the message is clean."""
    unread: tuple[str, ...] = ()
    """What of it could not be read: reasons."""
    year: str = ""
    """The year of its Date field, if anything was found."""
    redacted: bytes | None = field(default=None, repr=False)
    """The message without card data; None if nothing was found, or if it could not be rewritten."""
    lost: bool = False
    """Nothing is known: what should have judged the message ended, twice."""


Begin = Callable[[bytes], Callable[[], Judgement]]
"""Begins to judge a message, and returns what waits for the judgement."""


def judge(raw: bytes, policy: Policy | None = None) -> Judgement:
    """Judge a message as the gateway does, documents included. Never raises."""
    from pansentry.api import redact_message

    outcome = redact_message(raw, policy=policy)
    unread = tuple(item.reason for item in outcome.receipt.unreadable)
    if not outcome.found:
        return Judgement(unread=unread)
    kinds = tuple(f"{item.kind} {item.brand}" if item.brand else str(item.kind) for item in outcome.found)
    return Judgement(kinds, unread, _year(raw), outcome.message if outcome.changed else None)


def _year(raw: bytes) -> str:
    """Return the year of the Date field (RFC 5322 §3.3), or ``unknown``."""
    from email.utils import parsedate

    from pansentry import mime
    from pansentry.heading import incoming

    moment = parsedate(next(iter(incoming(mime.read(raw)).values("date")), ""))
    return str(moment[0]) if moment is not None and 1970 <= moment[0] <= 2199 else "unknown"
