"""Who may be judged now: few at a time, one for each client, and whoever takes long steps aside.

In: a client's address. Out: a :class:`Turn`. There are as many quick places as judges may run; whoever has had one for
:data:`STEP_ASIDE_S` goes to a slow place and goes on there with less of the processor, so that mail which takes a
millisecond does not wait behind mail that takes its whole deadline. While a judge waits for somebody else (documents,
DNS) it has no place.

Attack: mail made to be slow. One client has one turn at a time (``smtp/turns.py``), so to fill every place takes as
many addresses as there are places, quick and slow; what they hold up is bounded by the deadline.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from pansentry.smtp.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_ASIDE_S = 1.0
_ASK_AGAIN_S = 0.25


class Floor:
    """The places of one gateway process."""

    def __init__(self, quick: int, slow: int) -> None:
        self.turns = Turns()
        self.quick = asyncio.Semaphore(quick)
        self.slow = slow
        """Slow places that are free."""

    def turn(self, client: str, slowed: Callable[[], None]) -> Turn:
        """Return a turn to be taken; ``slowed`` is called when it goes on at a slow place."""
        return Turn(self, client, slowed)


class Turn:
    """A place, taken and given back any number of times."""

    def __init__(self, floor: Floor, client: str, slowed: Callable[[], None]) -> None:
        self._floor = floor
        self._client = client
        self._slowed = slowed
        self._place = AsyncExitStack()
        self._is_slow = False
        self._timer: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        """Wait for a place."""
        async with AsyncExitStack() as taking:
            await taking.enter_async_context(self._floor.turns.of(self._client))
            await self._floor.quick.acquire()
            taking.callback(self._leave)
            self._place = taking.pop_all()
        self._timer = asyncio.get_running_loop().call_later(STEP_ASIDE_S, self._step_aside)

    async def give_back(self) -> None:
        """Leave the place, if one is held."""
        await self._place.aclose()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._is_slow:
            self._floor.slow += 1
            self._is_slow = False
        else:
            self._floor.quick.release()

    def _step_aside(self) -> None:
        if not self._floor.slow:
            self._timer = asyncio.get_running_loop().call_later(_ASK_AGAIN_S, self._step_aside)
            return
        self._floor.slow -= 1
        self._is_slow = True
        self._floor.quick.release()
        self._slowed()
