"""PostgreSQL as the store of a fleet: the same rooms and jobs, on asyncpg.

In: ``postgresql://user:password@host:port/database``, and a key that all nodes share. Options in the URL: ``sslmode``
and ``sslrootcert`` as libpq has them, ``host`` for the folder of a socket. A job runs in a transaction of its own
(``run_sync``), on one of :data:`CONNECTIONS` connections; many at once share the sync of the server's disk.

What SQLite gets from having one writer, a job gets from :meth:`PostgresDatabase.in_turn`: a lock until the end of its
transaction, for the fleet. A job that met a deadlock, or a connection that ended before the commit, is run again; one
whose commit was not answered is not, because nobody knows what became of it.

Limits: every statement has a time-out, and while the database is away (:mod:`pansentry.store.attendant`) everything
fails at once, so that mail never waits long for it. Messages of errors hold no parameters and no password.
Needs PostgreSQL 13 or later, tested with 15, and the extra ``postgres``.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Executable, Row, Select, Table, func, insert, inspect, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pansentry.store import partitions, schema
from pansentry.store.attendant import Attendant, lock_number
from pansentry.store.database import KEY_BYTES, Clock, Job, StoreAwayError, T, check_version, schema_version, token

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTIONS = 8
"""Of each process, and one more that is kept for locks and announcements."""
CONNECT_S, STATEMENT_S, LOCK_S = 5.0, 10.0, 5.0
_TRIES = 3
_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: PostgreSQL asks to try the whole transaction again."""
_GONE = ("08", "57P0")
"""Classes of states in which the connection, not the statement, is at fault."""
_FINGERPRINT = "key"
_SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
_REFUSALS = {
    "28P01": "The user or the password is wrong.",
    "28000": "The server does not let this user in from here; see its pg_hba.conf.",
    "3D000": "There is no such database; make it with `createdb`.",
    "53300": "The server has no connection left; raise its max_connections, each gateway process needs nine.",
    "57P03": "The server is starting or stopping.",
    "42501": "The user may not make tables there; let it own the database.",
}
_EXAMPLE = "Write postgresql://user:password@host/database."


