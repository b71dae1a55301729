"""Conversation memory: keyed tokens of conversations that had a card, with an expiry.

The core asks for every message, so the answer must be free: :meth:`Memory.had_card` looks into a dictionary. It is
read when the store is opened, and :meth:`Memory.refresh` adds what other workers remembered meanwhile.
Limits: 500,000 tokens in memory (about 60 MB at worst); the ones that end first go first.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from pansentry.store import schema
from pansentry.store.database import Database

_MAX_TOKENS = 500_000
_OVERLAP_S = 5.0
_ROW = schema.memory.c


class Memory:
    """Which conversations had a card."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._until: dict[str, float] = {}
        self._seen_at = 0.0

    def had_card(self, tokens: tuple[str, ...]) -> bool:
        """True if one of the tokens is remembered and has not expired."""
        if not self._until:
            return False
        now = self._database.clock()
        return any(self._until.get(token, 0.0) > now for token in tokens)

    async def remember(self, tokens: Iterable[str], ttl_s: float) -> None:
        """Remember tokens for ``ttl_s`` seconds from now; a token known already is prolonged, never cut."""
        now = self._database.clock()
        values = [{"token": token, "until": now + ttl_s, "changed_at": now} for token in sorted(set(tokens))]
        if not values:
            return
        for value in values:
            self._know(str(value["token"]), now + ttl_s)
        statement = self._database.insert_or(schema.memory)
        new = statement.excluded
        upsert = statement.on_conflict_do_update(
            index_elements=["token"],
            set_={"until": new.until, "changed_at": new.changed_at},
            where=_ROW.until < new.until,
        )
        async with self._database.write() as connection:
            await connection.execute(upsert, values)

    async def refresh(self) -> None:
        """Read what was remembered since the last time, by any worker, and drop what has expired."""
        now = self._database.clock()
        rows = await self._database.read(
            select(_ROW.token, _ROW.until)
            .where(_ROW.changed_at >= self._seen_at - _OVERLAP_S, _ROW.until > now)
            .order_by(_ROW.until.desc())
            .limit(_MAX_TOKENS)
        )
        self._seen_at = now
        for row in rows:
            self._know(row.token, row.until)
        if len(self._until) > _MAX_TOKENS:
            last = sorted(self._until.items(), key=lambda item: item[1])[-_MAX_TOKENS:]
            self._until = dict(last)

    def _know(self, token: str, until: float) -> None:
        self._until[token] = max(until, self._until.get(token, 0.0))

    async def forget_expired(self) -> None:
        """Delete what has expired, here and in the database."""
        now = self._database.clock()
        self._until = {token: until for token, until in self._until.items() if until > now}
        async with self._database.write() as connection:
            await connection.execute(delete(schema.memory).where(_ROW.until <= now))
