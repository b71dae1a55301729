"""Sealed content: what of S/MIME and OpenPGP cannot be read, and why.

In: a leaf. Out: the reason why it is unreadable (``encrypted``, ``compressed`` where it holds nothing that can be
opened). Opaque signed data (RFC 5652 §5, RFC 8551 §3.5.2) and compressed data (RFC 3274) are documents
(:mod:`pansentry.formats.cms`). Told by the content, not only by the label.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from pansentry.edits import Edit
from pansentry.views.document import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.mime.parts import Part
    from pansentry.mime.source import Source

CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature"})
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SMIME_CT = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"
_OIDS = {  # the object identifier that a ContentInfo starts with
    _PKCS7 + b"\x03": "encrypted",
    _PKCS7 + b"\x06": "encrypted",
    _SMIME_CT + b"\x17": "encrypted",
    _SMIME_CT + b"\x09": "compressed",
}
_SMIME_TYPES = {"enveloped-data": "encrypted", "authenveloped-data": "encrypted", "compressed-data": "compressed"}
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"
_HEAD_BYTES = 64


class Pieces:
    """Ranges of a parent, one behind the other."""

    __slots__ = ("_at", "_ranges", "data", "parent", "place")

    def __init__(self, parent: Source, ranges: Sequence[tuple[int, int]]) -> None:
        self.parent: Source | None = parent
        self.place = parent.place
        self._ranges = tuple(ranges)
        self._at = [0]
        for start, end in ranges:
            self._at.append(self._at[-1] + end - start)
        self.data = b"".join(parent.data[start:end] for start, end in ranges)

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...] | None:
        """Cut edits at the ends of the pieces; one that does not keep its width is not taken (the lengths are BER)."""
        lowered: list[Edit[bytes]] = []
        for edit in edits:
            if len(edit.new) != edit.end - edit.start:
                return None
            position = edit.start
            while position < edit.end:
                number = bisect_right(self._at, position) - 1
                stop = min(edit.end, self._at[number + 1])
                offset = self._ranges[number][0] - self._at[number]
                new = edit.new[position - edit.start : stop - edit.start]
                lowered.append(Edit(position + offset, stop + offset, new))
                position = stop
        return tuple(lowered)


def reason(part: Part, data: bytes) -> str:
    """Return why a leaf cannot be read, ``""`` if it can."""
    if part.media_type in CMS_TYPES:
        stated = (part.parameter("smime-type") or b"").decode("latin-1").lower()
        head = data[:_HEAD_BYTES]
        why = _SMIME_TYPES.get(stated) or next((why for oid, why in _OIDS.items() if oid in head), "")
        return "" if why == "compressed" and kind_of(data) == "cms" else why
    return "encrypted" if 0x2D in data and data.find(_ARMOUR) >= 0 else ""
