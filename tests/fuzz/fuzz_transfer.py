"""Fuzz target: transfer encodings. An edit of what was decoded, sunk to the body, decodes to the edited text.

The first byte picks the encoding, the second and third where the edit lies; the rest is the body. The replacement is as
long as what it replaces, as a mask is, and made of ``X``.

A base64 body that mixes both alphabets is only decoded: which of them is meant can change with the edit; such a body is
ambiguous and is written anew as a whole.
"""

from __future__ import annotations

from pansentry.edits import Edit, apply
from pansentry.mime import transfer

MAX_LEN = 4096
ENCODINGS = ("base64", "quoted-printable", "7bit", "x-unknown")


def check(data: bytes) -> None:
    """Decode, edit in the middle, and compare the two ways round."""
    if len(data) < 4:
        return
    encoding = ENCODINGS[data[0] % len(ENCODINGS)]
    body = data[3:]
    decoded = transfer.decode(body, encoding)
    assert len(decoded) <= len(body)
    transfer.flaws(body, encoding)
    assert transfer.lower(body, encoding, ()) == ()
    if not decoded:
        return
    start = data[1] * len(decoded) // 256
    end = min(len(decoded), start + 1 + data[2] % 19)
    if encoding == "base64" and set(b"-_") & set(body) and set(b"+/") & set(body):
        return
    edit = Edit(start, end, b"X" * (end - start))
    lowered = transfer.lower(body, encoding, (edit,))
    position = 0
    for one in lowered:
        assert position <= one.start <= one.end <= len(body)
        position = one.end
    assert transfer.decode(apply(body, lowered), encoding) == apply(decoded, (edit,))
