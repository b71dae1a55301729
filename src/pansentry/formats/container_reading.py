"""Reading a ZIP: its directory, its local headers, and what lies between; see :mod:`pansentry.formats.container`.

In: bytes. Out: :class:`Container` with its members as offsets; what is in one: ``container_unpacking``. Nothing is
inflated before it is asked for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.limits import DocumentLimits

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
ENCRYPTED, DESCRIBED, UTF8 = 1, 8, 0x800
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
ZIP64 = 1
NAME_COPIES = (0x7075, 0x6375)  # Info-ZIP's Unicode path and comment: version, check sum, text


class Budget:
    """Counts what is inflated over a whole document; passing a limit raises LimitExceededError."""

    __slots__ = ("limits", "members", "total")

    def __init__(self, limits: DocumentLimits) -> None:
        self.limits = limits
        self.total = 0
        self.members = 0

    def spend(self, count: int) -> None:
        """Count ``count`` bytes more."""
        self.total += count
        if self.total > self.limits.max_total_bytes:
            raise LimitExceededError("max_total_bytes")

    def unpacked(self, count: int, size: int, consumed: int, packed: int) -> None:
        """Count ``count`` bytes more of a stream: ``size`` came out of ``consumed`` so far, of ``packed`` in all.

        A stream that fills the whole budget out of next to nothing is a bomb; any other one is only large.
        """
        self.total += count
        if self.total > self.limits.max_total_bytes:
            is_bomb = size > consumed * self.limits.max_expansion_ratio
            raise LimitExceededError("max_expansion_ratio" if is_bomb else "max_total_bytes")
        self.ratio(size, packed)

    def ratio(self, size: int, packed: int) -> None:
        """Refuse one stream of ``size`` bytes that came out of ``packed`` ones."""
        if size > self.limits.ratio_from_bytes and size > packed * self.limits.max_expansion_ratio:
            raise LimitExceededError("max_expansion_ratio")

    def member(self) -> None:
        """Count one more member."""
        self.members += 1
        if self.members > self.limits.max_members:
            raise LimitExceededError("max_members")


@dataclass(frozen=True, slots=True)
class Member:
    """One member. Offsets are into ``Container.data``; ``entry`` and ``entry_end`` are its place in the directory."""

    index: int
    raw_name: bytes = field(repr=False)
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    start: int
    data_start: int
    end: int
    """Where its data and, if there is one, its data descriptor end."""
    entry: int
    entry_end: int
    extra: bytes = field(repr=False)
    comment: bytes = field(repr=False)
    disagrees: bool = False
    """The local header says something else than the directory."""

    @property
    def name(self) -> str:
        """The name as most readers show it: UTF-8 if it is that, else the IBM PC's code page (APPNOTE appendix D)."""
        return decode_name(self.raw_name, self.flags)

    @property
    def is_folder(self) -> bool:
        return self.raw_name.endswith(b"/") and not self.size

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED) or self.method == 99


@dataclass(frozen=True, slots=True)
class Container:
    """A ZIP file. ``hidden`` are local headers that the directory does not name; at ``start`` is the first member."""

    data: bytes = field(repr=False)
    members: tuple[Member, ...]
    hidden: tuple[Member, ...]
    comment: bytes = field(repr=False)
    start: int
    gaps: tuple[tuple[int, int], ...]
    """Ranges that belong to nothing: before, between and behind the members and the directory."""
    is_zip64: bool = False

    def named(self, name: str) -> Member | None:
        """Return the member that readers take for ``name``: the last one, as the directory goes."""
        return next((member for member in reversed(self.members) if member.name == name), None)


