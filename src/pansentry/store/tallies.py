"""Sums of events by day, kept while events are written, so that a page or a scraper never reads a million of them.

In: the rows of a batch of events, inside their transaction. Out: numbers by name, ``<what>:<which>``, such as
``message:redact``, ``found:pan``, ``brand:visa``, ``place:body``, ``place:document:pdf``, ``to:shop.example`` (mail
with findings), ``letter:sent``, ``language:de``, ``marked:paid``. A batch costs one upsert for each different name in
it. Sums outlive the events they are of: they hold no message and no person.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from pansentry.places import coarse, real
from pansentry.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from pansentry.store.database import Database

DAY_S = 86400
KINDS = ("pan", "cvv", "expiry", "track")
_LISTED = (("brands", "brand"), ("places", "place"), ("unreadable", "unreadable"))
_SINGLE = (("language", "language"), ("channel", "channel"), ("marked", "marked"), ("silence", "silence"))
_NOTHING = '"confidence":0.0,"unreadable":[]'
"""How the fields of a mail read in which nothing was found (:func:`pansentry.event.event_fields`): most of them."""
_MAX_NAMES = 4000
"""Different names of one day; whoever invents recipient domains cannot fill the table."""
_T = schema.tallies.c


def day_of(at: float) -> int:
    """Return the day of a time: days since the epoch, UTC."""
    return int(at // DAY_S)


def add(database: Database, connection: Connection, rows: Sequence[tuple[float, str, str, str, str]]) -> None:
    """Add a batch of events to the sums of their days, in the transaction that writes them.

    An event is (at, kind, action, rule, fields).
    """
    sums: Counter[tuple[int, str]] = Counter()
    for at, kind, action, _, written in rows:
        day = day_of(at)
        sums[day, f"{kind}:{action}"] += 1
        if kind == "message" and _NOTHING in written:
            continue
        fields = json.loads(written)
        for name in _names(fields):
            sums[day, name[:160].replace("\0", "?")] += 1  # PostgreSQL takes none, and the batch would fail for ever
        for found, number in _found(fields):
            sums[day, f"found:{found}"] += number
    if sums:
        put(database, connection, sums)


def put(database: Database, connection: Connection, sums: Mapping[tuple[int, str], int]) -> None:
    """Add to the sums of (day, name), in the transaction of the connection."""
    counted = connection.execute(select(func.count()).where(_T.day.in_({day for day, _ in sums}))).scalar_one()
    statement = database.insert_or(schema.tallies)
    upsert = statement.on_conflict_do_update(
        index_elements=["day", "name"], set_={"number": _T.number + statement.excluded.number}
    )
    kept = [  # in one order: two nodes that write the same rows do not wait for each other in a ring
        {"day": day, "name": name, "number": number}
        for (day, name), number in sorted(sums.items())
        if counted < _MAX_NAMES or not name.startswith("to:")
    ]
    connection.execute(upsert, kept)


def _names(fields: Mapping[str, Any]) -> Iterable[str]:
    for field, what in _LISTED:
        listed = fields.get(field)
        which_of = listed if isinstance(listed, list) else []
        for which in _shown(which_of) if what == "place" else which_of:
            yield f"{what}:{which}"
    for field, what in _SINGLE:
        if which := fields.get(field):
            yield f"{what}:{which}"
    if any(fields.get(kind) for kind in KINDS) and (domain := fields.get("recipient_domain")):
        yield f"to:{domain}"


def _shown(places: Iterable[object]) -> Iterable[str]:
    """Return each name under which places are shown once, however many parts, pages and readings a mail has."""
    return dict.fromkeys(coarse(place) for place in real(map(str, places)))


def _found(fields: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for kind in KINDS:
        number = fields.get(kind)
        if isinstance(number, int) and number > 0:
            yield kind, number


class Tallies:
    """The sums, for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, first: int, last: int) -> dict[str, int]:
        """Return the sums of some days, both included, by name."""
        total = func.sum(_T.number).label("total")
        statement = select(_T.name, total).where(_T.day >= first, _T.day <= last).group_by(_T.name)
        return {row.name: int(row.total) for row in await self._database.read(statement)}

    async def by_day(self, first: int, last: int, name: str) -> dict[int, int]:
        """Return one sum for each of some days."""
        statement = select(_T.day, _T.number).where(_T.day >= first, _T.day <= last, _T.name == name)
        return {row.day: row.number for row in await self._database.read(statement)}


def by_which(sums: Mapping[str, int], what: str) -> dict[str, int]:
    """Return the sums of one kind of name, largest first: ``by_which(sums, "brand")`` → ``{"visa": 3, …}``."""
    found = {name.partition(":")[2]: number for name, number in sums.items() if name.startswith(f"{what}:")}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
