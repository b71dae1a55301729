"""Sources: buffers of bytes with a place and a way down to the received message.

:class:`Received` is the root. :class:`Leaf` is the decoded body of a part, :class:`Unfolded` a header value without
its line ends, :class:`Span` a plain range, :class:`Text` a leaf or value as text under one charset (its ``data`` is
that text in UTF-8). Each ``lower`` takes disjoint, ascending edits of ``data`` and gives such edits of
``parent.data``, or None where the new content cannot be written into the old form (then the part has to be written
anew, see ``redaction/rewrite.py``).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol

from pansentry.edits import Edit, apply, merge
from pansentry.mime import charset, transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.mime.parts import Part


class Source(Protocol):
    """A buffer of bytes from which views are read; see the module's contract."""

    @property
    def data(self) -> bytes: ...
    @property
    def parent(self) -> Source | None: ...
    @property
    def place(self) -> str: ...
    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None: ...


class Received:
    """The message as received."""

    __slots__ = ("data",)
    parent: Source | None = None
    place = "message"

    def __init__(self, data: bytes) -> None:
        self.data = data

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        """Return the edits: there is nothing below."""
        return tuple(edits)


class Leaf:
    """The body of a part without its transfer encoding, decoded when it is first asked for."""

    __slots__ = ("_data", "parent", "part", "place")

    def __init__(self, parent: Source, part: Part, place: str) -> None:
        self.parent: Source | None = parent
        self.part = part
        self.place = place
        self._data: bytes | None = None

    @property
    def body(self) -> bytes:
        """The bytes as they stand in the parent."""
        assert self.parent is not None
        return self.parent.data[self.part.body_start : self.part.body_end]

    @property
    def data(self) -> bytes:
        if self._data is None:
            self._data = transfer.decode(self.body, self.part.encoding)
        return self._data

    def hold(self, content: bytes) -> None:
        """Take content that whoever looked for flaws has decoded."""
        self._data = content

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        start = self.part.body_start
        lowered = transfer.lower(self.body, self.part.encoding, edits)
        return tuple(Edit(start + edit.start, start + edit.end, edit.new) for edit in lowered)


class Span:
    """A range of its parent as it stands: a preamble, an epilogue, a body before transfer decoding."""

    __slots__ = ("_start", "data", "parent", "place")

    def __init__(self, parent: Source, start: int, end: int, place: str) -> None:
        self.parent: Source | None = parent
        self.place = place
        self._start = start
        self.data = parent.data[start:end]

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        return tuple(Edit(self._start + edit.start, self._start + edit.end, edit.new) for edit in edits)


