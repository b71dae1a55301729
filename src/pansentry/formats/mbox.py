"""Mailboxes in one file (mbox, RFC 4155 appendix A, and its relatives): each message a document.

In: the file. Out: every message, from behind its "From " line up to the next, as it stands there (quoted ">From " lines
included), as an embedded mail; the "From " lines as one passage. Back: messages that were replaced, other bytes stay.
A message that was taken out leaves one that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from mmap import mmap
from typing import Final

from pansentry.edits import Edit, apply, merge
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.woven import Woven

_START: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*(?:\r?\n|\Z)")
_FROM: Final = re.compile(rb"(?:(?<=\n\n)|(?<=\n\r\n))From ")
_NOTICE: Final = f"Subject: PanSentry\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{TAKEN_OUT}\r\n"


def messages(data: bytes | mmap) -> Iterator[tuple[int, int, int]]:
    """Yield where each message's "From " line begins, where it begins itself, and where it ends: before the empty line
    that parts it from the next."""
    begun: re.Match[bytes] | None = None
    for found in _START.finditer(data):
        if begun is not None:
            at = found.start()
            yield begun.start(), begun.end(), at - (2 if data[at - 2 : at] == b"\r\n" else 1)
        begun = found
    if begun is not None:
        yield begun.start(), begun.end(), len(data)


def quoted(message: bytes) -> bytes:
    """Return a message that parts into no second one: "From " behind an empty line becomes ">From "."""
    return _FROM.sub(b">From ", message)


class _Lines:
    """Takes edits of the file."""

    def __init__(self) -> None:
        self.edits: list[Edit[bytes]] = []

    def write(self, start: int, end: int, new: str) -> None:
        self.edits.append(Edit(start, end, new.encode("ascii", "replace")))


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the messages. Raises DamagedError, LimitExceededError."""
    ranges = _messages(data, limits)
    embedded = tuple(Embedded(key, data[a:b], "", f"message {key + 1}") for key, (_, a, b) in enumerate(ranges))
    return Extract((Passage(0, _woven(data, ranges, _Lines()).text, "separators"),), embedded)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the file with messages replaced and separators cut, ``data`` itself without any."""
    if not cuts and not replaced:
        return data
    ranges = _messages(data, limits)
    lines = _Lines()
    for cut in cuts.values():
        _woven(data, ranges, lines).lower(cut)
    edits = list(lines.edits)
    for key, new in replaced.items():
        _, start, end = ranges[key]
        put = _NOTICE.encode("ascii") if new is None else new
        if _START.search(put.replace(b"\r\n", b"\n"), 1):
            raise DamagedError(CANNOT_REWRITE)  # it would part into two
        edits.append(Edit(start, end, put))
    return apply(data, merge(edits))


def _messages(data: bytes, limits: DocumentLimits) -> list[tuple[int, int, int]]:
    """Return where each message's separator, content and end are."""
    starts = list(_START.finditer(data))
    if not starts or starts[0].start():
        raise DamagedError("damaged")
    if len(starts) > limits.max_members:
        raise LimitExceededError("max_members")
    ends = [match.start() for match in starts[1:]] + [len(data)]
    return [(match.start(), match.end(), end) for match, end in zip(starts, ends, strict=True)]


def _woven(data: bytes, ranges: list[tuple[int, int, int]], lines: _Lines) -> Woven:
    woven = Woven()
    for start, content, _ in ranges:
        woven.keep(data[start:content].decode("latin-1").rstrip("\r\n"), lines, start)
        woven.make_up("\n")
    return woven
