"""The rights of one customer: everything that is stored about an address, in words, and erasing it.

In: the store, the key of keyed tokens, an address, and the mailboxes it may have written to (tokens of a conversation
and of a reply window are made of both, and cannot be found otherwise). Out: plain data; or how much was erased.
(GDPR articles 15, 17 and 21.)

Erasing deletes letters that wait, the note of letters sent, reference codes, conversation tokens, reply windows and
held mail of that sender; in events it blanks what leads to the person (domains, keys, client address) and leaves
kinds and counts, so that statistics stay true. What this cannot find: mail in mailboxes, tokens of a mailbox that was
not named (they expire within the memory's 14 days and the window), and the audit log, which is kept whole on purpose
and names no customer. An erased customer who wanted no letters is a stranger again.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update

from pansentry.conversation import customer_token, keyed
from pansentry.features import keys_of
from pansentry.reply import window_key
from pansentry.senders import original_address
from pansentry.sentence import counted
from pansentry.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pansentry.store import Store

LETTERS = ("guidance",)
"""Folders of letters whose windows are looked for, beside those that the caller names."""
_OWN_WINDOW = ("", "/enquiry", "/unreadable")
_PERSONAL = ("sender_domain", "from_domain", "sender_keys", "from_keys", "client", "client_name", "helo")
_EVENT = schema.events.c
_HELD = schema.held.c
_OUTBOX = schema.outbox.c
_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: an address, and the mailboxes it may have written to."""

    address: str
    mailboxes: tuple[str, ...]
    key: bytes
    letters: tuple[str, ...] = LETTERS

    @property
    def token(self) -> str:
        return customer_token(self.key, self.address)

    def window_keys(self) -> tuple[str, ...]:
        names = {name + more for name in (*LETTERS, *self.letters) for more in _OWN_WINDOW}
        return tuple(window_key(self.key, box, self.address, name) for box in self.mailboxes for name in sorted(names))

    def memory_tokens(self) -> tuple[str, ...]:
        address = self.address.lower()
        return tuple(keyed(self.key, "conversation", "address", f"{address}>{box.lower()}") for box in self.mailboxes)

    def is_meant(self, path: str) -> bool:
        return original_address(path).lower() == self.address.lower()


async def export(store: Store, subject: Subject) -> dict[str, Any]:
    """Return everything that is stored about an address; times as a person reads them, in UTC (RFC 3339)."""
    database = store.database
    customer = store.customers.get(subject.token)
    times = schema.letter_times
    windows, memory = schema.reply_windows.c, schema.memory.c
    in_windows = select(windows.granted_at, windows.until).where(windows.key.in_(subject.window_keys()))
    in_memory = select(memory.until).where(memory.token.in_(subject.memory_tokens()))
    of_day = select(times.c.at).where(times.c.customer == subject.token)
    return {
        "address": subject.address,
        "letters": {
            "sent": customer.letters,
            "language": customer.language,
            "wants_none": customer.silent,
            "times_of_the_last_day": [_utc(row.at) for row in await database.read(of_day)],
            "waiting": [row.id for row in await _waiting(store, subject)],
        },
        "reference_codes": [_with_dates(code) for code in await store.codes.of_customer(subject.token)],
        "reply_windows": [
            {"granted_at": _utc(r.granted_at), "until": _utc(r.until)} for r in await database.read(in_windows)
        ],
        "conversations_remembered_until": [_utc(row.until) for row in await database.read(in_memory)],
        "held_mail": [
            {"id": row.id, "at": _utc(row.at), "until": _utc(row.until), "reason": row.reason}
            for row in await _held(store, subject)
        ],
        "events": [
            {"id": number, "at": _utc(at), "kind": kind, "action": action, **fields}
            for number, at, kind, action, fields in await _events(store, subject)
        ],
    }


async def erase(store: Store, subject: Subject, *, who: str) -> dict[str, int]:
    """Erase what is stored about an address; returns how many of each. The audit log notes that it was done."""
    waiting, held = await _waiting(store, subject), await _held(store, subject)
    events = await _events(store, subject)
    windows, memory, times = schema.reply_windows, schema.memory, schema.letter_times

    def erase_all(connection: Connection) -> dict[str, int]:
        def gone(statement: Any) -> int:
            return int(connection.execute(statement).rowcount)

        for number, _, _, _, fields in events:
            kept = {name: value for name, value in fields.items() if name not in _PERSONAL}
            connection.execute(
                update(schema.events)
                .where(_EVENT.id == number)
                .values(fields=json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
            )
        ids = [row.id for row in held]
        return {
            "letters_waiting": gone(delete(schema.outbox).where(_OUTBOX.id.in_([row.id for row in waiting]))),
            "held_mail": gone(delete(schema.held).where(_HELD.id.in_(ids))),
            "sealed_originals": gone(delete(schema.quarantine).where(schema.quarantine.c.id.in_(ids))),
            "reply_windows": gone(delete(windows).where(windows.c.key.in_(subject.window_keys()))),
            "conversations": gone(delete(memory).where(memory.c.token.in_(subject.memory_tokens()))),
            "times_of_letters": gone(delete(times).where(times.c.customer == subject.token)),
            "events_blanked": len(events),
        }

    counts = await store.database.write(erase_all)
    counts["reference_codes"] = await store.codes.forget_customer(subject.token)
    counts["customer"] = await store.customers.forget(subject.token)
    await store.database.tidy()
    await store.audit.append(who, "subject.erase", counted(sum(counts.values()), "record"))
    return counts


def _utc(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _with_dates(code: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a reference code; what has not happened has no time."""
    times = {name: _utc(code[name]) if code[name] else "" for name in ("created_at", "until", "marked_at")}
    return {**code, **times}


async def _waiting(store: Store, subject: Subject) -> Sequence[Any]:
    rows = await store.database.read(select(_OUTBOX.id, _OUTBOX.reverse_path, _OUTBOX.forward_paths))
    return [r for r in rows if _names(subject, (r.reverse_path, *json.loads(r.forward_paths)))]


async def _held(store: Store, subject: Subject) -> Sequence[Any]:
    columns = (_HELD.id, _HELD.at, _HELD.until, _HELD.reason, _HELD.reverse_path)
    rows = await store.database.read(select(*columns))
    return [row for row in rows if subject.is_meant(row.reverse_path)]


def _names(subject: Subject, paths: Iterable[str]) -> bool:
    return any(subject.is_meant(path) for path in paths)


async def _events(store: Store, subject: Subject) -> list[tuple[int, float, str, str, dict[str, Any]]]:
    """Return the events of a sender, found by keyed tokens; a page of the table at a time."""
    wanted = set(keys_of(subject.address, subject.key)[:1])
    refs = {code["message_ref"] for code in await store.codes.of_customer(subject.token)}
    found: list[tuple[int, float, str, str, dict[str, Any]]] = []
    after = 0
    while True:
        page = select(schema.events).where(_EVENT.id > after).order_by(_EVENT.id).limit(_PAGE)
        rows = await store.database.read(page)
        for row in rows:
            fields = json.loads(row.fields)
            tokens = {*(fields.get("sender_keys") or ()), *(fields.get("from_keys") or ())}
            if tokens & wanted or (fields.get("message_ref") and fields["message_ref"] in refs):
                found.append((row.id, row.at, row.kind, row.action, fields))
            after = row.id
        if len(rows) < _PAGE:
            return found
