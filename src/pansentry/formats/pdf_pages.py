"""A page as a picture: drawn by PDFium, with boxes over what is to go, and put in the page's place.

In: a page, boxes in page coordinates. Out: a :class:`Raster`, which becomes the page's only content: no text, no
annotation, no old resource stays with the page, so nothing can be copied from under a box. Also a small PNG writer and
reader-free converter, so that pages can be shown to the reader of pictures without another library.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pansentry.formats.pdf_text import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DPI = 150
PICTURE_DPI = 200
_MAX_SIDE = 3600
"""Pixels; a poster is drawn more coarsely, so that it fits into the memory of a worker."""
_MARGIN_PT = 0.75
"""Boxes are that much larger than the glyphs: anti-aliased edges would still tell a 1 from an 8."""
_KEPT = ("/Type", "/Parent")
_BLACK = 0xFF000000


@dataclass(frozen=True, slots=True)
class Raster:
    """Pixels, three bytes each, row by row; ``width_pt`` and ``height_pt`` are the size of the page that is seen."""

    width: int
    height: int
    width_pt: float
    height_pt: float
    pixels: bytes = field(repr=False)


def draw(page: Any, boxes: Sequence[Box] = (), dpi: int = DPI) -> Raster:
    """Draw a page of a pypdfium2 document, with black boxes."""
    import pypdfium2.raw as raw

    width_pt, height_pt = page.get_size()
    scale = min(dpi / 72, _MAX_SIDE / max(width_pt, height_pt, 1.0))
    bitmap = page.render(scale=scale, rev_byteorder=True, draw_annots=True, prefer_bgrx=False)
    for left, top, right, bottom in _on_screen(page, boxes, bitmap.width, bitmap.height):
        raw.FPDFBitmap_FillRect(bitmap, left, top, right - left + 1, bottom - top + 1, _BLACK)
    raster = raster_of(bitmap, width_pt, height_pt)
    bitmap.close()
    return raster


def raster_of(bitmap: Any, width_pt: float = 0, height_pt: float = 0) -> Raster:
    """Return the pixels of a bitmap of PDFium."""
    rows, depth, stride = bytes(bitmap.buffer), bitmap.n_channels, bitmap.stride
    is_reversed = bitmap.rev_byteorder
    pixels = b"".join(
        _rgb(rows[i * stride : i * stride + bitmap.width * depth], depth, is_reversed=is_reversed)
        for i in range(bitmap.height)
    )
    return Raster(bitmap.width, bitmap.height, width_pt, height_pt, pixels)


def changed(old: bytes, new: bytes | None, matrix: tuple[float, float, float, float, float, float]) -> Box:
    """Return what was changed in a picture, in coordinates of the page on which ``matrix`` puts it (§8.9.5)."""
    left, top, right, bottom = 0.0, 0.0, 1.0, 1.0
    if new is not None:
        from PIL import Image, ImageChops

        with Image.open(io.BytesIO(old)) as before, Image.open(io.BytesIO(new)) as after:
            if before.size == after.size:
                found = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
                width, height = before.size
                if found is not None:
                    left, top, right, bottom = (
                        found[0] / width,
                        found[1] / height,
                        found[2] / width,
                        found[3] / height,
                    )
    a, b, c, d, e, f = matrix
    points = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (1 - top, 1 - bottom)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _on_screen(page: Any, boxes: Sequence[Box], width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield left, top, right, bottom in pixels of a picture of the page, a little larger than each box."""
    import ctypes

    import pypdfium2.raw as raw

    x, y = ctypes.c_int(), ctypes.c_int()
    for box in boxes:
        corners = []
        for px, py in (
            (box.left - _MARGIN_PT, box.bottom - _MARGIN_PT),
            (box.right + _MARGIN_PT, box.top + _MARGIN_PT),
        ):
            raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, px, py, x, y)
            corners.append((x.value, y.value))
        left, right = sorted(corner[0] for corner in corners)
        top, bottom = sorted(corner[1] for corner in corners)
        yield left - 1, top - 1, right + 1, bottom + 1


def _rgb(row: bytes, depth: int, *, is_reversed: bool) -> bytes:
    """Return a row of one to four bytes a pixel as RGB; PDFium's own order is BGR."""
    if depth == 3 and is_reversed:
        return row
    out = bytearray(len(row) // depth * 3)
    order = (0, 0, 0) if depth == 1 else (0, 1, 2) if is_reversed else (2, 1, 0)
    for channel, taken in enumerate(order):
        out[channel::3] = row[taken::depth]
    return bytes(out)


def png(raster: Raster) -> bytes:
    """Return the raster as a PNG (ISO 15948, colour type 2)."""
    stride = 3 * raster.width
    rows = b"".join(b"\0" + raster.pixels[i : i + stride] for i in range(0, len(raster.pixels), stride))
    head = struct.pack(">2L5B", raster.width, raster.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def put(pdf: Any, page: Any, raster: Raster) -> None:
    """Make the raster the only content of a page (pikepdf), in the size and turn in which it was seen."""
    import pikepdf

    red, green, blue = (raster.pixels[channel::3] for channel in range(3))
    is_grey = red == green == blue  # most pages are: a third of the bytes, and of the time
    image = pikepdf.Stream(pdf, b"")
    image.write(zlib.compress(red if is_grey else raster.pixels, 6), filter=pikepdf.Name.FlateDecode)
    image["/Type"] = pikepdf.Name.XObject
    image["/Subtype"] = pikepdf.Name.Image
    image["/Width"], image["/Height"] = raster.width, raster.height
    image["/ColorSpace"] = pikepdf.Name.DeviceGray if is_grey else pikepdf.Name.DeviceRGB
    image["/BitsPerComponent"] = 8
    for key in [key for key in list(page.keys()) if key not in _KEPT]:
        del page[key]
    width, height = round(raster.width_pt, 2), round(raster.height_pt, 2)
    page["/MediaBox"] = page["/CropBox"] = pikepdf.Array([0, 0, width, height])  # what the parent says may differ
    page["/Rotate"] = 0
    page["/Resources"] = pikepdf.Dictionary({"/XObject": pikepdf.Dictionary({"/Page": image})})
    page["/Contents"] = pikepdf.Stream(pdf, b"q %.2f 0 0 %.2f 0 0 cm /Page Do Q" % (width, height))


def over(page: Any, picture: bytes, boxes: Sequence[Box]) -> Raster:
    """Return a picture of the page that was made before (by :func:`draw`) and edited since, with boxes on top."""
    from PIL import Image, ImageDraw

    width_pt, height_pt = page.get_size()
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    pen = ImageDraw.Draw(image)
    for left, top, right, bottom in _on_screen(page, boxes, image.width, image.height):
        pen.rectangle((left, top, right, bottom), fill=(0, 0, 0))
    return Raster(image.width, image.height, width_pt, height_pt, image.tobytes())
