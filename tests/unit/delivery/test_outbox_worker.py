"""The outbox worker sends, tries again, gives up, and knows what it does not know."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from tests.e2e.next_hops.scripted import Act, ScriptedHop
from tests.patient_loop import until

from pansentry.delivery.hop import Deadlines, HopOptions, open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.outbox import FIRST_WAIT_S, GIVE_UP_AFTER_S, LONGEST_WAIT_S, OutboxWorker
from pansentry.outcome import EnqueueLetter
from pansentry.store.store import open_store

QUICK = HopOptions(our_name="gw.example", deadlines=Deadlines(0.4, 0.4, 0.4))
LETTER = EnqueueLetter("anna@example.com", b"Message-ID: <l1@x>\r\n\r\nhello\r\n", "w1", 3600, "standard", "en")

MAIL = b"Message-ID: <m@x>\r\n\r\nx\r\n"


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A store, a scripted next hop and a worker between them."""

    def __init__(self, store, server, clock):
        self.store, self.server, self.clock = store, server, clock
        self.hop = open_hop(parse_next_hop(server.url), QUICK)
        self.worker = OutboxWorker(
            store.outbox,
            {"letter": self.hop, "deferred": self.hop},
            clock=clock,
            dice=random.Random(7),
            record=store.events.record,
            keep=store.held.put,
        )

    async def actions(self):
        """Return the recorded actions, oldest first."""
        await self.store.events.flush()
        return [event["action"] for event in reversed(await self.store.events.recent())]


@pytest.fixture
async def bench(tmp_path):
    """Return a function that starts a bench with given scripts."""
    opened = []

    async def start(*scripts, lmtp=False):
        clock = Clock()
        server = await ScriptedHop(*scripts, lmtp=lmtp).__aenter__()
        store = await open_store(f"sqlite:///{tmp_path}/s.db", clock)
        opened.append(Bench(store, server, clock))
        return opened[-1]

    yield start
    for item in opened:
        await item.hop.close()
        await item.store.close()
        await item.server.__aexit__()


async def test_letter_is_sent_once_with_the_null_reverse_path(bench):
    """A letter goes out with MAIL FROM:<> and NOTIFY=NEVER, and leaves the outbox."""
    b = await bench()
    await b.store.outbox.file_letter(LETTER)
    assert await b.worker.send_due() == 1
    assert await b.worker.send_due() == 0
    (delivered,) = b.server.delivered
    assert delivered.mail == b"MAIL FROM:<> SIZE=29\r\n"
    assert delivered.rcpts == [b"RCPT TO:<anna@example.com> NOTIFY=NEVER\r\n"]
    assert delivered.content == LETTER.message
    assert await b.store.outbox.waiting() == 0
    assert await b.actions() == ["sent"]


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data", "dot"])
async def test_temporary_failure_is_tried_again_with_growing_waits(bench, step):
    """After a 4xx at any step the letter waits, doubling, and then goes out."""
    b = await bench({step: b"450 4.2.0 later\r\n"}, {step: b"450 4.2.0 later\r\n"}, {})
    b.worker._hops = {
        "letter": open_hop(parse_next_hop(b.server.url), HopOptions(deadlines=QUICK.deadlines, max_uses=1))
    }
    await b.store.outbox.file_letter(LETTER)
    waits = []
    for _ in range(40):
        if not b.server.delivered:
            await b.worker.send_due()
            due = await b.store.outbox.next_due()
            if due is not None and due > b.clock.now:
                waits.append(due - b.clock.now)
                b.clock.now = due
                b.server.scripts = b.server.scripts[1:] or [{}]
                b.server.connections = 0
    assert len(b.server.delivered) == 1
    assert len(waits) == 2
    for n, wait in enumerate(waits):
        assert 0.75 * FIRST_WAIT_S * 2**n <= wait <= 1.25 * FIRST_WAIT_S * 2**n


async def test_waits_are_bounded(bench):
    """However often it failed, the wait is at most four hours and a quarter."""
    b = await bench()
    assert max(b.worker._wait_s(n) for n in range(0, 10_000, 7)) <= 1.25 * LONGEST_WAIT_S


async def test_refused_letter_is_dropped(bench):
    """A 5xx ends a letter; it is recorded and not tried again."""
    b = await bench({"rcpt": b"550 5.1.1 no\r\n"})
    await b.store.outbox.file_letter(LETTER)
    await b.worker.send_due()
    assert await b.store.outbox.waiting() == 0
    assert await b.actions() == ["refused"]
    assert await b.store.held.list() == ()


async def test_old_letter_is_given_up(bench):
    """A letter that could not be sent for two days is given up."""
    b = await bench({"rcpt": b"450 4.2.0 later\r\n"})
    await b.store.outbox.file_letter(LETTER)
    b.clock.now += GIVE_UP_AFTER_S["letter"] + 1
    await b.worker.send_due()
    assert await b.store.outbox.waiting() == 0
    assert await b.actions() == ["too-old"]


@pytest.mark.parametrize("act", [Act.STORE_THEN_DROP, Act.STORE_THEN_HANG])
async def test_letter_in_doubt_is_never_sent_twice(bench, act):
    """If the answer to the final dot is lost, the letter may have arrived: it is not sent again."""
    b = await bench({"dot": act}, {})
    await b.store.outbox.file_letter(LETTER)
    await b.worker.send_due()
    b.clock.now += 86400
    await b.worker.send_due()
    assert len(b.server.delivered) == 1
    assert await b.store.outbox.waiting() == 0
    assert await b.actions() == ["in-doubt"]


