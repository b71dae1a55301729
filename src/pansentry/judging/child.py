"""The process that judges: takes a message, answers with an outcome, asks for what only the gateway knows.

It is forked by the nursery with everything compiled, and locks itself in as a worker for documents does
(``workers/confinement.py``) before the first byte of a message arrives. Nothing is printed and nothing logged.

Asked for: what the memory says of a conversation, what is known of documents (by a keyed hash: most were seen before),
how far the sender is authenticated, a letter, a task. All of it goes through :class:`_Line`. Documents of which nothing
is known are the answer: the gateway has them examined, and the message is judged again with what was found in them. So
no judge waits for a worker, with all that it has read; reading it twice is nothing against opening a document.

A reader that breaks, or runs out of memory, is an answer too: the gateway then does what the policy says of mail that
could not be read.
"""

from __future__ import annotations

import contextlib
import gc
import hmac
import json
import os
import pickle
import select
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pansentry.envelope import PlainLines
from pansentry.judging.values import Blobs, plain
from pansentry.judging.wire import HEAD
from pansentry.logs import where
from pansentry.workers.heap import give_back_memory, keep_free_memory

if TYPE_CHECKING:
    from pansentry.envelope import Envelope
    from pansentry.judging.wire import Answer, Desktop, Job
    from pansentry.outcome import EnqueueLetter, Outcome, Receipt, Record, Verdict
    from pansentry.pipeline import Desk, Inspection
    from pansentry.policy import Policy
    from pansentry.reply.incoming import Incoming

NICENESS = 5
"""A large message waits for small ones, and documents wait for both."""
_LARGE_BYTES = 1 << 20
_SOON_MS = 100


