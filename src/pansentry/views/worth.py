"""Is it worth reading? Cheap tests on bytes that spare a clean part its text and its tokeniser.

In: the content of a part and the caller's predicate on bytes (``pan`` has a fast and sound one for UTF-8 text). Out:
False only if no view of the part can hold what the predicate looks for.

HTML is judged without its tags and entities, since a reader shows digits joined across them; what the crude stripping
here cannot be sure of (a ``>`` or ``<`` that is left over: comments, quoted attributes, broken tags) is worth reading.
Digits inside tags stand together in the raw bytes, or percent-encoded, and both are judged too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

Predicate = Callable[[bytes], bool]

_TAG = re.compile(rb"<[^<>]*>")
_NUMERIC = re.compile(rb"&#(?:[xX]([0-9A-Fa-f]{1,7})|([0-9]{1,8}));?")
_NAMED = re.compile(rb"&[A-Za-z][A-Za-z0-9]{1,31};?")
_ESCAPE = re.compile(rb"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")


def always(data: bytes) -> bool:
    """Read everything: the predicate of a caller that knows nothing cheaper."""
    return True


def of_text(data: bytes, worth_reading: Predicate) -> bool:
    """Judge plain text in UTF-8 or ASCII."""
    return worth_reading(data)


def of_markup(data: bytes, worth_reading: Predicate) -> bool:
    """Judge HTML or XML in UTF-8 or ASCII."""
    if worth_reading(data) or (b"%" in data and worth_reading(unquote_to_bytes(data))):
        return True
    if b"\\" in data and _ESCAPE.search(data):
        return True
    shown = _TAG.sub(b"", data)
    if b"<" in shown or b">" in shown:
        return True
    if b"&" in shown:
        shown = _NAMED.sub(b"", _NUMERIC.sub(_decoded, shown))
    return shown != data and worth_reading(shown)


def _decoded(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number).encode("utf-8", "replace") if number < 0x110000 else b""