@dataclass(slots=True)
class PostgresDatabase:
    """The connections of one process to the database of a fleet."""

    engine: AsyncEngine = field(repr=False)
    clock: Clock
    key: bytes = field(repr=False)
    owner: str
    attendant: Attendant
    _running: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def is_away(self) -> bool:
        """True from the moment the database went until it is back."""
        return self.attendant.is_away

    @property
    def is_shared(self) -> bool:
        """Always."""
        return True

    async def write(self, job: Job[T]) -> T:
        """Run a job inside a transaction; when this returns, it is on disk. An exception of the job undoes it.

        A job gets a connection and must not keep it. Cancelling the caller does not stop a job that has begun.
        Raises StoreAwayError at once while the database is away.
        """
        task = asyncio.get_running_loop().create_task(self._write(job))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its caller may be gone

    async def _write(self, job: Job[T]) -> T:
        tries = 0
        while True:
            self._must_be_there()
            tries += 1
            is_done = False
            try:
                async with self.engine.connect() as connection, connection.begin():
                    result = await connection.run_sync(job)
                    is_done = True
            except Exception as error:
                if is_done or tries == _TRIES or not _is_passing(error):
                    raise
            else:
                return result

    async def read(self, statement: Executable) -> Sequence[Row[Any]]:
        """Run one SELECT and return its rows. Raises StoreAwayError at once while the database is away."""
        tries = 0
        while True:
            self._must_be_there()
            tries += 1
            try:
                async with self.engine.connect() as connection:
                    alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    return (await alone.execute(statement)).all()
            except Exception as error:
                if tries == _TRIES or not _is_passing(error):
                    raise

    def _must_be_there(self) -> None:
        if self.attendant.is_away:
            raise StoreAwayError("the database does not answer")

    def keyed(self, purpose: str, *parts: bytes | memoryview) -> str:
        """Return a keyed token (:func:`pansentry.store.database.token`)."""
        return token(self.key, purpose, *parts)

    def insert_or(self, table: Table) -> postgresql.Insert:
        """Return an INSERT that has ``on_conflict_do_…``."""
        return postgresql.insert(table)

    def contains(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        """Return ``column ILIKE pattern``."""
        return column.ilike(pattern, escape="\\")

    def in_turn(self, connection: Connection, what: str) -> None:
        """Wait until no node is in a job about ``what``; until the job's end."""
        take_turn(connection, what)

    def announce(self, connection: Connection, what: str) -> None:
        """Tell the other nodes when the job is committed."""
        connection.execute(select(func.pg_notify("pansentry", what)))

    def listen(self, on_news: Callable[[str], None]) -> None:
        """Have ``on_news`` called with what others announce, and after an outage."""
        self.attendant.on_news = on_news

    async def living(self, owners: Iterable[str]) -> frozenset[str]:
        """Return those of the owners that are connected, on whatever machine."""
        self._must_be_there()
        return await self.attendant.living(owners)

    async def may_lead(self) -> bool:
        """True for the one process of the fleet that has the duties of housekeeping."""
        return not self.attendant.is_away and await self.attendant.may_lead()

    async def tidy(self) -> None:
        """Nothing: PostgreSQL cleans up by itself (autovacuum)."""

    async def close(self) -> None:
        """Finish what waits and disconnect."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        await self.disconnect()

    async def disconnect(self) -> None:
        """Let go of the connections."""
        await self.attendant.close()
        await self.engine.dispose()


async def open_postgresql(url: str, clock: Clock, *, key: bytes | None = None) -> PostgresDatabase:
    """Connect, and make the tables if the database is empty; several nodes may do so at one time.

    Raises ValueError (one sentence, with a fix and without the password) for a URL or a database that cannot be used,
    OSError if it cannot be reached.
    """
    arguments = connection_arguments(url)
    if key is None or len(key) != KEY_BYTES:
        raise ValueError(
            "A store on PostgreSQL needs `secret`, the same on every node; name a file of 32 characters or more in "
            "PANSENTRY_SECRET_FILE."
        )
    connect = connector(arguments, timeouts=True)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=STATEMENT_S,
        hide_parameters=True,
    )
    owner = f"{socket.gethostname()[:20]}:{os.getpid()}.{secrets.token_hex(8)}"
    database = PostgresDatabase(engine, clock, key, owner, Attendant(connect, owner))
    try:
        await database.attendant.open()
        await database.write(partial(_prepare, database))
    except BaseException as error:
        await database.disconnect()
        if sentence := refusal(error):
            raise ValueError(sentence) from None
        raise
    database.attendant.keep()
    return database


async def look(url: str, statement: Select[Any]) -> Any:
    """Return one value, without opening the store; None from a database that cannot be reached. Raises ValueError."""
    try:
        return await in_database(url, lambda connection: connection.execute(statement).scalar())
    except OSError:
        return None


async def in_database(url: str, job: Job[T]) -> T:
    """Run a job in one transaction without opening the store and without time-outs. Raises as opening does."""
    connect = connector(connection_arguments(url), timeouts=False)
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(job)
    except Exception as error:
        if sentence := refusal(error):
            raise ValueError(sentence) from None
        raise
    finally:
        await engine.dispose()


def take_turn(connection: Connection, what: str) -> None:
    """Wait until nobody else is in a transaction about ``what``; until the end of this one."""
    connection.execute(select(func.pg_advisory_xact_lock(lock_number("turn", what))))


def connector(arguments: Mapping[str, Any], *, timeouts: bool) -> Callable[[], Any]:
    """Return what opens one connection; ``timeouts`` bound every statement and lock of it. Raises ValueError."""
    try:
        import asyncpg  # type: ignore[import-untyped]
    except ImportError:
        raise ValueError(
            "The library for PostgreSQL is not installed. Run `pip install 'pansentry[postgres]'`."
        ) from None
    settings = {"application_name": "pansentry"}
    if timeouts:
        settings |= {
            "lock_timeout": f"{LOCK_S * 1000:.0f}",
            "statement_timeout": f"{STATEMENT_S * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{STATEMENT_S * 1000:.0f}",
        }
    command_timeout = STATEMENT_S + CONNECT_S if timeouts else None
    return partial(
        asyncpg.connect, **arguments, timeout=CONNECT_S, command_timeout=command_timeout, server_settings=settings
    )


def connection_arguments(url: str) -> Mapping[str, Any]:
    """Return what asyncpg is to connect with. Raises ValueError, without the password in it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"The store is no URL. {_EXAMPLE}") from None
    if parsed.drivername not in ("postgresql", "postgresql+asyncpg"):
        raise ValueError(f"The store names another driver than ours. {_EXAMPLE}")
    if not parsed.database:
        raise ValueError(f"The store names no database. {_EXAMPLE}")
    query = dict(parsed.query)
    host = query.pop("host", parsed.host) or "127.0.0.1"
    mode, authorities = query.pop("sslmode", "prefer"), query.pop("sslrootcert", "")
    if query or not isinstance(host, str):
        named = ", ".join(sorted(query)) or "more than one host"
        raise ValueError(f"The store has options we do not know: {named}. There are sslmode, sslrootcert and host.")
    if mode not in _SSL_MODES:
        raise ValueError(f"The store has an sslmode we do not know. Write one of {', '.join(_SSL_MODES)}.")
    return {
        "host": host,
        "port": parsed.port or 5432,
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
        "ssl": _context(str(mode), str(authorities)) if authorities and str(mode).startswith("verify") else mode,
    }


def refusal(error: BaseException) -> str:
    """Return what a refusal of the server means and what to do; ``""`` for any other error."""
    state = _state(error)
    if known := _REFUSALS.get(state):
        return known
    return f"The database refused with state {state}; its own log says why." if state else ""


def _context(mode: str, authorities: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authorities)
    except OSError as error:  # of which ssl.SSLError is one
        why = error.strerror or type(error).__name__
        raise ValueError(f"The file of `sslrootcert` cannot be used: {why}. Name a file of certificates.") from None
    context.check_hostname = mode == "verify-full"
    return context


def _state(error: BaseException) -> str:
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


def _is_passing(error: Exception) -> bool:
    """True for what another try may not meet again."""
    if isinstance(error, OSError) or getattr(error, "connection_invalidated", False):
        return True
    state = _state(error)
    return state in _AGAIN or state.startswith(_GONE)


def _prepare(database: PostgresDatabase, connection: Connection) -> None:
    database.in_turn(connection, "schema")
    if not inspect(connection).has_table("meta"):
        make_tables(connection)
    check_version(schema_version(connection))
    partitions.make_months(connection, database.clock())
    ours = database.keyed("fingerprint")
    row = database.insert_or(schema.meta).values(name=_FINGERPRINT, value=ours).on_conflict_do_nothing()
    connection.execute(row)
    if connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == _FINGERPRINT)).scalar_one() != ours:
        raise ValueError("`secret` is not the one that this database was made with; give every node the same.")


def make_tables(connection: Connection) -> None:
    """Make all tables, and note their version."""
    schema.metadata.create_all(connection, [table for table in schema.metadata.sorted_tables if table.name != "events"])
    partitions.make_events(connection)
    connection.execute(insert(schema.meta).values(name="schema", value=str(schema.SCHEMA_VERSION)))
