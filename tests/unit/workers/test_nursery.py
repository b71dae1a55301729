"""The nursery: processes that are forked from one that is warm, and what becomes of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pansentry.examination import Examination
from pansentry.workers import Terms, Workers, child
from pansentry.workers.nursery import Nursery, open_nursery
from pansentry.workers.process import KIND, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def echo(memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Say the memory limit, then give back what comes until there is no more."""
    os.write(descriptors[1], f"{memory_bytes};".encode())
    while data := os.read(descriptors[0], 100):
        os.write(descriptors[1], data)


def tell(_memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Say which descriptors are open, and what is in the environment."""
    listed = sorted(map(int, os.listdir("/proc/self/fd")))
    os.write(descriptors[0], f"{listed} {sorted(os.environ)}".encode())


def sleep(_memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Do nothing for long."""
    os.write(descriptors[0], b"!")
    time.sleep(60)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    os.environ["PANSENTRY_TEST_SECRET"] = "not to be seen"
    try:
        opened = open_nursery({"echo": echo, "tell": tell, "sleep": sleep, KIND: child.serve})
    finally:
        del os.environ["PANSENTRY_TEST_SECRET"]
    yield opened
    opened.close()


def test_a_process_is_forked_and_its_end_is_told(nursery: Nursery) -> None:
    """A process gets its limit and its descriptors; when it has done, its exit code is known."""
    jobs, ours = os.pipe()
    answers, theirs = os.pipe()
    process = nursery.start("echo", 4711, (jobs, theirs))
    os.close(jobs)
    os.close(theirs)
    assert os.read(answers, 5) == b"4711;"
    os.write(ours, b"abc")
    assert os.read(answers, 100) == b"abc"
    assert process.wait(0) is None
    os.close(ours)
    assert process.wait(10) == 0
    assert os.read(answers, 1) == b""
    os.close(answers)
    process.end()


def test_a_process_holds_nothing_of_the_gateway(nursery: Nursery) -> None:
    """Files and secrets in the environment of whoever opened the nursery are not those of its processes."""
    said, theirs = os.pipe()
    process = nursery.start("tell", 1, (theirs,))
    os.close(theirs)
    text = os.read(said, 4096).decode()
    os.close(said)
    process.end()
    opened, _, environment = text.partition("] ")
    assert len(opened.split(",")) <= 5  # the three standard ones, the pipe, the listing itself
    assert "SECRET" not in environment


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_killed_a_process_is_told(nursery: Nursery, number: signal.Signals) -> None:
    """A process that is killed by somebody else is known to be."""
    said, theirs = os.pipe()
    process = nursery.start("sleep", 1, (theirs,))
    os.close(theirs)
    assert os.read(said, 1) == b"!"
    os.close(said)
    os.kill(process.pid, number)
    assert process.wait(10) == -number
    process.end()


def test_a_process_that_is_ended_is_gone(nursery: Nursery) -> None:
    """To end a process takes no help of its own; to end it again does nothing."""
    said, theirs = os.pipe()
    process = nursery.start("sleep", 1, (theirs,))
    os.close(theirs)
    assert os.read(said, 1) == b"!"
    process.end()
    assert os.read(said, 1) == b""
    os.close(said)
    process.end()
    assert not Path(f"/proc/{process.pid}").exists()


def test_all_processes_end_with_the_nursery(nursery: Nursery) -> None:
    """Whoever closes the nursery need not look after what it has forked."""
    said, theirs = os.pipe()
    process = nursery.start("sleep", 1, (theirs,))
    os.close(theirs)
    assert os.read(said, 1) == b"!"
    nursery.close()
    assert os.read(said, 1) == b""
    os.close(said)
    process.end()
    nursery.close()


def test_a_closed_nursery_has_no_process(nursery: Nursery) -> None:
    """To ask a nursery that is gone is an error of the system, as any process that is not to be had."""
    nursery.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        nursery.start("echo", 1, ())


def test_a_kind_that_nobody_knows_ends_at_once(nursery: Nursery) -> None:
    """A process without a task has failed, and the nursery goes on."""
    process = nursery.start("nothing", 1, ())
    assert process.wait(10) == 1
    process.end()
    assert nursery.start("nothing", 1, ()).wait(10) == 1


def test_a_document_is_examined_by_a_forked_worker(nursery: Nursery) -> None:
    """A worker of the nursery is confined and answers as a fresh one, which replaces it when the nursery is lost."""
    started: list[Worker] = []
    workers = Workers(Terms(workers=1), started.append, nursery)
    try:
        first = workers.examine(b"PK\x03\x04 no archive", "", Examination())
        assert first.unreadable
        assert "rlimits" in started[0].held
        os.kill(started[0].pid, signal.SIGKILL)
        started[0]._process.wait(10)
        assert workers.examine(b"PK\x03\x04 no archive", "", Examination()) == first
        nursery.close()  # and where the nursery is gone, by a process of its own
        assert workers.examine(b"PK\x03\x04 no archive", "", Examination()) == first
        assert len(started) == 3
    finally:
        workers.close()
