"""Next hops that answer too soon, twice, in pieces, nonsense, or close: 250 means that they have the message.

A table: what is odd × at which step × what kind of connection. After the odd mail another one goes the same way, to a
recipient that is taken and to one that is refused: its answers are its own, and so is what is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import trustme

from pansentry.delivery.hop import Deadlines, HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import parse_next_hop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pansentry.delivery.hop import Hop

QUICK = HopOptions(our_name="gw.example", deadlines=Deadlines(2, 0.25, 0.25))
LONG = b"Subject: long\r\n\r\n" + b"0123456789abcdef\r\n" * 700_000
SHORT = b"Subject: short\r\n\r\nhello\r\n"


class OverError(Exception):
    """The session is over."""


@dataclass
class OddHop:
    """A server that does ``odd`` instead of its answer at ``step``, once, and what is right from then on."""

    step: str
    odd: Callable[[OddHop, bytes], Awaitable[None]]
    lmtp: bool = False
    tls: ssl.SSLContext | None = None
    skip: int = 0
    """How many times the step goes right before."""
    stored: list[tuple[bytes, list[bytes], bytes]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def begin(self) -> Hop:
        """Start, and return the way to it."""
        self.server = await asyncio.start_server(self.connected, "127.0.0.1", 0, limit=4096)
        port = self.server.sockets[0].getsockname()[1]
        scheme, query = ("lmtp", "") if self.lmtp else ("smtp", "?tls=opportunistic" if self.tls else "?tls=none")
        return open_hop(parse_next_hop(f"{scheme}://127.0.0.1:{port}{query}"), QUICK)

    async def end(self) -> None:
        """Stop."""
        self.server.close()
        for task in tuple(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        session = _Session(self, reader, writer)
        try:
            with contextlib.suppress(OverError, OSError, EOFError, asyncio.CancelledError):
                await session.run()
        finally:
            writer.transport.abort()
            self.tasks.discard(task)


class _Session:
    def __init__(self, hop: OddHop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hop, self.reader, self.writer = hop, reader, writer
        self.buffer = b""
        self.mail = b""
        self.rcpts: list[bytes] = []

    async def line(self, end: bytes = b"\r\n") -> bytes:
        searched = 0
        while (at := self.buffer.find(end, max(searched - len(end), 0))) < 0:
            searched = len(self.buffer)
            more = await self.reader.read(1 << 16)
            if not more:
                raise OverError
            self.buffer += more
        found, self.buffer = self.buffer[: at + len(end)], self.buffer[at + len(end) :]
        return found

    async def say(self, step: str, proper: bytes) -> None:
        hop = self.hop
        if step == hop.step:
            if hop.skip == 0:
                hop.skip = -1
                await hop.odd(self, proper)
                return
            hop.skip -= hop.skip > 0
        if step != "content":
            self.writer.write(proper)
            await self.writer.drain()

    async def run(self) -> None:
        self.writer.write(b"220 odd.example ESMTP\r\n")
        while True:
            line = await self.line()
            verb = line[:4].upper()
            if verb in (b"EHLO", b"LHLO"):
                has_tls = self.hop.tls is None or self.writer.get_extra_info("sslcontext") is not None
                offer = b"" if has_tls else b"250-STARTTLS\r\n"
                self.writer.write(b"250-odd.example\r\n" + offer + b"250 PIPELINING\r\n")
            elif verb == b"STAR":
                await self.say("tls", b"220 2.0.0 Go ahead\r\n")
                await self.writer.start_tls(self.hop.tls)
            elif verb == b"MAIL":
                self.mail, self.rcpts = line, []
                await self.say("mail", b"250 2.1.0 OK\r\n")
            elif verb == b"RCPT":
                is_known = b"nobody" not in line
                self.rcpts += [line] if is_known else []
                await self.say("rcpt", b"250 2.1.5 OK\r\n" if is_known else b"550 5.1.1 No such user\r\n")
            elif verb == b"DATA" and self.rcpts:
                await self.say("data", b"354 Go ahead\r\n")
                final = b"250 2.0.0 Stored\r\n" * (len(self.rcpts) if self.hop.lmtp else 1)
                self.buffer += await self.reader.read(1)
                await self.say("content", final)
                content = (await self.line(b"\r\n.\r\n"))[:-3]
                self.hop.stored.append((self.mail, self.rcpts, content))
                self.mail, self.rcpts = b"", []
                await self.say("dot", final)
            elif verb == b"RSET":
                self.mail, self.rcpts = b"", []
                await self.say("rset", b"250 2.0.0 OK\r\n")
            elif verb == b"QUIT":
                raise OverError
            else:
                self.writer.write(b"503 5.5.1 What?\r\n")


async def _twice(peer: _Session, proper: bytes) -> None:
    peer.writer.write(proper * 2)


async def _again_later(peer: _Session, proper: bytes) -> None:
    peer.writer.write(proper)
    await asyncio.sleep(0.01)
    peer.writer.write(proper)


async def _late(peer: _Session, proper: bytes) -> None:
    await asyncio.sleep(0.02)
    peer.writer.write(proper)


async def _in_octets(peer: _Session, proper: bytes) -> None:
    for at in range(len(proper)):
        peer.writer.write(proper[at : at + 1])
        await asyncio.sleep(0.0005)


def _says(octets: bytes) -> Callable[[_Session, bytes], Awaitable[None]]:
    async def say(peer: _Session, _proper: bytes) -> None:
        peer.writer.write(octets)

    return say


async def _closes(_peer: _Session, _proper: bytes) -> None:
    raise OverError


async def _half_closes(peer: _Session, _proper: bytes) -> None:
    if peer.writer.can_write_eof():
        peer.writer.write_eof()
    else:
        raise OverError


async def _answers_and_closes(peer: _Session, proper: bytes) -> None:
    peer.writer.write(proper)
    await peer.writer.drain()
    await asyncio.sleep(0.001)
    raise OverError


ODD = {
    "twice": _twice,
    "again later": _again_later,
    "late": _late,
    "an octet at a time": _in_octets,
    "closes": _closes,
    "half-closes": _half_closes,
    "answers and closes": _answers_and_closes,
    "nul": _says(b"250 2.0.0 \0\0 OK\0\r\n"),
    "nul for a code": _says(b"2\x0050 OK\r\n"),
    "100 KB": _says(b"250 " + b"x" * 100_000 + b"\r\n"),
    "221": _says(b"221 2.0.0 Bye\r\n"),
    "354": _says(b"354 Go ahead\r\n"),
    "354 and 250": _says(b"354 Go ahead\r\n250 2.0.0 Stored\r\n"),
    "three at once": _says(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n354 Go ahead\r\n"),
    "421": _says(b"421 4.3.2 Bye\r\n"),
    "999": _says(b"999 what\r\n"),
}
STEPS = ("mail", "rcpt", "data", "dot", "rset")
KINDS = ("fresh", "pooled", "lmtp", "tls")


@pytest.fixture(scope="module")
def server_tls() -> ssl.SSLContext:
    """A server context; its certificate is not looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return context


