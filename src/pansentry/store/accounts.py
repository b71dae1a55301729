"""Accounts of the console: passwords, second factors, sessions. Roles are those of :mod:`pansentry.store.people`.

In: what somebody typed. Out: a name, or nothing. Passwords are argon2id hashes (RFC 9106, the library's defaults:
64 MiB, 3 passes); sessions and programs' tokens are kept as keyed hashes only, and secrets of one-time codes encrypted
(:mod:`pansentry.store.one_time`), so that a copy of the database opens nothing. A code works once. Wrong tries are
counted per name and per address by the caller (:class:`pansentry.console.access.Tries`); here every try costs the same
time, whether the name exists or not.

Guests have no password here: an OpenID provider vouches for them (:mod:`pansentry.console.openid`). Their role is that
of their groups at the last sign-in, their session ends after twelve hours in any case, and they make no tokens, so that
whom the provider lets go is out within half a day. Their names end in a mark of the provider's key for them, which no
account of ours gets by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from operator import methodcaller
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, delete, func, insert, not_, select, update

from pansentry.permissions import Role
from pansentry.sentence import sentence
from pansentry.store import schema
from pansentry.store.audit import append_entry
from pansentry.store.one_time import is_secret, matching_step, open_secret, seal_secret
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from pansentry.store.database import Database

SHORTEST_PASSWORD = 12
SESSION_S = 12 * 3600.0
"""A session ends when it was not used for so long, and after a week anyway."""
LONGEST_SESSION_S = 7 * 86400.0
TOKEN_S = 365 * 86400.0
_SEEN_EVERY_S = 60.0
_A = schema.accounts.c
_S = schema.sessions.c
_G = schema.guests.c
_FIRST = "console.first-run"


class PasswordError(ValueError):
    """A password that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    name: str
    role: Role
    has_totp: bool = False
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who signs in through a provider, with the role of the last time."""

    name: str
    role: Role
    seen_at: float


@dataclass(frozen=True, slots=True)
class Token:
    """A program's token, as far as it is known here: ``id`` is a keyed hash and opens nothing."""

    id: str
    label: str
    made_at: float
    until: float


@dataclass(frozen=True, slots=True)
class Session:
    """A session or a program's token: whose it is, and its secret for tokens of forms.

    ``kind`` is ``browser``, ``guest`` (a browser of somebody whom a provider vouches for) or ``program``.
    """

    name: str
    role: Role
    kind: str = "browser"
    secret: str = field(default="", repr=False)


