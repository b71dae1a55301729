"""A receiver that remembers, a listener on loopback in front of it, and a peer that speaks raw octets.

The local part of a recipient says what the receiver does: ``unknown`` 550, ``later`` 451, ``crash`` raises,
``slow`` waits for :attr:`Memory.go`, ``crash-data`` and ``slow-data`` do the same at DATA, ``full-data`` answers 452,
``at-once`` answers everything with plain values. Anything not at example.org is not ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pansentry.envelope import Client
from pansentry.smtp.limits import Account
from pansentry.smtp.listener import Listener, ListenerOptions
from pansentry.smtp.server import Server
from pansentry.smtp.session import DataReply
from pansentry.smtp_reply import ACCEPTED, Reply

OURS = Reply(250, "2.1.5", "Recipient ok")
NOT_OURS = Reply(554, "5.7.1", "Relay access denied")
UNKNOWN = Reply(550, "5.1.1", "No such user")
LATER = Reply(451, "4.2.1", "Mailbox is busy")
FULL = Reply(452, "4.2.2", "Mailbox is full")
DEADLINE_S = 60.0


@dataclass
class Mail:
    """One transaction as the receiver saw it."""

    reverse_path: str
    parameters: tuple[str, ...]
    client: Client
    smtputf8: bool
    forward_paths: list[str] = field(default_factory=list)
    rcpt_parameters: list[tuple[str, ...]] = field(default_factory=list)
    message: bytes | None = None
    aborted: bool = False
    rests: int = 0
    heard: bool | None = None
    finished: bool = False
    lmtp_replies: tuple[Reply, ...] | None = None


class Memory:
    """Receiver and transactions in one; ``mails`` in order of MAIL, ``events`` in order of happening."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.go = asyncio.Event()
        self.lmtp_replies: tuple[Reply, ...] | None = None

    def begin(self, reverse_path: str, parameters: tuple[str, ...], client: Client, smtputf8: bool) -> Take | Reply:
        if reverse_path.startswith("refused@"):
            return Reply(550, "5.7.1", "Sender refused")
        if reverse_path.startswith("crash@"):
            raise ValueError("4111 1111 1111 1111")
        mail = Mail(reverse_path, parameters, client, smtputf8)
        self.mails.append(mail)
        return Take(self, mail)

    @property
    def messages(self) -> list[bytes]:
        return [mail.message for mail in self.mails if mail.message is not None]


class Take:
    """One transaction."""

    def __init__(self, memory: Memory, mail: Mail) -> None:
        self.memory, self.mail = memory, mail

    def rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> object:
        if forward_path.startswith("at-once@"):
            return self._answer(forward_path, parameters)
        return self._rcpt(forward_path, parameters)

    async def _rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        await asyncio.sleep(0)
        if forward_path.startswith("slow@"):
            await self.memory.go.wait()
        return self._answer(forward_path, parameters)

    def _answer(self, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        local, _, domain = forward_path.rpartition("@")
        if domain not in ("example.org", "xn--bcher-kva.example") and forward_path != "postmaster":
            return NOT_OURS
        if local == "crash":
            raise ValueError("4111 1111 1111 1111")
        if local in ("unknown", "later"):
            return UNKNOWN if local == "unknown" else LATER
        self.mail.forward_paths.append(forward_path)
        self.mail.rcpt_parameters.append(parameters)
        return OURS

    def data(self, message: bytes) -> object:
        self.mail.message = message
        if self.mail.forward_paths == ["at-once@example.org"]:
            return ACCEPTED
        return self._data()

    async def _data(self) -> DataReply:
        locals_ = {path.partition("@")[0] for path in self.mail.forward_paths}
        if "later-data" in locals_:
            await asyncio.sleep(0)
        if "slow-data" in locals_:
            await self.memory.go.wait()
        if "crash-data" in locals_:
            raise ValueError("4111 1111 1111 1111")
        self.mail.finished = True
        if "full-data" in locals_:
            return FULL
        return self.memory.lmtp_replies or ACCEPTED

    def rest(self) -> None:
        self.mail.rests += 1

    def abort(self) -> None:
        assert not self.mail.aborted, "aborted twice"
        assert self.mail.message is None, "aborted after data"
        self.mail.aborted = True

    def told(self, heard: bool) -> None:
        assert self.mail.heard is None, "told twice"
        self.mail.heard = heard


class Log:
    """Remembers what was logged."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, str | int | float]]] = []

    def __call__(self, event: str, /, **fields: str | int | float) -> None:
        self.entries.append((event, fields))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.entries]


@dataclass
class House:
    """A running listener with everything around it."""

    listener: Listener
    memory: Memory
    log: Log

    async def connect(self, context: ssl.SSLContext | None = None) -> Peer:
        kwargs = {"ssl": context, "server_hostname": "mx.example"} if context else {}
        return Peer(*await asyncio.open_connection("127.0.0.1", self.listener.port, **kwargs))

    async def greeted(self, hello: bytes = b"EHLO client.example\r\n") -> Peer:
        """A peer that has said hello."""
        peer = await self.connect()
        await peer.expect(220)
        await peer.ask(hello, 250)
        return peer

    async def until(self, condition: object) -> None:
        """Wait until the callable says true."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # type: ignore[operator]  # noqa: ASYNC110  the condition is anything
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def house(
    options: ListenerOptions | None = None, tls: ssl.SSLContext | None = None, account: Account | None = None
) -> AsyncIterator[House]:
    """Serve while the block runs; nothing may be left over behind it."""
    memory, log = Memory(), Log()
    options = options or ListenerOptions(hostname="mx.example")
    listener = Listener(options, memory, tls_context=tls, log=log, account=account)
    await listener.start()
    try:
        yield House(listener, memory, log)
    finally:
        memory.go.set()
        await listener.stop(0.2)
        await asyncio.sleep(0)
        assert listener.account.connections == 0
        assert listener.account.bytes_in_flight == 0
        assert listener.running == 0


class Peer:
    """The client's end: raw octets out, replies in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def reply(self, charset: str = "ascii") -> list[str]:
        """The lines of the next reply; ``[]`` if the server has closed."""
        lines: list[str] = []
        while True:
            async with asyncio.timeout(DEADLINE_S):
                try:
                    line = await self.reader.readline()
                except ConnectionResetError:
                    return []
            if not line:
                return []
            assert line.endswith(b"\r\n"), line
            lines.append(line[:-2].decode(charset))
            assert len(line) <= 512
            if line[3:4] != b"-":
                return lines

    async def expect(self, code: int, start: str = "") -> list[str]:
        """Read a reply that must have this code and whose text must begin like this."""
        lines = await self.reply()
        assert lines, f"closed instead of {code}"
        assert lines[-1].startswith(f"{code}{f' {start}' if start else ''}"), (lines, code, start)
        return lines

    async def ask(self, octets: bytes, code: int, start: str = "") -> list[str]:
        await self.send(octets)
        return await self.expect(code, start)

    async def closed(self) -> bool:
        """Whether the server closes without another word."""
        return await self.reply() == []

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Go without a FIN, as a machine that lost its power, or a process that died with answers unread."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class MemoryTransport(asyncio.Transport):
    """A socket without a socket."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("192.0.2.1", 4711)})
        self.server, self.loop = server, loop
        self.writes: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:  # type: ignore[override]
        assert not self.closing, "written after close"
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.loop.call_soon(self.server.connection_lost, None)

    abort = close

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass
