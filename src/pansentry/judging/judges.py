"""The judges of one gateway process: started when they are first needed, used again, ended when they idle.

In: a :class:`Matter`, which is a message and what belongs to it. Out: its outcome, and the envelope with what was
measured of its sender. Raises :class:`NotJudgedError` with a reason (``timeout``, ``memory``, ``crash``) if there is
none: the caller then does what the policy says of mail that cannot be read. Nothing is let through unread here.
NoJudgeError says that no process is to be had: the caller may judge the message itself.

A judge has ``deadline_s`` seconds of the processor for one message, and :data:`.trial.PATIENCE` times that by the
clock, in which waiting for others (a place, documents, DNS) does not count. One that was killed by somebody else has
given no verdict, so its message is given to a fresh one, once. One that took too long is not judged again at its
sender's next tries (:mod:`.lost`). A judge is replaced after :data:`MAX_JOBS` messages.

Everything here runs in the event loop in small steps: a message goes over a socket in pieces of what the socket takes.
"""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pansentry.judging.child import serve
from pansentry.judging.floor import Floor
from pansentry.judging.judge import Judge
from pansentry.judging.lost import Lost
from pansentry.judging.matter import NoJudgeError, NotJudgedError
from pansentry.judging.trial import Trial, Unknown
from pansentry.judging.wire import Answer, Desktop, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pansentry.envelope import Envelope
    from pansentry.judging.matter import Matter
    from pansentry.outcome import Outcome
    from pansentry.pipeline import Desk
    from pansentry.workers.nursery import Nursery
    from pansentry.workers.recall import Recall

KIND = "judge"
_TRIES = 2
_ROUNDS = 6
"""Documents first, and again if one of them holds the first card; and what was lost on the way."""
MAX_JOBS = 200
IDLE_S = 10.0
_MAX_DESKTOPS = 16
_LASTING = frozenset({"timeout", "memory"})
"""Why a message is lost that would be lost again, and at some cost."""
ENTRY = {KIND: serve}


@dataclass(frozen=True, slots=True)
class JudgeTerms:
    """How many judges run at one time, and what each may use for one message."""

    judges: int = 2
    slow: int = 4
    """Further ones that have taken long already; they go on with little of the processor."""
    deadline_s: float = 20.0
    memory_bytes: int = 1024 * 1024 * 1024
    waiting: int = 16
    """Judges that there are at most, with those that wait for documents or DNS."""


DEFAULT_TERMS = JudgeTerms()


