"""Pictures: PNG, JPEG, JPEG 2000, GIF, WebP, TIFF, BMP, AVIF, ICO. What can be read in them, and black boxes over it.

In: a file. Out: passages of what the models read (:mod:`pansentry.formats.ocr`), one for each *look*, and of the words
in its metadata. A look is a frame at one size and contrast; a frame is looked at again, enlarged or with more contrast,
where the first look shows several digits or nothing at all, and in tiles where its writing is small. Every frame,
page and transparent layer is looked at.

A number that looks like a card's and could not be read well makes the picture ``unclear`` (``picture_doubt.py``).
A file with cuts is painted anew: boxes in the pixels of every frame, and nothing but pixels is kept: no EXIF, XMP,
comments, thumbnails, further pictures or bytes behind the end. Without cuts it stays the same object.

Resists: pictures of impossible size (their header is judged before their pixels are), thousands of frames, numbers in
a thumbnail, a comment or behind the end. Sources: PNG (W3C 2003) §11.3, JPEG T.81 Annex B, Exif 2.32.
Known gaps: HEIC (no permissive reader), hand-writing, colour profiles are dropped from painted files.
"""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import ocr, picture_metadata
from pansentry.formats.format import Extract, Passage
from pansentry.formats.picture_boxes import Look, covered
from pansentry.formats.picture_doubt import UNCLEAR, is_unclear
from pansentry.outcome import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.formats.format import Cuts, Replaced
    from pansentry.limits import DocumentLimits

MAX_FRAMES = 24
"""Different frames of one picture that are read; each costs 0.3 s and more."""
SMALLEST = (36, 8)
"""Width and height in pixels of the smallest picture that can show twelve digits, in either direction."""
_SECOND = 1200
_FAR_REDUCED = 0.4
_TILE = 1200
_OVERLAP = 0.25
_TILES = (4, 3)
"""Along the longer and the shorter side, at most: 3,900 by 3,000 pixels; what is larger is reduced to that."""
_SMALL_WRITING = 15
_SEVERAL_DIGITS = 3
_WRITTEN: dict[str, tuple[tuple[str, Any], ...]] = {  # how a kind of picture is written
    "JPEG": (("quality", 92),),
    "MPO": (("quality", 92),),
    "WEBP": (("quality", 92),),
    "AVIF": (("quality", 85),),
    "TIFF": (("compression", "tiff_adobe_deflate"),),
}
_METADATA = 0
_LOOKS_A_LAYER = 16
"""Two of the whole, and one for each tile."""
_KEPT = 64
_MANY_LINES = 40
"""More than a card has, or a form around one: a page of print, which more contrast does not make any clearer."""


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what can be read. Raises DamagedError (``picture``, ``ocr-missing``) or LimitExceededError."""
    if not ocr.is_installed():
        raise DamagedError("ocr-missing")
    seen = _looks(data, limits, again=True)
    looks = seen.looks or {}
    passages = [Passage(key, look.text, "picture") for key, look in looks.items() if look.lines]
    if words := picture_metadata.words(data):
        passages.append(Passage(_METADATA, words, "picture metadata"))
    unreadable = [Unreadable(UNCLEAR, "picture")] if is_unclear(looks.values()) else []
    if seen.is_short:
        unreadable.append(Unreadable("large:pixels", "picture"))
    return Extract(tuple(passages), unreadable=tuple(unreadable), reading_ms=seen.cost_ms)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Paint over what was cut, in every frame. Raises DamagedError or LimitExceededError."""
    if not cuts and not replaced:
        return data
    looks = _looks(data, limits, again=False).looks or {}
    boxes: dict[int, list[ocr.Box]] = {}
    for key, edits in cuts.items():
        if key != _METADATA:
            look = looks[key]
            boxes.setdefault(look.frame, []).extend(covered(look, edits))
    return _painted(data, boxes, limits.max_pixels)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Seen:
    """What was read of a file, by the key of its passage: sixteen for each layer of each frame. None: nothing yet."""

    looks: dict[int, Look] | None = None
    is_short: bool = False
    cost_ms: int = 0


@lru_cache(maxsize=_KEPT)
def _known(digest: bytes, max_pixels: int) -> _Seen:
    """Return what is known of a file: ``rewrite`` needs the looks of one that was read a moment ago, and the proof
    those of every picture that was not changed."""
    return _Seen()


