"""The workers of one gateway process, or of one command: two lanes, started when they are first needed.

Documents go through the first lane: little memory, a short deadline. What holds pictures goes through the second one
after that, where characters are recognised: more memory, more time. So a letter never waits behind a photograph.

``examine`` blocks; ``examine_soon`` awaits the same in threads of its own. A worker is replaced after
:data:`MAX_JOBS` jobs, when it has used more than half of its memory, and when it was lost. One that was killed by
somebody else has given no verdict, so its job is tried once more in a fresh one. One that has had nothing to do for
:data:`IDLE_S` is ended: it holds 30 to 150 MB, and a fresh one is there within a second. One that opens documents is
ended at once while a picture is read: what reads it takes more than all others.
"""

from __future__ import annotations

import contextlib
import importlib.util
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pansentry.examination.model import Examination, Examined
from pansentry.formats import registry
from pansentry.formats.format import PICTURES_LATER
from pansentry.outcome import Unreadable
from pansentry.workers.process import Worker, WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ThreadPoolExecutor

    from pansentry.workers.nursery import Nursery

MAX_JOBS = 100
IDLE_S = 10.0
IDLE_BESIDE_PICTURES_S = 0.1


@dataclass(frozen=True, slots=True)
class Terms:
    """How many workers, and what each may use. Times in seconds, wall clock and processor alike."""

    workers: int = 2
    deadline_s: float = 8.0
    memory_bytes: int = 512 * 1024 * 1024
    picture_workers: int = 1
    picture_deadline_s: float = 60.0
    picture_memory_bytes: int = 1536 * 1024 * 1024


DEFAULT_TERMS = Terms()


