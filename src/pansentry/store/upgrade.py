"""From the tables of an earlier version to those of this one: Alembic, run by ``pansentry db upgrade`` and only then.

In: the URL of a store. Out: its version before and after. The version that counts is ``schema`` in the table ``meta``;
Alembic is told what it says, and runs the steps in ``migrations/versions`` that come after, each named by its number
(``0001`` …). All of it is one transaction: a step that fails leaves everything as it was.

An empty database gets all tables as they are now. Steps are to be written so that gateways of the version before can go
on meanwhile (add, then use, then take away in a later version); that is what a rolling upgrade needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import inspect, update

from pansentry.store import schema
from pansentry.store.database import schema_version

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEPS = Path(__file__).with_name("migrations")
_MISSING = "The library for this is not installed. Run `pip install alembic` where PanSentry is installed."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Versions of the tables; ``before`` is 0 for a database that was empty."""

    before: int
    after: int


def upgrade(url: str, *, steps: Path = STEPS) -> Upgraded:
    """Bring the tables of a store up to this version. Raises ValueError with a fix, OSError if it cannot be reached."""
    return _on(url, partial(_upgrade, steps=steps))


def version_of(url: str) -> int:
    """Return the version of the tables of a store, 0 for an empty one. Raises what :func:`upgrade` does."""
    return _on(url, _version)


def _upgrade(connection: Connection, steps: Path) -> Upgraded:
    if connection.dialect.name == "postgresql":
        from pansentry.store.postgresql import make_tables, take_turn

        take_turn(connection, "schema")
    else:
        from pansentry.store.sqlite import make_tables
    before = _version(connection)
    if not before:
        make_tables(connection)
        return Upgraded(0, schema_version(connection))
    newest = max(int(file.name[:4]) for file in (steps / "versions").glob("[0-9]*.py"))
    if before >= newest:  # asked at every start by the unit of systemd: the library takes half a second to load
        return Upgraded(before, before)
    try:
        from alembic import command
        from alembic.config import Config
    except ImportError:
        raise ValueError(_MISSING) from None
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(steps))
    command.stamp(config, f"{before:04}", purge=True)
    command.upgrade(config, "head")
    connection.execute(update(schema.meta).where(schema.meta.c.name == "schema").values(value=str(newest)))
    return Upgraded(before, newest)


def _version(connection: Connection) -> int:
    return schema_version(connection) if inspect(connection).has_table("meta") else 0


def _on(url: str, job: Callable[[Connection], T]) -> T:
    """Run a job in one transaction on a connection of its own, without opening the store."""
    if url.startswith("sqlite:"):
        from pansentry.store.sqlite import in_file

        return in_file(url, job)
    from pansentry.store.postgresql import in_database

    return asyncio.run(in_database(url, job))
