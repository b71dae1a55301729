"""The floor: few places, one for each client, and whoever takes long steps aside."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from pansentry.judging import floor as floor_module
from pansentry.judging.floor import Floor

if TYPE_CHECKING:
    import pytest


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_places_are_given_back() -> None:
    """A place is free again when a turn is given back, and giving back twice does nothing."""

    async def run() -> None:
        floor = Floor(1, 0)
        first, second = (floor.turn(client, lambda: None) for client in ("a", "b"))
        await first.take()
        waiting = asyncio.create_task(second.take())
        await settled()
        assert not waiting.done()
        await first.give_back()
        await first.give_back()
        await waiting
        await second.give_back()
        assert not floor.quick.locked()
        assert not len(floor.turns)

    asyncio.run(run())


def test_a_client_has_one_turn() -> None:
    """A second message of a client waits, though a place is free; somebody else's does not."""

    async def run() -> None:
        floor = Floor(2, 0)
        mine, mine_too, other = (floor.turn(client, lambda: None) for client in ("a", "a", "b"))
        await mine.take()
        waiting = asyncio.create_task(mine_too.take())
        await other.take()
        await settled()
        assert not waiting.done()
        await mine.give_back()
        await other.give_back()
        await waiting
        await mine_too.give_back()

    asyncio.run(run())


def test_who_gives_up_waiting_leaves_no_trace() -> None:
    """A turn that is cancelled while it waits for a place takes none from others."""

    async def run() -> None:
        floor = Floor(1, 0)
        first, second, third = (floor.turn(client, lambda: None) for client in ("a", "b", "c"))
        await first.take()
        waiting = asyncio.create_task(second.take())
        await settled()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await second.give_back()
        await first.give_back()
        await third.take()
        await third.give_back()
        assert not len(floor.turns)

    asyncio.run(run())


def test_who_takes_long_steps_aside_if_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow turn leaves its quick place for a slow one; a second one waits until that is free."""
    monkeypatch.setattr(floor_module, "STEP_ASIDE_S", 0.001)
    monkeypatch.setattr(floor_module, "_ASK_AGAIN_S", 0.001)

    async def run() -> None:
        floor, slowed = Floor(2, 1), asyncio.Queue[str]()
        first, second, third = (floor.turn(name, partial(slowed.put_nowait, name)) for name in "abc")
        await first.take()
        assert await slowed.get() == "a"
        assert floor.slow == 0
        await second.take()
        await third.take()
        await first.give_back()
        await slowed.get()
        assert floor.slow == 0
        await second.give_back()
        await third.give_back()
        assert floor.slow == 1
        assert floor.quick._value == 2

    asyncio.run(run())
