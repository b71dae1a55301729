"""Apple's binary property lists: settings, saved web pages (``.webarchive``), shortcuts. Read only.

In: a file that begins with ``bplist00``. Out: its texts, numbers and dates as lines, each behind its key, in the order
of the file; data in it as documents of their own (the page of a web archive). The standard library reads it.

``rewrite`` raises DamagedError("cannot-rewrite"): a file with a finding is replaced or held. Resists: an object that is
named by many others, which is read once. Limits: members and bytes of what is embedded are counted.
Source: CoreFoundation's ``CFBinaryPList.c``. Known gap: an archive of Cocoa objects says its texts without keys.
"""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Iterator
from datetime import datetime

from pansentry.errors import DamagedError
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced

_MIN_BYTES = 8
_MAX_BITS = 128  # the longest integer of the format


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return texts and embedded data. Raises DamagedError, LimitExceededError."""
    try:
        root = plistlib.loads(data, fmt=plistlib.FMT_BINARY)
    except (
        plistlib.InvalidFileException,
        ValueError,
        OverflowError,
        struct.error,
        IndexError,
        RecursionError,
        TypeError,
    ):
        raise DamagedError("damaged") from None
    budget = Budget(limits)
    lines: list[str] = []
    embedded: list[Embedded] = []
    for key, value in _values(root):
        if isinstance(value, bytes):
            if len(value) >= _MIN_BYTES:
                budget.member()
                budget.spend(len(value))
                embedded.append(Embedded(len(embedded), value, "", "data"))
        else:
            text = f"{value:%Y-%m-%d}" if isinstance(value, datetime) else _word(value)
            line = f"{key}: {text}" if key else text
            budget.spend(len(line) + 1)  # the key, too: a list has it once for each of its elements
            lines.append(line)
    return Extract((Passage(0, "\n".join(lines), "values"),), tuple(embedded))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _values(root: object) -> Iterator[tuple[str, object]]:
    """Yield what is no list and no table, each container once, in order."""
    seen: set[int] = set()
    todo: list[tuple[str, object]] = [("", root)]
    while todo:
        key, value = todo.pop()
        if isinstance(value, dict | list):
            if id(value) in seen:
                continue
            seen.add(id(value))
            inner = list(value.items()) if isinstance(value, dict) else [(key, one) for one in value]
            todo += [(_word(name), one) for name, one in reversed(inner)]
        elif value is not None and not isinstance(value, bool | plistlib.UID):
            yield key, value


def _word(value: object) -> str:
    """Return a value as text. Raises DamagedError for an integer that no program writes, and Python does not spell."""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise DamagedError("damaged")
    return str(value)
