"""A listening address: options, start, certificate reload, drain.

``Listener.start`` binds, ``stop`` drains: no new connections, ``421 4.3.2`` to those between commands, an answer to
every message that is past its dot or on its way, bounded by ``grace_s``; a second ``stop`` (or the end of the grace)
closes everything, and waits a second at most for what then says goodbye to its next hop. One sweep per listener looks
at the clocks of all connections, instead of a timer for each.

With ``reuse_port`` several processes share the port (SO_REUSEPORT), each with its own limits.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, Literal, TypeVar

from aiosmtpd.smtp import SMTP

from pansentry.errand import Errand, of
from pansentry.smtp.data import whole_message_teller
from pansentry.smtp.limits import Account, Network, SmtpLimits, is_trusted
from pansentry.smtp.notices import Notices
from pansentry.smtp.server import Server
from pansentry.smtp.session import Log, Receiver, silent

T = TypeVar("T")
_FORGET_EVERY_S = 30.0
_LAST_WORDS_S = 1.0
_SHORT_LINE = 200
"""What commands are remembered of."""


@dataclass(frozen=True, slots=True)
class ListenerOptions:
    """One address to listen on. ``port`` 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0
    hostname: str = "localhost"
    """The name in the banner and in EHLO's answer."""
    lmtp: bool = False
    tls: Literal["none", "starttls", "implicit"] = "none"
    require_tls: bool = False
    dsn: bool = False
    """Advertise DSN; only where the next hop does."""
    line_ends: Literal["normalize", "reject"] = "normalize"
    proxy: bool = False
    """Every connection begins with a PROXY header, and only peers in ``trusted_proxies`` may connect."""
    trusted_proxies: tuple[Network, ...] = ()
    trusted_xforward: tuple[Network, ...] = ()
    exempt: tuple[Network, ...] = ()
    """Networks whose clients are not held to the limits per client."""
    reuse_port: bool = False
    backlog: int = 1024
    limits: SmtpLimits = field(default_factory=SmtpLimits)


class Shared:
    """What all connections of a listener share."""

    def __init__(
        self,
        options: ListenerOptions,
        receiver: Receiver,
        tls_context: ssl.SSLContext | None,
        log: Log,
        account: Account,
    ) -> None:
        self.options = options
        self.receiver = receiver
        self.tls_context = tls_context
        self.account = account
        self.loop = asyncio.get_running_loop()
        self.log = Notices(log, self.loop.time())
        self.hostname = options.hostname.encode("ascii")
        self.banner = b"220 " + self.hostname + (b" LMTP\r\n" if options.lmtp else b" ESMTP\r\n")
        # aiosmtpd's own __init__ inspects 200 methods and logs; what it found once is the class's, for all connections
        known = vars(SMTP(None, hostname=options.hostname, loop=self.loop))
        self.server: type[Server] = type("Server", (Server,), known)
        self.connections: set[Server] = set()
        self.running: set[Errand[Any]] = set()
        self.draining = False
        self.whole_message = whole_message_teller()
        self.max_command_bytes = options.limits.max_command_bytes
        self.short_line = min(_SHORT_LINE, self.max_command_bytes)
        # stuffing makes three octets four at worst (lines of one dot); the exact size is checked after it is undone
        self.max_data_bytes = options.limits.max_message_bytes * 4 // 3 + 5
        self.require_tls = options.require_tls
        # which network an address is in is asked once for each client: 7,000 instructions a connection
        self.may_xforward = functools.lru_cache(maxsize=1024)(functools.partial(is_trusted, options.trusted_xforward))
        self.on_change: Callable[[], None] | None = None

    def run(self, answer: Awaitable[T], then: Callable[[Errand[T]], None]) -> Errand[T]:
        """Let it run by itself, whatever becomes of the connection that asked.

        ``then`` must call :meth:`ran`; it is not called for what is done when this returns.
        """
        errand = Errand(self.loop, answer if isinstance(answer, CoroutineType) else of(answer))
        if not errand.done:
            errand.then = then
            self.running.add(errand)
        return errand

    def ran(self, errand: Errand[Any]) -> None:
        """Something that :meth:`run` let run has ended."""
        self.running.discard(errand)
        if self.on_change is not None:
            self.on_change()

    def changed(self) -> None:
        """A connection or a piece of work ended."""
        if self.on_change is not None:
            self.on_change()


