"""A second set of PDF tricks, written when the readers of the first were done: what was not thought of then.

As in ``pdfs``: one function a trick; ``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import base64
import io
import random
import zlib
from collections.abc import Callable

from tests.documents.pdfs import _HELVETICA, Maker, Pdf, _kept, _line, _page, _saved, spaced

_NAMES = {
    "0": b"zero", "1": b"one", "2": b"two", "3": b"three", "4": b"four", "5": b"five", "6": b"six", "7": b"seven",
    "8": b"eight", "9": b"nine", " ": b"space", "V": b"V", "i": b"i", "s": b"s", "a": b"a",
}  # fmt: skip


def _with_font(font: bytes, content: bytes, pdf: Pdf | None = None) -> bytes:
    """Return a document whose first page has a font F2 of this dictionary."""
    pdf = pdf or Pdf()
    number = pdf.add(font)
    contents = pdf.stream(content)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F2 %d 0 R >> >> >>"
    pdf.pages.append(pdf.add(page % (contents, number)))
    return _kept(pdf).bytes()


def _table(pairs: dict[int, str]) -> bytes:
    """Return a ToUnicode table (PDF 32000-1 §9.10.3)."""
    rows = "\n".join(f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for code, text in pairs.items())
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
    space = f"1 begincodespacerange <00> <ff> endcodespacerange {len(pairs)} beginbfchar\n"
    return (head + space + rows + "\nendbfchar endcmap end end").encode()


def glyph_names(number: str, rng: random.Random) -> bytes:
    """Codes of the font's own; the names of the glyphs say what they are."""
    letters = sorted(set(f"Visa {spaced(number)}"))
    codes = {letter: 130 + at for at, letter in enumerate(letters)}
    differences = b" ".join(b"%d /%s" % (codes[letter], _NAMES[letter]) for letter in letters)
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [%s] >> >>"
        % differences
    )
    text = bytes(codes[letter] for letter in f"Visa {spaced(number)}")
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td <%s> Tj ET" % text.hex().encode())


def lying_table(number: str, rng: random.Random) -> bytes:
    """The eye sees digits; who copies them gets letters."""
    pdf = Pdf()
    table = pdf.stream(_table({ord(digit): chr(ord("a") + int(digit)) for digit in "0123456789"}))
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode %d 0 R >>" % table
    )
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td (Visa %s) Tj ET" % spaced(number).encode(), pdf)


def lying_names(number: str, rng: random.Random) -> bytes:
    """The same with glyph names that tell the truth."""
    pdf = Pdf()
    table = pdf.stream(_table({200 + digit: "xyzuvwrstq"[digit] for digit in range(10)}))
    differences = b" ".join(b"%d /%s" % (200 + digit, _NAMES[str(digit)]) for digit in range(10))
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R /Encoding << /Differences [%s] >> >>"
        % (table, differences)
    )
    text = b" ".join(bytes(200 + int(d) for d in group) for group in spaced(number).split())
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td (Visa ) Tj <%s> Tj ET" % text.hex().encode(), pdf)


def one_glyph_many_letters(number: str, rng: random.Random) -> bytes:
    """One glyph stands for four digits."""
    pdf = Pdf()
    groups = spaced(number).split()
    table = pdf.stream(_table({65 + at: f"{group} " for at, group in enumerate(groups)}))
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode %d 0 R >>" % table
    )
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td (ABCD) Tj ET", pdf)


def full_width_table(number: str, rng: random.Random) -> bytes:
    """Digits that the table says are full-width ones."""
    pdf = Pdf()
    table = pdf.stream(_table({ord(digit): chr(0xFF10 + int(digit)) for digit in "0123456789"}))
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode %d 0 R >>" % table
    )
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td (%s) Tj ET" % spaced(number).encode(), pdf)


def two_byte_font(number: str, rng: random.Random) -> bytes:
    """A composite font of two-byte codes with a table (§9.7)."""
    pdf = Pdf()
    letters = sorted(set(f"Visa {spaced(number)}"))
    codes = {letter: 0x0103 + at for at, letter in enumerate(letters)}
    rows = "\n".join(f"<{code:04x}> <{ord(letter):04x}>" for letter, code in codes.items())
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
    head += f"1 begincodespacerange <0000> <ffff> endcodespacerange {len(codes)} beginbfchar\n"
    table = pdf.stream((head + rows + "\nendbfchar endcmap end end").encode())
    described = pdf.add(
        b"<< /Type /FontDescriptor /FontName /Any /Flags 4 /FontBBox [0 0 600 700] /ItalicAngle 0 /Ascent 700 "
        b"/Descent 0 /CapHeight 700 /StemV 80 >>"
    )
    below = pdf.add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> /DW 600 /FontDescriptor %d 0 R >>" % described
    )
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
        % (below, table)
    )
    text = b"".join(codes[letter].to_bytes(2, "big") for letter in f"Visa {spaced(number)}")
    return _with_font(font, b"BT /F2 12 Tf 72 700 Td <%s> Tj ET" % text.hex().encode(), pdf)


