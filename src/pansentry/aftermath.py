"""What follows from a message that got where it goes: letter, copy for review, notices to staff, memory, event.

In: effects that the core decided on, one after the other. Out: entries in the store. Nothing is decided here, and
nothing that fails here takes a message back: it is delivered, or held, already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.outcome import EnqueueLetter, Notify, Record, Remember, Review

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.counter import Counter
    from pansentry.smtp.session import Log
    from pansentry.store import Store

REVIEW = "X-PanSentry-Review"
"""On top of a copy for review: our id of the message."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The store and whom to tell, and what is known of the message.

    ``id`` is ours, ``origin`` the ledger's key, ``""`` for one that is not noted; ``repeats``: it was delivered or held
    at an earlier try.
    """

    store: Store
    counter: Counter
    log: Log
    letter_filed: Callable[[], None]
    id: str
    origin: str
    repeats: bool

    async def follow(self, effect: EnqueueLetter | Review | Notify | Remember | Record) -> None:
        """Write what follows. A store that fails here costs a letter, never the mail."""
        try:
            match effect:
                case EnqueueLetter():
                    despatch = self.counter.despatch
                    letter = effect if despatch is None else await despatch.improve(effect)
                    grant = await self.store.outbox.file_letter(letter, origin=self.origin)
                    self.log("letter.filed", id=self.id, grant=str(grant))
                    self.letter_filed()
                    if despatch is not None:
                        despatch.afterwards(letter, grant)
                case Review(recipients, message):
                    if not self.repeats:
                        prefix, origin = f"{REVIEW}: {self.id}\r\n".encode(), self.origin
                        origin = f"review-{origin}" if origin else ""
                        await self.store.outbox.file_deferred("", recipients, prefix + message, wait_s=0, origin=origin)
                        self.letter_filed()
                case Notify():
                    if not self.repeats and self.counter.notifier is not None:
                        for mail in self.counter.notifier.notify(effect):
                            grant = await self.store.outbox.file_letter(mail)
                            self.log("notify.filed", id=self.id, grant=str(grant))
                        self.letter_filed()
                case Remember(tokens, ttl_s):
                    await self.store.memory.remember(tokens, ttl_s)
                case Record(own, alike):
                    self.store.events.record(own, alike)
        except Exception as failed:
            self.log("store.failed", id=self.id, type=type(failed).__name__)
