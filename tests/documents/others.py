"""Books, mailboxes and metafiles: one function a trick, each with the number somewhere in it.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``; what is kept says ``KEPT``. A metafile is a picture of a
Word document here; with a finding it is replaced by an empty picture.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from tests.documents import texts
from tests.documents.packages import KEPT, START, spaced, zipped

Maker = Callable[[str, random.Random], bytes]


def book(n: str, rng: random.Random) -> bytes:
    page = f'{START}<html xmlns="http://www.w3.org/1999/xhtml"><body><p>card <b>{n[:4]}</b>{n[4:]}</p>'
    page += f"<p>{KEPT}</p></body></html>"
    rows = '<rootfile full-path="p.opf" media-type="application/oebps-package+xml"/>'
    space = "urn:oasis:names:tc:opendocument:xmlns:container"
    box = f'{START}<container xmlns="{space}" version="1.0"><rootfiles>{rows}</rootfiles></container>'
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": box,
        "p.opf": "<package/>",
        "one.xhtml": page,
    }
    return zipped(parts, stored=("mimetype",))


def _mail(subject: str, body: str) -> str:
    return f"From a@example.com Mon Jan  5 10:00:00 2026\nFrom: a@example.com\nSubject: {subject}\n\n{body}\n\n"


def mailbox(n: str, rng: random.Random) -> bytes:
    return (_mail("one", KEPT) + _mail("two", f"my card {spaced(n)}\n\n>From here on") + _mail("three", "bye")).encode()


def mailbox_crlf(n: str, rng: random.Random) -> bytes:
    return (_mail(f"card {n}", "see subject") + _mail("two", KEPT)).replace("\n", "\r\n").encode()


def _record(kind: int, content: bytes) -> bytes:
    content += bytes(-len(content) % 4)
    return struct.pack("<LL", kind, 8 + len(content)) + content


def enhanced(*pieces: str, line: int = 10) -> bytes:
    """Return an EMF file that draws these texts on one line."""
    head = struct.pack("<LL", 1, 88) + bytes(32) + b" EMF" + bytes(44)
    out = head
    for index, piece in enumerate(pieces):
        raw = piece.encode("utf-16-le")
        body = bytes(28) + struct.pack("<llLLL", 10 * index, line, len(piece), 76, 0) + bytes(20)
        out += _record(84, body + raw)
    return out + _record(14, bytes(12))


def windows(*pieces: str) -> bytes:
    """Return a placeable WMF file that draws these texts on one line."""
    out = b"\xd7\xcd\xc6\x9a" + bytes(18) + bytes(18)
    for piece in pieces:
        raw = piece.encode("cp1252")
        body = struct.pack("<hhHH", 5, 5, len(raw), 0) + raw + bytes(len(raw) % 2)
        out += struct.pack("<LH", 3 + len(body) // 2, 0x0A32) + body
    return out + struct.pack("<LH", 3, 0)


def _pictured(name: str, picture: bytes) -> bytes:
    body = texts.p(texts.run("see picture"))
    return texts.document(body, {f"word/media/{name}": picture}, (("image", f"media/{name}"),))


def metafile(n: str, rng: random.Random) -> bytes:
    return _pictured("image1.emf", enhanced("card ", n[:4], n[4:]))


def metafile_by_glyph(n: str, rng: random.Random) -> bytes:
    return _pictured("image1.emf", enhanced(*f"card {spaced(n)}"))


def old_metafile(n: str, rng: random.Random) -> bytes:
    return _pictured("image1.wmf", windows("card", spaced(n)))


TRICKS: dict[str, Maker] = {
    make.__name__: make for make in (book, mailbox, mailbox_crlf, metafile, metafile_by_glyph, old_metafile)
}
