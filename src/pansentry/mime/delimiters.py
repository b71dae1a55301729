"""Boundaries and delimiters: a multipart body to the spans of its parts (RFC 2046 §5.1.1).

In: the range of a multipart body and its parameters. Out: :class:`Split`, and codes of what another reader may take
differently. A delimiter is a whole line: ``--boundary`` at the start of a line, with nothing but blanks behind it.

The boundary is the parameter as it stands. Where the body does not use it, the first other spelling that the body does
use is taken (another of two parameters, without quotes, RFC 2231), and at last the first line of the body that looks
like a delimiter: so a message that one reader can take apart is taken apart, and the code says that it was guessed.

A delimiter in the middle of a line is none, but two of 21 readers asked (ripmime, mshow) take it for one: a code says
so.

Limits: lines that only begin like a delimiter are looked at :data:`MAX_FALSE_DELIMITERS` times; the rest of the body is
then one part. Resists: two boundary parameters (CVE-2024-28054), fake delimiters, suffixes, parts behind the close.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.frozen import quickly_made
from pansentry.mime import fields as header

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FALSE_DELIMITERS = 10_000
MAX_TAIL_BYTES = 1000
_LEGAL_BOUNDARY = re.compile(rb"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]\Z")
_DASHED_LINE = re.compile(rb"(?<=\n)--([^\r\n]{1,200}?)[ \t]*+\r?\n")
_STOP = re.compile(rb"[\s;,(]")

Span = tuple[int, int]


@quickly_made
@dataclass(frozen=True, slots=True)
class Split:
    """Spans of the parts, of what stands before the first and behind the last delimiter, and codes."""

    parts: tuple[Span, ...]
    preamble: Span
    epilogue: Span
    codes: tuple[str, ...] = ()


def boundary(
    parameters: tuple[header.Parameter, ...], data: bytes, start: int, end: int
) -> tuple[bytes, tuple[str, ...]]:
    """Return the boundary of the body ``data[start:end]`` and codes; ``b""`` if nothing in the body is like one."""
    stated = header.resolve(parameters, "boundary")
    codes = []
    if stated is None:
        codes.append("boundary:missing")
    elif not _LEGAL_BOUNDARY.match(stated):
        codes.append("boundary:odd")

    def is_used(spelling: bytes) -> bool:
        return bool(spelling) and data.find(b"--" + spelling, start, end) >= 0

    if stated and is_used(stated):
        return stated, tuple(codes)
    codes.append("boundary:unused")
    spellings = [parameter.value for parameter in parameters if parameter.name.startswith("boundary")]
    spellings += [_STOP.split(value.strip(b" \t'\""))[0] for value in spellings]
    for spelling in spellings:
        if is_used(spelling):
            return spelling, tuple(codes)
    match = _DASHED_LINE.search(data, start, end)
    return match[1] if match else b"", tuple(codes)


_regular_split: Callable[[bytes, int, int, bytes, int], tuple[tuple[Span, ...], Span, Span] | None] | None = (
    native.function("regular_split")
)
"""Parts, preamble and epilogue where each delimiter is a line that ends in CRLF, and the last one closes; else None."""


def split(data: bytes, boundary: bytes, start: int, end: int, max_parts: int) -> Split:
    """Split the multipart body ``data[start:end]`` at its delimiter lines; what is beyond ``max_parts`` is epilogue."""
    if _regular_split is not None:
        found = _regular_split(data, start, end, b"--" + boundary, max_parts)
        if found is not None:
            return Split(*found)
    return split_slowly(data, boundary, start, end, max_parts)


def split_slowly(data: bytes, boundary: bytes, start: int, end: int, max_parts: int) -> Split:
    """Do the same whatever delimiters are like.

    One search finds delimiters and what only looks like one in the middle of a line; after the first of these only
    lines are looked at: 5 MB are searched once (0.6 ms), not for delimiters and again for the others.
    """
    needle = b"--" + boundary
    codes: dict[str, None] = {}
    spans: list[Span] = []
    preamble = (start, end)
    opened = -1
    false_ones = 0
    in_lines = False  # one was seen in the middle of a line
    position = data.find(needle, start, end)
    while position >= 0 and false_ones < MAX_FALSE_DELIMITERS:
        after = position + len(needle)
        if position > start and data[position - 1] != 0x0A:
            in_lines = True
            position = _next_line(data, needle, after, end)
            continue
        mark = data[after : after + 4]
        if mark[:2] == b"\r\n" and after + 2 <= end:  # as nearly all are
            rest, following = b"", after + 2
        elif mark == b"--\r\n" and after + 4 <= end:
            rest, following = b"--", after + 4
        else:
            stop = data.find(b"\n", after, end)
            following = end if stop < 0 else stop + 1
            rest = data[after : min(following, after + MAX_TAIL_BYTES)].rstrip(b" \t\r\n")
        if not rest or rest == b"--":
            body_end = max(_before_line_end(data, position), start if opened < 0 else opened)
            if opened < 0:
                preamble = (start, body_end)
            else:
                spans.append((opened, body_end))
            if rest:
                if data.find(needle, following, end) >= 0:
                    codes["delimiter:after-close"] = None
                if in_lines:
                    codes["delimiter:mid-line"] = None
                return Split(tuple(spans), preamble, (following, end), tuple(codes))
            if len(spans) > max_parts:
                return Split(tuple(spans), preamble, (following, end), tuple(codes))
            opened = after = following
        else:
            false_ones += 1
            codes["delimiter:suffix"] = None
        position = _next_line(data, needle, after, end) if in_lines else data.find(needle, after, end)
    if in_lines or position >= 0:
        codes["delimiter:mid-line"] = None
    if opened >= 0:
        codes["boundary:no-close"] = None
        spans.append((opened, end))
    return Split(tuple(spans), preamble, (end, end), tuple(codes))


def _next_line(data: bytes, needle: bytes, start: int, end: int) -> int:
    """Return where the next line that starts with ``needle`` begins, -1 if there is none."""
    found = data.find(b"\n" + needle, max(start - 1, 0), end)
    return found + 1 if found >= 0 else -1


def _before_line_end(data: bytes, position: int) -> int:
    """Return where the line end before ``position`` begins: it belongs to the delimiter."""
    if position >= 2 and data[position - 2] == 0x0D:
        return position - 2
    return max(position - 1, 0)
