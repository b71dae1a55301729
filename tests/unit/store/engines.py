"""Both engines for one suite: stores on SQLite files and in databases of a real PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from pansentry.store import Store, open_store

KEY = b"k" * 32
"""What the nodes of a fleet share; SQLite makes its own beside the file."""


def is_sqlite(url: str) -> bool:
    """Tell which engine a URL names."""
    return url.startswith("sqlite:")


async def open_at(url: str, clock: Callable[[], float]) -> Store:
    """Open a store as one process does; every call is another process."""
    return await open_store(url, clock, key=None if is_sqlite(url) else KEY)


@contextlib.contextmanager
def away(store: Store) -> Iterator[None]:
    """Let the database of a store be away for a while."""
    database: Any = store.database
    if hasattr(database, "attendant"):
        database.attendant.is_away = True
        yield
        database.attendant.is_away = False
    else:
        engine, database.engine = database.engine, None
        yield
        database.engine = engine
