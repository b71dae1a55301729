"""Fuzz target: a whole dialogue with the real server over a transport in memory, cut into segments of any size.

The first octet of the input is the size of the segments. Answers are complete printable lines, nothing is written after
the connection was closed, no exception is answered as an incident, and no octet is held when all is over.
"""

from __future__ import annotations

import asyncio

from tests.unit.smtp.double import Log, MemoryTransport

from pansentry.envelope import Client
from pansentry.smtp.limits import Account, SmtpLimits
from pansentry.smtp.listener import ListenerOptions, Shared
from pansentry.smtp_reply import ACCEPTED, Reply

MAX_LEN = 2000
LIMITS = SmtpLimits(
    max_errors=10**9, max_idle_commands=10**9, messages_per_minute_per_client=0, max_messages_per_connection=10**9
)


class _Sink:
    """Takes everything at once and checks what it is given."""

    def begin(self, reverse_path: str, parameters: tuple[str, ...], client: Client, smtputf8: bool) -> _Sink:
        assert smtputf8 or reverse_path.isascii()
        return self

    def rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        assert forward_path
        return ACCEPTED

    def data(self, message: bytes) -> Reply:
        assert message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")
        return ACCEPTED

    def abort(self) -> None:
        pass

    def told(self, heard: bool) -> None:
        pass


async def _talk(data: bytes) -> None:
    log = Log()
    account = Account(LIMITS)
    shared = Shared(ListenerOptions(hostname="mx.example", limits=LIMITS), _Sink(), None, log, account)
    server = shared.server(shared)
    transport = MemoryTransport(server, asyncio.get_running_loop())
    server.connection_made(transport)
    for _ in range(3):
        await asyncio.sleep(0)
    size = data[0] + 1
    for start in range(1, len(data), size):
        if transport.closing:
            break
        server.data_received(data[start : start + size])
    if not transport.closing:
        server.eof_received()
    await asyncio.sleep(0)
    written = b"".join(transport.writes)
    assert written.endswith(b"\r\n")
    for line in written[:-2].split(b"\r\n"):
        assert line.decode("ascii").isprintable()
        assert line[:3].isdigit()
        assert len(line) <= 510
    assert "smtp.incident" not in log.events
    assert account.bytes_in_flight == 0
    assert account.connections == 0


def check(data: bytes) -> None:
    """Talk ``data`` to a fresh server."""
    if data:
        asyncio.run(_talk(data))
