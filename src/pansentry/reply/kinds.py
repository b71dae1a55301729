"""The kinds of letter, and which one a message calls for.

In: what was decided and what was removed (a receipt, never a finding). Out: a :class:`Kind`. A letter is one folder
with one text for each language; inside it, ``{% if kind == "held" %}`` chooses the words of a kind. A letter that never
asks for a kind is not sent for it (:meth:`pansentry.reply.letters.Letters.has`), so that a text of one's own which only
knows "your message has arrived" never says so of a message that is still being held.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from pansentry.outcome import Action

if TYPE_CHECKING:
    from pansentry.outcome import Receipt, Verdict


class Kind(enum.StrEnum):
    """What a letter is about."""

    FIRST = "first"
    """A card number was removed; the first letter to this customer."""
    AGAIN = "again"
    """Card data was removed, and this customer had a letter before."""
    CODE = "code"
    """Only a security code or an expiry date was removed."""
    ENQUIRY = "enquiry"
    """The customer asks whether card data may be mailed; nothing was removed, because nothing was sent."""
    UNREADABLE = "unreadable"
    """A part of the message could not be read; nothing was removed."""
    HELD = "held"
    """The message waits for somebody's decision: it has *not* arrived."""


ALWAYS = frozenset({Kind.FIRST, Kind.AGAIN, Kind.CODE})
"""Kinds that every letter is for: they may share one wording. The others need words of their own."""


def kind_of(verdict: Verdict, receipt: Receipt, *, enquires: bool = False, had_letter: bool = False) -> Kind | None:
    """Return the kind of letter that a message calls for, None if there is nothing to write about."""
    if verdict.action is Action.HOLD:
        return Kind.HELD
    if receipt.removed:
        if had_letter:
            return Kind.AGAIN
        return Kind.FIRST if receipt.count("pan") or receipt.count("track") else Kind.CODE
    if receipt.unreadable:
        return Kind.UNREADABLE
    return Kind.ENQUIRY if enquires else None
