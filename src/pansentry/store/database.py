"""The engine, its pragmas, and the two ways to use it: one writing transaction at a time, and reads beside it.

In: a URL such as ``sqlite:////var/lib/pansentry/pansentry.db``. SQLAlchemy Core on aiosqlite: SQLite's work runs in a
thread of its own, so a slow disk does not stop the event loop. Measured: one writing transaction costs about 1 ms of
CPU this way; so clean mail makes none (its event is written in batches), only mail with a finding does.

Durability: WAL with ``synchronous=FULL``, so that what is committed survives a power cut. ``secure_delete`` overwrites
what is deleted, and the WAL is truncated on closing and by :meth:`Database.tidy`. Temporary tables stay in memory.
Files are created readable by their owner only. Several processes may use one file; they wait for each other
(``busy_timeout``), and each writing transaction takes the lock when it begins, so that none fails half-way.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, Row, Table, event, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pansentry.store import schema

_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
)
KEY_BYTES = 32

Clock = Callable[[], float]


@dataclass(slots=True)
class Database:
    """What every table needs: engine, clock, dice, the key for tokens, and who we are."""

    engine: AsyncEngine
    clock: Clock
    dice: random.Random
    key: bytes = field(repr=False)
    owner: str
    one_connection: bool = False
    """True for a database in memory: readers wait for the writer."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction; committed at the end, rolled back on an exception."""
        async with self._lock, self.engine.connect() as connection:
            await connection.execution_options(begin="BEGIN IMMEDIATE")
            async with connection.begin():
                yield connection

    async def read(self, statement: Executable) -> Sequence[Row[Any]]:
        """Run one SELECT and return its rows."""
        async with self._lock if self.one_connection else nullcontext(), self.engine.connect() as connection:
            return (await connection.execute(statement)).all()

    def keyed(self, purpose: str, *parts: bytes | memoryview) -> str:
        """Return a keyed token: 128 bits of HMAC-SHA256 over the purpose and the parts, hexadecimal."""
        digest = hmac.new(self.key, purpose.encode(), sha256)
        for part in parts:
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        return digest.hexdigest()[:32]

    def insert_or(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that has ``on_conflict_do_…`` (both engines spell it alike)."""
        return sqlite.insert(table) if self.engine.dialect.name == "sqlite" else postgresql.insert(table)

    async def tidy(self) -> None:
        """Move the WAL into the database and truncate it, so that deleted pages do not linger there."""
        if self.engine.dialect.name == "sqlite":
            async with self._lock, self.engine.connect() as connection:
                await connection.execution_options(begin="")
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def close(self) -> None:
        """Tidy and disconnect."""
        await self.tidy()
        await self.engine.dispose()


async def open_database(
    url: str, clock: Clock, *, key: bytes | None = None, dice: random.Random | None = None
) -> Database:
    """Open the database, making tables and key file if they are not there.

    ``key`` is for tokens, 32 bytes; None reads or creates ``<database>.key`` beside the file.
    Raises ValueError with one sentence and a fix for a URL that cannot be used, OSError if the file cannot be.
    """
    path = sqlite_path(url)
    if path is None:
        target, key = "sqlite+aiosqlite:///:memory:", key or secrets.token_bytes(KEY_BYTES)
    else:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        target, key = f"sqlite+aiosqlite:///{path}", key or read_or_create_key(path.with_name(path.name + ".key"))
    engine = create_async_engine(target)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    owner = f"{os.getpid()}.{_started_at(os.getpid())}.{secrets.token_hex(4)}"
    database = Database(engine, clock, dice or random.SystemRandom(), key, owner, one_connection=path is None)
    try:
        await _prepare(database)
    except BaseException:
        await engine.dispose()
        raise
    return database


async def _prepare(database: Database) -> None:
    async with database.write() as connection:
        await connection.run_sync(schema.metadata.create_all)
        rows = (await connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "schema"))).all()
        if not rows:
            await connection.execute(insert(schema.meta).values(name="schema", value=str(schema.SCHEMA_VERSION)))
        elif int(rows[0].value) > schema.SCHEMA_VERSION:
            raise ValueError(
                "The database was written by a later version of PanSentry. Install that version, or name another file."
            )


def sqlite_path(url: str) -> Path | None:
    """Return the file of a ``sqlite:`` URL; None for ``sqlite:///:memory:``. Raises ValueError with a fix."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("The store is no URL. Write for example sqlite:////var/lib/pansentry/pansentry.db.") from None
    if parsed.get_backend_name() == "postgresql":
        raise ValueError("PostgreSQL is not supported by this version. Write sqlite:///path/to/pansentry.db.")
    if parsed.get_backend_name() != "sqlite":
        raise ValueError("Only SQLite can be the store. Write sqlite:///path/to/pansentry.db.")
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
    return number.isdigit() and _started_at(int(number)) == rest.partition(".")[0] != ""


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
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Any) -> None:
    if statement := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(statement)
