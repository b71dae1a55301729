"""A letter on its way to the outbox: a better link if a provider makes one, and what staff are to do afterwards.

In: the core's :class:`~pansentry.outcome.EnqueueLetter`. :meth:`Despatch.improve` grants its wish for a payment link,
within the provider's time-out; with any trouble the letter goes out as it is, with the plain page. A letter that its
window forbids asks no provider. :meth:`Despatch.afterwards` records a task for each channel with a duty, tells
webhooks, and records the alert when the circuit breaker has switched letters off.

The body of a webhook (``POST``, ``Content-Type: application/json``)::

    {"type": "channel.offered", "channel": "call-back", "kind": "callback", "duty": "…", "message": "<id>",
     "language": "de", "at": 1700000000}

It holds no address, no name and no text of the mail; ``message`` is the id in the mail's trace header and in the event.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pansentry.payments.http import HttpTroubleError, post
from pansentry.payments.provider import LinkProvider, LinkRequest, LinkTroubleError
from pansentry.store.grants import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.outcome import EnqueueLetter
    from pansentry.store import Store

WEBHOOK_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Despatch:
    """``log`` takes an event name and fields; ``provider`` is None where letters link to the plain page."""

    store: Store
    log: Callable[..., None]
    clock: Callable[[], float]
    provider: LinkProvider | None = None
    valid_s: float = 14 * 86400.0
    return_url: str = ""
    shop: str = ""
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def improve(self, letter: EnqueueLetter) -> EnqueueLetter:
        """Return the letter with a provider's link, or as it is."""
        wish = letter.link
        if wish is None or self.provider is None or await self.store.outbox.is_in_window(letter):
            return letter
        description = f"{self.shop} {wish.order}".strip()
        expires_at = self.clock() + self.valid_s
        request = LinkRequest(
            wish.order, wish.amount, wish.currency, wish.idempotency_key, description, expires_at, self.return_url
        )
        try:
            better = wish.redraft(await self.provider.link(request))
        except LinkTroubleError as trouble:
            self.log("link.failed", id=letter.message_ref, reason=str(trouble))
            return letter
        if better is None:
            self.log("link.failed", id=letter.message_ref, reason="not-allowed")
            return letter
        return replace(better, link=None)

    def afterwards(self, letter: EnqueueLetter, grant: Grant) -> None:
        """Record what follows from a letter that was filed, or why letters are off."""
        if grant is Grant.TOTAL_BUDGET:
            self.store.events.record({"kind": "alert", "action": "letters-off", "message_ref": letter.message_ref})
            self.log("letters.off", id=letter.message_ref)
        if grant is not Grant.GRANTED:
            return
        for task in letter.tasks:
            self.store.events.record(
                {
                    "kind": "task",
                    "action": "open",
                    "channel": task.channel,
                    "duty": task.duty,
                    "message_ref": letter.message_ref,
                    "language": letter.language,
                }
            )
            if task.webhook:
                body = {
                    "type": "channel.offered",
                    "channel": task.channel,
                    "kind": task.kind,
                    "duty": task.duty,
                    "message": letter.message_ref,
                    "language": letter.language,
                    "at": int(self.clock()),
                }
                running = asyncio.get_running_loop().create_task(self._tell(task.webhook, body, letter.message_ref))
                self._running.add(running)
                running.add_done_callback(self._running.discard)

    async def _tell(self, url: str, body: dict[str, object], message_ref: str) -> None:
        try:
            await post(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, WEBHOOK_TIMEOUT_S)
        except HttpTroubleError as trouble:
            if str(trouble) != "no-json":  # it was told; what it answers does not matter
                self.log("webhook.failed", id=message_ref, reason=str(trouble))

    async def close(self) -> None:
        """Wait for webhooks that are being told."""
        await asyncio.gather(*self._running, return_exceptions=True)