class Unfolded:
    """The value of a header field (or any range of lines) without its line ends."""

    __slots__ = ("_at", "_offset", "data", "parent", "place")

    def __init__(self, parent: Source, start: int, end: int, place: str) -> None:
        self.parent: Source | None = parent
        self.place = place
        raw = parent.data[start:end]
        self._at = [0]
        self._offset = [start]
        pieces = []
        position = length = 0
        while (stop := raw.find(b"\n", position)) >= 0:
            cut = stop - 1 if stop > position and raw[stop - 1] == 0x0D else stop
            pieces.append(raw[position:cut])
            length += cut - position
            position = stop + 1
            self._at.append(length)
            self._offset.append(start + position)
        pieces.append(raw[position:])
        self.data = b"".join(pieces)

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        """Map line by line, so that folds stay; a fold goes where its white space would not stay.

        A continuation line must keep its leading blank and something behind it, or the header would end there.
        """
        lowered: list[Edit[bytes]] = []
        for edit in edits:
            first = bisect_right(self._at, edit.start) - 1
            last = max(first, bisect_right(self._at, edit.end - 1) - 1)
            if first == last and not self._breaks_fold(edit, first):
                offset = self._offset[first] - self._at[first]
                lowered.append(Edit(offset + edit.start, offset + edit.end, edit.new))
            elif self._keeps_folds(edit, first, last):
                for line in range(first, last + 1):
                    start = max(edit.start, self._at[line])
                    stop = edit.end if line == last else self._at[line + 1]
                    offset = self._offset[line] - self._at[line]
                    new = edit.new[start - edit.start : stop - edit.start]
                    lowered.append(Edit(offset + start, offset + stop, new))
            else:
                lowered.append(self._unfolding(edit, first, last))
        merged = merge(lowered)
        return merged if len(edits) < 2 or self._holds(merged) else (self._on_one_line(edits),)

    def _holds(self, edits: Sequence[Edit[bytes]]) -> bool:
        """Say whether every continuation line still begins with a blank and has something behind it."""
        assert self.parent is not None
        start, end = self._offset[0], self._offset[-1] + len(self.data) - self._at[-1]
        new = apply(self.parent.data[start:end], [Edit(e.start - start, e.end - start, e.new) for e in edits])
        return all(line[:1] in (b" ", b"\t") and line.strip() for line in new.split(b"\n")[1:])

    def _on_one_line(self, edits: Sequence[Edit[bytes]]) -> Edit[bytes]:
        end = self._offset[-1] + len(self.data) - self._at[-1]
        return Edit(self._offset[0], end, apply(self.data, edits))

    def _breaks_fold(self, edit: Edit[bytes], line: int) -> bool:
        if line == 0:
            return False
        stop = self._at[line + 1] if line + 1 < len(self._at) else len(self.data)
        new = self.data[self._at[line] : edit.start] + edit.new + self.data[edit.end : stop]
        return new[:1] not in (b" ", b"\t") or not new.strip(b" \t")

    def _keeps_folds(self, edit: Edit[bytes], first: int, last: int) -> bool:
        if len(edit.new) != edit.end - edit.start or first == last:
            return False
        if first and edit.start == self._at[first] and edit.new[:1] not in (b" ", b"\t"):
            return False
        kept = (self._at[line] - edit.start for line in range(first + 1, last + 1))
        return all(edit.new[index : index + 1] in (b" ", b"\t") for index in kept) and bool(edit.new.strip(b" \t"))

    def _unfolding(self, edit: Edit[bytes], first: int, last: int) -> Edit[bytes]:
        """Write the edit as one range, line ends included; at the start of a line with the fold in front of it."""
        start = self._offset[first] + edit.start - self._at[first]
        new = edit.new
        if first and not self.data[self._at[first] : edit.start].strip(b" \t"):
            new = self.data[self._at[first] : edit.start] + new
            start = self._offset[first - 1] + self._at[first] - self._at[first - 1]
        return Edit(start, self._offset[last] + edit.end - self._at[last], new)


class Text:
    """A source under one charset. ``text`` has U+FFFD where bytes mean nothing; ``data`` is ``text`` in UTF-8."""

    __slots__ = ("_data", "_decoded", "codec", "parent", "place", "text")

    def __init__(self, parent: Source, codec: str) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self.codec = codec
        self._decoded = charset.decode(parent.data, codec)
        self.text = charset.printable(self._decoded)
        self._data: bytes | None = None

    @property
    def data(self) -> bytes:
        if self._data is None:
            self._data = self.text.encode("utf-8")
        return self._data

    def raise_edits(self, edits: Sequence[Edit[str]]) -> tuple[Edit[bytes], ...]:
        """Turn disjoint, ascending edits of ``text`` into edits of ``data``."""
        if self.text.isascii():
            return tuple(Edit(edit.start, edit.end, edit.new.encode("utf-8")) for edit in edits)
        out = []
        offset = position = 0
        for edit in edits:
            start = offset + len(self.text[position : edit.start].encode("utf-8"))
            offset = start + len(self.text[edit.start : edit.end].encode("utf-8"))
            position = edit.end
            out.append(Edit(start, offset, edit.new.encode("utf-8")))
        return tuple(out)

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        assert self.parent is not None
        return charset.lower(self.parent.data, self.codec, self._decoded, self.sink(edits))

    def sink(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[str], ...]:
        """Turn edits of ``data`` into edits of ``text``."""
        if self.text.isascii():
            return tuple(Edit(edit.start, edit.end, edit.new.decode("utf-8")) for edit in edits)
        out = []
        offset = position = 0
        for edit in edits:
            start = position + len(self.data[offset : edit.start].decode("utf-8", "ignore"))
            position = start + len(self.data[edit.start : edit.end].decode("utf-8", "ignore"))
            offset = edit.end
            out.append(Edit(start, position, edit.new.decode("utf-8")))
        return tuple(out)
