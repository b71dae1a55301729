"""Events, memory, ledger, held mail and audit keep what they are given, and no more."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.patient_loop import until
from tests.unit.store.engines import away, open_at

from pansentry.store import held as held_room
from pansentry.store import schema, sqlite, tallies
from pansentry.store.audit import Verified
from pansentry.store.counted import histograms
from pansentry.store.nodes import BEAT_S, GONE_S, MISSED, Node
from pansentry.store.scrubbing import has_digit_run
from pansentry.store.store import open_store


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_800_000_000.0

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


async def test_events_come_back_newest_first(store):
    """What was recorded is there after a flush, with its fields."""
    store.events.record({"kind": "message", "action": "redact", "rule": "r1", "pan": 1, "brands": ("visa",)})
    store.events.record({"kind": "letter", "action": "sent"})
    await store.events.flush()
    newest, oldest = await store.events.recent()
    assert newest["kind"] == "letter"
    assert oldest["brands"] == ["visa"]
    assert (oldest["action"], oldest["rule"], oldest["pan"]) == ("redact", "r1", 1)
    assert await store.events.count() == {("message", "redact"): 1, ("letter", "sent"): 1}


async def test_events_are_written_without_being_asked(store):
    """A batch is written shortly after its first event."""
    for n in range(700):
        store.events.record({"kind": "message", "action": "deliver", "size_bytes": n})

    async def are_written() -> bool:
        return await store.events.count() == {("message", "deliver"): 700}

    await until(are_written)


async def test_unlisted_event_fields_stay_out(store, caplog):
    """A name that the schema does not list is left out, and its name (not its value) is logged."""
    store.events.record({"kind": "message", "subject": "my secret order"})
    await store.events.flush()
    (event,) = await store.events.recent()
    assert "subject" not in event
    assert "subject" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111@example.com",
        "mail from 4111 1111 1111 1111 here",
        "4111-1111-1111-1111.pdf",
        "٤١١١١١١١١١١١١١١١",
        "3782.822463.10005",
    ],
)
async def test_digit_runs_are_struck_out_of_events(store, text):
    """Names and addresses that senders chose cannot carry a card number into the database."""
    store.events.record({"kind": "message", "client_name": text, "places": (text,), "rule": text})
    await store.events.flush()
    (event,) = await store.events.recent()
    for value in (event["client_name"], event["places"][0], event["rule"]):
        assert "[digits]" in value
        assert sum(c.isdigit() for c in value) < 8


async def test_harmless_values_pass_unchanged(store):
    """Times, codes, addresses and references are not struck out."""
    fields = {
        "client": "2001:4860:4860::8888",
        "elapsed_ms": 12.75,
        "message_ref": "1234567890123456789012345678901f",
        "size_bytes": 52_428_800,
        "changed": True,
        "tags": ("a", "b"),
    }
    store.events.record(fields)
    await store.events.flush()
    (event,) = await store.events.recent()
    assert {name: event[name] for name in fields} == {**fields, "tags": ["a", "b"]}


async def test_old_events_are_forgotten(store, clock):
    """Retention deletes what is older than asked."""
    store.events.record({"kind": "message"})
    await store.events.flush()
    assert await store.events.forget_before(clock.now) == 0
    assert await store.events.forget_before(clock.now + 32 * 86400) == 1
    assert await store.events.recent() == ()


async def test_memory_lasts_as_long_as_asked(store, clock, url):
    """A token is known until it expires, after a restart and to another worker as well."""
    assert not store.memory.had_card(("t1",))
    await store.memory.remember(("t1", "t2"), 100)
    assert store.memory.had_card(("x", "t2"))
    other = await open_at(url, clock)
    assert other.memory.had_card(("t1",))
    await other.memory.close()
    await store.memory.remember(("t3",), 100)
    assert not other.memory.had_card(("t3",))
    other.memory._look_again = 0
    other.memory.had_card(())  # being asked is what keeps it up to date
    await other.memory.close()
    assert other.memory.had_card(("t3",))
    clock.now += 100
    assert not store.memory.had_card(("t1",))
    await store.memory.forget_expired()
    assert (await store.database.read(text("SELECT count(*) FROM memory")))[0][0] == 0
    await other.close()


async def test_memory_is_prolonged_and_never_cut(store, clock, url):
    """Remembering again for a shorter time does not shorten."""
    await store.memory.remember(("t",), 1000)
    await store.memory.remember(("t",), 10)
    clock.now += 500
    assert store.memory.had_card(("t",))
    other = await open_at(url, clock)
    assert other.memory.had_card(("t",))
    await other.close()


async def test_ledger_suppresses_only_what_nobody_was_told(store):
    """The same bytes sent twice on purpose are delivered twice; after a lost answer, once."""
    ledger = store.ledger
    key = ledger.key("<1@x>", ["b@example.com"], b"message")
    assert not ledger.expects_repeats
    await ledger.delivered(key)
    assert not await ledger.is_repeat(key, thorough=True)
    await ledger.told(key)
    assert not await ledger.is_repeat(key, thorough=True)
    await ledger.untold(key)
    assert ledger.expects_repeats
    assert await ledger.is_repeat(key)
    await ledger.told(key)
    assert not await ledger.is_repeat(key, thorough=True)


async def test_ledger_key_depends_on_every_part(store):
    """Other recipients, another id or another byte is another message; the order of recipients is not."""
    key = store.ledger.key
    mail = b"Received: by %s\r\nMessage-ID:\r\n <1@x>\r\nSubject: s\r\n\r\n%s\r\n"
    first = key("", ["a@x.example"], mail % (b"one", b"body"))
    assert first == key("", ["a@x.example"], mail % (b"two", b"body"))
    assert first == key("<1@x>", ["a@x.example"], mail % (b"", b"body"))
    assert first != key("", ["a@x.example"], mail % (b"one", b"other"))
    assert key("", [], b"A: 1\r\n\r\nbody") != key("", [], b"A: 2\r\n\r\nbody")
    assert key("", [], b"A: 1\r\n\r\nMessage-ID: <1@x>\r\n") != key("", [], b"A: 2\r\n\r\nMessage-ID: <1@x>\r\n")
    same = key("<1@x>", ["a@x.example", "b@x.example"], b"m")
    assert same == key("<1@x>", ["b@x.example", "a@x.example"], b"m")
    others = {
        key("<2@x>", ["a@x.example", "b@x.example"], b"m"),
        key("<1@x>", ["a@x.example"], b"m"),
        key("<1@x>", ["a@x.example", "b@x.example"], b"n"),
        key("", ["a@x.example", "b@x.example"], b"<1@x>m"),
    }
    assert len(others) == 4
    assert same not in others


async def test_what_a_dead_process_delivered_is_known_after_a_restart(store, clock, url):
    """Delivered by a process that died before it told the client: suppressed, for a week."""
    store.database.owner = f"{os.getpid()}.1.dead"
    await store.ledger.delivered("k-delivered")
    other = await open_at(url, clock)
    assert await other.ledger.is_repeat("k-delivered")
    clock.now += 8 * 86400
    last = await open_at(url, clock)
    assert not await last.ledger.is_repeat("k-delivered", thorough=True)
    assert await other.ledger.is_repeat("k-delivered")
    await other.ledger.forget_expired()
    assert not await other.ledger.is_repeat("k-delivered")
    await other.close()
    await last.close()


async def test_a_dead_sibling_is_noticed_by_a_thorough_look(store, clock, url):
    """A living worker sees what a worker that died meanwhile had delivered."""
    sibling = await open_at(url, clock)
    await sibling.ledger.delivered("k")
    assert not await store.ledger.is_repeat("k", thorough=True)
    sibling.database.owner = f"{os.getpid()}.1.dead"
    await sibling.ledger.delivered("k2")
    assert await store.ledger.is_repeat("k2", thorough=True)
    await sibling.close()


async def test_names_of_held_mail_are_no_numbers(store, monkeypatch):
    """However the dice fall, a name is hexadecimal and has no digit run, also beside another one."""
    monkeypatch.setattr(held_room.secrets, "token_hex", lambda _: "1234567890123456")
    drawn = await store.held.put(b"x", "r", "", [])
    monkeypatch.setattr(type(store.database), "keyed", lambda *_: "9" * 64)
    named = await store.held.put(b"x", "r", "", [], origin="o")
    assert not has_digit_run(f"{drawn} {named} {drawn}")
    assert all(len(name) == 16 and int(name, 16) for name in (drawn, named))
    assert {one.id for one in await store.held.list()} == {drawn, named}


async def test_held_mail_is_listed_shown_and_removed(store, clock):
    """Held mail has a life: put, list without content, get with it, remove or expire."""
    first = await store.held.put(b"redacted one", "policy", "a@x.example", ["b@x.example"])
    clock.now += 1
    second = await store.held.put(b"redacted two", "policy", "", ["c@x.example"], keep_s=10)
    assert [(mail.id, mail.message) for mail in await store.held.list()] == [(second, b""), (first, b"")]
    held = await store.held.get(first)
    assert held is not None
    assert (held.message, held.forward_paths, held.reverse_path) == (b"redacted one", ("b@x.example",), "a@x.example")
    assert "redacted" not in repr(held)
    clock.now += 10
    assert await store.held.forget_expired() == 1
    assert await store.held.get(second) is None
    assert await store.held.remove(first)
    assert not await store.held.remove(first)


async def test_audit_chain_shows_tampering(store):
    """A changed or a missing entry breaks the chain at its number."""
    for n in range(4):
        await store.audit.append("anna", "policy.reload", f"hash {n}")
    assert await store.audit.verify() == Verified(0, 4)
    assert (await store.audit.list(1))[0].what == "hash 3"
    await store.database.write(lambda connection: connection.execute(text("UPDATE audit SET who='bob' WHERE number=2")))
    assert await store.audit.verify() == Verified(2, 2)
    await store.database.write(lambda connection: connection.execute(text("DELETE FROM audit WHERE number=2")))
    assert await store.audit.verify() == Verified(2, 3)


async def test_files_are_private_and_pragmas_are_set(sqlite_url, clock):
    """Database, WAL and key are readable by their owner only; deleted data is overwritten."""
    store = await open_at(sqlite_url, clock)
    await store.held.put(b"x", "r", "", [])
    path = sqlite_url.removeprefix("sqlite:///")
    for name in (path, path + "-wal", path + ".key"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2, "busy_timeout": 10000}
    for name, value in wanted.items():
        assert (await store.database.read(text(f"PRAGMA {name}")))[0][0] == value
    await store.close()


def all_bytes(url):
    """Read the database file and its WAL."""
    path = url.removeprefix("sqlite:///")
    return Path(path).read_bytes() + Path(path + "-wal").read_bytes()


async def test_deleted_content_is_gone_from_the_files(sqlite_url, clock):
    """What was deleted is in neither the database nor its WAL after tidying."""
    store = await open_at(sqlite_url, clock)
    marker = b"REDACTED-MARKER-7391"
    held = await store.held.put(marker * 100, "r", "", [])
    await store.held.remove(held)
    await store.database.tidy()
    assert marker not in all_bytes(sqlite_url)
    await store.close()


async def test_failed_transaction_leaves_nothing(store):
    """An exception inside a transaction rolls all of it back."""

    def fail_half_way(connection):
        connection.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.database.write(fail_half_way)
    assert (await store.database.read(text("SELECT count(*) FROM meta WHERE name='a'")))[0][0] == 0


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("postgresql://u:p@h/db", "needs `secret`"),
        ("postgresql://h", "Write postgresql://"),
        ("postgresql+psycopg://h/db", "another driver"),
        ("postgresql://h/db?password=geheim", "options we do not know: password"),
        ("postgresql://h/db?sslmode=maybe", "Write one of disable"),
        ("mysql://h/db", "Write sqlite:///"),
        ("nonsense", "Write for example sqlite:"),
        ("sqlite://host/x", "Write sqlite:///relative"),
        ("sqlite://", "Write sqlite:///relative"),
    ],
)
async def test_unusable_urls_say_what_to_write(url, fix):
    """A store that cannot be used is named with a fix."""
    with pytest.raises(ValueError, match=fix):
        await open_store(url)


async def test_database_of_a_later_version_is_not_opened(store, clock, url):
    """An older program does not touch a newer database."""
    await store.database.write(
        lambda connection: connection.execute(text("UPDATE meta SET value='999' WHERE name='schema'"))
    )
    with pytest.raises(ValueError, match="later version"):
        await open_at(url, clock)


async def test_damaged_key_file_is_refused(tmp_path, clock):
    """A key that was cut short is not silently replaced: all tokens would be lost."""
    (tmp_path / "s.db.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="damaged"):
        await open_store(f"sqlite:///{tmp_path}/s.db", clock)


async def test_store_in_memory_works_with_readers_beside_writers(clock):
    """A store without a file serves concurrent readers and writers."""

    store = await open_store("sqlite:///:memory:", clock)
    await asyncio.gather(
        *(store.held.put(b"m", "r", "", []) for _ in range(10)), *(store.held.list() for _ in range(10))
    )
    assert len(await store.held.list()) == 10
    await store.close()


def test_schema_uses_portable_types_only():
    """Every column type exists in SQLite and PostgreSQL alike."""
    kinds = {type(column.type).__name__ for table in schema.metadata.tables.values() for column in table.columns}
    assert kinds <= {"Integer", "Double", "String", "Text", "LargeBinary"}


def test_schema_compiles_for_postgresql():
    """The same tables can be made in PostgreSQL."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    for table in schema.metadata.sorted_tables:
        assert table.name in str(CreateTable(table).compile(dialect=postgresql.dialect()))


