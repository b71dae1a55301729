"""A reading: a text that was derived from another text, with the way back for edits.

In: a source text and what a reader of it sees (tags gone, entities decoded, lines unfolded, words decoded). Out: a
:class:`Reading`, whose ``text[i]`` came from ``source[starts[i]:ends[i]]``, and :func:`lower`, which turns edits of the
reading into edits of the source. Every text reader of this room is a function ``read(text) -> tuple[Reading, ...]``.

Three kinds of characters: *kept* (one for one), *decoded* (stands for one or more source characters, such as an
entity) and *made up* (a line break where a block ends: an empty source range, never edited). Where a stretch can only
be written as a whole (an RFC 2047 word, a base64 run) it is a :class:`Block` that knows how to spell its new text.

Maps are run tables, so a reading costs memory per run (a tag, an entity), not per character; a look-up is a bisection.
Resists: an edit that runs over markup. ``41<b>11</b>`` is cut as two source ranges, the tag between is not touched.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import overload

from pansentry.edits import Edit, apply, merge

Spell = Callable[[str], str]


def as_is(text: str) -> str:
    """Spell a replacement in a source that needs no escaping."""
    return text


class Runs:
    """The run table shared by the two ends of a map: text offset, source offset, step and width of each run.

    Character ``i`` of run ``r`` starts at ``source[r] + (i - at[r]) * step[r]`` and is ``width[r]`` long. Step 1 with
    width 1 is kept text, -1 reversed text, 0 a decoded (width > 0) or made-up (width 0) stretch.
    """

    __slots__ = ("at", "length", "source", "step", "width")

    def __init__(self) -> None:
        self.at = array("q")
        self.source = array("q")
        self.step = array("b")
        self.width = array("q")
        self.length = 0

    def add(self, count: int, source: int, step: int, width: int) -> None:
        """Append ``count`` characters; a run that goes on where the last one ended is joined to it."""
        if not count:
            return
        if self.at and self.step[-1] == step == 1 and self.source[-1] + self.length - self.at[-1] == source:
            self.length += count
            return
        self.at.append(self.length)
        self.source.append(source)
        self.step.append(step)
        self.width.append(width)
        self.length += count

    def span(self, index: int) -> tuple[int, int]:
        """Return the source range of character ``index`` (0 ≤ index < length)."""
        run = bisect_right(self.at, index) - 1
        start = self.source[run] + (index - self.at[run]) * self.step[run]
        return start, start + self.width[run]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Runs) and (self.length, self.at, self.source, self.step, self.width) == (
            other.length,
            other.at,
            other.source,
            other.step,
            other.width,
        )

    __hash__ = None  # type: ignore[assignment]  # a table under construction changes


class Offsets(Sequence[int]):
    """One side of a run table as a read-only sequence: ``starts`` (side 0) or ``ends`` (side 1)."""

    __slots__ = ("_runs", "_side")

    def __init__(self, runs: Runs, side: int) -> None:
        self._runs = runs
        self._side = side

    @property
    def runs(self) -> Runs:
        """The table behind the sequence."""
        return self._runs

    def __len__(self) -> int:
        return self._runs.length

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self._runs.span(i)[self._side] for i in range(*index.indices(self._runs.length))]
        position = index + self._runs.length if index < 0 else index
        if not 0 <= position < self._runs.length:
            raise IndexError(index)
        return self._runs.span(position)[self._side]


class Through(Sequence[int]):
    """One side of the map of a composed reading, looked up when asked for."""

    __slots__ = ("_inner", "_outer", "_side")

    def __init__(self, outer: Reading, inner: Reading, side: int) -> None:
        self._outer = outer
        self._inner = inner
        self._side = side

    def __len__(self) -> int:
        return len(self._outer.text)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        outer, inner = self._outer, self._inner
        start, end = outer.starts[index], outer.ends[index]
        if start < end:
            return inner.starts[start] if self._side == 0 else max(inner.ends[end - 1], inner.starts[start])
        return inner.starts[start] if start < len(inner.starts) else (inner.ends[-1] if len(inner.ends) else 0)


@dataclass(frozen=True, slots=True)
class Block:
    """``text[start:end]`` was read from ``source[source_start:source_end]`` and is only written as a whole.

    ``encode`` spells the block's new text as source. Blocks of a reading are disjoint and ascending.
    """

    start: int
    end: int
    source_start: int
    source_end: int
    encode: Spell = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """``text[i]`` came from ``source[starts[i]:ends[i]]``; an empty range is a character that was made up.

    ``spell`` writes replacement text in the source's syntax. ``stack`` is set on a composed reading: (outer, inner).
    """

    name: str
    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    spell: Spell = field(default=as_is, repr=False)
    stack: tuple[Reading, Reading] | None = field(default=None, repr=False)

    def same_as(self, other: Reading) -> bool:
        """Say whether the other reading shows the same text from the same places, so that one of them is enough."""
        if self.text != other.text or self.blocks or other.blocks or self.stack or other.stack:
            return False
        if isinstance(self.starts, Offsets) and isinstance(other.starts, Offsets):
            return self.starts.runs == other.starts.runs
        return isinstance(self.starts, range) and self.starts == other.starts


class Weaver:
    """Builds one reading of ``source``, left to right in the reading's order (not necessarily the source's)."""

    __slots__ = ("_blocks", "_length", "_name", "_pieces", "_runs", "_source", "_spell")

    def __init__(self, name: str, source: str, spell: Spell = as_is) -> None:
        self._name = name
        self._source = source
        self._spell = spell
        self._pieces: list[str] = []
        self._runs = Runs()
        self._blocks: list[Block] = []
        self._length = 0

    @property
    def length(self) -> int:
        """How many characters the reading has so far."""
        return self._length

    @property
    def last(self) -> str:
        """The last character so far, ``""`` at the start."""
        return self._pieces[-1][-1] if self._pieces else ""

    def keep(self, start: int, end: int) -> None:
        """Show ``source[start:end]`` as it is."""
        if start < end:
            self._pieces.append(self._source[start:end])
            self._runs.add(end - start, start, 1, 1)
            self._length += end - start

    def keep_reversed(self, start: int, end: int) -> None:
        """Show ``source[start:end]`` in reversed order (visual order of an overridden run)."""
        if start < end:
            self._pieces.append(self._source[start:end][::-1])
            self._runs.add(end - start, end - 1, -1, 1)
            self._length += end - start

    def put(self, text: str, start: int, end: int) -> None:
        """Show ``text`` for ``source[start:end]``; more than one character shares the range as one piece."""
        if text:
            self._pieces.append(text)
            self._runs.add(len(text), start, 0, end - start)
            self._length += len(text)

    def make_up(self, text: str, at: int) -> None:
        """Show ``text`` that stands nowhere in the source (a line break for the end of a block at ``at``)."""
        self.put(text, at, at)

    def block(self, text: str, start: int, end: int, encode: Spell) -> None:
        """Show ``text`` for ``source[start:end]``, which is rewritten as a whole by ``encode``."""
        if text:
            self._blocks.append(Block(self._length, self._length + len(text), start, end, encode))
            self.put(text, start, end)

    def reading(self) -> Reading:
        """Return what was woven."""
        text = "".join(self._pieces)
        starts, ends = Offsets(self._runs, 0), Offsets(self._runs, 1)
        return Reading(self._name, text, starts, ends, tuple(self._blocks), self._spell)


def identity(text: str, name: str = "text") -> Reading:
    """Return the reading that shows the source itself."""
    return Reading(name, text, range(len(text)), range(1, len(text) + 1))


def compose(outer: Reading, inner: Reading) -> Reading:
    """Return ``outer``, which was read from ``inner.text``, as a reading of inner's source.

    Edits sink through both, so blocks and spelling of each layer hold. ``starts`` and ``ends`` are for reporting.
    """
    starts, ends = Through(outer, inner, 0), Through(outer, inner, 1)
    return Reading(f"{outer.name}/{inner.name}", outer.text, starts, ends, stack=(outer, inner))


def lower(reading: Reading, edits: Sequence[Edit[str]]) -> tuple[Edit[str], ...]:
    """Turn disjoint, ascending edits of ``reading.text`` into disjoint, ascending edits of its source.

    A replacement as long as what it replaces goes character by character, and what stays the same is not touched; any
    other one is written in place of the first piece of source and the rest of the range is removed, piece by piece.
    Made-up characters swallow what falls on them.
    """
    if reading.stack is not None:
        outer, inner = reading.stack
        return lower(inner, lower(outer, edits))
    touched: dict[int, tuple[Block, list[Edit[str]]]] = {}
    insertions: list[Edit[str]] = []
    for edit in edits:
        assert 0 <= edit.start <= edit.end <= len(reading.text)
        if edit.start == edit.end:
            insertions.append(_insertion(reading, edit))
            continue
        by_character = len(edit.new) == edit.end - edit.start
        pending, index = edit.new, edit.start
        while index < edit.end:
            block = _block_at(reading, index)
            stop = min(edit.end, block.end)
            if block.source_start < block.source_end:
                if by_character:
                    pending = edit.new[index - edit.start : stop - edit.start]
                inside = Edit(index - block.start, stop - block.start, pending)
                touched.setdefault(block.start, (block, []))[1].append(inside)
                pending = ""
            index = stop
    lowered = list(insertions)
    for block, inside_edits in touched.values():
        old = reading.text[block.start : block.end]
        new = apply(old, inside_edits)
        if new != old:
            lowered.append(Edit(block.source_start, block.source_end, block.encode(new)))
    return _join(merge(lowered))


def _block_at(reading: Reading, index: int) -> Block:
    """Return the stretch around ``index`` that is written as a whole: a block, or all characters of one place."""
    number = bisect_right(reading.blocks, index, key=lambda block: block.start) - 1
    if number >= 0 and index < reading.blocks[number].end:
        return reading.blocks[number]
    place = (reading.starts[index], reading.ends[index])
    first, stop = index, index + 1
    if place[0] < place[1]:
        while first and (reading.starts[first - 1], reading.ends[first - 1]) == place:
            first -= 1
        while stop < len(reading.text) and (reading.starts[stop], reading.ends[stop]) == place:
            stop += 1
    return Block(first, stop, *place, reading.spell)


def _insertion(reading: Reading, edit: Edit[str]) -> Edit[str]:
    """Put text in front of the source of character ``edit.start`` (behind the last one at the end of the reading)."""
    if edit.start < len(reading.text):
        place = reading.starts[edit.start]
    else:
        place = reading.ends[-1] if len(reading.text) else 0
    return Edit(place, place, reading.spell(edit.new))


def _join(edits: Iterable[Edit[str]]) -> tuple[Edit[str], ...]:
    """Join edits that touch, so that a run of single characters is one edit."""
    joined: list[list[Edit[str]]] = []
    for edit in edits:
        if joined and joined[-1][-1].end == edit.start:
            joined[-1].append(edit)
        else:
            joined.append([edit])
    return tuple(Edit(run[0].start, run[-1].end, "".join(edit.new for edit in run)) for run in joined)
