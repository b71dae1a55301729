"""Which boxes are painted for what was cut out of a picture's text.

In: what was read in a picture (:class:`Look`) and the edits of its text. Out: boxes in pixels of the frame.

The number of a card stands alone on its line, in the largest print below the bank's name, and under it, smaller, the
date and the code (ISO/IEC 7811-1 §8: the date lies in the area below the number's line). Models misread small print
that is embossed, blurred or aslant; so where such a number is painted over, the short groups with digits right under it
are, too, whatever they were taken for. Amounts and times of day stay.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.formats import ocr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.edits import Edit

_BESIDE, _ABOVE = 0.12, 0.1
"""Of a line's height: how much further than the models' boxes is painted, to either side and above and below."""
_CARD_NUMBER = re.compile(r"[^0-9]{0,3}[0-9](?:[ \t]?[0-9]){11,18}[^0-9]{0,3}")
_UNDER = 3.5
"""Of the number's height: how far below its line a card's date and code begin at the latest."""
_ASIDE = 4.0
"""Of the number's height: how far to either side of the number they may stand; a card is so much wider."""
_SMALLER = 1.15
"""Of the number's height: what stands under it is not higher than this."""
_MOST_DIGITS = 12
"""Of a line: two dates and a code; what has more is a telephone or another number."""
_SHORT = re.compile(r"(?<!\S)(?=(?:[^\s0-9]*[0-9]){1,6}[^\s0-9]*(?!\S))\S{1,12}(?!\S)")
"""A word with one to six digits."""
_AMOUNT_OR_TIME = re.compile(r"\S*[0-9][.,:][0-9]{2}\b\S*|\S*[$€£¥%]\S*")


@dataclass(frozen=True, slots=True)
class Look:
    """Lines as they were read, and where the picture that was read lies in its frame: scale and corner."""

    frame: int
    lines: tuple[ocr.Line, ...] = field(repr=False)
    scale: float
    corner: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def covered(look: Look, edits: Sequence[Edit[str]]) -> Iterator[ocr.Box]:
    """Yield boxes over the characters that an edit changes, each run of them as one, in pixels of the frame."""
    places = [box for line in look.lines for box in (*line.boxes, None)]
    old = look.text
    for edit in edits:
        run: list[ocr.Box] = []
        for at in range(edit.start, edit.end):
            is_kept = len(edit.new) == edit.end - edit.start and edit.new[at - edit.start] == old[at]
            box = places[at]
            if (is_kept and old[at].isalnum()) or old[at] == "\n":
                yield from _as_one(run, look)
                run = []
            elif box is not None:
                if run and not _follows(run[-1], box):
                    yield from _as_one(run, look)
                    run = []
                run.append(box)
        yield from _as_one(run, look)
    for box in _under_numbers(look, edits):
        yield from _as_one([box], look)


def _under_numbers(look: Look, edits: Sequence[Edit[str]]) -> Iterator[ocr.Box]:
    """Yield boxes over the short groups with digits that stand right under a card's number which is cut."""
    start = 0
    for line in look.lines:
        end = start + len(line.text)
        if _CARD_NUMBER.fullmatch(line.text) and any(start <= edit.start and edit.end <= end for edit in edits):
            places = [box for box in line.boxes if box is not None]
            for other in look.lines:
                if other is not line:
                    yield from _under(places, other)
        start = end + 1


def _under(number: Sequence[ocr.Box], line: ocr.Line) -> Iterator[ocr.Box]:
    """Yield the boxes of those groups of a line that stand under the characters of a number, as its writing runs."""
    (x, y), (x2, y2) = number[0][0], number[-1][1]
    width = math.hypot(x2 - x, y2 - y)
    high = sorted(math.dist(box[0], box[3]) for box in number)[len(number) // 2]
    if not width or not high or sum(map(str.isdigit, line.text)) > _MOST_DIGITS:
        return
    cos, sin = (x2 - x) / width, (y2 - y) / width
    for match in _SHORT.finditer(line.text):
        boxes = [box for box in line.boxes[match.start() : match.end()] if box is not None]
        if not boxes or _AMOUNT_OR_TIME.fullmatch(match[0]):
            continue
        whole = (boxes[0][0], boxes[-1][1], boxes[-1][2], boxes[0][3])
        across, down = sum(point[0] for point in whole) / 4 - x, sum(point[1] for point in whole) / 4 - y
        along, below = across * cos + down * sin, down * cos - across * sin
        is_under = high < below < high * (1 + _UNDER) and -_ASIDE * high < along < width + _ASIDE * high
        if is_under and math.dist(whole[0], whole[3]) <= _SMALLER * high:
            yield whole


def _follows(left: ocr.Box, right: ocr.Box) -> bool:
    """Say whether the right box stands on the same writing as the left one, a blank or two apart."""
    return math.dist(left[1], right[0]) <= 2 * math.dist(left[0], left[3])


def _as_one(run: Sequence[ocr.Box], look: Look) -> Iterator[ocr.Box]:
    if run:
        whole = _grown((run[0][0], run[-1][1], run[-1][2], run[0][3]))
        a, b, c, d = ((x / look.scale + look.corner[0], y / look.scale + look.corner[1]) for x, y in whole)
        yield (a, b, c, d)


def _grown(box: ocr.Box) -> ocr.Box:
    """Return the box larger by a share of its height: the models' boxes cut off edges of digits."""
    high, wide = math.dist(box[0], box[3]), math.dist(box[0], box[1])
    if not high or not wide:
        return box
    along = tuple((box[1][axis] - box[0][axis]) / wide * high * _BESIDE for axis in (0, 1))
    across = tuple((box[3][axis] - box[0][axis]) * _ABOVE for axis in (0, 1))
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    a, b, c, d = (
        (x + u * along[0] + v * across[0], y + u * along[1] + v * across[1])
        for (x, y), (u, v) in zip(box, signs, strict=True)
    )
    return (a, b, c, d)
