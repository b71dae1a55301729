"""The outbox grants letters, leases entries and never lets two workers have one."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from tests.unit.store.engines import open_at

from pansentry.outcome import EnqueueLetter
from pansentry.store.grants import Budget, Grant
from pansentry.store.outbox import LEASE_S, EntryKind


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    """The time of these tests."""
    return Clock()


@pytest.fixture
async def store(url, clock):
    """A store of its own, on either engine."""
    store = await open_at(url, clock)
    yield store
    await store.close()


def letter(recipient="anna@example.com", key="w1", window_s=3600):
    """Make a letter."""
    return EnqueueLetter(recipient, b"Subject: hello\r\n\r\nhello\r\n", key, window_s, "standard", "en")


async def test_first_letter_is_granted_and_second_in_window_is_not(store, clock):
    """A window lets one letter through until it is over."""
    assert await store.outbox.file_letter(letter()) is Grant.GRANTED
    assert await store.outbox.file_letter(letter()) is Grant.WINDOW
    assert await store.outbox.file_letter(letter(key="w2")) is Grant.GRANTED
    clock.now += 3600
    assert await store.outbox.file_letter(letter()) is Grant.GRANTED
    assert await store.outbox.waiting() == 3


async def test_a_letter_that_would_be_kept_back_is_known_and_nothing_is_changed(store):
    """Asked before, the store says what it would say to a letter that is filed, and opens no window by it."""
    assert await store.outbox.keeps_back(letter()) == ""
    assert await store.outbox.keeps_back(letter()) == ""
    assert await store.outbox.file_letter(letter()) is Grant.GRANTED
    assert await store.outbox.keeps_back(letter()) == "window"
    assert await store.outbox.keeps_back(letter(key="w2")) == ""
    assert await store.outbox.keeps_back(letter("4111111111111111@example.com", "w3")) == "unsafe-address"
    assert await store.outbox.waiting() == 1


async def test_one_message_never_gets_two_letters(store, clock):
    """The origin of a letter stays answered after the letter has left, whatever the window says."""
    assert await store.outbox.file_letter(letter(window_s=0), origin="m1") is Grant.GRANTED
    assert await store.outbox.file_letter(letter(window_s=0), origin="m1") is Grant.ANSWERED
    (entry,) = await store.outbox.take()
    assert await store.outbox.done(entry)
    assert await store.outbox.file_letter(letter(window_s=0), origin="m1") is Grant.ANSWERED
    assert await store.outbox.file_letter(letter(window_s=0), origin="m2") is Grant.GRANTED


async def test_fifty_concurrent_requests_give_one_letter(store):
    """Fifty mails of one sender at once open one window."""
    grants = await asyncio.gather(*(store.outbox.file_letter(letter()) for _ in range(50)))
    assert grants.count(Grant.GRANTED) == 1
    assert grants.count(Grant.WINDOW) == 49


async def test_two_stores_on_one_file_share_windows_and_entries(url, clock):
    """Two workers on one database give one letter and never take one entry twice."""
    first, second = await asyncio.gather(open_at(url, clock), open_at(url, clock))
    assert first.key == second.key
    calls = [(first, second)[n % 2].outbox.file_letter(letter(key=f"w{n % 5}")) for n in range(40)]
    grants = await asyncio.gather(*calls)
    assert grants.count(Grant.GRANTED) == 5
    taken = await asyncio.gather(*((first, second)[n % 2].outbox.take(1) for n in range(10)))
    ids = [entry.id for entries in taken for entry in entries]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 5
    await first.close()
    await second.close()


async def test_budgets_bound_letters_an_hour(store, clock):
    """Forged senders of one domain, or of many, cannot make a cannon."""
    budget = Budget(per_hour=4, per_domain_per_hour=2)
    grants = [
        await store.outbox.file_letter(letter(f"u{n}@{domain}", f"k{n}"), budget=budget)
        for n, domain in enumerate(["a.example", "A.example", "a.example", "b.example", "c.example", "d.example"])
    ]
    assert grants == [
        Grant.GRANTED,
        Grant.GRANTED,
        Grant.DOMAIN_BUDGET,
        Grant.GRANTED,
        Grant.GRANTED,
        Grant.TOTAL_BUDGET,
    ]
    clock.now += 3601
    assert await store.outbox.file_letter(letter("x@a.example", "k9"), budget=budget) is Grant.GRANTED


async def test_lease_runs_out_and_its_old_holder_may_not_finish(store, clock):
    """A holder that took too long has lost the entry to the next one."""
    await store.outbox.file_letter(letter())
    (old,) = await store.outbox.take()
    assert await store.outbox.take() == ()
    clock.now += LEASE_S
    (new,) = await store.outbox.take()
    assert new.id == old.id
    assert not await store.outbox.content_goes_out(old)
    assert not await store.outbox.done(old)
    assert await store.outbox.content_goes_out(new)
    assert await store.outbox.done(new)
    assert await store.outbox.waiting() == 0


async def test_retry_is_due_later_and_counts(store, clock):
    """An entry that is given back is not due before its time."""
    await store.outbox.file_letter(letter())
    (entry,) = await store.outbox.take()
    assert await store.outbox.retry_at(entry, clock.now + 60)
    assert await store.outbox.take() == ()
    assert await store.outbox.next_due() == clock.now + 60
    clock.now += 60
    (again,) = await store.outbox.take()
    assert again.attempts == 1
    assert not again.content_sent


async def test_deferred_mail_comes_back_as_it_was_filed(store, clock):
    """Reverse-path, recipients, parameters and bytes of deferred mail survive."""
    message = b"Subject: x\r\n\r\n\xff\x00body\r\n"
    await store.outbox.file_deferred("a@example.org", ["b@example.com", "c@example.com"], message, ["BODY=8BITMIME"])
    assert await store.outbox.take() == ()
    clock.now += 60
    (entry,) = await store.outbox.take(kind=EntryKind.DEFERRED)
    assert (entry.reverse_path, entry.forward_paths) == ("a@example.org", ("b@example.com", "c@example.com"))
    assert (entry.message, entry.mail_parameters) == (message, ("BODY=8BITMIME",))
    assert "body" not in repr(entry)
    assert await store.outbox.keep_only(entry, ["c@example.com"], clock.now)
    (rest,) = await store.outbox.take()
    assert rest.forward_paths == ("c@example.com",)


async def test_reopening_takes_over_the_leases_of_the_dead_only(url, clock):
    """A lease of a process that is no more ends at the next start; a living one's does not."""
    first = await open_at(url, clock)
    await first.outbox.file_letter(letter(key="1"))
    await first.outbox.file_letter(letter(key="2"))
    await first.outbox.take(1)
    first.database.owner = f"{os.getpid()}.1.dead"  # this process number, but of another start
    await first.outbox.take(1)
    second = await open_at(url, clock)
    (freed,) = await second.outbox.take()
    assert await second.outbox.take() == ()
    assert freed.attempts == 0
    await first.close()
    await second.close()


