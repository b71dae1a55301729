"""What a store in PostgreSQL owes to a fleet: one letter, one leader, news for everybody, calm in an outage."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from tests.e2e.postgres import PASSWORD, Postgres
from tests.patient_loop import until
from tests.unit.store.engines import KEY, open_at

from pansentry.outcome import EnqueueLetter
from pansentry.store import open_store
from pansentry.store.database import StoreAwayError
from pansentry.store.grants import Grant

NOW = 1_800_000_000.0
"""In January 2027."""
LETTER = EnqueueLetter("anna@customer.example", b"letter", "window", 3600, joined=("conversation",))


@pytest.fixture
def url(postgres):
    """An empty database of PostgreSQL: these tests are about nothing else."""
    return postgres.make_database()


@pytest.fixture
async def nodes(url):
    """Two nodes of one fleet."""
    pair = await asyncio.gather(open_at(url, lambda: NOW), open_at(url, lambda: NOW))
    yield pair
    await asyncio.gather(*(node.close() for node in pair))


async def test_nodes_that_start_at_one_time_make_one_database(nodes):
    """The tables are made once, and both can write."""
    await asyncio.gather(*(node.memory.remember((f"t{n}",), 10) for n, node in enumerate(nodes)))
    assert (await nodes[0].database.read(text("SELECT count(*) FROM memory")))[0][0] == 2


async def test_one_conversation_gets_one_letter_from_two_nodes(nodes):
    """Windows of other templates in one conversation exclude each other, also in the same moment."""
    letters = [replace(LETTER, window_key=f"w{n}") for n in range(20)]
    grants = await asyncio.gather(*(nodes[n % 2].outbox.file_letter(letter) for n, letter in enumerate(letters)))
    assert grants.count(Grant.GRANTED) == 1
    assert grants.count(Grant.WINDOW) == 19


async def test_entries_are_shared_out_without_waiting_and_never_twice(nodes):
    """Takers skip what another one is about to take (SKIP LOCKED)."""
    for n in range(30):
        await nodes[0].outbox.file_deferred("a@x.example", ["b@shop.example"], b"m", origin=f"o{n}", wait_s=0)
    taken = await asyncio.gather(*(nodes[n % 2].outbox.take(2) for n in range(30)))
    ids = [entry.id for entries in taken for entry in entries]
    assert len(ids) == len(set(ids)) == 30


async def test_the_audit_chain_is_whole_when_two_nodes_write_it(nodes):
    """Entries are numbered without gaps and each is sealed over the one before."""
    await asyncio.gather(*(nodes[n % 2].audit.append("anna", "policy.reload", str(n)) for n in range(20)))
    found = await nodes[0].audit.verify()
    assert (found.first_bad, found.last) == (0, 20)


async def test_a_node_that_was_killed_is_dead_at_once(nodes, url):
    """What it delivered and nobody heard of is known to the others without waiting for a time-out."""
    first, second = nodes
    victim = await open_at(url, lambda: NOW)
    await victim.ledger.delivered("k")
    assert not await second.ledger.is_repeat("k", thorough=True)
    await victim.outbox.file_letter(LETTER)
    (entry,) = await victim.outbox.take()
    assert await first.outbox.release_dead() == 0
    victim.database.attendant._keeping.cancel()
    victim.database.attendant._connection.terminate()  # as the kernel does for a process that was killed
    await until(lambda: first.outbox.release_dead())
    assert await second.ledger.is_repeat("k", thorough=True)
    (again,) = await second.outbox.take()
    assert again.id == entry.id
    await victim.database.engine.dispose()


async def test_one_node_leads_and_another_when_it_is_gone(nodes, url):
    """Retention and lists have one process to do them, and never two."""
    third = await open_at(url, lambda: NOW)
    assert await third.database.may_lead()
    assert await third.database.may_lead()
    assert [await node.database.may_lead() for node in nodes] == [False, False]
    await third.close()
    assert sorted([await node.database.may_lead() for node in nodes]) == [False, True]


async def test_news_of_policies_reach_the_other_node_once_they_are_kept(nodes):
    """A version that one node takes into use is announced when it is committed; the same again is no news."""
    heard: list[str] = []
    nodes[1].database.attendant.on_news = heard.append
    for _ in range(2):
        await nodes[0].versions.accept("aa11", {"default.yaml": b"name: d\n"}, "eve")
    await until(lambda: bool(heard))
    await asyncio.sleep(0.05)
    assert heard == ["policies"]
    assert [one.digest for one in await nodes[1].versions.list()] == ["aa11"]


async def months(store):
    """Return the tables of events that hold any, with how many."""
    rows = await store.database.read(text("SELECT tableoid::regclass::text AS name, count(*) FROM events GROUP BY 1"))
    return {row.name: row.count for row in rows}


async def test_events_lie_in_the_table_of_their_month_and_old_months_are_dropped(url):
    """A month is dropped once all of it is old; strays of a wrong clock move when their month gets its table."""
    now = NOW
    store = await open_at(url, lambda: now)
    store.events.record({"kind": "message"})
    now += 40 * 86400
    store.events.record({"kind": "message"})
    now += 365 * 86400
    store.events.record({"kind": "message"})
    await store.events.flush()
    assert await months(store) == {"events_2027_01": 1, "events_2027_02": 1, "events_other": 1}
    assert await store.events.forget_before(NOW) == 0
    assert await months(store) == {"events_2027_01": 1, "events_2027_02": 1, "events_2028_02": 1}
    assert await store.events.forget_before(NOW + 40 * 86400) == 1
    assert (await store.database.read(text("SELECT to_regclass('events_2027_01')")))[0][0] is None
    assert await store.events.forget_before(now + 90 * 86400) == 2
    assert await store.events.recent() == ()
    await store.close()


async def test_a_job_that_met_a_deadlock_is_run_again(nodes):
    """PostgreSQL ends one of two jobs that wait for each other; its caller does not notice."""
    await nodes[0].memory.remember(("a", "b"), 1)
    met = asyncio.Barrier(2)
    tries = []

    def job(first, second):
        def run(connection):
            tries.append(first)
            update = "UPDATE memory SET until = until + 1 WHERE token = :t"
            connection.execute(text(update), {"t": first})
            if len(tries) <= 2:
                from sqlalchemy.util import await_only

                await_only(met.wait())
            connection.execute(text(update), {"t": second})

        return run

    await asyncio.gather(nodes[0].database.write(job("a", "b")), nodes[1].database.write(job("b", "a")))
    assert len(tries) >= 3  # the one that goes again may meet the other one a second time
    assert {row[0] for row in await nodes[0].database.read(text("SELECT until FROM memory"))} == {NOW + 3}


async def test_a_database_that_stops_is_away_at_once_and_back_by_itself(tmp_path, monkeypatch):
    """Nothing waits for it; events are kept and written when it is back; a job that is written then is written."""
    monkeypatch.setattr("pansentry.store.attendant.BEAT_S", 3600)
    server = Postgres.start(tmp_path / "server")
    store = await open_at(server.make_database(), lambda: NOW)
    try:
        await store.memory.remember(("before",), 1000)
        await asyncio.to_thread(server.stop)
        await until(lambda: store.database.is_away)
        async with asyncio.timeout(5):
            for asked in (store.memory.remember(("lost",), 10), store.database.read(text("SELECT 1"))):
                with pytest.raises(StoreAwayError):
                    await asked
        store.events.record({"kind": "message", "action": "redact"})
        await store.events.flush()
        await asyncio.to_thread(server.run)
        await until(lambda: not store.database.is_away)
        await asyncio.gather(*(store.memory.remember((f"after{n}",), 1000) for n in range(20)))
        await store.events.flush()
        assert await store.events.count() == {("message", "redact"): 1}
        assert (await store.database.read(text("SELECT count(*) FROM memory")))[0][0] == 21
        assert await store.database.living({"somebody who may still be on the way"})
    finally:
        await store.close()
        server.stop()


async def test_a_node_with_another_secret_is_refused(url):
    """Tokens of two keys would not find each other: windows would not hold."""
    await (await open_at(url, lambda: NOW)).close()
    with pytest.raises(ValueError, match="give every node the same"):
        await open_store(url, lambda: NOW, key=b"x" * 32)
    await (await open_store(url, lambda: NOW, key=KEY)).close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((PASSWORD, "wrong"), "user or the password is wrong"),
        (("test_", "missing_"), "no such database"),
    ],
)
async def test_a_refusal_of_the_server_is_one_sentence(url, change, sentence):
    """What is wrong and what to do, without the password."""
    with pytest.raises(ValueError, match=sentence) as caught:
        await open_store(url.replace(*change), lambda: NOW, key=KEY)
    assert PASSWORD not in str(caught.value)


async def test_a_server_that_is_not_there_is_an_os_error(url):
    """Nobody listens: the caller says that the store is not to be had."""
    with pytest.raises(OSError, match=r"refused|Connect"):
        await open_store("postgresql://u:p@127.0.0.1:1/db", lambda: NOW, key=KEY)


async def test_no_repr_shows_the_password_or_the_key(nodes):
    """A traceback that prints its values does not give them away."""
    shown = repr(nodes[0]) + repr(nodes[0].database.engine)
    assert PASSWORD not in shown
    assert repr(KEY) not in shown


async def test_errors_hold_no_parameters(nodes):
    """What was to be written is in no message of the driver."""
    with pytest.raises(Exception, match="no_such") as caught:
        await nodes[0].database.read(text("SELECT :secret FROM no_such").bindparams(secret="geheim"))
    assert "geheim" not in str(caught.value)
