"""Documents that are built to hurt, made cheaply: what unpacks to gigabytes is a few kilobytes repeated.

``BOMBS`` maps a name to a function without arguments. Sources: 42.zip; Fifield, A better zip bomb (WOOT 2019);
CVE-2003-1564 (billion laughs); pypdf 3429 (stacked filters); CVE-2026-24688 (circular references).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.documents import foreign_archives
from tests.documents.pdfs import Pdf


def zeros(gibibytes: float) -> bytes:
    """Return a raw deflate stream of so many gibibytes of NULs, by repeating a megabyte of it."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = machine.compress(bytes(1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH)
    return megabyte * int(gibibytes * 1024) + b"\x03\x00"


def packed(name: bytes, deflated: bytes, size: int) -> bytes:
    """Return a ZIP with one member of a ready-made deflate stream."""
    return members([(name, deflated, size)])


def members(content: list[tuple[bytes, bytes, int]]) -> bytes:
    """Return a ZIP of ready-made deflate streams: name, stream, stated size."""
    out, directory = bytearray(), bytearray()
    for name, deflated, size in content:
        at = len(out)
        sizes = (0, len(deflated), min(size, 0xFFFFFFFE))
        out += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *sizes, len(name), 0) + name + deflated
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, *sizes, len(name), 0, 0, 0, 0, 0, at)
        directory += name
    count = min(len(content), 0xFFFF)
    return bytes(out + directory) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(out), 0)


def forty_two() -> bytes:
    """Sixteen archives in each of sixteen, five levels deep, 4 GiB at the bottom of each."""
    inner = packed(b"0.dll", zeros(4), 4 << 30)
    for level in range(5):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{level}{number:x}.zip", inner)
        inner = out.getvalue()
    return inner


def nested_apart() -> bytes:
    """The same with levels that differ, so that nothing is the same twice."""
    inner = [packed(b"%d.txt" % number, zeros(0.05), 50 << 20) for number in range(4)]
    for level in range(4):
        again = []
        for number in range(4):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                for index, one in enumerate(inner):
                    archive.writestr(f"{level}-{number}-{index}.zip", one)
            again.append(out.getvalue())
        inner = again
    return inner[0]


def ten_gigabytes() -> bytes:
    return packed(b"a.txt", zeros(10), 10 << 30)


def ten_gigabytes_gz() -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(10) + bytes(8)


def overlapping() -> bytes:
    """One stream of zeros that a hundred entries of the directory share."""
    body = zeros(0.1)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(body), 100 << 20, 1, 0) + b"a" + body
    entry = (
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, len(body), 100 << 20, 1, 0, 0, 0, 0, 0, 0) + b"a"
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 100, 100, 100 * len(entry), len(local), 0)
    return local + 100 * entry + end


def ten_gigabytes_7z() -> bytes:
    return foreign_archives.zeros_in_seven_zip(10 << 10)


def many_members() -> bytes:
    empty = b"\x03\x00"
    return members([(b"%06d.txt" % number, empty, 0) for number in range(100_000)])


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + "]><lolz>&lol9;</lolz>"
).encode()


def laughs() -> bytes:
    return LAUGHS


def laughs_in_docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", LAUGHS)
    return out.getvalue()


