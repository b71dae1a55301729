"""Database files: tables under the names of their columns."""

from __future__ import annotations

import random
import sqlite3

import pytest
from tests.documents import third_texts

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import examine
from pansentry.formats import database, recognise
from pansentry.limits import DocumentLimits

NUMBER = "4929381332664295"
LIMITS = DocumentLimits()
RNG = random.Random(1)


def file(*statements: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()


@pytest.mark.parametrize("maker", [third_texts.sqlite_file, third_texts.sqlite_number, third_texts.dbase])
def test_numbers_are_found_and_the_file_is_replaced(maker: object) -> None:
    """Texts, integers of eight bytes, fields that touch each other: found under their headings; nothing is written."""
    examined = examine(maker(NUMBER, RNG))  # type: ignore[operator]
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is None


def test_a_database_without_a_card_is_the_same_bytes() -> None:
    """Order numbers stand under their heading."""
    data = file("create table orders (order_no integer, note text)", "insert into orders values (1200034500, 'ok')")
    examined = examine(data)
    assert examined.kind == "database"
    assert examined.rewritten is data
    assert not examined.unreadable


def test_only_tables_are_asked() -> None:
    """A view that would run for ever is not run; names with quotes are names."""
    endless = "create view v as with recursive c(x) as (select 1 union all select x + 1 from c) select x from c"
    data = file(endless, 'create table "a""b" (x text)', 'insert into "a""b" values (\'42\')')
    places = {passage.place: passage.text for passage in database.extract(data, LIMITS).passages}
    assert places["table 1"] == "x\n42"
    assert "table 2" not in places


def test_the_limit_on_bytes_holds() -> None:
    """What the tables say is counted, at the limit and one above it."""
    data = file("create table t (x text)", "insert into t values ('hello')")
    assert database.extract(data, DocumentLimits(max_total_bytes=8)).passages
    with pytest.raises(LimitExceededError, match="max_total_bytes"):
        database.extract(data, DocumentLimits(max_total_bytes=7))


def test_the_library_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that takes more instructions than there are to spend is too large."""
    monkeypatch.setattr(database, "_MAX_STEPS", 10)
    monkeypatch.setattr(database, "_STEPS", 5)
    data = file("create table t (x text)", *[f"insert into t values ('{n}')" for n in range(50)])
    with pytest.raises(LimitExceededError, match="max_total_bytes"):
        database.extract(data, LIMITS)


def test_broken_files_are_damage() -> None:
    """Cut off, overwritten, a schema that is none."""
    data = bytearray(file("create table t (x text)", "insert into t values ('hello')"))
    data[100:140] = bytes(range(200, 240))
    for broken in (bytes(data), database.SQLITE + b"x" * 4000):
        with pytest.raises(DamagedError, match="damaged"):
            database.extract(broken, LIMITS)


def test_texts_are_no_dbase() -> None:
    """Version, date and lengths have to fit."""
    good = third_texts.dbase(NUMBER, RNG)
    assert recognise.kinds(good) == ("database",)
    for at, value in ((0, 0x20), (2, 13), (3, 0), (8, 0xFF), (10, 0)):
        changed = bytearray(good)
        changed[at] = value
        changed[at + 1] = changed[at + 1] if at < 8 else 0xFF if at == 8 else 0
        assert "database" not in recognise.kinds(bytes(changed))


def test_a_library_that_reads_files_only_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite was built without reading out of memory, its files are unreadable, and named."""

    class Connection:
        """Has no ``deserialize``."""

    monkeypatch.setattr(sqlite3, "Connection", Connection)
    with pytest.raises(DamagedError, match="document:database"):
        database.extract(database.SQLITE + bytes(100), LIMITS)
