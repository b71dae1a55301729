"""A document that is a ZIP of parts: what Office Open XML and OpenDocument have in common.

In: bytes. Out: :class:`Package`: parts that are XML, parts that are something else, names and comments; and back, with
every part that was not edited as it was, raw bytes, order and compression. Standards: ECMA-376-2 (OPC), ODF 1.3 part 2.

Such a document must have one reading: two parts of one name, members that the directory does not name or that say
something else in their local header are damage, never a matter of taste (ECMA-376-2 §6.2.2, §7.3).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pansentry.errors import DamagedError
from pansentry.formats import container, markup, plain
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.woven import READ_ONLY, Woven, visual
from pansentry.outcome import Unreadable

if TYPE_CHECKING:
    from pansentry.formats.markup import Markup

_GAPS: Final = -1  # and below: one key for each stretch of bytes that belongs to no member
_MIN_GAP_BYTES: Final = 8
_MIN_DIGITS: Final = 8
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[ \t\r\n\0]*<\0?[?!A-Za-z_]")
_SIGNATURES: Final = ("_xmlsignatures/", "meta-inf/documentsignatures.xml", "meta-inf/macrosignatures.xml")
_PICTURES: Final = re.compile(r"\.(?:png|jpe?g|jpe|jfif|gif|bmp|dib|tiff?|webp|emf|wmf|emz|wmz|ico|wdp|heic)\Z", re.I)
_TAGS: Final = re.compile(rb"<[^>]*>")
BLANK_PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)
"""A picture of one transparent pixel; readers go by its content, not by the name of the part."""
_METAFILES: Final = {  # files that draw nothing ([MS-EMF] 2.3.4.2, 2.3.4.1; [MS-WMF] 2.3.2.3, 2.3.2.2, 2.3.2.1)
    ".emf": struct.pack("<10L", 1, 88, 0, 0, 1, 1, 0, 0, 100, 100)
    + struct.pack("<4L2H7L", 0x464D4520, 0x10000, 108, 2, 1, 0, 0, 0, 0, 1024, 768, 320, 240)
    + struct.pack("<5L", 14, 20, 0, 16, 20),
    ".wmf": struct.pack("<LH4hHLH", 0x9AC6CDD7, 0, 0, 0, 100, 100, 96, 0, 0x5771)
    + struct.pack("<3HLHLH", 1, 9, 0x300, 12, 0, 3, 0)
    + struct.pack("<LH", 3, 0),
}


@dataclass(slots=True)
class Part:
    """An XML part. ``root`` is the local name of its root element, ``space`` the namespace."""

    index: int
    name: str
    markup: Markup
    root: str
    space: str


@dataclass(slots=True)
class Package:
    """The members of a document."""

    archive: container.Container
    parts: list[Part] = field(default_factory=list)
    others: list[Embedded] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def named(self, suffix: str) -> Part | None:
        """Return the first XML part whose name ends in ``suffix``."""
        return next((part for part in self.parts if part.name.lower().endswith(suffix)), None)

    def rooted(self, *roots: str) -> Iterator[Part]:
        """Yield the XML parts with one of these root elements."""
        return (part for part in self.parts if part.root in roots)


def read(data: bytes, limits: DocumentLimits) -> Package:
    """Open a document. Raises DamagedError, LimitExceededError."""
    budget = container.Budget(limits)
    archive = container.read(data, limits, budget)
    names = [member.name.lower().lstrip("/") for member in archive.members]
    if archive.hidden or len(set(names)) != len(names) or any(member.disagrees for member in archive.members):
        raise DamagedError("damaged")
    package = Package(archive)
    for member in archive.members:
        if member.is_folder:
            continue
        place = _place(member.name)
        try:
            content = container.content(archive, member, budget)
        except DamagedError as error:
            package.unreadable.append(Unreadable(error.reason, place))
            continue
        if _MARKUP.match(content) and not member.name.lower().endswith((".html", ".htm", ".svg", ".rtf", ".mht")):
            _add(package, member, content, place)
        elif content:
            package.others.append(Embedded(member.index, content, member.name, place))
    for number, (start, end) in enumerate(archive.gaps):
        if end - start >= _MIN_GAP_BYTES:
            budget.spend(end - start)
            package.others.append(Embedded(_GAPS - number, data[start:end], "", "beside the parts"))
    return package


def _add(package: Package, member: container.Member, content: bytes, place: str) -> None:
    """Add a part that begins like XML; one that is not well formed is read as any other markup."""
    try:
        part = markup.read(content, doctype=True)
    except DamagedError as error:
        if error.reason != "xml":
            raise
        package.others.append(Embedded(member.index, content, member.name, place))
        return
    first = next((t for t in markup.tokens(part.text) if t.kind is markup.Kind.START), None)
    assert first is not None
    written = part.text[first.start + 1 : first.end].split(":")[0] if ":" in _tag_name(part.text, first) else ""
    space = ""
    for attribute in markup.attributes(part.text, first):
        if attribute.name == (f"xmlns:{written}" if written else "xmlns"):
            space = part.text[attribute.start : attribute.end]
    package.parts.append(Part(member.index, member.name, part, first.name, space))


def _tag_name(text: str, token: markup.Token) -> str:
    return text[token.start + 1 : token.attributes[0]]


def _place(name: str) -> str:
    folded = name.lower()
    if "thumbnail" in folded:
        return "thumbnail"
    if _PICTURES.search(folded):
        return "picture"
    return "embedded"


def said(package: Package) -> list[tuple[Woven, str]]:
    """Return what stands in names, comments and extra fields; none of it can be written."""
    names, notes = Woven(), Woven()
    for member in package.archive.members:
        names.keep(member.name, READ_ONLY, 0)
        names.make_up("\n;\n")
        if member.comment:
            notes.keep(plain.read(member.comment)[0], READ_ONLY, 0)
            notes.make_up("\n;\n")
        if sum(48 <= byte <= 57 for byte in member.extra) >= _MIN_DIGITS:
            notes.keep(member.extra.decode("latin-1"), READ_ONLY, 0)
            notes.make_up("\n;\n")
    notes.keep(plain.read(package.archive.comment)[0], READ_ONLY, 0)
    return [(names, "names of parts"), (notes, "comments of the archive")]


def extracted(package: Package, texts: Sequence[tuple[Woven, str]], joined: Sequence[tuple[int, ...]] = ()) -> Extract:
    """Return passages with their position as key; ``joined`` are groups that are also read in a row."""
    passages = tuple(Passage(key, woven.text, place) for key, (woven, place) in enumerate(texts) if woven.length)
    groups = [tuple(key for key in group if texts[key][0].length) for group in joined]
    rows = tuple(group for group in groups if len(group) > 1)
    return Extract(passages, tuple(package.others), tuple(package.unreadable), rows, _is_signed(package))


def _is_signed(package: Package) -> bool:
    """Say whether a signature covers the package (ECMA-376-2 §10; ODF 1.3 part 2 §4.16)."""
    names = (member.name.lower().lstrip("/") for member in package.archive.members)
    return any(name.startswith(_SIGNATURES) for name in names)


def turned(texts: Sequence[tuple[Woven, str]]) -> list[tuple[Woven, str]]:
    """Return the passages with an override of direction once more, in the order of the screen."""
    found = ((visual(woven), place) for woven, place in texts)
    return [(woven, place) for woven, place in found if woven is not None]


def lower(texts: Sequence[tuple[Woven, str]], cuts: Cuts) -> None:
    """Give the cuts to the places that the passages were read from."""
    for key, edits in cuts.items():
        texts[key][0].lower(edits)


def written(package: Package, replaced: Replaced) -> bytes:
    """Return the document with edited parts and what was replaced. Raises DamagedError."""
    changes = {part.index: container.Change(part.markup.finish()) for part in package.parts if part.markup.is_edited}
    archive = package.archive
    prefix: bytes | None = None
    force = False
    for key, new in replaced.items():
        if key <= _GAPS:
            force = True
            prefix = b"" if archive.gaps[_GAPS - key][0] == 0 else prefix
        else:
            name = archive.members[key].name
            changes[key] = container.Change(_in_place_of(name) if new is None else new)
    return container.write(archive, changes, prefix=prefix, comment=archive.comment if force else None)


def _in_place_of(name: str) -> bytes:
    if name.lower().endswith("vbaproject.bin"):
        raise DamagedError(CANNOT_REWRITE)  # macros are not ours to take out
    if name.lower().endswith(tuple(_METAFILES)):
        return _METAFILES[name.lower()[-4:]]
    return BLANK_PICTURE if _PICTURES.search(name) else TAKEN_OUT.encode("ascii")


def streams(data: bytes, limits: DocumentLimits) -> Iterator[bytes]:
    """Yield every member inflated, and XML ones with their tags gone: what the proof searches for digits."""
    budget = container.Budget(limits)
    archive = container.read(data, limits, budget)
    for member in archive.members:
        try:
            content = container.content(archive, member, budget)
        except DamagedError:
            continue
        yield content
        if _MARKUP.match(content):
            yield _TAGS.sub(b"", content)
