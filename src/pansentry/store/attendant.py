"""A connection to PostgreSQL that is kept open: who we are, who leads, what others announce, whether it is there.

In: how to connect, and our name. The connection holds a session lock on the name, so that the others see at once when
this process is gone, however it ended: its server closes the session and with it the lock. A second lock belongs to the
leader. Announcements (``NOTIFY``) carry no content that a decision depends on; whoever hears one asks the database.

The connection is asked every :data:`BEAT_S`, and its end is noticed when it comes. Until there is a new one the store
counts as away, and nobody waits for it. For :data:`GRACE_S` after that every owner counts as living: the others have to
come back too, and what a living one has in hand must not be taken from it.

Known gap: behind a connection pooler that gives sessions away (PgBouncer in transaction mode) locks and announcements
are lost: connect directly, or pool by session.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("pansentry.store")

BEAT_S = 5.0
PATIENCE_S = 3.0
"""How long the kept connection may take to answer a beat."""
GRACE_S = 30.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
CHANNEL = "pansentry"
_HELD = """
SELECT (classid::bigint << 32) | objid::bigint AS number FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NOW_AND_THEN = (Exception,)


def lock_number(purpose: str, name: str) -> int:
    """Return the number of an advisory lock: 64 bits, signed, as PostgreSQL wants it."""
    return int.from_bytes(hashlib.sha256(f"{purpose}\0{name}".encode()).digest()[:8], signed=True)


LEADER = lock_number("leader", "pansentry")


@dataclass(slots=True)
class Attendant:
    """The kept connection. Made and opened by :func:`attend`."""

    connect: Callable[[], Awaitable[Any]] = field(repr=False)  # it holds the password
    owner: str
    is_away: bool = True
    on_news: Callable[[str], None] | None = None
    _connection: Any = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _lost: asyncio.Event = field(default_factory=asyncio.Event)
    _keeping: asyncio.Task[None] | None = None
    _leads: bool = False
    _back_at: float = float("-inf")

    async def open(self) -> None:
        """Connect, take the lock on our name, listen. Raises what connecting raises."""
        connection = await self.connect()
        try:
            connection.add_termination_listener(lambda _: self._lose(connection))
            await connection.execute("SELECT pg_advisory_lock($1)", lock_number("owner", self.owner))
            await connection.add_listener(CHANNEL, lambda _c, _p, _ch, what: self._hear(what))
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._lost.clear()
        self.is_away = False

    def keep(self) -> None:
        """Watch over the connection from now on."""
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def living(self, owners: Iterable[str]) -> frozenset[str]:
        """Return those of the owners whose lock is held; all of them while the others may still be coming back."""
        asked = frozenset(owners)
        if not asked or asyncio.get_running_loop().time() - self._back_at < GRACE_S:
            return asked
        held = {row["number"] for row in await self._ask("fetch", _HELD)}
        return frozenset(owner for owner in asked if owner and lock_number("owner", owner) in held)

    async def may_lead(self) -> bool:
        """Take the lead if nobody has it; it is kept until the connection ends."""
        if not self._leads:
            self._leads = bool(await self._ask("fetchval", "SELECT pg_try_advisory_lock($1)", LEADER))
        return self._leads

    async def close(self) -> None:
        """Give up the name and the lead."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        self.is_away = True
        if self._connection is not None:
            with contextlib.suppress(*_NOW_AND_THEN):
                await self._connection.close(timeout=PATIENCE_S)

    async def _ask(self, how: str, *question: object) -> Any:
        async with self._asking:
            return await getattr(self._connection, how)(*question, timeout=PATIENCE_S)

    async def _keep(self) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            if self.is_away:
                try:
                    await self.open()
                except _NOW_AND_THEN:  # still away, whatever it says now
                    await asyncio.sleep(wait_s)
                    wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
                    continue
                self._back_at, wait_s = asyncio.get_running_loop().time(), _FIRST_WAIT_S
                log.warning("the store is back")
                self._hear("back")  # what was announced meanwhile was not heard
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), BEAT_S)
            if self._lost.is_set():
                continue
            try:
                await self._ask("fetchval", "SELECT 1")
            except _NOW_AND_THEN:
                self._connection.terminate()
                self._lose(self._connection)

    def _lose(self, connection: object) -> None:
        if connection is self._connection and not self.is_away:
            self.is_away, self._leads = True, False
            self._lost.set()
            log.error("the store is away")

    def _hear(self, what: str) -> None:
        if self.on_news is not None:
            self.on_news(what)