def decode_name(raw: bytes, flags: int) -> str:
    """Return a member's name as text; every byte string has one."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8" if flags & UTF8 else "cp437", "replace")


def read(data: bytes, limits: DocumentLimits, budget: Budget | None = None) -> Container:
    """Read the directory of a ZIP. Raises DamagedError, LimitExceededError."""
    budget = budget or Budget(limits)
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65535 - 22))
    if end < 0 or end + 22 > len(data):
        return _without_directory(data, budget)
    _, disk, _, _, count, size, offset, comment_size = END.unpack_from(data, end)
    is_zip64 = False
    end_of_directory = end
    if data[end - 20 : end - 16] == b"PK\x06\x07":
        at = data.rfind(b"PK\x06\x06", 0, end - 20)
        if at >= 0 and at + 56 <= end:
            _, _, _, _, _, _, _, count, size, offset = END64.unpack_from(data, at)
            is_zip64, end_of_directory = True, at
    if disk not in (0, FULL16):
        raise DamagedError("damaged")
    if count > limits.max_members:
        raise LimitExceededError("max_members")
    directory = end_of_directory - size
    if not 0 <= directory <= end_of_directory or (count and data[directory : directory + 4] != b"PK\x01\x02"):
        directory = offset
    shift = directory - offset  # bytes in front of the archive that its offsets do not count
    members: list[Member] = []
    at = directory
    while data[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(data):
        budget.member()
        member = _entry(data, at, shift, len(members))
        members.append(member)
        at = member.entry_end
    if not members and count:
        return _without_directory(data, budget)
    hidden = _hidden(data, members, directory, at, budget)
    comment = data[end + 22 : end + 22 + comment_size]
    tail = end + 22 + len(comment)
    taken = [(m.start, m.end) for m in (*members, *hidden)] + [(directory, at), (end_of_directory, tail)]
    _refuse_shared(members, limits)
    return Container(
        data,
        tuple(members),
        hidden,
        comment,
        min((m.start for m in members), default=directory),
        _gaps(taken, len(data)),
        is_zip64,
    )


def _entry(data: bytes, at: int, shift: int, index: int) -> Member:
    """Read one entry of the directory and the local header that it points to."""
    fields = CENTRAL.unpack_from(data, at)
    _, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size, _, _, _, offset = fields
    name_at = at + 46
    extra_at = name_at + name_size
    comment_at = extra_at + extra_size
    extra = data[extra_at:comment_at]
    size, packed, offset = _wide(extra, size, packed, offset)
    start = offset + shift
    if not (start >= 0 and data[start : start + 4] == b"PK\x03\x04") and data[offset : offset + 4] == b"PK\x03\x04":
        start = offset
    name = data[name_at:extra_at]
    end = comment_at + comment_size
    if data[start : start + 4] != b"PK\x03\x04" or start + 30 > len(data):
        raise DamagedError("damaged")
    local = LOCAL.unpack_from(data, start)
    _, _, local_flags, local_method, _, _, local_crc, local_packed, local_size, local_name, local_extra = local
    data_start = start + 30 + local_name + local_extra
    if data_start + packed > len(data):
        raise DamagedError("damaged")
    local_size, local_packed, _ = _wide(data[start + 30 + local_name : data_start], local_size, local_packed, 0)
    described = bool(local_flags & DESCRIBED) and not (local_crc or local_packed or local_size)
    disagrees = (
        data[start + 30 : start + 30 + local_name] != name
        or local_method != method
        or (not described and (local_crc, local_packed, local_size) != (crc, packed, size))
        or (local_flags ^ flags) & ENCRYPTED != 0
    )
    return Member(
        index,
        name,
        flags,
        method,
        crc,
        packed,
        size,
        start,
        data_start,
        _descriptor_end(data, data_start + packed, crc, packed, size)
        if local_flags & DESCRIBED
        else data_start + packed,
        at,
        end,
        extra,
        data[comment_at:end],
        disagrees,
    )


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Take from the ZIP64 field what does not fit into 32 bits (APPNOTE §4.5.3)."""
    values = [size, packed, offset]
    if FULL32 not in values:
        return size, packed, offset
    for kind, value in fields_of(extra):
        if kind == ZIP64:
            at = 0
            for i, stated in enumerate(values):
                if stated == FULL32 and at + 8 <= len(value):
                    values[i] = int.from_bytes(value[at : at + 8], "little")
                    at += 8
            break
    return values[0], values[1], values[2]


