"""Rewrite: a part whose text does not survive decode and encode is written anew.

In: a leaf and its new text. Out: edits of the buffer that the part stands in: the body as base64 of UTF-8, the
charset and the transfer encoding in its header. Everything else of the header stays as it is. A part that cannot be
edited at all becomes a plain text that says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.edits import Edit
from pansentry.mime import transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.mime.parts import Part
    from pansentry.mime.source import Leaf, Source


def as_utf8(leaf: Leaf, data: bytes) -> tuple[Edit[bytes], ...]:
    """Return edits that make the part a UTF-8 text in base64 with ``data`` as its content."""
    part = leaf.part
    buffer = part.source.data
    ending = b"\r\n" if buffer.find(b"\r\n", part.start) >= 0 else b"\n"
    edits: list[Edit[bytes]] = []
    new_lines = b""
    if "type" in part.content:
        written = [p for p in part.parameters if p.name.split("*", 1)[0] == "charset"]
        edits += [Edit(p.start, p.end, b"utf-8") for p in written]
        if not written:
            end = part.content["type"][1]
            edits.append(Edit(end, end, b"; charset=utf-8"))
    else:
        new_lines += b"Content-Type: text/plain; charset=utf-8" + ending
    if "transfer-encoding" in part.content:
        edits.append(Edit(*part.content["transfer-encoding"], b" base64"))
    else:
        new_lines += b"Content-Transfer-Encoding: base64" + ending
    if part.start == part.fields_end and part.body_start == part.start:
        new_lines += ending
    edits.append(Edit(part.start, part.start, new_lines))
    edits.append(Edit(part.body_start, part.body_end, transfer.encode_base64(data, ending)))
    return tuple(sorted(edit for edit in edits if edit.new or edit.end > edit.start))


def by_text(part: Part, text: str) -> tuple[Edit[bytes], ...]:
    """Return edits that put a plain text in place of a part: its Content-… fields and its body go, the rest stays."""
    buffer = part.source.data
    ending = b"\r\n" if buffer.find(b"\r\n", part.start) >= 0 else b"\n"
    edits = []
    for one in part.fields:
        if one.name.startswith("content-"):
            stop = buffer.find(b"\n", one.end, part.body_start)
            edits.append(Edit(one.start, one.end if stop < 0 else stop + 1, b""))
    lines = b"Content-Type: text/plain; charset=utf-8" + ending + b"Content-Transfer-Encoding: base64" + ending
    if part.body_start == part.fields_end:
        lines += ending
    body = transfer.encode_base64(text.encode("utf-8"), ending)
    return (*edits, Edit(part.fields_end, part.fields_end, lines), Edit(part.body_start, part.body_end, body))


def blanked(source: Source, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
    """Return an edit that replaces all of a value (of a header field) that cannot be edited in place."""
    assert source.parent is not None
    return (Edit(0, len(source.parent.data), b" [removed]"),) if edits else ()
