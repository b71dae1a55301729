"""Files inside text: uuencode, xxencode, yEnc and BinHex.

In: bytes that hold text (a decoded leaf or a raw message). Out: one :class:`BytesReading` per embedded file; edits are
encoded back line by line (uuencode), or the file is written anew with size and checksum (yEnc, BinHex).

uuencode (POSIX.1-2017 uuencode) is read leniently: with or without ``begin`` and ``end``, blanks or backquotes for
zero, trailing blanks lost, a checksum character, lower-case junk. Without ``begin`` only lines whose length agrees with
their count are taken. In pages its lines may have references. xxencode is the same in another alphabet; its first line
must be of the right length. ``begin-base64`` is left to the blind scan. yEnc: yencode.org draft 1.3. BinHex: RFC 1741.

Resists: files in text/plain that old readers extract and scanners read as text. Linear. Without ``begin``, in more than
:data:`SMALL` bytes only files that have a full line (45 bytes) are found.
"""

from __future__ import annotations

import binascii
import html
import re
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

from pansentry.views import binhex
from pansentry.views.bytes_reading import BytesReading, BytesWeaver

SMALL: Final = 64 * 1024
_BEGIN: Final = re.compile(rb"(?:^|\n)[ \t>]*+begin[ \t]++[0-7]{1,6}[ \t]++[^\r\n]*+(?=\r?\n|\r|\Z)", re.IGNORECASE)
_LINE: Final = re.compile(rb"([^\r\n]*+)(\r\n|\n|\r|\Z)")
_HEADERLESS: Final = re.compile(rb"\n([!-_][ -`]{16,64})\r?(?=\n|\Z)")
_FULL_LINE: Final = re.compile(rb"\nM[ -`]{60,61}\r?(?=\n|\Z)")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64: Final = bytes(_BASE64[(c - 0x20) & 0x3F] for c in range(256))
_FULL: Final = 45
_XX: Final = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_XX_TO_BASE64: Final = bytes.maketrans(_XX, _BASE64)
_BASE64_TO_XX: Final = bytes.maketrans(_BASE64, _XX)
_YENC: Final = re.compile(rb"=ybegin[ ][^\r\n]{0,1000}+\r?\n(?:=ypart[ ][^\r\n]{0,1000}+\r?\n)?")
_YENC_END: Final = re.compile(rb"\n=yend[ ][^\r\n]*+")
_YENC_ESCAPE: Final = re.compile(rb"=(.)", re.DOTALL)
_PLUS_42: Final = bytes((c + 42) & 0xFF for c in range(256))
_MINUS_42: Final = bytes((c - 42) & 0xFF for c in range(256))
_MINUS_106: Final = bytes((c - 106) & 0xFF for c in range(256))


class _UuLine(NamedTuple):
    """``data[start:end]`` is one line with its line end; ``encode`` writes such lines."""

    start: int
    end: int
    content: bytes
    encode: Callable[[bytes], bytes]


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
                weaver.block(line.content, line.start, line.end, line.encode)
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
    is_xx: bool | None = False if is_strict else None
    while position < len(data) and (match := _LINE.match(data, position)):
        is_xx = _decode_xx(match[1]) is not None if is_xx is None else is_xx
        line = match[1] if is_strict or b"&" not in match[1] else _unescaped(match[1])
        content = _decode_xx(line) if is_xx else _decode(line, is_strict=is_strict)
        if content is None:
            break
        encode = _encoder(match[2], is_xx=is_xx, escape=line != match[1])
        lines.append(_UuLine(position, match.end(), content, encode))
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


def _unescaped(line: bytes) -> bytes:
    """Return a line without references of HTML if it has the right length then, else as it is."""
    plain = html.unescape(line.decode("latin-1")).encode("latin-1", "replace")
    return plain if plain and len(plain) - 1 == (plain[0] - 0x20 + 2) // 3 * 4 else line


def _decode_xx(line: bytes) -> bytes | None:
    """Return what one line of xxencode holds, None if it is none."""
    count = _XX.find(line[:1]) if line else -1
    if count < 1 or len(line) - 1 not in ((count + 2) // 3 * 4, (count + 2) // 3 * 4 + 1) or line.translate(None, _XX):
        return None
    return binascii.a2b_base64(line[1 : (count + 2) // 3 * 4 + 1].translate(_XX_TO_BASE64))[:count]


def _encoder(ending: bytes, *, is_xx: bool, escape: bool) -> Callable[[bytes], bytes]:
    """Return the encoder of one line; more than 45 bytes become several lines, none an empty place."""

    def line(chunk: bytes) -> bytes:
        if is_xx:
            sextets = binascii.b2a_base64(chunk + b"\0" * (-len(chunk) % 3), newline=False).translate(_BASE64_TO_XX)
            return _XX[len(chunk) : len(chunk) + 1] + sextets
        plain = binascii.b2a_uu(chunk, backtick=True).rstrip(b"\n")
        return html.escape(plain.decode("latin-1")).encode("latin-1") if escape else plain

    return lambda content: b"".join(line(content[i : i + _FULL]) + ending for i in range(0, len(content), _FULL))


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
