"""What is remembered of messages that were lost: the same message, for a while, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pansentry.judging import lost
from pansentry.judging.lost import FIRST_S, LONGEST_S, MOST, Lost
from pansentry.policy import default_policy

POLICY = default_policy()
RECEIVED = b"Received: from a.example\r\n\tby b.example with ESMTP id %d\r\n\t; Mon, 02 Nov 2026 10:24:56 +0000\r\n"
MAIL = b"Subject: slow\r\n\r\n" + b"&#49; " * 50


class Clock:
    """A clock that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_same_message_is_known_for_a_while() -> None:
    """A lost message is not judged again before its time, and is then."""
    clock = Clock()
    memory = Lost(clock)

    async def run() -> list[bool]:
        said = [await memory.holds(MAIL, POLICY)]
        await memory.note(MAIL, POLICY)
        for later in (0.0, FIRST_S - 1, 1.0):
            clock.now += later
            said.append(await memory.holds(MAIL, POLICY))
        return said

    assert asyncio.run(run()) == [False, True, True, False]


def test_each_time_it_takes_twice_as_long() -> None:
    """A message that is lost again and again is judged seldom, but at least every four hours."""
    clock = Clock()
    memory = Lost(clock)

    async def run() -> list[float]:
        waits = []
        for _ in range(7):
            await memory.note(MAIL, POLICY)
            begin = clock.now
            while await memory.holds(MAIL, POLICY):
                clock.now += 60
            waits.append(clock.now - begin)
        return waits

    assert asyncio.run(run()) == [900, 1800, 3600, 7200, LONGEST_S, LONGEST_S, LONGEST_S]


@pytest.mark.parametrize("size", [50, lost._INLINE_BYTES])
def test_what_a_server_in_front_writes_changes_nothing(size: int) -> None:
    """A new Received field at each try does not make another message of it; any other octet does."""
    memory, mail = Lost(Clock()), b"Subject: slow\r\n\r\n" + b"&#49; " * size
    one, two = (RECEIVED % number + RECEIVED % 7 + mail for number in (1, 23456))

    async def run() -> list[bool]:
        await memory.note(one, POLICY)
        others = (one[:-1] + b"x", one.replace(b"slow", b"slaw"), one + b"x", b"x" + one, one[:40], b"", b"Received:")
        return [await memory.holds(each, POLICY) for each in (one, two, mail, *others)]

    assert asyncio.run(run()) == [True, True, True, *[False] * 7]


def test_another_policy_may_be_quicker() -> None:
    """Under a changed policy the message is judged again."""
    memory = Lost(Clock())

    async def run() -> bool:
        await memory.note(MAIL, POLICY)
        return await memory.holds(MAIL, replace(POLICY, version="other"))

    assert not asyncio.run(run())


def test_only_so_many_are_remembered() -> None:
    """The oldest is forgotten first, one beyond the limit."""
    memory = Lost(Clock())

    async def run() -> list[bool]:
        for number in range(MOST):
            await memory.note(b"%d" % number + MAIL, POLICY)
        said = [await memory.holds(b"0" + MAIL, POLICY)]
        await memory.note(b"more" + MAIL, POLICY)
        return [*said, *[await memory.holds(b"%d" % number + MAIL, POLICY) for number in (0, 1)]]

    assert asyncio.run(run()) == [True, False, True]


class Counting(bytes):
    """A message that counts how often it is searched or sliced."""

    asked = 0

    def find(self, *arguments: object) -> int:  # type: ignore[override]
        type(self).asked += 1
        return super().find(*arguments)  # type: ignore[arg-type]

    def __getitem__(self, place: object) -> object:  # type: ignore[override]
        type(self).asked += 1
        return super().__getitem__(place)  # type: ignore[index]


@pytest.mark.parametrize(
    "raw",
    [
        b"Received: x\r\n" + b" \n" * 12_500_000,
        b"Received: x\r\n" + b"\t" * 25_000_000,
        b"Received: x\n" * 2_000_000,
        b"Received:" + b"x" * 25_000_000,
    ],
    ids=["short folds", "one long fold", "many fields", "one line"],
)
def test_megabytes_of_trace_are_not_walked(raw: bytes) -> None:
    """Of 25 MB that look like Received fields so much is looked through as is bounded, in few steps."""
    Counting.asked = 0
    begin = lost._behind_received(Counting(raw))
    assert begin <= lost._MOST_RECEIVED_BYTES
    assert Counting.asked <= 5 * lost._MOST_HOPS


@pytest.mark.parametrize("over", [0, 1])
def test_trace_is_left_out_up_to_its_limit(monkeypatch: pytest.MonkeyPatch, over: int) -> None:
    """A field that ends at the limit is left out, one that ends behind it is part of what is known."""
    field = RECEIVED % 7
    monkeypatch.setattr(lost, "_MOST_RECEIVED_BYTES", 2 * len(field) - over)
    assert lost._behind_received(field * 2 + MAIL) == (2 - over) * len(field)


@pytest.mark.parametrize(
    ("raw", "begin"),
    [
        (b"", 0),
        (b"Received: x", 0),
        (b"Received: x\r\n", 13),
        (b"Received: x\r\n y", 0),
        (b"received:\n\ty\nA: b\n", 13),
    ],
)
def test_where_trace_ends(raw: bytes, begin: int) -> None:
    """Only whole fields are left out; one that does not end is kept."""
    assert lost._behind_received(raw) == begin
