"""Writing a ZIP with some of its members changed; what is not changed is copied byte for byte.

In: a :class:`Container` and a :class:`Change` for some members. Out: an archive that can be read in one way only; see
:mod:`pansentry.formats.container`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pansentry.errors import DamagedError
from pansentry.formats.container_reading import (
    CENTRAL,
    DEFLATED,
    DESCRIBED,
    ENCRYPTED,
    END,
    END64,
    FULL16,
    FULL32,
    LOCAL,
    LOCATOR,
    NAME_COPIES,
    STORED,
    UTF8,
    ZIP64,
    Container,
    Member,
    fields_of,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a member: new content (None: as it was), a new name (None: as it was), or gone."""

    content: bytes | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    comment: bytes | None = field(default=None, repr=False)
    is_gone: bool = False
    without_extra: bool = False


UNCHANGED = Change()


def write(
    container: Container,
    changes: Mapping[int, Change],
    *,
    comment: bytes | None = None,
    prefix: bytes | None = None,
    anew: bool = False,
) -> bytes:
    """Return the archive with ``changes`` by member index carried out; one reading is left of it (see the module).

    ``prefix`` is what stands in front (None: what stood there, if that holds no members). Without changes the same
    object comes back, unless it is to be written ``anew``: then what lies outside the directory is gone.
    """
    is_changed = anew or any(change != UNCHANGED for change in changes.values())
    if not is_changed and comment is None and prefix is None:
        return container.data
    data = container.data
    if prefix is None:
        prefix = b"" if any(member.start < container.start for member in container.hidden) else data[: container.start]
    out = bytearray(prefix)
    directory = bytearray()
    count = 0
    for member in container.members:
        change = changes.get(member.index, UNCHANGED)
        if change.is_gone:
            continue
        at = len(out)
        packed = data[member.data_start : member.data_start + member.packed_size]
        if change == UNCHANGED and not member.disagrees:
            out += data[member.start : member.end]
            directory += _moved(data[member.entry : member.entry_end], member, at)
        else:
            local, entry = _written(container, member, change, packed, at)
            out += local
            directory += entry
        count += 1
    start = len(out)
    out += directory
    out += _ending(container, count, start, len(directory), container.comment if comment is None else comment)
    return bytes(out)


def _moved(entry: bytes, member: Member, at: int) -> bytes:
    """Return a directory entry that points to ``at``."""
    stated = int.from_bytes(entry[42:46], "little")
    if stated != FULL32:
        return entry[:42] + at.to_bytes(4, "little") + entry[46:]
    fields = list(CENTRAL.unpack_from(entry))
    name_size, extra_size = fields[10], fields[11]
    extra = bytearray(entry[46 + name_size : 46 + name_size + extra_size])
    skip = 8 * (fields[9] == FULL32) + 8 * (fields[8] == FULL32)
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, position)
        if kind == ZIP64 and skip + 8 <= size:
            extra[position + 4 + skip : position + 12 + skip] = at.to_bytes(8, "little")
            break
        position += 4 + size
    head = 46 + name_size
    return entry[:head] + bytes(extra) + entry[head + extra_size :]


def _written(container: Container, member: Member, change: Change, packed: bytes, at: int) -> tuple[bytes, bytes]:
    """Write a member anew: local header and data, and the directory entry."""
    data = container.data
    fields = list(CENTRAL.unpack_from(data, member.entry))
    flags, method, crc, size = member.flags & ~DESCRIBED, member.method, member.crc, member.size
    if change.content is not None:
        crc, size = zlib.crc32(change.content), len(change.content)
        flags &= ~ENCRYPTED
        if method != STORED:
            method = DEFLATED
            machine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
            packed = machine.compress(change.content) + machine.flush()
        else:
            packed = change.content
    name = member.raw_name
    dropped: tuple[int, ...] = (ZIP64,)
    if change.name is not None:
        name = change.name.encode("utf-8")
        flags |= 0 if name.isascii() else UTF8
        dropped = (ZIP64, *NAME_COPIES)
    kept = [] if change.without_extra else [(k, v) for k, v in fields_of(member.extra) if k not in dropped]
    extra = b"".join(struct.pack("<2H", kind, len(value)) + value for kind, value in kept)
    comment = member.comment if change.comment is None else change.comment
    if size >= FULL32 or len(packed) >= FULL32 or at >= FULL32:
        raise DamagedError("cannot-rewrite")
    version, time, date = fields[2], fields[5], fields[6]
    local = LOCAL.pack(b"PK\x03\x04", version, flags, method, time, date, crc, len(packed), size, len(name), 0)
    entry = CENTRAL.pack(
        b"PK\x01\x02", fields[1], version, flags, method, time, date, crc, len(packed), size,
        len(name), len(extra), len(comment), 0, fields[14], fields[15], at,
    )  # fmt: skip
    return local + name + packed, entry + name + extra + comment


def _ending(container: Container, count: int, start: int, size: int, comment: bytes) -> bytes:
    """Return the end of the directory, in the form that the archive had."""
    wide = b""
    if container.is_zip64:
        at = start + size
        wide = END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        wide += LOCATOR.pack(b"PK\x06\x07", 0, at, 1)
    small = (min(count, FULL16), min(count, FULL16), min(size, FULL32), min(start, FULL32))
    return wide + END.pack(b"PK\x05\x06", 0, 0, *small, len(comment)) + comment
