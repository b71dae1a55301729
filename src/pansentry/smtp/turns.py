"""One at a time for each client: so that whoever sends mail that is slow to judge waits for himself only.

In: a client's address. Out: a turn, to be held while a message of it is judged. There are few processes (and, where
there are none, few threads) for that; without turns one client with a few slow messages has them all, and everybody's
mail waits that is not plainly clean.

Known gap: somebody with as many addresses as there are places (``judging/floor.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Who is at it, and who waits behind. What is held here is as much as there are messages under way."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def of(self, client: str) -> AsyncIterator[None]:
        """Wait for the client's turn and hold it; ``""`` is nobody in particular and waits for nobody."""
        if not client:
            yield
            return
        queue = self._queues.setdefault(client, _Queue())
        queue.length += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.length -= 1
            if not queue.length:
                del self._queues[client]

    def __len__(self) -> int:
        return len(self._queues)


class _Queue:
    __slots__ = ("length", "lock")

    def __init__(self) -> None:
        self.length = 0
        self.lock = asyncio.Lock()