def actual_text(number: str, rng: random.Random) -> bytes:
    """What a reader copies is said in a property list inside the content (§14.9.4)."""
    said = b"/Span << /ActualText (Visa %s) >> BDC (see below) Tj EMC" % spaced(number).encode()
    return _page(b"BT /F1 12 Tf 72 700 Td " + said + b" ET")


def actual_text_apart(number: str, rng: random.Random) -> bytes:
    """The same with the property list among the resources."""
    pdf = Pdf()
    listed = pdf.add(b"<< /ActualText (Visa %s) >>" % spaced(number).encode())
    pdf.page(b"BT /F1 12 Tf 72 700 Td /Span /P1 BDC (see below) Tj EMC ET", b"/Properties << /P1 %d 0 R >>" % listed)
    return _kept(pdf).bytes()


def content_comment(number: str, rng: random.Random) -> bytes:
    """A comment inside the content stream: nobody sees it, and any unpacked copy shows it."""
    return _page(b"% Visa " + spaced(number).encode() + b"\n" + _line("Hello there"))


def pattern(number: str, rng: random.Random) -> bytes:
    """The number is drawn by a tiling pattern (§8.7.3)."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    tile = pdf.stream(
        _line(f"Visa {spaced(number)}", x=2, y=5),
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 300 20] /XStep 300 /YStep 20 "
        b"/Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    pdf.page(
        b"/Pattern cs /P1 scn 72 600 300 20 re f\n" + _line("Hello there, dear shop"),
        b"/Pattern << /P1 %d 0 R >>" % tile,
    )
    return _kept(pdf).bytes()


def unused_form(number: str, rng: random.Random) -> bytes:
    """A form that no page draws."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    pdf.stream(
        _line(f"Visa {spaced(number)}"),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    pdf.page(_line("Hello there"))
    return _kept(pdf).bytes()


def two_forms(number: str, rng: random.Random) -> bytes:
    """Half of the number in one form, half in another, which is moved beside it."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 %d 0 R >> >>" % font
    first = pdf.stream(_line(f"Visa {spaced(number)[:9]}", x=72, y=700), head)
    second = pdf.stream(_line(spaced(number)[10:], x=10, y=10), head)
    pdf.page(b"q 1 0 0 1 162 690 cm /X2 Do Q q /X1 Do Q", b"/XObject << /X1 %d 0 R /X2 %d 0 R >>" % (first, second))
    return _kept(pdf).bytes()


def vertical(number: str, rng: random.Random) -> bytes:
    """One digit below the other."""
    out = b"".join(
        b"BT /F1 12 Tf 300 %d Td (%s) Tj ET\n" % (760 - 14 * at, digit.encode()) for at, digit in enumerate(number)
    )
    return _page(_line("Visa card", x=280, y=790) + out)


def far_apart(number: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 10 Tf 12 Tc 40 700 Td (%s) Tj ET" % number.encode() + _line("card number"))


def mirrored(number: str, rng: random.Random) -> bytes:
    """A font of negative size, turned round by the matrix."""
    return _page(b"BT /F1 -12 Tf -1 0 0 -1 72 700 Tm (Visa %s) Tj ET" % spaced(number).encode())


def split_contents(number: str, rng: random.Random) -> bytes:
    """The content is an array of streams that breaks between two digits."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    pieces = [
        b"BT /F1 12 Tf 72 700 Td (Visa %s) Tj" % number[:7].encode(),
        b"(%s) Tj" % number[7:11].encode(),
        b"(%s) Tj ET" % number[11:].encode(),
    ]
    streams = b" ".join(b"%d 0 R" % pdf.stream(piece) for piece in pieces)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [%s] /Resources << /Font << /F1 %d 0 R >> >> >>"
    pdf.pages.append(pdf.add(page % (streams, font)))
    return _kept(pdf).bytes()