class Accounts:
    """Accounts and sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first_run(self) -> str:
        """Return a fresh token that lets the first admin be made; "" if there is one already."""
        if await self.count():
            return ""
        token = secrets.token_urlsafe(24)
        value = self._hash("first-run", token)

        def note(connection: Connection) -> None:
            connection.execute(delete(schema.meta).where(schema.meta.c.name == _FIRST))
            connection.execute(insert(schema.meta).values(name=_FIRST, value=value))

        await self._database.write(note)
        return token

    async def found(self, token: str, name: str, password: str) -> bool:
        """Make the first admin; False if the token is wrong or somebody was faster. Raises PasswordError."""
        hashed = await self._hashed(password)
        wanted = self._hash("first-run", token)
        name = _clean(name)

        def found(connection: Connection) -> bool:
            gone = connection.execute(
                delete(schema.meta).where(schema.meta.c.name == _FIRST, schema.meta.c.value == wanted)
            ).rowcount
            if not gone or connection.execute(select(func.count()).select_from(schema.accounts)).scalar_one():
                return False
            self._put(connection, name, hashed, Role.ADMIN, who=name)
            return True

        return await self._database.write(found)

    async def create(self, name: str, password: str, role: Role, *, who: str) -> None:
        """Make an account, or give an account a new password and role. Raises PasswordError."""
        hashed, name = await self._hashed(password), _clean(name)
        await self._database.write(lambda connection: self._put(connection, name, hashed, role, who=who))

    async def reset(self, name: str, password: str, *, who: str) -> bool:
        """Give an account another password, take its one-time codes away and end its sessions; False if there is none.

        Raises :class:`PasswordError`.
        """
        hashed = await self._hashed(password)

        def reset(connection: Connection) -> bool:
            values = {"password": hashed, "totp": "", "totp_used": 0}
            if connection.execute(update(schema.accounts).where(_A.name == name).values(**values)).rowcount != 1:
                return False
            connection.execute(delete(schema.sessions).where(_S.name == name))
            append_entry(self._database, connection, who, "account.reset", name)
            return True

        return await self._database.write(reset)

    async def remove(self, name: str, *, who: str) -> None:
        """Take an account away with its sessions; its role goes with :meth:`People.revoke`."""

        def remove(connection: Connection) -> None:
            connection.execute(delete(schema.sessions).where(_S.name == name))
            if connection.execute(delete(schema.accounts).where(_A.name == name)).rowcount:
                append_entry(self._database, connection, who, "account.remove", name)

        await self._database.write(remove)

    async def count(self) -> int:
        """Return how many accounts there are."""
        rows = await self._database.read(select(func.count().label("number")).select_from(schema.accounts))
        return int(rows[0].number)

    async def list(self) -> tuple[Account, ...]:
        """Return everybody with an account, by name."""
        joined = schema.accounts.join(schema.people, schema.people.c.name == _A.name)
        columns = (_A.name, _A.totp, _A.created_at, schema.people.c.role)
        rows = await self._database.read(select(*columns).select_from(joined).order_by(_A.name))
        return tuple(Account(row.name, Role(row.role), bool(row.totp), row.created_at) for row in rows)

    async def sign_in(self, name: str, password: str, code: str) -> str | None:
        """Return the token of a new session, None for whatever is wrong. ``code`` is the one-time code, if any."""
        rows = await self._database.read(select(schema.accounts).where(_A.name == _clean(name)))
        stored = rows[0].password if rows else _NOBODY
        is_right = await asyncio.to_thread(_verify, stored, password)
        if not rows or not is_right or (rows[0].totp and not await self._is_new_code(rows[0], code)):
            await self._note(_clean(name), "login.refused")
            return None
        return await self._open(rows[0].name, "browser", "", SESSION_S)

    async def make_token(self, name: str, label: str) -> str:
        """Return a token for a program that acts for ``name``, for a year."""
        return await self._open(name, "program", scrubbed(label)[:64], TOKEN_S)

    async def tokens(self, name: str) -> tuple[Token, ...]:
        """Return the tokens that somebody made, the newest first."""
        columns = (_S.token, _S.label, _S.created_at, _S.until)
        statement = select(*columns).where(_S.name == name, _S.kind == "program", _S.until > self._database.clock())
        rows = await self._database.read(statement.order_by(_S.created_at.desc(), _S.token))
        return tuple(Token(row.token, row.label, row.created_at, row.until) for row in rows)

    async def revoke(self, name: str, identifier: str) -> bool:
        """End a token that ``name`` made; False if there is none."""

        def revoke(connection: Connection) -> bool:
            wanted = (_S.name == name, _S.kind == "program", _S.token == identifier)
            label = connection.execute(select(_S.label).where(*wanted)).scalar()
            if label is None:
                return False
            connection.execute(delete(schema.sessions).where(*wanted))
            append_entry(self._database, connection, name, "token.revoke", label)
            return True

        return await self._database.write(revoke)

    async def admit_guest(self, name: str, role: Role) -> str:
        """Return the token of a new session of somebody whom a provider vouches for, with the role of now."""
        name = _clean(name)
        said = {"role": role.value, "seen_at": self._database.clock()}
        upsert = self._database.insert_or(schema.guests).values(name=name, **said)
        upsert = upsert.on_conflict_do_update(index_elements=["name"], set_=said)
        await self._database.write(lambda connection: connection.execute(upsert))
        return await self._open(name, "guest", "", SESSION_S)

    async def refuse_guest(self, name: str) -> None:
        """End what somebody had here, and note that they were refused: the provider says nothing that is a role."""
        await self.remove_guest(name, who=_clean(name), did="login.refused")

    async def remove_guest(self, name: str, *, who: str, did: str = "guest.remove") -> None:
        """End the sessions of a guest; the provider may send the same person again."""
        name = _clean(name)

        def remove(connection: Connection) -> None:
            connection.execute(delete(schema.sessions).where(_S.name == name, _S.kind == "guest"))
            gone = connection.execute(delete(schema.guests).where(_G.name == name)).rowcount
            if gone or did == "login.refused":
                append_entry(self._database, connection, who, did, name)

        await self._database.write(remove)

    async def guests(self) -> tuple[Guest, ...]:
        """Return everybody who came through a provider, by name."""
        rows = await self._database.read(select(schema.guests).order_by(_G.name))
        return tuple(Guest(row.name, Role(row.role), row.seen_at) for row in rows)

    async def session(self, token: str) -> Session | None:
        """Return whose session this is; None if it has ended. Using a session keeps it open."""
        hashed, now = self._hash("session", token), self._database.clock()
        is_guest = _S.kind == "guest"
        joined = schema.sessions.outerjoin(schema.people, and_(schema.people.c.name == _S.name, not_(is_guest)))
        joined = joined.outerjoin(schema.guests, and_(_G.name == _S.name, is_guest))
        role = func.coalesce(schema.people.c.role, _G.role)
        columns = (_S.name, _S.kind, _S.created_at, _S.seen_at, role.label("role"))
        statement = select(*columns).select_from(joined).where(_S.token == hashed, _S.until > now, role.is_not(None))
        rows = await self._database.read(statement)
        if not rows:
            return None
        row = rows[0]
        if row.kind == "browser" and now - row.seen_at > _SEEN_EVERY_S:
            until = min(now + SESSION_S, row.created_at + LONGEST_SESSION_S)
            renewed = update(schema.sessions).where(_S.token == hashed).values(seen_at=now, until=until)
            await self._database.write(lambda connection: connection.execute(renewed))
        return Session(row.name, Role(row.role), row.kind, self._hash("form", token))

    async def sign_out(self, token: str) -> None:
        """End a session."""
        statement = delete(schema.sessions).where(_S.token == self._hash("session", token))
        await self._database.write(lambda connection: connection.execute(statement))

    async def start_totp(self, name: str, secret: str, code: str, *, who: str) -> bool:
        """Ask ``name`` for one-time codes from now on; False if ``code`` is not one of this secret."""
        if matching_step(secret, code, self._database.clock()) is None:
            return False
        sealed = seal_secret(self._database.key, name, secret)

        def start(connection: Connection) -> None:
            connection.execute(update(schema.accounts).where(_A.name == name).values(totp=sealed, totp_used=0))
            append_entry(self._database, connection, who, "account.totp", name)

        await self._database.write(start)
        return True

    async def seal_secrets(self) -> None:
        """Encrypt the secrets of one-time codes that an earlier version left in the clear; once, at the start."""
        rows = await self._database.read(select(_A.name, _A.totp).where(_A.totp != ""))
        for row in rows:
            if is_secret(row.totp):
                sealed = seal_secret(self._database.key, row.name, row.totp)
                change = update(schema.accounts).where(_A.name == row.name, _A.totp == row.totp).values(totp=sealed)
                await self._database.write(methodcaller("execute", change))

    async def forget_expired(self) -> None:
        """Delete sessions that have ended."""
        statement = delete(schema.sessions).where(_S.until <= self._database.clock())
        await self._database.write(lambda connection: connection.execute(statement))

    async def _is_new_code(self, row: object, code: str) -> bool:
        """A code is taken once: what was seen over a shoulder opens nothing (RFC 6238 §5.2)."""
        name, stored, used = row.name, row.totp, row.totp_used  # type: ignore[attr-defined]
        matching = matching_step(open_secret(self._database.key, name, stored), code, self._database.clock())
        if matching is None or matching <= used:
            return False
        taken = update(schema.accounts).where(_A.name == name, _A.totp_used < matching).values(totp_used=matching)
        return await self._database.write(lambda connection: connection.execute(taken).rowcount == 1)

    async def _open(self, name: str, kind: str, label: str, length_s: float) -> str:
        token, now = secrets.token_urlsafe(32), self._database.clock()
        hashed = self._hash("session", token)

        def note(connection: Connection) -> None:
            connection.execute(
                insert(schema.sessions).values(
                    token=hashed, name=name, kind=kind, label=label, created_at=now, seen_at=now, until=now + length_s
                )
            )
            append_entry(self._database, connection, name, "token.make" if kind == "program" else "login", label)

        await self._database.write(note)
        return token

    async def _note(self, who: str, did: str) -> None:
        await self._database.write(lambda connection: append_entry(self._database, connection, who, did))

    async def _hashed(self, password: str) -> str:
        check_password(password)
        return await asyncio.to_thread(_hash, password)

    def _put(self, connection: Connection, name: str, hashed: str, role: Role, *, who: str) -> None:
        now = self._database.clock()
        account = self._database.insert_or(schema.accounts).values(
            name=name, password=hashed, totp="", totp_used=0, created_at=now
        )
        connection.execute(account.on_conflict_do_update(index_elements=["name"], set_={"password": hashed}))
        person = self._database.insert_or(schema.people).values(name=name, role=role.value)
        connection.execute(person.on_conflict_do_update(index_elements=["name"], set_={"role": role.value}))
        connection.execute(delete(schema.sessions).where(_S.name == name))
        append_entry(self._database, connection, who, "account.put", f"{name}: {role.value}")

    def _hash(self, purpose: str, token: str) -> str:
        return self._database.keyed(f"console {purpose}", token.encode("utf-8", "replace"))


_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""What the password of somebody who has no account is compared with, so that it takes as long."""


def check_password(password: str) -> None:
    """Raise PasswordError if a password is too short (NIST SP 800-63B §5.1.1.2 asks for length, not for signs)."""
    if len(password) < SHORTEST_PASSWORD:
        said = "A password has {n} characters or more; three words in a row will do."
        raise PasswordError(sentence(said, n=SHORTEST_PASSWORD))


def _clean(name: str) -> str:
    return scrubbed(name.strip())[:128]


def _hash(password: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def _verify(stored: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return PasswordHasher().verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
