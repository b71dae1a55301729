"""A next hop on a real socket that misbehaves as it is told, at any step, and remembers what it was given.

A script maps a step to what happens there instead of the proper answer. Steps: ``connect`` ``greeting`` ``hello``
``tls`` ``auth`` ``xforward`` ``mail`` ``rcpt`` ``data`` ``content`` (while it arrives) ``dot`` ``rset``. Bytes are
sent as they are; :class:`Act` says the rest; a list has one happening for each time, None for the proper answer.
Scripts are given one for each connection; the last one serves all that follow.
"""

from __future__ import annotations

import asyncio
import enum
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


class Act(enum.Enum):
    """What a script can do besides answering."""

    DROP = "close the connection"
    RESET = "reset the connection"
    HANG = "never answer"
    STORE_THEN_DROP = "store the message, then close without an answer"
    STORE_THEN_HANG = "store the message, then never answer"


Happening: TypeAlias = "bytes | Act | list[bytes | Act | None]"
Script: TypeAlias = Mapping[str, Happening]

OFFER = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")


@dataclass
class Delivered:
    """One message as it arrived: the commands before it and its content without dot-stuffing."""

    mail: bytes
    rcpts: list[bytes]
    content: bytes
    xforward: list[bytes] = field(default_factory=list)


class ScriptedHop:
    """An SMTP or LMTP server on 127.0.0.1 (or a Unix socket), started by ``async with``."""

    def __init__(
        self, *scripts: Script, lmtp: bool = False, offer: Sequence[str] = OFFER, path: str = "", tls: object = None
    ) -> None:
        self.scripts = list(scripts) or [{}]
        self.lmtp = lmtp
        self.offer = offer
        self.path = path
        self.tls = tls
        self.pause_s = 0.0
        """Seconds between storing a message and saying so."""
        self.delivered: list[Delivered] = []
        self.commands: list[bytes] = []
        self.reached: list[str] = []
        """Steps whose happening has begun; at ``dot`` the message is stored then, if it is to be stored."""
        self.connections = 0
        self.open_connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        if self.path:
            return f"lmtp://{self.path}"
        return f"lmtp://127.0.0.1:{self.port}" if self.lmtp else f"smtp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> ScriptedHop:
        if self.path:
            self._server = await asyncio.start_unix_server(self._serve, self.path, limit=1 << 26)
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 26)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        number = self.connections
        self.connections += 1
        self.open_connections += 1
        session = _Session(self, self.scripts[min(number, len(self.scripts) - 1)], reader, writer)
        try:
            await session.run()
        except (ConnectionError, asyncio.IncompleteReadError, _OverError, asyncio.CancelledError, OSError):
            pass
        finally:
            self.open_connections -= 1
            writer.close()
            self._tasks.discard(task)


class _OverError(Exception):
    """The session is over."""


class _Session:
    def __init__(
        self, hop: ScriptedHop, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.hop, self.script, self.reader, self.writer = hop, script, reader, writer
        self.mail = b""
        self.rcpts: list[bytes] = []
        self.xforward: list[bytes] = []
        self.rcpt_number = 0

    async def run(self) -> None:
        await self.happen("connect", None)
        await self.happen("greeting", b"220 hop.example ESMTP\r\n")
        while True:
            line = await self.reader.readuntil(b"\n")
            self.hop.commands.append(line)
            verb = line.strip().split(b" ")[0].upper()
            step = getattr(self, "on_" + verb.decode("ascii", "replace").lower(), None)
            if step is None:
                self.writer.write(b"500 5.5.2 What?\r\n")
            else:
                await step(line)

    async def happen(self, step: str, proper: bytes | None) -> bool:
        """Answer properly or as scripted; True if the proper answer was given."""
        act = self.scripted(step)
        self.hop.reached.append(step)
        if act is None:
            act = proper
        await self.perform(act)
        return act is proper

    def scripted(self, step: str) -> bytes | Act | None:
        """Return what the script has for this time; None for the proper answer."""
        act = self.script.get(step)
        if isinstance(act, list):
            return act.pop(0) if act else None
        return act

    async def perform(self, act: bytes | Act | None) -> None:
        match act:
            case bytes():
                self.writer.write(act)
                await self.writer.drain()
            case Act.DROP:
                raise _OverError
            case Act.RESET:
                sock = self.writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _OverError
            case Act.HANG:
                await self.reader.read()
                raise _OverError
            case Act.STORE_THEN_DROP:
                raise _OverError
            case Act.STORE_THEN_HANG:
                await self.reader.read()
                raise _OverError
            case _:
                pass

    async def on_ehlo(self, line: bytes) -> None:
        offer = list(self.hop.offer)
        if self.hop.tls is not None and self.writer.get_extra_info("sslcontext") is None:
            offer.append("STARTTLS")
        lines = [b"hop.example", *(word.encode() for word in offer)]
        proper = b"".join(b"250-" + text + b"\r\n" for text in lines[:-1]) + b"250 " + lines[-1] + b"\r\n"
        await self.happen("hello", proper)

    on_lhlo = on_ehlo

    async def on_helo(self, line: bytes) -> None:
        self.writer.write(b"250 hop.example\r\n")

    async def on_starttls(self, line: bytes) -> None:
        if await self.happen("tls", b"220 2.0.0 Go ahead\r\n"):
            await self.writer.start_tls(self.hop.tls)

    async def on_auth(self, line: bytes) -> None:
        await self.happen("auth", b"235 2.7.0 OK\r\n")

    async def on_xforward(self, line: bytes) -> None:
        self.xforward.append(line)
        await self.happen("xforward", b"250 OK\r\n")

    async def on_mail(self, line: bytes) -> None:
        if await self.happen("mail", b"250 2.1.0 OK\r\n"):
            self.mail, self.rcpts = line, []

    async def on_rcpt(self, line: bytes) -> None:
        if not self.mail:
            self.writer.write(b"503 5.5.1 MAIL first\r\n")
        elif await self.happen("rcpt", b"250 2.1.5 OK\r\n"):
            self.rcpts.append(line)

    async def on_data(self, line: bytes) -> None:
        if not self.rcpts:
            self.writer.write(b"503 5.5.1 RCPT first\r\n")
            return
        if not await self.happen("data", b"354 Go ahead\r\n"):
            return
        if "content" in self.script:
            await self.reader.readexactly(10)
            await self.happen("content", None)
        content = await self.reader.readexactly(3)
        if content != b".\r\n":
            content += await self.reader.readuntil(b"\r\n.\r\n")
        content = content[:-3].replace(b"\r\n..", b"\r\n.")
        if content.startswith(b".."):
            content = content[1:]
        count = len(self.rcpts) if self.hop.lmtp else 1
        act = self.scripted("dot")
        if act is None or act in (Act.STORE_THEN_DROP, Act.STORE_THEN_HANG):
            self.hop.delivered.append(Delivered(self.mail, self.rcpts, content, self.xforward))
        self.hop.reached.append("dot")
        self.mail, self.rcpts, self.xforward = b"", [], []
        await asyncio.sleep(self.hop.pause_s)
        await self.perform(act or b"250 2.0.0 Stored\r\n" * count)

    async def on_rset(self, line: bytes) -> None:
        self.mail, self.rcpts = b"", []
        await self.happen("rset", b"250 2.0.0 OK\r\n")

    async def on_noop(self, line: bytes) -> None:
        self.writer.write(b"250 2.0.0 OK\r\n")

    async def on_quit(self, line: bytes) -> None:
        self.writer.write(b"221 2.0.0 Bye\r\n")
        raise _OverError
