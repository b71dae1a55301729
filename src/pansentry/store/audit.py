"""The audit log: who changed what, append only, each entry sealed with a keyed hash over all before it.

A changed, moved or missing entry in the middle breaks the chain from there; :meth:`Audit.verify` names the first bad
number. Cutting entries off at the end is seen only against a number noted elsewhere (``verify`` returns the last).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from pansentry.store import schema
from pansentry.store.database import Database
from pansentry.store.scrubbing import scrubbed

_ROW = schema.audit.c
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. ``did`` is a stable code such as ``policy.reload``; ``what`` says to what, without card data."""

    number: int
    at: float
    who: str
    did: str
    what: str
    chain: str


@dataclass(frozen=True, slots=True)
class Verified:
    """``first_bad`` is 0 when the chain is whole; ``last`` is the number of the newest entry."""

    first_bad: int
    last: int


class Audit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, who: str, did: str, what: str = "") -> int:
        """Append an entry and return its number."""
        return await self._database.write(lambda connection: append_entry(self._database, connection, who, did, what))

    async def list(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return the newest entries, newest first."""
        rows = await self._database.read(select(schema.audit).order_by(_ROW.number.desc()).limit(limit))
        return tuple(AuditEntry(row.number, row.at, row.who, row.did, row.what, row.chain) for row in rows)

    async def count_between(self, begin: float, end: float) -> dict[str, int]:
        """Return how often each thing was done from a time up to another."""
        statement = select(_ROW.did, func.count().label("number")).where(_ROW.at >= begin, _ROW.at < end)
        return {row.did: row.number for row in await self._database.read(statement.group_by(_ROW.did))}

    async def verify(self, newest: int = 0) -> Verified:
        """Check the chain, a page at a time: the whole, or that of so many ``newest`` entries by themselves."""
        expected, before = 1, ""
        if newest:
            rows = await self._database.read(
                select(_ROW.number, _ROW.chain).order_by(_ROW.number.desc()).offset(newest).limit(1)
            )
            expected, before = (int(rows[0].number) + 1, rows[0].chain) if rows else (1, "")
        while True:
            rows = await self._database.read(
                select(schema.audit).where(_ROW.number >= expected).order_by(_ROW.number).limit(_PAGE)
            )
            for row in rows:
                seal = _seal(self._database, row.number, row.at, row.who, row.did, row.what, before)
                if row.number != expected or row.chain != seal:
                    return Verified(expected, row.number)
                expected, before = expected + 1, row.chain
            if len(rows) < _PAGE:
                return Verified(0, expected - 1)


def append_entry(database: Database, connection: Connection, who: str, did: str, what: str = "") -> int:
    """Append an entry inside a transaction, so that it is there exactly if what it tells of was done."""
    database.in_turn(connection, "audit")
    now = database.clock()
    who, did, what = scrubbed(who)[:128], did[:64], scrubbed(what)
    newest = select(_ROW.number, _ROW.chain).order_by(_ROW.number.desc()).limit(1)
    last = connection.execute(newest).first()
    number, before = (int(last.number) + 1, last.chain) if last else (1, "")
    chain = _seal(database, number, now, who, did, what, before)
    connection.execute(insert(schema.audit).values(number=number, at=now, who=who, did=did, what=what, chain=chain))
    return number


def _seal(database: Database, number: int, at: float, who: str, did: str, what: str, before: str) -> str:
    parts = (str(number), repr(at), who, did, what, before)
    return database.keyed("audit", *(part.encode("utf-8", "replace") for part in parts))
