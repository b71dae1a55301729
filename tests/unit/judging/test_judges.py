"""Judges: the same outcome as in the gateway's own process, and none where there is no verdict."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.envelope import Authentication, AuthResult, Client, Envelope, PlainLines
from pansentry.examination import Examination, Examined, examine
from pansentry.judging import Judges, JudgeTerms, Matter, NoJudgeError, NotJudgedError, trial
from pansentry.judging import judges as judges_module
from pansentry.judging.hearing import Hearing
from pansentry.outcome import EnqueueLetter, Hold, LinkWish, Notify, Outcome, Record, Review
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.policy.loading import parse_policies
from pansentry.workers.recall import Recall

if TYPE_CHECKING:
    from pansentry.outcome import Receipt, Verdict
    from pansentry.policy import Policy
    from pansentry.reply.incoming import Incoming
    from pansentry.workers.nursery import Nursery

ENVELOPE = Envelope("customer@example.org", ("orders@example.net",), Client("192.0.2.1"), id="bcdfgh")
DESK = Desk(default_policy(), key=b"k" * 32)
CARD = PUBLISHED["visa"][0]
SEALED = "hold: {keep_original: sealed, seal_to: age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc}\n"
TERMS = JudgeTerms(judges=2, slow=1, deadline_s=10)
MEASURED = Authentication(AuthResult.PASS, AuthResult.PASS, AuthResult.PASS, True, True, "example.org", "measured")


def mail(text: str, subject: str = "order", more: str = "") -> bytes:
    """Return a message of one text."""
    head = f"Subject: {subject}\r\nFrom: customer@example.org\r\nTo: orders@example.net\r\n{more}\r\n"
    return PlainLines((head + text + "\r\n").encode())


def archive(text: str) -> bytes:
    """Return a mail with a ZIP file of one text in it."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as opened:
        opened.writestr("order.txt", text)
    encoded = "\r\n".join(base64.encodebytes(into.getvalue()).decode().split())
    fields = "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n"
    return mail(encoded, more=fields)


async def opened(data: bytes, name: str, options: Examination) -> Examined:
    """Examine a document here."""
    return examine(data, name, options)


def hear(
    nursery: Nursery, *matters: Matter, terms: JudgeTerms = TERMS, recall: Recall | None = None
) -> list[tuple[Outcome, Envelope, float]]:
    """Have matters judged, one after the other."""

    async def run() -> list[tuple[Outcome, Envelope, float]]:
        judges = Judges(nursery, recall or Recall(opened), terms)
        try:
            return [await judges.judge(matter) for matter in matters]
        finally:
            await judges.close()

    return asyncio.run(run())


def here(raw: bytes, desk: Desk = DESK, envelope: Envelope = ENVELOPE) -> Outcome:
    """Judge a message in this process."""
    return pipeline.process(raw, envelope, replace(desk, examine=examine))


def told(outcome: Outcome) -> Outcome:
    """Return an outcome with every event as one set of fields."""
    effects = tuple(Record(one.fields) if isinstance(one, Record) else one for one in outcome.effects)
    return replace(outcome, effects=effects)


@pytest.mark.parametrize(
    "raw",
    [
        mail("Hello"),
        mail(f"My Visa {CARD}, 09/28, cvv 123"),
        mail("May I mail you my card number?"),
        bytes(mail("bare\nline ends, one reading of two")),
        archive("nothing in here"),
        archive(f"My Visa {CARD}, 09/28, cvv 123"),
        mail("x", more="Content-Type: multipart/encrypted; boundary=b\r\n"),
        b"",
    ],
    ids=["clean", "card", "question", "lines", "document", "card in a document", "encrypted", "empty"],
)
def test_the_outcome_is_that_of_the_gateway_itself(nursery: Nursery, raw: bytes) -> None:
    """Whoever judges a message, its verdict, its bytes and its effects are the same."""
    outcome, envelope, _ = hear(nursery, Matter(raw, ENVELOPE, DESK))[0]
    assert told(outcome) == told(here(raw))
    assert envelope is ENVELOPE
    assert (outcome.message is raw) == (here(raw).message is raw)


def test_a_message_that_is_held_comes_back_as_it_would_from_here(nursery: Nursery) -> None:
    """A policy, made of read-only tables and compiled rules, gets to a judge as it is; what it holds comes back."""
    rules = "rules:\n  - name: r\n    when: {found: true}\n    then: hold\n    forward_to_review: o@shop.example\n"
    rules += "    notify: n@shop.example\n"
    policy = parse_policies({"p": f"name: p\napplies_to: everyone\n{SEALED}{rules}".encode()}).fallback
    desk = replace(DESK, policy=policy)
    raw = mail(f"My Visa {CARD}")
    outcome = hear(nursery, Matter(raw, ENVELOPE, desk))[0][0]
    assert told(outcome) == told(here(raw, desk))
    assert {Hold, Review, Notify} <= {type(one) for one in outcome.effects}


