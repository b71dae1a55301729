"""The outbox: letters to customers, and redacted mail for recipients whose mailbox deferred it.

In: finished messages. Out: leased :class:`Entry` values for the worker (:mod:`pansentry.delivery.outbox`).

A letter is granted (:mod:`.grants`) in the same transaction that files it. Two workers never hold one entry: taking is
one transaction that writes a lease, and only its holder may finish it. A holder that died loses its lease at the next
start, or when the lease runs out.

Exactly once is impossible (RFC 1047), so each kind errs on its own side. Before content goes out ``content_sent`` is
written. After a crash there a *letter* is not sent again (a second one is worse than none), deferred *mail* is.

Known gap: a recipient address of ours that holds a card number is stored with deferred mail, as it must be served.
"""

from __future__ import annotations

import enum
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from pansentry.store import schema
from pansentry.store.codes import Codes
from pansentry.store.customers import Customers
from pansentry.store.database import Database
from pansentry.store.grants import Budget, Grant, Grants, forget_expired, open_window
from pansentry.store.scrubbing import has_digit_run, safe_path

if TYPE_CHECKING:
    from pansentry.outcome import EnqueueLetter
    from pansentry.reply.customer import Customer

LEASE_S = 1200.0
"""Longer than all deadlines of one transaction towards a next hop together."""
MAX_WAIT_S = 6 * 3600.0
"""Nothing is ever filed for later than this: what would wait longer was filed before the clock was set back."""
_TABLE = schema.outbox
_ROW = schema.outbox.c


class EntryKind(enum.StrEnum):
    """A letter of ours, or mail that a mailbox deferred."""

    LETTER = "letter"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class Entry:
    """One leased entry. ``attempts`` counts earlier tries; ``lease`` is the right to finish it."""

    id: int
    kind: EntryKind
    reverse_path: str
    forward_paths: tuple[str, ...]
    mail_parameters: tuple[str, ...]
    message: bytes = field(repr=False)
    template: str = ""
    language: str = ""
    created_at: float = 0.0
    attempts: int = 0
    lease: str = ""
    content_sent: bool = False


