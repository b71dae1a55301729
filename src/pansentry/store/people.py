"""People and their roles. As long as nobody is named, whoever may open the store is an admin.

In: names of system users (the command line) or of accounts. Out: roles of :mod:`pansentry.permissions`. Every change is
in the audit log, in the same transaction. The last admin cannot be taken away, so that nobody is locked out.
"""

from __future__ import annotations

import shlex

from sqlalchemy import Connection, delete, func, select

from pansentry.permissions import NotPermittedError, Role, Task, is_permitted, least_role
from pansentry.store import schema
from pansentry.store.audit import append_entry
from pansentry.store.database import Database
from pansentry.store.scrubbing import scrubbed

_ROW = schema.people.c


class People:
    """Who has which role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[tuple[str, Role], ...]:
        """Return everybody who is named, by name."""
        rows = await self._database.read(select(schema.people).order_by(_ROW.name))
        return tuple((row.name, Role(row.role)) for row in rows)

    async def role_of(self, name: str) -> Role | None:
        """Return the role of a person, None for somebody who has none."""
        named = dict(await self.list())
        return named.get(name) if named else Role.ADMIN

    async def require(self, name: str, task: Task) -> None:
        """Raise :class:`NotPermittedError` unless the role of ``name`` allows ``task``."""
        role = await self.role_of(name)
        if role is None or not is_permitted(role, task):
            has = f"has the role {role}" if role else "has no role here"
            least = least_role(task)
            fix = f"An admin gives it, or root: `pansentry audit grant {shlex.quote(name)} {least}`."
            raise NotPermittedError(f"{name} {has}, and to {task} one must be {least}. {fix}")

    async def grant(self, name: str, role: Role, *, who: str) -> None:
        """Give a person a role in place of the one before. The first to be named must be an admin."""
        name = scrubbed(name)[:128]

        def grant(connection: Connection) -> None:
            self._database.in_turn(connection, "people")
            if role is not Role.ADMIN and not _admins(connection, besides=name):
                raise NotPermittedError("There must be an admin; name one first.")
            statement = self._database.insert_or(schema.people).values(name=name, role=role.value)
            upsert = statement.on_conflict_do_update(index_elements=["name"], set_={"role": role.value})
            connection.execute(upsert)
            append_entry(self._database, connection, who, "people.grant", f"{name}: {role.value}")

        await self._database.write(grant)

    async def revoke(self, name: str, *, who: str) -> bool:
        """Take a person's role away; False if there is none."""

        def revoke(connection: Connection) -> bool:
            self._database.in_turn(connection, "people")
            others = connection.execute(select(func.count()).where(_ROW.name != name)).scalar_one()
            if others and not _admins(connection, besides=name):
                raise NotPermittedError("This is the last admin; name another one first.")
            gone = connection.execute(delete(schema.people).where(_ROW.name == name)).rowcount == 1
            if gone:
                append_entry(self._database, connection, who, "people.revoke", name)
            return gone

        return await self._database.write(revoke)


def _admins(connection: Connection, *, besides: str) -> int:
    statement = select(func.count()).where(_ROW.role == Role.ADMIN.value, _ROW.name != besides)
    return int(connection.execute(statement).scalar_one())
