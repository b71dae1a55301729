"""The judges of one gateway process: started when they are first needed, used again, ended when they idle.

In: a :class:`Matter`, which is a message and what belongs to it. Out: its outcome, and the envelope with what was
measured of its sender. Raises :class:`NotJudgedError` with a reason (``timeout``, ``memory``, ``crash``) if there is
none: the caller then does what the policy says of mail that cannot be read. Nothing is let through unread here.
NoJudgeError says that no process is to be had: the caller may judge the message itself.

A judge has ``deadline_s`` seconds of the processor for one message, and :data:`PATIENCE` times that by the clock, in
which waiting for others (a place, documents, DNS) does not count. One that was killed by somebody else has given no
verdict, so its message is given to a fresh one, once. A judge is replaced after :data:`MAX_JOBS` messages.

Everything here runs in the event loop in small steps: a message goes over a socket in pieces of what the socket takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pansentry.envelope import PlainLines
from pansentry.examination import Examination
from pansentry.judging.child import serve
from pansentry.judging.floor import Floor
from pansentry.judging.values import value_of
from pansentry.judging.wire import HEAD, Answer, Desktop, Job, packed
from pansentry.outcome import EnqueueLetter, Outcome, Receipt, Refuse, Verdict
from pansentry.pan import Known
from pansentry.policy import replies
from pansentry.reply.incoming import Incoming
from pansentry.workers.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from pansentry.envelope import Authentication, Envelope
    from pansentry.judging.floor import Turn
    from pansentry.pipeline import Desk
    from pansentry.workers.nursery import Nursery, Nursling
    from pansentry.workers.recall import Recall

KIND = "judge"
_TRIES = 2
_ROUNDS = 6
"""Documents first, and again if one of them holds the first card; and what was lost on the way."""
MAX_JOBS = 200
IDLE_S = 10.0
PATIENCE = 3
MAX_HEAD_BYTES = 32 * 1024 * 1024
GROWTH = 6
"""What a judge may send at most, in lengths of the message: documents, and the same message again in several forms."""
_SPARE_BYTES = 64 * 1024 * 1024
_SLOWER = 15
_A_WHILE_S = 0.05
_MAX_DESKTOPS = 16
ENTRY = {KIND: serve}


class NoJudgeError(Exception):
    """No process is to be had, so nothing was tried."""


class NotJudgedError(Exception):
    """There is no verdict; ``reason`` says why, ``where`` at which line of ours if that is known."""

    def __init__(self, reason: str, *, where: str = "", from_outside: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where
        self.from_outside = from_outside


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


@dataclass(frozen=True, slots=True)
class Matter:
    """One message to be judged. ``authenticate`` measures its sender; ``measures_all``: whatever is found."""

    raw: bytes = field(repr=False)
    envelope: Envelope
    desk: Desk
    authenticate: Callable[[bytes, Envelope], Awaitable[Authentication]] | None = None
    measures_all: bool = False


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
        self._idle: list[tuple[_Judge, float]] = []  # the one that was busy last is the last
        self._all: set[_Judge] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._desktops: list[tuple[int, Desktop, bytes]] = []
        self._numbers = 0

    async def judge(self, matter: Matter) -> tuple[Outcome, Envelope, float]:
        """Judge a message; return the envelope with what was measured too, and how many seconds that took.

        Raises NotJudgedError, NoJudgeError.
        """
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
            if not isinstance(heard, _Unknown):
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
    ) -> tuple[Outcome, Envelope, float] | _Unknown:
        async with self._there:
            return await self._heard(matter, examined, awaited)

    async def _heard(
        self, matter: Matter, examined: Mapping[tuple[str, bool, bool], Answer], awaited: Collection[str]
    ) -> tuple[Outcome, Envelope, float] | _Unknown:
        judge: _Judge | None = None

        def slowed() -> None:
            if judge is not None:
                judge.slow_down()

        turn = self._floor.turn(matter.envelope.client.address, slowed)
        try:
            await turn.take()
            judge = self._idle.pop()[0] if self._idle else await self._start()
            hearing = _Hearing(judge, matter, turn, self._recall, self._terms.deadline_s, awaited)
            heard = await hearing.hear(*self._desktop(matter.desk), examined)
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

    async def _start(self) -> _Judge:
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
        judge = _Judge(process, ours)
        self._all.add(judge)
        try:
            said, _ = await judge.listen(self._terms.deadline_s, 0)
            self._started(judge.pid, tuple(map(str, said.get("held", ()))))
        except BaseException:
            self._end(judge)
            raise
        return judge

    def _end(self, judge: _Judge) -> None:
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


class _Judge:
    """One process, and the line to it."""

    def __init__(self, process: Nursling, line: socket.socket) -> None:
        self._process = process
        self._line = line
        self.jobs = 0
        self.desks: set[int] = set()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def tell(self, value: Any, body: bytes = b"") -> None:
        """Send a value of ours, and bytes. Raises NotJudgedError."""
        loop, head = asyncio.get_running_loop(), packed(value)
        try:
            await loop.sock_sendall(self._line, HEAD.pack(len(head), len(body)) + head)
            if body:
                await loop.sock_sendall(self._line, body)
        except OSError:
            raise await self._lost("crash") from None

    async def listen(self, seconds: float, most_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for what the judge says. Raises NotJudgedError."""
        try:
            async with asyncio.timeout(seconds):
                head, size = HEAD.unpack(await self._read(HEAD.size))
                if head > MAX_HEAD_BYTES or size > most_bytes:
                    raise await self._lost("crash")
                said = json.loads(await self._read(head))
                sizes = said["blobs"]
                if not all(type(one) is int and one >= 0 for one in sizes) or sum(sizes) != size:
                    raise await self._lost("crash")
                return said, [bytes(await self._read(one)) for one in sizes]
        except TimeoutError:
            raise await self._lost("timeout") from None
        except (OSError, ValueError, TypeError, LookupError):
            raise await self._lost("crash") from None

    async def _read(self, size: int) -> bytearray:
        into = bytearray(size)
        view, loop = memoryview(into), asyncio.get_running_loop()
        while view:
            got = await loop.sock_recv_into(self._line, view)
            if not got:
                raise await self._lost("crash")
            view = view[got:]
        return into

    async def _lost(self, reason: str) -> NotJudgedError:
        """Say why the judge is lost; a signal that it got tells more."""
        code = await asyncio.to_thread(self._process.wait, 0.2) if reason != "timeout" else None
        if code == -signal.SIGXCPU:
            return NotJudgedError("timeout")
        return NotJudgedError(reason, from_outside=code in (-signal.SIGKILL, -signal.SIGTERM))

    def slow_down(self) -> None:
        """Leave the processor to others where they want it."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOWER)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.end()
        self._line.close()


class _Hearing:
    """One message before one judge: the job, its questions, the outcome."""

    def __init__(
        self, judge: _Judge, matter: Matter, turn: Turn, recall: Recall, deadline_s: float, awaited: Collection[str]
    ) -> None:
        self._judge = judge
        self._matter = matter
        self._envelope = matter.envelope
        self._turn = turn
        self._recall = recall
        self._deadline_s = deadline_s
        self._left_s = PATIENCE * deadline_s
        self._measured_s = 0.0
        self._awaited = awaited
        self._soon: tuple[str, ...] = ()
        self._letters: list[EnqueueLetter] = []

    async def hear(
        self, desk: int, desktop: bytes, examined: Mapping[tuple[str, bool, bool], Answer]
    ) -> tuple[Outcome, Envelope, float] | _Unknown:
        """Give the judge the job, answer what it asks, return what it says. Raises NotJudgedError."""
        matter, judge = self._matter, self._judge
        judge.jobs += 1
        job = Job(
            desk,
            b"" if desk in judge.desks else desktop,
            matter.envelope,
            self._deadline_s,
            isinstance(matter.raw, PlainLines),
            not matter.desk.memory.is_empty,
            matter.desk.write_letter is not None,
            matter.desk.task_of is not None,
            matter.authenticate is not None,
            matter.measures_all,
            self._recall.key,
            examined,
        )
        judge.desks.add(desk)
        await judge.tell(job, matter.raw)
        while True:
            said, blobs = await self._listen()
            if "outcome" in said:
                return self._outcome(said["outcome"], blobs), self._envelope, self._measured_s
            if "failed" in said:
                raise NotJudgedError(
                    "memory" if said["failed"] == "memory" else "crash", where=_word(said.get("where"))
                )
            try:
                if "unknown" in said:
                    return self._unknown(said, blobs)
                answer = await _ANSWERS[said["ask"]](self, said["more"], blobs)
            except (WireError, LookupError, TypeError, ValueError):
                raise NotJudgedError("crash", where="no question") from None
            await judge.tell(answer)

    async def _listen(self) -> tuple[dict[str, Any], list[bytes]]:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        try:
            return await self._judge.listen(self._left_s, GROWTH * len(self._matter.raw) + _SPARE_BYTES)
        finally:
            self._left_s = max(0.0, self._left_s - (loop.time() - begin))

    def _outcome(self, said: Any, blobs: list[bytes]) -> Outcome:
        try:
            outcome: Outcome = value_of(Outcome, said, [self._matter.raw, *blobs])
        except WireError:
            raise NotJudgedError("crash", where="no outcome") from None
        said_to_peer = {outcome.verdict.reply, *(one.reply for one in outcome.effects if isinstance(one, Refuse))}
        if not said_to_peer <= replies(self._matter.desk.policy):  # the one way out to whoever sent the message
            raise NotJudgedError("crash", where="no reply of ours")
        letters = iter(self._letters[-1:])
        # the letter stayed here: it may hold a wish, which is a function
        effects = tuple(next(letters, one) if isinstance(one, EnqueueLetter) else one for one in outcome.effects)
        return replace(outcome, effects=effects)

    # what a judge asks

    async def _elsewhere(self, answer: Awaitable[Any]) -> Any:
        """Wait for an answer; if it takes a while, others may have this judge's turn meanwhile.

        Not at once: whoever comes then begins, and this one would wait behind him with all that it has read.
        """
        asked = asyncio.ensure_future(answer)
        try:
            await asyncio.wait((asked,), timeout=_A_WHILE_S)
            if asked.done():
                return asked.result()
            await self._turn.give_back()
            try:
                return await asked
            finally:
                await self._turn.take()
        finally:
            asked.cancel()

    async def _authentication(self, _more: Any, _blobs: list[bytes]) -> Authentication:
        matter = self._matter
        if matter.authenticate is None:
            raise WireError
        begin = asyncio.get_running_loop().time()
        measured: Authentication = await self._elsewhere(matter.authenticate(matter.raw, self._envelope))
        self._measured_s = asyncio.get_running_loop().time() - begin
        self._envelope = replace(self._envelope, authentication=measured)
        return measured

    async def _memory(self, more: Any, _: list[bytes]) -> bool:
        return self._matter.desk.memory.had_card(value_of(tuple[str, ...], more, ()))

    async def _letter(self, more: Any, _: list[bytes]) -> tuple[EnqueueLetter | None, str]:
        verdict, receipt, head, text = value_of(tuple[Verdict, Receipt, Incoming, str], more, ())
        desk = self._matter.desk
        if desk.write_letter is None:
            raise WireError
        letter, silence = desk.write_letter(verdict, receipt, head, text, self._envelope, desk.policy)
        if letter is None:
            return None, silence
        self._letters.append(letter)
        return replace(letter, message=b"", link=None), silence

    async def _task(self, more: Any, _: list[bytes]) -> Any:
        text, reference = value_of(tuple[str, str], more, ())
        desk = self._matter.desk
        return desk.task_of(self._matter.raw, text, reference) if desk.task_of is not None else None

    async def _recalled(self, more: Any, _: list[bytes]) -> list[Answer | None] | None:
        """Say what is remembered of documents; None if one of them is being examined for somebody else."""
        names, in_message, in_conversation = value_of(tuple[tuple[str, ...], bool, bool], more, ())
        options = self._options(in_message, in_conversation)
        digests = [bytes.fromhex(name) for name in names]
        asked = zip(names, digests, strict=True)
        self._soon = tuple(n for n, d in asked if n not in self._awaited and self._recall.is_asked(d, "", options))
        if self._soon:
            return None
        found: list[Answer | None] = []
        for digest in digests:
            is_asked = self._recall.is_asked(digest, "", options)
            known = None if is_asked else await self._recall.known(digest, "", options)
            found.append(None if known is None else Answer(replace(known, rewritten=None), known.rewritten is not None))
        return found

    def _unknown(self, said: dict[str, Any], blobs: list[bytes]) -> _Unknown:
        """Return the documents that a judge has found. Raises WireError."""
        names = value_of(tuple[str, ...], said["unknown"], ())
        known = value_of(tuple[bool, bool], said["known"], ())
        if not (names or self._soon) or len(names) != len(blobs):
            raise WireError
        return _Unknown(names, known, tuple(blobs), self._options(*known), self._soon)

    def _options(self, in_message: bool, in_conversation: bool) -> Examination:
        desk = self._matter.desk
        return Examination(
            desk.policy.detect_options(),
            Known(in_message, in_conversation),
            desk.policy.style,
            key=desk.key,
            limits=desk.document_limits,
        )


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Documents that have to be examined before a message can be judged."""

    names: tuple[str, ...]
    known: tuple[bool, bool]
    documents: tuple[bytes, ...] = field(repr=False)
    options: Examination
    awaited: tuple[str, ...]
    """Names of documents that are being examined for another message."""


_ANSWERS: Mapping[str, Callable[[_Hearing, Any, list[bytes]], Awaitable[Any]]] = {
    "authentication": _Hearing._authentication,
    "letter": _Hearing._letter,
    "memory": _Hearing._memory,
    "recall": _Hearing._recalled,
    "task": _Hearing._task,
}


def _word(value: Any) -> str:
    """Return a place in our code, as ``where`` writes it."""
    return value[:100] if isinstance(value, str) and value.isascii() and value.isprintable() else ""
