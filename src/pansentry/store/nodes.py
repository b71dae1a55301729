"""The processes that serve mail: each writes now and then that it is there, with which version and which policies.

In: what a process says of itself. Out: all of them, for the page of health: of a fleet every node, of one machine every
worker. A process is named by its owner's name in the store (:attr:`Database.owner`), so that one which is gone is known
at once: on PostgreSQL by its lock, on SQLite by its number. It is shown for an hour as gone, unless another one of the
same machine has come since: then it was a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from pansentry.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from pansentry.store.database import Database

BEAT_S = 30.0
MISSED = 4
"""So many beats late, and a process counts as gone even if it still has its lock: its event loop does not turn."""
GONE_S = 3600.0
_N = schema.nodes.c


@dataclass(frozen=True, slots=True)
class Node:
    """One process. Times are seconds since the epoch; ``policies`` is the version of its policies."""

    machine: str
    hostname: str
    version: str
    policies: str
    started_at: float
    seen_at: float
    is_here: bool = True
    """False for one that ended without saying so."""


class Nodes:
    """Who serves mail with this store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, node: Node) -> None:
        """Note that this process is there; ``seen_at`` is now."""
        said = {
            "machine": node.machine[:255],
            "hostname": node.hostname[:255],
            "version": node.version[:32],
            "policies": node.policies[:64],
            "started_at": node.started_at,
            "seen_at": self._database.clock(),
        }
        statement = self._database.insert_or(schema.nodes).values(owner=self._database.owner, **said)
        upsert = statement.on_conflict_do_update(index_elements=["owner"], set_=said)
        await self._database.write(lambda connection: connection.execute(upsert))

    async def leave(self) -> None:
        """Take this process out: it ends as it was told to."""
        statement = delete(schema.nodes).where(_N.owner == self._database.owner)
        await self._database.write(lambda connection: connection.execute(statement))

    async def list(self) -> tuple[Node, ...]:
        """Return every process, by machine and age; those that ended unasked as not here."""
        rows = await self._database.read(select(schema.nodes).order_by(_N.machine, _N.started_at))
        living = await self._database.living(row.owner for row in rows)
        late = self._database.clock() - MISSED * BEAT_S
        found = [
            Node(
                row.machine,
                row.hostname,
                row.version,
                row.policies,
                row.started_at,
                row.seen_at,
                is_here=row.owner in living and row.seen_at > late,
            )
            for row in rows
        ]
        return tuple(node for node in found if node.is_here or not _was_replaced(node, found))

    async def forget_gone(self) -> None:
        """Delete what has not been heard of for an hour."""
        before = self._database.clock() - GONE_S

        def forget(connection: Connection) -> None:
            connection.execute(delete(schema.nodes).where(_N.seen_at < before))

        await self._database.write(forget)


def _was_replaced(gone: Node, found: Iterable[Node]) -> bool:
    """A process that came to the same machine after the last word of one that is gone: a restart."""
    return any(one.is_here and one.machine == gone.machine and one.started_at >= gone.seen_at for one in found)
