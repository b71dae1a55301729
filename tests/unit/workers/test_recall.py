"""Documents that hold nothing are examined once; all others each time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pansentry.examination.model import DEFAULT_EXAMINATION, Examination, Examined, Sight
from pansentry.outcome import Unreadable
from pansentry.pan.options import Known
from pansentry.workers.recall import Recall

SEEN = Sight("pan", "visa", 0.9, "page 1", b"f")


class Examiner:
    """Gives one answer and counts how often it was asked."""

    def __init__(self, answer: Examined) -> None:
        self.answer = answer
        self.asked = 0
        self.gate: asyncio.Event | None = None

    async def __call__(self, data: bytes, name: str, options: Examination) -> Examined:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        return replace(self.answer, rewritten=data) if self.answer.rewritten is not None else self.answer


@pytest.mark.parametrize(
    "answer",
    [Examined("pdf", rewritten=b""), Examined("png", unreadable=(Unreadable("ocr-missing", "picture"),))],
)
async def test_a_harmless_document_is_examined_once(answer: Examined) -> None:
    """The second time the same answer comes from memory, with the bytes of the document that was given."""
    examiner = Examiner(answer)
    recall = Recall(examiner)
    first = await recall(b"brochure", "", DEFAULT_EXAMINATION)
    again = await recall(b"brochure", "", DEFAULT_EXAMINATION)
    assert first == again
    assert examiner.asked == 1
    assert again.rewritten in (None, b"brochure")


@pytest.mark.parametrize(
    "answer",
    [
        Examined("pdf", (SEEN,), b""),
        Examined("pdf", unreadable=(Unreadable("timeout", "document"),)),
        Examined("pdf", unreadable=(Unreadable("memory", "document"),)),
        Examined("unknown", unreadable=(Unreadable("crash", "document"),)),
    ],
)
async def test_findings_and_accidents_are_not_remembered(answer: Examined) -> None:
    """A document with card data, or one that a worker was lost over, is examined again."""
    examiner = Examiner(answer)
    recall = Recall(examiner)
    for _ in range(2):
        await recall(b"form", "", DEFAULT_EXAMINATION)
    assert examiner.asked == 2
    assert not recall._known


async def test_other_bytes_and_other_options_are_asked_anew() -> None:
    """An answer holds for the same bytes and the same options only."""
    examiner = Examiner(Examined("pdf", rewritten=b""))
    recall = Recall(examiner)
    await recall(b"form", "", DEFAULT_EXAMINATION)
    await recall(b"form!", "", DEFAULT_EXAMINATION)
    await recall(b"form", "", replace(DEFAULT_EXAMINATION, known=Known(card_in_message=True)))
    await recall(b"form", "other.pdf", DEFAULT_EXAMINATION)
    assert examiner.asked == 4


async def test_the_memory_is_bounded_and_forgets_what_was_asked_for_longest_ago() -> None:
    """One answer more than there is room for: the oldest is asked again, one that was used is not."""
    examiner = Examiner(Examined("png", rewritten=b""))
    recall = Recall(examiner, most=2)
    for data in (b"a", b"b", b"a", b"c", b"a"):
        await recall(data, "", DEFAULT_EXAMINATION)
    assert examiner.asked == 3
    await recall(b"b", "", DEFAULT_EXAMINATION)
    assert examiner.asked == 4


async def test_nothing_of_a_document_is_kept() -> None:
    """The memory holds hashes and answers, no bytes of a document, large ones included."""
    recall = Recall(Examiner(Examined("pdf", rewritten=b"")))
    await recall(b"secret" * 100_000, "", DEFAULT_EXAMINATION)
    assert "secret" not in repr(recall._known)
    assert all(not known.rewritten for known in recall._known.values())


async def test_a_document_that_comes_in_many_mails_at_once_is_examined_once() -> None:
    """Ten mails with the same brochure wait for one answer."""
    examiner = Examiner(Examined("pdf", rewritten=b""))
    examiner.gate = asyncio.Event()
    recall = Recall(examiner)
    waiting = [asyncio.create_task(recall(b"brochure", "", DEFAULT_EXAMINATION)) for _ in range(10)]
    await asyncio.sleep(0)
    examiner.gate.set()
    answers = await asyncio.gather(*waiting)
    assert examiner.asked == 1
    assert all(answer.rewritten == b"brochure" for answer in answers)
    assert not recall._asked


async def test_those_who_waited_in_vain_are_examined_themselves() -> None:
    """An answer about the moment is nobody else's: each document gets its own look."""
    examiner = Examiner(Examined("pdf", unreadable=(Unreadable("timeout", "document"),)))
    recall = Recall(examiner)
    await asyncio.gather(*(recall(b"slow", "", DEFAULT_EXAMINATION) for _ in range(3)))
    assert examiner.asked == 3
    assert not recall._asked