async def test_events_survive_an_outage_of_the_store(store, caplog):
    """While the store cannot be written events wait, in order, and are written when it is back."""
    with away(store):
        store.events.record({"kind": "one"})
        await store.events.flush()
    store.events.record({"kind": "two"})
    await store.events.flush()
    assert [event["kind"] for event in await store.events.recent()] == ["two", "one"]
    assert "events not written" in caplog.text


async def test_jobs_that_wait_share_a_transaction_and_fail_alone(store):
    """Of many jobs at once the failing ones are undone and raise; the others are kept, in their order."""

    def note(connection, number):
        connection.execute(text(f"INSERT INTO meta VALUES ('n{number}', '')"))
        if number % 3 == 0:
            raise ValueError(number)
        return number

    jobs = (store.database.write(lambda connection, n=n: note(connection, n)) for n in range(30))
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == [n for n in range(30) if n % 3]
    assert sum(isinstance(r, ValueError) for r in results) == 10
    rows = await store.database.read(text("SELECT count(*) FROM meta WHERE name LIKE 'n%'"))
    assert rows[0][0] == 20


async def test_a_job_of_a_caller_that_went_away_is_harmless(store):
    """A cancelled caller neither stops the writer nor breaks later jobs."""

    task = asyncio.create_task(store.held.put(b"m", "r", "", []))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.held.put(b"m", "r", "", [])
    assert 1 <= len(await store.held.list()) <= 2


