"""PDF documents made by hand, byte by byte: one function a trick, each with the number somewhere in it.

Written without the libraries that read them, but for what only a library can do (object streams, encryption,
linearisation). ``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``; every document has a second page that says
``KEPT``, which has to stay as it is.
"""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable

KEPT = "Order 12345 of Monday stays."
Maker = Callable[[str, random.Random], bytes]
_HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def spaced(number: str) -> str:
    """Return the number in groups of four."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


class Pdf:
    """Objects in the order they are added; 1 is the catalog, 2 the page tree."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b"", b""]
        self.pages: list[int] = []
        self.catalog = b""
        self.trailer = b""

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data: bytes, more: bytes = b"", *, pack: bool = True) -> int:
        body = zlib.compress(data) if pack else data
        head = b"<< /Length %d %s%s >>" % (len(body), b"/Filter /FlateDecode " if pack else b"", more)
        return self.add(head + b"\nstream\n" + body + b"\nendstream")

    def page(self, content: bytes, resources: bytes = b"", more: bytes = b"", box: bytes = b"0 0 595 842") -> int:
        font = self.add(_HELVETICA)
        contents = self.stream(content)
        number = self.add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents %d 0 R "
            b"/Resources << /Font << /F1 %d 0 R >> %s >> %s >>" % (box, contents, font, resources, more)
        )
        self.pages.append(number)
        return number

    def bytes(self) -> bytes:
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        self.objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % self.catalog
        self.objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(self.pages))
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
            len(offsets) + 1,
            self.trailer,
            start,
        )
        return bytes(out)


def _kept(pdf: Pdf) -> Pdf:
    pdf.page(b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % KEPT.encode())
    return pdf


def _page(content: bytes, **more: bytes) -> bytes:
    pdf = Pdf()
    pdf.page(content, **more)
    return _kept(pdf).bytes()


def _line(text: str, x: int = 72, y: int = 760, size: int = 12) -> bytes:
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET\n" % (size, x, y, text.encode("latin-1"))


def plain(number: str, rng: random.Random) -> bytes:
    return _page(_line("Dear shop,") + _line(f"my Visa card: {spaced(number)}", y=740) + _line("Thank you", y=720))


def glyphs(number: str, rng: random.Random) -> bytes:
    """Every glyph is placed on its own."""
    text, x, out = f"card {spaced(number)}", 72.0, b""
    for letter in text:
        out += b"BT /F1 12 Tf 1 0 0 1 %.2f 700 Tm (%s) Tj ET\n" % (x, letter.encode())
        x += 7.2
    return _page(out)


def kerned(number: str, rng: random.Random) -> bytes:
    parts = b" ".join(b"(%s) %d" % (digit.encode(), rng.randint(-60, 60)) for digit in spaced(number))
    return _page(b"BT /F1 12 Tf 72 700 Td (Visa ) Tj [%s] TJ ET" % parts)


