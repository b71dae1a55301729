"""May a letter go out? Windows and budgets, asked and opened inside the transaction that files the letter.

In: a letter, the key of the mail it answers, the budgets. Out: a :class:`Grant`. At most one letter for each window
(sender, mailbox, template), at most one for each received message whatever the window says, and no more than the
budgets allow: a cannon made of forged senders would need thousands.
"""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from pansentry.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from pansentry.outcome import EnqueueLetter
    from pansentry.store.database import Database

ANSWERED_S = 14 * 86400.0
_HOUR_S = 3600.0
_DAY_S = 86400.0
_OFF = "letters_off_until"
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


@dataclass(frozen=True, slots=True)
class Budget:
    """Circuit breakers: letters an hour for all senders together and for the domain of one sender, a day for one
    sender whatever the mailbox and the kind. Once the first is reached, letters are off for ``off_s`` seconds."""

    per_hour: int = 1000
    per_domain_per_hour: int = 200
    per_sender_per_day: int = 3
    off_s: float = 3600.0


class Grants:
    """Windows and budgets of letters; every method works inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, connection: Connection, letter: EnqueueLetter, origin: str, budget: Budget, now: float) -> Grant:
        """Grant a letter and note so (its windows are open now), or say why it may not be filed."""
        domain = letter.recipient.rpartition("@")[2].lower()
        bucket = self._database.keyed("letter-domain", domain.encode("utf-8", "replace"))
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
        if not self._open_windows(connection, letter, bucket, now):
            return Grant.WINDOW
        if letter.customer:
            connection.execute(insert(schema.letter_times).values(customer=letter.customer, at=now))
        return Grant.GRANTED

    def note_answered(self, connection: Connection, origin: str, now: float) -> None:
        """Note that the mail of this origin has had its letter, for two weeks."""
        statement = self._database.insert_or(schema.answered).values(origin=origin, until=now + ANSWERED_S)
        connection.execute(statement.on_conflict_do_nothing())

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
        known, waiting = schema.answered.c, schema.outbox.c
        for statement in (
            select(known.origin).where(known.origin == origin, known.until > now),
            select(waiting.id).where(waiting.kind == "letter", waiting.origin == origin),
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


def open_window(letter: EnqueueLetter, now: float) -> Select[Any]:
    """Return the query for one window that is open and would keep this letter back."""
    keys = [key for key in (letter.window_key, *letter.joined) if key]
    return select(_WINDOW.key).where(_WINDOW.key.in_(keys), _WINDOW.until > now).limit(1)


def forget_expired(connection: Connection, now: float) -> None:
    """Delete windows and answered origins that are over (windows stay an hour for the budgets)."""
    over = (_WINDOW.until <= now) & (_WINDOW.granted_at < now - _HOUR_S)
    connection.execute(delete(schema.reply_windows).where(over))
    connection.execute(delete(schema.answered).where(schema.answered.c.until <= now))
    connection.execute(delete(schema.letter_times).where(schema.letter_times.c.at < now - _DAY_S))
