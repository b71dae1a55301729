"""Reference codes: a keyed hash of each, its tries, when it ends, and what staff marked.

In: a code as somebody read it (:func:`pansentry.reply.reference.halves`). Out: a :class:`Check`. The first half finds
the code, the second proves it; three wrong second halves close it. The code itself is not stored: it follows from the
transaction's id and the key. What staff mark (paid, reached, verified; by phone, in store, letter, SMS) goes into the
event of the message as well.
"""

from __future__ import annotations

import enum
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pansentry.reply.reference import TRIES
from pansentry.store import schema

if TYPE_CHECKING:
    from pansentry.store.database import Database

MARKS = ("paid", "reached", "verified")
BY = ("phone", "store", "letter", "sms")
_TABLE = schema.codes
_ROW = schema.codes.c
_EVENT = schema.events.c


class CodeState(enum.StrEnum):
    """What became of a code that somebody read out."""

    RIGHT = "right"
    WRONG = "wrong"
    CLOSED = "closed"
    """Three wrong second halves were read."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to a code. ``tries_left`` counts down; ``mark`` and ``by`` are what staff marked before."""

    state: CodeState
    message_ref: str = ""
    tries_left: int = 0
    mark: str = ""
    by: str = ""


class Codes:
    """Codes that were given out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, connection: Connection, code: str, message_ref: str, customer: str, valid_s: float) -> None:
        """Note a code inside the transaction that files its letter."""
        first, second = code.split("-")
        now = self._database.clock()
        connection.execute(
            insert(_TABLE).values(
                half=self._half(first),
                whole=self._whole(first, second),
                message_ref=message_ref,
                customer=customer,
                created_at=now,
                until=now + valid_s,
                wrong=0,
                mark="",
                marked_by="",
                marked_at=0.0,
            )
        )

    async def check(self, first: str, second: str) -> Check:
        """Tell whether a code is right; a wrong second half costs a try of every code with that first half."""
        whole, half, now = self._whole(first, second), self._half(first), self._database.clock()

        def check(connection: Connection) -> Check:
            self._database.in_turn(connection, "codes")
            rows = connection.execute(select(_TABLE).where(_ROW.half == half)).all()
            right = next((row for row in rows if hmac.compare_digest(row.whole, whole)), None)
            if right is not None:
                return _check(right, now)
            still_open = [row for row in rows if row.until > now]
            if not still_open:
                return Check(CodeState.UNKNOWN)
            connection.execute(update(_TABLE).where(_ROW.half == half).values(wrong=_ROW.wrong + 1))
            left = max(0, TRIES - 1 - min(row.wrong for row in still_open))
            return Check(CodeState.WRONG if left else CodeState.CLOSED, tries_left=left)

        return await self._database.write(check)

    async def mark(self, first: str, second: str, mark: str, by: str) -> Check:
        """Note what staff found out, in the code and in the event of its message; only a right code can be marked."""
        found = await self.check(first, second)
        if found.state is not CodeState.RIGHT:
            return found
        now, whole = self._database.clock(), self._whole(first, second)

        def write(connection: Connection) -> None:
            marked = {"mark": mark, "marked_by": by, "marked_at": now}
            connection.execute(update(_TABLE).where(_ROW.whole == whole).values(**marked))
            created = connection.execute(select(_ROW.created_at).where(_ROW.whole == whole)).scalar_one()
            near = select(_EVENT.id, _EVENT.fields).where(_EVENT.at.between(created - 900.0, created + 900.0))
            for row in connection.execute(near):
                fields = json.loads(row.fields)
                if fields.get("message_ref") == found.message_ref:
                    fields |= {"marked": mark, "marked_by": by}
                    connection.execute(
                        update(schema.events).where(_EVENT.id == row.id).values(fields=json.dumps(fields))
                    )

        await self._database.write(write)
        return Check(CodeState.RIGHT, found.message_ref, found.tries_left, mark, by)

    async def marked_between(self, begin: float, end: float) -> dict[str, int]:
        """Return how often staff marked each thing from a time up to another, the most frequent first."""
        statement = select(_ROW.mark, func.count().label("number")).where(_ROW.marked_at >= begin, _ROW.marked_at < end)
        rows = await self._database.read(statement.where(_ROW.mark != "").group_by(_ROW.mark))
        return dict(sorted(((row.mark, row.number) for row in rows), key=lambda row: (-row[1], row[0])))

    async def of_customer(self, customer: str) -> tuple[dict[str, Any], ...]:
        """Return what is kept of a customer's codes."""
        rows = await self._database.read(select(_TABLE).where(_ROW.customer == customer).order_by(_ROW.created_at))
        names = ("message_ref", "created_at", "until", "wrong", "mark", "marked_by", "marked_at")
        return tuple({name: getattr(row, name) for name in names} for row in rows)

    async def forget_customer(self, customer: str) -> int:
        """Delete a customer's codes; returns how many."""
        statement = delete(_TABLE).where(_ROW.customer == customer)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def forget_before(self, before: float) -> None:
        """Delete codes that were made before a time."""
        statement = delete(_TABLE).where(_ROW.created_at < before)
        await self._database.write(lambda connection: connection.execute(statement))

    def _half(self, first: str) -> str:
        return self._database.keyed("code half", first.encode())

    def _whole(self, first: str, second: str) -> str:
        return self._database.keyed("code", first.encode(), second.encode())


def _check(row: Row[Any], now: float) -> Check:
    left = max(0, TRIES - row.wrong)
    state = CodeState.EXPIRED if row.until <= now else CodeState.CLOSED if not left else CodeState.RIGHT
    return Check(state, row.message_ref, left, row.mark, row.marked_by)
