"""A third set of PDFs: what form programs, scanners, portfolios and old writers make.

Written when the readers of the first two sets were done, without looking at them. ``TRICKS`` maps a name to a maker
``(number, rng) -> bytes``; every document has a second page that says ``KEPT``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import random
from collections.abc import Callable

from tests.documents.pdfs import Pdf, _kept, _line, _page, spaced

Maker = Callable[[str, random.Random], bytes]


def _with_annotation(body: bytes, text: str = "Hello there") -> bytes:
    pdf = Pdf()
    annotation = pdf.add(b"<< /Type /Annot /Rect [72 700 372 720] /F 4 " + body + b" >>")
    pdf.page(_line(text), more=b"/Annots [%d 0 R]" % annotation)
    return _kept(pdf).bytes()


def _with_field(body: bytes, form: bytes = b"") -> bytes:
    pdf = Pdf()
    widget = pdf.add(b"<< /Type /Annot /Subtype /Widget /Rect [72 700 372 720] /F 4 /T (card) " + body + b" >>")
    pdf.page(_line("Order form: credit card number"), more=b"/Annots [%d 0 R]" % widget)
    pdf.catalog = b"/AcroForm << /Fields [%d 0 R] %s >>" % (widget, form)
    return _kept(pdf).bytes()


def _wide(text: str) -> bytes:
    return b"<FEFF%s>" % text.encode("utf-16-be").hex().encode()


def comb_field(n: str, rng: random.Random) -> bytes:
    return _with_field(b"/FT /Tx /MaxLen 16 /Ff 16777216 /V %s" % _wide(n))


def rich_field(n: str, rng: random.Random) -> bytes:
    return _with_field(
        b'/FT /Tx /Ff 33554432 /V (x) /RV (<?xml version="1.0"?><body xmlns="http://www.w3.org/1999/xhtml"><p>Visa <b>%s</b>%s</p></body>)'
        % (n[:8].encode(), n[8:].encode())
    )


def exported_choice(n: str, rng: random.Random) -> bytes:
    return _with_field(b"/FT /Ch /Opt [[(Visa %s) (Anna's card)] [(2) (other)]] /V (2)" % spaced(n).encode())


def default_value(n: str, rng: random.Random) -> bytes:
    return _with_field(b"/FT /Tx /DV (Visa %s)" % spaced(n).encode())


def button_caption(n: str, rng: random.Random) -> bytes:
    return _with_field(b"/FT /Btn /Ff 65536 /MK << /CA (Visa %s) /RC (x) >>" % spaced(n).encode())


def form_of_sixteen(n: str, rng: random.Random) -> bytes:
    """A field for each digit; they are listed in another order than they stand."""
    pdf = Pdf()
    widgets = [
        pdf.add(
            b"<< /Type /Annot /Subtype /Widget /FT /Tx /MaxLen 1 /T (d%02d) /V (%s) /Rect [%d 700 %d 715] /F 4 >>"
            % (i, d.encode(), 72 + 15 * i, 86 + 15 * i)
        )
        for i, d in enumerate(n)
    ]
    mixed = sorted(widgets, key=lambda w: w % 5)
    pdf.page(_line("Kreditkarte Nr."), more=b"/Annots [%s]" % b" ".join(b"%d 0 R" % w for w in mixed))
    pdf.catalog = b"/AcroForm << /Fields [%s] >>" % b" ".join(b"%d 0 R" % w for w in mixed)
    return _kept(pdf).bytes()


def call_out(n: str, rng: random.Random) -> bytes:
    return _with_annotation(
        b"/Subtype /FreeText /DA (/Helv 12 Tf) /DS (font: 12pt) /RC (<body><p><span>card </span><span>%s</span></p></body>) /Contents %s"
        % (spaced(n).encode(), _wide(f"card\r{spaced(n)}"))
    )


def overlay_text(n: str, rng: random.Random) -> bytes:
    return _with_annotation(
        b"/Subtype /Redact /OverlayText (Visa %s) /QuadPoints [72 720 372 720 72 700 372 700]" % spaced(n).encode()
    )


def reply_to_note(n: str, rng: random.Random) -> bytes:
    return _with_annotation(
        b"/Subtype /Text /T (Anna) /Subj (card) /RT /R /Contents (%s)" % "-".join(spaced(n).split()).encode()
    )


def submit_link(n: str, rng: random.Random) -> bytes:
    return _with_annotation(
        b"/Subtype /Link /A << /S /SubmitForm /F << /FS /URL /F (https://pay.example/?card=%s) >> >>" % n.encode()
    )


def script_of_names(n: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("hello"))
    action = pdf.add(b"<< /S /JavaScript /JS (this.getField\\('card'\\).value = 'Visa %s';) >>" % spaced(n).encode())
    pdf.catalog = b"/Names << /JavaScript << /Names [(init) %d 0 R] >> >>" % action
    return _kept(pdf).bytes()


def layer_name(n: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    layer = pdf.add(b"<< /Type /OCG /Name (Visa %s) >>" % spaced(n).encode())
    pdf.page(_line("hello"))
    pdf.catalog = b"/OCProperties << /OCGs [%d 0 R] /D << /Order [%d 0 R] >> >>" % (layer, layer)
    return _kept(pdf).bytes()


def portfolio(n: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    file = pdf.stream(b"see the columns", b"/Type /EmbeddedFile")
    spec = pdf.add(
        b"<< /Type /Filespec /F (a.txt) /EF << /F %d 0 R >> /CI << /Type /CollectionItem /card (Visa %s) >> >>"
        % (file, spaced(n).encode())
    )
    pdf.page(_line("cover"))
    pdf.catalog = (
        b"/Collection << /Schema << /card << /Subtype /S /N (Card) >> >> >> /Names << /EmbeddedFiles << /Names [(a.txt) %d 0 R] >> >>"
        % spec
    )
    return _kept(pdf).bytes()


def form_data(n: str, rng: random.Random) -> bytes:
    """FDF: what a form sends by mail."""
    return (
        b"%FDF-1.2\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</FDF<</F(order.pdf)/Fields[<</T(card_number)/V("
        + n.encode()
        + b")>><</T(note)/V(Order 12345 of Monday stays.)>>]>>>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    )


def form_data_wide(n: str, rng: random.Random) -> bytes:
    value = b"\xfe\xff" + n.encode("utf-16-be")
    return (
        b"%FDF-1.2\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</FDF<</Fields[<</T(Kreditkartennummer)/V("
        + value
        + b")>><</T(note)/V(Order 12345 of Monday stays.)>>]>>>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    )


def form_data_xml(n: str, rng: random.Random) -> bytes:
    return f'<?xml version="1.0"?><xfdf xmlns="http://ns.adobe.com/xfdf/"><fields><field name="card"><value>{spaced(n)}</value></field><field name="note"><value>Order 12345 of Monday stays.</value></field></fields></xfdf>'.encode()


def quotes(n: str, rng: random.Random) -> bytes:
    """The operators ' and "."""
    return _page(b"BT /F1 12 Tf 14 TL 72 700 Td (my Visa) ' 0 1 (%s) \" ET" % spaced(n).encode())


