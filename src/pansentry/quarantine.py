"""Held mail and the people who decide about it: release, and the daily list.

In: the store, the policies in use, a writer of mails. Releasing scans the held copy again under the policy that holds
for its recipients now, takes out what that finds, and hands the result to the outbox in one transaction; a gateway
that runs delivers it through the next hop. What still reads as card data is not released.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pansentry import mime, pipeline
from pansentry.envelope import Envelope
from pansentry.errors import PanSentryError
from pansentry.heading import incoming
from pansentry.outcome import EnqueueLetter
from pansentry.pipeline import Desk
from pansentry.sentence import sentence
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from pansentry.notification import Notifier
    from pansentry.policy import PolicySet
    from pansentry.store import Store
    from pansentry.store.held import HeldMail

DIGEST_EVERY_S = 22 * 3600
"""A little less than a day, so that the list comes at about the same hour."""
DIGEST_LINES = 100
_MAX_SUBJECT = 70


class CannotReleaseError(PanSentryError):
    """A held mail may not be released, or there is none of that name."""


def as_released(held: HeldMail, policies: PolicySet, forward_paths: tuple[str, ...], key: bytes = b"") -> bytes:
    """Return the held message as it may be delivered now. Raises :class:`CannotReleaseError`."""
    envelope = Envelope(held.reverse_path, forward_paths, received_at=held.at)
    raw = held.message
    for path in forward_paths:
        desk = Desk(policies.for_recipient(path), key=key)
        try:
            raw, left = pipeline.redacted(raw, envelope, desk)
        except Exception:  # whatever breaks in reading must not let mail through unread
            left = ("crash",)
        if left:
            said = "{id} still reads as card data ({where}); it stays held."
            raise CannotReleaseError(sentence(said, id=held.id, where=", ".join(left)))
    return raw


async def release(
    store: Store, identifier: str, policies: PolicySet, *, who: str, to: tuple[str, ...] = (), key: bytes = b""
) -> tuple[str, ...]:
    """Release a held mail to its recipients, or to ``to``; returns to whom. Raises :class:`CannotReleaseError`."""
    held = await store.held.get(identifier)
    if held is None:
        said = "There is no held mail {id}; it was released, deleted, or has expired."
        raise CannotReleaseError(sentence(said, id=identifier))
    paths = to or held.forward_paths
    message = as_released(held, policies, paths, key)
    if not await store.held.release(identifier, message, paths, who=who):
        said = "{id} was released or deleted by somebody else in this moment."
        raise CannotReleaseError(sentence(said, id=identifier))
    return paths


def subject_of(held: HeldMail) -> str:
    """Return the subject of a held mail on one line, without long numbers."""
    found = next(iter(incoming(mime.read(held.message)).values("subject")), "")
    return printable(scrubbed(" ".join(found.split())))[:_MAX_SUBJECT]


def printable(text: str) -> str:
    """Return text that a terminal only shows: control characters, which a sender may have chosen, become ``?``."""
    return "".join(c if c.isprintable() else "?" for c in text)


async def digest(
    store: Store, writer: Notifier, to: str, *, policy: str = "", window_s: int = 0
) -> EnqueueLetter | None:
    """Return the list of held mail as a mail to ``to``; None if nothing is held."""
    held = await store.held.list(DIGEST_LINES, for_policy=policy)
    if not held:
        return None
    lines: list[str] = []
    for one in held:
        whole = await store.held.get(one.id)
        if whole is not None:
            lines += describe(whole)
    words = {"list": "\n".join(lines), "policy": policy}
    return writer.letter("digest", words, to, f"held {policy}", window_s)


def describe(held: HeldMail) -> tuple[str, ...]:
    """Return a held mail in words, without card data."""
    return (
        f"{held.id}  {day(held.at)}, until {day(held.until)}",
        f"  from {printable(scrubbed(held.reverse_path)) or '(nobody)'} to {printable(', '.join(held.forward_paths))}",
        f"  subject: {subject_of(held) or '(none)'}",
        f"  held by: {held.reason}{'; the original is sealed' if held.more.sealed_to else ''}",
        "",
    )


def day(at: float) -> str:
    """Return a time as date and hour, UTC."""
    return time.strftime("%d %b %Y %H:%M", time.gmtime(at))


async def send_digests(store: Store, writer: Notifier, policies: PolicySet) -> int:
    """File the daily list for everybody whom a policy names; returns how many. The store keeps it to one a day."""
    filed = 0
    for policy in policies.policies:
        for to in policy.hold.digest_to:
            letter = await digest(store, writer, to, policy=policy.name, window_s=DIGEST_EVERY_S)
            if letter is not None and not await store.outbox.is_in_window(letter):
                filed += await store.outbox.file_letter(letter) == "granted"
    return filed
