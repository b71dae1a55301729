"""Content-Transfer-Encoding: bytes of a body to content, and edits of the content back to the body (RFC 2045 §6).

In: body bytes and the name of the encoding. Out: decoded bytes, codes of what is broken in the encoding, and
:func:`lower`, which turns edits of the decoded bytes into edits of the body.

Base64 is read leniently: what is not in the alphabet is skipped, ``=`` ends a chunk and the next chunk starts anew,
``-`` and ``_`` are read as ``+`` and ``/`` (RFC 4648 §5) where neither the standard characters nor other junk occur;
``base64-skipping`` takes them for junk. Every reader that
decodes less (stops at the first padding or at junk) sees a prefix of this. Quoted-printable: lower-case hex, blanks
behind a soft break and an ``=`` at the end are accepted, an invalid escape stands for itself (RFC 2045 §6.7, RFC 7103).

An edit touches the quanta (base64) or the escapes and letters (quoted-printable) that it hits and nothing else, as
long as the new bytes are as many as the old; otherwise base64 is written anew from the first quantum that moves, in
lines of the width found, and the padding is set right.

Limits: linear in the body; maps are built only when there is an edit.
Known gaps: junk inside a base64 quantum that is edited is dropped.
"""

from __future__ import annotations

import binascii
import functools
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.edits import Edit, apply
from pansentry.mime.escapes import are_strict

_decode_lines: Callable[[bytes], bytes]
_decode_letters: Callable[[bytes | bytearray], bytes]
"""The second takes letters and padding only, and raises ValueError at anything else."""
try:  # 8 times faster on folded lines, 40 times on letters alone; the standard library does the same
    import pybase64

    _decode_lines = pybase64.b64decode
    _decode_letters = functools.partial(pybase64.b64decode, validate=True)
except ImportError:  # pragma: no cover - depends on the platform
    _decode_lines = binascii.a2b_base64
    _decode_letters = functools.partial(binascii.a2b_base64, strict_mode=True)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IDENTITY = frozenset({"7bit", "8bit", "binary"})
KNOWN = IDENTITY | {"base64", "quoted-printable"}

_LEGAL_BASE64 = re.compile(
    rb"(?>(?:[A-Za-z0-9+/]*+[ \t]*+\r?\n[ \t]*+)*)[A-Za-z0-9+/]*+(?:[ \t]*+(?>(?:\r?\n)?)=){0,2}\s*+"
)
_RUN = re.compile(rb"[A-Za-z0-9+/]+|=+")
_BASE64 = ("base64", "base64-skipping")
_URL_SAFE_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_= \t\r\n"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LINE = re.compile(rb"[^\r\n]+(\r?\n|\r)")
_ODD_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")
_LAX_ESCAPE = re.compile(rb"=(?![0-9A-F]{2}|[ \t]*\r?\n)")
_ESCAPE = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*(?:\r?\n|\Z))")
_MAX_QP_RUN = 60


def decode(body: bytes, encoding: str) -> bytes:
    """Return the content of ``body``; an unknown encoding is read as identity. Never raises."""
    if encoding in _BASE64:
        return decode_base64(body, skipping=encoding == "base64-skipping")
    if encoding == "quoted-printable":
        return decode_quoted_printable(body)
    return body


def flaws(body: bytes, encoding: str, content: bytes | None = None) -> tuple[str, ...]:
    """Return stable codes of what is broken, so that two readers could decode the body differently.

    ``content`` is ``decode(body, encoding)`` if that is known: it spares a look at every character.
    """
    if encoding == "base64":
        return _base64_flaws(body, decode_base64(body) if content is None else content)
    if encoding == "quoted-printable" and b"=" in body and _LAX_ESCAPE.search(body):
        return ("quoted-printable:escape",)
    return ()


