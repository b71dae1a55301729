"""What is counted beside the events: how long each stage of a mail took, and how often something happened.

In: a stage with its seconds, or the name of what happened. Out: sums by day in the same table as those of events
(:mod:`.tallies`), so that several workers and a restart say the same: ``took:<stage>:<bucket>``, ``took_ms:<stage>``,
``log:<name>``. Counting is an addition in memory (under a microsecond); what was counted is written every few seconds
in one transaction, and what could not be written is tried again. A crash loses some seconds of counts, never a mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from bisect import bisect_left
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pansentry.store import tallies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from pansentry.store.database import Database

log = logging.getLogger("pansentry.store")

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets of a histogram, in seconds; beyond the last there is one more."""
STAGES = ("judge", "authenticate", "relay", "total")
_STAGES_OF_CLEAN = ("judge", "relay", "total")
_MANY = 1000
EVENTS = frozenset(
    {
        "worker.started", "reload.done", "reload.refused", "scan.failed", "seal.failed", "store.failed", "store.away",
        "housekeeping.failed", "smtp.connection_refused", "smtp.processing_deadline", "message.repeat",
    }
)  # fmt: skip
"""What is logged and counted too."""
_EVERY_S = 5.0
_NAME_OF_BOUND = (*(f"{bound:g}" for bound in BOUNDS_S), "+Inf")


class Counted:
    """The counts of this process that are not written yet, and their way to the store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._buckets = {stage: [0] * len(_NAME_OF_BOUND) for stage in STAGES}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._happened: Counter[str] = Counter()
        self._clean: list[tuple[float, float, float]] = []
        self._wake: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def took(self, stage: str, seconds: float) -> None:
        """Count how long a stage took."""
        self._buckets[stage][bisect_left(BOUNDS_S, seconds)] += 1
        self._seconds[stage] += seconds
        if self._wake is None:
            self._plan()

    def took_clean(self, judge_s: float, relay_s: float, total_s: float) -> None:
        """Count how long the stages of one clean mail took; they are put into their buckets many mails at a time."""
        self._clean.append((judge_s, relay_s, total_s))
        if self._wake is None:
            self._plan()
        elif len(self._clean) >= _MANY:
            self._sort()

    def _sort(self) -> None:
        clean, self._clean = self._clean, []
        for stage, seconds in zip(_STAGES_OF_CLEAN, zip(*clean, strict=True), strict=False):
            buckets = self._buckets[stage]
            for one in seconds:
                buckets[bisect_left(BOUNDS_S, one)] += 1
            self._seconds[stage] += sum(seconds)

    def happened(self, name: str) -> None:
        """Count something that is logged; what is not in :data:`EVENTS` is not counted."""
        if name in EVENTS:
            self._happened[name] += 1
            if self._wake is None:
                with contextlib.suppress(RuntimeError):  # logged in a thread: written with what is counted next
                    self._plan()

    async def flush(self) -> None:
        """Write what was counted; returns when it is on disk, or could not be written."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        counted = self._take()
        if not counted:
            return
        day = tallies.day_of(self._database.clock())

        def write(connection: Connection) -> None:
            tallies.put(self._database, connection, {(day, name): number for name, number in counted.items()})

        try:
            await self._database.write(write)
        except Exception as error:  # counts must not stop mail
            log.error("counts not written: %s", type(error).__name__)  # noqa: TRY400  no values in logs
            self._give_back(counted)

    async def close(self) -> None:
        """Write what was counted, once."""
        await self.flush()
        if self._wake is not None:
            self._wake.cancel()

    def _plan(self) -> None:
        self._wake = asyncio.get_running_loop().call_later(_EVERY_S, self._start)

    def _start(self) -> None:
        self._wake = None
        self._writing = asyncio.get_running_loop().create_task(self.flush())

    def _take(self) -> dict[str, int]:
        self._sort()
        counted: dict[str, int] = {f"log:{name}": number for name, number in self._happened.items()}
        self._happened.clear()
        for stage, buckets in self._buckets.items():
            for at, number in enumerate(buckets):
                if number:
                    counted[f"took:{stage}:{_NAME_OF_BOUND[at]}"] = number
                    buckets[at] = 0
            milliseconds = int(self._seconds[stage] * 1000)
            if milliseconds:
                counted[f"took_ms:{stage}"] = milliseconds
                self._seconds[stage] -= milliseconds / 1000
        return counted

    def _give_back(self, counted: Mapping[str, int]) -> None:
        for name, number in counted.items():
            what, _, rest = name.partition(":")
            if what == "log":
                self._happened[rest] += number
            elif what == "took_ms":
                self._seconds[rest] += number / 1000
            else:
                stage, _, bound = rest.partition(":")
                self._buckets[stage][_NAME_OF_BOUND.index(bound)] += number
        if self._wake is None:
            self._plan()


def histograms(sums: Mapping[str, int]) -> dict[str, tuple[tuple[tuple[str, int], ...], float]]:
    """Return by stage the cumulative buckets ``(bound, count)``, as Prometheus wants them, and the sum in seconds."""
    found = {}
    for stage in STAGES:
        total, rows = 0, []
        for bound in _NAME_OF_BOUND:
            total += sums.get(f"took:{stage}:{bound}", 0)
            rows.append((bound, total))
        found[stage] = (tuple(rows), sums.get(f"took_ms:{stage}", 0) / 1000)
    return found