async def mail(hop: Hop, name: str, recipients: tuple[str, ...], message: bytes, *, aborts: bool = False) -> list[int]:
    """Send one mail; the final code for each recipient: what RCPT was refused with, else the answer to the content."""
    delivery = hop.begin(Sender(f"{name}@example.org"))
    codes = {path: (await delivery.rcpt(path)).code for path in recipients}
    taken = [path for path, code in codes.items() if code < 300]
    if not taken or aborts:
        await delivery.abort()
        return [code if code >= 300 else 451 for code in codes.values()]
    answers = await delivery.send(message)
    return list((codes | {path: answer.code for path, answer in zip(taken, answers, strict=True)}).values())


def is_stored(server: OddHop, name: str, recipient: str, message: bytes) -> bool:
    """Tell whether a message is stored for a recipient, whole, under its own sender."""
    return any(
        f"<{name}@".encode() in sender and content == message and any(f"<{recipient}>".encode() in one for one in rcpts)
        for sender, rcpts, content in server.stored
    )


async def check(server: OddHop, *, is_pooled: bool, message: bytes = SHORT) -> list[int]:
    """Send the odd mail and two more; returns what was said to the odd one."""
    hop = await server.begin()
    others = ("b@x.example", "c@x.example") if server.lmtp else ("b@x.example",)
    try:
        if is_pooled:
            server.skip = 0 if server.step == "rset" else len(others) if server.step == "rcpt" else 1
            assert set(await mail(hop, "first", others, SHORT)) == {250}
        codes = await mail(hop, "odd", others, message, aborts=server.step == "rset")
        for path, code in zip(others, codes, strict=True):
            assert code != 250 or is_stored(server, "odd", path, message)
        next_message = SHORT + b"next\r\n"
        (code,) = await mail(hop, "next", ("d@x.example",), next_message)
        assert code == 250 if is_stored(server, "next", "d@x.example", next_message) else 400 <= code < 500
        (code,) = await mail(hop, "last", ("nobody@x.example",), next_message)
        assert code >= 400
        bodies = {b"first": SHORT, b"odd": message, b"next": next_message}
        for sender, _, content in server.stored:
            assert content == bodies[sender.partition(b"<")[2].partition(b"@")[0]]
    finally:
        await hop.close()
        await server.end()
    return codes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ODD)