def other_filters(number: str, rng: random.Random) -> bytes:
    """Content in ASCII85 over deflate."""
    body = base64.a85encode(zlib.compress(_line(f"Visa {spaced(number)}"))) + b"~>"
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    contents = pdf.add(
        b"<< /Length %d /Filter [/ASCII85Decode /FlateDecode] >>\nstream\n%s\nendstream" % (len(body), body)
    )
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> >> >>"
    pdf.pages.append(pdf.add(page % (contents, font)))
    return _kept(pdf).bytes()


def hexadecimal_filter(number: str, rng: random.Random) -> bytes:
    body = _line(f"Visa {spaced(number)}").hex().encode() + b">"
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    contents = pdf.add(b"<< /Length %d /Filter /AHx >>\nstream\n%s\nendstream" % (len(body), body))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> >> >>"
    pdf.pages.append(pdf.add(page % (contents, font)))
    return _kept(pdf).bytes()


def xfa(number: str, rng: random.Random) -> bytes:
    """A dynamic form: its data are XML packets (§12.7.8)."""
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    data = (
        '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><order><cardNumber>'
        f"{number}</cardNumber><cvv>321</cvv></order></xfa:data></xfa:datasets>"
    )
    packets = pdf.stream(data.encode())
    head = pdf.stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">')
    pdf.catalog = b"/AcroForm << /Fields [] /XFA [(preamble) %d 0 R (datasets) %d 0 R] >>" % (head, packets)
    return _kept(pdf).bytes()


def _annotated(annotation: bytes, catalog: bytes = b"") -> bytes:
    pdf = Pdf()
    number = pdf.add(annotation)
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % number)
    pdf.catalog = catalog
    return _kept(pdf).bytes()


def rich_contents(number: str, rng: random.Random) -> bytes:
    """The rich text of a note, with marks between the digits."""
    rich = f"<body><p>Visa <b>{number[:6]}</b>{number[6:]}</p></body>"
    return _annotated(
        b"<< /Type /Annot /Subtype /FreeText /Rect [72 600 372 620] /DA (/Helv 12 Tf) /RC (%s) >>" % rich.encode()
    )


def hidden_note(number: str, rng: random.Random) -> bytes:
    text = "﻿".encode() + f"Kreditkarte {spaced(number)}".encode()
    return _annotated(
        b"<< /Type /Annot /Subtype /Text /F 2 /Rect [72 600 92 620] /Contents <%s> >>" % text.hex().encode()
    )


def file_note(number: str, rng: random.Random) -> bytes:
    """A file that is pinned to a page."""
    pdf = Pdf()
    inner = pdf.stream(f"my Visa is {spaced(number)}\n".encode())
    spec = pdf.add(b"<< /Type /Filespec /F (a.txt) /EF << /F %d 0 R >> >>" % inner)
    note = pdf.add(b"<< /Type /Annot /Subtype /FileAttachment /Rect [72 600 92 620] /FS %d 0 R >>" % spec)
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % note)
    return _kept(pdf).bytes()


def associated_file(number: str, rng: random.Random) -> bytes:
    """An associated file of a page (ISO 32000-2 §14.13), a CSV."""
    pdf = Pdf()
    inner = pdf.stream(f"name;card;cvv\nAnn;{number};321\n".encode(), b"/Type /EmbeddedFile /Subtype /text#2Fcsv")
    spec = pdf.add(b"<< /Type /Filespec /F (a.csv) /UF (a.csv) /AFRelationship /Data /EF << /UF %d 0 R >> >>" % inner)
    pdf.page(_line("Hello there"), more=b"/AF [%d 0 R]" % spec)
    return _kept(pdf).bytes()


def choices(number: str, rng: random.Random) -> bytes:
    """A list to choose from."""
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Ch /T (c) /Opt [[(a) (%s)] (other)] /Rect [72 600 372 620] >>"
        % spaced(number).encode()
    )
    return _annotated(field, b"/AcroForm << /Fields [3 0 R] >>")


def value_stream(number: str, rng: random.Random) -> bytes:
    """The value of a field is a stream (§12.7.4.3)."""
    pdf = Pdf()
    value = pdf.stream(f"Visa {spaced(number)}".encode())
    field = pdf.add(b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (note) /V %d 0 R /Rect [72 600 372 620] >>" % value)
    pdf.page(_line("Hello there"), more=b"/Annots [%d 0 R]" % field)
    pdf.catalog = b"/AcroForm << /Fields [%d 0 R] >>" % field
    return _kept(pdf).bytes()


def joined_script(number: str, rng: random.Random) -> bytes:
    """A script that puts the number together."""
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    code = pdf.stream(f"var card = '{number[:8]}' + \"{number[8:]}\"; app.alert(card);".encode())
    pdf.catalog = b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS %d 0 R >>] >> >>" % code
    return _kept(pdf).bytes()


