"""Files inside text: uuencode, yEnc and BinHex.

In: bytes that hold text (a decoded leaf or a raw message). Out: one :class:`BytesReading` per embedded file; edits are
encoded back line by line (uuencode), or the file is written anew with size and checksum (yEnc, BinHex).

uuencode (POSIX.1-2017 uuencode) is read leniently: with or without ``begin`` and ``end``, blanks or backquotes for
zero, trailing blanks lost, a checksum character, lower-case junk. Without ``begin`` only lines whose length agrees with
their count are taken. ``begin-base64`` is left to the blind scan. yEnc: yencode.org draft 1.3. BinHex: RFC 1741.

Resists: files in text/plain that old readers extract and scanners read as text. Linear. Without ``begin``, in more than
:data:`SMALL` bytes only files that have a full line (45 bytes) are found. Known gap: xxencode.
"""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

from pansentry.views import binhex
from pansentry.views.reading import BytesReading, BytesWeaver

SMALL: Final = 64 * 1024
_BEGIN: Final = re.compile(rb"(?:^|\n)[ \t>]*+begin[ \t]++[0-7]{1,6}[ \t]++[^\r\n]*+(?=\r?\n|\r|\Z)", re.IGNORECASE)
_LINE: Final = re.compile(rb"([^\r\n]*+)(\r\n|\n|\r|\Z)")
_HEADERLESS: Final = re.compile(rb"\n([!-_][ -`]{16,64})\r?(?=\n|\Z)")
_FULL_LINE: Final = re.compile(rb"\nM[ -`]{60,61}\r?(?=\n|\Z)")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64: Final = bytes(_BASE64[(c - 0x20) & 0x3F] for c in range(256))
_FULL: Final = 45
_YENC: Final = re.compile(rb"=ybegin[ ][^\r\n]{0,1000}+\r?\n(?:=ypart[ ][^\r\n]{0,1000}+\r?\n)?")
_YENC_END: Final = re.compile(rb"\n=yend[ ][^\r\n]*+")
_YENC_ESCAPE: Final = re.compile(rb"=(.)", re.DOTALL)
_PLUS_42: Final = bytes((c + 42) & 0xFF for c in range(256))
_MINUS_42: Final = bytes((c - 42) & 0xFF for c in range(256))
_MINUS_106: Final = bytes((c - 106) & 0xFF for c in range(256))


class _UuLine(NamedTuple):
    """``data[start:end]`` is one line with its line end; ``ending`` is that line end."""

    start: int
    end: int
    ending: bytes
    content: bytes


def read(data: bytes) -> tuple[BytesReading, ...]:
    """Return the files embedded in ``data``; nothing for ordinary text."""
    return (*_uuencoded(data), *_yenc(data), *binhex.read(data))


def _uuencoded(data: bytes) -> list[BytesReading]:
    readings: list[BytesReading] = []
    covered = 0
    for start, is_strict in _starts(data):
        if start < covered:
            continue
        lines, covered = _lines(data, start, is_strict=is_strict)
        if lines:
            weaver = BytesWeaver(data)
            for line in lines:
                weaver.block(line.content, line.start, line.end, _encoder(line.ending))
            readings.append(weaver.reading("uuencode"))
    return readings


def _starts(data: bytes) -> list[tuple[int, bool]]:
    """Return where uuencoded lines may begin, and whether only the lines themselves say so."""
    starts = [(_after_line(data, match.end()), False) for match in _BEGIN.finditer(data)] if b"egin" in data else []
    headerless = _HEADERLESS if len(data) <= SMALL else _FULL_LINE
    padded = b"\n" + data if len(data) <= SMALL else data
    shift = len(padded) - len(data)
    starts += [(match.start() + 1 - shift, True) for match in headerless.finditer(padded)]
    return sorted(starts)


def _after_line(data: bytes, end: int) -> int:
    match = _LINE.match(data, end)
    return match.end() if match else end


def _lines(data: bytes, start: int, *, is_strict: bool) -> tuple[list[_UuLine], int]:
    """Return the uuencoded lines from ``start`` on and where they end."""
    lines: list[_UuLine] = []
    position = start
    while position < len(data) and (match := _LINE.match(data, position)):
        content = _decode(match[1], is_strict=is_strict)
        if content is None:
            break
        lines.append(_UuLine(position, match.end(), match[2], content))
        position = match.end()
    return lines, max(position, start + 1)


def _decode(line: bytes, *, is_strict: bool) -> bytes | None:
    """Return what one line holds, None if it is not uuencoded (or says that the file ends)."""
    if len(line) < 2 or not 0x20 < line[0] < 0x60 or (not is_strict and line.strip().lower() == b"end"):
        return None
    count = line[0] - 0x20
    expected = (count + 2) // 3 * 4
    if is_strict and (len(line) - 1 not in (expected, expected + 1) or max(line) > 0x60):
        return None
    if not is_strict and len(line) - 1 > expected + 4:
        return None
    return binascii.a2b_base64(line[1 : expected + 1].ljust(expected).translate(_TO_BASE64))[:count]


def _encoder(ending: bytes) -> Callable[[bytes], bytes]:
    """Return the encoder of one line; more than 45 bytes become several lines, none an empty place."""

    def encode(content: bytes) -> bytes:
        chunks = [content[i : i + _FULL] for i in range(0, len(content), _FULL)]
        return b"".join(binascii.b2a_uu(chunk, backtick=True).rstrip(b"\n") + ending for chunk in chunks)

    return encode


def _yenc(data: bytes) -> list[BytesReading]:
    readings: list[BytesReading] = []
    position = data.find(b"=ybegin ")
    while position >= 0:
        begin = _YENC.match(data, position)
        if begin is None:
            position = data.find(b"=ybegin ", position + 8)
            continue
        end = _YENC_END.search(data, begin.end() - 1)
        body_end = end.start() + 1 if end else len(data)
        weaver = BytesWeaver(data)
        content = _decode_yenc(data[begin.end() : body_end])
        weaver.block(content, begin.end(), end.end() if end else body_end, _encode_yenc)
        readings.append(weaver.reading("yenc"))
        position = data.find(b"=ybegin ", body_end)
    return readings


def _decode_yenc(body: bytes) -> bytes:
    plain = body.translate(None, b"\r\n")
    if b"=" not in plain:
        return plain.translate(_MINUS_42)
    pieces: list[bytes] = []
    position = 0
    for match in _YENC_ESCAPE.finditer(plain):
        pieces += (plain[position : match.start()].translate(_MINUS_42), match[1].translate(_MINUS_106))
        position = match.end()
    return b"".join((*pieces, plain[position:].translate(_MINUS_42)))


def _encode_yenc(content: bytes) -> bytes:
    lines: list[bytes] = []
    for start in range(0, len(content), 128):
        line = bytearray()
        for octet in content[start : start + 128].translate(_PLUS_42):
            line += bytes((0x3D, (octet + 64) & 0xFF)) if octet in b"\0\n\r=." else bytes((octet,))
        lines.append(bytes(line))
    return b"\r\n".join(lines) + b"\r\n=yend size=%d crc32=%08x" % (len(content), zlib.crc32(content))
