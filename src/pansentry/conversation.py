"""Which conversation a message belongs to, as keyed tokens: number now, code later, from another address.

In: header facts and the envelope. Out: opaque tokens (HMAC-SHA256, 128 bits, hex) that can be stored with an expiry and
looked up again. Without the key a token reveals neither an address nor a subject. No card data enters.

Two messages share a conversation if they share a token: a thread id (RFC 5322 §3.6.4), the sender's address towards
the same mailbox, the sender's name towards the same mailbox, or the subject without its ``Re:`` towards it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from pansentry.senders import original_address

if TYPE_CHECKING:
    from pansentry.reply.incoming import Incoming

_MESSAGE_ID = re.compile(r"<([^<>\s]{3,998})>")
_REPLY_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|wg|fw|fwd|sv|vs|antw|odp|r|rif|res|enc|tr|ynt|ilt)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I
)
MAX_THREAD_IDS = 20
_SHORT_SUBJECT = 8
"""A subject below this many characters ("Hello", "Order") says nothing about the conversation."""


def tokens(incoming: Incoming, reverse_path: str, mailboxes: tuple[str, ...], key: bytes) -> tuple[str, ...]:
    """Return the conversation tokens of a message, each 32 hexadecimal characters."""
    mailbox = min((m.lower() for m in mailboxes), default="")
    ids = _MESSAGE_ID.findall(f"{incoming.message_id} {incoming.in_reply_to} {incoming.references[:40_000]}")
    facts = {("id", found) for found in (*ids[: MAX_THREAD_IDS // 2], *ids[-MAX_THREAD_IDS // 2 :])}
    facts |= {("address", f"{a.lower()}>{mailbox}") for a in (reverse_path, incoming.from_address) if a}
    if name := " ".join(incoming.from_name[:200].casefold().split()):
        facts.add(("name", f"{name}>{mailbox}"))
    subjects = incoming.values("subject")
    subject = " ".join(_REPLY_PREFIX.sub("", subjects[0][:500] if subjects else "").casefold().split())
    if len(subject) >= _SHORT_SUBJECT:
        facts.add(("subject", f"{subject}>{mailbox}"))
    return tuple(sorted(keyed(key, "conversation", kind, value) for kind, value in facts))


def incident(incoming: Incoming, mailboxes: tuple[str, ...], key: bytes, about: str) -> tuple[str, ...]:
    """Return tokens by which a second mail of the same incident is known: "one incident, one letter".

    Narrower than :func:`tokens`, because a wrong match here costs a customer the letter: the thread, and a full name
    (two words and more) towards the same mailbox; no subject, and no first name alone. ``about`` keeps letters about
    different things apart.
    """
    mailbox = min((m.lower() for m in mailboxes), default="")
    ids = _MESSAGE_ID.findall(f"{incoming.message_id} {incoming.in_reply_to} {incoming.references[:40_000]}")
    facts = {("id", found) for found in (*ids[: MAX_THREAD_IDS // 2], *ids[-MAX_THREAD_IDS // 2 :])}
    words = incoming.from_name[:200].casefold().split()
    if len(words) > 1:
        facts.add(("name", f"{' '.join(words)}>{mailbox}"))
    return tuple(sorted(keyed(key, "incident", about, kind, value) for kind, value in facts))


def customer_token(key: bytes, address: str) -> str:
    """Return the keyed token of a customer's address, without what forwarders and bounce filters added."""
    return keyed(key, "customer", original_address(address).lower())


def keyed(key: bytes, *words: str) -> str:
    """Return a keyed token of ``words`` (HMAC-SHA256, first 128 bits, hexadecimal)."""
    message = "\x1f".join(words).encode("utf-8", "surrogateescape")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
