"""Idle connections to one next hop, used again.

A connection comes back here only when its last answer was read and understood. It is taken out again if the server
neither closed it nor said anything meanwhile, if it did not idle for longer than ``idle_s``, and if it has served fewer
than ``max_uses`` transactions. There is no bound on open connections here: each session of a client has one at most,
and sessions are bounded at the door; a queue here would let one slow mailbox hold up all mail.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from pansentry.delivery.wire import Wire
from pansentry.errand import in_a_task


class Pool:
    """Idle connections, newest last."""

    def __init__(self, connect: Callable[[], Awaitable[Wire]], *, idle_s: float, max_uses: int) -> None:
        self._connect = connect
        self._idle_s = idle_s
        self._max_uses = max_uses
        self._idle: deque[Wire] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def _now(self) -> float:
        if self._loop is None:  # to ask which one runs is a system call in Python 3.11
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def take(self, *, fresh: bool = False) -> Wire:
        """Return a connection, an idle one if there is a sound one and ``fresh`` is not asked for.

        Raises :class:`~pansentry.delivery.wire.NextHopError` when a new one cannot be had.
        """
        wire = None if fresh else self.idle()
        if wire is None:
            await in_a_task(0)  # to connect takes time-outs
            wire = await self._connect()
        return wire

    def idle(self) -> Wire | None:
        """Return a sound connection that is there already, None if there is none."""
        oldest = self._now() - self._idle_s
        while self._idle:
            wire = self._idle.pop()
            if wire.usable and wire.idle_since > oldest and not wire.has_unread():
                return wire
            wire.quit()
        return None

    def give(self, wire: Wire) -> None:
        """Take a connection back after a transaction, or close it when it has served its time."""
        wire.uses += 1
        if self._closed or not wire.usable or wire.uses >= self._max_uses:
            wire.quit()
            return
        wire.idle_since = self._now()
        self._idle.append(wire)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(self._idle_s, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        oldest = self._now() - self._idle_s
        while self._idle and (not self._idle[0].usable or self._idle[0].idle_since <= oldest):
            self._idle.popleft().quit()
        if self._idle:
            self._sweeper = asyncio.get_running_loop().call_later(self._idle_s / 2, self._sweep)

    def close(self) -> None:
        """Say QUIT on all idle connections; those in use are closed when they come back."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        while self._idle:
            self._idle.pop().quit()