class Outbox:
    """Entries that wait to be sent."""

    def __init__(self, database: Database, customers: Customers | None = None, codes: Codes | None = None) -> None:
        self._database = database
        self._customers = customers or Customers(database)
        self._codes = codes or Codes(database)
        self._grants = Grants(database)

    async def file_letter(self, letter: EnqueueLetter, *, origin: str = "", budget: Budget | None = None) -> Grant:
        """File a letter and open its window, or say why not; one transaction.

        ``origin`` is the ledger's key of the received message. A letter without a window key still counts in budgets.
        """
        if has_digit_run(letter.recipient):
            return Grant.UNSAFE_ADDRESS
        now = self._database.clock()

        def file(connection: Connection) -> tuple[Grant, Customer | None]:
            self._database.in_turn(connection, "letters")
            grant = self._grants.ask(connection, letter, origin, budget or Budget(), now)
            if grant is not Grant.GRANTED:
                return grant, None
            parameters = ("SMTPUTF8",) if letter.utf8 else ()
            connection.execute(
                insert(_TABLE).values(
                    **_new(EntryKind.LETTER, origin, "", (letter.recipient,), parameters, letter.message, now),
                    template=letter.template,
                    language=letter.language,
                )
            )
            if letter.code:
                self._codes.note(connection, letter.code, letter.message_ref, letter.customer, letter.code_valid_s)
            if not letter.customer:
                return grant, None
            return grant, self._customers.note(connection, letter.customer, letter.known_language)

        grant, customer = await self._database.write(file)
        if customer is not None:
            self._customers.learn(letter.customer, customer)
        return grant

    async def keeps_back(self, letter: EnqueueLetter) -> str:
        """Return why a letter would not be granted if it were filed now, ``""`` if it would; nothing is changed.

        Whoever writes down whether a letter goes out asks before: the store decides when the mail has left. Two mails
        of a customer at the same moment may both hear that theirs would.
        """
        if has_digit_run(letter.recipient):
            return Grant.UNSAFE_ADDRESS.value
        now = self._database.clock()

        def ask(connection: Connection) -> Grant:
            self._database.in_turn(connection, "letters")
            with connection.begin_nested() as trial:
                grant = self._grants.ask(connection, letter, "", Budget(), now)
                trial.rollback()
            return grant

        grant = await self._database.write(ask)
        return "" if grant is Grant.GRANTED else grant.value

    async def is_in_window(self, letter: EnqueueLetter) -> bool:
        """Tell whether a letter would not be granted because of an earlier one; nothing is changed."""
        return bool(await self._database.read(open_window(letter, self._database.clock())))

    async def file_deferred(
        self,
        reverse_path: str,
        forward_paths: Sequence[str],
        message: bytes,
        mail_parameters: Sequence[str] = (),
        *,
        wait_s: float = 60.0,
        origin: str = "",
    ) -> None:
        """File redacted mail for recipients that were deferred; on disk when this returns.

        ``mail_parameters`` are those of the MAIL command; those of each RCPT are not kept. What is filed with an
        ``origin`` while one of that origin waits is filed once.
        """
        await self._database.write(
            lambda connection: file_deferred(
                self._database,
                connection,
                reverse_path,
                forward_paths,
                message,
                origin,
                mail_parameters=mail_parameters,
                wait_s=wait_s,
            )
        )

    async def take(self, limit: int = 10, kind: EntryKind | None = None) -> tuple[Entry, ...]:
        """Lease up to ``limit`` due entries, the longest due first."""
        now = self._database.clock()
        lease = f"{self._database.owner}/{secrets.token_hex(4)}"
        due = select(_TABLE).where(_is_due(now), _is_free(now))
        if kind is not None:
            due = due.where(_ROW.kind == kind.value)
        due = due.order_by(_ROW.due_at, _ROW.id).limit(limit).with_for_update(skip_locked=True)

        def take(connection: Connection) -> Sequence[Row[Any]]:
            rows = connection.execute(due).all()
            if rows:
                taken = [row.id for row in rows]
                connection.execute(
                    update(_TABLE).where(_ROW.id.in_(taken)).values(lease=lease, lease_until=now + LEASE_S)
                )
            return rows

        if not await self._has_due(now):  # a look that locks nobody out
            return ()
        return tuple(_entry(row, lease) for row in await self._database.write(take))

    async def _has_due(self, now: float) -> bool:
        return bool(await self._database.read(select(_ROW.id).where(_is_due(now), _is_free(now)).limit(1)))

    async def content_goes_out(self, entry: Entry) -> bool:
        """Note durably that content is about to be sent; False if the lease was lost, and nothing may be sent."""
        return await self._change(entry, content_sent=1)

    async def done(self, entry: Entry) -> bool:
        """Delete an entry: sent, or given up. A letter's origin stays answered."""
        now = self._database.clock()
        mine = (_ROW.id == entry.id) & (_ROW.lease == entry.lease)

        def finish(connection: Connection) -> bool:
            row = connection.execute(select(_ROW.origin, _ROW.kind).where(mine)).first()
            if row is None:
                return False
            if row.kind == EntryKind.LETTER and not row.origin.startswith("-"):
                self._grants.note_answered(connection, row.origin, now)
            connection.execute(delete(_TABLE).where(mine))
            return True

        return await self._database.write(finish)

    async def retry_at(self, entry: Entry, due_at: float) -> bool:
        """Give an entry back after a definite failure, to be tried again at ``due_at``."""
        return await self._change(
            entry, due_at=due_at, attempts=entry.attempts + 1, lease="", lease_until=0.0, content_sent=0
        )

    async def keep_only(self, entry: Entry, forward_paths: Sequence[str], due_at: float) -> bool:
        """Give back an entry for those of its recipients that are still to be served."""
        return await self._change(
            entry,
            forward_paths=json.dumps(list(forward_paths)),
            due_at=due_at,
            attempts=entry.attempts + 1,
            lease="",
            lease_until=0.0,
            content_sent=0,
        )

    async def _change(self, entry: Entry, **values: object) -> bool:
        statement = update(_TABLE).where(_ROW.id == entry.id, _ROW.lease == entry.lease).values(**values)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount) == 1

    async def give_back(self) -> int:
        """Free what this process has leased and sent nothing of; for when it has nothing in hand. Returns how many."""
        ours = _ROW.lease.startswith(f"{self._database.owner}/", autoescape=True)
        statement = update(_TABLE).where(ours, _ROW.content_sent == 0).values(lease="", lease_until=0.0)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def release_dead(self) -> int:
        """Take the leases of processes that have ended; returns how many entries were freed."""
        leases = {row.lease for row in await self._database.read(select(_ROW.lease).where(_ROW.lease != "").distinct())}
        living = await self._database.living({lease.partition("/")[0] for lease in leases})
        dead = [lease for lease in leases if lease.partition("/")[0] not in living]
        if not dead:
            return 0
        statement = update(_TABLE).where(_ROW.lease.in_(dead)).values(lease="", lease_until=0.0)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def waiting(self) -> int:
        """Return how many entries there are, leased ones included."""
        return int((await self._database.read(select(func.count()).select_from(_TABLE)))[0][0])

    async def oldest(self) -> float | None:
        """Return when the entry that waits longest was filed, or None."""
        rows = await self._database.read(select(func.min(_ROW.created_at)))
        return None if rows[0][0] is None else float(rows[0][0])

    async def next_due(self) -> float | None:
        """Return when the next unleased entry is due, or None."""
        rows = await self._database.read(select(func.min(_ROW.due_at)).where(_ROW.lease == ""))
        return None if rows[0][0] is None else float(rows[0][0])

    async def forget_expired(self) -> None:
        """Delete windows and answered origins that are over (windows stay an hour for the budgets)."""
        now = self._database.clock()
        await self._database.write(lambda connection: forget_expired(connection, now))


