"""Workers: one document at a time, a deadline, a memory limit, a fresh one after a crash."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.documents import archives, bombs, pdfs

from pansentry.examination import DEFAULT_EXAMINATION, Examined
from pansentry.workers import Terms, Workers
from pansentry.workers.pool import Lane
from pansentry.workers.process import Worker

NUMBER = "4929381332664295"
CARD = archives.zip_deflated(NUMBER, random.Random(1))


@pytest.fixture
def started() -> list[Worker]:
    """The workers that were started, in their order."""
    return []


@pytest.fixture
def workers(started: list[Worker]) -> Iterator[Workers]:
    """Workers that are ended after the test."""
    with Workers(Terms(workers=1), started.append) as both:
        yield both


def test_nothing_is_started_before_the_first_document(started: list[Worker]) -> None:
    """Workers cost nothing until they are needed."""
    with Workers(Terms(), started.append):
        assert not started


def test_a_document_comes_back_without_what_was_in_it(workers: Workers, started: list[Worker]) -> None:
    """What is found and the new document come back; the second document goes to the same process."""
    examined = workers.examine(CARD, "", DEFAULT_EXAMINATION)
    assert [sight.kind for sight in examined.sightings] == ["pan"]
    assert examined.rewritten is not None
    assert NUMBER not in repr(examined)
    clean = workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
    assert clean.rewritten is archives.KEPT
    assert len(started) == 1
    assert "rlimits" in started[0].held


def test_a_worker_is_not_taken_for_grown_because_the_gateway_is(workers: Workers, started: list[Worker]) -> None:
    """A gateway that holds 400 MB of mail keeps its workers: what counts is the memory of the worker itself."""
    mail = b"x" * 400_000_000
    for _ in range(3):
        workers.examine(CARD, "", DEFAULT_EXAMINATION)
    assert len(mail) == 400_000_000
    assert len(started) == 1
    assert 0 < started[0].peak_bytes < 256 * 1024 * 1024


def test_awaiting_does_not_keep_the_loop(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a worker reads, the event loop goes round."""
    may_end = threading.Event()
    examine = workers._documents.examine

    def examine_for_long(*given: Any) -> Examined:
        may_end.wait(60)
        return examine(*given)

    monkeypatch.setattr(workers._documents, "examine", examine_for_long)

    async def both() -> Examined:
        job = asyncio.create_task(workers.examine_soon(CARD, "", DEFAULT_EXAMINATION))
        for _ in range(3):
            await asyncio.sleep(0.001)
        assert not job.done()
        may_end.set()
        return await job

    assert asyncio.run(both()).sightings


def test_a_deadline_is_a_timeout_and_the_next_document_is_read(started: list[Worker]) -> None:
    """A document that takes too long is unreadable, its worker is gone, and another takes its place."""
    with Workers(Terms(workers=1, deadline_s=0.5), started.append) as workers:
        slow = archives.zipped(*((f"{n}.txt", bytes(random.Random(n).randbytes(400_000))) for n in range(60)))
        examined = workers.examine(slow, "", DEFAULT_EXAMINATION)
        assert [why.reason for why in examined.unreadable] == ["timeout"]
        assert examined.rewritten is None
        workers._documents._deadline_s = 20.0  # the machine may be busy; the point is that it goes on
        assert workers.examine(CARD, "", DEFAULT_EXAMINATION).sightings
    assert len(started) == 2


def test_memory_beyond_the_limit_is_a_value(started: list[Worker]) -> None:
    """A document that needs more memory than there is does not take the worker's parent with it."""
    with Workers(Terms(workers=1, memory_bytes=200 * 1024 * 1024), started.append) as workers:
        examined = workers.examine(bombs.packed(b"a.bin", bombs.zeros(0.15), 150 << 20), "", DEFAULT_EXAMINATION)
        assert {why.reason for why in examined.unreadable} & {"memory", "crash", "limit:max_expansion_ratio"}
        assert workers.examine(CARD, "", DEFAULT_EXAMINATION).sightings


def test_a_worker_that_somebody_killed_is_replaced_and_the_document_read(
    workers: Workers, started: list[Worker]
) -> None:
    """A kill from outside is no verdict on the document: it is tried once more."""
    workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
    os.kill(started[0].pid, signal.SIGKILL)
    assert workers.examine(CARD, "", DEFAULT_EXAMINATION).sightings
    assert len(started) == 2


def test_a_worker_is_replaced_after_some_jobs(started: list[Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are recycled, so that what a library leaks does not add up."""
    monkeypatch.setattr("pansentry.workers.pool.MAX_JOBS", 2)
    with Workers(Terms(workers=1), started.append) as workers:
        for _ in range(3):
            workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
    assert len(started) == 2


def test_as_many_at_one_time_as_allowed(started: list[Worker]) -> None:
    """A lane of one worker serves many callers one after the other."""
    lane = Lane(1, 20.0, 512 * 1024 * 1024, started.append)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(lane.examine(CARD, "", DEFAULT_EXAMINATION))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lane.close()
    assert len(answers) == 4
    assert all(answer.sightings for answer in answers)
    assert len(started) == 1


def test_pictures_are_unreadable_where_nobody_reads_them(workers: Workers) -> None:
    """Without the extra, a page that is a picture is said to be unread, and so are glyphs of unknown meaning."""
    workers.reads_pictures = False
    coded = workers.examine(pdfs.coded_without_table(NUMBER, random.Random(1)), "", DEFAULT_EXAMINATION)
    assert [why.reason for why in coded.unreadable] == ["font"]
    picture = workers.examine(bombs.huge_picture(), "", DEFAULT_EXAMINATION)
    assert [why.reason for why in picture.unreadable] == ["ocr-missing"]


def test_an_ended_pool_ends_its_processes(started: list[Worker]) -> None:
    """No worker outlives its pool."""
    with Workers(Terms(workers=1), started.append) as workers:
        workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


def test_a_worker_with_nothing_to_do_is_ended(started: list[Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that has read its documents holds no process for them; the next one gets a fresh worker."""
    monkeypatch.setattr("pansentry.workers.pool.IDLE_S", 0.05)
    with Workers(Terms(workers=1), started.append) as workers:
        workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
        started[0]._process.wait(60)
        assert workers.examine(CARD, "", DEFAULT_EXAMINATION).sightings
    assert len(started) == 2


def test_a_worker_with_nothing_to_do_makes_room_for_pictures(started: list[Worker]) -> None:
    """Whoever reads a picture needs the memory of those who wait for documents; the next document gets a fresh one."""
    with Workers(Terms(workers=1), started.append) as workers:
        workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
        with workers._documents.making_room():
            assert started[0]._process.wait(60) is not None
            assert workers.examine(CARD, "", DEFAULT_EXAMINATION).sightings
            assert started[1]._process.wait(60) is not None
        workers.examine(archives.KEPT, "", DEFAULT_EXAMINATION)
        assert started[2]._process.wait(0.5) is None
    assert len(started) == 3
