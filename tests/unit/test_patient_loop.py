"""The clock that the tests' deadlines go by."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.patient_loop import PatientLoop


async def test_a_pause_of_the_process_is_no_time() -> None:
    """What comes after a pause that was longer than its deadline comes in time."""
    assert isinstance(asyncio.get_running_loop(), PatientLoop)
    coming = asyncio.Event()
    async with asyncio.timeout(0.05):
        time.sleep(0.2)  # noqa: ASYNC251  the pause
        asyncio.get_running_loop().call_soon(coming.set)
        await coming.wait()


async def test_what_does_not_come_is_not_waited_for() -> None:
    """A deadline passes where nothing comes, and where somebody is busy for ever."""

    async def busy() -> None:
        while True:  # noqa: ASYNC110  it waits for nothing
            await asyncio.sleep(0)

    for other in (None, asyncio.create_task(busy())):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await asyncio.Event().wait()
        if other is not None:
            other.cancel()