class Listener:
    """Starts, serves, stops. One per address; several may share one :class:`Account`."""

    def __init__(
        self,
        options: ListenerOptions,
        receiver: Receiver,
        *,
        tls_context: ssl.SSLContext | None = None,
        log: Log = silent,
        account: Account | None = None,
    ) -> None:
        if (options.tls != "none") != (tls_context is not None):
            raise ValueError("a TLS context is needed if and only if TLS is on")
        if options.require_tls and options.tls == "none":
            raise ValueError("TLS cannot be required where there is none")
        self.options = options
        self._receiver = receiver
        self._tls_context = tls_context
        self._log = log
        self._account = account or Account(options.limits, options.exempt)
        self._servers: list[asyncio.Server] = []
        self._shared: Shared | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._forgotten = 0.0
        self._stopping: asyncio.Event | None = None

    @property
    def port(self) -> int:
        """The port that is bound."""
        port: int = self._servers[0].sockets[0].getsockname()[1]
        return port

    @property
    def account(self) -> Account:
        return self._account

    @property
    def connections(self) -> int:
        """Open connections now."""
        return len(self._shared.connections) if self._shared else 0

    @property
    def running(self) -> int:
        """Recipients and messages that the receiver has not answered yet."""
        return len(self._shared.running) if self._shared else 0

    async def start(self, bound: Sequence[socket.socket] = ()) -> None:
        """Listen on sockets that are bound already, else bind to the address of the options.

        Raises:
            OSError: the address cannot be bound.
        """
        silence_library()
        options = self.options
        shared = Shared(options, self._receiver, self._tls_context, self._log, self._account)
        loop = shared.loop
        backlog = options.backlog
        if bound:
            self._servers = [
                await loop.create_server(lambda: shared.server(shared), sock=one, backlog=backlog) for one in bound
            ]
        else:
            host, reuse_port = options.host or None, options.reuse_port or None
            self._servers = [
                await loop.create_server(
                    lambda: shared.server(shared), host, options.port, reuse_port=reuse_port, backlog=backlog
                )
            ]
        self._shared = shared
        self._forgotten = loop.time()
        self._sweep()

    def _sweep(self) -> None:
        shared = self._shared
        assert shared is not None
        limits = self.options.limits
        shortest = min(
            limits.command_idle_s,
            limits.crowded_idle_s,
            limits.rest_s,
            limits.data_idle_s,
            limits.data_total_s,
            limits.data_rate_window_s,
            limits.handshake_s,
            limits.processing_s,
            limits.session_s,
        )
        # first of all: whatever happens below, the clocks go on
        self._sweeper = shared.loop.call_later(min(1.0, max(shortest / 4, 0.01)), self._sweep)
        now = shared.loop.time()
        for connection in list(shared.connections):
            try:
                connection.check(now)
            except Exception as error:
                connection.break_off(error)
        if now - self._forgotten > _FORGET_EVERY_S:
            self._forgotten = now
            self._account.forget(now)
        shared.log.flush(now)

    async def stop(self, grace_s: float = 30.0) -> bool:
        """Drain and close. Return True if nothing had to be cut off. Called again while draining, it forces."""
        if self._stopping is not None:
            self._stopping.set()
            return False
        shared = self._shared
        if shared is None or not self._servers:
            return True
        forced = self._stopping = asyncio.Event()
        idle = asyncio.Event()

        def look() -> None:
            if not shared.connections and not shared.running:
                idle.set()

        shared.draining = True
        shared.on_change = look
        for server in self._servers:
            server.close()
        for connection in list(shared.connections):
            connection.drain()
        look()
        waits = [asyncio.ensure_future(event.wait()) for event in (idle, forced)]
        await asyncio.wait(waits, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        clean = idle.is_set()
        if not clean:
            self._log("smtp.forced", connections=len(shared.connections), running=len(shared.running))
        for connection in list(shared.connections):
            connection.close_at_once()
        for errand in list(shared.running):
            errand.cancel()
        if not clean:
            await self._last_words(idle)
        if self._sweeper is not None:
            self._sweeper.cancel()
        shared.log.flush(shared.loop.time(), at_once=True)
        await asyncio.sleep(0)  # let connection_lost run
        return clean

    async def _last_words(self, idle: asyncio.Event) -> None:
        """Wait a moment for what was cut off: it may have a next hop to say RSET to."""
        assert self._shared is not None
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await idle.wait()
        except TimeoutError:
            self._log("smtp.left", running=len(self._shared.running))


def silence_library() -> None:
    """Pin aiosmtpd's logger: it writes message lines at DEBUG and addresses at INFO, whatever level the root has."""
    library = logging.getLogger("mail.log")
    library.setLevel(logging.WARNING)
    if not any(getattr(f, "__name__", "") == "_only_warnings" for f in library.filters):
        library.addFilter(_only_warnings)


def _only_warnings(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
