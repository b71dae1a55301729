"""The console's HTTP server: uvicorn in the gateway's own event loop, without signals, logs or name of its own.

Of several workers of one gateway, the first to come has the port; the others go without. Raises UnavailableError where
the port is taken by somebody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from pansentry.console.app import create_app
from pansentry.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Generator

    from pansentry.configuration.model import Console
    from pansentry.console.office import Office

_GRACE_S = 3
_KEEP_ALIVE_S = 15
_MAX_AT_ONCE = 100


class _Server(uvicorn.Server):
    """A server that says when it listens. Signals are the gateway's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_open = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_open.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@dataclass(slots=True)
class Running:
    """A console that listens."""

    port: int
    server: uvicorn.Server
    task: asyncio.Task[None]
    beside: list[asyncio.Task[None]] = field(default_factory=list)
    """What goes on as long as the console does."""

    async def stop(self) -> None:
        """End it; pages under way get three seconds."""
        self.server.should_exit = True
        for task in self.beside:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


async def start(office: Office, settings: Console, *, may_be_taken: bool = False) -> Running | None:
    """Open the port and serve. None if another worker of ours has it (``may_be_taken``)."""
    host, _, port = settings.address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    # with its protocol by name: asyncio sets TCP_NODELAY only then, and without it each answer waits 40 ms for an ACK
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listening.close()
        if may_be_taken:
            return None
        raise UnavailableError(f"the console cannot listen on {settings.address}: {error.strerror}") from None
    config = uvicorn.Config(
        create_app(office),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        ws="none",
        limit_concurrency=_MAX_AT_ONCE,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=32 * 1024,
        http="h11",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls.certificate if settings.tls is not None else None,
        ssl_keyfile=settings.tls.key if settings.tls is not None else None,
    )
    config.load()
    server = _Server(config)
    task = asyncio.get_running_loop().create_task(server.serve([listening]))
    opened = asyncio.get_running_loop().create_task(server.is_open.wait())
    await asyncio.wait({task, opened}, return_when=asyncio.FIRST_COMPLETED)
    opened.cancel()
    if task.done():
        task.result()
    return Running(listening.getsockname()[1], server, task)
