"""Opening a document and everything inside it: bytes to a tree of nodes, within limits that hold for the whole tree.

In: bytes, limits. Out: one node for each kind that the bytes are (a file can be a PDF and a ZIP at once). What cannot
be read is a :class:`Closed` node; nothing but MemoryError gets out. The same bytes are opened once, however often they
are embedded: the hundred copies of a logo are one picture, and the sixteen copies on each level of 42.zip are one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pansentry import mime, views
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination.node import Closed, Node, Opened, Written
from pansentry.formats import recognise, registry, remains
from pansentry.formats.format import PICTURES_LATER
from pansentry.limits import DocumentLimits, Limits
from pansentry.outcome import Unreadable

if TYPE_CHECKING:
    from pansentry.examination.model import Examination

TEXTS = {  # kinds that the readers of messages read, and the media type under which they do
    "text": b"text/plain",
    "html": b"text/html",
    "xml": b"text/xml",
    "json": b"application/json",
    "csv": b"text/csv",
    "rtf": b"application/rtf",
    "ics": b"text/calendar",
    "vcf": b"text/vcard",
    "mbox": b"text/plain",
    "ps": b"text/plain",
    "eml": b"",
    "unknown": b"application/octet-stream",
}
UNKNOWN = "unknown"
"""Bytes that are nothing known are read as text, as the readers of messages do with such a part."""
LARGE = frozenset(
    {"max_total_bytes", "max_members", "max_pages", "max_pictures", "max_frames", "max_pixels", "max_characters"}
)
"""Limits that honest documents pass, too: an album, a manual, a database. Passing one of the others takes intent."""
_LEFT_CLOSED = frozenset({"encrypted", PICTURES_LATER})
"""Reasons for which a document that was not opened has nothing to say by its strings, or not yet."""
_HEAD = b"Content-Type: %s\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n"


class Opener:
    """Opens documents within one examination, and counts what it opens."""

    def __init__(self, options: Examination) -> None:
        self._pictures = options.pictures
        self._limits = options.limits
        self._left_bytes = options.limits.max_total_bytes
        self._left_members = options.limits.max_members
        self._left_pictures = options.limits.max_pictures if options.pictures else 0
        self._left_reading_ms = options.limits.max_reading_ms
        self._opened: dict[bytes, tuple[Node, ...]] = {}
        self.message_limits = Limits(max_decoded_bytes=options.limits.max_total_bytes)

    @property
    def limits(self) -> DocumentLimits:
        """What is left of the limits."""
        return replace(
            self._limits,
            max_total_bytes=max(0, self._left_bytes),
            max_members=max(0, self._left_members),
            max_pictures=max(0, self._left_pictures),
            max_reading_ms=max(0, self._left_reading_ms),
        )

    def open(self, data: bytes, name: str = "", depth: int = 0) -> tuple[Node, ...]:
        """Return a node for each kind that ``data`` is; the first is what most readers take it for.

        Nothing at all for bytes that are being opened further up: a document that holds itself says nothing new.
        """
        digest = hashlib.blake2b(data, digest_size=16).digest()
        nodes = self._opened.get(digest)
        if nodes is None:
            self._opened[digest] = ()
            kinds = recognise.kinds(data) or (UNKNOWN,)
            nodes = self._opened[digest] = tuple(self._guarded(data, kind, name, depth) for kind in kinds)
        return nodes

    def _guarded(self, data: bytes, kind: str, name: str, depth: int) -> Node:
        try:
            return self._open(data, kind, name, depth)
        except LimitExceededError as error:
            why = reason_of(error)
        except DamagedError as error:
            why = error.reason
        except ImportError:
            why = "documents-missing"
        except MemoryError:
            raise
        except Exception:  # a reader that breaks has not read its document; nothing of it may get into a log
            why = "crash"
        unreadable = (Unreadable(why, f"document:{kind}"),)
        if why in _LEFT_CLOSED or why.startswith("limit:"):
            return Closed(kind, data, unreadable)
        left = remains.extract(data, self.limits)
        return Opened(kind, data, remains, replace(left, unreadable=unreadable))

    def _open(self, data: bytes, kind: str, name: str, depth: int) -> Node:
        if depth > self._limits.max_depth:
            raise LimitExceededError("max_depth")
        if kind in registry.PICTURES:
            if not self._pictures:
                raise DamagedError(PICTURES_LATER)
            self._left_pictures -= 1
            if self._left_pictures < 0:
                raise LimitExceededError("max_pictures")
        reader = registry.format_of(kind)
        if reader is None:
            if kind in TEXTS:
                return self._written(data, kind, depth)
            raise DamagedError(f"document:{kind}")
        extract = reader.extract(data, self.limits)
        self._left_reading_ms -= extract.reading_ms
        node = Opened(kind, data, reader, extract)
        self._count(len(inner.data) for inner in extract.embedded)
        for inner in extract.embedded:
            if nodes := self.open(inner.data, inner.name, depth + 1):
                node.children[inner.key] = nodes
        return node

    def _written(self, data: bytes, kind: str, depth: int) -> Node:
        raw = data if kind == "eml" else _as_message(data, TEXTS[kind])
        message = mime.read(raw, self.message_limits)
        seen = views.look(message, self.message_limits)
        if kind == UNKNOWN and any(document.data == data for document in seen.documents):
            # it has the looks of a document, so it was not read as text, but is none
            return Opened(kind, data, remains, remains.extract(data, self.limits))
        node = Written(kind, data, message, seen.documents, seen.unreadable)
        self._count(len(document.data) for document in seen.documents)
        for index, document in enumerate(seen.documents):
            if nodes := self.open(document.data, "", depth + 1):
                node.children[index] = nodes
        return node

    def _count(self, sizes: Iterable[int]) -> None:
        for size in sizes:
            self._left_members -= 1
            self._left_bytes -= size
        if self._left_members < 0:
            raise LimitExceededError("max_members")
        if self._left_bytes < 0:
            raise LimitExceededError("max_total_bytes")


def reason_of(error: LimitExceededError) -> str:
    """Return why a document was not read: ``large:pages`` for one that is only large, else ``limit:max_depth``."""
    return f"large:{error.limit.removeprefix('max_')}" if error.limit in LARGE else f"limit:{error.limit}"


def _as_message(data: bytes, media_type: bytes) -> bytes:
    """Return a text as a message of one part; in base64, since bytes with NULs or odd line ends have two readings."""
    return _HEAD % media_type + base64.encodebytes(data).replace(b"\n", b"\r\n")