def test_one_judge_serves_many_messages_and_policies(nursery: Nursery) -> None:
    """A judge is used again, is told each policy once, and judges each message by its own."""
    watching = replace(DESK, policy=replace(default_policy(), mode="observe"))
    raw = mail(f"My Visa {CARD}")
    heard = hear(nursery, *(Matter(raw, ENVELOPE, desk) for desk in (DESK, watching, DESK, watching)))
    assert [outcome.changed for outcome, _, _ in heard] == [True, False, True, False]


def test_letters_are_written_by_the_gateway(nursery: Nursery) -> None:
    """The words of a letter are asked for, without any digit of a card; the letter itself never leaves the gateway."""
    asked: list[tuple[Verdict, Receipt, Incoming, str]] = []
    wish = LinkWish("1", 100, "EUR", "key", lambda _: None)

    def write(
        verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
    ) -> tuple[EnqueueLetter | None, str]:
        asked.append((verdict, receipt, head, text))
        assert (envelope, policy) == (ENVELOPE, DESK.policy)
        return EnqueueLetter("customer@example.org", b"Dear customer", code="K7", link=wish), ""

    desk = replace(DESK, write_letter=write)
    raw = mail(f"My Visa {CARD}")
    outcome = hear(nursery, Matter(raw, ENVELOPE, desk))[0][0]
    letter = next(one for one in outcome.effects if isinstance(one, EnqueueLetter))
    assert (letter.message, letter.link) == (b"Dear customer", wish)
    assert CARD not in asked[0][3].replace(" ", "")
    assert told(outcome) == told(here(raw, desk))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("by", ["judge", "gateway"])
@pytest.mark.parametrize("store", ["window", "gone", ""])
def test_nobody_is_told_of_a_letter_that_will_be_kept_back(nursery: Nursery, by: str, store: str) -> None:
    """The store is asked before the notice is written; the letter is filed all the same, and the store decides."""

    async def keeps_back(letter: EnqueueLetter) -> str:
        assert letter.recipient == "customer@example.org"
        if store == "gone":
            raise OSError
        return store

    letter = EnqueueLetter("customer@example.org", b"Dear customer", code="K7")
    desk = replace(DESK, write_letter=lambda *_: (letter, ""), keeps_back=keeps_back)
    raw = mail(f"My Visa {CARD}")
    if by == "judge":
        outcome = hear(nursery, Matter(raw, ENVELOPE, desk))[0][0]
    else:
        outcome = asyncio.run(Hearing().hear(raw, ENVELOPE, desk, None, False, None))[0]
    assert letter in outcome.effects
    silence = "store" if store == "gone" else store
    assert (outcome.silence, outcome.verdict.letter == "") == (silence, bool(silence))
    notice = (outcome.message or b"").partition(b"\r\n\r\n")[0]
    assert (b"letter=sent" in notice, b"K7" in notice) == (not silence, not silence)
    assert (f"why={silence}".encode() in notice) == bool(silence)
    assert (b"please-contact" in notice) == (silence == "store")


def test_a_letter_that_is_not_written_has_its_reason(nursery: Nursery) -> None:
    """Silence is answered with its code."""
    desk = replace(DESK, write_letter=lambda *_: (None, "list"))
    assert hear(nursery, Matter(mail(f"My Visa {CARD}"), ENVELOPE, desk))[0][0].silence == "list"


def test_the_memory_of_the_gateway_is_asked(nursery: Nursery) -> None:
    """A bare code counts in a conversation that had a card, which only the gateway knows."""

    class Memory:
        is_empty = False

        def had_card(self, tokens: tuple[str, ...]) -> bool:
            return bool(tokens)

    raw = mail("The code is 123")
    without, having = hear(nursery, *(Matter(raw, ENVELOPE, one) for one in (DESK, replace(DESK, memory=Memory()))))
    assert not without[0].changed
    assert having[0].changed


def test_a_task_is_made_by_the_gateway(nursery: Nursery) -> None:
    """An answer to a letter of ours is shown to whoever makes tasks, once it was judged."""
    asked = []

    def task_of(raw: bytes, text: str, reference: str) -> Record:
        asked.append((raw, text, reference))
        return Record({"kind": "task", "action": "asked"})

    raw = mail("Please call me", more="In-Reply-To: <1@example.net>\r\n")
    outcome = hear(nursery, Matter(raw, ENVELOPE, replace(DESK, task_of=task_of)))[0][0]
    assert Record({"kind": "task", "action": "asked"}) in outcome.effects
    assert asked == [(raw, "Please call me\r\n", ENVELOPE.id)]