def hexadecimal(number: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 12 Tf 72 700 Td <%s> Tj ET" % f"Visa {spaced(number)}".encode().hex().encode())


def octal(number: str, rng: random.Random) -> bytes:
    escaped = "".join(f"\\{ord(letter):03o}" for letter in f"Visa {number}")
    return _page(b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % escaped.encode())


def rotated(number: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 12 Tf 0 1 -1 0 300 300 Tm (Visa %s) Tj ET" % spaced(number).encode())


def tilted(number: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 12 Tf 0.7071 0.7071 -0.7071 0.7071 200 300 Tm (Visa %s) Tj ET" % spaced(number).encode())


def page_turned(number: str, rng: random.Random) -> bytes:
    return _page(_line(f"Visa {spaced(number)}"), more=b"/Rotate 90")


def cropped(number: str, rng: random.Random) -> bytes:
    return _page(_line(f"Visa {spaced(number)}", x=150, y=500), more=b"/CropBox [100 200 500 700]")


def scrambled(number: str, rng: random.Random) -> bytes:
    """The glyphs are drawn in any order; an eye reads them from left to right."""
    places = list(enumerate(f"Visa {spaced(number)}"))
    rng.shuffle(places)
    return _page(
        b"".join(
            b"BT /F1 12 Tf 1 0 0 1 %d 700 Tm (%s) Tj ET\n" % (72 + 8 * i, letter.encode())
            for i, letter in places
            if letter != " "
        )
    )


def groups_backwards(number: str, rng: random.Random) -> bytes:
    out, x = b"", 300
    for group in reversed(spaced(number).split()):
        out += _line(group, x=x)
        x -= 40
    return _page(_line("card number", x=60) + out)


def hidden_mode(number: str, rng: random.Random) -> bytes:
    return _page(b"BT 3 Tr /F1 12 Tf 72 700 Td (Visa %s) Tj ET" % spaced(number).encode() + _line("Hello there"))


def white(number: str, rng: random.Random) -> bytes:
    return _page(b"1 g\n" + _line(f"Visa {spaced(number)}") + b"0 g\n" + _line("Hello there", y=600))


def off_page(number: str, rng: random.Random) -> bytes:
    return _page(_line(f"Visa {spaced(number)}", x=900, y=1200) + _line("Hello there"))


def clipped(number: str, rng: random.Random) -> bytes:
    return _page(b"q 0 0 10 10 re W n\n" + _line(f"Visa {spaced(number)}") + b"Q\n" + _line("Hello there", y=600))


def covered(number: str, rng: random.Random) -> bytes:
    """A black box over the text: the fake redaction that everybody can copy from."""
    return _page(_line(f"Visa {spaced(number)}") + b"0 g 60 750 300 30 re f\n" + _line("Hello there", y=600))


def layer_off(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    group = pdf.add(b"<< /Type /OCG /Name (Secret) >>")
    pdf.page(
        b"/OC /L1 BDC\n" + _line(f"Visa {spaced(number)}") + b"EMC\n" + _line("Hello there", y=600),
        b"/Properties << /L1 %d 0 R >>" % group,
    )
    pdf.catalog = b"/OCProperties << /OCGs [%d 0 R] /D << /OFF [%d 0 R] /Order [] >> >>" % (group, group)
    return _kept(pdf).bytes()


def in_form(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    form = pdf.stream(
        _line(f"Visa {spaced(number)}"),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    pdf.page(b"q /X1 Do Q", b"/XObject << /X1 %d 0 R >>" % form)
    return _kept(pdf).bytes()


def two_lines(number: str, rng: random.Random) -> bytes:
    return _page(_line(f"card number {spaced(number)[:9]}") + _line(f"{spaced(number)[10:]} expires 09/28", y=745))


def field(number: str, rng: random.Random) -> bytes:
    """A form field with its appearance."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    look = pdf.stream(
        b"/Tx BMC q BT /F1 12 Tf 2 5 Td (%s) Tj ET Q EMC" % spaced(number).encode(),
        b"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    widget = pdf.add(
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (card) /TU (Card number) /V (%s) /DV (%s) /Rect [72 700 372 720] "
        b"/AP << /N %d 0 R >> /DA (/F1 12 Tf 0 g) /F 4 >>" % (number.encode(), number.encode(), look)
    )
    pdf.page(_line("Order form"), more=b"/Annots [%d 0 R]" % widget)
    pdf.catalog = b"/AcroForm << /Fields [%d 0 R] /DR << /Font << /F1 %d 0 R >> >> >>" % (widget, font)
    return _kept(pdf).bytes()


def four_fields(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    widgets = [
        pdf.add(
            b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (n%d) /V (%s) /Rect [%d 700 %d 720] /F 4 >>"
            % (i, number[4 * i : 4 * i + 4].encode(), 72 + 60 * i, 122 + 60 * i)
        )
        for i in range(4)
    ]
    listed = b" ".join(b"%d 0 R" % widget for widget in widgets)
    pdf.page(_line("Visa card number"), more=b"/Annots [%s]" % listed)
    pdf.catalog = b"/AcroForm << /Fields [%s] >>" % listed
    return _kept(pdf).bytes()


def note(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    annotation = pdf.add(
        b"<< /Type /Annot /Subtype /Text /Rect [72 700 92 720] /Contents (my Visa is %s) >>" % spaced(number).encode()
    )
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % annotation)
    return _kept(pdf).bytes()


def stamp(number: str, rng: random.Random) -> bytes:
    """An annotation that shows the number by its appearance only."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    look = pdf.stream(
        b"BT /F1 12 Tf 2 5 Td (Visa %s) Tj ET" % spaced(number).encode(),
        b"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    annotation = pdf.add(b"<< /Type /Annot /Subtype /Stamp /Rect [72 600 372 620] /AP << /N %d 0 R >> /F 4 >>" % look)
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % annotation)
    return _kept(pdf).bytes()


def link(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    annotation = pdf.add(
        b"<< /Type /Annot /Subtype /Link /Rect [72 700 92 720] "
        b"/A << /S /URI /URI (https://shop.example/pay?card=%s) >> >>" % number.encode()
    )
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % annotation)
    return _kept(pdf).bytes()


def title(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    info = pdf.add(b"<< /Title (Visa %s) /Producer (by hand) >>" % spaced(number).encode())
    pdf.trailer = b"/Info %d 0 R" % info
    return _kept(pdf).bytes()


def wide_title(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    text = (b"\xfe\xff" + f"Kreditkarte {spaced(number)}".encode("utf-16-be")).hex().encode()
    pdf.trailer = b"/Info %d 0 R" % pdf.add(b"<< /Title <%s> /Producer (by hand) >>" % text)
    return _kept(pdf).bytes()


def xmp(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    packet = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>Visa card '
        f'{spaced(number)}</dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    meta = pdf.stream(packet.encode(), b"/Type /Metadata /Subtype /XML", pack=False)
    pdf.catalog = b"/Metadata %d 0 R" % meta
    return _kept(pdf).bytes()


def attachment(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    inner = pdf.stream(f"my Visa is {spaced(number)}\n".encode(), b"/Type /EmbeddedFile")
    spec = pdf.add(b"<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F %d 0 R >> >>" % inner)
    pdf.catalog = b"/Names << /EmbeddedFiles << /Names [(a.txt) %d 0 R] >> >>" % spec
    return _kept(pdf).bytes()


def old_revision(number: str, rng: random.Random) -> bytes:
    """The number is in the first revision; the second replaces the page's content."""
    pdf = Pdf()
    pdf.page(_line(f"Visa {spaced(number)}"))
    first = _kept(pdf).bytes()
    contents = next(i for i, body in enumerate(pdf.objects, 1) if b"stream" in body)
    body = _line("Nothing to see here")
    out = bytearray(first)
    offset = len(out)
    out += b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (contents, len(body), body)
    start = len(out)
    before = int(first.rsplit(b"startxref\n", 1)[1].split()[0])
    out += b"xref\n%d 1\n%010d 00000 n \n" % (contents, offset)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(pdf.objects) + 1,
        before,
        start,
    )
    return bytes(out)


def outline(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    page = pdf.page(_line("Hello there"))
    root = len(pdf.objects) + 2
    item = pdf.add(b"<< /Title (Visa %s) /Parent %d 0 R /Dest [%d 0 R /Fit] >>" % (spaced(number).encode(), root, page))
    pdf.add(b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count 1 >>" % (item, item))
    pdf.catalog = b"/Outlines %d 0 R" % root
    return _kept(pdf).bytes()


def script(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    pdf.catalog = b"/OpenAction << /S /JavaScript /JS (app.alert\\('Visa card %s'\\);) >>" % spaced(number).encode()
    return _kept(pdf).bytes()


def script_stream(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    code = pdf.stream(f"app.alert('Visa card {spaced(number)}');".encode())
    pdf.catalog = b"/OpenAction << /S /JavaScript /JS %d 0 R >>" % code
    return _kept(pdf).bytes()


def destination(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    page = pdf.page(_line("Hello there"))
    pdf.catalog = b"/Dests << /Visa%s [%d 0 R /Fit] >> /Names << /Dests << /Names [(Visa %s) [%d 0 R /Fit]] >> >>" % (
        number.encode(),
        page,
        number.encode(),
        page,
    )
    return _kept(pdf).bytes()


def page_label(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    pdf.catalog = b"/PageLabels << /Nums [0 << /P (Visa %s ) /S /D >>] >>" % spaced(number).encode()
    return _kept(pdf).bytes()


def structure(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    page = pdf.page(_line("Hello there"))
    root = len(pdf.objects) + 2
    element = pdf.add(
        b"<< /Type /StructElem /S /P /P %d 0 R /Pg %d 0 R /ActualText (Visa %s) >>"
        % (root, page, spaced(number).encode())
    )
    pdf.add(b"<< /Type /StructTreeRoot /K [%d 0 R] >>" % element)
    pdf.catalog = b"/StructTreeRoot %d 0 R /MarkInfo << /Marked true >>" % root
    return _kept(pdf).bytes()


def coded(number: str, rng: random.Random) -> bytes:
    """A subset font of its own codes, with the table that says what they are (ToUnicode)."""
    return _coded(number, rng, with_table=True)


def coded_without_table(number: str, rng: random.Random) -> bytes:
    """The same without the table: only a picture of the page would tell. Not among the tricks that must be read."""
    return _coded(number, rng, with_table=False)


def _coded(number: str, rng: random.Random, *, with_table: bool) -> bytes:
    text = f"Visa {spaced(number)}"
    letters = sorted(set(text))
    codes = list(range(33, 33 + len(letters)))
    rng.shuffle(codes)
    code_of = dict(zip(letters, codes, strict=True))
    rows = "\n".join(f"<{code:02x}> <{ord(letter):04x}>" for letter, code in code_of.items())
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <00> <ff> endcodespacerange {len(letters)} beginbfchar\n{rows}\nendbfchar "
        "endcmap end end"
    )
    pdf = Pdf()
    boxes = b" ".join(b"/g%d %d 0 R" % (code, pdf.stream(b"600 0 d0 0 0 500 700 re f")) for code in codes)
    differences = b" ".join(b"%d /g%d" % (code, code) for code in sorted(codes))
    to_unicode = b"/ToUnicode %d 0 R" % pdf.stream(table.encode()) if with_table else b""
    font = pdf.add(
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33 "
        b"/LastChar %d /Widths [%s] /CharProcs << %s >> /Encoding << /Type /Encoding /Differences [%s] >> "
        b"/Resources << >> %s >>" % (32 + len(codes), b"600 " * len(codes), boxes, differences, to_unicode)
    )
    coded_text = bytes(code_of[letter] for letter in text)
    content = b"BT /F2 12 Tf 72 700 Td <%s> Tj ET" % coded_text.hex().encode()
    contents = pdf.stream(content)
    pdf.pages.append(
        pdf.add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F2 %d 0 R >> >> >>" % (contents, font)
        )
    )
    return _kept(pdf).bytes()


def prefixed(number: str, rng: random.Random) -> bytes:
    return b"HTTP/1.1 200 OK\r\n\r\n" + plain(number, rng)


def object_streams(number: str, rng: random.Random) -> bytes:
    import pikepdf

    return _saved(title(number, rng), object_stream_mode=pikepdf.ObjectStreamMode.generate)


def linearised(number: str, rng: random.Random) -> bytes:
    return _saved(plain(number, rng), linearize=True)


def encrypted(number: str, rng: random.Random) -> bytes:
    """Encrypted, and open to everybody: the user password is empty."""
    import pikepdf

    return _saved(plain(number, rng), encryption=pikepdf.Encryption(owner="secret", user="", R=6))


def _saved(data: bytes, **how: object) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


TRICKS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        plain, glyphs, kerned, hexadecimal, octal, rotated, tilted, page_turned, cropped, scrambled, groups_backwards,
        hidden_mode, white, off_page, clipped, covered, layer_off, in_form, two_lines, field, four_fields, note, stamp,
        link, title, wide_title, xmp, attachment, old_revision, outline, script, script_stream, destination, page_label,
        structure, coded, prefixed, object_streams, linearised, encrypted,
    )
}  # fmt: skip