def spread(n: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 12 Tf 9 Tc 60 Tz 72 700 Td (Visa %s) Tj ET" % n.encode())


def continued_string(n: str, rng: random.Random) -> bytes:
    return _page(b"BT /F1 12 Tf 72 700 Td (Visa %s\\\n%s) Tj ET" % (n[:8].encode(), n[8:].encode()))


def type_3(n: str, rng: random.Random) -> bytes:
    """A font whose glyphs are drawings, with a table of what they are."""
    pdf = Pdf()
    glyph = pdf.stream(b"600 0 0 0 500 700 d1 0 0 500 700 re f")
    table = pdf.stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <41> <4A> <0030> endbfrange endcmap end end"
    )
    names = b" ".join(b"/g%d" % i for i in range(10))
    procs = b" ".join(b"/g%d %d 0 R" % (i, glyph) for i in range(10))
    font = pdf.add(
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 65 /LastChar 74 /Widths [%s] /Encoding << /Differences [65 %s] >> /CharProcs << %s >> /Resources << >> /ToUnicode %d 0 R >>"
        % (b"600 " * 10, names, procs, table)
    )
    pdf.page(_line("credit card") + b"BT /F9 12 Tf 72 700 Td (%s) Tj ET" % bytes(65 + int(d) for d in n))
    page = pdf.objects[-1]
    pdf.objects[-1] = page.replace(b"/Font << /F1", b"/Font << /F9 %d 0 R /F1" % font)
    return _kept(pdf).bytes()


