"""Who hears a message: the gateway if a glance shows that it is clean, else a judge, else the gateway after all.

In: a message, its envelope, the desk of its policy, and how senders are measured. Out: its outcome, and the envelope
with what was measured. Raises :class:`NotJudgedError` if a judge gave no verdict, and whatever breaks in reading: the
caller then does what the policy says of mail that cannot be read.

Where no process is to be had (pipes, a machine without ``fork``), a large message goes to a thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, TypeVar

from pansentry import pipeline
from pansentry.errand import in_a_task
from pansentry.judging.glance import glance
from pansentry.judging.matter import Matter, NoJudgeError, kept_back
from pansentry.outcome import EnqueueLetter
from pansentry.smtp.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from pansentry.desk import Desk
    from pansentry.envelope import Authentication, Envelope
    from pansentry.examination import Examination, Examined
    from pansentry.judging.judges import Judges
    from pansentry.outcome import Outcome
    from pansentry.pipeline import Inspection

T = TypeVar("T")
R = TypeVar("R")

INLINE_BYTES = 64 * 1024
"""Where there are no judges, a message is heard on the event loop up to here: a clean one takes a millisecond, one of
digits about six. A larger one goes to a thread: handing it over costs 0.05 ms."""


class Authenticator(Protocol):
    """Measures SPF, DKIM and DMARC of a message as it was received."""

    def __call__(self, message: bytes, envelope: Envelope, /) -> Awaitable[Authentication]: ...


class Examiner(Protocol):
    """Opens a document in a worker process; never raises."""

    def __call__(self, data: bytes, name: str, options: Examination, /) -> Awaitable[Examined]: ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hearings need. ``judges`` and ``threads`` may be missing; without ``examine`` documents stay unread."""

    threads: Executor | None = None
    examine: Examiner | None = None
    judges: Judges | None = None
    no_judge: Callable[[Envelope, NoJudgeError], None] = lambda *_: None
    turns: Turns = field(default_factory=Turns)

    def glance(self, message: bytes, envelope: Envelope, desk: Desk) -> Inspection | None:
        """Return what a glance shows; None if it shows nothing, or somebody else looks at every message."""
        return None if self.judges is None else glance(message, envelope, desk)

    async def hear(
        self,
        message: bytes,
        envelope: Envelope,
        desk: Desk,
        authenticate: Authenticator | None,
        measures_all: bool,
        inspection: Inspection | None,
    ) -> tuple[Outcome, Envelope, float]:
        """Return the outcome, the envelope with what was measured of the sender, and how many seconds that took.

        ``measures_all``: the sender is measured whether or not a decision depends on it. ``inspection`` is what a
        glance has shown.
        """
        if self.judges is not None and inspection is None:
            await in_a_task(0)  # judges have time-outs
            try:
                return await self.judges.judge(Matter(message, envelope, desk, authenticate, measures_all))
            except NoJudgeError as error:
                self.no_judge(envelope, error)
        if inspection is None:
            inspection = await self._step(pipeline.inspect, message, envelope, desk)
        if inspection.enclosed and self.examine is not None:
            inspection = await self._open_documents(inspection, envelope, desk, self.examine)
        writes = inspection.is_found or inspection.enquires or bool(inspection.unreadable)
        asks = (writes and desk.policy.asks_authentication(found=writes)) or measures_all
        measured_s = 0.0
        if authenticate is not None and asks:
            await in_a_task(0)
            asked = perf_counter()
            envelope = replace(envelope, authentication=await authenticate(message, envelope))
            measured_s = perf_counter() - asked
        outcome = await self._concluded(inspection, envelope, desk)
        letter = next((effect for effect in outcome.effects if isinstance(effect, EnqueueLetter)), None)
        if letter is not None and (silence := await kept_back(desk, letter)):
            outcome = await self._concluded(inspection, envelope, _knowing(desk, silence))
        return outcome, envelope, measured_s

    async def _concluded(self, inspection: Inspection, envelope: Envelope, desk: Desk) -> Outcome:
        if inspection.is_found:
            return await self._step(pipeline.conclude, inspection, envelope, desk)
        return pipeline.conclude(inspection, envelope, desk)

    async def _open_documents(
        self, inspection: Inspection, envelope: Envelope, desk: Desk, examine: Examiner
    ) -> Inspection:
        """Have the documents examined, all at one time, and once more if one of them holds the first card."""
        while True:
            asked, options = pipeline.questions(inspection, desk)
            if not asked:
                return inspection
            answers = await asyncio.gather(*(examine(data, "", options) for data in asked))
            if any(answer.sightings for answer in answers):  # the message may have to be read again
                inspection = await self._step(partial(_answered, asked, answers), inspection, envelope, desk)
            else:
                inspection = pipeline.answered(inspection, asked, answers, desk)

    async def _step(self, step: Callable[[T, Envelope, Desk], R], of: T, envelope: Envelope, desk: Desk) -> R:
        """Take a step of the pipeline here, or in a thread if the message is large and there are threads.

        A client gets one thread at a time: what it sends to be slow holds up its own large mail.
        """
        raw = of.message.raw if isinstance(of, pipeline.Inspection) else of
        if self.threads is None or (isinstance(raw, bytes) and len(raw) <= INLINE_BYTES):
            return step(of, envelope, desk)
        async with self.turns.of(envelope.client.address):
            return await asyncio.get_running_loop().run_in_executor(self.threads, step, of, envelope, desk)


def _knowing(desk: Desk, silence: str) -> Desk:
    """Return a desk that knows why the letter it writes will be kept back."""
    write = desk.write_letter
    return desk if write is None else replace(desk, write_letter=lambda *known: (write(*known)[0], silence))


def _answered(
    asked: Sequence[bytes], answers: Sequence[Examined], inspection: Inspection, _: Envelope, desk: Desk
) -> Inspection:
    return pipeline.answered(inspection, asked, answers, desk)
