"""Compound files (OLE2, structured storage) as named streams ([MS-CFB] 2.2 to 2.6). Read only.

In: bytes. Out: :class:`Compound`: every stream by its path. Chains of sectors are followed at most as far as the file
has sectors, so loops end; a directory that is no directory is damage, a chain that is cut off gives what is there.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.limits import DocumentLimits

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS: Final = 0xFFFFFFFA  # sector numbers from here on say: table, end of chain, free
_ENTRY_BYTES: Final = 128
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_NO_ENTRY: Final = 0xFFFFFFFF
_MAX_NESTING: Final = 32
_IN_HEADER: Final = 109  # sectors of the table that the header itself names

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """The streams of a file by path: the names of the storages around it and its own."""

    streams: dict[Path, bytes] = field(repr=False)

    def storages(self) -> tuple[Path, ...]:
        """Return the paths of all storages that hold a stream, the root first."""
        return tuple(sorted({path[:depth] for path in self.streams for depth in range(len(path))}))

    def under(self, storage: Path) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the streams right in a storage."""
        for path, data in self.streams.items():
            if path[:-1] == storage:
                yield path[-1], data

    def stream(self, storage: Path, *names: str) -> bytes | None:
        """Return the first of these streams in a storage; case does not matter ([MS-CFB] 2.6.4)."""
        by_name = {name.lower(): data for name, data in self.under(storage)}
        return next((by_name[name.lower()] for name in names if name.lower() in by_name), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader shows of a stream: texts with places, and the ranges of the stream that they were read from."""

    stream: str
    texts: list[tuple[str, str]] = field(repr=False)
    ranges: list[tuple[int, int]] = field(default_factory=list, repr=False)

    def rest(self, data: bytes) -> bytes:
        """Return the stream with what is shown blanked out: what stands there and is shown nowhere."""
        left = bytearray(data)
        for start, end in self.ranges:
            stop = min(end, len(left))
            if start < stop:
                left[start:stop] = bytes(stop - start)
        return bytes(left)


class _Entry(NamedTuple):
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class _File:
    """Sectors and their chains."""

    def __init__(self, data: bytes) -> None:
        version, shift, mini_shift = struct.unpack_from("<H2xHH", data, 26)
        if version not in (3, 4) or shift not in (9, 12) or mini_shift != 6:
            raise DamagedError("damaged")
        fields = struct.unpack_from("<LL4xLLLLL", data, 44)
        _, self.directory, self.cutoff, first_mini, _, first_difat, _ = fields
        self._data = data
        self._size = 1 << shift
        self._table = self._read_table(first_difat)
        self._mini_table = _numbers(self.chain(first_mini))
        self._mini = b""

    def _read_table(self, sector: int) -> array[int]:
        """Read the allocation table: its sectors are named by the header and by a chain of their own."""
        sectors = list(struct.unpack_from(f"<{_IN_HEADER}L", self._data, 76))
        for _ in range(len(self._data) // self._size + 1):
            if sector >= _MARKS:
                break
            more = _numbers(self._sector(sector))
            sectors += more[:-1]
            sector = more[-1] if more else _NO_ENTRY
        named = dict.fromkeys(number for number in sectors if number < _MARKS)
        return _numbers(b"".join(self._sector(number) for number in named))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def chain(self, sector: int) -> bytes:
        """Return the sectors of a chain; it ends at a mark, outside of the table, or where it meets itself."""
        pieces: list[bytes] = []
        left = len(self._table)
        while sector < len(self._table) and left:
            pieces.append(self._sector(sector))
            sector = self._table[sector]
            left -= 1
        return b"".join(pieces)

    def hold_mini(self, root: _Entry) -> None:
        """Set the stream that small streams are kept in."""
        self._mini = self.chain(root.start)[: root.size]

    def stream(self, entry: _Entry) -> bytes:
        """Return a stream's bytes."""
        if entry.size >= self.cutoff:
            return self.chain(entry.start)[: entry.size]
        pieces: list[bytes] = []
        sector, left = entry.start, len(self._mini_table)
        while sector < len(self._mini_table) and left:
            pieces.append(self._mini[sector * 64 : sector * 64 + 64])
            sector = self._mini_table[sector]
            left -= 1
        return b"".join(pieces)[: entry.size]


def _numbers(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}L", data[: len(data) // 4 * 4]))


def read(data: bytes, limits: DocumentLimits) -> Compound:
    """Read a compound file. Raises DamagedError, LimitExceededError."""
    if len(data) < 1536 or not data.startswith(MAGIC):
        raise DamagedError("damaged")
    file = _File(data)
    table = file.chain(file.directory)
    entries = [_entry(table, at) for at in range(0, len(table) - _ENTRY_BYTES + 1, _ENTRY_BYTES)]
    if not entries or entries[0].kind != _ROOT:
        raise DamagedError("damaged")
    if len(entries) > limits.max_members:
        raise LimitExceededError("max_members")
    file.hold_mini(entries[0])
    streams: dict[Path, bytes] = {}
    total = 0
    for number, path in _walk(entries):
        content = file.stream(entries[number])
        total += len(content)
        if total > limits.max_total_bytes:
            raise LimitExceededError("max_total_bytes")
        streams[path] = content
    return Compound(streams)


def _entry(table: bytes, at: int) -> _Entry:
    length, kind, left, right, child = struct.unpack_from("<HBxLLL", table, at + 64)
    start, size = struct.unpack_from("<LQ", table, at + 116)
    name = table[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(name, kind, left, right, child, start, size & _NO_ENTRY)


def _walk(entries: list[_Entry]) -> Iterator[tuple[int, Path]]:
    """Yield every stream once, those that no storage names under ``?`` (a damaged or doctored directory)."""
    seen = {0}
    pending: list[tuple[int, Path]] = [(entries[0].child, ())]
    while pending:
        number, storage = pending.pop()
        if number >= len(entries) or number in seen:
            continue
        seen.add(number)
        entry = entries[number]
        pending += [(entry.left, storage), (entry.right, storage)]
        if entry.kind == _STREAM:
            yield number, (*storage, entry.name)
        elif entry.kind == _STORAGE and len(storage) < _MAX_NESTING:
            pending.append((entry.child, (*storage, entry.name)))
    for number, entry in enumerate(entries):
        if number not in seen and entry.kind == _STREAM:
            yield number, ("?", f"{number} {entry.name}")
