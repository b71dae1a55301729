"""An event loop whose clock goes on only while nobody in this process has anything to do.

Tests give deadlines of a fraction of a second to a client and a server in one event loop. On a machine that is busy
with something else such a deadline would pass while what it waits for lies ready, and the test would fail for a reason
that is none. Here a second is a second in which the loop waited and nothing came: a pause of the whole process, however
long, is no time at all. Threads and other processes are waited for as ever: while they say nothing, time passes.

A hundredth of the time on the wall counts in any case, so that a program that never rests meets its deadlines, too.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Awaitable, Callable

_OF_THE_WALL = 0.01
_MOST_PATIENCE_S = 60.0


async def until(condition: Callable[[], bool | Awaitable[object]]) -> None:
    """Wait until something is true that another thread or process does; TimeoutError after a minute in vain."""
    async with asyncio.timeout(_MOST_PATIENCE_S):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


class _Idle(selectors.DefaultSelector):
    """Adds up how long it was waited in vain."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        if not ready and timeout is not None:
            self.seconds += max(timeout, 0.0)
        return ready


class PatientLoop(asyncio.SelectorEventLoop):
    """The event loop of ``tests/unit``, whose ``conftest.py`` says so."""

    def __init__(self) -> None:
        self._idle = _Idle()
        self._begun = time.monotonic()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._begun + max(self._idle.seconds, (time.monotonic() - self._begun) * _OF_THE_WALL)
