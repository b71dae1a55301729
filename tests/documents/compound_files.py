"""Compound files made by hand ([MS-CFB]): what Word, PowerPoint and Outlook files stand on."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512
_CUTOFF = 4096


def compound(streams: Mapping[tuple[str, ...], bytes]) -> bytes:
    """Return a version 3 file with these streams; storages come of themselves."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, _FREE, _END, 0]]
    at: dict[tuple[str, ...], int] = {(): 0}
    sectors: list[bytes] = []
    table: list[int] = []

    def add(path: tuple[str, ...], kind: int, start: int, size: int) -> None:
        entries.append([path[-1], kind, _FREE, _FREE, _FREE, start, size])
        number = at[path] = len(entries) - 1
        parent = entries[at[path[:-1]]]
        if parent[4] == _FREE:
            parent[4] = number
        else:  # a list is a tree, too: every entry's right sibling is the next
            last = int(str(parent[4]))
            while entries[last][3] != _FREE:
                last = int(str(entries[last][3]))
            entries[last][3] = number

    def store(content: bytes, into: list[bytes], chain: list[int], size: int) -> int:
        pieces = [content[i : i + size].ljust(size, b"\0") for i in range(0, len(content), size)]
        start = len(into)
        into += pieces
        chain += [start + i + 1 if i + 1 < len(pieces) else _END for i in range(len(pieces))]
        return start if pieces else _END

    small: list[bytes] = []
    small_table: list[int] = []
    for path, content in streams.items():
        for depth in range(1, len(path)):
            if path[:depth] not in at:
                add(path[:depth], 1, 0, 0)
        if len(content) < _CUTOFF:
            start = store(content, small, small_table, 64)
        else:
            start = store(content, sectors, table, _SECTOR)
        add(path, 2, start, len(content))
    entries[0][5:] = [store(b"".join(small), sectors, table, _SECTOR), 64 * len(small)]
    minis = store(struct.pack(f"<{len(small_table)}L", *small_table), sectors, table, _SECTOR)
    packed = b"".join(_entry(*entry) for entry in entries)  # type: ignore[arg-type]
    directory = store(packed, sectors, table, _SECTOR)
    fats = 1
    while fats * (_SECTOR // 4) < len(table) + fats:
        fats += 1
    first = len(sectors)
    table += [_FAT] * fats
    table += [_FREE] * (fats * (_SECTOR // 4) - len(table))
    raw = struct.pack(f"<{len(table)}L", *table)
    sectors += [raw[i * _SECTOR : (i + 1) * _SECTOR] for i in range(fats)]
    named = [first + i for i in range(fats)] + [_FREE] * (109 - fats)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    count = (4 * len(small_table) + _SECTOR - 1) // _SECTOR
    head += struct.pack("<LLLLLLLLL", 0, fats, directory, 0, _CUTOFF, minis, count, _END, 0)
    return head + struct.pack("<109L", *named) + b"".join(sectors)


def _entry(name: str, kind: int, left: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<HBBLLL", len(raw) + 2, kind, 1, left, right, child)
    return head + bytes(36) + struct.pack("<LQ", start, size)


def packager(name: str, content: bytes) -> bytes:
    """Return a packager's stream ([MS-OLEDS] 2.3.6)."""
    label = name.encode() + b"\0"
    body = b"\2\0" + label + b"C:\\" + label + b"\0\0\3\0" + struct.pack("<L", len(label)) + label
    body += struct.pack("<L", len(content)) + content
    return struct.pack("<L", len(body)) + body