async def test_housekeeping_forgets_what_is_over_and_keeps_the_rest(store, clock):
    """Expired memory, windows, held mail and ledger entries go; what is still of use stays."""
    from pansentry.outcome import EnqueueLetter

    await store.memory.remember(("short",), 10)
    await store.memory.remember(("long",), 10 * 86400)
    await store.held.put(b"short", "r", "", [], keep_s=10)
    kept = await store.held.put(b"long", "r", "", [])
    await store.ledger.untold("old")
    await store.outbox.file_letter(EnqueueLetter("a@x.example", b"m", "w", 10))
    clock.now += 8 * 86400
    store.events.record({"kind": "message"})
    await store.housekeeping()
    assert not store.memory.had_card(("short",))
    assert store.memory.had_card(("long",))
    assert [mail.id for mail in await store.held.list()] == [kept]
    assert not await store.ledger.is_repeat("old", thorough=True)
    assert await store.outbox.waiting() == 1
    assert (await store.database.read(text("SELECT count(*) FROM reply_windows")))[0][0] == 0


async def test_memory_lives_on_while_the_store_is_away(store, caplog):
    """What is known stays known when the database cannot be read; the error is logged by its type."""
    await store.memory.remember(("t",), 100)
    with away(store):
        store.memory._look_again = 0
        assert store.memory.had_card(("t",))
        await store.memory.close()
    assert "memory not read" in caplog.text