def _looks(data: bytes, limits: DocumentLimits, *, again: bool) -> _Seen:
    """Read every frame of a file that was not read yet; ``again`` also one that was not read to its end."""
    seen = _known(hashlib.blake2b(data, digest_size=16).digest(), limits.max_pixels)
    if seen.looks is None or (again and seen.is_short):
        effort = ocr.Effort(limits.max_reading_ms)
        seen.looks = dict(_read(data, limits.max_pixels, effort))
        seen.is_short, seen.cost_ms = effort.is_short, round(limits.max_reading_ms - effort.left_ms)
    else:
        seen.cost_ms = 0
    return seen


def _read(data: bytes, max_pixels: int, effort: ocr.Effort) -> Iterator[tuple[int, Look]]:
    seen: set[bytes] = set()
    for number, frame in enumerate(_frames(data, max_pixels)):
        for layer in _layers(frame):
            digest = hashlib.blake2b(layer.tobytes(), digest_size=16).digest()
            if digest in seen or not _may_show_digits(layer):
                continue
            seen.add(digest)
            if len(seen) > MAX_FRAMES:
                raise LimitExceededError("max_frames")
            first = 1 + _LOOKS_A_LAYER * (len(seen) - 1)
            yield from enumerate(_look_at(layer, number, effort), first)