def _base64_flaws(body: bytes, content: bytes) -> tuple[str, ...]:
    first_pad = body.find(b"=")
    padding = 0 if first_pad < 0 else body.count(b"=", first_pad)
    solid = len(body.replace(b"\n", b"").replace(b"\r", b""))  # taking out one octet is faster than counting it
    counted = solid - padding == -(-len(content) * 4 // 3) and padding == -len(content) % 3
    if counted and not (padding and body[first_pad:].strip(b"=\r\n")) and body.find(b"-") < 0 and body.find(b"_") < 0:
        return ()  # every character stands for six bits and the padding is right: nothing was skipped
    packed = body.translate(None, b" \t\r\n")
    sextets = packed.rstrip(b"=")
    if b"=" in sextets:
        return ("base64:inner",)
    if len(packed) - len(sextets) > 2:
        return ("base64:padding",)
    if not _LEGAL_BASE64.fullmatch(body):
        return ("base64:junk",)
    return () if len(packed) % 4 == 0 else ("base64:padding",)


def decode_even_lines(data: bytes, start: int, end: int) -> bytes | None:
    """Decode base64 without a flaw: letters and right padding, in CRLF lines of one width. None for any other.

    6 µs for 110 KB where line ends are taken out by what is compiled, 15 by its twin; decoding over them and proving it
    afterwards took 30.
    """
    packed = letters_of_even_lines(data, start, end)
    if packed is None:
        return None
    try:
        content = _decode_letters(packed)
    except ValueError:
        return None
    return content if content and len(packed) == -(-len(content) // 3) * 4 else None


def letters_of_even_lines_slowly(data: bytes, start: int, end: int) -> bytes | bytearray | None:
    """Take line ends out of ``data[start:end]``: CRLF behind every so many octets, of which there are quanta of four.

    They are looked at where they must stand, and taken out, with a stride, so that the decoder meets none.
    """
    body = data[start:end]
    width = body.find(b"\r\n")
    if width <= 0 or width % 4:
        return None
    packed = bytearray(body)
    if body[-2:] == b"\r\n":
        del packed[-2:]
    at_ends, behind = packed[width :: width + 2], packed[width + 1 :: width + 2]
    lines = len(behind)
    if len(at_ends) != lines or at_ends.count(b"\r") != lines or behind.count(b"\n") != lines:
        return None
    del packed[width + 1 :: width + 2], packed[width :: width + 1]
    return packed


letters_of_even_lines: Callable[[bytes, int, int], bytes | bytearray | None] = (
    native.function("letters_of_even_lines") or letters_of_even_lines_slowly
)


def decode_base64(body: bytes, *, skipping: bool = False) -> bytes:
    """Decode leniently, chunk by chunk; ``skipping`` takes ``-`` and ``_`` for junk in any case."""
    plain = _alphabet(body, skipping=skipping)
    try:
        pad = plain.find(b"=")
        # no padding but at the end: one chunk, and both decoders skip whatever is not in the alphabet
        if pad < 0 or not plain[pad:].strip(b"= \t\r\n"):
            return bytes(_decode_lines(plain))
    except (binascii.Error, ValueError):
        pass
    return b"".join(_decode_chunk(sextets) for sextets in plain.translate(None, _JUNK).split(b"=") if sextets)


_JUNK = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def _decode_chunk(sextets: bytes) -> bytes:
    spare = len(sextets) % 4
    if spare == 1:  # six bits are no byte; RFC 4648 leaves them undefined, readers drop them
        sextets = sextets[:-1]
    return binascii.a2b_base64(sextets + b"=" * (-len(sextets) % 4))


def is_url_safe(body: bytes) -> bool:
    """Say whether ``-`` and ``_`` may be letters here: no ``+`` or ``/`` beside them, and no other junk."""
    if (b"-" not in body and b"_" not in body) or b"+" in body or b"/" in body:
        return False
    return not body.translate(None, _URL_SAFE_LETTERS)


def _alphabet(body: bytes, *, skipping: bool = False) -> bytes:
    return body.translate(_URL_SAFE) if not skipping and is_url_safe(body) else body


def _chunks(body: bytes, *, skipping: bool = False) -> list[list[tuple[int, int]]]:
    """Return the runs of alphabet characters (offsets) of each chunk; padding parts the chunks."""
    chunks: list[list[tuple[int, int]]] = [[]]
    for match in _RUN.finditer(_alphabet(body, skipping=skipping)):
        if body[match.start()] == 0x3D:
            if chunks[-1]:
                chunks.append([])
        else:
            chunks[-1].append(match.span())
    return [runs for runs in chunks if runs]


def decode_strictly_slowly(data: bytes, start: int, end: int) -> bytes | None:
    """Decode quoted-printable without a flaw (RFC 2045 §6.7), which is nearly all; None if ``data[start:end]`` has any.

    Where there is none the library's decoder does not guess. 100 µs for 100 KB of HTML, compiled 20.
    """
    body = data[start:end]
    if 0x3D not in body:
        return body
    return binascii.a2b_qp(body) if are_strict(body) else None


decode_strictly: Callable[[bytes, int, int], bytes | None] = (
    native.function("decode_strictly") or decode_strictly_slowly
)


def decode_quoted_printable(body: bytes) -> bytes:
    """Decode leniently; what cannot be an escape stands for itself."""
    if b"=" not in body:
        return body
    if _ODD_ESCAPE.search(body) is None:
        return binascii.a2b_qp(body)
    return _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else b"", body)


def lower(body: bytes, encoding: str, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
    """Turn disjoint, ascending edits of ``decode(body, encoding)`` into such edits of ``body``."""
    if (encoding not in _BASE64 and encoding != "quoted-printable") or not edits:
        return tuple(edits)
    if encoding == "quoted-printable":
        lowered = _lower_quoted_printable(body, edits)
    else:
        lowered = _lower_base64(body, edits, skipping=encoding == "base64-skipping")
    content = apply(decode(body, encoding), edits)
    if decode(apply(body, lowered), encoding) == content:
        return lowered
    # an edit can change how the junk around it reads (the last "/" beside a "_", a letter behind a lone "=")
    ending = b"\r\n" if b"\r\n" in body or b"\n" not in body else b"\n"
    new = encode_base64(content, ending) if encoding in _BASE64 else _encode_qp(content, ending)
    return (Edit(0, len(body), new),)


# ── base64 ──


def _lower_base64(body: bytes, edits: Sequence[Edit[bytes]], *, skipping: bool) -> tuple[Edit[bytes], ...]:
    lowered: list[Edit[bytes]] = []
    at = 0
    waiting = list(edits)
    plain = _alphabet(body, skipping=skipping)
    chunks = _chunks(body, skipping=skipping)
    if not chunks:
        return tuple(Edit(0, len(body), encode_base64(edit.new)) for edit in waiting[:1])
    for number, runs in enumerate(chunks):
        data = _decode_chunk(b"".join(plain[start:end] for start, end in runs))
        is_last = number == len(chunks) - 1
        mine: list[Edit[bytes]] = []
        while waiting and (is_last or waiting[0].start < at + len(data)):
            edit = waiting.pop(0)
            stop = edit.end if is_last else min(edit.end, at + len(data))
            cut = edit.new if is_last or len(edit.new) != edit.end - edit.start else edit.new[: stop - edit.start]
            mine.append(Edit(edit.start - at, stop - at, cut))
            if stop < edit.end:  # what runs over the padding goes on in the next chunk
                waiting.insert(0, Edit(stop, edit.end, edit.new[len(cut) :]))
        if mine:
            until = len(body) if is_last else chunks[number + 1][0][0]
            lowered += _lower_chunk(body, runs, until, data, mine, url_safe=plain is not body)
        at += len(data)
    return tuple(lowered)


def _lower_chunk(
    body: bytes, runs: list[tuple[int, int]], until: int, data: bytes, edits: list[Edit[bytes]], *, url_safe: bool
) -> list[Edit[bytes]]:
    offset_of = _sextet_offsets(runs)
    total = sum(end - start for start, end in runs)
    encode = _encode_url_safe if url_safe else _encode
    # everything from the first edit that changes the length is written anew, from the quantum in which it starts
    anew = next((i for i, e in enumerate(edits) if len(e.new) != e.end - e.start), len(edits))
    start = edits[anew].start // 3 * 3 if anew < len(edits) else len(data)
    while anew < len(edits) and anew and edits[anew - 1].end > start:
        anew -= 1
        start = edits[anew].start // 3 * 3
    lowered: list[Edit[bytes]] = []
    for group in _by_quantum(edits[:anew]):
        first, stop = group[0].start // 3 * 3, -(-group[-1].end // 3) * 3
        piece = apply(data[first:stop], [_moved(edit, -first) for edit in group])
        sextets = encode(piece).rstrip(b"=")
        lowered += _write_sextets(sextets, first // 3 * 4, min(stop // 3 * 4, total), offset_of)
    if anew < len(edits):
        rest = encode(apply(data[start:], [_moved(edit, -start) for edit in edits[anew:]]))
        offset = offset_of(start // 3 * 4)[0] if start // 3 * 4 < total else until
        lowered.append(_write_rest(body, rest, offset, until))
    return lowered


def _moved(edit: Edit[bytes], by: int) -> Edit[bytes]:
    return Edit(edit.start + by, edit.end + by, edit.new)


def _by_quantum(edits: Sequence[Edit[bytes]]) -> list[list[Edit[bytes]]]:
    """Group edits that share a quantum of three bytes."""
    groups: list[list[Edit[bytes]]] = []
    for edit in edits:
        if groups and edit.start // 3 < -(-groups[-1][-1].end // 3):
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _write_sextets(
    sextets: bytes, start: int, stop: int, offset_of: Callable[[int], tuple[int, int]]
) -> list[Edit[bytes]]:
    """Write sextets ``start…stop`` run by run, so that line ends between them stay where they are."""
    lowered = []
    position = start
    while position < stop:
        offset, room = offset_of(position)
        count = min(room, stop - position)
        lowered.append(Edit(offset, offset + count, sextets[position - start : position - start + count]))
        position += count
    return lowered


def _write_rest(body: bytes, sextets: bytes, offset: int, until: int) -> Edit[bytes]:
    """Write the rest of a chunk anew, in lines of the width and with the line ends that the body has."""
    line = _LINE.search(body)
    width, ending = (line.end() - line.start() - len(line[1]), line[1]) if line else (0, b"")
    tail = ending if until and body[until - 1] in b"\r\n" else b""
    if not width:
        return Edit(offset, until, sextets)
    first = max(width - (offset - body.rfind(ending[-1:], 0, offset) - 1), 0)
    lines = [sextets[:first]] + [sextets[i : i + width] for i in range(first, len(sextets), width)]
    return Edit(offset, until, ending.join(lines) + tail)


def _sextet_offsets(runs: list[tuple[int, int]]) -> Callable[[int], tuple[int, int]]:
    """Return a function from the number of a sextet to (offset in the body, sextets left in its run)."""
    firsts: list[int] = []
    count = 0
    for start, end in runs:
        firsts.append(count)
        count += end - start

    def offset_of(sextet: int) -> tuple[int, int]:
        run = bisect_right(firsts, sextet) - 1
        start, end = runs[run]
        offset = start + sextet - firsts[run]
        return offset, end - offset

    return offset_of


def _encode(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False)


def _encode_url_safe(data: bytes) -> bytes:
    return _encode(data).translate(_TO_URL_SAFE)


def encode_base64(data: bytes, ending: bytes = b"\r\n") -> bytes:
    """Return ``data`` as base64 in lines of 76 characters, each with its line end (RFC 2045 §6.8)."""
    sextets = _encode(data)
    return b"".join(sextets[i : i + 76] + ending for i in range(0, len(sextets), 76))


# ── quoted-printable ──


def _lower_quoted_printable(body: bytes, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
    # table of literal runs and escapes: decoded offset, body offset, 1 for an escape
    decoded_at: list[int] = []
    body_at: list[int] = []
    widths: list[int] = []
    decoded = position = 0
    for match in _ESCAPE.finditer(body):
        if match.start() > position:
            decoded_at.append(decoded)
            body_at.append(position)
            widths.append(1)
            decoded += match.start() - position
        if match[1]:
            decoded_at.append(decoded)
            body_at.append(match.start())
            widths.append(3)
            decoded += 1
        position = match.end()
    decoded_at.append(decoded)
    body_at.append(position)
    widths.append(1)

    def span(offset: int) -> tuple[int, int]:
        run = bisect_right(decoded_at, offset) - 1
        start = body_at[run] + (offset - decoded_at[run])
        return start, start + widths[run]

    lowered: list[Edit[bytes]] = []
    for edit in edits:
        if edit.start == edit.end:
            place = span(edit.start)[0]
            lowered.append(Edit(place, place, _encode_qp(edit.new)))
            continue
        equal = len(edit.new) == edit.end - edit.start
        for index in range(edit.start, edit.end):
            start, end = span(index)
            if equal:
                new = _encode_qp(edit.new[index - edit.start : index - edit.start + 1])
            else:
                new = _encode_qp(edit.new) if index == edit.start else b""
            if lowered and lowered[-1].end == start:
                lowered[-1] = Edit(lowered[-1].start, end, lowered[-1].new + new)
            else:
                lowered.append(Edit(start, end, new))
    return tuple(lowered)


def _encode_qp(data: bytes, ending: bytes = b"\r\n") -> bytes:
    """Spell bytes inside a line; line ends stay line ends, long runs get a soft break every 60 characters."""
    pieces: list[bytes] = []
    column = 0
    for byte in data:
        piece = bytes((byte,)) if byte in b"\r\n\t " or (0x20 < byte < 0x7F and byte != 0x3D) else b"=%02X" % byte
        column = 0 if byte == 0x0A else column + len(piece)
        if column > _MAX_QP_RUN:
            pieces.append(b"=" + ending)
            column = len(piece)
        pieces.append(piece)
    return b"".join(pieces)