def private_data(number: str, rng: random.Random) -> bytes:
    """What a program keeps for itself (§14.5)."""
    pdf = Pdf()
    kept = pdf.stream(f"card={number}\ncvv=321\n".encode())
    pdf.page(_line("Hello there"), more=b"/PieceInfo << /App << /LastModified (D:2026) /Private %d 0 R >> >>" % kept)
    return _kept(pdf).bytes()


def article(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    thread = pdf.add(b"<< /Type /Thread /I << /Title (Visa %s) >> >>" % spaced(number).encode())
    pdf.catalog = b"/Threads [%d 0 R]" % thread
    return _kept(pdf).bytes()


def custom_key(number: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("Hello there"))
    pdf.trailer = b"/Info %d 0 R" % pdf.add(b"<< /Card#20number (%s) /CVV (321) >>" % number.encode())
    return _kept(pdf).bytes()


def picture_metadata(number: str, rng: random.Random) -> bytes:
    """XMP of a picture, the value in an attribute."""
    pdf = Pdf()
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:s="urn:shop" s:cardNumber="{number}"/></rdf:RDF></x:xmpmeta>'
    )
    meta = pdf.stream(packet.encode(), b"/Type /Metadata /Subtype /XML")
    picture = pdf.stream(
        bytes(64),
        b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Metadata %d 0 R"
        % meta,
    )
    pdf.page(_line("Hello there") + b"q 8 0 0 8 9 9 cm /I1 Do Q", b"/XObject << /I1 %d 0 R >>" % picture)
    return _kept(pdf).bytes()


def comment_between(number: str, rng: random.Random) -> bytes:
    """A comment between two objects of the file."""
    data = _page(_line("Hello there"))
    return data.replace(b"endobj\n4 0 obj", b"endobj\n%% Visa %s\n4 0 obj" % spaced(number).encode(), 1)


def behind_the_end(number: str, rng: random.Random) -> bytes:
    return _page(_line("Hello there")) + b"Visa " + spaced(number).encode() + b"\n"


def lost_object(number: str, rng: random.Random) -> bytes:
    """An object that no table names."""
    data = _page(_line("Hello there"))
    return data.replace(b"xref\n", b"99 0 obj\n(Visa %s)\nendobj\nxref\n" % spaced(number).encode(), 1)


def lost_stream(number: str, rng: random.Random) -> bytes:
    """A packed content stream that no table names."""
    body = zlib.compress(_line(f"Visa {spaced(number)}"))
    lost = b"99 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n" % (len(body), body)
    return _page(_line("Hello there")).replace(b"xref\n", lost + b"xref\n", 1)


def old_revision_packed(number: str, rng: random.Random) -> bytes:
    """Both revisions have their tables in streams, and the older one its objects."""
    import pikepdf
    from tests.documents.pdfs import title

    first = _saved(title(number, rng), object_stream_mode=pikepdf.ObjectStreamMode.generate)
    with pikepdf.open(io.BytesIO(first)) as pdf:
        info, size = pdf.trailer["/Info"].objgen[0], int(pdf.trailer["/Size"])
        root = pdf.trailer["/Root"].objgen[0]
    offset = len(first)
    body = b"%d 0 obj\n<< /Title (Nothing) /Producer (by hand) >>\nendobj\n" % info
    start = offset + len(body)
    table = b"\x01" + offset.to_bytes(4, "big") + b"\0" + b"\x01" + start.to_bytes(4, "big") + b"\0"
    before = int(first.rsplit(b"startxref\n", 1)[1].split()[0])
    head = b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1] /Index [%d 1 %d 1] /Root %d 0 R /Info %d 0 R /Prev %d /Length 12 >>"
    update = head % (size, size + 1, info, size, root, info, before) + b"\nstream\n" + table + b"\nendstream\nendobj\n"
    return first + body + update + b"startxref\n%d\n%%%%EOF\n" % start


def old_encryption(number: str, rng: random.Random) -> bytes:
    """RC4 of 40 bits, open to everybody."""
    import pikepdf

    data = _page(_line(f"Visa {spaced(number)}"))
    return _saved(data, encryption=pikepdf.Encryption(owner="secret", user="", R=2, metadata=False, aes=False))


