"""A next hop that is a command: the message on its standard input, the answer from its exit code (sysexits.h).

For ``pansentry filter``: a queue's content filter whose way back is ``sendmail``. Exit code 0 is delivered, 75
(EX_TEMPFAIL) and every sign that the command did not run to its end are 451, 64 to 78 otherwise are for good. What
the command prints is thrown away: it might quote the mail. Nothing goes through a shell.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pansentry.delivery.answers import NO_TRANSACTION
from pansentry.delivery.hop import Delivery, Probe, Sender
from pansentry.smtp_reply import ACCEPTED, TRY_AGAIN, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EX_USAGE, EX_TEMPFAIL, EX_CONFIG = 64, 75, 78
REFUSED = Reply(554, "5.3.0", "The command that takes the mail refused it")


class PipeHop:
    """A :class:`~pansentry.delivery.hop.Hop` that starts ``command`` for each message."""

    def __init__(self, command: Sequence[str], rewrite: Callable[[bytes], bytes] = bytes) -> None:
        """``rewrite`` gives a message the line ends that the command expects."""
        self._command = tuple(command)
        self._rewrite = rewrite

    def begin(self, _sender: Sender) -> Delivery:
        return PipeDelivery(self._command, self._rewrite)

    async def probe(self) -> Probe:
        return Probe(True, f"{self._command[0]} is started for each message.")

    async def close(self) -> None:
        """Nothing is open between two messages."""


class PipeDelivery:
    """One message into one process."""

    __slots__ = ("_command", "_recipients", "_rewrite", "in_doubt")

    def __init__(self, command: tuple[str, ...], rewrite: Callable[[bytes], bytes]) -> None:
        self._command = command
        self._rewrite = rewrite
        self._recipients = 0
        self.in_doubt = False

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...] = ()) -> Reply:
        self._recipients += 1
        return ACCEPTED

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        count, self._recipients = self._recipients, 0
        if not count:
            return (NO_TRANSACTION,)
        self.in_doubt = True
        reply = await self._run(self._rewrite(ahead + message))
        self.in_doubt = False
        return (reply,) * count

    async def rest(self) -> None:
        """Nothing is held."""

    async def abort(self) -> None:
        self._recipients = 0

    async def _run(self, message: bytes) -> Reply:
        nowhere = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere
            )
        except OSError:
            return TRY_AGAIN
        await process.communicate(message)  # a command that reads no further is judged by its exit code
        code = process.returncode
        if code == 0:
            return ACCEPTED
        return REFUSED if code is not None and EX_USAGE <= code <= EX_CONFIG and code != EX_TEMPFAIL else TRY_AGAIN
