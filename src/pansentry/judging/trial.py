"""One message before one judge: the job, the judge's questions, the outcome.

In: a :class:`Matter`, the judge, its turn. Out: outcome, envelope with what was measured, seconds that took; or
:class:`Unknown`: documents that have to be examined first. Raises NotJudgedError. What a judge says is checked type by
type, and a peer hears only replies that the policy can produce; letters, memory and measuring stay in the gateway.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pansentry.envelope import PlainLines
from pansentry.examination import Examination
from pansentry.judging.matter import NotJudgedError, kept_back
from pansentry.judging.values import value_of
from pansentry.judging.wire import Answer, Job
from pansentry.outcome import EnqueueLetter, Outcome, Receipt, Refuse, Verdict
from pansentry.pan import Known
from pansentry.policy import replies
from pansentry.reply.incoming import Incoming
from pansentry.workers.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from pansentry.envelope import Authentication, Envelope
    from pansentry.judging.floor import Turn
    from pansentry.judging.judge import Judge
    from pansentry.judging.matter import Matter
    from pansentry.workers.recall import Recall

PATIENCE = 3
"""Seconds by the clock for one of the processor; waiting for others does not count."""
GROWTH = 6
"""What a judge may send at most, in lengths of the message: documents, and the same message again in several forms."""
_SPARE_BYTES = 64 * 1024 * 1024
_A_WHILE_S = 0.05


@dataclass(frozen=True, slots=True)
class Unknown:
    """Documents that have to be examined before a message can be judged."""

    names: tuple[str, ...]
    known: tuple[bool, bool]
    documents: tuple[bytes, ...] = field(repr=False)
    options: Examination
    awaited: tuple[str, ...]
    """Names of documents that are being examined for another message."""


class Trial:
    """One message before one judge: the job, its questions, the outcome."""

    def __init__(
        self, judge: Judge, matter: Matter, turn: Turn, recall: Recall, deadline_s: float, awaited: Collection[str]
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
    ) -> tuple[Outcome, Envelope, float] | Unknown:
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
        silence = await self._elsewhere(kept_back(desk, letter))
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

    def _unknown(self, said: dict[str, Any], blobs: list[bytes]) -> Unknown:
        """Return the documents that a judge has found. Raises WireError."""
        names = value_of(tuple[str, ...], said["unknown"], ())
        known = value_of(tuple[bool, bool], said["known"], ())
        if not (names or self._soon) or len(names) != len(blobs):
            raise WireError
        return Unknown(names, known, tuple(blobs), self._options(*known), self._soon)

    def _options(self, in_message: bool, in_conversation: bool) -> Examination:
        desk = self._matter.desk
        return Examination(
            desk.policy.detect_options(),
            Known(in_message, in_conversation),
            desk.policy.style,
            key=desk.key,
            limits=desk.document_limits,
        )


_ANSWERS: Mapping[str, Callable[[Trial, Any, list[bytes]], Awaitable[Any]]] = {
    "authentication": Trial._authentication,
    "letter": Trial._letter,
    "memory": Trial._memory,
    "recall": Trial._recalled,
    "task": Trial._task,
}


def _word(value: Any) -> str:
    """Return a place in our code, as ``where`` writes it."""
    return value[:100] if isinstance(value, str) and value.isascii() and value.isprintable() else ""