def file_deferred(
    database: Database,
    connection: Connection,
    reverse_path: str,
    forward_paths: Sequence[str],
    message: bytes,
    origin: str = "",
    *,
    mail_parameters: Sequence[str] = (),
    wait_s: float = 0.0,
) -> None:
    """File redacted mail inside a transaction; see :meth:`Outbox.file_deferred`."""
    now = database.clock()
    paths, parameters = tuple(forward_paths), tuple(mail_parameters)
    values = _new(EntryKind.DEFERRED, origin, reverse_path, paths, parameters, message, now)
    values["due_at"] = now + wait_s
    statement = database.insert_or(_TABLE).values(**values, template="", language="")
    connection.execute(statement.on_conflict_do_nothing(index_elements=["kind", "origin"]) if origin else statement)


def _is_due(now: float) -> ColumnElement[bool]:
    return or_(_ROW.due_at <= now, _ROW.due_at > now + MAX_WAIT_S)


def _is_free(now: float) -> ColumnElement[bool]:
    return or_(_ROW.lease == "", _ROW.lease_until <= now, _ROW.lease_until > now + 2 * LEASE_S)


def _new(
    kind: EntryKind,
    origin: str,
    reverse_path: str,
    forward_paths: tuple[str, ...],
    mail_parameters: tuple[str, ...],
    message: bytes,
    now: float,
) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "origin": origin or f"-{secrets.token_hex(16)}",
        "reverse_path": safe_path(reverse_path),
        "forward_paths": json.dumps(list(forward_paths)),
        "mail_parameters": json.dumps(list(mail_parameters)),
        "message": message,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
        "lease": "",
        "lease_until": 0.0,
        "content_sent": 0,
    }


def _entry(row: Row[Any], lease: str) -> Entry:
    return Entry(
        id=row.id,
        kind=EntryKind(row.kind),
        reverse_path=row.reverse_path,
        forward_paths=tuple(json.loads(row.forward_paths)),
        mail_parameters=tuple(json.loads(row.mail_parameters)),
        message=row.message,
        template=row.template,
        language=row.language,
        created_at=row.created_at,
        attempts=row.attempts,
        lease=lease,
        content_sent=bool(row.content_sent),
    )
