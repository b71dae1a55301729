"""Documents: content that a document reader has to open, told by its first bytes, wherever in a message it stands.

In: bytes. Out: their kind, and :class:`Document`, whose source takes edits like any other: a leaf, or a file inside a
text (uuencoded, a base64 paragraph, a ``data:`` URI).

Limits: what is decoded from one content is at most :data:`MAX_GROWTH` times as long (and :data:`MIN_SHARE` octets, for
short ones); a text that gives more in all its readings was made to cost time. Names of what is known only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.errors import LimitExceededError
from pansentry.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.mime.parts import Part
    from pansentry.mime.source import Source

MAX_GROWTH = DEFAULT_LIMITS.max_decoded_growth
MIN_SHARE = 128 * 1024
_MAGIC = (  # first bytes, kind; the longest first where one is a prefix of another
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"II+\0", "image"),
    (b"MM\0+", "image"),
    (b"RIFF", "image"),
    (b"\0\0\1\0", "image"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image"),
    (b"\xff\x4f\xff\x51", "image"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\1", "lzip"),
    (b"SQLite format 3\0", "database"),
    (b"\x1f\x9d", "compress"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"\x01\0\0\0", "emf"),
    (b"MZ", "exe"),
    (b"\x7fELF", "exe"),
    (b"bplist00", "plist"),
)
_MAGIC_BY_FIRST = {
    first: tuple(pair for pair in _MAGIC if pair[0][:1] == first) for first in {magic[:1] for magic, _ in _MAGIC}
}
_UNPACKS_ITSELF = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF\0\0\0\0")


def _unpacks_itself(data: bytes) -> bool:
    return any(magic in data for magic in _UNPACKS_ITSELF)


_ONLY_IF: dict[bytes, Callable[[bytes], bool]] = {
    # these begin sounds, films and programs as well, which no document reader would take: they are read as text
    b"BM": lambda data: b"\0" in data[:16],
    b"RIFF": lambda data: data[8:12] == b"WEBP",
    b"\0\0\1\0": lambda data: data[4:5] != b"\0" == data[5:6] and data[9:10] == b"\0",  # icons: some, nothing reserved
    b"GIF8": lambda data: data[4:6] in (b"7a", b"9a"),
    b"\x01\0\0\0": lambda data: data[40:44] == b" EMF",
    b"MZ": _unpacks_itself,
    b"\x7fELF": _unpacks_itself,
}
# marks that stand a fixed way from the start: one expression takes half of looking at each place; .lzma is told by how
# every packer begins it
_PLACED = re.compile(
    rb"(?P<tar>.{257}ustar)|(?P<database>[\x03\x30\x83\x8b\xf5].[\x00-\x0c](?=.{9}.{0,16}?\0{4}))|(?P<lha>..-lh.-)"
    rb"|(?P<xz>\x5d\0\0.{10}\0)|(?P<iso>.{32769}CD001)|(?P<image>.{4}ftyp(?:hei[cx]|mif1|avif))",
    re.DOTALL,
)
# CMS that holds its content: signed, digested, authenticated or compressed data, in which an octet string follows the
# type `data` (RFC 5652 §5.1); a signature beside what it signs (smime.p7s) has none, and there is no need to open it
_CMS = re.compile(
    rb"\x30.{1,5}?\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x02\x05]|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01[\x02\x09])"
    rb".{0,65500}?\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"
    rb"(?:[\0-\x80]|\x81.|\x82..|\x83...|\x84....)[\x04\x24]",
    re.DOTALL,
)
_PDF_REACH = 1024
_DRAWING_REACH = 1024
_ZIP_REACH = 65535 + 22


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """Content for a document reader: what it is by its first bytes, what it is called, and where it stands."""

    kind: str
    media_type: str
    source: Source = field(repr=False)
    part: Part = field(repr=False)

    @property
    def place(self) -> str:
        return self.source.place

    @property
    def data(self) -> bytes:
        return self.source.data


def kind_of(data: bytes) -> str:
    """Return the kind of document that ``data`` starts as, ``""`` for text and what is not known."""
    for magic, kind in _MAGIC_BY_FIRST.get(data[:1], ()):
        if data.startswith(magic) and (magic not in _ONLY_IF or _ONLY_IF[magic](data)):
            return kind
    if data[:1] == b"0" and _CMS.match(data):
        return "cms"
    if data[:1] == b"<" and data.find(b"<mxfile", 0, _DRAWING_REACH) >= 0:  # pages of it may be packed
        return "drawing"
    placed = _PLACED.match(data)
    if placed is not None:
        return placed.lastgroup or ""
    # readers forgive what stands before it (PDF 32000-1, implementation note 13)
    if 0x25 in data and data.find(b"%PDF-", 0, _PDF_REACH) >= 0:
        return "pdf"
    # a ZIP is read from its end; one octet is looked for at ten times the speed of four
    if data.find(b"\x06", -_ZIP_REACH) >= 0 and data.find(b"PK\x05\x06", -_ZIP_REACH) >= 0:
        return "zip"
    return ""


@dataclass(slots=True, eq=False)
class Course:
    """What one content has given so far: the texts, the documents, and how many octets it may still give."""

    left: int
    seen: set[str] = field(default_factory=set)
    documents: list[tuple[str, Source]] = field(default_factory=list)
    begun: dict[int, list[Source]] = field(default_factory=dict)
    """The documents by where they begin."""

    @classmethod
    def over(cls, data: bytes) -> Course:
        """Begin to read ``data``."""
        return cls(max(MAX_GROWTH * len(data), MIN_SHARE))

    def spend(self, octets: int) -> None:
        """Count what was decoded; raises LimitExceededError beyond the limit."""
        self.left -= octets
        if self.left < 0:
            raise LimitExceededError("max_decoded_growth")
