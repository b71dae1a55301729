"""Listens for MTAs that speak the milter protocol; the same life as a :class:`~pansentry.smtp.listener.Listener`.

Only MTAs of ours may connect: from loopback, or from networks that ``trusted.xforward`` names, because whoever speaks
here says who the client was. The sum of what is held counts in the account of all listeners; beyond it, and after any
fault of ours, the answer is a 4xx reply or a closed connection, never silence: an MTA whose ``milter_default_action``
is ``tempfail`` keeps the mail with its sender.
"""

from __future__ import annotations

import asyncio
import contextlib
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pansentry.logs import where
from pansentry.milter import codec
from pansentry.milter.codec import PROGRESS, Command, MalformedError, Packet
from pansentry.milter.conversation import NO_ROOM, Conversation
from pansentry.smtp.limits import is_trusted

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from pansentry.reception import Reception
    from pansentry.smtp.limits import Account, Network, SmtpLimits
    from pansentry.smtp.session import Log

PROGRESS_EVERY_S = 20.0
"""How often an MTA is told that we are still at work; sendmail waits 10 s between packets where nobody says otherwise
(``T=R:10s``), Postfix 30 s (``milter_command_timeout``) and 300 s at the end (``milter_content_timeout``)."""
_READ_BYTES = 256 * 1024


class MilterListener:
    """Starts, serves, stops. One per address."""

    def __init__(
        self,
        reception: Reception,
        *,
        limits: SmtpLimits,
        trusted: tuple[Network, ...],
        log: Log,
        account: Account,
    ) -> None:
        self.account = account
        self._reception = reception
        self._limits = limits
        self._trusted = trusted
        self._log = log
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._judging: set[asyncio.Task[tuple[bytes, ...]]] = set()

    @property
    def port(self) -> int:
        """The port that is bound."""
        port: int = self._servers[0].sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """Open connections now."""
        return len(self._tasks)

    @property
    def running(self) -> int:
        """Packets that are being answered."""
        return len(self._judging)

    async def start(self, bound: Sequence[socket.socket]) -> None:
        """Listen on sockets that are bound already. Raises OSError."""
        for one in bound:
            self._servers.append(await asyncio.start_server(self._serve, sock=one, limit=_READ_BYTES))

    async def stop(self, grace_s: float = 30.0) -> bool:
        """Take no new connection, let messages under way be answered, close. Return True if nothing was cut off."""
        for server in self._servers:
            server.close()
        if self._judging and grace_s > 0:
            await asyncio.wait(self._judging, timeout=grace_s)
        clean = not self._judging
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return clean

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = writer.get_extra_info("peername")[0]
        try:
            if not (ip_address(peer.partition("%")[0]).is_loopback or is_trusted(self._trusted, peer)):
                self._log("milter.stranger", peer=peer)
                return
            await self._converse(reader, writer)
        except MalformedError as wrong:
            self._log("milter.malformed", peer=peer, why=str(wrong))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self._log("milter.lost", peer=peer)
        except Exception as error:  # the MTA sees a closed connection and acts as its admin chose
            self._log("milter.failed", peer=peer, error=where(error))
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer packet by packet until the MTA leaves."""
        conversation = Conversation(self._reception, self._limits.max_message_bytes)
        buffer, held = bytearray(), 0
        try:
            while True:
                async with asyncio.timeout(self._limits.session_s):  # an MTA may keep an idle connection
                    data = await reader.read(_READ_BYTES)
                if not data:
                    return
                buffer += data
                for packet in codec.decode(buffer):
                    if packet.command is Command.QUIT:
                        return
                    if packet.command is Command.BODY and not self.account.fits("", len(packet.data)):
                        await conversation.abort()
                        writer.write(codec.refusal(NO_ROOM))
                    else:
                        writer.writelines(await self._answer(conversation, packet, writer))
                    octets = conversation.octets
                    self.account.hold("", octets - held)
                    held = octets
                await writer.drain()
        finally:
            self.account.hold("", -held)
            await conversation.abort()

    async def _answer(
        self, conversation: Conversation, packet: Packet, writer: asyncio.StreamWriter
    ) -> tuple[bytes, ...]:
        """Answer a packet; while the end of a message is judged, tell the MTA now and then that we live."""
        if packet.command is not Command.END_OF_MESSAGE:
            return await conversation.answer(packet)
        judging = asyncio.ensure_future(conversation.answer(packet))
        self._judging.add(judging)
        judging.add_done_callback(self._judging.discard)
        try:
            while True:
                done, _ = await asyncio.wait([judging], timeout=PROGRESS_EVERY_S)
                if done:
                    return judging.result()
                writer.write(PROGRESS)
                await writer.drain()
        finally:
            judging.cancel()
