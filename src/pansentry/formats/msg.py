"""Outlook messages (.msg, [MS-OXMSG]): properties, bodies, attachments, messages inside. Read only.

In: a compound file. Out: every text property (subject, body, header, names, named ones) as a passage; HTML and RTF
bodies and attachments as embedded documents; messages inside messages likewise, however their storages nest.
``rewrite`` raises DamagedError("cannot-rewrite"): a message with a finding is replaced or held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import compound, container, mapi
from pansentry.formats.compound import Compound, Path
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.outcome import Unreadable

_PROPERTY: Final = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:-[0-9A-Fa-f]{8})?\Z")
_TEXTS: Final = frozenset({mapi.WIDE, mapi.NARROW, mapi.WIDE | 0x1000, mapi.NARROW | 0x1000})
_NAMES: Final = "__nameid_version1.0"


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what a reader sees. Raises DamagedError, LimitExceededError."""
    file = compound.read(data, limits)
    budget = container.Budget(limits)
    passages: list[Passage] = []
    embedded: list[Embedded] = []
    unreadable: list[Unreadable] = []
    for path, number, kind, value in _properties(file):
        budget.spend(len(value))
        if kind in _TEXTS:
            text = mapi.text(value, kind & ~0x1000)
            if text:
                passages.append(Passage(len(passages), text, mapi.place(number)))
            if number == mapi.HTML:
                embedded.append(Embedded(len(embedded), value, "", "body"))
        elif kind == mapi.BINARY and value:
            if number == mapi.RTF:
                try:
                    body = mapi.rtf(value, limits.max_total_bytes - budget.total)
                except DamagedError as error:
                    unreadable.append(Unreadable(error.reason, "body"))
                else:
                    budget.spend(len(body))
                    embedded.append(Embedded(len(embedded), body, "", "body"))
            elif number == mapi.HTML:
                embedded.append(Embedded(len(embedded), value, "", "body"))
            elif number == mapi.DATA:
                embedded.append(Embedded(len(embedded), value, _name(file, path[:-1]), "attachment"))
    embedded += _objects(file, len(embedded))
    return Extract(tuple(passages), tuple(embedded), tuple(unreadable))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _properties(file: Compound) -> Iterator[tuple[Path, int, int, bytes]]:
    """Yield every property that has a stream: path, number, type, value."""
    for path, value in file.streams.items():
        match = _PROPERTY.match(path[-1])
        if match and _NAMES not in path:
            yield path, int(match[1], 16), int(match[2], 16), value


def _name(file: Compound, storage: Path) -> str:
    for number in (mapi.LONG_NAME, mapi.SHORT_NAME):
        for kind in (mapi.WIDE, mapi.NARROW):
            value = file.stream(storage, f"__substg1.0_{number:04X}{kind:04X}")
            if value:
                return mapi.text(value, kind)
    return ""


def _objects(file: Compound, first: int) -> list[Embedded]:
    """Return streams of OLE objects that are attached (a storage in place of data) and are no message."""
    found: list[Embedded] = []
    for path, value in file.streams.items():
        if any(name.startswith("__substg1.0_3701000D") for name in path[:-1]) and not path[-1].startswith("__"):
            found.append(Embedded(first + len(found), value, "", "attachment"))
    return found
