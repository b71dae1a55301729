"""Held mail: redacted copies that wait for somebody, and mail that could not be delivered after all.

Only redacted bytes come in; the caller has read them again. Rows end at ``until`` by :meth:`Held.forget_expired`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from pansentry.store import schema
from pansentry.store.database import Database
from pansentry.store.scrubbing import safe_path, scrubbed

KEEP_S = 30 * 86400.0
_ROW = schema.held.c


@dataclass(frozen=True, slots=True)
class HeldMail:
    """One held message; ``message`` is redacted, and empty in listings."""

    id: str
    at: float
    until: float
    reason: str
    reverse_path: str
    forward_paths: tuple[str, ...]
    message: bytes = field(default=b"", repr=False)


class Held:
    """Messages on hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        message: bytes,
        reason: str,
        reverse_path: str,
        forward_paths: Sequence[str],
        *,
        keep_s: float = KEEP_S,
        origin: str = "",
    ) -> str:
        """Keep a redacted message; on disk when this returns its id.

        ``origin`` is the ledger's key of the received message: what comes again while it is held is held once.
        """
        now = self._database.clock()
        identifier = self._database.keyed("held", origin.encode())[:16] if origin else secrets.token_hex(8)
        statement = self._database.insert_or(schema.held).values(
            id=identifier,
            at=now,
            until=now + keep_s,
            reason=scrubbed(reason)[:128],
            reverse_path=safe_path(reverse_path),
            forward_paths=json.dumps([scrubbed(path) for path in forward_paths]),
            message=message,
        )
        if origin:
            statement = statement.on_conflict_do_nothing()
        await self._database.write(lambda connection: connection.execute(statement))
        return identifier

    async def list(self, limit: int = 100) -> tuple[HeldMail, ...]:
        """Return the newest held messages without their content."""
        columns = (_ROW.id, _ROW.at, _ROW.until, _ROW.reason, _ROW.reverse_path, _ROW.forward_paths)
        rows = await self._database.read(select(*columns).order_by(_ROW.at.desc()).limit(limit))
        return tuple(
            HeldMail(row.id, row.at, row.until, row.reason, row.reverse_path, tuple(json.loads(row.forward_paths)))
            for row in rows
        )

    async def get(self, identifier: str) -> HeldMail | None:
        """Return one held message with its content, or None."""
        rows = await self._database.read(select(schema.held).where(_ROW.id == identifier))
        if not rows:
            return None
        row = rows[0]
        paths = tuple(json.loads(row.forward_paths))
        return HeldMail(row.id, row.at, row.until, row.reason, row.reverse_path, paths, row.message)

    async def remove(self, identifier: str) -> bool:
        """Delete one held message (released or thrown away); False if there is none."""
        statement = delete(schema.held).where(_ROW.id == identifier)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount) == 1

    async def forget_expired(self) -> int:
        """Delete what has been held for long enough; returns how many."""
        statement = delete(schema.held).where(_ROW.until <= self._database.clock())
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)
