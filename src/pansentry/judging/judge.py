"""One judge as the gateway sees it: a process, and the line to it.

In: values of ours, and bytes. Out: what the process says, as JSON and bytes of stated lengths. Raises NotJudgedError
(``timeout``, ``crash``) if the line breaks, or if what comes is longer than it may be: a judge has read what strangers
wrote, and is not believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING, Any

from pansentry.judging.matter import NotJudgedError
from pansentry.judging.wire import HEAD, packed

if TYPE_CHECKING:
    import socket

    from pansentry.workers.nursery import Nursling

MAX_HEAD_BYTES = 32 * 1024 * 1024
_SLOWER = 15


class Judge:
    """One process, and the line to it."""

    def __init__(self, process: Nursling, line: socket.socket) -> None:
        self._process = process
        self._line = line
        self.jobs = 0
        self.desks: set[int] = set()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def tell(self, value: Any, body: bytes = b"") -> None:
        """Send a value of ours, and bytes. Raises NotJudgedError."""
        loop, head = asyncio.get_running_loop(), packed(value)
        try:
            await loop.sock_sendall(self._line, HEAD.pack(len(head), len(body)) + head)
            if body:
                await loop.sock_sendall(self._line, body)
        except OSError:
            raise await self._lost("crash") from None

    async def listen(self, seconds: float, most_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for what the judge says. Raises NotJudgedError."""
        try:
            async with asyncio.timeout(seconds):
                head, size = HEAD.unpack(await self._read(HEAD.size))
                if head > MAX_HEAD_BYTES or size > most_bytes:
                    raise await self._lost("crash")
                said = json.loads(await self._read(head))
                sizes = said["blobs"]
                if not all(type(one) is int and one >= 0 for one in sizes) or sum(sizes) != size:
                    raise await self._lost("crash")
                return said, [bytes(await self._read(one)) for one in sizes]
        except TimeoutError:
            raise await self._lost("timeout") from None
        except (OSError, ValueError, TypeError, LookupError):
            raise await self._lost("crash") from None

    async def _read(self, size: int) -> bytearray:
        into = bytearray(size)
        view, loop = memoryview(into), asyncio.get_running_loop()
        while view:
            got = await loop.sock_recv_into(self._line, view)
            if not got:
                raise await self._lost("crash")
            view = view[got:]
        return into

    async def _lost(self, reason: str) -> NotJudgedError:
        """Say why the judge is lost; a signal that it got tells more."""
        code = await asyncio.to_thread(self._process.wait, 0.2) if reason != "timeout" else None
        if code == -signal.SIGXCPU:
            return NotJudgedError("timeout")
        return NotJudgedError(reason, from_outside=code in (-signal.SIGKILL, -signal.SIGTERM))

    def slow_down(self) -> None:
        """Leave the processor to others where they want it."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOWER)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.end()
        self._line.close()