def serve(memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Judge what comes over the first descriptor, a socket, until it is closed."""
    line = _Line(descriptors[0])
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # never takes the processor from who wakes up

    from pansentry import pipeline  # loaded in the nursery already
    from pansentry.workers import confinement

    pipeline.warm_up()
    keep_free_memory()
    line.say({"held": list(confinement.confine(memory_bytes, confinement.data_bytes()))})
    desktops: dict[int, Desktop] = {}
    after_large = False
    while (job := line.take(after_large=after_large)) is not None:
        confinement.allow_cpu(job.cpu_s)
        if job.desktop:
            desktops[job.desk] = pickle.loads(job.desktop)  # noqa: S301 -- our own gateway packed it
        raw = line.body(PlainLines if job.lines_are_plain else bytes)
        after_large = len(raw) >= _LARGE_BYTES
        if not _judge(raw, job, desktops[job.desk], line):
            return
        del raw


def _judge(raw: bytes, job: Job, desktop: Desktop, line: _Line) -> bool:
    """Judge one message; False if this process should not judge another."""
    try:
        outcome = _outcome(raw, job, _desk(job, desktop, line), line)
    except _UnknownDocuments as unknown:
        line.say({"unknown": unknown.names, "known": unknown.known}, unknown.documents)
        return True
    except _GatewayGoneError:
        return False
    except MemoryError:
        line.say({"failed": "memory"})
        return False
    except Exception as error:
        line.say({"failed": "crash", "where": where(error)})
        return False
    blobs = Blobs((raw,))
    line.say({"outcome": plain(outcome, blobs)}, blobs.new)
    return True


def _outcome(raw: bytes, job: Job, desk: Desk, line: _Line) -> Outcome:
    """Take the steps of ``reception.py`` for one message."""
    from pansentry import pipeline

    envelope = job.envelope
    inspection = _documents(pipeline.inspect(raw, envelope, desk), job, desk, line)
    writes = inspection.is_found or inspection.enquires or bool(inspection.unreadable)
    if job.measures and ((writes and desk.policy.asks_authentication(found=writes)) or job.measures_all):
        envelope = replace(envelope, authentication=line.ask("authentication"))
    return pipeline.conclude(inspection, envelope, desk)


def _documents(inspection: Inspection, job: Job, desk: Desk, line: _Line) -> Inspection:
    """Put in what is known of the documents, once more if one of them holds the first card. Or raise: which are not."""
    from pansentry import pipeline

    while True:
        asked, _ = pipeline.questions(inspection, desk)
        if not asked:
            return inspection
        known = (inspection.known.card_in_message, inspection.known.card_in_conversation)
        names = [hmac.digest(job.recall_key, data, "sha256").hex() for data in asked]
        answers = [job.examined.get((name, *known)) for name in names]
        if None in answers:
            recalled: list[Answer | None] | None = line.ask("recall", [names, *known])
            if recalled is None:
                raise _UnknownDocuments([], known, [])
            answers = [one or other for one, other in zip(answers, recalled, strict=True)]
        unknown = {name: data for name, data, one in zip(names, asked, answers, strict=True) if one is None}
        if unknown:
            raise _UnknownDocuments(list(unknown), known, list(unknown.values()))
        examined = [
            replace(one.examined, rewritten=data) if one.may_stay else one.examined
            for one, data in zip(answers, asked, strict=True)
            if one is not None
        ]
        inspection = pipeline.answered(inspection, asked, examined, desk)


def _desk(job: Job, desktop: Desktop, line: _Line) -> Desk:
    """Lay ready what the gateway has sent, and questions in the place of what it has not."""
    from pansentry.pipeline import Desk, Recollection

    def write_letter(
        verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
    ) -> tuple[EnqueueLetter | None, str]:
        said: tuple[EnqueueLetter | None, str] = line.ask("letter", plain([verdict, receipt, head, text], Blobs()))
        return said

    def task_of(_: bytes, text: str, message_ref: str) -> Record | None:
        task: Record | None = line.ask("task", [text, message_ref])
        return task

    return Desk(
        desktop.policy,
        _Memory(line) if job.remembers else Recollection(),
        write_letter if job.writes_letters else None,
        desktop.limits,
        desktop.key,
        desktop.language,
        desktop.document_limits,
        task_of=task_of if job.makes_tasks else None,
    )


class _Memory:
    """The gateway's memory of conversations."""

    is_empty = False

    def __init__(self, line: _Line) -> None:
        self._line = line

    def had_card(self, tokens: tuple[str, ...]) -> bool:
        return bool(self._line.ask("memory", list(tokens)))


class _GatewayGoneError(Exception):
    pass


class _UnknownDocuments(Exception):  # noqa: N818 -- an answer, not an error
    """Documents to be examined: their names, with what is known of the message, and their bytes."""

    def __init__(self, names: list[str], known: tuple[bool, bool], documents: list[bytes]) -> None:
        super().__init__()
        self.names = names
        self.known = known
        self.documents = documents


class _Line:
    """The socket to the gateway, read and written as a file: a process that is locked in can send nothing."""

    def __init__(self, end: int) -> None:
        os.set_blocking(end, True)
        self._end = end
        self._body = 0

    def take(self, *, after_large: bool) -> Job | None:
        """Wait for a job; None once the gateway has closed the line. What a large one has left is given back."""
        try:
            if after_large and not self._is_soon():
                gc.collect()
                give_back_memory()
            head, self._body = HEAD.unpack(self._read(HEAD.size))
            job: Job = pickle.loads(self._read(head))  # noqa: S301 -- our own gateway packed it
        except _GatewayGoneError:
            return None
        return job

    def _is_soon(self) -> bool:
        """Wait for a short while only: the next large message would ask for that memory again."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        return bool(poll.poll(_SOON_MS))

    def body(self, kind: type[bytes]) -> bytes:
        """Return the bytes behind the head that was taken last."""
        return kind(self._read(self._body))

    def ask(self, what: str, more: object = (), blobs: Sequence[bytes] = ()) -> Any:
        """Ask the gateway and wait for its answer."""
        self.say({"ask": what, "more": more}, blobs)
        head, _ = HEAD.unpack(self._read(HEAD.size))
        return pickle.loads(self._read(head))  # noqa: S301 -- our own gateway packed it

    def say(self, said: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
        """Send a head of JSON, and bytes."""
        text = json.dumps(said | {"blobs": [len(blob) for blob in blobs]}, separators=(",", ":")).encode("ascii")
        self._write(HEAD.pack(len(text), sum(map(len, blobs))) + text)
        for blob in blobs:
            self._write(blob)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._end, view) :]
            except OSError:
                raise _GatewayGoneError from None

    def _read(self, size: int) -> bytearray:
        into = bytearray(size)
        view = memoryview(into)
        while view:
            try:
                got = os.readv(self._end, [view])
            except OSError:
                raise _GatewayGoneError from None
            if not got:
                raise _GatewayGoneError
            view = view[got:]
        return into
