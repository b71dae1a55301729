"""Archives of programs other than ours, written byte by byte: 7-Zip, RAR 4 and 5, cabinet, LHA, Zstandard, LZ4, lzip.

Members are stored, but for 7-Zip (LZMA2) and lzip (LZMA). Sources: 7zFormat.txt of the LZMA SDK; RAR 5.0 archive format
and technote.txt of RAR 4; [MS-CAB] §2; header level 0 of LHA; RFC 8878 §3.1; the LZ4 frame format 1.6; lzip's manual.
``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``.
"""

from __future__ import annotations

import lzma
import random
import struct
import zlib
from collections.abc import Callable

from tests.documents.packages import KEPT, spaced

Maker = Callable[[str, random.Random], bytes]


def letter(number: str) -> bytes:
    return f"Hello,\r\nplease charge my Visa {spaced(number)} for it.\r\n{KEPT}\r\n".encode()


def _vint7(value: int) -> bytes:
    """A number of 7zFormat.txt: as many ones lead the first byte as bytes follow it."""
    more = next(count for count in range(8) if value < 1 << 7 * (count + 1))
    low = value & (1 << 8 * more) - 1
    return bytes([0xFF00 >> more & 0xFF | value >> 8 * more]) + low.to_bytes(more, "little")


def seven_zip(
    members: list[tuple[str, bytes]],
    method: bytes = b"\x21\x21\x01\x18",
    *,
    packed: bytes | None = None,
    size: int = 0,
) -> bytes:
    """Return an archive with one folder for each member; LZMA2 by default, ``\\1\\0`` stores.

    ``packed`` and ``size`` are of a single member that was packed before.
    """
    pieces = [packed] if packed is not None else [_lzma2(data) if method[0] == 0x21 else data for _, data in members]
    sizes = b"".join(_vint7(len(data)) for data in pieces)
    header = b"\x01\x04\x06\x00" + _vint7(len(members)) + b"\x09" + sizes + b"\x00"  # Header, Streams, PackInfo
    header += b"\x07\x0b" + _vint7(len(members)) + b"\x00" + (b"\x01" + method) * len(members)  # UnPackInfo, Folders
    header += b"\x0c" + b"".join(_vint7(size or len(data)) for _, data in members)
    header += b"\x0a\x01" + b"".join(struct.pack("<L", zlib.crc32(data)) for _, data in members) + b"\x00\x08\x00\x00"
    names = b"\x00" + b"".join(name.encode("utf-16-le") + b"\x00\x00" for name, _ in members)
    header += b"\x05" + _vint7(len(members)) + b"\x11" + _vint7(len(names)) + names + b"\x00\x00"  # FilesInfo
    start = struct.pack("<QQL", sum(map(len, pieces)), len(header), zlib.crc32(header))
    head = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<L", zlib.crc32(start)) + start
    return head + b"".join(pieces) + header


def zeros_in_seven_zip(mebibytes: int) -> bytes:
    """Return an archive with so many mebibytes of NULs: one chunk of LZMA2, which begins anew, again and again."""
    chunk = _lzma2(bytes(1 << 20)).removesuffix(b"\0")
    return seven_zip([("a.txt", b"")], packed=chunk * mebibytes + b"\0", size=mebibytes << 20)


def _lzma2(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 24}])


def _rar5_block(kind: int, body: bytes, data: bytes | None = None) -> bytes:
    flags = 0 if data is None else 2
    fields = bytes([kind, flags]) + (b"" if data is None else _vint(len(data))) + body
    header = _vint(len(fields)) + fields
    return struct.pack("<L", zlib.crc32(header)) + header + (data or b"")