@pytest.mark.parametrize(
    ("text", "everybody", "count"), [("Hello", False, 0), (f"Visa {CARD}", False, 1), ("Hello", True, 1)]
)
def test_a_sender_is_measured_where_a_decision_depends_on_it(
    nursery: Nursery, text: str, everybody: bool, count: int
) -> None:
    """DNS is asked for a message with a finding, or for all; the envelope comes back with what was measured."""
    asked = []

    async def authenticate(message: bytes, envelope: Envelope) -> Authentication:
        asked.append((message, envelope))
        return MEASURED

    raw = mail(text)
    _, envelope, _ = hear(nursery, Matter(raw, ENVELOPE, DESK, authenticate, everybody))[0]
    assert len(asked) == count
    assert envelope.authentication == (MEASURED if count else ENVELOPE.authentication)


def test_a_document_that_is_remembered_is_not_handed_over(nursery: Nursery) -> None:
    """A document is named by its keyed hash first: the same one in the next message is not examined again."""
    seen: list[bytes] = []

    async def noted(data: bytes, name: str, options: Examination) -> Examined:
        seen.append(data)
        return await opened(data, name, options)

    matter = Matter(archive("nothing in here"), ENVELOPE, DESK)
    first, second = hear(nursery, matter, matter, recall=Recall(noted))
    assert told(first[0]) == told(second[0])
    assert len(seen) == 1


@pytest.mark.parametrize("text", ["nothing in here", f"My Visa {CARD}, 09/28, cvv 123"])
def test_a_document_of_several_mails_is_awaited_without_a_judge(nursery: Nursery, text: str) -> None:
    """While a document is examined for one message, no judge waits for it; each message has its outcome."""
    raw, started = archive(text), list[int]()
    seen: list[bytes] = []
    answered = asyncio.Event()

    async def slowly(data: bytes, name: str, options: Examination) -> Examined:
        seen.append(data)
        await answered.wait()
        return await opened(data, name, options)

    async def run() -> list[tuple[Outcome, Envelope, float]]:
        judges = Judges(nursery, Recall(slowly), TERMS, lambda pid, _: started.append(pid))
        matters = [Matter(raw, replace(ENVELOPE, client=Client(f"192.0.2.{number}")), DESK) for number in range(6)]
        hearings = [asyncio.create_task(judges.judge(matter)) for matter in matters]
        while not seen:  # noqa: ASYNC110  nobody is told
            await asyncio.sleep(0.01)
        assert (await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK)))[0].message
        answered.set()
        try:
            return await asyncio.gather(*hearings)
        finally:
            await judges.close()

    heard = asyncio.run(run())
    assert len({outcome.message for outcome, _, _ in heard}) == 1
    assert heard[0][0].message == here(raw).message
    assert len(started) <= TERMS.judges
    assert len(seen) == 1 if text.startswith("nothing") else seen


@pytest.mark.parametrize(
    ("subject", "reason"),
    [("memory", "memory"), ("break", "crash"), ("lie", "crash"), ("tell", "crash"), ("ask", "crash"), ("die", "crash")],
)
def test_a_judge_that_fails_gives_no_verdict(nursery: Nursery, subject: str, reason: str) -> None:
    """Whatever a message does to its judge, there is a reason and no outcome; the next message has another judge."""

    async def run() -> None:
        judges = Judges(nursery, Recall(opened), TERMS)
        with pytest.raises(NotJudgedError) as lost:
            await judges.judge(Matter(mail("x" * 5000, subject), ENVELOPE, DESK))
        assert lost.value.reason == reason
        assert (await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK)))[0].message
        await judges.close()

    asyncio.run(run())


