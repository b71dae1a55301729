"""What can be read in a picture: lines of words with a box for every character.

In: an RGB picture as an array of bytes, shape (height, width, 3). Out: :class:`Line` in reading order. Boxes on one
baseline are joined with a blank, because printed cards come apart into groups; far apart, with a tab. A number that
stands upside down, on its side or aslant is read in its own direction: the direction of the characters decides, not
the picture's edges.

Models: PP-OCRv6 (Apache-2.0) from the wheel of rapidocr; nothing is downloaded. One thread: the pool of workers is
the parallelism. Measured in a worker: 0.6 s of CPU and 310 MB at the most for 860 × 540, 1 s and 430 MB for 1.5
megapixels, and 2.5 s for 2.5; so :data:`MAX_PIXELS` bounds what is shown to the models.

Words that are printed on cards come small, and the models take letters for others of the same shape (VAUD THRU, CW).
Beside a long number, a word that has the shape of one of :data:`CARD_WORDS` is taken for it.

Known gap: hand-writing is read poorly.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point = tuple[float, float]
Box = tuple[Point, Point, Point, Point]

MAX_PIXELS = 1_500_000
MAX_SIDE = 2000
LEAST_SIDE = 736
"""The short side that the models were made for; :func:`scale` brings smaller pictures up to it."""
CARD_WORDS = ("VALIDTHRU", "VALID", "THRU", "EXPIRES", "CVV", "CVC", "CVV2", "CVC2")
"""What is printed beside the date and the code on cards (ISO/IEC 7813 names the fields, the schemes the words)."""
_SHAPES = (("LI", "U"), ("W", "VV"), ("0", "O"), ("D", "O"), ("Q", "O"), ("1", "I"), ("L", "I"), ("G", "C"), ("Y", "V"))
MS_A_MEGAPIXEL, MS_A_HEIGHT = 400.0, 2.6
"""Of processor time, as measured: finding writing, and reading a line by its length in heights."""
_LONG_NUMBER = 12
_LONG_WORD = 4
_LEAST_SCORE = 0.5
_TALL = 1.5
_SAME_LINE = 0.5
"""Of a box's height: how far two baselines may lie apart to be one line."""
_FAR = 4.0
"""Of a box's height: a gap that is wider is a tab."""


@dataclass(slots=True)
class Effort:
    """What reading may still cost. ``is_short`` says that something was not read because it would have cost more."""

    left_ms: float
    is_short: bool = False

    def affords(self, ms: float) -> bool:
        """Spend ``ms`` if they are left; otherwise note that they were not."""
        if ms > self.left_ms:
            self.is_short = True
            return False
        self.left_ms -= ms
        return True


