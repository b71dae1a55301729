"""Legacy Office files (doc, xls, ppt) and other compound files: read, never written.

In: a compound file. Out: what its applications show, storage by storage ([MS-DOC], [MS-XLS], [MS-PPT]; embedded
objects have storages of their own), what ``strings`` shows of every stream (properties, remnants of fast saves, what
an application keeps and does not show), packages and pictures as embedded documents.

``rewrite`` raises DamagedError("cannot-rewrite"): a file of this kind with a finding is replaced or held. Encrypted
ones are unreadable (EncryptedPackage, [MS-OFFCRYPTO] 2.3; flags in the formats themselves).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import compound, container, excel, powerpoint, strings, vba, word
from pansentry.formats.compound import Compound, Path, Shown
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.outcome import Unreadable

_MAX_PICTURES: Final = 200
_ENCRYPTED: Final = ("EncryptedPackage",)
_PACKAGES: Final = ("Package", "EmbeddedOdf", "CONTENTS")
_NATIVE: Final = "\x01Ole10Native"
_LINES: Final = "\n;\n"

Read = Callable[[Compound, Path], Shown]
_READERS: Final[tuple[tuple[str, Read], ...]] = (  # a stream that tells the application, and its reader
    ("WordDocument", word.texts),
    ("Workbook", excel.texts),
    ("Book", excel.texts),
    ("PowerPoint Document", powerpoint.texts),
    ("dir", vba.texts),
)


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what a reader sees. Raises DamagedError, LimitExceededError."""
    file = compound.read(data, limits)
    budget = container.Budget(limits)
    texts: list[tuple[str, str]] = []
    unreadable: list[Unreadable] = []
    embedded: list[tuple[bytes, str, str]] = []
    rest = dict(file.streams)
    for storage in file.storages():
        names = {name for name, _ in file.under(storage)}
        if any(name in names for name in _ENCRYPTED):
            raise DamagedError("encrypted")
        for name, read in _READERS:
            if name in names:
                try:
                    shown = read(file, storage)
                    texts += shown.texts
                    rest[(*storage, shown.stream)] = shown.rest(rest.get((*storage, shown.stream), b""))
                except DamagedError as error:
                    unreadable.append(Unreadable(error.reason, "embedded" if storage else "document"))
    for path, stream in file.streams.items():
        budget.spend(len(stream))
        texts.append((strings.strings(rest[path]), "stream"))
        embedded += _inside(path[-1], stream, budget)
    passages = tuple(Passage(key, text, place) for key, (text, place) in enumerate(texts) if text)
    found = tuple(Embedded(key, content, name, place) for key, (content, name, place) in enumerate(embedded))
    return Extract(passages, found, tuple(unreadable))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _inside(name: str, stream: bytes, budget: container.Budget) -> Iterator[tuple[bytes, str, str]]:
    """Yield the documents in one stream: content, name, place."""
    if name in _PACKAGES and stream:
        yield stream, "", "embedded"
    elif name == _NATIVE:
        yield native(stream), "", "embedded"
    elif name == "PowerPoint Document":
        for packed in powerpoint.objects(stream):
            try:
                yield container.inflate(packed, budget, zlib.MAX_WBITS), "", "embedded"
            except DamagedError:
                yield packed, "", "embedded"
    if name not in _PACKAGES and name != _NATIVE:
        for picture in strings.pictures(stream):
            yield picture, "", "picture"


def native(stream: bytes) -> bytes:
    """Return the file in a packager's stream ([MS-OLEDS] 2.3.6): label, path, temporary path, size, content."""
    at = 6
    for _ in range(2):
        at = stream.find(b"\0", at) + 1
        if not at:
            return stream
    at += 4
    size = int.from_bytes(stream[at : at + 4], "little")
    at += 4 + size
    length = int.from_bytes(stream[at : at + 4], "little")
    content = stream[at + 4 : at + 4 + length]
    return content if content and len(content) == length else stream
