"""What we made of a message, as edits that an MTA is asked for. Pure.

In: the fields and the body as the MTA told them, and the finished message. Out: packets in the order in which they are
to be sent. An MTA knows header fields by name and occurrence, so changes go from the last field to the first, and
insertions from the first to the last: no number moves under us.

Raises ValueError for a finished header that is not a list of fields: it must not leave half-edited.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from pansentry.milter.codec import change_header, insert_header, replace_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Field = tuple[bytes, bytes]

MAX_COMPARED = 400
"""Fields in which the smallest difference is looked for (its cost is quadratic); beyond it all between are replaced."""


def assemble(fields: Sequence[Field], body: bytes, *, leading_space: bool) -> bytes:
    """Return the message that the MTA described: fields, empty line, body; lines end in CRLF."""
    colon = b":" if leading_space else b": "
    header = b"".join(name + colon + _on_the_wire(value) + b"\r\n" for name, value in fields)
    return header + b"\r\n" + body


def changes(fields: Sequence[Field], body: bytes, finished: bytes, *, leading_space: bool) -> Iterator[bytes]:
    """Yield the packets that turn the described message into ``finished``."""
    header, found, new_body = finished.partition(b"\r\n\r\n")
    if finished.startswith(b"\r\n"):
        header, found, new_body = b"", b"\r\n", finished[2:]
    if not found:
        raise ValueError("The finished message has no end of header.")
    old = [(name, _on_the_wire(value)) for name, value in fields]
    yield from _header_changes(old, _fields(header, leading_space=leading_space))
    if new_body != body:
        yield from replace_body(new_body)


def _header_changes(old: Sequence[Field], new: Sequence[Field]) -> Iterator[bytes]:
    seen: Counter[bytes] = Counter()
    occurrence = []
    for name, _ in old:
        seen[name.lower()] += 1
        occurrence.append(seen[name.lower()])
    inserted = []
    for start, end, first, last in reversed(_replaced(old, new)):
        before, after = old[start:end], new[first:last]
        if [name for name, _ in before] == [name for name, _ in after]:  # other values at the same places
            for at in range(end - 1, start - 1, -1):
                name, value = new[first + at - start]
                if old[at][1] != value:
                    yield change_header(occurrence[at], name, _to_milter(value))
            continue
        for at in range(end - 1, start - 1, -1):
            yield change_header(occurrence[at], old[at][0], b"")
        inserted += [(first + at, field) for at, field in enumerate(after)]
    for position, (name, value) in sorted(inserted):
        yield insert_header(position, name, _to_milter(value))


def _replaced(old: Sequence[Field], new: Sequence[Field]) -> list[tuple[int, int, int, int]]:
    """Return the ranges of ``old`` and ``new`` that differ, first to last."""
    tail = 0
    while tail < min(len(old), len(new)) and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end, last = len(old) - tail, len(new) - tail
    if not end and not last:
        return []
    if not end or not last or end + last > MAX_COMPARED:
        return [(0, end, 0, last)]
    matcher = SequenceMatcher(None, old[:end], new[:last], autojunk=False)
    return [(i, j, k, m) for kind, i, j, k, m in matcher.get_opcodes() if kind != "equal"]


def _fields(header: bytes, *, leading_space: bool) -> list[Field]:
    """Return name and value of each field; the value as an MTA would tell it, but its lines ending in CRLF."""
    fields: list[Field] = []
    for line in header.split(b"\r\n") if header else ():
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\r\n" + line)
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name:
            raise ValueError("The finished header is not a list of fields.")
        fields.append((name, value if leading_space else value.removeprefix(b" ")))
    return fields


def _on_the_wire(value: bytes) -> bytes:
    return value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _to_milter(value: bytes) -> bytes:
    return value.replace(b"\r\n", b"\n")
