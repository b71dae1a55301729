"""SQLite as the store: the engine, its pragmas, and the two ways to use it.

In: a URL such as ``sqlite:////var/lib/pansentry/pansentry.db``. All jobs that wait are run in one transaction by one
thread (group commit), so that a hundred mails at once cost one sync of the disk, and the event loop never waits for
one. Measured against a transaction for each step on the asynchronous driver: an event costs 17 µs of CPU instead of
43, a letter 1.0 ms instead of 2.4, a note in the ledger 0.3 ms instead of 0.7. Clean mail makes no job at all; its
event is written in batches.

Durability: WAL with ``synchronous=FULL``, so that what is committed survives a power cut. ``secure_delete`` overwrites
what is deleted, and the WAL is truncated on closing and by :meth:`SqliteDatabase.tidy`. Temporary tables stay in
memory. Files are created readable by their owner only. Several processes may use one file; they wait for each other
(``busy_timeout``), and each writing transaction takes the lock when it begins, so that none fails half-way.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from pansentry.store import schema
from pansentry.store.database import KEY_BYTES, Clock, Job, T, check_version, schema_version, token

_BUSY_TIMEOUT_S, _BUSY_PAUSE_S = 10.0, 0.02
_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_S * 1000:.0f}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
)

_MAX_JOBS = 200
"""Jobs in one transaction: bounds how long other processes wait for the lock."""


@dataclass(slots=True)
class SqliteDatabase:
    """One file, one thread that writes, two that read."""

    engine: Engine
    clock: Clock
    key: bytes = field(repr=False)
    owner: str
    writer: ThreadPoolExecutor
    reader: ThreadPoolExecutor
    _waiting: list[tuple[Job[Any], asyncio.Future[Any]]] = field(default_factory=list)
    _working: asyncio.Task[None] | None = None

    @property
    def is_away(self) -> bool:
        """Never: a file is there or cannot be used at all."""
        return False

    @property
    def is_shared(self) -> bool:
        """Never: a file belongs to one machine."""
        return False

    async def write(self, job: Job[T]) -> T:
        """Run a job inside a transaction; when this returns, it is on disk. An exception of the job undoes it.

        A job gets a connection and must not keep it. Cancelling the caller does not stop a job that has begun.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append((job, future))
        if self._working is None or self._working.done():
            self._working = loop.create_task(self._work())
        return await future

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:_MAX_JOBS], self._waiting[_MAX_JOBS:]
            try:
                results = await loop.run_in_executor(self.writer, self._commit, [job for job, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    def _commit(self, jobs: Sequence[Job[Any]]) -> list[Any]:
        """Run jobs in one transaction, each undone alone if it fails (in the writer's thread)."""
        with self.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            if len(jobs) == 1:
                return [jobs[0](connection)]
            return [_alone(job, connection) for job in jobs]

    async def read(self, statement: Executable) -> Sequence[Row[Any]]:
        """Run one SELECT and return its rows."""
        return await asyncio.get_running_loop().run_in_executor(self.reader, self._fetch, statement)

    def _fetch(self, statement: Executable) -> Sequence[Row[Any]]:
        with self.engine.connect() as connection:
            return connection.execute(statement).all()

    def keyed(self, purpose: str, *parts: bytes | memoryview) -> str:
        """Return a keyed token (:func:`pansentry.store.database.token`)."""
        return token(self.key, purpose, *parts)

    def insert_or(self, table: Table) -> sqlite.Insert:
        """Return an INSERT that has ``on_conflict_do_…``."""
        return sqlite.insert(table)

    def contains(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        """Return ``column LIKE pattern``, which disregards the case of ASCII letters here."""
        return column.like(pattern, escape="\\")

    def in_turn(self, connection: Connection, what: str) -> None:
        """Nothing to wait for: a transaction that writes is alone from its beginning."""

    def announce(self, connection: Connection, what: str) -> None:
        """Nobody to tell: the workers of one machine watch its files."""

    def listen(self, on_news: Callable[[str], None]) -> None:
        """Nothing will be heard."""

    async def living(self, owners: Iterable[str]) -> frozenset[str]:
        """Return those of the owners that still run on this machine."""
        return frozenset(owner for owner in owners if owner_is_alive(owner))

    async def may_lead(self) -> bool:
        """Always: what housekeeping deletes is deleted once, whoever does it."""
        return True

    async def tidy(self) -> None:
        """Move the WAL into the database and truncate it, so that deleted pages do not linger there."""
        await asyncio.get_running_loop().run_in_executor(self.writer, self._truncate)

    def _truncate(self) -> None:
        with self.engine.connect().execution_options(begin="") as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def close(self) -> None:
        """Finish what waits, tidy and disconnect."""
        if self._working is not None:
            await self._working
        await self.tidy()
        await self.disconnect()

    async def disconnect(self) -> None:
        """Let go of files and threads at once."""
        self.engine.dispose()
        self.writer.shutdown(wait=False)
        self.reader.shutdown(wait=False)


def _alone(job: Job[Any], connection: Connection) -> Any:
    try:
        with connection.begin_nested():
            return job(connection)
    except Exception as error:
        return error


async def open_sqlite(url: str, clock: Clock, *, key: bytes | None = None) -> SqliteDatabase:
    """Open the database, making tables and key file if they are not there.

    ``key`` is for tokens, 32 bytes; None reads or creates ``<database>.key`` beside the file.
    Raises ValueError with one sentence and a fix for a URL that cannot be used, OSError if the file cannot be.
    """
    path = sqlite_path(url)
    writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
    if path is None:  # one connection: readers wait for the writer
        key, reader = key or secrets.token_bytes(KEY_BYTES), writer
        engine = _hooked(create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}))
    else:
        engine = _engine(path)
        key = key or read_or_create_key(path.with_name(path.name + ".key"))
        reader = ThreadPoolExecutor(2, "store-reader")
    owner = f"{os.getpid()}.{_started_at(os.getpid())}.{secrets.token_hex(4)}"
    database = SqliteDatabase(engine, clock, key, owner, writer, reader)
    try:
        await database.write(_prepare)
    except BaseException:
        await database.disconnect()
        raise
    return database


def in_file(url: str, job: Job[T]) -> T:
    """Run a job in one transaction on a file that is there, or is made. Raises what :func:`open_sqlite` does."""
    path = sqlite_path(url)
    if path is None:
        raise ValueError("A store in memory is always new. Name a file: sqlite:///path/to/pansentry.db.")
    engine = _engine(path)
    try:
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            return job(connection)
    finally:
        engine.dispose()


def _engine(path: Path) -> Engine:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return _hooked(create_engine(URL.create("sqlite", database=str(path))))


def _hooked(engine: Engine) -> Engine:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def make_tables(connection: Connection) -> None:
    """Make the tables that are not there, and note their version if there were none."""
    schema.metadata.create_all(connection)
    noted = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "schema")).first()
    if noted is None:
        connection.execute(insert(schema.meta).values(name="schema", value=str(schema.SCHEMA_VERSION)))


