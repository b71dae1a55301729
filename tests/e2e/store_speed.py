"""What the store costs on either engine: per job, with many at once, as a gateway makes them."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.postgres import Postgres

from pansentry.outcome import EnqueueLetter
from pansentry.store import Store, open_store

AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """``wall_ms`` and ``cpu_ms`` of this process for one job; ``per_s`` with :data:`AT_ONCE` under way."""

    what: str
    engine: str
    per_s: float
    cpu_ms: float


async def _timed(what: str, engine: str, jobs: list[Callable[[], Awaitable[object]]]) -> Cost:
    waiting: Iterator[Callable[[], Awaitable[object]]] = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    usage = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - wall, usage.ru_utime + usage.ru_stime - cpu
    return Cost(what, engine, len(jobs) / wall, 1000 * cpu / len(jobs))


async def _engine(engine: str, store: Store, jobs: int) -> list[Cost]:
    def letter(number: int) -> Callable[[], Awaitable[object]]:
        address = f"c{number}@c{number % 400}.example"
        return lambda: store.outbox.file_letter(
            EnqueueLetter(address, b"x" * 6000, f"w{number}", 3600, customer=f"{number:032}")
        )

    async def noted(number: int) -> None:
        await store.ledger.is_repeat(f"k{number}", thorough=True)
        await store.ledger.delivered(f"k{number}")
        await store.ledger.told(f"k{number}")

    async def served() -> None:
        for entry in await store.outbox.take(1):
            await store.outbox.content_goes_out(entry)
            await store.outbox.done(entry)

    costs = [
        await _timed("a letter is granted and filed", engine, [letter(n) for n in range(min(jobs, 900))]),
        await _timed("a letter is taken, sent, done", engine, [served] * min(jobs, 900)),
        await _timed("a redacted mail is noted and told", engine, [lambda n=n: noted(n) for n in range(jobs)]),  # type: ignore[misc]
    ]
    fields = {"kind": "message", "action": "deliver", "rule": "r", "size_bytes": 2000, "confidence": 0.0}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
    for _ in range(20 * jobs):
        store.events.record(fields)
    await store.events.flush()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - wall, usage.ru_utime + usage.ru_stime - cpu
    return [*costs, Cost("an event", engine, 20 * jobs / wall, 1000 * cpu / (20 * jobs))]


def measure(folder: Path, jobs: int = 1000) -> list[Cost]:
    """Measure both engines, each durable as delivered."""
    server = Postgres.start(folder / "postgres", durable=True)

    async def run() -> list[Cost]:
        costs = []
        for engine, url in (("SQLite", f"sqlite:///{folder}/s.db"), ("PostgreSQL", server.make_database())):
            store = await open_store(url, key=b"k" * 32)
            costs += await _engine(engine, store, jobs)
            await store.close()
        return costs

    try:
        return asyncio.run(run())
    finally:
        server.stop()
