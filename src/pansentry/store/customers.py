"""Customers who had letters: keyed token → how many, in which language, and whether they want any.

The core asks while it judges, so the answer comes from a dictionary that is read when the store is opened and brought
up to date by housekeeping; what this process notes is known at once. No address is stored, only its keyed token.
Limits: :data:`MAX_CUSTOMERS` in memory; those seen longest ago are looked up as strangers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from pansentry.reply.customer import STRANGER, Customer
from pansentry.store import schema

if TYPE_CHECKING:
    from pansentry.store.database import Database

MAX_CUSTOMERS = 500_000
KEPT_S = 400 * 86400.0
_TABLE = schema.customers
_ROW = schema.customers.c


class Customers:
    """Whom we wrote to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Customer] = {}

    def get(self, token: str) -> Customer:
        """Return what is known of a customer; a stranger if nothing is."""
        return self._known.get(token, STRANGER)

    async def refresh(self) -> None:
        """Read all customers again."""
        statement = select(_TABLE).order_by(_ROW.seen_at.desc()).limit(MAX_CUSTOMERS)
        rows = await self._database.read(statement)
        self._known = {row.token: Customer(row.letters, row.language, bool(row.silent)) for row in rows}

    def note(self, connection: Connection, token: str, language: str) -> Customer:
        """Count a letter inside the transaction that files it; the caller passes the result to :meth:`learn`."""
        now = self._database.clock()
        row = connection.execute(select(_TABLE).where(_ROW.token == token)).first()
        known = Customer(row.letters, row.language, bool(row.silent)) if row else STRANGER
        customer = Customer(known.letters + 1, language or known.language, known.silent)
        self._put(connection, token, customer, now)
        return customer

    def learn(self, token: str, customer: Customer) -> None:
        """Know a customer from now on; the transaction that noted it is committed."""
        self._known[token] = customer

    async def set_silent(self, token: str, *, silent: bool) -> None:
        """Note whether a customer wants letters."""
        now = self._database.clock()

        def put(connection: Connection) -> Customer:
            self._database.in_turn(connection, "letters")
            row = connection.execute(select(_TABLE).where(_ROW.token == token)).first()
            customer = Customer(row.letters if row else 0, row.language if row else "", silent)
            self._put(connection, token, customer, now)
            return customer

        self.learn(token, await self._database.write(put))

    async def forget(self, token: str) -> int:
        """Delete what is known of a customer; returns how many rows."""
        self._known.pop(token, None)
        statement = delete(_TABLE).where(_ROW.token == token)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def forget_expired(self) -> None:
        """Delete customers who had no letter for so long; who wants none stays, or would get one."""
        statement = delete(_TABLE).where(_ROW.seen_at < self._database.clock() - KEPT_S, _ROW.silent == 0)
        await self._database.write(lambda connection: connection.execute(statement))

    def _put(self, connection: Connection, token: str, customer: Customer, now: float) -> None:
        values = {
            "letters": customer.letters,
            "language": customer.language,
            "silent": int(customer.silent),
            "seen_at": now,
        }
        statement = self._database.insert_or(_TABLE).values(token=token, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["token"], set_=values))