@pytest.mark.parametrize("patience", [3, 0.01])
def test_a_judge_has_a_deadline(nursery: Nursery, monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """A message that never ends ends its judge: by its time of the processor, and by the clock."""
    monkeypatch.setattr(trial, "PATIENCE", patience)
    with pytest.raises(NotJudgedError) as lost:
        hear(nursery, Matter(mail("x", "loop"), ENVELOPE, DESK), terms=replace(TERMS, deadline_s=0.5))
    assert lost.value.reason == "timeout"


def test_a_message_that_took_too_long_is_not_judged_at_the_next_try(nursery: Nursery) -> None:
    """Its second try is answered as the first one was, with no judge; another message is judged."""
    started: list[int] = []

    async def run() -> None:
        judges = Judges(nursery, Recall(opened), TERMS, lambda pid, _: started.append(pid))
        assert (await judges.judge(Matter(mail("w", "luck"), ENVELOPE, DESK)))[0].message  # a judge is up
        judges._terms = replace(TERMS, deadline_s=0.5)
        tries = []
        for _ in range(2):
            with pytest.raises(NotJudgedError) as lost:
                await judges.judge(Matter(mail("x", "loop"), ENVELOPE, DESK))
            tries.append((lost.value.reason, lost.value.where, len(started)))
        assert tries == [("timeout", "", 1), ("timeout", "an earlier try", 1)]
        judges._terms = TERMS  # the machine may be busy; the point is that it is judged
        assert (await judges.judge(Matter(mail("y", "luck"), ENVELOPE, DESK)))[0].message
        await judges.close()

    asyncio.run(run())


def test_a_judge_that_was_killed_is_replaced(nursery: Nursery) -> None:
    """Who kills a judge from outside costs a message nothing: a fresh one judges it."""
    started: list[int] = []

    async def killing(message: bytes, envelope: Envelope) -> Authentication:
        if len(started) == 1:
            os.kill(started[0], signal.SIGKILL)
        return MEASURED

    async def run() -> Outcome:
        judges = Judges(nursery, Recall(opened), TERMS, lambda pid, _: started.append(pid))
        try:
            return (await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK, killing, True)))[0]
        finally:
            await judges.close()

    assert asyncio.run(run()).message
    assert len(started) == 2


def test_slow_mail_does_not_hold_up_that_of_others(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client with mail that never ends has one judge, which steps aside; that of another client is judged."""
    monkeypatch.setattr("pansentry.judging.floor.STEP_ASIDE_S", 0.01)

    async def run() -> None:
        judges = Judges(nursery, Recall(opened), replace(TERMS, judges=1, deadline_s=120))
        slow = [asyncio.create_task(judges.judge(Matter(mail("x", "loop"), ENVELOPE, DESK))) for _ in range(3)]
        other = replace(ENVELOPE, client=Client("192.0.2.2"))
        assert (await judges.judge(Matter(mail("Hello"), other, DESK)))[0].message
        assert not any(one.done() for one in slow)
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await judges.close()

    asyncio.run(run())


def test_a_judge_waits_without_a_place(nursery: Nursery) -> None:
    """While one message waits for DNS another one of the same client is judged, though there is one place only."""

    async def run() -> None:
        judges = Judges(nursery, Recall(opened), replace(TERMS, judges=1))
        asked, answered = asyncio.Event(), asyncio.Event()

        async def slowly(message: bytes, envelope: Envelope) -> Authentication:
            asked.set()
            await answered.wait()
            return MEASURED

        waiting = asyncio.create_task(judges.judge(Matter(mail("Hello"), ENVELOPE, DESK, slowly, True)))
        await asked.wait()
        assert (await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK)))[0].message
        answered.set()
        assert (await waiting)[0].message
        await judges.close()

    asyncio.run(run())


def test_a_judge_that_idles_is_ended(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge with nothing to do is ended after a while; so is one that has judged enough."""
    monkeypatch.setattr(judges_module, "IDLE_S", 0.01)

    async def run() -> None:
        judges = Judges(nursery, Recall(opened), TERMS)
        await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK))
        assert len(judges._all) == 1
        while judges._all:  # noqa: ASYNC110  nobody is told
            await asyncio.sleep(0.01)
        monkeypatch.setattr(judges_module, "MAX_JOBS", 1)
        await judges.judge(Matter(mail("Hello"), ENVELOPE, DESK))
        assert not judges._all
        await judges.close()

    asyncio.run(run())


def test_without_a_process_there_is_no_verdict(nursery: Nursery) -> None:
    """Where the nursery is gone the caller is told so."""

    class Gone:
        def start(self, *_: object) -> None:
            raise OSError("gone")

    with pytest.raises(NoJudgeError, match="gone"):
        hear(Gone(), Matter(mail("Hello"), ENVELOPE, DESK))  # type: ignore[arg-type]


def test_megabytes_go_both_ways(nursery: Nursery) -> None:
    """A message that is larger than any buffer between the processes comes back whole, but for the card."""
    raw = mail(f"My Visa {CARD}\r\n" + "words that stay as they are\r\n" * 40_000)
    outcome = hear(nursery, Matter(raw, ENVELOPE, DESK))[0][0]
    assert outcome.message is not None
    assert outcome.message.count(b"words that stay as they are\r\n") == 40_000
    assert CARD.encode() not in outcome.message
