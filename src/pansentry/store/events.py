"""Events: what happened to each message, written in batches beside the mail.

In: mappings with the names of :data:`~pansentry.store.schema.EVENT_FIELDS`. :meth:`Events.record` only puts them in a
list; one task writes the list every 0.2 s or 500 events, in one transaction, and only then are they looked through and
spelled. So an event may be lost in a crash; a mail or a letter never depends on one.
Limits: 100,000 events wait at most (a database that is away); later ones are dropped and counted. While it refuses them
it is asked every five seconds, however much mail there is. Text is cut at 300 characters, tuples at 50 items.
Attack: senders put card numbers where logs are written from (addresses, file names, host names). Every text is looked
through, and a run of 12 digits or more is struck out before it gets anywhere near a disk.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select

from pansentry.store import partitions, schema, tallies
from pansentry.store.database import Database
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from pansentry.outcome import Alike

log = logging.getLogger("pansentry.store")

_BATCH = 500
_EVERY_S = 0.2
_AGAIN_S = 5.0
_MAX_WAITING = 100_000
_MAX_TEXT = 300
_LOOKED_AT = 4096
_MAX_ITEMS = 50
_SHORT = 12
"""No text below this many characters holds twelve digits."""
_PLAIN = frozenset({bool, float, type(None)})
_EMPTY = frozenset({int, str, tuple, list})
_HAS_DIGIT = re.compile(r"\d")
_NO_NUMBER = 10**11
"""Whole numbers below this have fewer than twelve digits."""
_OUR_IDS = frozenset({"message_ref", "incident", "policy"})
_REFERENCE = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{1,64}\Z")
_NAMES = ("at", "kind", "action", "rule", "fields")
_INSERT, _ROW = f"INSERT INTO events ({', '.join(_NAMES)}) VALUES ", "(?, ?, ?, ?, ?)"  # noqa: S608  names of ours
"""SQLAlchemy takes 5 µs a row to say the same."""
_PIECES = (128, 32, 8, 2, 1)
"""Rows in one statement, five variables each: SQLite before 3.32 takes no more than 999."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_quoted = json.encoder.encode_basestring
_SIMPLE = frozenset({str, int})

Scalar = str | int | float | bool | None
Row = tuple[float, str, str, str, str]
"""What is written of an event, see :data:`_NAMES`; ``fields`` are JSON."""
_Waiting = tuple[float, Mapping[str, object], Sequence["Alike"]]
"""An event as it was recorded: when, its own fields, and those that it has like others."""


