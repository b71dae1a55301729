"""Versions of the policies: what was in use, since when, who brought it in; and what was refused last.

In: the files of a folder of policies (name → bytes) and the digest over them. Out: the same files again, to go back.
Of each version the content is kept, compressed; the newest :data:`KEPT`. Taking one into use, refusing one and going
back are entries of the audit log, written in the same transaction. Several workers that reload at once write it once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, delete, insert, select

from pansentry.store import schema
from pansentry.store.audit import append_entry
from pansentry.store.database import Database
from pansentry.store.scrubbing import scrubbed
from pansentry.store.sqlite import sqlite_path

KEPT = 200
ANNOUNCED = "policies"
"""What other nodes hear when a version was taken into use."""
_ROW = schema.policy_versions.c
_META = schema.meta.c
_REFUSED = "policy.refused"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version; ``files`` is empty in listings."""

    number: int
    digest: str
    at: float
    who: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Policies that were not taken into use: the old ones still hold."""

    digest: str
    at: float
    reason: str


class Versions:
    """The versions of the policies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def are_shared(self) -> bool:
        """True if gateways on other machines have the same versions."""
        return self._database.is_shared

    async def accept(self, digest: str, files: Mapping[str, bytes], who: str) -> bool:
        """Note that these policies are in use; False if they were already."""
        now = self._database.clock()
        packed = zlib.compress(json.dumps({n: b64encode(c).decode() for n, c in sorted(files.items())}).encode())

        def accept(connection: Connection) -> bool:
            self._database.in_turn(connection, "policies")
            connection.execute(delete(schema.meta).where(_META.name == _REFUSED))
            newest = connection.execute(select(_ROW.number, _ROW.digest).order_by(_ROW.number.desc()).limit(1)).first()
            if newest is not None and newest.digest == digest:
                return False
            number = newest.number + 1 if newest is not None else 1
            connection.execute(
                insert(schema.policy_versions).values(
                    number=number, digest=digest, at=now, who=scrubbed(who)[:128], files=packed
                )
            )
            connection.execute(delete(schema.policy_versions).where(_ROW.number <= number - KEPT))
            append_entry(self._database, connection, who, "policy.accept", digest)
            self._database.announce(connection, ANNOUNCED)
            return True

        return await self._database.write(accept)

    async def refuse(self, digest: str, reason: str, who: str) -> bool:
        """Note that these policies were not taken into use; False if that is noted already."""
        now, reason = self._database.clock(), scrubbed(reason)[:4000]
        value = json.dumps({"digest": digest, "at": now, "reason": reason})

        def refuse(connection: Connection) -> bool:
            self._database.in_turn(connection, "policies")
            known = connection.execute(select(_META.value).where(_META.name == _REFUSED)).scalar()
            if known is not None and (json.loads(known)["digest"], json.loads(known)["reason"]) == (digest, reason):
                return False
            connection.execute(delete(schema.meta).where(_META.name == _REFUSED))
            connection.execute(insert(schema.meta).values(name=_REFUSED, value=value))
            append_entry(self._database, connection, who, "policy.refuse", f"{digest} {reason}"[:500])
            return True

        return await self._database.write(refuse)

    async def refused(self) -> Refused | None:
        """Return what was refused since the policies in use were taken, None if nothing was."""
        rows = await self._database.read(select(_META.value).where(_META.name == _REFUSED))
        return Refused(**json.loads(rows[0].value)) if rows else None

    async def list(self, limit: int = 50) -> tuple[PolicyVersion, ...]:
        """Return the versions, newest first, without their files."""
        columns = (_ROW.number, _ROW.digest, _ROW.at, _ROW.who)
        rows = await self._database.read(select(*columns).order_by(_ROW.number.desc()).limit(limit))
        return tuple(PolicyVersion(row.number, row.digest, row.at, row.who) for row in rows)

    async def get(self, digest: str) -> PolicyVersion | None:
        """Return the newest version whose digest starts with ``digest``, with its files; None if there is none."""
        statement = select(schema.policy_versions).where(_ROW.digest.startswith(digest, autoescape=True))
        return _version(await self._database.read(statement.order_by(_ROW.number.desc()).limit(1)))

    async def before(self, digest: str) -> PolicyVersion | None:
        """Return the newest version that differs from ``digest``, with its files; None if there is none."""
        statement = select(schema.policy_versions).where(_ROW.digest != digest)
        return _version(await self._database.read(statement.order_by(_ROW.number.desc()).limit(1)))


def refused_now(url: str) -> Refused | None:
    """Return what :meth:`Versions.refused` would, without opening the store: for a look from outside.

    Not to be called where an event loop runs.
    """
    if not url.startswith("sqlite:"):
        from pansentry.store.postgresql import look

        found = asyncio.run(look(url, select(_META.value).where(_META.name == _REFUSED)))
        return Refused(**json.loads(found)) if found else None
    path = sqlite_path(url)
    if path is None or not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2.0)) as connection:
        found = connection.execute("SELECT value FROM meta WHERE name = ?", (_REFUSED,)).fetchone()
    return Refused(**json.loads(found[0])) if found else None


def _version(rows: Sequence[Row[Any]]) -> PolicyVersion | None:
    if not rows:
        return None
    row = rows[0]
    files = {name: b64decode(text) for name, text in json.loads(zlib.decompress(row.files)).items()}
    return PolicyVersion(row.number, row.digest, row.at, row.who, files)
