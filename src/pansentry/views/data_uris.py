"""``data:`` URIs (RFC 2397) inside HTML, CSS and SVG: what they hold, and back.

In: bytes of a text. Out: one :class:`BytesReading` per URI that is no picture, sound or font: base64 or percent escapes
decoded, references of HTML before that. An edit writes the whole payload anew in the encoding it had. Linear.

Resists: ``<iframe src="data:text/html;base64,NDExMTEx…">``, ``<a href='data:,%34%31…'>``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pansentry.mime.transfer import decode_base64
from pansentry.views.bytes_reading import BytesReading, BytesWeaver
from pansentry.views.html_entities import decoded

_URI: Final = re.compile(
    rb"[dD][aA][tT][aA]:(?!image/(?:png|jpe?g|gif|webp|bmp)|font/|audio/|video/)([^,\"'<>\s]{0,200}+),([^\"'<>\s)]++)"
)


def read(data: bytes) -> tuple[BytesReading, ...]:
    """Return what the ``data:`` URIs of a text hold; without markup of those in base64 only, which nobody can read."""
    is_markup = b"<" in data
    readings: list[BytesReading] = []
    for match in _URI.finditer(data):
        is_base64 = b"base64" in match[1].lower()
        if not (is_markup or is_base64):
            continue
        weaver = BytesWeaver(data)
        weaver.block(_payload(match[2], is_base64=is_base64), *match.span(2), _encoder(is_base64=is_base64))
        readings.append(weaver.reading("data-uri"))
    return tuple(readings)


def _payload(written: bytes, *, is_base64: bool) -> bytes:
    plain = unquote_to_bytes(decoded(written.decode("latin-1"), "uri").text.encode("utf-8"))
    return decode_base64(plain) if is_base64 else plain


def _encoder(*, is_base64: bool) -> Callable[[bytes], bytes]:
    if is_base64:
        return base64.b64encode
    return lambda content: quote_from_bytes(content).encode("ascii")
