"""The words in a picture's file that are no pixels: comments, EXIF, XMP, what stands behind the end.

In: a file whose pixels have been decoded before, so that it is a picture. Out: its words that hold a digit, one a line.
Nothing of it is edited: a picture that is painted anew keeps none of it (:mod:`pansentry.formats.picture`).
Sources: PNG (W3C 2003) §11.3, JPEG T.81 Annex B, GIF89a §24 ff., Exif 2.32.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING

from pansentry.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = re.compile(rb"[\x20-\x7e\xa0-\xff\t]{4,}")
_WIDE_WORDS = re.compile(rb"(?:[\x20-\x7e]\0){4,}")


def words(data: bytes) -> str:
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
    except Exception as error:  # decoders raise whatever they like
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
