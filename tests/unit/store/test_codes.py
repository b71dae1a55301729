"""Reference codes and customers: what the store knows of them, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.store.engines import open_at

from pansentry.outcome import EnqueueLetter
from pansentry.reply.customer import Customer
from pansentry.reply.reference import ALPHABET, halves, reference_code
from pansentry.store import open_store
from pansentry.store.codes import CodeState
from pansentry.store.grants import Budget, Grant

CODE = "CFHJ-KMPR"
LETTER = EnqueueLetter(
    "anna@customer.example",
    b"letter",
    "window",
    customer="c" * 32,
    known_language="de",
    code=CODE,
    code_valid_s=100.0,
    message_ref="bcdf",
)


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_code_is_right_until_it_ends(url: str) -> None:
    """Right within its time, expired after it, and the answer names the message."""
    clock = Clock()
    store = await open_at(url, clock)
    assert await store.outbox.file_letter(LETTER) is Grant.GRANTED
    found = await store.codes.check("CFHJ", "KMPR")
    assert (found.state, found.message_ref, found.tries_left) == (CodeState.RIGHT, "bcdf", 3)
    clock.now += 101
    assert (await store.codes.check("CFHJ", "KMPR")).state is CodeState.EXPIRED
    assert (await store.codes.check("CFHJ", "AAAA")).state is CodeState.UNKNOWN
    await store.close()


async def test_three_wrong_halves_close_a_code(url: str) -> None:
    """Nobody can try out second halves; a wrong first half costs nothing, because it finds nothing."""
    store = await open_at(url, Clock())
    await store.outbox.file_letter(LETTER)
    assert (await store.codes.check("AAAA", "KMPR")).state is CodeState.UNKNOWN
    tries = [await store.codes.check("CFHJ", second) for second in ("AAAA", "CCCC", "FFFF")]
    assert [(t.state, t.tries_left) for t in tries] == [
        (CodeState.WRONG, 2), (CodeState.WRONG, 1), (CodeState.CLOSED, 0)
    ]  # fmt: skip
    assert (await store.codes.check("CFHJ", "KMPR")).state is CodeState.CLOSED
    await store.close()


async def test_what_staff_mark_stands_in_the_event(url: str) -> None:
    """Paid by phone: the code knows it, and so does the event of the mail."""
    store = await open_at(url, Clock())
    store.events.record({"kind": "message", "message_ref": "bcdf"})
    store.events.record({"kind": "message", "message_ref": "other"})
    await store.events.flush()
    await store.outbox.file_letter(LETTER)
    assert (await store.codes.mark("CFHJ", "AAAA", "paid", "phone")).state is CodeState.WRONG
    assert (await store.codes.mark("CFHJ", "KMPR", "paid", "phone")).state is CodeState.RIGHT
    found = await store.codes.check("CFHJ", "KMPR")
    assert (found.mark, found.by) == ("paid", "phone")
    events = {event["message_ref"]: event for event in await store.events.recent()}
    assert (events["bcdf"]["marked"], events["bcdf"]["marked_by"]) == ("paid", "phone")
    assert "marked" not in events["other"]
    await store.close()


async def test_only_a_keyed_hash_is_stored() -> None:
    """The database holds neither the code nor a half of it."""
    store = await open_store("sqlite:///:memory:", Clock())
    await store.outbox.file_letter(LETTER)
    rows = await store.codes.of_customer("c" * 32)
    assert len(rows) == 1
    raw = store.database.engine.raw_connection()
    dump = "\n".join(raw.driver_connection.iterdump())  # type: ignore[union-attr]
    raw.close()
    assert "CFHJ" not in dump
    assert "KMPR" not in dump
    await store.close()


async def test_a_customer_is_known_after_the_first_letter(url: str) -> None:
    """Letters are counted, the language stays, and the wish for silence too."""
    store = await open_at(url, Clock())
    await store.outbox.file_letter(LETTER)
    second = replace(LETTER, window_key="other", code="", known_language="")
    await store.outbox.file_letter(second)
    assert store.customers.get("c" * 32) == Customer(2, "de")
    await store.customers.set_silent("c" * 32, silent=True)
    assert store.customers.get("c" * 32) == Customer(2, "de", silent=True)
    await store.customers.refresh()
    assert store.customers.get("c" * 32) == Customer(2, "de", silent=True)
    assert await store.customers.forget("c" * 32) == 1
    assert store.customers.get("c" * 32) == Customer()
    await store.close()


async def test_one_sender_has_a_budget(url: str) -> None:
    """Whatever the mailbox and the window, one sender gets so many letters a day."""
    clock = Clock()
    store = await open_at(url, clock)
    grants = [
        await store.outbox.file_letter(
            replace(LETTER, window_key=f"w{n}", code=""), budget=Budget(per_sender_per_day=2)
        )
        for n in range(3)
    ]
    assert grants == [Grant.GRANTED, Grant.GRANTED, Grant.SENDER_BUDGET]
    clock.now += 86401
    assert await store.outbox.file_letter(replace(LETTER, window_key="w9", code="")) is Grant.GRANTED
    await store.close()


async def test_a_conversation_has_one_window(url: str) -> None:
    """A letter opens the windows of thread and name as well; a later one that shares any of them is not sent."""
    store = await open_at(url, Clock())
    first = replace(LETTER, joined=("thread", "name"), code="")
    assert await store.outbox.file_letter(first) is Grant.GRANTED
    other = replace(LETTER, window_key="w2", customer="d" * 32, code="")
    assert await store.outbox.file_letter(replace(other, joined=("name",))) is Grant.WINDOW
    assert await store.outbox.file_letter(replace(other, joined=("another",))) is Grant.GRANTED
    await store.close()


async def test_a_letter_may_need_smtputf8(url: str) -> None:
    """The entry in the outbox says so to the next hop (RFC 6531 §3.4)."""
    store = await open_at(url, Clock())
    await store.outbox.file_letter(replace(LETTER, utf8=True))
    (entry,) = await store.outbox.take()
    assert entry.mail_parameters == ("SMTPUTF8",)
    await store.close()


def test_codes_can_be_read_aloud() -> None:
    """Eight letters, none that looks or sounds like another, never a digit; the same for one transaction always."""
    codes = {reference_code(b"k" * 32, f"id{n}") for n in range(2000)}
    assert len(codes) > 1990
    for code in codes:
        first, dash, second = code.partition("-")
        assert (len(first), dash, len(second)) == (4, "-", 4)
        assert set(first + second) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0123456789IOQLBDVSNGZUEY")
    assert reference_code(b"k" * 32, "id1") == reference_code(b"k" * 32, "id1") != reference_code(b"x" * 32, "id1")


@pytest.mark.parametrize("typed", ["CFHJ-KMPR", "cfhj kmpr", " c f h j k m p r ", "CFHJKMPR"])
def test_a_code_may_be_typed_anyhow(typed: str) -> None:
    """Case, blanks and the dash do not matter."""
    assert halves(typed) == ("CFHJ", "KMPR")


@pytest.mark.parametrize("typed", ["", "CFHJ", "CFHJ-KMPRX", "CFHJ-KMPO", "1234-5678"])
def test_what_is_no_code_is_said_so(typed: str) -> None:
    """One sentence says what a code looks like."""
    with pytest.raises(ValueError, match="A reference code is eight letters of ACFHJKMPRTWX, such as CFHJ-KMPR"):
        halves(typed)