def _frames(data: bytes, max_pixels: int) -> Iterator[Any]:
    """Yield every frame of a picture, upright as its EXIF says."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None  # our own limit is asked, below, before a pixel is decoded
            picture = Image.open(io.BytesIO(data))
            _within(picture.width * picture.height, max_pixels)
            pixels = 0
            for frame in _sizes(picture) if picture.format == "ICO" else ImageSequence.Iterator(picture):
                pixels = _within(pixels + frame.width * frame.height, max_pixels)
                yield ImageOps.exif_transpose(frame)
    except (LimitExceededError, MemoryError):
        raise
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        KeyError,
        IndexError,
    ) as error:
        raise DamagedError("picture") from error
    except Exception as error:  # a decoder's own exceptions (struct.error, zlib.error, OverflowError, …)
        raise DamagedError("picture") from error


def _sizes(icon: Any) -> Iterator[Any]:
    """Yield the pictures of an icon, the largest first: each may show something else."""
    for size in sorted(icon.info["sizes"], reverse=True):
        icon.size = size
        yield icon.copy()


def _within(pixels: int, max_pixels: int) -> int:
    if pixels > max_pixels:
        raise LimitExceededError("max_pixels")
    return pixels


def _layers(frame: Any) -> tuple[Any, ...]:
    """Return a frame as a reader may see it: on white paper, and on a dark page where it is transparent."""
    from PIL import Image

    if not frame.has_transparency_data:
        return (_plain(frame),)
    frame = frame.convert("RGBA")
    layers = []
    for ground in ("white", "black"):
        sheet = Image.new("RGBA", frame.size, ground)
        sheet.alpha_composite(frame)
        layers.append(sheet.convert("RGB"))
    layers.append(frame.convert("RGB"))  # what full transparency hides until the picture is edited
    return tuple(layers)


def _plain(frame: Any) -> Any:
    """Return the frame in RGB; deep greys are scaled down, not cut off."""
    if frame.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        low, high = frame.getextrema()
        span = (high - low) or 1
        frame = frame.convert("F").point(lambda value: (value - low) * (255 / span)).convert("L")
    return frame.convert("RGB")


def _may_show_digits(layer: Any) -> bool:
    """Refuse pictures too small for a number and those of one colour (counting pixels, spacers, rules)."""
    long, short = max(layer.size), min(layer.size)
    return long >= SMALLEST[0] and short >= SMALLEST[1] and any(low != high for low, high in layer.getextrema())


def _look_at(layer: Any, frame: int, effort: ocr.Effort) -> Iterator[Look]:
    """Look once, and again where there is something to be seen better, as long as half of the effort is left for the
    first looks at other pictures."""
    scale = ocr.scale(*layer.size)
    first = _look(layer, frame, scale, effort)
    yield first
    more = ocr.Effort(effort.left_ms / 2)
    spare = effort.left_ms - more.left_ms
    digits = sum(character.isdigit() for character in first.text)
    if (digits >= _SEVERAL_DIGITS and len(first.lines) <= _MANY_LINES) or not first.lines:
        yield _look(_with_contrast(layer), frame, min(scale, max(1.0, _SECOND / max(layer.size))), more)
    if scale < _FAR_REDUCED or (scale < 1.0 and first.lines and _writing_height(first) < _SMALL_WRITING):
        for reduced, corner, tile in _tiles(layer):
            look = _look(tile, frame, ocr.scale(*tile.size), more, corner)
            yield replace(look, scale=look.scale * reduced)
    effort.left_ms = spare + more.left_ms
    effort.is_short = effort.is_short or more.is_short


def _look(layer: Any, frame: int, scale: float, effort: ocr.Effort, corner: tuple[int, int] = (0, 0)) -> Look:
    import numpy
    from PIL import Image

    if scale != 1.0:
        size = (max(1, round(layer.width * scale)), max(1, round(layer.height * scale)))
        layer = layer.resize(size, Image.Resampling.LANCZOS)
    return Look(frame, ocr.read(numpy.asarray(layer), effort), scale, corner)


def _with_contrast(layer: Any) -> Any:
    """Return the frame in grey with local contrast: embossed digits have the colour of their card."""
    import cv2
    import numpy
    from PIL import Image

    grey = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(numpy.asarray(layer.convert("L")))
    return Image.fromarray(grey).convert("RGB")


def _writing_height(look: Look) -> float:
    """Return the median height of the characters, in pixels of the picture that was read."""
    heights = sorted(math.dist(box[0], box[3]) for line in look.lines for box in line.boxes if box is not None)
    return heights[len(heights) // 2] if heights else 0.0


def _tiles(layer: Any) -> Iterator[tuple[float, tuple[int, int], Any]]:
    """Cut a large frame into overlapping tiles; a frame that needs more than :data:`_TILES` is reduced before.

    Yields the scale of the tile, its corner in pixels of the frame, and the tile.
    """
    from PIL import Image

    step = int(_TILE * (1 - _OVERLAP))
    long, short = (step * (count - 1) + _TILE for count in _TILES)
    scale = min(1.0, long / max(layer.size), short / min(layer.size))
    if scale < 1.0:
        size = (max(1, round(layer.width * scale)), max(1, round(layer.height * scale)))
        layer = layer.resize(size, Image.Resampling.LANCZOS)
    for y in range(0, max(1, layer.height - _TILE + step), step):
        for x in range(0, max(1, layer.width - _TILE + step), step):
            tile = layer.crop((x, y, min(x + _TILE, layer.width), min(y + _TILE, layer.height)))
            yield scale, (round(x / scale), round(y / scale)), tile


# ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _painted(data: bytes, boxes: dict[int, list[ocr.Box]], max_pixels: int) -> bytes:
    """Return the picture with the boxes painted, as a file of the same kind that holds pixels only."""
    from PIL import Image, ImageDraw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = Image.open(io.BytesIO(data)).format or ""
    frames, durations = [], []
    for number, frame in enumerate(_frames(data, max_pixels)):
        durations.append(frame.info.get("duration", 100))
        keep = "RGBA" if frame.has_transparency_data else "L" if frame.mode in ("L", "1") else "RGB"
        sheet = (frame if keep == "RGBA" else _plain(frame)).convert(keep)
        draw = ImageDraw.Draw(sheet)
        for box in boxes.get(number, ()):
            draw.polygon(box, fill="black")
        frames.append(_pixels_only(sheet))
    options: dict[str, Any] = dict(_WRITTEN.get(kind, ()))
    if len(frames) > 1 and kind in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        options |= {"save_all": True, "append_images": frames[1:]}
        if kind != "TIFF":
            options |= {"duration": durations, "loop": 0}
    if kind == "ICO":
        options["sizes"] = [frames[0].size]
    out = io.BytesIO()
    first = frames[0].convert("RGB") if kind in ("JPEG", "MPO", "BMP") and frames[0].mode == "RGBA" else frames[0]
    first.save(out, "JPEG" if kind == "MPO" else kind, **options)
    return out.getvalue()


def _pixels_only(sheet: Any) -> Any:
    """Return a copy without anything that Pillow would write besides pixels; full transparency hides no colour."""
    from PIL import Image

    if sheet.mode == "RGBA":
        clear = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
        shown = sheet.getchannel("A").point(lambda value: 255 if value else 0)
        clear.paste(sheet, (0, 0), shown)
        return clear
    copy = Image.new(sheet.mode, sheet.size)
    copy.paste(sheet)
    return copy
