"""What a PDF holds where no reader looks: comments, forms that nobody draws, patterns, bytes between the objects.

In: a document opened by pikepdf, or its bytes. Out: texts and streams with the way to write them. Nothing of it is
shown by a viewer, and all of it is there for who unpacks the file: the promise is that nothing can be recovered.
PDF 32000-1: §7.2.4 (comments), §8.7.3 (tiling patterns), §8.10 (forms), §7.5 (structure of a file).

Known gap: a packed stream that no cross-reference names is not unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pansentry.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MIN_DIGITS = 3
_STRING_OR_COMMENT = re.compile(rb"\((?:[^()\\]|\\[\s\S])*\)|%[^\r\n]*")
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_OBJECT = re.compile(rb"(?<![0-9])[0-9]{1,10}\s{1,4}[0-9]{1,5}\s{1,4}obj\b")
_START = re.compile(rb"startxref\s+[0-9]+\s*(?:%%EOF)?")
_BLANKS = b" \t\r\n\f\0"


def comments(stream: Any, content: bytes) -> tuple[str, Callable[[Sequence[Edit[str]]], None]] | None:
    """Return the comments of a content stream in a row, and what masks them; None if they hold no digits."""
    if b"%" not in content:
        return None
    found = [match for match in _STRING_OR_COMMENT.finditer(content) if match[0][:1] == b"%" and _has_digits(match[0])]
    if not found:
        return None
    return "\n".join(match[0].decode("latin-1") for match in found), partial(_mask, stream, content, found)


def _mask(stream: Any, content: bytes, found: Sequence[re.Match[bytes]], edits: Sequence[Edit[str]]) -> None:
    """Write a content stream with its comments masked; nothing of what it draws changes."""
    text = apply("\n".join(match[0].decode("latin-1") for match in found), list(edits))
    out: list[bytes] = []
    at = start = 0
    for match in found:
        out += (content[at : match.start()], text[start : start + len(match[0])].encode("latin-1", "replace"))
        at, start = match.end(), start + len(match[0]) + 1
    stream.write(b"".join((*out, content[at:])))


def _has_digits(text: bytes) -> bool:
    return sum(48 <= byte <= 57 for byte in text) >= _MIN_DIGITS


def undrawn(pdf: Any, read: set[tuple[int, int]]) -> Iterator[Any]:
    """Yield the tiling patterns, and the forms that no page draws; not those in ``read``, whose text is known."""
    import pikepdf

    forms, patterns = [], []
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.objgen not in read:
            if thing.stream_dict.get("/PatternType") == 1:
                patterns.append(thing)
            elif thing.stream_dict.get("/Subtype") == "/Form":
                forms.append(thing)
    yield from patterns
    if forms:
        drawn = _drawn(pdf)
        yield from (form for form in forms if form.objgen not in drawn)


def _drawn(pdf: Any) -> set[tuple[int, int]]:
    """Return the forms that pages draw, and those that these draw."""
    import pikepdf

    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        contents = page.get("/Contents")
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        todo = [(page.get("/Resources"), b"\n".join(map(unpacked, streams)))]
        while todo:
            resources, content = todo.pop()
            listed = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
            names = {match[1] for match in _DRAWN.finditer(content)}
            is_escaped = any(b"#" in name for name in names)  # then any of them is drawn, for all we know
            for key, form in listed.items() if isinstance(listed, pikepdf.Dictionary) and names else ():
                if not isinstance(form, pikepdf.Stream) or form.objgen in seen:
                    continue
                if not is_escaped and key[1:].encode("utf-8", "replace") not in names:
                    continue
                seen.add(form.objgen)
                if form.stream_dict.get("/Subtype") == "/Form":
                    todo.append((form.stream_dict.get("/Resources", resources), unpacked(form)))
    return seen


def unpacked(stream: Any) -> bytes:
    """Return what a stream holds, b"" for what is none or cannot be unpacked."""
    import pikepdf

    if not isinstance(stream, pikepdf.Stream):
        return b""
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return b""


def outside(data: bytes) -> str:
    """Return what stands between the objects of a file and behind its end, one stretch a line; "" without digits.

    A document that is written anew has none of it.
    """
    bare = _without_streams(data)
    found = []
    pieces = bare.split(b"endobj")
    for piece in pieces[1:]:
        head = _OBJECT.search(piece)
        gap = piece[: head.start()] if head else piece
        if (table := gap.find(b"xref")) >= 0:  # a table of offsets, and what stands behind it
            ends = [match.end() for match in _START.finditer(gap, table)]
            gap = gap[:table] + (gap[ends[0] :] if ends else b"")
        if (gap := gap.strip(_BLANKS)) and _has_digits(gap):
            found.append(gap)
    found += [match[0] for match in _STRING_OR_COMMENT.finditer(pieces[0]) if match[0][:1] == b"%"]
    return "\n".join(gap.decode("latin-1") for gap in found if _has_digits(gap))


def _without_streams(data: bytes) -> bytes:
    pieces, at = [], 0
    while (start := data.find(b"stream", at)) >= 0:
        end = data.find(b"endstream", start)
        if end < 0:
            break
        pieces.append(data[at:start])
        at = end + len(b"endstream")
    return b"\n".join((*pieces, data[at:]))