async def test_letter_whose_sender_died_in_doubt_is_never_sent_twice(bench):
    """A process that died after content went out leaves a letter that is given up, not repeated."""
    b = await bench()
    await b.store.outbox.file_letter(LETTER)
    (entry,) = await b.store.outbox.take()
    await b.store.outbox.content_goes_out(entry)
    b.clock.now += 86400
    await b.worker.send_due()
    assert b.server.delivered == []
    assert await b.actions() == ["in-doubt"]


async def test_letter_whose_sender_died_before_content_is_sent(bench):
    """A process that died before any content went out leaves a letter that still goes out."""
    b = await bench()
    await b.store.outbox.file_letter(LETTER)
    await b.store.outbox.take()
    b.clock.now += 86400
    await b.worker.send_due()
    assert len(b.server.delivered) == 1


async def test_deferred_mail_is_repeated_in_doubt(bench):
    """Mail must not be lost: in doubt it is sent again, the same bytes."""
    b = await bench({"dot": Act.STORE_THEN_DROP}, {})
    await b.store.outbox.file_deferred("a@example.org", ["b@example.com"], MAIL, ["SIZE=9", "BODY=8BITMIME"], wait_s=0)
    await b.worker.send_due()
    b.clock.now += 3600
    await b.worker.send_due()
    assert [d.content for d in b.server.delivered] == [MAIL] * 2
    assert b.server.delivered[0].mail == b"MAIL FROM:<a@example.org> BODY=8BITMIME SIZE=24\r\n"
    assert b.server.delivered[0].rcpts == [b"RCPT TO:<b@example.com>\r\n"]
    assert await b.store.outbox.waiting() == 0


async def test_deferred_mail_is_settled_recipient_by_recipient(bench):
    """Those who have it are done, those refused are kept as held mail, those deferred are tried again."""
    dot = b"250 2.0.0 A\r\n450 4.2.2 B\r\n550 5.2.1 C\r\n"
    b = await bench({"dot": [dot, None]}, lmtp=True)
    paths = ["a@x.example", "b@x.example", "c@x.example"]
    await b.store.outbox.file_deferred("s@example.org", paths, b"redacted\r\n", wait_s=0)
    await b.worker.send_due()
    (held,) = await b.store.held.list()
    assert held.forward_paths == ("c@x.example",)
    assert held.reason == "undeliverable:refused"
    b.clock.now += 3600
    await b.worker.send_due()
    assert b.server.delivered[-1].rcpts == [b"RCPT TO:<b@x.example>\r\n"]
    assert await b.store.outbox.waiting() == 0


async def test_deferred_mail_that_is_given_up_is_kept(bench):
    """After five days the mail is held for the admin, not thrown away."""
    b = await bench({"rcpt": b"450 4.2.0 later\r\n"})
    await b.store.outbox.file_deferred("s@example.org", ["b@x.example"], b"redacted\r\n", wait_s=0)
    b.clock.now += GIVE_UP_AFTER_S["deferred"] + 1
    await b.worker.send_due()
    (held,) = await b.store.held.list()
    assert (await b.store.held.get(held.id)).message == b"redacted\r\n"
    assert await b.store.outbox.waiting() == 0


async def test_lost_lease_sends_nothing(bench):
    """A worker that lost its lease while it asked for the recipient does not send the content."""
    b = await bench()
    await b.store.outbox.file_letter(LETTER)
    (entry,) = await b.store.outbox.take()
    await b.store.outbox.retry_at(entry, b.clock.now)
    await b.worker._send(entry)
    assert b.server.delivered == []
    assert await b.store.outbox.waiting() == 1


async def test_run_sends_when_woken_and_stops_when_told(bench, monkeypatch):
    """A running worker sends a letter soon after wake, and ends on stop."""
    monkeypatch.setattr("pansentry.delivery.outbox._POLL_S", 3600)
    b = await bench()
    task = asyncio.create_task(b.worker.run())
    await asyncio.sleep(0.05)
    await b.store.outbox.file_letter(LETTER)
    b.worker.wake()
    await until(lambda: bool(b.server.delivered))
    b.worker.stop()
    async with asyncio.timeout(60):
        await task
    assert len(b.server.delivered) == 1


async def test_broken_store_does_not_end_the_worker(bench, caplog):
    """An error of the store is logged by its type only, and the worker goes on."""
    b = await bench()

    async def broken(_limit=0):
        b.worker.stop()
        raise RuntimeError("4111111111111111")

    b.store.outbox.take = broken
    await b.worker.run()
    assert "RuntimeError" in caplog.text
    assert "4111" not in caplog.text


async def test_letters_that_a_failing_store_interrupted_go_out_when_it_is_back(bench, monkeypatch):
    """Nothing was sent of them, so they are not left leased; the next hop is let go."""
    b = await bench()
    for key in ("one", "two"):
        await b.store.outbox.file_letter(replace(LETTER, window_key=key))

    async def fail(_entry):
        raise TimeoutError

    with monkeypatch.context() as away:
        away.setattr(b.store.outbox, "content_goes_out", fail)
        with pytest.raises(TimeoutError):
            await b.worker.send_due()
    assert b.server.delivered == []
    assert await b.worker.send_due() == 2
    assert len(b.server.delivered) == 2
    assert await b.store.outbox.waiting() == 0
