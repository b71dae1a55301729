"""What a page of a PDF says, glyph by glyph, with the place of each: read by PDFium.

In: a page. Out: :class:`PageText`, twice as text: in the order of the content stream, and in the order of the lines
that an eye sees (numbers can be drawn glyph by glyph in any order, rotated, from several text objects). Hidden text
counts (render mode 3, white on white, clipped, off the page, switched off layers): PDFium returns all of it.

A long number in a row of a table is read with tabs between the columns, so that the head of its column counts as it
does in a sheet; the text has a character for each glyph still.

A glyph whose font does not say which character it is (PDF 32000-1 §9.10.2) is U+FFFD here and counted as unknown.
Known gap: a ToUnicode table that lies is believed; only a picture of the page would tell.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "\ufffd"
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffe\uffff]")
_DIGITS_WORTH_SORTING = 8
_SAME_LINE = 0.5
"""Baselines that are less than this part of a glyph's height apart are one line."""
_GAP = 0.30
"""A gap of this part of a glyph's height is a blank; one of ten times as much a border between columns."""


_COLUMN = 2.0
"""Of a glyph's height: a gap that parts columns of a table; blanks of a justified line have less."""


class Box(NamedTuple):
    """Left, bottom, right, top in points, as PDFium's page coordinates go."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class PageText:
    """The glyphs of a page. ``unknown`` counts those that are no known character."""

    text: str = field(repr=False)
    boxes: tuple[Box | None, ...] = field(repr=False)
    angles: tuple[float, ...] = field(repr=False)
    unknown: int = 0
    is_measured: bool = False
    """Every glyph has its box; otherwise only digits have, if any."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The same glyphs line by line; ``glyphs`` says for each character which one it is, -1 for a made-up blank."""

    text: str = field(repr=False)
    glyphs: tuple[int, ...] = field(repr=False)


def read(page: Any, *, measure: bool = False) -> PageText:
    """Return the glyphs of a page (pypdfium2's ``PdfPage``).

    Where each one is costs most of the time, so it is asked only if ``measure`` says so, or if the digits of the page
    do not stand in the order in which an eye would read them.
    """
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        text, unknown = _text(textpage, count)
        boxes: list[Box | None] = [None] * count
        angles = [0.0] * count
        text = _with_columns(textpage, text)
        digits = [index for index, letter in enumerate(text) if letter.isdigit()]
        if not measure and len(digits) >= _DIGITS_WORTH_SORTING:
            _measure(textpage, digits, boxes, angles)
            measure = not _in_reading_order([box for index in digits if (box := boxes[index]) is not None])
        if measure:
            _measure(textpage, range(count), boxes, angles)
        return PageText(text, tuple(boxes), tuple(angles), unknown, measure)
    finally:
        textpage.close()


def _text(textpage: Any, count: int) -> tuple[str, int]:
    """Return one character for each glyph, and how many of them are of unknown meaning."""
    import pypdfium2.raw as raw

    lost = raw.FPDFText_HasUnicodeMapError
    unknown = [index for index in range(count) if lost(textpage, index) == 1]
    buffer = ctypes.create_string_buffer(2 * count + 2)
    written = raw.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    text = buffer.raw[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
    if len(text) != count or "\0" in text or unknown:  # glyphs without a character are left out of it
        codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(count)]
        letters = [chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else UNKNOWN for code in codes]
        for index in unknown:
            letters[index] = UNKNOWN
        text = "".join(letters)
    text = _PRIVATE.sub(UNKNOWN, text)
    return text, text.count(UNKNOWN)


def _with_columns(textpage: Any, text: str) -> str:
    """Return the text with a tab for the first blank of each wide gap in lines that stand under each other as a table.

    A table is at least two lines in a row with as many gaps, a number without blanks in one of them: a row with an
    empty cell is none, since its numbers would stand under the wrong heads, nor is a number of which each group is set
    apart. Only what is beside the blanks of such lines is measured.
    """
    if _NUMBER.search(text) is None:
        return text
    rows: list[tuple[str, tuple[int, ...]]] = []
    for line in _LINE.finditer(text):
        blanks = () if len(line[0]) > _MAX_ROW else tuple(_BLANKS.finditer(text, line.start(), line.end()))
        spans = tuple(match.span() for match in blanks)
        apart = any(_GROUP_ENDS.search(text, line.start(), a) and _GROUP.match(text, b) for a, b in spans)
        rows.append((line[0], () if apart or len(spans) > _MAX_GAPS else _wide(textpage, spans)))
    letters = list(text)
    for gaps, block in itertools.groupby(rows, key=lambda row: len(row[1])):
        lines = list(block)
        if gaps and len(lines) > 1 and any(_NUMBER.search(line) for line, _ in lines):
            for _, starts in lines:
                for start in starts:
                    letters[start] = "\t"
    return "".join(letters)