def inherited(number: str, rng: random.Random) -> bytes:
    """Resources and box come from the parent; a page in user units of an inch, with a box that begins below zero."""
    pdf = Pdf()
    font = pdf.add(_HELVETICA)
    contents = pdf.stream(b"BT /F1 0.2 Tf -3 2 Td (Visa %s) Tj ET" % spaced(number).encode())
    parent = len(pdf.objects) + 2
    page = pdf.add(b"<< /Type /Page /Parent %d 0 R /Contents %d 0 R /UserUnit 72 >>" % (parent, contents))
    node = b"<< /Type /Pages /Parent 2 0 R /Kids [%d 0 R] /Count 1 /MediaBox [-4 -5 4 6] /Resources << /Font << /F1 %d 0 R >> >> >>"
    pdf.add(node % (page, font))
    pdf.pages.append(parent)
    data = _kept(pdf).bytes()
    return data.replace(b"/Count 2 >>\nendobj\n3", b"/Count 2 >>\nendobj\n3", 1)


def template(number: str, rng: random.Random) -> bytes:
    """A page outside the tree of pages, which a script can bring in (§12.7.7)."""
    pdf = Pdf()
    hidden = pdf.page(_line(f"Visa {spaced(number)}"))
    pdf.pages.clear()
    pdf.page(_line("Hello there"))
    pdf.catalog = b"/Names << /Templates << /Names [(card) %d 0 R] >> >>" % hidden
    data = _kept(pdf).bytes()
    return data.replace(b"<< /Type /Page /Parent 2 0 R", b"<< /Type /Template /Was 2 0 R", 1)


def columns(number: str, rng: random.Random) -> bytes:
    """A table with lines: number, code and date stand below their headings."""
    heads = _line("Name", x=60) + _line("Card number", x=160) + _line("CVV", x=340) + _line("Exp", x=420)
    row = _line("Ann", x=60, y=740) + _line(spaced(number), x=160, y=740)
    return _page(heads + row + _line("321", x=340, y=740) + _line("10/28", x=420, y=740))


def scanned(number: str, rng: random.Random) -> bytes:
    """A page that is a picture of one bit a pixel."""
    from PIL import Image, ImageDraw
    from tests.documents.cards import font

    sheet = Image.new("1", (1240, 1754), 1)
    ImageDraw.Draw(sheet).text((120, 300), f"Card {spaced(number)}", font=font(48, random.Random(1)), fill=0)
    pdf = Pdf()
    picture = pdf.stream(
        sheet.tobytes(),
        b"/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /ColorSpace /DeviceGray /BitsPerComponent 1",
    )
    pdf.page(b"q 595 0 0 842 0 0 cm /I1 Do Q", b"/XObject << /I1 %d 0 R >>" % picture)
    return _kept(pdf).bytes()


def picture_beside_text(number: str, rng: random.Random) -> bytes:
    """A page of text with a photograph of a card on it, inside a form."""
    from PIL import Image, ImageDraw
    from tests.documents.cards import font

    sheet = Image.new("RGB", (860, 300), (40, 60, 110))
    ImageDraw.Draw(sheet).text((40, 120), spaced(number), font=font(48, random.Random(2)), fill=(240, 240, 240))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    pdf = Pdf()
    data = out.getvalue()
    picture = pdf.add(
        b"<< /Type /XObject /Subtype /Image /Width 860 /Height 300 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
    )
    form = pdf.stream(
        b"q 300 0 0 105 72 500 cm /I1 Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /I1 %d 0 R >> >>" % picture,
    )
    pdf.page(_line("Dear shop, here is my card, thank you") + b"/X1 Do", b"/XObject << /X1 %d 0 R >>" % form)
    return _kept(pdf).bytes()


_MAKERS: tuple[Callable[[str, random.Random], bytes], ...] = (
    glyph_names, lying_table, lying_names, one_glyph_many_letters, full_width_table, two_byte_font, actual_text,
    actual_text_apart, content_comment, pattern, unused_form, two_forms, vertical, far_apart, mirrored, split_contents,
    other_filters, hexadecimal_filter, xfa, rich_contents, hidden_note, file_note, associated_file, choices,
    value_stream, joined_script, private_data, article, custom_key, picture_metadata, comment_between, behind_the_end,
    lost_object, lost_stream, old_revision_packed, old_encryption, inherited, template, columns, scanned,
    picture_beside_text,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
