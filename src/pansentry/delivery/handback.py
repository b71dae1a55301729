"""A next hop that is whoever asked: the finished message is handed back to them (a milter's MTA, a pipe).

One for each transaction. Every recipient is taken, and "delivered" means "handed back": the one who asked has the mail
in a queue of its own and answers for it.
"""

from __future__ import annotations

from pansentry.delivery.hop import Probe, Sender
from pansentry.smtp_reply import ACCEPTED, Reply


class Handback:
    """A :class:`~pansentry.delivery.hop.Hop` and its only :class:`~pansentry.delivery.hop.Delivery`."""

    __slots__ = ("_recipients", "in_doubt", "message")

    def __init__(self) -> None:
        self._recipients = 0
        self.in_doubt = False
        self.message: bytes | None = None
        """The finished message; None until it is there, and if there is none (held, refused)."""

    def begin(self, _sender: Sender) -> Handback:
        return self

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...] = ()) -> Reply:
        self._recipients += 1
        return ACCEPTED

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        self.message = ahead + message
        return (ACCEPTED,) * self._recipients

    async def rest(self) -> None:
        """Nothing is held."""

    async def abort(self) -> None:
        """Nothing was begun."""

    async def probe(self) -> Probe:
        return Probe(True, "The message goes back to whoever asked.")

    async def close(self) -> None:
        """Nothing is open."""
