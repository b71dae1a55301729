"""Pictures: PNG, JPEG, GIF, WebP, TIFF, BMP, AVIF. What can be read in them, and black boxes over it.

In: a file. Out: passages of what the models read (:mod:`pansentry.formats.ocr`), one for each *look*, and of the words
in its metadata. A look is a frame at one size and contrast; a frame is looked at again, enlarged or with more contrast,
where the first look shows several digits or nothing at all, and in tiles where its writing is small. Every frame,
page and transparent layer is looked at.

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
import re
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import ocr
from pansentry.formats.format import Extract, Passage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.edits import Edit
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
_MAX_TILES = 12
_SMALL_WRITING = 15
_SEVERAL_DIGITS = 3
_BESIDE, _ABOVE = 0.12, 0.1
"""Of a line's height: how much further than the models' boxes is painted, to either side and above and below."""
_WRITTEN: dict[str, tuple[tuple[str, Any], ...]] = {  # how a kind of picture is written
    "JPEG": (("quality", 92),),
    "MPO": (("quality", 92),),
    "WEBP": (("quality", 92),),
    "AVIF": (("quality", 85),),
    "TIFF": (("compression", "tiff_adobe_deflate"),),
}
_METADATA = 0
_WORDS = re.compile(rb"[\x20-\x7e\xa0-\xff\t]{4,}")
_WIDE_WORDS = re.compile(rb"(?:[\x20-\x7e]\0){4,}")


@dataclass(frozen=True, slots=True)
class _Look:
    """Lines as they were read, and where the picture that was read lies in its frame: scale and corner."""

    frame: int
    lines: tuple[ocr.Line, ...] = field(repr=False)
    scale: float
    corner: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what can be read. Raises DamagedError (``picture``, ``ocr-missing``) or LimitExceededError."""
    if not ocr.is_installed():
        raise DamagedError("ocr-missing")
    passages = [
        Passage(key, look.text, "picture") for key, look in enumerate(_looks(data, limits.max_pixels), 1) if look.lines
    ]
    if words := _metadata(data):
        passages.append(Passage(_METADATA, words, "picture metadata"))
    return Extract(tuple(passages))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Paint over what was cut, in every frame. Raises DamagedError or LimitExceededError."""
    if not cuts and not replaced:
        return data
    looks = _looks(data, limits.max_pixels)
    boxes: dict[int, list[ocr.Box]] = {}
    for key, edits in cuts.items():
        if key != _METADATA:
            look = looks[key - 1]
            boxes.setdefault(look.frame, []).extend(_covered(look, edits))
    return _painted(data, boxes, limits.max_pixels)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1)
def _looks(data: bytes, max_pixels: int) -> tuple[_Look, ...]:
    """Read every frame. Kept for the file that is being examined: ``rewrite`` needs the same looks a moment later."""
    looks: list[_Look] = []
    seen: set[bytes] = set()
    for number, frame in enumerate(_frames(data, max_pixels)):
        for layer in _layers(frame):
            digest = hashlib.blake2b(layer.tobytes(), digest_size=16).digest()
            if digest in seen or not _may_show_digits(layer):
                continue
            seen.add(digest)
            if len(seen) > MAX_FRAMES:
                raise LimitExceededError("max_frames")
            looks += _look_at(layer, number)
    return tuple(looks)


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
            for frame in ImageSequence.Iterator(picture):
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


def _look_at(layer: Any, frame: int) -> Iterator[_Look]:
    """Look once, and again where there is something to be seen better."""
    scale = ocr.scale(*layer.size)
    first = _look(layer, frame, scale)
    yield first
    digits = sum(character.isdigit() for character in first.text)
    if digits >= _SEVERAL_DIGITS or not first.lines:
        yield _look(_with_contrast(layer), frame, min(scale, max(1.0, _SECOND / max(layer.size))))
    if scale < _FAR_REDUCED or (scale < 1.0 and first.lines and _writing_height(first) < _SMALL_WRITING):
        for corner, tile in _tiles(layer):
            yield _look(tile, frame, ocr.scale(*tile.size), corner)


def _look(layer: Any, frame: int, scale: float, corner: tuple[int, int] = (0, 0)) -> _Look:
    import numpy
    from PIL import Image

    if scale != 1.0:
        size = (max(1, round(layer.width * scale)), max(1, round(layer.height * scale)))
        layer = layer.resize(size, Image.Resampling.LANCZOS)
    return _Look(frame, ocr.read(numpy.asarray(layer)), scale, corner)


def _with_contrast(layer: Any) -> Any:
    """Return the frame in grey with local contrast: embossed digits have the colour of their card."""
    import cv2
    import numpy
    from PIL import Image

    grey = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(numpy.asarray(layer.convert("L")))
    return Image.fromarray(grey).convert("RGB")


def _writing_height(look: _Look) -> float:
    """Return the median height of the characters, in pixels of the picture that was read."""
    heights = sorted(math.dist(box[0], box[3]) for line in look.lines for box in line.boxes if box is not None)
    return heights[len(heights) // 2] if heights else 0.0


def _tiles(layer: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    """Cut a large frame into overlapping tiles, the same number for any larger frame."""
    step = int(_TILE * (1 - _OVERLAP))
    corners = [
        (x, y)
        for y in range(0, max(1, layer.height - _TILE + step), step)
        for x in range(0, max(1, layer.width - _TILE + step), step)
    ]
    if len(corners) > _MAX_TILES:
        raise LimitExceededError("max_pixels")
    for x, y in corners:
        yield (x, y), layer.crop((x, y, min(x + _TILE, layer.width), min(y + _TILE, layer.height)))


# ── metadata ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _metadata(data: bytes) -> str:
    """Return the words of everything in the file that is no pixel, one a line; "" where no digit is among them."""
    if data.startswith(b"\x89PNG"):
        chunks = list(_png_chunks(data))
    elif data.startswith(b"\xff\xd8"):
        chunks = list(_jpeg_segments(data))
    elif data.startswith(b"GIF8"):
        chunks = list(_gif_blocks(data))
    else:
        chunks = list(_other_metadata(data))
    words = [word.decode("latin-1").strip() for chunk in chunks for word in _WORDS.findall(chunk)]
    words += [word[::2].decode("ascii").strip() for chunk in chunks for word in _WIDE_WORDS.findall(chunk)]
    return "\n".join(word for word in words if any("0" <= character <= "9" for character in word))


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """Yield the chunks that hold words, inflated where they are packed, and what stands behind the end."""
    import zlib

    at = 8
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if name == b"IEND":
            break
        if name in (b"IDAT", b"fdAT", b"PLTE", b"tRNS", b"iCCP"):
            continue
        yield body
        for packed in range(len(body) if name in (b"zTXt", b"iTXt") else 0):
            if body[packed : packed + 1] == b"\x78":
                try:
                    yield zlib.decompressobj().decompress(body[packed:], 1 << 20)
                    break
                except zlib.error:
                    continue
    yield data[at:]


def _jpeg_segments(data: bytes) -> Iterator[bytes]:
    """Yield comments and application segments, and what stands behind the end of the (first) picture."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFE or 0xE0 <= marker <= 0xEF:
            yield data[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDA:
            break
    end = data.find(b"\xff\xd9", at)
    if end >= 0:
        yield data[end + 2 :]


def _other_metadata(data: bytes) -> Iterator[bytes]:
    """Yield what Pillow knows of a GIF, TIFF, WebP, BMP or AVIF besides its pixels."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data))
            values = [*picture.info.values(), *dict(picture.getexif()).values()]
            values += dict(getattr(picture, "tag_v2", None) or {}).values()
    except Exception as error:  # as in _frames: decoders raise whatever they like
        raise DamagedError("picture") from error
    for value in values:
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, bytes):
                yield item
            elif isinstance(item, str):
                yield item.encode("latin-1", "replace")
    yield data[_end(data) :]


def _end(data: bytes) -> int:
    """Return where a WebP, BMP or AVIF says that it ends; other formats do not say."""
    if data.startswith(b"RIFF"):
        return int.from_bytes(data[4:8], "little") + 8
    if data.startswith(b"BM"):
        return int.from_bytes(data[2:6], "little")
    return len(data)


def _gif_blocks(data: bytes) -> Iterator[bytes]:
    """Yield the extensions of a GIF (comments, plain text, applications) and what stands behind its trailer."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10:11] and data[10] & 0x80 else 0)
    while at < len(data) and data[at] in (0x21, 0x2C):
        is_extension = data[at] == 0x21
        if is_extension:
            at += 2
        else:
            packed = data[at + 9] if at + 9 < len(data) else 0
            at += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
        pieces = []
        while at < len(data) and data[at]:
            pieces.append(data[at + 1 : at + 1 + data[at]])
            at += 1 + data[at]
        at += 1
        if is_extension:
            yield b"".join(pieces)
    yield data[at + 1 :]


# ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _covered(look: _Look, edits: Sequence[Edit[str]]) -> Iterator[ocr.Box]:
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


def _follows(left: ocr.Box, right: ocr.Box) -> bool:
    """Say whether the right box stands on the same writing as the left one, a blank or two apart."""
    return math.dist(left[1], right[0]) <= 2 * math.dist(left[0], left[3])


def _as_one(run: Sequence[ocr.Box], look: _Look) -> Iterator[ocr.Box]:
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
