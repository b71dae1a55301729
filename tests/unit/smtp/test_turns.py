"""Turns: one client's slow mail holds up nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from pansentry.smtp.turns import Turns


async def hold(turns: Turns, client: str, log: list[str], go: asyncio.Event, name: str) -> None:
    async with turns.of(client):
        log.append(name)
        await go.wait()


async def test_one_client_has_one_turn_and_another_its_own() -> None:
    """The second message of a client waits for its first; another client's does not."""
    turns, log, go = Turns(), [], asyncio.Event()
    tasks = [
        asyncio.create_task(hold(turns, client, log, go, name))
        for client, name in [("192.0.2.1", "a1"), ("192.0.2.1", "a2"), ("192.0.2.2", "b1")]
    ]
    for _ in range(5):
        await asyncio.sleep(0)
    assert log == ["a1", "b1"]
    go.set()
    await asyncio.gather(*tasks)
    assert log == ["a1", "b1", "a2"]
    assert len(turns) == 0


async def test_nobody_in_particular_waits_for_nobody() -> None:
    """Without an address there is nobody to be fair to."""
    turns, log, go = Turns(), [], asyncio.Event()
    tasks = [asyncio.create_task(hold(turns, "", log, go, str(n))) for n in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert log == ["0", "1", "2"]
    go.set()
    await asyncio.gather(*tasks)


async def test_a_turn_ends_with_an_exception_and_with_a_cancelled_waiter() -> None:
    """Whatever ends a turn, the next one gets it, and nothing is left behind."""
    turns, log, go = Turns(), [], asyncio.Event()
    with pytest.raises(ZeroDivisionError):
        async with turns.of("a"):
            raise ZeroDivisionError
    first = asyncio.create_task(hold(turns, "a", log, go, "first"))
    waiter = asyncio.create_task(hold(turns, "a", log, go, "cancelled"))
    last = asyncio.create_task(hold(turns, "a", log, go, "last"))
    for _ in range(5):
        await asyncio.sleep(0)
    waiter.cancel()
    go.set()
    await asyncio.gather(first, last, waiter, return_exceptions=True)
    assert log == ["first", "last"]
    assert len(turns) == 0