def _prepare(connection: Connection) -> None:
    if inspect(connection).has_table("meta"):
        check_version(schema_version(connection))
    make_tables(connection)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a ``sqlite:`` URL; None for ``sqlite:///:memory:``. Raises ValueError with a fix."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("The store is no URL. Write for example sqlite:////var/lib/pansentry/pansentry.db.") from None
    if parsed.get_backend_name() != "sqlite":
        raise ValueError("Only SQLite or PostgreSQL can be the store. Write sqlite:///path/to/pansentry.db.")
    if parsed.host or not parsed.database:
        raise ValueError("The path of the store is missing. Write sqlite:///relative/path or sqlite:////absolute/path.")
    return None if parsed.database == ":memory:" else Path(parsed.database)


def read_or_create_key(path: Path) -> bytes:
    """Return the 32 bytes in ``path``, creating them if there is no such file. Raises ValueError if it is cut short.

    The key lies beside the database and not in it: a copy of the database alone does not open its tokens.
    """
    candidate = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(candidate, path)  # of several workers that start at once, one wins
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"The key file {path.name} is damaged. Restore it from a backup, or delete it to begin anew.")
    return key


def owner_is_alive(owner: str) -> bool:
    """True if the process that ``owner`` names still runs on this machine (its number may have been given anew)."""
    number, _, rest = owner.partition(".")
    if not number.isdigit():
        return False
    started = _started_at(int(number))
    return started == rest.partition(".")[0] if started else _is_hidden(int(number))


def _is_hidden(process: int) -> bool:
    """True for a process of ours that /proc does not show: no sibling may look into us (``ProtectProc=invisible``)."""
    try:
        os.kill(process, 0)
        return not Path(f"/proc/{process}").exists()
    except OSError:
        return False


def _started_at(process: int) -> str:
    try:
        stat = Path(f"/proc/{process}/stat").read_text("ascii", "replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _execute_patiently(cursor, pragma)
    cursor.close()


def _execute_patiently(cursor: Any, statement: str) -> None:
    """Run a statement that SQLite refuses at once, whatever ``busy_timeout`` says, while another process changes the
    journal of a new database: workers that start at one time all do. Raises the refusal once the time-out is over."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_BUSY_PAUSE_S)
        else:
            return


def _on_begin(connection: Any) -> None:
    if statement := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(statement)
