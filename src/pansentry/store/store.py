"""The store: everything the gateway keeps, opened once for each process.

Events, outbox with reply windows, conversation memory, ledger, held mail and audit share one database and one clock.
None of them is ever given card data; the test ``tests/unit/store/test_no_card_data.py`` reads the files afterwards.
"""

from __future__ import annotations

import errno
import hmac
import os
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from pansentry.configuration import without_secret
from pansentry.errors import UnavailableError
from pansentry.store.accounts import Accounts
from pansentry.store.audit import Audit
from pansentry.store.codes import Codes
from pansentry.store.counted import Counted
from pansentry.store.customers import Customers
from pansentry.store.database import Clock, Database, open_database
from pansentry.store.events import Events
from pansentry.store.held import Held
from pansentry.store.history import History
from pansentry.store.ledger import Ledger
from pansentry.store.memory import Memory
from pansentry.store.nodes import Nodes
from pansentry.store.outbox import Outbox
from pansentry.store.people import People
from pansentry.store.tallies import Tallies
from pansentry.store.versions import Versions

if TYPE_CHECKING:
    from pansentry.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Store:
    """The rooms of the store."""

    database: Database
    events: Events
    outbox: Outbox
    memory: Memory
    ledger: Ledger
    held: Held
    audit: Audit
    versions: Versions
    people: People
    customers: Customers
    codes: Codes
    accounts: Accounts
    history: History
    tallies: Tallies
    counted: Counted
    nodes: Nodes

    @property
    def key(self) -> bytes:
        """The key for tokens of this installation; it never leaves the process."""
        return self.database.key

    async def housekeeping(self, *, keep_events_s: float = 400 * 86400.0) -> None:
        """Refresh memory, delete what has expired, truncate the WAL. Call it every few minutes.

        Of a fleet, one process deletes; what each one keeps in its memory it looks after itself.
        """
        now = self.database.clock()
        await self.memory.refresh()
        await self.memory.forget_expired()
        await self.ledger.forget_expired()
        await self.customers.refresh()
        if await self.database.may_lead():
            await self.outbox.release_dead()
            await self.outbox.forget_expired()
            await self.held.forget_expired()
            await self.events.forget_before(now - keep_events_s)
            await self.customers.forget_expired()
            await self.codes.forget_before(now - keep_events_s)
            await self.accounts.forget_expired()
            await self.nodes.forget_gone()
        await self.database.tidy()

    async def close(self) -> None:
        """Write what waits and close the files."""
        await self.events.close()
        await self.counted.close()
        await self.memory.close()
        await self.database.close()


async def open_configured(configuration: Configuration, clock: Clock = time.time) -> Store:
    """Open the store that a configuration names. Raises UnavailableError, with the reason and without a password."""
    key = None
    if configuration.secret is not None and not configuration.store.startswith("sqlite:"):
        key = hmac.new(configuration.secret.encode(), b"pansentry store", sha256).digest()
    try:
        return await open_store(configuration.store, clock, key=key)
    except (OSError, ValueError, DatabaseError) as error:
        why = _why(error, configuration.store)
        raise UnavailableError(f"the store {without_secret(configuration.store)} cannot be opened: {why}") from None


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_LEAST_BYTES, _LEAST_FILES = 128 * 1024, 3
"""Below this SQLite says "disk I/O error" as often as that the disk is full; it needs a journal beside the database."""


def _why(error: Exception, url: str) -> str:
    """Say why a store cannot be opened: of a full disk which one, and what to do."""
    folder = _folder_of(url)
    if folder is not None and (getattr(error, "errno", 0) in _FULL or _is_full(folder)):
        return f"the disk that holds {folder} is full. Make room there, and start again."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f' ({error.filename})' if error.filename else ''}"
    return str(error.orig if isinstance(error, DatabaseError) else error)


def _folder_of(url: str) -> Path | None:
    """Return the folder that is there already of those that lead to the file of a store; None if it is no file."""
    from pansentry.store.sqlite import sqlite_path

    try:
        path = sqlite_path(url)
    except ValueError:
        return None
    return None if path is None else next((one for one in path.absolute().parents if os.path.isdir(one)), None)


def _is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:  # a folder that we may not look at
        return False
    if disk.f_blocks == 0:  # no disk at all (/proc, /sys): something else is wrong there
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_BYTES or (disk.f_files > 0 and disk.f_favail < _LEAST_FILES)


async def open_store(url: str, clock: Clock = time.time, *, key: bytes | None = None) -> Store:
    """Open the store at ``url`` (``sqlite:///relative``, ``sqlite:////absolute``, ``postgresql://…``); ``key`` is for
    tokens, 32 bytes, and needed for PostgreSQL.

    What earlier processes left is taken over: leases of dead workers end, unanswered transactions are known again.
    Raises ValueError (what is wrong, what to write instead) and OSError (the file cannot be used).
    """
    database = await open_database(url, clock, key=key)
    customers, codes = Customers(database), Codes(database)
    store = Store(
        database,
        Events(database),
        Outbox(database, customers, codes),
        Memory(database),
        Ledger(database),
        Held(database),
        Audit(database),
        Versions(database),
        People(database),
        customers,
        codes,
        Accounts(database),
        History(database),
        Tallies(database),
        Counted(database),
        Nodes(database),
    )
    try:
        await store.ledger.load()
        await store.outbox.release_dead()
        await store.memory.refresh()
        await customers.refresh()
        await store.accounts.seal_secrets()
    except BaseException:
        await database.disconnect()
        raise
    return store
