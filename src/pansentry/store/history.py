"""What happened, for people: pages of events, one event, and what followed it.

In: what somebody asks for. Out: events as mappings, newest first. A page is found by the number of the event above it,
so that the millionth page costs what the first does; a search looks at the newest :data:`SEARCHED` events and no
further, and says so by what it returns.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, func, or_, select

from pansentry.store import schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from pansentry.store.database import Database

SEARCHED = 20_000
FOLLOWED = 50_000
READ_AT_ONCE = 1000
ACTIONS = frozenset({"deliver", "redact", "replace-part", "hold", "refuse", "tempfail"})
_NOTHING = '%"confidence":0.0,%'
_E = schema.events.c


class History:
    """The events, for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, *, limit: int = 50, before: int = 0, after: int = 0, only: str = "all", search: str = ""
    ) -> tuple[Mapping[str, Any], ...]:
        """Return events older than number ``before`` (0: the newest) and newer than ``after``.

        ``only`` is ``all`` (messages), ``found`` (card data in them), ``letter``, or an action. ``search`` is part of a
        domain, a rule, a brand or a reference.
        """
        statement = select(schema.events).order_by(_E.id.desc()).limit(limit)
        if before:
            statement = statement.where(_E.id < before)
        if after:
            statement = statement.where(_E.id > after)
        elif search or only != "all":
            newest = select(func.max(_E.id)).scalar_subquery()
            statement = statement.where(_E.id > (before or newest) - SEARCHED)
        statement = self._asked(statement, only, search)
        return tuple(event(row) for row in await self._database.read(statement))

    async def lines(self, *, since: float = 0.0) -> AsyncIterator[str]:
        """Yield every event as a line of JSON, newest first, :data:`READ_AT_ONCE` lines at a time.

        Memory does not grow with their number, and nothing is parsed: ``fields`` is JSON already.
        """
        before = 0
        while True:
            statement = select(schema.events).where(_E.at >= since).order_by(_E.id.desc()).limit(READ_AT_ONCE)
            rows = await self._database.read(statement.where(_E.id < before) if before else statement)
            if not rows:
                return
            before = rows[-1].id
            yield "".join(map(_line, rows))

    async def found_between(self, begin: float, end: float, limit: int) -> tuple[Mapping[str, Any], ...]:
        """Return the messages with card data from a time up to another, newest first; at most ``limit``."""
        statement = select(schema.events).where(_E.at >= begin, _E.at < end, _E.kind == "message")
        some = statement.where(_E.fields.not_like(_NOTHING)).order_by(_E.at.desc(), _E.id.desc())
        events = (event(row) for row in await self._database.read(some.limit(limit)))
        return tuple(one for one in events if any(one.get(kind) for kind in ("pan", "cvv", "expiry", "track")))

    async def newest(self) -> int:
        """Return the number of the newest event, 0 if there is none."""
        rows = await self._database.read(select(func.max(_E.id).label("newest")))
        return int(rows[0].newest or 0)

    async def one(self, number: int) -> Mapping[str, Any] | None:
        """Return one event, None if there is none (any more)."""
        rows = await self._database.read(select(schema.events).where(_E.id == number))
        return event(rows[0]) if rows else None

    async def about(self, message_ref: str, number: int) -> tuple[Mapping[str, Any], ...]:
        """Return what followed event ``number`` and is about the same message, oldest first."""
        if not message_ref:
            return ()
        same = _E.fields.like(f"%{_plain(message_ref)}%", escape="\\")
        statement = select(schema.events).where(_E.id > number, _E.id < number + FOLLOWED, same)
        rows = await self._database.read(statement.order_by(_E.id).limit(50))
        return tuple(event(row) for row in rows)

    def _asked(self, statement: Select[Any], only: str, search: str) -> Select[Any]:
        if only == "found":
            statement = statement.where(_E.kind == "message", _E.fields.not_like(_NOTHING))
        elif only == "letter":
            statement = statement.where(_E.kind == "letter")
        else:
            statement = statement.where(_E.kind == "message")
            if only in ACTIONS:
                statement = statement.where(_E.action == only)
        if search:
            part = f"%{_plain(search)}%"
            contains = self._database.contains
            statement = statement.where(or_(contains(_E.fields, part), contains(_E.rule, part)))
        return statement


def event(row: Row[Any]) -> Mapping[str, Any]:
    """Return a row as one flat mapping."""
    fixed = {"id": row.id, "at": row.at, "kind": row.kind, "action": row.action, "rule": row.rule}
    return {**json.loads(row.fields), **fixed}


def _line(row: Row[Any]) -> str:
    fixed = json.dumps({"id": row.id, "at": row.at, "kind": row.kind, "action": row.action, "rule": row.rule})
    return f"{fixed}\n" if row.fields == "{}" else f"{fixed[:-1]},{row.fields[1:]}\n"


def _plain(text: str) -> str:
    """Return the text with the signs of LIKE taken for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
