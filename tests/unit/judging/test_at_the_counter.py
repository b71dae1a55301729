"""What reception does with judges: whom it asks, and what becomes of mail without a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.specimens import PUBLISHED
from tests.unit.test_reception import CARD, HOLD, Hop, one_mail, reception, store

from pansentry import pipeline
from pansentry.judging import Matter, NoJudgeError, NotJudgedError

if TYPE_CHECKING:
    from pansentry.envelope import Envelope
    from pansentry.outcome import Outcome
    from pansentry.store import Store

assert store  # the fixture
CLEAN = b"From: a@example.org\r\nMessage-ID: <1@x>\r\n\r\nno card in here\r\n"
UNSCANNED = HOLD.replace(b"rules:", b"on_error: deliver-unscanned\nrules:")


class Judges:
    """Judges that answer with an error, or as the pipeline does; ``asked`` is what they were given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[Matter] = []

    async def judge(self, matter: Matter) -> tuple[Outcome, Envelope, float]:
        self.asked.append(matter)
        if self.error is not None:
            raise self.error
        return pipeline.process(matter.raw, matter.envelope, matter.desk), matter.envelope, 0.5


async def judged(store: Store, judges: Judges, message: bytes, policy: bytes = HOLD) -> tuple[int, Hop, list[str]]:
    """Return the reply's code, the next hop and the names of what was logged."""
    hop, logged = Hop(), list[str]()
    desk = reception(store, hop, policy)
    desk.hearing = replace(desk.hearing, judges=judges)  # type: ignore[arg-type]  # only what a hearing uses

    def log(event: str, /, **_fields: str | int | float) -> None:
        logged.append(event)

    desk.log = log
    return (await one_mail(desk, message)).code, hop, logged


async def test_plainly_clean_mail_asks_no_judge(store: Store) -> None:
    """Clean mail is delivered without a journey to another process."""
    judges = Judges()
    code, hop, _ = await judged(store, judges, CLEAN)
    assert (code, len(hop.sent), judges.asked) == (250, 1, [])


@pytest.mark.parametrize("message", [CARD, CLEAN + b"words\r\n" * 10_000], ids=["card", "large"])
async def test_other_mail_asks_a_judge(store: Store, message: bytes) -> None:
    """Mail with work in it, or with much text, is judged elsewhere, and what comes back is performed."""
    judges = Judges()
    code, hop, _ = await judged(store, judges, message)
    assert code == 250
    assert [matter.raw for matter in judges.asked] == [message]
    assert len(hop.sent) + len(await store.held.list()) == 1


@pytest.mark.parametrize(("policy", "code"), [(HOLD, 451), (UNSCANNED, 250)])
@pytest.mark.parametrize("reason", ["timeout", "memory", "crash"])
async def test_without_a_verdict_the_policy_decides(store: Store, reason: str, policy: bytes, code: int) -> None:
    """A judge that was lost is a message that could not be read: 451, or what ``on_error`` says; and a line of log."""
    got, hop, logged = await judged(store, Judges(NotJudgedError(reason)), CARD, policy)
    assert got == code
    assert len(hop.sent) == (code == 250)
    assert "judge.lost" in logged


async def test_where_no_process_is_to_be_had_mail_is_judged_here(store: Store) -> None:
    """A gateway that lost its nursery goes on: nothing is let through, and nothing waits."""
    code, hop, logged = await judged(store, Judges(NoJudgeError("gone")), CARD)
    assert (code, hop.sent) == (250, [])
    assert len(await store.held.list()) == 1
    assert PUBLISHED["visa"][0] not in repr(await store.held.list())
    assert "judge.none" in logged