def million_pages() -> bytes:
    """Twenty levels of page tree nodes, each of which names the next one twice."""
    pdf = Pdf()
    page = pdf.page(b"BT /F1 12 Tf 72 700 Td (Hi) Tj ET")
    node = page
    for level in range(20):
        node = pdf.add(b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count %d >>" % (node, node, 2 ** (level + 1)))
    pdf.pages = [node]
    return pdf.bytes()


def million_kids() -> bytes:
    pdf = Pdf()
    page = pdf.page(b"BT /F1 12 Tf 72 700 Td (Hi) Tj ET")
    pdf.pages = [page] * 1_000_000
    return pdf.bytes()


def page_loop() -> bytes:
    pdf = Pdf()
    pdf.page(b"BT /F1 12 Tf 72 700 Td (Hi) Tj ET")
    pdf.pages.append(2)
    return pdf.bytes()


def form_loop() -> bytes:
    """A form that draws itself."""
    pdf = Pdf()
    number = len(pdf.objects) + 1
    form = pdf.stream(
        b"/X1 Do /X1 Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X1 %d 0 R >> >>" % number,
    )
    pdf.page(b"q /X1 Do Q", b"/XObject << /X1 %d 0 R >>" % form)
    return pdf.bytes()


def form_tower() -> bytes:
    """Forms that each draw the one below twice, forty levels high."""
    pdf = Pdf()
    form = pdf.stream(b"0 0 m", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    for _ in range(40):
        form = pdf.stream(
            b"/X1 Do /X1 Do",
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X1 %d 0 R >> >>" % form,
        )
    pdf.page(b"q /X1 Do Q", b"/XObject << /X1 %d 0 R >>" % form)
    return pdf.bytes()


def reference_loop() -> bytes:
    """Lengths, contents and cross-references that point at themselves."""
    pdf = Pdf()
    pdf.page(b"BT /F1 12 Tf 72 700 Td (Hi) Tj ET")
    length = len(pdf.objects) + 1
    pdf.add(b"<< /Length %d 0 R >>\nstream\nx\nendstream" % length)
    pdf.add(b"%d 0 R" % (length + 1))
    pdf.catalog = b"/Outlines %d 0 R /Dests %d 0 R" % (length + 1, length + 1)
    data = pdf.bytes()
    start = data.rsplit(b"startxref\n", 1)[1].split()[0]
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev " + start)


def stacked_filters() -> bytes:
    """A stream that is deflated five times over: a petabyte in a few kilobytes."""
    body = zlib.compress(bytes(64 << 20), 9)
    for _ in range(4):
        body = zlib.compress(body * 64, 9)
    pdf = Pdf()
    font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    filters = b" ".join([b"/FlateDecode"] * 5)
    contents = pdf.add(b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (len(body), filters, body))
    resources = b"/Resources << /Font << /F1 %d 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R " + resources + b" >>"
    pdf.pages.append(pdf.add(page % (contents, font)))
    return pdf.bytes()


def huge_stream() -> bytes:
    """A page of ten gigabytes of blanks."""
    machine = zlib.compressobj(9)
    head = machine.compress(b" ") + machine.flush(zlib.Z_FULL_FLUSH)
    body = head + zeros(10)
    pdf = Pdf()
    contents = pdf.add(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(body), body))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << >> >>"
    pdf.pages.append(pdf.add(page % contents))
    return pdf.bytes()


def huge_page() -> bytes:
    """A page of a kilometre by a kilometre, with a number on it: drawing it takes a picture."""
    pdf = Pdf()
    pdf.page(b"BT /F1 12 Tf 72 700 Td (Visa 4111 1111 1111 1111) Tj ET", box=b"0 0 2834645 2834645")
    return pdf.bytes()


def huge_picture() -> bytes:
    """A PNG of 30,000 by 30,000 black pixels."""
    rows = zlib.compress(bytes(3751 * 30_000), 9)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">2L5B", 30_000, 30_000, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def huge_picture_in_pdf() -> bytes:
    body = zlib.compress(bytes(3750 * 30_000), 9)
    pdf = Pdf()
    image = pdf.add(
        b"<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray /BitsPerComponent 1 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(body), body)
    )
    pdf.page(b"q 500 0 0 500 0 0 cm /I1 Do Q", b"/XObject << /I1 %d 0 R >>" % image)
    return pdf.bytes()


BOMBS: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker
    for maker in (
        forty_two, nested_apart, ten_gigabytes, ten_gigabytes_gz, ten_gigabytes_7z, overlapping, many_members,
        laughs, laughs_in_docx,
        million_pages, million_kids, page_loop, form_loop, form_tower, reference_loop, stacked_filters, huge_stream,
        huge_page, huge_picture, huge_picture_in_pdf,
    )
}  # fmt: skip
