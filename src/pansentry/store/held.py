"""Held mail: redacted copies that wait for somebody, and mail that could not be delivered after all.

Only redacted bytes come in; the caller has read them again. An original comes in sealed (:mod:`pansentry.sealing`), and
nothing here can open it. Rows end at ``until`` by :meth:`Held.forget_expired`.

Releasing is one transaction: out of here, into the outbox, into the audit log. So a mail is released once, however
often somebody asks, and a crash leaves it in one of the two places.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from pansentry.store import schema
from pansentry.store.audit import append_entry
from pansentry.store.database import Database
from pansentry.store.outbox import file_deferred
from pansentry.store.scrubbing import safe_path, scrubbed

_LETTERS = "abcdef"
KEEP_S = 30 * 86400.0
GATEWAY = "gateway"
"""Who did what nobody asked for, in the audit log."""
_ROW = schema.held.c
_MORE = schema.quarantine.c


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is kept beside a held mail: which policy asked for it, our id of the message, and the sealed original."""

    policy: str = ""
    message_ref: str = ""
    sealed_to: str = ""
    original: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HeldMail:
    """One held message; ``message`` is redacted. ``message`` and ``more.original`` are empty in listings."""

    id: str
    at: float
    until: float
    reason: str
    reverse_path: str
    forward_paths: tuple[str, ...]
    message: bytes = field(default=b"", repr=False)
    size_bytes: int = 0
    more: Sealed = Sealed()


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
        more: Sealed | None = None,
    ) -> str:
        """Keep a redacted message; on disk when this returns its id.

        ``origin`` is the ledger's key of the received message: what comes again while it is held is held once.
        """
        now = self._database.clock()
        identifier = _name(self._database.keyed("held", origin.encode()) if origin else secrets.token_hex(8))
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

        def put(connection: Connection) -> None:
            is_new = connection.execute(statement).rowcount == 1
            if is_new and more is not None:
                connection.execute(
                    insert(schema.quarantine).values(
                        id=identifier,
                        policy=more.policy[:64],
                        message_ref=more.message_ref[:64],
                        sealed_to=more.sealed_to[:80],
                        original=more.original,
                    )
                )

        await self._database.write(put)
        return identifier

    async def list(self, limit: int = 100, *, for_policy: str = "") -> tuple[HeldMail, ...]:
        """Return the newest held messages without their content; ``for_policy`` those that one policy holds."""
        columns = (
            _ROW.id, _ROW.at, _ROW.until, _ROW.reason, _ROW.reverse_path, _ROW.forward_paths,
            func.length(_ROW.message).label("size_bytes"), _MORE.policy, _MORE.message_ref, _MORE.sealed_to,
        )  # fmt: skip
        statement = select(*columns).select_from(schema.held.outerjoin(schema.quarantine, _MORE.id == _ROW.id))
        if for_policy:
            statement = statement.where(_MORE.policy == for_policy)
        rows = await self._database.read(statement.order_by(_ROW.at.desc(), _ROW.id).limit(limit))
        return tuple(_mail(row) for row in rows)

    async def count(self) -> int:
        """Return how many messages are held."""
        rows = await self._database.read(select(func.count().label("number")).select_from(schema.held))
        return int(rows[0].number)

    async def get(self, identifier: str) -> HeldMail | None:
        """Return one held message with its content, or None."""
        joined = schema.held.outerjoin(schema.quarantine, _MORE.id == _ROW.id)
        columns = (*_ROW, _MORE.policy, _MORE.message_ref, _MORE.sealed_to, _MORE.original)
        rows = await self._database.read(select(*columns).select_from(joined).where(_ROW.id == identifier))
        return _mail(rows[0], rows[0].message, rows[0].original or b"") if rows else None

    async def release(self, identifier: str, message: bytes, forward_paths: Sequence[str], *, who: str) -> bool:
        """Hand a held mail to the outbox as ``message``; False if it is not held (any more)."""

        def release(connection: Connection) -> bool:
            row = connection.execute(select(_ROW.reverse_path).where(_ROW.id == identifier)).first()
            if row is None or not self._delete(connection, identifier):
                return False
            file_deferred(self._database, connection, row.reverse_path, forward_paths, message, f"held-{identifier}")
            append_entry(self._database, connection, who, "held.release", f"{identifier} to {', '.join(forward_paths)}")
            return True

        return await self._database.write(release)

    async def purge(self, identifier: str, *, who: str) -> bool:
        """Delete a held mail and its original for good; False if it is not held."""

        def purge(connection: Connection) -> bool:
            gone = self._delete(connection, identifier)
            if gone:
                append_entry(self._database, connection, who, "held.purge", identifier)
            return gone

        return await self._database.write(purge)

    async def remove(self, identifier: str) -> bool:
        """Delete one held message (released or thrown away); False if there is none."""
        return await self._database.write(lambda connection: self._delete(connection, identifier))

    async def forget_expired(self) -> int:
        """Delete what has been held for long enough; returns how many."""

        def forget(connection: Connection) -> int:
            over = [row.id for row in connection.execute(select(_ROW.id).where(_ROW.until <= self._database.clock()))]
            for identifier in over:
                self._delete(connection, identifier)
            if over:
                append_entry(self._database, connection, GATEWAY, "held.expire", " ".join(over)[:2000])
            return len(over)

        return await self._database.write(forget)

    def _delete(self, connection: Connection, identifier: str) -> bool:
        connection.execute(delete(schema.quarantine).where(_MORE.id == identifier))
        return connection.execute(delete(schema.held).where(_ROW.id == identifier)).rowcount == 1


def _name(token: str) -> str:
    """Return a name of sixteen hexadecimal digits with a letter before every seven of them.

    Twelve decimal ones in a row, which one random name in a hundred has, are taken for a number: a log would strike
    them out, and the summary would have no link to the mail.
    """
    first, second = (_LETTERS[int(token[at], 16) % len(_LETTERS)] for at in (0, 8))
    return first + token[1:8] + second + token[9:16]


def _mail(row: Row[Any], message: bytes = b"", original: bytes = b"") -> HeldMail:
    more = Sealed(row.policy or "", row.message_ref or "", row.sealed_to or "", original)
    paths = tuple(json.loads(row.forward_paths))
    size = len(message) if message else int(getattr(row, "size_bytes", 0) or 0)
    return HeldMail(row.id, row.at, row.until, row.reason, row.reverse_path, paths, message, size, more)