def _vint(value: int) -> bytes:
    """A number of RAR 5: seven bits a byte, the lowest first."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def rar5(members: list[tuple[str, bytes]], *, volume: bool = False, encrypted: bool = False) -> bytes:
    out = b"Rar!\x1a\x07\x01\x00"
    if encrypted:
        out += _rar5_block(4, bytes([0, 0, 15]) + bytes(16))
    out += _rar5_block(1, bytes([1 if volume else 0]))
    for name, data in members:
        raw = name.encode()
        body = bytes([4]) + _vint(len(data) + (100 if volume else 0)) + b"\x20" + struct.pack("<L", zlib.crc32(data))
        out += _rar5_block(2, body + b"\x00\x01" + _vint(len(raw)) + raw, data)
    return out + _rar5_block(5, b"\x00")


def rar4(members: list[tuple[str, bytes]]) -> bytes:
    out = b"Rar!\x1a\x07\x00" + _rar4_block(0x73, 0, bytes(6))
    for name, data in members:
        raw = name.encode()
        body = struct.pack("<LLBLLBBHL", len(data), len(data), 3, zlib.crc32(data), 0, 29, 0x30, len(raw), 0x20)
        out += _rar4_block(0x74, 0x8000, body + raw) + data
    return out + _rar4_block(0x7B, 0x4000, b"")


def _rar4_block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def cabinet(members: list[tuple[str, bytes]]) -> bytes:
    data = b"".join(content for _, content in members)
    files, at = b"", 0
    for name, content in members:
        files += struct.pack("<LLHHHH", len(content), at, 0, 0x5A21, 0, 0x20) + name.encode() + b"\0"
        at += len(content)
    where = 36 + 8 + len(files)
    folder = struct.pack("<LHH", where, 1, 0)
    block = struct.pack("<LHH", 0, len(data), len(data)) + data
    size = where + len(block)
    head = b"MSCF" + struct.pack("<LLLLLBBHHHHH", 0, size, 0, 44, 0, 3, 1, 1, len(members), 0, 0x1234, 0)
    return head + folder + files + block


def lha(members: list[tuple[str, bytes]]) -> bytes:
    out = b""
    for name, data in members:
        body = b"-lh0-" + struct.pack("<LLLBB", len(data), len(data), 0x5A210000, 0x20, 0)
        body += bytes([len(name)]) + name.encode() + struct.pack("<H", _crc16(data))
        out += bytes([len(body), sum(body) & 0xFF]) + body + data
    return out + b"\0"


def _crc16(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def zstandard(data: bytes) -> bytes:
    """One frame of one raw block."""
    return (
        b"\x28\xb5\x2f\xfd\x60" + struct.pack("<H", len(data) - 256) + struct.pack("<L", len(data) << 3 | 1)[:3] + data
    )


def lz4(data: bytes) -> bytes:
    """One frame of one uncompressed block; 0x82 is the check sum of this descriptor."""
    return b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<L", len(data) | 0x80000000) + data + bytes(4)


def lzip(data: bytes) -> bytes:
    """LZMA with an end mark behind six bytes of header; check sum and sizes behind it."""
    alone = lzma.compress(data, lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}])
    head = b"LZIP\x01\x14" + alone[13:]
    return head + struct.pack("<LQQ", zlib.crc32(data), len(data), len(head) + 20)


def _two(number: str) -> list[tuple[str, bytes]]:
    return [("notes.txt", b"nothing here\r\n"), ("order.txt", letter(number))]


TRICKS: dict[str, Maker] = {
    "7z": lambda n, rng: seven_zip(_two(n)),
    "7z_stored": lambda n, rng: seven_zip(_two(n), b"\x01\x00"),
    "7z_name": lambda n, rng: seven_zip([(f"Visa {spaced(n)}.txt", b"see the name\r\n")]),
    "7z_nested": lambda n, rng: seven_zip([("in.7z", seven_zip(_two(n)))]),
    "7z_in_program": lambda n, rng: b"MZ\x90\0" + bytes(600) + seven_zip(_two(n)),
    "rar5": lambda n, rng: rar5(_two(n)),
    "rar5_name": lambda n, rng: rar5([(f"card {n}.txt", b"see the name\r\n")]),
    "rar4": lambda n, rng: rar4(_two(n)),
    "rar_in_program": lambda n, rng: b"MZ\x90\0" + bytes(600) + rar5(_two(n)),
    "cab": lambda n, rng: cabinet(_two(n)),
    "lha": lambda n, rng: lha(_two(n)),
    "zstd": lambda n, rng: zstandard(letter(n) + b"\r\n" * 200),
    "lz4": lambda n, rng: lz4(letter(n)),
    "lzip": lambda n, rng: lzip(letter(n)),
}
