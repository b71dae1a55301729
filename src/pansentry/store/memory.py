"""Conversation memory: keyed tokens of conversations that had a card, with an expiry.

The core asks for every message, so the answer must be free: :meth:`Memory.had_card` looks into a dictionary. It is
read when the store is opened; while it is asked, it is brought up to date every two seconds in the background with what
other workers remembered meanwhile. So a code that follows its number within that time may meet a worker that does not
know of the number yet.
Limits: 500,000 tokens in memory (about 60 MB at worst); the ones that end first go first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from sqlalchemy import delete, select

from pansentry.store import schema
from pansentry.store.database import Database

log = logging.getLogger("pansentry.store")

_MAX_TOKENS = 500_000
_OVERLAP_S = 5.0
_EVERY_S = 2.0
_ROW = schema.memory.c


class Memory:
    """Which conversations had a card."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._until: dict[str, float] = {}
        self._seen_at = 0.0
        self._look_again = 0.0
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_empty(self) -> bool:
        """True if nothing is remembered, so that nobody need name a conversation."""
        return not self._until

    def had_card(self, tokens: tuple[str, ...]) -> bool:
        """True if one of the tokens is remembered and has not expired."""
        self._keep_up()
        if not self._until:
            return False
        now = self._database.clock()
        return any(self._until.get(token, 0.0) > now for token in tokens)

    def _keep_up(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # asked from a thread; the next one who asks will see to it
            return
        if loop.time() >= self._look_again:
            self._look_again = loop.time() + _EVERY_S
            self._looking = loop.create_task(self._refresh_quietly())

    async def _refresh_quietly(self) -> None:
        try:
            await self.refresh()
        except Exception as error:  # a store that is away for a while: what is known stays known
            log.error("memory not read: %s", type(error).__name__)  # noqa: TRY400  no values in logs

    async def close(self) -> None:
        """Wait for what is being read."""
        if self._looking is not None:
            await self._looking

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
        await self._database.write(lambda connection: connection.execute(upsert, values))

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
        statement = delete(schema.memory).where(_ROW.until <= now)
        await self._database.write(lambda connection: connection.execute(statement))