def test_memory_may_be_asked_from_a_thread(clock):
    """Asked where no event loop runs, memory answers from what it knows."""
    from pansentry.store.memory import Memory

    class Database:
        pass

    database = Database()
    database.clock = clock
    memory = Memory(database)
    memory._know("t", clock.now + 1)
    assert memory.had_card(("t",))


async def test_events_that_pile_up_are_bounded(store, monkeypatch):
    """At the limit of waiting events the next one is dropped and counted, and mail goes on."""
    monkeypatch.setattr("pansentry.store.events._MAX_WAITING", 3)
    for n in range(5):
        store.events.record({"kind": "message", "size_bytes": n})
    assert store.events.dropped == 2
    await store.events.flush()
    assert await store.events.count() == {("message", ""): 3}


@pytest.mark.parametrize("odd", [object(), {"a": 1}, b"4111111111111111", [1, None, b"x"], -1, 10**30, 1e300])
async def test_odd_values_of_events_are_harmless(store, odd):
    """Whatever a field holds, recording does not raise, and no number gets through."""
    store.events.record({"kind": "message", "places": odd, "confidence": odd})
    await store.events.flush()
    (event,) = await store.events.recent()
    assert "4111111111111111" not in str(event)


async def test_folder_that_cannot_be_used_is_an_os_error(tmp_path, clock):
    """A path through a file cannot hold a database."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        await open_store(f"sqlite:///{tmp_path}/file/s.db", clock)


def test_a_hidden_process_is_alive(monkeypatch):
    """Where /proc hides what may not be looked into, a living sibling is told by a signal that does nothing."""
    monkeypatch.setattr(sqlite, "Path", lambda _path: Path("/nonexistent"))
    assert sqlite.owner_is_alive(f"{os.getpid()}.123.abcd")
    assert not sqlite.owner_is_alive("4194305.123.abcd")
    assert not sqlite.owner_is_alive("none.123.abcd")


async def test_every_process_is_heard_until_it_leaves(url):
    """Two processes, each with its version; one that says goodbye is gone at once, and a beat brings news."""
    now = [1000.0]
    ours, theirs = await open_at(url, lambda: now[0]), await open_at(url, lambda: now[0])
    await ours.nodes.beat(Node("a", "mx.shop.example", "1.0", "aa11", 900.0, 0.0))
    await theirs.nodes.beat(Node("b", "mx.shop.example", "1.0", "aa11", 950.0, 0.0))
    now[0] += BEAT_S
    await ours.nodes.beat(Node("a", "mx.shop.example", "1.0", "bb22", 900.0, 0.0))
    found = await theirs.nodes.list()
    assert [(one.machine, one.policies, one.seen_at, one.is_here) for one in found] == [
        ("a", "bb22", 1000.0 + BEAT_S, True),
        ("b", "aa11", 1000.0, True),
    ]
    await theirs.nodes.leave()
    assert [one.machine for one in await ours.nodes.list()] == ["a"]
    await theirs.close()
    await ours.close()


async def test_a_process_that_is_silent_is_shown_as_gone_for_an_hour(url):
    """Unless another one came to its machine since, which is a restart."""
    now = [1000.0]
    ours, theirs = await open_at(url, lambda: now[0]), await open_at(url, lambda: now[0])
    await theirs.nodes.beat(Node("b", "mx.shop.example", "1.0", "aa11", 950.0, 0.0))
    now[0] += MISSED * BEAT_S
    assert [(one.machine, one.is_here) for one in await ours.nodes.list()] == [("b", False)]
    await ours.nodes.beat(Node("b", "mx.shop.example", "1.0", "aa11", now[0], 0.0))
    assert [one.is_here for one in await ours.nodes.list()] == [True]
    await ours.nodes.leave()
    now[0] += GONE_S
    await ours.housekeeping()
    assert await ours.nodes.list() == ()
    await theirs.close()
    await ours.close()


async def test_an_event_that_cannot_be_written_holds_up_no_other(store, caplog):
    """One event whose value breaks while it is spelled is named in the log, and those around it are written."""

    class Broken:
        def __str__(self) -> str:
            raise ValueError

    store.events.record({"kind": "message", "rule": "first"})
    store.events.record({"kind": "message", "places": Broken()})
    store.events.record({"kind": "message", "rule": "last"})
    await store.events.flush()
    assert [event["rule"] for event in await store.events.recent()] == ["last", "first"]
    assert "event not written: ValueError" in caplog.text


async def test_stages_of_clean_mail_are_counted_like_those_of_any(store):
    """Clean mail that was counted many at a time stands in the same buckets."""
    for _ in range(2500):
        store.counted.took_clean(0.002, 0.02, 0.2)
    await store.counted.flush()
    today = tallies.day_of(store.database.clock())
    found = histograms(await store.tallies.between(today, today))
    for stage, bound, seconds in (("judge", "0.0025", 5.0), ("relay", "0.025", 50.0), ("total", "0.25", 500.0)):
        rows, total = found[stage]
        before = next(number for (name, _), (_, number) in zip(rows[1:], rows, strict=False) if name == bound)
        assert (before, dict(rows)[bound], round(total)) == (0, 2500, seconds)
