"""Errands: on the stack of whoever answers while they can, as a task when they must."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from pansentry.errand import Errand, Later, in_a_task, of

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def _after(later: Later, value: str) -> str:
    await later.expect()
    return value


def _begin(coroutine: Coroutine[object, object, str]) -> tuple[Errand[str], list[Errand[str]]]:
    ended: list[Errand[str]] = []
    errand = Errand(asyncio.get_running_loop(), coroutine)
    errand.then = ended.append
    return errand, ended


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_waits_for_nothing_is_done_when_it_is_made() -> None:
    """A coroutine that waits for nothing has ended before anybody can ask to be told."""

    async def at_once() -> str:
        return "here"

    errand, ended = _begin(at_once())
    assert (errand.done, errand.value, ended) == (True, "here", [])


async def test_an_errand_goes_on_before_its_answer_returns() -> None:
    """What waits for a Later goes on, and tells whoever began it, in the turn of the loop that has the answer."""
    later = Later(asyncio.get_running_loop())
    errand, ended = _begin(_after(later, "stored"))
    assert not errand.done
    later.is_here()
    assert ended == [errand]
    assert errand.value == "stored"


async def test_a_later_can_be_expected_again() -> None:
    """One Later serves for one answer after the other."""
    later = Later(asyncio.get_running_loop())

    async def twice() -> str:
        await later.expect()
        await later.expect()
        return "both"

    errand, _ = _begin(twice())
    later.is_here()
    assert not errand.done
    later.is_here()
    assert errand.value == "both"


async def test_a_fault_is_raised_where_it_is_waited_for() -> None:
    """An error instead of an answer is raised in the coroutine, and is the errand's if nobody catches it."""
    later = Later(asyncio.get_running_loop())
    errand, ended = _begin(_after(later, ""))
    later.is_here(ConnectionError("gone"))
    assert isinstance(errand.error, ConnectionError)
    assert ended == [errand]


async def test_a_task_may_wait_for_a_later_too() -> None:
    """To a task a Later is a future: answer, fault and cancellation come as they would from one."""
    loop = asyncio.get_running_loop()
    laters = [Later(loop), Later(loop), Later(loop)]
    tasks = [asyncio.create_task(_after(later, "stored")) for later in laters]
    await asyncio.sleep(0)
    laters[0].is_here()
    laters[1].is_here(ConnectionError("gone"))
    tasks[2].cancel()
    answered, failed, cancelled = await asyncio.gather(*tasks, return_exceptions=True)
    assert answered == "stored"
    assert isinstance(failed, ConnectionError)
    assert isinstance(cancelled, asyncio.CancelledError)


async def test_what_waits_for_anything_else_goes_on_as_a_task() -> None:
    """Behind the first wait of another kind everything that asyncio offers may be used, a Later too."""
    later = Later(asyncio.get_running_loop())

    async def connect() -> str:
        await in_a_task(0)
        async with asyncio.timeout(5):
            asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(later.is_here))
            await later.expect()
        return "connected"

    errand, ended = _begin(connect())
    await _turns()
    assert errand.value == "connected"
    assert ended == [errand]


async def test_a_fault_in_a_task_is_the_errands() -> None:
    """An exception behind the first wait of another kind is the errand's as well."""

    async def fail() -> str:
        await in_a_task(0)
        raise ValueError

    errand, _ = _begin(fail())
    await _turns()
    assert isinstance(errand.error, ValueError)


@pytest.mark.parametrize("in_task", [False, True])
async def test_cancelling_ends_an_errand_wherever_it_is(in_task: bool) -> None:
    """A cancelled errand has heard CancelledError where it waited: at once, or in its task."""
    heard: list[str] = []

    async def wait() -> str:
        try:
            await (asyncio.sleep(60) if in_task else Later(asyncio.get_running_loop()).expect())
        finally:
            heard.append("cancelled")
        return ""

    errand, ended = _begin(wait())
    errand.cancel()
    assert errand.done is not in_task
    await _turns()
    assert heard == ["cancelled"]
    assert errand.is_cancelled
    assert ended == [errand]


async def test_a_cancelled_errand_may_clean_up() -> None:
    """What is cancelled where it waits for an answer may wait for another one first, and ends when that is here."""
    loop = asyncio.get_running_loop()
    first, goodbye = Later(loop), Later(loop)

    async def work() -> str:
        try:
            await first.expect()
        finally:
            await goodbye.expect()
        return ""

    errand, ended = _begin(work())
    errand.cancel()
    assert not errand.done
    first.is_here()  # too late, and heard by nobody
    assert not errand.done
    goodbye.is_here()
    assert errand.is_cancelled
    assert ended == [errand]


async def test_cancelling_what_has_ended_leaves_the_next_one_that_waits() -> None:
    """A connection has one answer to wait for after the other: who is late to cancel takes nobody else's."""
    later = Later(asyncio.get_running_loop())

    async def wait() -> str:
        await later.expect()
        return "here"

    first, ended = _begin(wait())
    later.is_here()
    assert ended == [first]
    second, ended_second = _begin(wait())
    first.cancel()
    assert ended == [first]
    later.is_here()
    assert ended_second == [second]


async def test_anything_that_can_be_awaited_can_be_an_errand() -> None:
    """A future becomes an errand by way of a coroutine."""
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    errand, _ = _begin(of(future))
    future.set_result("there")
    await _turns()
    assert errand.value == "there"