async def test_expired_windows_are_forgotten(store, clock):
    """Windows that are over are deleted once the budgets no longer need them."""
    await store.outbox.file_letter(letter(window_s=10))
    clock.now += 3601
    await store.outbox.forget_expired()
    rows = await store.database.read(text("SELECT count(*) FROM reply_windows"))
    assert rows[0][0] == 0


async def test_a_clock_that_is_set_back_delays_nothing_for_long(store, clock):
    """What was filed or leased by a clock that ran a year ahead is due at once, and not in a year."""
    await store.outbox.file_deferred("a@example.com", ["b@shop.example"], b"redacted", wait_s=3600)
    await store.outbox.file_letter(letter())
    (leased,) = await store.outbox.take()
    assert leased.kind is EntryKind.LETTER
    clock.now -= 365 * 86400
    assert {entry.kind for entry in await store.outbox.take()} == {EntryKind.LETTER, EntryKind.DEFERRED}
    assert not await store.outbox.done(leased)


async def test_a_small_step_of_the_clock_gives_no_lease_away(store, clock):
    """A correction by a minute leaves a lease with its holder."""
    await store.outbox.file_letter(letter())
    (leased,) = await store.outbox.take()
    clock.now -= 60
    assert await store.outbox.take() == ()
    assert await store.outbox.done(leased)


async def test_what_was_taken_and_not_begun_is_given_back(store):
    """After an outage the entries in hand are free again, but for those whose content may be out; others' stay."""
    for key in ("1", "2", "3"):
        await store.outbox.file_letter(letter(key=key))
    begun, waiting = await store.outbox.take(2)
    assert await store.outbox.content_goes_out(begun)
    mine, store.database.owner = store.database.owner, "elsewhere:1.2"
    (others,) = await store.outbox.take()
    store.database.owner = mine
    assert await store.outbox.give_back() == 1
    assert [entry.id for entry in await store.outbox.take()] == [waiting.id]
    assert await store.outbox.done(others)