def watermark(n: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    form = pdf.stream(
        b"q 0.5 0.866 -0.866 0.5 200 200 cm BT /F1 40 Tf (Visa %s) Tj ET Q" % spaced(n).encode(),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 %d 0 R >> >>" % font,
    )
    outer = pdf.stream(
        b"q /In Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Matrix [1 0 0 1 10 10] /Resources << /XObject << /In %d 0 R >> >>"
        % form,
    )
    pdf.page(_line("hello") + b"/Fm Do", resources=b"/XObject << /Fm %d 0 R >>" % outer)
    return _kept(pdf).bytes()


def expansion(n: str, rng: random.Random) -> bytes:
    return _page(b"/Span << /E (Visa %s) >> BDC BT /F1 12 Tf 72 700 Td (V.) Tj ET EMC" % spaced(n).encode())


def two_in_one(n: str, rng: random.Random) -> bytes:
    """Two PDFs one behind the other, as a broken printer driver sends them."""
    return _page(_line(f"Visa {spaced(n)}")) + _page(_line("second job"))


def second_of_two(n: str, rng: random.Random) -> bytes:
    return _page(_line("first job")) + _page(_line(f"Visa {spaced(n)}"))


def wrong_start(n: str, rng: random.Random) -> bytes:
    """The table of objects is not where the end says."""
    data = _page(_line(f"Visa {spaced(n)}"))
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n99\n%%EOF\n"


def old_line_ends(n: str, rng: random.Random) -> bytes:
    """No table at all, lines that end with CR."""
    body = f"BT /F1 12 Tf 72 700 Td (Visa {spaced(n)}) Tj ET"
    return (
        f"%PDF-1.2\r1 0 obj\r<< /Type /Catalog /Pages 2 0 R >>\rendobj\r2 0 obj\r<< /Type /Pages /Kids [3 0 R] /Count 1 >>\rendobj\r3 0 obj\r<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>\rendobj\r4 0 obj\r<< /Length {len(body)} >>\rstream\r\n{body}\rendstream\rendobj\rtrailer\r<< /Root 1 0 R /Size 5 >>\r%%EOF"
    ).encode()


def utf8_string(n: str, rng: random.Random) -> bytes:
    """PDF 2.0: a string in UTF-8 with a mark."""
    return _with_annotation(
        b"/Subtype /Text /Contents (\xef\xbb\xbfVisa\xe2\x80\xaf%s)" % "\u2011".join(spaced(n).split()).encode()
    )


def name_of_field(n: str, rng: random.Random) -> bytes:
    return _with_field(b"/FT /Tx /TU (Visa %s) /V (yes)" % spaced(n).encode())


def escaped_name(n: str, rng: random.Random) -> bytes:
    """A state of a check box, a name with escapes."""
    return _with_field(b"/FT /Btn /V /Visa#20%s /AS /Off" % b"".join(b"#%02x" % ord(d) for d in n))


def date_and_custom(n: str, rng: random.Random) -> bytes:
    pdf = Pdf()
    pdf.page(_line("hello"))
    info = pdf.add(b"<< /Producer (Scan) /CardNumber (%s) /Keywords (order) >>" % n.encode())
    pdf.trailer = b"/Info %d 0 R" % info
    return _kept(pdf).bytes()


def sound_note(n: str, rng: random.Random) -> bytes:
    """A movie with a title, a screen with an alternative text."""
    return _with_annotation(
        b"/Subtype /Screen /T (x) /A << /S /Rendition /R << /S /MR /N (Visa %s) >> >>" % spaced(n).encode()
    )


def digits_between_pages(n: str, rng: random.Random) -> bytes:
    """The number begins at the foot of a page and ends at the head of the next."""
    pdf = Pdf()
    pdf.page(_line(f"my Visa card number {n[:4]} {n[4:8]}", y=40))
    pdf.page(_line(f"{n[8:12]} {n[12:]} thanks", y=800))
    return _kept(pdf).bytes()


def table_of_text(n: str, rng: random.Random) -> bytes:
    """Labels in one column, all of them first; values in the other."""
    left = b"".join(
        _line(t, 72, 760 - 20 * i) for i, t in enumerate(("Name", "Card number", "Valid until", "Security code"))
    )
    right = b"".join(_line(t, 300, 760 - 20 * i) for i, t in enumerate(("Anna Example", n, "09/28", "737")))
    return _page(left + right)


_MAKERS: tuple[Maker, ...] = (
    comb_field, rich_field, exported_choice, default_value, button_caption, form_of_sixteen, call_out, overlay_text,
    reply_to_note, submit_link, script_of_names, layer_name, portfolio, form_data, form_data_wide, form_data_xml, quotes,
    spread, continued_string, type_3, watermark, expansion, two_in_one, second_of_two, wrong_start, old_line_ends,
    utf8_string, name_of_field, escaped_name, date_and_custom, sound_note, digits_between_pages, table_of_text,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