class Events:
    """The event log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._wake: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._is_away = False
        self.dropped = 0

    def record(self, fields: Mapping[str, object], alike: Sequence[Alike] = ()) -> None:
        """Note an event; it is written soon. Never raises on content.

        ``alike`` are fields that other events have as well: each is looked through and spelled once. The first of them
        says kind, action and rule.
        """
        if len(self._waiting) >= _MAX_WAITING:
            self.dropped += 1
            return
        self._waiting.append((self._database.clock(), fields, alike))
        if len(self._waiting) >= _BATCH and not self._is_away:
            self._start()
        elif self._wake is None:
            self._plan(_EVERY_S)

    def _plan(self, wait_s: float) -> None:
        if self._wake is None:
            self._wake = asyncio.get_running_loop().call_later(wait_s, self._start)

    def _start(self) -> None:
        self._unplan()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())

    def _unplan(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    async def _write(self) -> None:
        """Write what waits now. What comes meanwhile waits its time: else a busy gateway commits every ten events."""
        left = len(self._waiting)
        while left > 0:
            size = min(left, _BATCH)
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            left -= size
            try:
                await self._insert(batch)
            except Exception as error:
                # a broken store must not stop mail: it is tried again
                log.error("events not written: %s", type(error).__name__)  # noqa: TRY400  no values in logs
                self._waiting[:0] = batch
                self._is_away = True
                self._unplan()  # what came meanwhile planned a try of its own
                self._plan(_AGAIN_S)
                return
            self._is_away = False
        if self._waiting:
            self._plan(_EVERY_S)

    async def _insert(self, batch: list[_Waiting]) -> None:
        def write(connection: Connection) -> None:
            rows = [row for row in itertools.starmap(_row, batch) if row is not None]
            if connection.dialect.name == "sqlite":
                _insert_in_pieces(connection, rows)
            elif rows:
                connection.execute(insert(schema.events), [dict(zip(_NAMES, row, strict=True)) for row in rows])
            tallies.add(self._database, connection, rows)

        await self._database.write(write)

    async def flush(self) -> None:
        """Write all that waits; returns when it is on disk, or could not be written."""
        if self._writing is not None:
            await self._writing  # begun earlier: it knows nothing of what came since
        self._start()
        assert self._writing is not None
        await self._writing

    async def recent(self, limit: int = 100, *, kind: str = "") -> tuple[Mapping[str, Any], ...]:
        """Return the newest events, newest first; ``kind`` those of one kind (``message``, ``letter`` …)."""
        statement = select(schema.events).order_by(schema.events.c.id.desc()).limit(limit)
        rows = await self._database.read(statement.where(schema.events.c.kind == kind) if kind else statement)
        return tuple(
            {
                "id": row.id,
                "at": row.at,
                "kind": row.kind,
                "action": row.action,
                "rule": row.rule,
                **json.loads(row.fields),
            }
            for row in rows
        )

    async def count(self, since: float = 0.0) -> Mapping[tuple[str, str], int]:
        """Count events by (kind, action) since a time."""
        table = schema.events.c
        rows = await self._database.read(
            select(table.kind, table.action, func.count().label("number"))
            .where(table.at >= since)
            .group_by(table.kind, table.action)
        )
        return {(row.kind, row.action): row.number for row in rows}

    async def forget_before(self, before: float) -> int:
        """Delete events older than a time; returns how many. PostgreSQL deletes whole months, once they are over."""
        statement = delete(schema.events).where(schema.events.c.at < before)

        def forget(connection: Connection) -> int:
            if connection.dialect.name == "postgresql":
                self._database.in_turn(connection, "schema")
                partitions.make_months(connection, self._database.clock())
                return partitions.forget_before(connection, before)
            return connection.execute(statement).rowcount

        return await self._database.write(forget)

    async def close(self) -> None:
        """Write what waits, once."""
        await self.flush()
        self._unplan()


def _insert_in_pieces(connection: Connection, batch: Sequence[Row]) -> None:
    """Insert many rows with few statements.

    ``executemany`` lets go of the interpreter's lock for every row and asks for it again while the event loop has it.
    Under load the writing thread took 136 µs of CPU an event, most so, and by commits of ten events each; now 11.
    """
    at = 0
    for rows in _PIECES:
        while len(batch) - at >= rows:
            values = tuple(itertools.chain.from_iterable(batch[at : at + rows]))
            connection.exec_driver_sql(_statement(rows), values)
            at += rows


@functools.cache
def _statement(rows: int) -> str:
    """Return the same text each time, so that SQLite prepares it once."""
    return _INSERT + ", ".join([_ROW] * rows)


def _row(at: float, fields: Mapping[str, object], alike: Sequence[Alike]) -> Row | None:
    """Return what is written of an event; None, and a line in the log, for one that cannot be spelled."""
    try:
        kept = _kept(fields)
        if not alike:
            columns, text = _columns(kept), _as_json(kept)
        else:
            spelled = ",".join([_spelled(some)[1] for some in alike])
            columns, text = _spelled(alike[0])[0], f"{{{spelled},{_as_json(kept)[1:]}" if kept else f"{{{spelled}}}"
        said = "".join(columns)
        if not (text.isascii() and said.isascii()) or "\0" in said:
            text, columns = _whole(text), (_whole(columns[0]), _whole(columns[1]), _whole(columns[2]))
    except Exception as error:  # or no later event would be written any more
        log.error("event not written: %s", type(error).__name__)  # noqa: TRY400  no values in logs
        return None
    return (at, *columns, text)


def _whole(text: str) -> str:
    """Return a text without what a database refuses: half a surrogate or a NUL would fail its batch again and again."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _kept(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields as they may be written."""
    kept: dict[str, object] = {}
    for name, value in fields.items():
        if name not in schema.EVENT_FIELDS:
            continue
        kind = type(value)
        if kind in _PLAIN or (not value and kind in _EMPTY):
            kept[name] = value
        elif kind is str:
            kept[name] = value if len(value) < _SHORT else _harmless_text(name, value)  # type: ignore[arg-type]
        elif kind is int:
            kept[name] = value if -_NO_NUMBER < value < _NO_NUMBER else scrubbed(str(value))  # type: ignore[operator]
        elif isinstance(value, str):
            kept[name] = _harmless_text(name, str(value))
        elif isinstance(value, tuple | list | set | frozenset):
            kept[name] = _harmless_items(value)
        else:
            kept[name] = _cut(scrubbed(_looked_at(str(value))))
    if len(kept) < len(fields):
        log.error("event fields not in the schema: %s", ", ".join(sorted(set(fields) - schema.EVENT_FIELDS)))
    return kept


def _spelled(some: Alike) -> tuple[tuple[str, str, str], str]:
    """Return columns, and the rest as JSON without its braces."""
    try:
        return some.spelled
    except AttributeError:
        kept = _kept(some)
        some.spelled = _columns(kept), _JSON.encode(kept)[1:-1]
        return some.spelled


def _as_json(kept: Mapping[str, object]) -> str:
    """Spell fields; texts and numbers without the 10,000 instructions of setting up an encoder."""
    if all(type(value) in _SIMPLE for value in kept.values()):
        pairs = [f'"{name}":{_quoted(value) if type(value) is str else value}' for name, value in kept.items()]
        return f"{{{','.join(pairs)}}}"
    return _JSON.encode(kept)


def _columns(kept: dict[str, object]) -> tuple[str, str, str]:
    """Take out what has a column of its own: kind, action and rule."""
    return (
        str(kept.pop("kind", "message"))[:32],
        str(kept.pop("action", ""))[:16],
        str(kept.pop("rule", ""))[:128],
    )


def _harmless_text(name: str, value: str) -> str:
    text = _looked_at(value)
    return _cut(text if not _HAS_DIGIT.search(text) or _is_ours(name, text) else scrubbed(text))


def _harmless_items(value: Iterable[object]) -> list[str]:
    items = [_looked_at(str(item)) for item in itertools.islice(value, _MAX_ITEMS)]
    return [_struck(item) for item in items] if _HAS_DIGIT.search("".join(items)) else [_cut(item) for item in items]


def _struck(text: str) -> str:
    return _cut(scrubbed(text) if _HAS_DIGIT.search(text) else text)


def _cut(text: str) -> str:
    """Cut a text that was looked through: a number that is cut before is no run of digits any more."""
    return text[:_MAX_TEXT]


def _looked_at(text: str) -> str:
    """Return so much of a text as is looked through; a number at its end is left out rather than cut."""
    if len(text) <= _LOOKED_AT:
        return text
    end = _LOOKED_AT
    while end and not text[end - 1].isalpha():
        end -= 1
    return text[:end]


def _is_ours(name: str, text: str) -> bool:
    """True for what the sender did not choose and may look like a number: our ids, and the client's IP address."""
    if name in _OUR_IDS:
        return _REFERENCE.match(text) is not None
    return name == "client" and _is_address(text)


@functools.lru_cache(maxsize=256)
def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