def fields_of(extra: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        found.append((kind, extra[at + 4 : at + 4 + size]))
        at += 4 + size
    return found


def _descriptor_end(data: bytes, at: int, crc: int, packed: int, size: int) -> int:
    """Return where a data descriptor ends; it comes in four forms (APPNOTE §4.3.9)."""
    for mark in (b"PK\x07\x08", b""):
        for form in ("<LLL", "<LQQ"):
            try:
                body = mark + struct.pack(form, crc, packed, size)
            except struct.error:
                continue
            if data.startswith(body, at):
                return at + len(body)
    return at


def _hidden(
    data: bytes, members: list[Member], directory: int, directory_end: int, budget: Budget
) -> tuple[Member, ...]:
    """Return the local headers in front of the directory or behind it that no entry points to."""
    taken = sorted([(m.start, m.end) for m in members] + [(directory, directory_end)])
    found: list[Member] = []
    for start, end in _gaps(taken, len(data)):
        at = data.find(b"PK\x03\x04", start, end)
        while at >= 0 and at + 30 <= end:
            member = _from_local(data, at, end, len(members) + len(found))
            if member is not None:
                budget.member()
                found.append(member)
            at = data.find(b"PK\x03\x04", member.end if member is not None else at + 4, end)
    return tuple(found)


def _from_local(data: bytes, at: int, limit: int, index: int) -> Member | None:
    """Return the member that a reader sees who knows the local header only; None where it is cut off."""
    if at + LOCAL.size > len(data):
        return None
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = LOCAL.unpack_from(data, at)
    start = at + 30 + name_size + extra_size
    if start > limit:
        return None
    extra = data[at + 30 + name_size : start]
    size, packed, _ = _wide(extra, size, packed, 0)
    end = start + packed
    if flags & DESCRIBED and not packed:
        following = data.find(b"PK", start, limit)
        end = limit if method == DEFLATED or following < 0 else following
        packed = end - start
    end = min(end, limit)
    name = data[at + 30 : at + 30 + name_size]
    return Member(index, name, flags, method, crc, end - start, size, at, start, end, -1, -1, extra, b"")


def streamed(container: Container, member: Member) -> Member | None:
    """Return how a reader sees a member that disagrees who does not look at the directory; None if it is the same."""
    if not member.disagrees:
        return None
    later = [m.start for m in container.members if m.start > member.start]
    return _from_local(container.data, member.start, min(later, default=len(container.data)), member.index)


def _without_directory(data: bytes, budget: Budget) -> Container:
    """Read an archive whose directory is cut off: every local header is hidden."""
    found = _hidden(data, [], len(data), len(data), budget)
    if not any(member.raw_name for member in found):
        raise DamagedError("damaged")
    return Container(data, (), found, b"", 0, _gaps([(m.start, m.end) for m in found], len(data)))


def _gaps(taken: list[tuple[int, int]], length: int) -> tuple[tuple[int, int], ...]:
    gaps, at = [], 0
    for start, end in sorted(taken):
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    if at < length:
        gaps.append((at, length))
    return tuple(gaps)


def _refuse_shared(members: list[Member], limits: DocumentLimits) -> None:
    """Refuse members that lie on each other: how a small file becomes a big one without nesting (Fifield 2019)."""
    at = 0
    for start, end in sorted((m.start, m.data_start + m.packed_size) for m in members):
        if start < at:
            raise LimitExceededError("max_expansion_ratio")
        at = end


def local_words(container: Container, member: Member) -> bytes:
    """Return name and extra fields of a member's local header where they are other ones than the directory's."""
    at = member.start + LOCAL.size
    size = int.from_bytes(container.data[member.start + 26 : member.start + 28], "little")
    name, extra = container.data[at : at + size], container.data[at + size : member.data_start]
    said = (name if name != member.raw_name else b"", words_of(extra) if extra != member.extra else b"")
    return b"\n".join(said).strip()


def words_of(extra: bytes) -> bytes:
    """Return what extra fields hold, one a line; of copies of a name (Info-ZIP, §4.6.8 and §4.6.9) only the name."""
    fields = list(fields_of(extra))
    return b"\n".join(value[5:] if kind in NAME_COPIES else value for kind, value in fields) if fields else extra