async def test_250_means_that_it_has_the_message_and_the_next_mail_is_its_own(
    what: str, kind: str, server_tls: ssl.SSLContext
) -> None:
    """Whatever a next hop does at any step, 250 is said for what it stored only, and no mail is mixed with another."""
    tls = server_tls if kind == "tls" else None
    servers = [OddHop(step, ODD[what], lmtp=kind == "lmtp", tls=tls) for step in STEPS]
    await asyncio.gather(*(check(server, is_pooled=kind == "pooled") for server in servers))


async def _early(peer: _Session, proper: bytes) -> None:
    peer.writer.write(proper)


async def _early_and_deaf(peer: _Session, proper: bytes) -> None:
    peer.writer.write(proper)
    await asyncio.sleep(60)


def _refuses(octets: bytes, *, closes: bool) -> Callable[[_Session, bytes], Awaitable[None]]:
    async def refuse(peer: _Session, proper: bytes) -> None:
        peer.writer.write(octets * proper.count(b"\n"))
        await asyncio.sleep(0.05 if closes else 60)
        raise OverError

    return refuse


EARLY = {
    "success": (_early, 451),
    "success, and reads no more": (_early_and_deaf, 451),
    "refusal": (_refuses(b"552 5.3.4 Too big\r\n", closes=False), 552),
    "refusal, and closes": (_refuses(b"552 5.3.4 Too big\r\n", closes=True), 552),
    "deferral": (_refuses(b"452 4.2.2 Full\r\n", closes=False), 452),
    "goodbye": (_refuses(b"421 4.3.2 Bye\r\n", closes=True), 451),
    "senseless": (_refuses(b"354 Go ahead\r\n", closes=False), 451),
    "reads no more": (_refuses(b"", closes=False), 451),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", EARLY)
async def test_an_answer_before_all_was_sent(what: str, kind: str, server_tls: ssl.SSLContext) -> None:
    """A success that comes before the message has gone out is no success; a refusal is one; the wire is not used on."""
    odd, expected = EARLY[what]
    server = OddHop("content", odd, lmtp=kind == "lmtp", tls=server_tls if kind == "tls" else None)
    assert set(await check(server, is_pooled=kind == "pooled", message=LONG)) == {expected}


@pytest.mark.parametrize(
    "slipped_in", [b"250 2.0.0 OK\r\n" * 3, b"250-a\r\n", b"x", b"250 2.1.0 OK\r\n354 Go ahead\r\n"]
)
async def test_what_is_slipped_in_before_tls_answers_nothing_inside(
    slipped_in: bytes, server_tls: ssl.SSLContext
) -> None:
    """A man in the middle cannot answer commands that are said under TLS (RFC 3207 §6, "STARTTLS injection")."""
    server = OddHop("tls", _says(b"220 2.0.0 Go ahead\r\n" + slipped_in), tls=server_tls)
    assert set(await check(server, is_pooled=False)) == {250}
