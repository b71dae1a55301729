"""Codes of the event log in words: what was done, what was found, why no letter was sent.

In: the stable codes that events and sums hold. Out: a sentence of the console's catalogues, in English here. A code
that is not here (a brand, a language, a place) is shown as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS = {
    "deliver": "delivered",
    "redact": "redacted",
    "replace-part": "part replaced",
    "hold": "held",
    "refuse": "refused",
    "tempfail": "deferred",
}
KINDS = {"pan": "card number", "cvv": "security code", "expiry": "expiry date", "track": "magnetic stripe"}
SILENCE = {
    "policy": "the policy wants none",
    "no-letter": "the policy wants none",
    "observe": "the policy only observes",
    "nothing-removed": "nothing was taken out",
    "null-sender": "the mail has no sender (a bounce)",
    "no-address": "the sender's address is none",
    "own-letter": "it is a letter of PanSentry",
    "auto-submitted": "a program sent it",
    "list": "it comes from a mailing list",
    "precedence": "it is bulk mail",
    "suppressed": "the sender wants no automatic answers",
    "robot-header": "a program sent it",
    "report": "it is a report or an invitation",
    "list-robot": "it comes from a mailing list",
    "nobody-reads": "nobody reads the sender's mailbox",
    "own-sender": "it comes from one of our own addresses",
    "not-addressed": "the mail is not addressed to us by name",
    "loop": "the mail goes round in circles",
    "spam": "it was marked as spam",
    "no-author": "nobody is named as its author",
    "unaligned": "sender and author are not the same",
    "unproven": "it is not proven that the sender wrote it",
    "exempt": "the policy excepts this sender",
    "opted-out": "the customer wants no more letters",
    "quoted-only": "the card was only in quoted text",
    "unsure": "what was found is not sure enough",
    "unsigned": "letters cannot be signed",
    "no-words": "there is no letter for it",
    "letter-not-clean": "the letter itself read as card data",
    "window": "the sender had one lately",
    "budget": "there were too many letters lately",
}
"""Reasons of :data:`pansentry.reply.silence.RULES`, of the pipeline and of the outbox."""
CHAPTERS: Mapping[str, Mapping[str, str]] = {"actions": ACTIONS, "found": KINDS, "silence": SILENCE}
"""Words for the names of a sum in a report."""
