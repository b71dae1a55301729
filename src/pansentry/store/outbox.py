"""The outbox: letters to customers, and redacted mail for recipients whose mailbox deferred it.

In: finished messages. Out: leased :class:`Entry` values for the worker (:mod:`pansentry.delivery.outbox`).

A letter is granted in the same transaction that files it: at most one for each window (sender, mailbox, template), at
most one for each received message whatever the window says, and no more than the budgets allow (a cannon made of
forged senders would need thousands). Two workers never hold one entry: taking is one transaction that writes a lease,
and only its holder may finish it. A holder that died loses its lease at the next start, or when the lease runs out.

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
from pansentry.store.scrubbing import has_digit_run, safe_path

if TYPE_CHECKING:
    from pansentry.outcome import EnqueueLetter
    from pansentry.reply.customer import Customer

LEASE_S = 1200.0
"""Longer than all deadlines of one transaction towards a next hop together."""
MAX_WAIT_S = 6 * 3600.0
"""Nothing is ever filed for later than this: what would wait longer was filed before the clock was set back."""
ANSWERED_S = 14 * 86400.0
_HOUR_S = 3600.0
_DAY_S = 86400.0
_OFF = "letters_off_until"
_TABLE = schema.outbox
_ROW = schema.outbox.c
_WINDOW = schema.reply_windows.c


class Grant(enum.StrEnum):
    """Whether a letter was filed, or the reason why not (stable codes)."""

    GRANTED = "granted"
    WINDOW = "window"
    UNSAFE_ADDRESS = "unsafe-address"
    """The address may hold a card number; it must not get into the database."""
    ANSWERED = "answered"
    DOMAIN_BUDGET = "domain-budget"
    SENDER_BUDGET = "sender-budget"
    TOTAL_BUDGET = "total-budget"
    """This one reached the budget for all; letters are off now, and the admin is to be told."""
    OFF = "off"
    """Letters are off since the budget for all was reached."""


class EntryKind(enum.StrEnum):
    """A letter of ours, or mail that a mailbox deferred."""

    LETTER = "letter"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True)
class Budget:
    """Circuit breakers: letters an hour for all senders together and for the domain of one sender, a day for one
    sender whatever the mailbox and the kind. Once the first is reached, letters are off for ``off_s`` seconds."""

    per_hour: int = 1000
    per_domain_per_hour: int = 200
    per_sender_per_day: int = 3
    off_s: float = 3600.0


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

    async def file_letter(self, letter: EnqueueLetter, *, origin: str = "", budget: Budget | None = None) -> Grant:
        """File a letter and open its window, or say why not; one transaction.

        ``origin`` is the ledger's key of the received message. A letter without a window key still counts in budgets.
        """
        if has_digit_run(letter.recipient):
            return Grant.UNSAFE_ADDRESS
        budget = Budget() if budget is None else budget
        now = self._database.clock()
        domain = letter.recipient.rpartition("@")[2].lower()
        bucket = self._database.keyed("letter-domain", domain.encode("utf-8", "replace"))

        def file(connection: Connection) -> tuple[Grant, Customer | None]:
            self._database.in_turn(connection, "letters")
            if refused := self._refusal(connection, letter, origin, budget, bucket, now):
                return refused, None
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
                return Grant.GRANTED, None
            connection.execute(insert(schema.letter_times).values(customer=letter.customer, at=now))
            return Grant.GRANTED, self._customers.note(connection, letter.customer, letter.known_language)

        grant, customer = await self._database.write(file)
        if customer is not None:
            self._customers.learn(letter.customer, customer)
        return grant

    async def is_in_window(self, letter: EnqueueLetter) -> bool:
        """Tell whether a letter would not be granted because of an earlier one; nothing is changed."""
        keys = [key for key in (letter.window_key, *letter.joined) if key]
        found = select(_WINDOW.key).where(_WINDOW.key.in_(keys), _WINDOW.until > self._database.clock()).limit(1)
        return bool(await self._database.read(found))

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
                statement = self._database.insert_or(schema.answered).values(origin=row.origin, until=now + ANSWERED_S)
                connection.execute(statement.on_conflict_do_nothing())
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

    async def next_due(self) -> float | None:
        """Return when the next unleased entry is due, or None."""
        rows = await self._database.read(select(func.min(_ROW.due_at)).where(_ROW.lease == ""))
        return None if rows[0][0] is None else float(rows[0][0])

    async def forget_expired(self) -> None:
        """Delete windows and answered origins that are over (windows stay an hour for the budgets)."""
        now = self._database.clock()

        def forget(connection: Connection) -> None:
            over = (_WINDOW.until <= now) & (_WINDOW.granted_at < now - _HOUR_S)
            connection.execute(delete(schema.reply_windows).where(over))
            connection.execute(delete(schema.answered).where(schema.answered.c.until <= now))
            connection.execute(delete(schema.letter_times).where(schema.letter_times.c.at < now - _DAY_S))

        await self._database.write(forget)

    # inside the transaction of file_letter

    def _refusal(
        self, connection: Connection, letter: EnqueueLetter, origin: str, budget: Budget, bucket: str, now: float
    ) -> Grant | None:
        """Say why a letter may not be filed; the windows are opened if it may."""
        if origin and self._is_answered(connection, origin, now):
            return Grant.ANSWERED
        if self._off_until(connection) > now:
            return Grant.OFF
        if self._count(connection, now) >= budget.per_hour:
            self._switch_off(connection, now + budget.off_s)
            return Grant.TOTAL_BUDGET
        if self._count(connection, now, bucket) >= budget.per_domain_per_hour:
            return Grant.DOMAIN_BUDGET
        if letter.customer and self._today(connection, letter.customer, now) >= budget.per_sender_per_day:
            return Grant.SENDER_BUDGET
        return None if self._open_windows(connection, letter, bucket, now) else Grant.WINDOW

    def _off_until(self, connection: Connection) -> float:
        value = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == _OFF)).scalar()
        return float(value) if value else 0.0

    def _switch_off(self, connection: Connection, until: float) -> None:
        statement = self._database.insert_or(schema.meta).values(name=_OFF, value=repr(until))
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": repr(until)}))

    def _today(self, connection: Connection, customer: str, now: float) -> int:
        times = schema.letter_times.c
        statement = select(func.count()).select_from(schema.letter_times)
        statement = statement.where(times.customer == customer, times.at > now - _DAY_S)
        return int(connection.execute(statement).scalar_one())

    def _open_windows(self, connection: Connection, letter: EnqueueLetter, bucket: str, now: float) -> bool:
        """Open the letter's window and those of its conversation; none of them if any is open already."""
        joined = [key for key in letter.joined if key != letter.window_key]
        if joined:
            is_open = select(_WINDOW.key).where(_WINDOW.key.in_(joined), _WINDOW.until > now).limit(1)
            if connection.execute(is_open).first() is not None:
                return False
        if not self._open_window(connection, letter, bucket, now):
            return False
        for key in joined:  # granted at no time: one letter counts once in the budgets
            values = {"granted_at": 0.0, "until": now + letter.window_s, "bucket": ""}
            statement = self._database.insert_or(schema.reply_windows).values(key=key, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
        return True

    def _is_answered(self, connection: Connection, origin: str, now: float) -> bool:
        known = schema.answered.c
        for statement in (
            select(known.origin).where(known.origin == origin, known.until > now),
            select(_ROW.id).where(_ROW.kind == EntryKind.LETTER.value, _ROW.origin == origin),
        ):
            if connection.execute(statement).first() is not None:
                return True
        return False

    def _count(self, connection: Connection, now: float, bucket: str = "") -> int:
        statement = select(func.count()).select_from(schema.reply_windows).where(_WINDOW.granted_at > now - _HOUR_S)
        if bucket:
            statement = statement.where(_WINDOW.bucket == bucket)
        return int(connection.execute(statement).scalar_one())

    def _open_window(self, connection: Connection, letter: EnqueueLetter, bucket: str, now: float) -> bool:
        statement = self._database.insert_or(schema.reply_windows).values(
            key=letter.window_key or f"-{secrets.token_hex(16)}",
            granted_at=now,
            until=now + letter.window_s,
            bucket=bucket,
        )
        upsert = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={"granted_at": now, "until": now + letter.window_s, "bucket": bucket},
            where=_WINDOW.until <= now,
        ).returning(_WINDOW.key)
        return connection.execute(upsert).first() is not None


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
