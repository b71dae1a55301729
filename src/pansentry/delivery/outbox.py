"""The worker of the outbox: sends letters and deferred mail, tries again later, gives up in the end.

In: entries that a store leases, one at a time for each of us. Out: transactions towards a next hop, and events.
Letters go through the ``reply_via`` hop with the null reverse-path; deferred mail goes to the next hop it was meant
for, with its own reverse-path.

Tries are spaced by doubling waits with a random quarter, so that a fleet does not knock at once: 1, 2, 4 … minutes, at
most 4 hours. A letter is given up after two days (later it would only puzzle), deferred mail after five (RFC 5321
§4.5.4.1), and what is given up there is kept as held mail: nothing is lost.

What is certain is tried again; what is in doubt is decided by kind. When the answer to the final dot did not come, or
we died while waiting for it, a letter is not sent again and deferred mail is (with the same Message-ID, so that a
mailbox may drop the double).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pansentry.delivery.hop import Hop, Sender

if TYPE_CHECKING:
    import random

    from pansentry.delivery.hop import Delivery
    from pansentry.smtp_reply import Reply

log = logging.getLogger("pansentry.delivery")

FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 4 * 3600.0
GIVE_UP_AFTER_S = {"letter": 2 * 86400.0, "deferred": 5 * 86400.0}
LETTER_PARAMETERS = ("NOTIFY=NEVER",)
"""Nobody wants to hear that an automatic letter did not arrive (RFC 3461 §4.1)."""
_POLL_S = 5.0
_AT_ONCE = 5


class Entry(Protocol):
    """What is to be sent (``pansentry.store.outbox.Entry``); ``kind`` is ``letter`` or ``deferred``."""

    @property
    def kind(self) -> str: ...
    @property
    def reverse_path(self) -> str: ...
    @property
    def forward_paths(self) -> tuple[str, ...]: ...
    @property
    def mail_parameters(self) -> tuple[str, ...]: ...
    @property
    def message(self) -> bytes: ...
    @property
    def template(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def created_at(self) -> float: ...
    @property
    def attempts(self) -> int: ...
    @property
    def content_sent(self) -> bool: ...


class Entries(Protocol):
    """Where entries come from (``pansentry.store.outbox.Outbox``)."""

    async def take(self, limit: int = ...) -> Sequence[Any]: ...
    async def give_back(self) -> object: ...
    async def content_goes_out(self, entry: Any) -> bool: ...
    async def done(self, entry: Any) -> bool: ...
    async def keep_only(self, entry: Any, forward_paths: Sequence[str], due_at: float) -> bool: ...


class Keep(Protocol):
    """Keeps what cannot be delivered (``pansentry.store.held.Held.put``)."""

    async def __call__(
        self, message: bytes, reason: str, reverse_path: str, forward_paths: Sequence[str]
    ) -> object: ...


class OutboxWorker:
    """Sends what is due until it is stopped. ``wake`` makes it look at once."""

    def __init__(
        self,
        entries: Entries,
        hops: Mapping[str, Hop],
        *,
        clock: Callable[[], float],
        dice: random.Random,
        record: Callable[[Mapping[str, object]], None],
        keep: Keep,
    ) -> None:
        """``hops`` has a hop for ``letter`` and one for ``deferred``."""
        self._entries = entries
        self._hops = hops
        self._clock = clock
        self._dice = dice
        self._record = record
        self._keep = keep
        self._wanted = asyncio.Event()
        self._stopping = False
        self._has_dropped = False

    def wake(self) -> None:
        """Look for due entries at once."""
        self._wanted.set()

    def stop(self) -> None:
        """Finish what is under way, take nothing new, end :meth:`run`."""
        self._stopping = True
        self._wanted.set()

    async def run(self) -> None:
        """Work until :meth:`stop`; an error of the store is logged and tried again."""
        while not self._stopping:
            self._wanted.clear()
            try:
                taken = await self.send_due()
            except Exception as error:  # whatever breaks, letters must go on later
                log.error("outbox: %s", type(error).__name__)  # noqa: TRY400  no values in logs
                taken = 0
            if taken or self._stopping:
                continue
            try:
                async with asyncio.timeout(_POLL_S):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def send_due(self) -> int:
        """Send what is due now; returns how many entries were taken."""
        if self._has_dropped:  # the store failed while entries were in hand, and none is now
            await self._entries.give_back()
            self._has_dropped = False
        entries = await self._entries.take(_AT_ONCE)
        ended = await asyncio.gather(*(self._send(entry) for entry in entries), return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                self._has_dropped = True
                raise failure
        return len(entries)

    async def _send(self, entry: Entry) -> None:
        if entry.content_sent and entry.kind == "letter":  # somebody died between content and answer
            await self._give_up(entry, (), "in-doubt")
            return
        delivery = self._hops[entry.kind].begin(_sender(entry))
        parameters = LETTER_PARAMETERS if entry.kind == "letter" else ()
        outcomes: dict[str, Reply] = {}
        accepted: list[str] = []
        for path in entry.forward_paths:
            outcomes[path] = reply = await delivery.rcpt(path, parameters)
            if reply.is_success:
                accepted.append(path)
        if accepted:
            try:
                is_ours = await self._entries.content_goes_out(entry)
            except Exception:  # the store is away: nothing was sent, and the next hop must not wait
                await delivery.abort()
                raise
            if not is_ours:
                await delivery.abort()
                return
            outcomes |= dict(zip(accepted, await delivery.send(entry.message), strict=True))
        else:
            await delivery.abort()
        await self._conclude(entry, outcomes, delivery)

    async def _conclude(self, entry: Entry, outcomes: Mapping[str, Reply], delivery: Delivery) -> None:
        refused = tuple(path for path, reply in outcomes.items() if reply.is_permanent)
        later = tuple(path for path, reply in outcomes.items() if reply.is_temporary)
        if len(refused) + len(later) < len(outcomes):
            self._event(entry, "sent", next(reply for reply in outcomes.values() if reply.is_success))
        if delivery.in_doubt and entry.kind == "letter":
            await self._give_up(entry, (), "in-doubt")
            return
        if refused:
            await self._undeliverable(entry, refused, "refused", outcomes[refused[0]])
        if not later:
            await self._entries.done(entry)
        elif self._clock() - entry.created_at > GIVE_UP_AFTER_S[entry.kind]:
            await self._give_up(entry, later, "too-old")
        else:
            self._event(entry, "later", outcomes[later[0]])
            await self._entries.keep_only(entry, later, self._clock() + self._wait_s(entry.attempts))

    async def _give_up(self, entry: Entry, paths: tuple[str, ...], reason: str) -> None:
        await self._undeliverable(entry, paths, reason, None)
        await self._entries.done(entry)

    async def _undeliverable(self, entry: Entry, paths: tuple[str, ...], reason: str, reply: Reply | None) -> None:
        if entry.kind != "letter" and paths:
            await self._keep(entry.message, f"undeliverable:{reason}", entry.reverse_path, paths)
        self._event(entry, reason, reply)

    def _wait_s(self, attempts: int) -> float:
        wait_s: float = min(FIRST_WAIT_S * 2.0 ** min(attempts, 20), LONGEST_WAIT_S)
        return wait_s * self._dice.uniform(0.75, 1.25)

    def _event(self, entry: Entry, action: str, reply: Reply | None) -> None:
        self._record(
            {
                "kind": entry.kind,
                "action": action,
                "template": entry.template,
                "language": entry.language,
                "attempts": entry.attempts + 1,
                "recipients": len(entry.forward_paths),
                "reply_code": reply.code if reply else 0,
                "reply_enhanced": reply.enhanced if reply else "",
            }
        )


def _sender(entry: Entry) -> Sender:
    international = not all(path.isascii() for path in (entry.reverse_path, *entry.forward_paths))
    kept = (p for p in entry.mail_parameters if not p.upper().startswith("SIZE="))
    return Sender(entry.reverse_path, (*kept, f"SIZE={len(entry.message)}"), smtputf8=international)
