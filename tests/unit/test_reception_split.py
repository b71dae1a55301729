"""Mailboxes that disagree about one mail: what is written down, and what its sender has to bring again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.envelope import Client
from pansentry.policy.loading import parse_policies
from pansentry.reception import Counter, Reception
from pansentry.smtp_reply import Reply
from pansentry.store import Store, open_store
from pansentry.trace import Trace

NUMBER = PUBLISHED["visa"][0]
CARD = f"From: a@example.org\r\nMessage-ID: <1@x>\r\n\r\nmy Visa {NUMBER}\r\n".encode()
SEALED = (
    b"From: a@example.org\r\nMessage-ID: <2@x>\r\nMIME-Version: 1.0\r\nContent-Type: application/pgp-encrypted\r\n"
    b"Content-Disposition: attachment; filename=x.pgp\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA8\r\n"
    b"-----END PGP MESSAGE-----\r\n"
)
REDACT = b"name: p\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: redact\n"
LET = REDACT.replace(b"then: redact", b"then: deliver") + (
    b"  - name: unread\n    when: {unreadable: any}\n    then: deliver\n"
)
OK, LATER, NEVER = Reply(250, "2.0.0", "OK"), Reply(451, "4.2.1", "busy"), Reply(550, "5.1.1", "no such user")


@dataclass
class Mailboxes:
    """An LMTP next hop: ``answers`` by recipient, each a list for one try after the other, then OK."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    stored: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    in_doubt: bool = False

    def begin(self, _sender: object) -> Mailboxes:
        self.asked = []
        return self

    async def rcpt(self, forward_path: str, _parameters: tuple[str, ...] = ()) -> Reply:
        if forward_path in self.gone:
            return NEVER
        self.asked.append(forward_path)
        return OK

    async def send(self, _message: bytes, _ahead: bytes = b"") -> tuple[Reply, ...]:
        replies = []
        for path in self.asked:
            waiting = self.answers.get(path, [])
            replies.append(waiting.pop(0) if waiting else OK)
            if replies[-1].is_success:
                self.stored.append(path)
        return tuple(replies)

    async def abort(self) -> None:
        self.asked = []


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    opened = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    yield opened
    await opened.close()


def reception(store: Store, hop: Mailboxes, policy: bytes) -> Reception:
    """A counter in front of the mailboxes."""
    counter = Counter(
        "gw.example",
        frozenset({"shop.example"}),
        parse_policies({"policy.yaml": policy}),
        lambda one: pipeline.Desk(one, store.memory, key=b"k"),
        Trace("gw.example", b"k"),
    )
    return Reception(
        counter,
        hop,  # type: ignore[arg-type]  # only what a transaction uses
        store,
        clock=lambda: 0.0,
        new_id=lambda: "bcdf",
        log=lambda _event, **_fields: None,
        letter_filed=lambda: None,
    )


async def one_try(desk: Reception, message: bytes, *, heard: bool = True) -> int:
    """Bring the mail for both mailboxes, as its sender's queue does, and return the code of the answer."""
    transaction = desk.begin("a@example.org", (), Client("192.0.2.1"), False)
    for path in ("a@shop.example", "b@shop.example"):
        await transaction.rcpt(path, ())
    reply = await transaction.data(message)
    told = transaction.told(heard)
    if told is not None:
        await told
    return reply.code


async def test_redacted_mail_waits_in_the_outbox(store: Store) -> None:
    """What holds no card may be written down: the sender is done, and the second mailbox gets it from us."""
    hop = Mailboxes({"b@shop.example": [LATER]})
    assert await one_try(reception(store, hop, REDACT), CARD) == 250
    assert hop.stored == ["a@shop.example"]
    assert await store.outbox.waiting() == 1


@pytest.mark.parametrize("message", [CARD, SEALED])
async def test_what_may_hold_a_card_is_not_written_down(store: Store, tmp_path: Path, message: bytes) -> None:
    """A mail that the policy lets through, with its card or unread, waits with its sender; nobody gets it twice."""
    hop = Mailboxes({"b@shop.example": [LATER, LATER]})
    desk = reception(store, hop, LET)
    assert [await one_try(desk, message) for _ in range(3)] == [451, 451, 250]
    assert hop.stored == ["a@shop.example", "b@shop.example"]
    assert await store.outbox.waiting() == 0
    assert await store.held.list() == ()
    files = await asyncio.to_thread(lambda: [path.read_bytes() for path in tmp_path.iterdir()])
    assert not any(NUMBER.encode() in octets for octets in files)


async def test_the_same_mail_sent_on_purpose_arrives_again(store: Store) -> None:
    """Once everybody has it and the sender knows, the note is gone."""
    hop = Mailboxes({"b@shop.example": [LATER]})
    desk = reception(store, hop, LET)
    assert [await one_try(desk, CARD) for _ in range(3)] == [451, 250, 250]
    assert sorted(hop.stored) == ["a@shop.example", "a@shop.example", "b@shop.example", "b@shop.example"]


async def test_an_answer_that_was_lost_after_the_rest(store: Store) -> None:
    """The try that reached the rest is not heard: the next one reaches nobody twice."""
    hop = Mailboxes({"b@shop.example": [LATER]})
    desk = reception(store, hop, LET)
    assert await one_try(desk, CARD) == 451
    assert await one_try(desk, CARD, heard=False) == 250
    assert await one_try(desk, CARD) == 250
    assert hop.stored == ["a@shop.example", "b@shop.example"]


@pytest.mark.parametrize("at_data", [True, False])
async def test_a_mailbox_that_refuses_for_good(store: Store, at_data: bool) -> None:
    """The sender hears of it at the next try, when nobody else is left to deliver to, and writes the bounce."""
    hop = Mailboxes({"b@shop.example": [NEVER, NEVER] if at_data else [LATER]})
    desk = reception(store, hop, LET)
    assert await one_try(desk, CARD) == 451
    if not at_data:
        transaction = desk.begin("a@example.org", (), Client("192.0.2.1"), False)
        for path in ("a@shop.example", "b@shop.example"):
            assert (await transaction.rcpt(path, ())).is_success
        hop.gone.add("b@shop.example")  # deleted between RCPT and the dot
        assert (await transaction.data(CARD)).code == 550
    else:
        assert await one_try(desk, CARD) == 550
    assert hop.stored == ["a@shop.example"]
    assert await store.held.list() == ()


async def test_the_note_survives_a_restart(tmp_path: Path) -> None:
    """A gateway that ended in between knows who has the mail."""
    hop = Mailboxes({"b@shop.example": [LATER]})
    for code in (451, 250):
        store = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
        assert await one_try(reception(store, hop, LET), CARD) == code
        await store.close()
    assert hop.stored == ["a@shop.example", "b@shop.example"]
