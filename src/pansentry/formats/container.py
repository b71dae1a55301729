"""A ZIP file as members that can be taken out and replaced one by one; what is not replaced stays byte for byte.

In: bytes. Out: :class:`Container`, :func:`content` of a member, and :func:`write`. Office formats stand on it too.
Standard: APPNOTE 6.3.10 (§4.3.7 local header, §4.3.9 data descriptor, §4.3.12 directory, §4.5.3 ZIP64).

Two readers of a ZIP can see different members: one follows the directory, the other the local headers. The directory
counts here; a local header that says something else (:data:`Member.disagrees`) or that no entry names (``hidden``) is a
reading of its own, see :func:`streamed` and :attr:`Container.hidden`. :func:`write` leaves one reading only: gaps and
what stands behind the archive are dropped, disagreeing headers are written anew.

Resists: bombs (bytes are counted while they are inflated, over all members; the same bytes named by many members are
refused), offsets that point outside, a directory of more members than the limit, names that lie about their length.
Known gaps: methods other than stored, deflate, bzip2 and LZMA are unreadable; archives in several volumes are damaged.
"""

from __future__ import annotations

from pansentry.formats.container_reading import (
    DEFLATED,
    STORED,
    Budget,
    Container,
    Member,
    decode_name,
    local_words,
    read,
    streamed,
    words_of,
)
from pansentry.formats.container_unpacking import content, inflate
from pansentry.formats.container_writing import UNCHANGED, Change, write

__all__ = [
    "DEFLATED",
    "STORED",
    "UNCHANGED",
    "Budget",
    "Change",
    "Container",
    "Member",
    "content",
    "decode_name",
    "inflate",
    "local_words",
    "read",
    "streamed",
    "words_of",
    "write",
]