_NUMBER = re.compile(r"(?<![0-9])[0-9]{13,19}(?![0-9])")
_LINE = re.compile(r"[^\r\n]+")
_BLANKS = re.compile(r"(?<=[^ \r\n\t]) +(?=[^ \r\n\t])")
_GROUP_ENDS = re.compile(r"(?:^|(?<= )|(?<=\n))[0-9]{4,6}\Z")
_GROUP = re.compile(r"[0-9]{4,6}(?![^ \r\n])")
_MAX_ROW, _MAX_GAPS = 400, 60


def _wide(textpage: Any, spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return where the gaps begin that are as wide as a border between columns."""
    boxes: dict[int, Box | None] = {}
    _measure(textpage, sorted({index for start, end in spans for index in (start - 1, end)}), boxes, {})
    found = []
    for start, end in spans:
        before, after = boxes.get(start - 1), boxes.get(end)
        if before is None or after is None:
            continue
        height = max(before.top - before.bottom, after.top - after.bottom, 1.0)
        if after.left - before.right > _COLUMN * height:
            found.append(start)
    return tuple(found)


def _in_reading_order(boxes: Sequence[Box]) -> bool:
    """Say whether boxes go from left to right and from the top down, as they are drawn."""
    for last, box in itertools.pairwise(boxes):
        height = max(min(last.top - last.bottom, box.top - box.bottom), 1.0)
        if box.bottom > last.bottom + height:  # up again: another column, or another order
            return False
        if abs(box.bottom - last.bottom) <= height * _SAME_LINE and box.left < last.left - 0.5:
            return False
    return True


def _measure(
    textpage: Any,
    glyphs: Sequence[int],
    boxes: list[Box | None] | dict[int, Box | None],
    angles: list[float] | dict[int, float],
) -> None:
    import pypdfium2.raw as raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for index in glyphs:
        if raw.FPDFText_IsGenerated(textpage, index) == 1:
            continue
        if raw.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
            boxes[index] = Box(left.value, bottom.value, right.value, top.value)
            angles[index] = raw.FPDFText_GetCharAngle(textpage, index)


def by_lines(page: PageText) -> Sorted:
    """Return the glyphs in the order of the lines, for each direction of writing."""
    import math

    groups: dict[int, list[tuple[float, float, float, float, int]]] = {}
    for index, box in enumerate(page.boxes):
        if box is None or page.text[index].isspace():
            continue
        turn = round(page.angles[index], 1)
        cos, sin = math.cos(turn), math.sin(turn)
        corners = [
            (x * cos + y * sin, -x * sin + y * cos) for x in (box.left, box.right) for y in (box.bottom, box.top)
        ]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        groups.setdefault(round(turn * 10), []).append((min(xs), min(ys), max(xs), max(ys), index))
    letters: list[str] = []
    glyphs: list[int] = []
    for boxes in groups.values():
        for line in _lines(boxes):
            last = None
            for left, bottom, right, top, index in line:
                height = max(top - bottom, 1.0)
                if last is not None and left - last > _GAP * height:
                    blank = "\t" if left - last > 10 * _GAP * height else " "
                    letters.append(blank)
                    glyphs.append(-1)
                letters.append(page.text[index])
                glyphs.append(index)
                last = right
            letters.append("\n")
            glyphs.append(-1)
    return Sorted("".join(letters), tuple(glyphs))


def _lines(
    boxes: Sequence[tuple[float, float, float, float, int]],
) -> list[list[tuple[float, float, float, float, int]]]:
    """Put glyphs on lines, from the top down; each line from left to right."""
    lines: list[list[tuple[float, float, float, float, int]]] = []
    middle = height = 0.0
    for box in sorted(boxes, key=lambda b: -(b[1] + b[3])):
        centre, tall = (box[1] + box[3]) / 2, max(box[3] - box[1], 0.5)
        if lines and abs(centre - middle) < _SAME_LINE * max(min(tall, height), 2.0):
            lines[-1].append(box)
        else:
            lines.append([box])
            middle, height = centre, tall
    return [sorted(line) for line in lines]
