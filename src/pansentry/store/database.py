"""What every room of the store asks of its database: jobs that write, and reads beside them.

Two engines do it: :mod:`pansentry.store.sqlite` for one machine, :mod:`pansentry.store.postgresql` for a fleet. A job
is a synchronous function that gets a connection, in plain SQLAlchemy Core, so that both run the same ones: SQLite in
its writer's thread, PostgreSQL on its asynchronous driver. A job may be run again after it failed half-way, and is
undone before that; so it changes nothing but the database.

A job that decides on what it reads says so with :meth:`Database.in_turn`. SQLite has one writer and nothing to wait
for; in PostgreSQL two nodes would otherwise both find that a customer had no letter yet, and both write one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, Row, Table, select

from pansentry.store import schema

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite  # 3 MB, of which most is for whoever has no PostgreSQL

KEY_BYTES = 32

T = TypeVar("T")
Clock = Callable[[], float]
Job = Callable[[Connection], T]


class StoreAwayError(Exception):
    """The database does not answer now; nothing was tried, so that mail need not wait for it."""


class Database(Protocol):
    """Engine, clock, the key for tokens, and who we are among the processes that share it (``owner``)."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def key(self) -> bytes:
        """32 bytes."""

    @property
    def owner(self) -> str:
        """A name that no other process has or had."""

    @property
    def is_away(self) -> bool:
        """True while the database does not answer: writing and reading fail at once then."""

    @property
    def is_shared(self) -> bool:
        """True if other machines may use it too."""

    async def write(self, job: Job[T]) -> T:
        """Run a job inside a transaction; when this returns, it is on disk. An exception of the job undoes it.

        A job gets a connection and must not keep it. Cancelling the caller does not stop a job that has begun.
        """

    async def read(self, statement: Executable) -> Sequence[Row[Any]]:
        """Run one SELECT and return its rows."""

    def keyed(self, purpose: str, *parts: bytes | memoryview) -> str:
        """Return a keyed token (:func:`token`)."""

    def insert_or(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that has ``on_conflict_do_…`` (both engines spell it alike)."""

    def contains(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        """Return ``column LIKE pattern`` without regard to case; the backslash takes signs for themselves."""

    def in_turn(self, connection: Connection, what: str) -> None:
        """Wait inside a job until nobody else is in a job about ``what``; until the job's end."""

    def announce(self, connection: Connection, what: str) -> None:
        """Tell the other nodes, once the job is committed; they ask the database what is new."""

    def listen(self, on_news: Callable[[str], None]) -> None:
        """Have ``on_news`` called in the event loop with what others announce, and after an outage."""

    async def living(self, owners: Iterable[str]) -> frozenset[str]:
        """Return those of the owners that are still there."""

    async def may_lead(self) -> bool:
        """True if retention, lists and sweeps are this process's duty; of a fleet, one has it."""

    async def tidy(self) -> None:
        """Do what the engine needs from time to time, so that deleted content does not linger."""

    async def close(self) -> None:
        """Finish what waits, tidy and disconnect."""

    async def disconnect(self) -> None:
        """Let go of everything at once."""


def token(key: bytes, purpose: str, *parts: bytes | memoryview) -> str:
    """Return a keyed token: 128 bits of HMAC-SHA256 over the purpose and the parts, hexadecimal."""
    digest = hmac.new(key, purpose.encode(), sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()[:32]


def schema_version(connection: Connection) -> int:
    """Return the version of the tables."""
    statement = select(schema.meta.c.value).where(schema.meta.c.name == "schema")
    return int(connection.execute(statement).scalar_one())


def check_version(found: int) -> None:
    """Raise ValueError, with a fix, unless a database of this version can be used as it is."""
    if found > schema.SCHEMA_VERSION:
        raise ValueError(
            "The database was written by a later version of PanSentry. Install that version, or name another file."
        )
    if found < schema.SCHEMA_VERSION:
        raise ValueError(
            f"The database has schema {found}, and this version of PanSentry needs {schema.SCHEMA_VERSION}. "
            "Run `pansentry db upgrade` once; gateways of the old version may run meanwhile."
        )


async def open_database(url: str, clock: Clock, *, key: bytes | None = None) -> Database:
    """Open the database that ``url`` names, making what is not there in an empty one.

    ``key`` is for tokens, 32 bytes. SQLite makes its own beside the file if there is none; PostgreSQL must be given
    one, the same on every node. Raises ValueError with one sentence and a fix, OSError if it cannot be reached.
    """
    if url.startswith(("postgresql:", "postgresql+")):
        from pansentry.store.postgresql import open_postgresql

        return await open_postgresql(url, clock, key=key)
    from pansentry.store.sqlite import open_sqlite

    return await open_sqlite(url, clock, key=key)