class Judges:
    """All of them. Nothing is started before the first message."""

    def __init__(
        self,
        nursery: Nursery,
        recall: Recall,
        terms: JudgeTerms = DEFAULT_TERMS,
        started: Callable[[int, Sequence[str]], None] = lambda *_: None,
    ) -> None:
        self._nursery = nursery
        self._recall = recall
        self._terms = terms
        self._started = started
        self._floor = Floor(terms.judges, terms.slow)
        self._there = asyncio.Semaphore(terms.waiting)
        self._idle: list[tuple[Judge, float]] = []  # the one that was busy last is the last
        self._all: set[Judge] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._desktops: list[tuple[int, Desktop, bytes]] = []
        self._numbers = 0
        self._lost = Lost(time.monotonic)

    async def judge(self, matter: Matter) -> tuple[Outcome, Envelope, float]:
        """Judge a message; return the envelope with what was measured too, and how many seconds that took.

        Raises NotJudgedError, NoJudgeError.
        """
        raw, policy = matter.raw, matter.desk.policy
        if await self._lost.holds(raw, policy):
            raise NotJudgedError("timeout", where="an earlier try")
        try:
            return await self._judged(matter)
        except NotJudgedError as lost:
            if lost.reason in _LASTING and not lost.from_outside:
                await self._lost.note(raw, policy)
            raise

    async def _judged(self, matter: Matter) -> tuple[Outcome, Envelope, float]:
        """Have a message judged, and its documents examined between, as often as it takes."""
        examined: dict[tuple[str, bool, bool], Answer] = {}
        awaited: set[str] = set()
        tries = _TRIES
        for _ in range(_ROUNDS):
            try:
                heard = await self._once(matter, examined, awaited)
            except NotJudgedError as lost:
                tries -= 1
                if not (lost.from_outside and tries):
                    raise
                continue
            if not isinstance(heard, Unknown):
                return heard
            for name in heard.awaited:  # somebody else's mail has the same
                await self._recall.known(bytes.fromhex(name), "", heard.options)
            awaited.update(heard.awaited)
            answers = await asyncio.gather(*(self._recall(data, "", heard.options) for data in heard.documents))
            for name, data, answer in zip(heard.names, heard.documents, answers, strict=True):
                may_stay = answer.rewritten is data
                examined[name, *heard.known] = Answer(replace(answer, rewritten=None) if may_stay else answer, may_stay)
        raise NotJudgedError("crash", where="no end of documents")

    async def _once(
        self, matter: Matter, examined: Mapping[tuple[str, bool, bool], Answer], awaited: Collection[str]
    ) -> tuple[Outcome, Envelope, float] | Unknown:
        async with self._there:
            return await self._heard(matter, examined, awaited)

    async def _heard(
        self, matter: Matter, examined: Mapping[tuple[str, bool, bool], Answer], awaited: Collection[str]
    ) -> tuple[Outcome, Envelope, float] | Unknown:
        judge: Judge | None = None

        def slowed() -> None:
            if judge is not None:
                judge.slow_down()

        turn = self._floor.turn(matter.envelope.client.address, slowed)
        try:
            await turn.take()
            judge = self._idle.pop()[0] if self._idle else await self._start()
            trial = Trial(judge, matter, turn, self._recall, self._terms.deadline_s, awaited)
            heard = await trial.hear(*self._desktop(matter.desk), examined)
        except BaseException:
            if judge is not None:
                self._end(judge)
            raise
        finally:
            await turn.give_back()
        if judge.jobs >= MAX_JOBS:
            self._end(judge)
        else:
            self._idle.append((judge, asyncio.get_running_loop().time()))
            self._sweep_later(IDLE_S)
        return heard

    def _desktop(self, desk: Desk) -> tuple[int, bytes]:
        """Return number and packed form of what of a desk a judge is given; packed once for a policy."""
        desktop = Desktop(desk.policy, desk.limits, desk.key, desk.language, desk.document_limits)
        for number, known, pack in self._desktops:
            if known.policy is desktop.policy and known == desktop:
                return number, pack
        self._numbers += 1
        self._desktops.append((self._numbers, desktop, packed(desktop)))
        del self._desktops[:-_MAX_DESKTOPS]
        return self._numbers, self._desktops[-1][2]

    async def _start(self) -> Judge:
        """Have a judge forked. Raises NoJudgeError, NotJudgedError."""
        ours, theirs = socket.socketpair()
        try:
            memory_bytes = self._terms.memory_bytes
            with theirs:
                process = await asyncio.to_thread(self._nursery.start, KIND, memory_bytes, (theirs.fileno(),))
        except OSError as error:
            ours.close()
            raise NoJudgeError(error.strerror or str(error)) from None
        ours.setblocking(False)
        judge = Judge(process, ours)
        self._all.add(judge)
        try:
            said, _ = await judge.listen(self._terms.deadline_s, 0)
            self._started(judge.pid, tuple(map(str, said.get("held", ()))))
        except BaseException:
            self._end(judge)
            raise
        return judge

    def _end(self, judge: Judge) -> None:
        self._all.discard(judge)
        ending = asyncio.ensure_future(asyncio.to_thread(judge.end))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _sweep_later(self, seconds: float) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        """End the judges that nobody needed for a while."""
        self._sweeper = None
        before = asyncio.get_running_loop().time() - IDLE_S
        over = [judge for judge, since in self._idle if since <= before]
        self._idle = [(judge, since) for judge, since in self._idle if since > before]
        if self._idle:
            self._sweep_later(self._idle[0][1] - before)
        for judge in over:
            self._end(judge)

    async def close(self) -> None:
        """End all judges; what they are at is not judged."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._idle.clear()
        for judge in tuple(self._all):
            self._end(judge)
        await asyncio.gather(*self._ending, return_exceptions=True)
