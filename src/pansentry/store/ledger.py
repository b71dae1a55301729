"""The ledger: messages the next hop has, whose sender may not know it.

The one unavoidable duplicate of a gateway is the lost 250: the next hop stored the mail, our answer did not reach the
client, the client sends it again (RFC 1047). The ledger makes that second time harmless where it can::

    next hop's 250 ──► delivered ──our 250 was heard──► (forgotten)
                           │
                           └──client gone, or we died──► delivered for good: suppresses once more

It suppresses only when the transaction that wrote it is over: a sender may well send the same bytes
twice on purpose, and gets both delivered as long as each time it heard our answer.

A key is keyed (HMAC) over Message-ID, recipients and body. Cost: clean mail makes no database write at
all; its key is computed and kept only when its client has gone (:meth:`Ledger.untold`). Mail with a finding is
noted after delivery, because for it a second delivery could mean a second letter; so is held mail. Nothing is noted
before: whoever dies while the next hop holds the final answer back cannot know what it was, and the mail goes again.
Known gap: a worker sees what another living worker noted only for mail with a finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from pansentry.store import schema
from pansentry.store.database import Database

KEEP_S = 7 * 86400.0
"""Senders give up after five days (RFC 5321 §4.5.4.1)."""
_MAX_KNOWN = 100_000
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.I | re.M)
_TABLE = schema.transactions
_ROW = _TABLE.c


class Ledger:
    """Transactions whose outcome the client may not know."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._untold: dict[str, float] = {}

    async def load(self) -> None:
        """Read what earlier processes left; called once when the store is opened."""
        now = self._database.clock()
        noted = await self._database.read(select(_ROW.owner).where(_ROW.owner != "").distinct())
        owners = {row.owner for row in noted}
        dead = owners - await self._database.living(owners)

        def load(connection: Connection) -> dict[str, float]:
            connection.execute(delete(_TABLE).where(_ROW.at < now - KEEP_S))
            rows = (
                connection.execute(select(_TABLE).where(_ROW.owner.in_(dead)).order_by(_ROW.key)).all() if dead else []
            )
            for row in rows:
                if row.state == "delivered":
                    self._put(connection, row.key, "", "delivered", row.at)
            if dead:
                connection.execute(delete(_TABLE).where(_ROW.owner.in_(dead)))
            rows = connection.execute(select(_TABLE).where(_ROW.owner == "", _ROW.state == "delivered")).all()
            return {row.key: row.at for row in rows}

        self._untold = await self._database.write(load)

    def key(self, message_id: str, forward_paths: Sequence[str], message: bytes) -> str:
        """Name a message as received: keyed over Message-ID, recipients in any order, and body.

        Not over the whole header: a server in front of us adds another Received field each time it tries. The
        Message-ID is read from the header if ``message_id`` is empty; a message that has none is named by all its
        bytes.
        """
        paths = "\n".join(sorted(forward_paths)).encode("utf-8", "replace")
        end = max(0, message.find(b"\r\n\r\n"))
        identity = message_id.encode("utf-8", "replace") or _message_id(message[:end])
        body = memoryview(message)[end:] if identity else message
        return self._database.keyed("transaction", identity, paths, body)

    @property
    def expects_repeats(self) -> bool:
        """False if no message could be a repeat: then the key of a clean message need not be computed."""
        return bool(self._untold)

    async def is_repeat(self, key: str, *, thorough: bool = False) -> bool:
        """True if the next hop has this message and its sender was not told.

        ``thorough`` also asks the database, for what another worker noted; use it for mail with a finding.
        """
        if key in self._untold:
            return True
        if not thorough:
            return False
        rows = await self._database.read(select(_ROW.owner).where(_ROW.key == key, _ROW.state == "delivered"))
        others = {row.owner for row in rows if row.owner != self._database.owner}
        return bool(others - await self._database.living(others)) if others else False

    async def delivered(self, key: str) -> None:
        """Note durably that the next hop has the message; the client is about to be told."""
        await self._note(key, self._database.owner, "delivered")

    async def told(self, key: str) -> None:
        """Forget: the client was answered, or nothing was delivered and it is welcome to try again."""
        self._untold.pop(key, None)
        statement = delete(_TABLE).where(_ROW.key == key, _ROW.owner.in_((self._database.owner, "")))
        await self._database.write(lambda connection: connection.execute(statement))

    async def untold(self, key: str) -> None:
        """Note that the next hop has the message and that the client went away before our answer."""
        now = self._database.clock()
        self._untold[key] = now
        while len(self._untold) > _MAX_KNOWN:
            self._untold.pop(next(iter(self._untold)))

        def hand_over(connection: Connection) -> None:
            connection.execute(delete(_TABLE).where(_ROW.key == key, _ROW.owner == self._database.owner))
            self._put(connection, key, "", "delivered", now)

        await self._database.write(hand_over)

    async def forget_expired(self) -> None:
        """Forget what no sender will try again any more."""
        before = self._database.clock() - KEEP_S
        self._untold = {key: at for key, at in self._untold.items() if at >= before}
        statement = delete(_TABLE).where(_ROW.at < before)
        await self._database.write(lambda connection: connection.execute(statement))

    async def _note(self, key: str, owner: str, state: str) -> None:
        now = self._database.clock()
        await self._database.write(lambda connection: self._put(connection, key, owner, state, now))

    def _put(self, connection: Connection, key: str, owner: str, state: str, at: float) -> None:
        statement = self._database.insert_or(_TABLE).values(key=key, owner=owner, state=state, at=at)
        changed = {"state": state, "at": at}
        connection.execute(statement.on_conflict_do_update(index_elements=["key", "owner"], set_=changed))


def _message_id(header: bytes) -> bytes:
    found = _MESSAGE_ID.search(header)
    return b"".join(found[1].split()) if found else b""