class Lane:
    """Workers of one kind. At most ``count`` jobs at one time; the others wait."""

    def __init__(
        self,
        count: int,
        deadline_s: float,
        memory_bytes: int,
        started: Callable[[Worker], None],
        nursery: Nursery | None = None,
    ) -> None:
        self._turns = threading.Semaphore(count)
        self._deadline_s = deadline_s
        self._memory_bytes = memory_bytes
        self._started = started
        self._nursery = nursery
        self._lock = threading.Lock()
        self._idle: list[tuple[Worker, float]] = []  # the one that was busy last is the last
        self._busy: set[Worker] = set()
        self._closed = False
        self._sweeper: threading.Timer | None = None
        self._in_need = 0  # how many others could do with the memory of those who are idle

    def examine(self, data: bytes, name: str, options: Examination) -> Examined:
        """Examine in a worker, waiting for one. Never raises."""
        with self._turns:
            try:
                return self._once(data, name, options)
            except WorkerLostError as lost:
                reason = lost.reason
                if lost.from_outside and not self._closed:
                    try:
                        return self._once(data, name, options)
                    except WorkerLostError as again:
                        reason = again.reason
                    except OSError:
                        reason = "crash"
            except OSError:  # no process is to be had
                reason = "crash"
        return Examined("unknown", unreadable=(Unreadable(reason, "document"),))

    def _once(self, data: bytes, name: str, options: Examination) -> Examined:
        worker = self._take()
        try:
            examined = worker.examine(data, name, options, self._deadline_s)
        finally:
            with self._lock:
                self._busy.discard(worker)
        grown = worker.peak_bytes > self._memory_bytes // 2
        given_up = any(why.reason in ("memory", "crash") for why in examined.unreadable)
        if worker.jobs >= MAX_JOBS or grown or given_up or self._closed:
            worker.end()
        else:
            with self._lock:
                self._idle.append((worker, time.monotonic()))
                self._sweep_later(self._idle_s)
        return examined

    @property
    def _idle_s(self) -> float:
        return IDLE_BESIDE_PICTURES_S if self._in_need else IDLE_S

    @contextlib.contextmanager
    def making_room(self) -> Iterator[None]:
        """Keep no worker that has nothing to do, while this lasts."""
        with self._lock:
            self._in_need += 1
            if self._sweeper is not None:  # it would come too late
                self._sweeper.cancel()
                self._sweeper = None
            if self._idle:
                self._sweep_later(IDLE_BESIDE_PICTURES_S)
        try:
            yield
        finally:
            with self._lock:
                self._in_need -= 1

    def _sweep_later(self, seconds: float) -> None:
        if self._sweeper is None and not self._closed:
            self._sweeper = threading.Timer(seconds, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        """End the workers that nobody needed for a while."""
        with self._lock:
            before = time.monotonic() - self._idle_s
            self._sweeper = None
            over = [worker for worker, since in self._idle if since <= before]
            self._idle = [(worker, since) for worker, since in self._idle if since > before]
            if self._idle:
                self._sweep_later(self._idle[0][1] - before)
        for worker in over:
            worker.end()

    def _take(self) -> Worker:
        with self._lock:
            worker = self._idle.pop()[0] if self._idle else None
        if worker is None:
            worker = Worker(self._memory_bytes, self._nursery)
            self._started(worker)
        with self._lock:
            self._busy.add(worker)
        return worker

    def close(self) -> None:
        """End all workers; those that are busy are lost."""
        self._closed = True
        with self._lock:
            workers = [*(worker for worker, _ in self._idle), *self._busy]
            self._idle.clear()
            if self._sweeper is not None:
                self._sweeper.cancel()
        for worker in workers:
            worker.end()


class Workers:
    """Both lanes. Nothing is started before the first document."""

    def __init__(
        self,
        terms: Terms = DEFAULT_TERMS,
        started: Callable[[Worker], None] = lambda _: None,
        nursery: Nursery | None = None,
    ) -> None:
        self._documents = Lane(terms.workers, terms.deadline_s, terms.memory_bytes, started, nursery)
        self._pictures = Lane(
            terms.picture_workers, terms.picture_deadline_s, terms.picture_memory_bytes, started, nursery
        )
        self._terms = terms
        self._threads: tuple[ThreadPoolExecutor, ThreadPoolExecutor] | None = None
        self.reads_pictures = reads_pictures()

    def examine(self, data: bytes, name: str, options: Examination) -> Examined:
        """Examine a document and wait for it. Never raises."""
        first = self._documents.examine(data, name, replace(options, pictures=False))
        if not _has_pictures(first):
            return first
        if not self.reads_pictures:
            return _without_pictures(first, "ocr-missing")
        return _joined(first, self._look(data, name, options))

    def _look(self, data: bytes, name: str, options: Examination) -> Examined:
        with self._documents.making_room():
            return self._pictures.examine(data, name, options)

    async def examine_soon(self, data: bytes, name: str, options: Examination) -> Examined:
        """Examine a document without keeping the event loop. Never raises."""
        import asyncio  # a command that examines one mail needs neither: 40 ms of its start
        from concurrent.futures import ThreadPoolExecutor

        loop = asyncio.get_running_loop()
        if self._threads is None:
            self._threads = (
                ThreadPoolExecutor(self._terms.workers, thread_name_prefix="documents"),
                ThreadPoolExecutor(self._terms.picture_workers, thread_name_prefix="pictures"),
            )
        documents, pictures = self._threads
        first = await loop.run_in_executor(
            documents, self._documents.examine, data, name, replace(options, pictures=False)
        )
        if not _has_pictures(first):
            return first
        if not self.reads_pictures:
            return _without_pictures(first, "ocr-missing")
        return _joined(first, await loop.run_in_executor(pictures, self._look, data, name, options))

    def close(self) -> None:
        """End all workers."""
        self._documents.close()
        self._pictures.close()
        for threads in self._threads or ():
            threads.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reads_pictures() -> bool:
    """Tell whether the extra ``ocr`` is installed."""
    return "png" in registry.MODULES and importlib.util.find_spec("rapidocr") is not None


def _has_pictures(examined: Examined) -> bool:
    return any(why.reason == PICTURES_LATER for why in examined.unreadable)


def _joined(first: Examined, second: Examined) -> Examined:
    """Return what the second lane says; where it was lost, what the first one says, and the pictures as unreadable."""
    lost = {why.reason for why in second.unreadable if why.place == "document"}
    if second.kind != "unknown" or not lost:
        return second
    return _without_pictures(first, min(lost))


def _without_pictures(examined: Examined, reason: str) -> Examined:
    """Say why pictures were not read; glyphs of unknown meaning are unreadable as a ``font`` where nobody looks."""
    unreadable = (
        why
        if why.reason != PICTURES_LATER
        else Unreadable("font" if why.place.endswith("font") and reason == "ocr-missing" else reason, why.place)
        for why in examined.unreadable
    )
    return replace(examined, unreadable=tuple(dict.fromkeys(unreadable)))
