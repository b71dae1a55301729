"""Events in PostgreSQL: one table for each month, so that old ones are dropped and not deleted one by one.

In: a connection inside a transaction, and times in seconds since the epoch. Months are those of UTC. Tables are made
two months ahead, whenever a store is opened and by housekeeping; what falls outside (a clock that is wrong) lands in
``events_other`` and is moved when its month gets a table.

An event is kept until its whole month is over for long enough, so up to a month longer than was asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, Table, text

from pansentry.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

MONTHS_AHEAD = 2
_OTHER = "events_other"
_PREFIX = "events_"
_NAMES = text(
    "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'events'::regclass"
)


def make_events(connection: Connection) -> None:
    """Make the parent table, with the columns of :data:`pansentry.store.schema.events`, and the one for strays."""
    columns: list[Column[Any]] = [Column("id", BigInteger, primary_key=True, autoincrement=True)]
    for column in list(schema.events.columns)[1:]:
        is_time = column.name == "at"
        columns.append(Column(column.name, column.type, primary_key=is_time, index=is_time, nullable=False))
    Table("events", MetaData(), *columns, postgresql_partition_by="RANGE (at)").create(connection)
    connection.execute(text(f"CREATE TABLE {_OTHER} PARTITION OF events DEFAULT"))


def make_months(connection: Connection, now: float) -> None:
    """Make the tables of this month and the next ones, if they are not there."""
    there = {row.relname for row in connection.execute(_NAMES)}
    start = _first_of_month(now)
    for _ in range(MONTHS_AHEAD + 1):
        end = _after(start)
        name = f"{_PREFIX}{start:%Y_%m}"
        if name not in there:
            _make_month(connection, name, start.timestamp(), end.timestamp())
        start = end


def forget_before(connection: Connection, before: float) -> int:
    """Drop the months that ended before a time, and delete older strays; returns how many events are gone."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))  # counting a large month takes a while
    gone = 0
    for (name,) in connection.execute(_NAMES).all():
        if name != _OTHER and _end_of(name) <= before:
            gone += connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608  our own name
            connection.execute(text(f'DROP TABLE "{name}"'))
    strays = connection.execute(text(f"DELETE FROM {_OTHER} WHERE at < :before"), {"before": before})  # noqa: S608
    return gone + strays.rowcount


def _make_month(connection: Connection, name: str, start: float, end: float) -> None:
    within = f"at >= {start:.0f} AND at < {end:.0f}"
    for statement in (
        f'CREATE TABLE "{name}" (LIKE events INCLUDING DEFAULTS)',
        f'INSERT INTO "{name}" SELECT * FROM {_OTHER} WHERE {within}',  # noqa: S608
        f"DELETE FROM {_OTHER} WHERE {within}",  # noqa: S608
        f'ALTER TABLE events ATTACH PARTITION "{name}" FOR VALUES FROM ({start:.0f}) TO ({end:.0f})',
    ):
        connection.execute(text(statement))


def _end_of(name: str) -> float:
    return _after(datetime.strptime(name, f"{_PREFIX}%Y_%m").replace(tzinfo=UTC)).timestamp()


def _first_of_month(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _after(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
