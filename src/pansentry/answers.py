"""The next hop's answers for each recipient, made one reply to the client (LMTP, RFC 2033 §4.2).

In: one reply a recipient. Out: one reply. Where the next hop takes a message for some recipients and not for others,
the redacted bytes for those who were deferred go to the durable outbox, and for those who were refused to the held
mail, before 250 is said. A message that may hold cards all the same (parts that nobody could open, a policy that lets
them through) is not written down: its sender is told 451, and the next try goes only to those who have not got it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.smtp_reply import ACCEPTED, TRY_AGAIN, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pansentry.envelope import Envelope
    from pansentry.smtp.session import Log
    from pansentry.store import Store
    from pansentry.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Answers:
    """``replies`` in the order of the envelope's forward-paths; behind them those of recipients asked before."""

    replies: Sequence[Reply]
    envelope: Envelope

    async def as_one(self, finish: Callable[[], bytes], store: Store, log: Log) -> Reply:
        """Make one reply of them; ``finish`` gives the message as it leaves. Raises what the store raises."""
        if all(reply.is_success for reply in self.replies):
            return self.replies[0]
        if not any(reply.is_success for reply in self.replies):
            return worst(self.replies)
        envelope, finished = self.envelope, bytes(finish())
        by_path = list(zip(envelope.forward_paths, self.replies, strict=True))
        deferred = [path for path, reply in by_path if reply.is_temporary]
        refused = [path for path, reply in by_path if reply.is_permanent]
        if deferred:
            await store.outbox.file_deferred(envelope.reverse_path, deferred, finished, envelope.mail_parameters)
        if refused:
            await store.held.put(finished, "refused-by-mailbox", envelope.reverse_path, refused)
        log("message.split", id=envelope.id, deferred=len(deferred), refused=len(refused))
        return ACCEPTED

    async def or_again(self, received: bytes, ledger: Ledger, log: Log) -> Reply:
        """Make one reply of them for a message that may not be written down: some not given it is a 451.

        Those who have it are noted first, so that the sender's next try does not give it to them twice.
        """
        if all(reply.is_success for reply in self.replies):
            return self.replies[0]
        had = [path for path, reply in zip(self.envelope.forward_paths, self.replies, strict=False) if reply.is_success]
        for path in had:
            await ledger.untold(ledger.key("", (path,), received))
        log("message.again", id=self.envelope.id, had=len(had), rest=len(self.replies) - len(had))
        return TRY_AGAIN if had else worst(self.replies)


def worst(replies: Sequence[Reply]) -> Reply:
    """Return a temporary refusal if there is one: what may go away must not become a bounce."""
    return next((reply for reply in replies if reply.is_temporary), replies[0])