@dataclass(frozen=True, slots=True)
class Line:
    """``boxes[i]`` is where ``text[i]`` stands, in pixels, upper left corner first as the text runs; None: a blank."""

    text: str = field(repr=False)
    boxes: tuple[Box | None, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A piece of a line as the models give it: corners as the text runs, and each character's share of its length."""

    text: str
    corners: Box
    shares: tuple[tuple[float, float] | None, ...]

    @property
    def width(self) -> float:
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        return math.dist(self.corners[0], self.corners[3])

    @property
    def boxes(self) -> tuple[Box | None, ...]:
        return tuple(None if share is None else _share(self.corners, *share) for share in self.shares)


def is_installed() -> bool:
    """Say whether the extra ``ocr`` is there, without loading it."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "PIL"))


def scale(width: int, height: int) -> float:
    """Return by how much a picture is best enlarged, or must be reduced, before it is read."""
    wanted = max(1.0, LEAST_SIDE / min(width, height))
    return min(wanted, math.sqrt(MAX_PIXELS / (width * height)), MAX_SIDE / max(width, height))


def read(pixels: Any, effort: Effort | None = None) -> tuple[Line, ...]:
    """Return the lines of a picture, top to bottom as its writing runs; as many as ``effort`` allows."""
    lines = tuple(_lines(list(_stretches(pixels, effort or Effort(math.inf)))))
    if any(sum(map(str.isdigit, line.text)) >= _LONG_NUMBER for line in lines):
        return tuple(_with_card_words(line) for line in lines)
    return lines


@cache
def _engine() -> Any:
    """Load the library once in a process: 0.3 s. It loads a model when that is asked for."""
    RapidOCR = _library()  # noqa: N806  a class
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    sizes = {"Det.limit_type": "max", "Det.limit_side_len": MAX_SIDE}  # otherwise a narrow picture is blown up to 736
    options = {"Global.log_level": "critical", "Global.use_vertical_padding": False}
    engine = RapidOCR(params={**options, **sizes, **threads})
    engine.return_word_box = True
    return engine


def _library() -> Any:
    """Import the library without the client for downloads that it asks for: 12 MB, and nothing is downloaded here."""
    is_away = "requests" not in sys.modules
    if is_away:
        client = sys.modules["requests"] = ModuleType("requests")
        client.__dict__["Response"] = object  # named in an annotation
    try:
        from rapidocr import RapidOCR
    finally:
        if is_away:
            del sys.modules["requests"]
    return RapidOCR


def _affordable(crops: list[Any], effort: Effort) -> int:
    """Return how many pieces may be read: each costs by its length in heights."""
    for number, crop in enumerate(crops):
        if not effort.affords(MS_A_HEIGHT * max(1.0, crop.shape[1] / max(1, crop.shape[0]))):
            return number
    return len(crops)


def _stretches(pixels: Any, effort: Effort) -> Iterator[_Stretch]:
    """Find writing, turn it upright, read it.

    The three steps are taken one by one, because only the second knows which pieces stand upside down, and the boxes
    that the library makes of the third take no notice of that.
    """
    if not effort.affords(MS_A_MEGAPIXEL * pixels.shape[0] * pixels.shape[1] / 1e6):
        return
    engine = _engine()
    from rapidocr.main import RapidOCRError

    try:
        crops, found = engine.detect_and_crop(pixels, {})
        crops = crops[: _affordable(crops, effort)]
        if not crops:
            return
        upright, turns = engine.cls_and_rotate(crops)
        read = engine.recognize_txt(upright)
    except RapidOCRError:  # its way to say that there is no writing
        return
    for box, turn, text, score, words in zip(
        found.boxes.tolist()[: len(crops)], turns.cls_res, read.txts, read.scores, read.word_results, strict=True
    ):
        if text.strip() and score >= _LEAST_SCORE:
            is_turned = "180" in turn[0] and turn[1] > engine.cfg.Cls.cls_thresh
            yield _Stretch(text, _corners(box, is_turned=is_turned), _shares(text, words))


def _corners(box: Any, *, is_turned: bool) -> Box:
    """Return the corners as the text runs: pieces of 1.5 times their width are read turned to the left."""
    a, b, c, d = ((float(x), float(y)) for x, y in box)
    width, height = max(math.dist(a, b), math.dist(c, d)), max(math.dist(a, d), math.dist(b, c))
    if width and int(height) / max(1, int(width)) >= _TALL:
        a, b, c, d = b, c, d, a
    return (c, d, a, b) if is_turned else (a, b, c, d)


def _shares(text: str, words: Any) -> tuple[tuple[float, float] | None, ...]:
    """Return which share of the length each character takes: half-way to its neighbours, a blank takes none."""
    columns = [column for word in words.word_cols for column in word] if words is not None else []
    inked = [at for at, character in enumerate(text) if not character.isspace()]
    shares: list[tuple[float, float] | None] = [None] * len(text)
    if len(columns) != len(inked) or not words.line_txt_len:  # then each takes as much as any other
        for at in inked:
            shares[at] = (at / len(text), (at + 1) / len(text))
        return tuple(shares)
    middles = [(column + 0.5) / words.line_txt_len for column in columns]
    gaps = sorted(right - left for left, right in pairwise(middles))
    half = 0.6 * gaps[len(gaps) // 2] if gaps else 0.5
    for number, at in enumerate(inked):
        left = half if number == 0 else min(half, (middles[number] - middles[number - 1]) / 2)
        right = half if number == len(inked) - 1 else min(half, (middles[number + 1] - middles[number]) / 2)
        shares[at] = (max(0.0, middles[number] - left), min(1.0, middles[number] + right))
    return tuple(shares)


def _share(corners: Box, start: float, end: float) -> Box:
    """Return the part of a box between two shares of its length."""
    upper_left, upper_right, lower_right, lower_left = corners

    def between(a: Point, b: Point, share: float) -> Point:
        return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)

    return (
        between(upper_left, upper_right, start),
        between(upper_left, upper_right, end),
        between(lower_left, lower_right, end),
        between(lower_left, lower_right, start),
    )


def _middle(box: Box) -> Point:
    return (sum(point[0] for point in box) / 4, sum(point[1] for point in box) / 4)


def _shape(word: str) -> str:
    """Return the word with letters of one shape written as one."""
    word = word.upper()
    for seen, shape in _SHAPES:
        word = word.replace(seen, shape)
    return word


def _is_nearly(word: str, other: str) -> bool:
    """Say whether two words differ by one letter at most: changed, left out or put in."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    left, right = word[start:], other[start:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:]


_WORD = re.compile(r"[A-Za-z]{2,12}[0-2]?")
_BY_SHAPE = {_shape(word): word for word in CARD_WORDS}
_NUMBER = re.compile(r"[0-9ILOSBilo]{3,}")
_DIGITS = str.maketrans("ILOSBilo", "11058110")


def _card_word(word: str) -> str | None:
    """Return the word of cards that a word was meant to be; long ones are known with one letter wrong."""
    shape = _shape(word)
    if word.upper() in CARD_WORDS:
        return None
    if shape in _BY_SHAPE:
        return _BY_SHAPE[shape]
    near = (meant for known, meant in _BY_SHAPE.items() if len(known) >= _LONG_WORD and _is_nearly(shape, known))
    return next(near, None)


def _with_card_words(line: Line) -> Line:
    """Write words of cards, and digits of numbers, as they are meant; what is put for a word shares its place."""
    pieces: list[str] = []
    boxes: list[Box | None] = []
    at = 0
    for match in _WORD.finditer(line.text):
        word = _card_word(match[0])
        if word is None:
            continue
        pieces += (line.text[at : match.start()], word)
        boxes += line.boxes[at : match.start()]
        inside = line.boxes[match.start() : match.end()]
        boxes += [inside[min(place, len(inside) - 1)] for place in range(len(word))]
        at = match.end()
    text = "".join((*pieces, line.text[at:]))
    text = _NUMBER.sub(lambda match: _meant(match[0]), text)
    return Line(text, (*boxes, *line.boxes[at:]))


def _meant(number: str) -> str:
    """Return a number with its letters as digits, if most of it is digits."""
    digits = sum(character.isdigit() for character in number)
    return number.translate(_DIGITS) if digits * 2 > len(number) else number


def _lines(stretches: Sequence[_Stretch]) -> Iterator[Line]:
    """Join what stands on one baseline, in the direction that most of the writing has."""
    along = [0.0, 0.0]
    for stretch in stretches:
        for axis in (0, 1):
            along[axis] += (
                (stretch.corners[1][axis] - stretch.corners[0][axis]) / (stretch.width or 1) * len(stretch.text)
            )
    length = math.hypot(*along)
    cos, sin = (along[0] / length, along[1] / length) if length else (1.0, 0.0)
    placed = []
    for stretch in stretches:
        x, y = _middle(stretch.corners)
        placed.append((y * cos - x * sin, x * cos + y * sin, stretch))
    rows: list[list[tuple[float, float, _Stretch]]] = []
    for item in sorted(placed, key=lambda item: item[:2]):
        last = rows[-1][-1] if rows else None
        if last is not None and item[0] - last[0] < _SAME_LINE * min(item[2].height, last[2].height):
            rows[-1].append(item)
        else:
            rows.append([item])
    for row in rows:
        yield _joined(sorted(row, key=lambda item: item[1]))


def _joined(row: Sequence[tuple[float, float, _Stretch]]) -> Line:
    """Put the pieces of a line behind each other."""
    text, boxes = row[0][2].text, list(row[0][2].boxes)
    for (_, left_at, left), (_, right_at, right) in pairwise(row):
        gap = right_at - left_at - (left.width + right.width) / 2
        text += ("\t" if gap > _FAR * max(left.height, right.height) else " ") + right.text
        boxes += [None, *right.boxes]
    return Line(text, tuple(boxes))
