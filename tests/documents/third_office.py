"""A third set of Office documents: what Word, Excel, LibreOffice, Google and Apple's programs write besides plain text.

Written when the readers of the first two sets were done, without looking at them. ``TRICKS`` maps a name to a maker
``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from tests.documents import open_documents as odf
from tests.documents import slides
from tests.documents.archives import zipped
from tests.documents.compound_files import compound, packager
from tests.documents.packages import KEPT, START, package, spaced
from tests.documents.texts import SPACES, _part, document, p, run
from tests.documents.workbooks import Book, formula, inline, number

Maker = Callable[[str, random.Random], bytes]
_WPS = 'xmlns:wpc="http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas" xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"'


def proofing_marks(n: str, rng: random.Random) -> bytes:
    """What years of editing leave: marks of the spelling checker, page breaks, bookmarks, permissions between the runs."""
    marks = (
        '<w:proofErr w:type="spellStart"/>',
        "<w:lastRenderedPageBreak/>",
        '<w:permStart w:id="1" w:edGrp="everyone"/>',
        '<w:bookmarkStart w:id="7" w:name="_GoBack"/><w:bookmarkEnd w:id="7"/>',
    )
    pieces = [
        run(n[i : i + 2])
        + (marks[i // 2 % 4] if "last" not in marks[i // 2 % 4] else f"<w:r>{marks[i // 2 % 4]}</w:r>")
        for i in range(0, len(n), 2)
    ]
    return document(p(run("card "), *pieces))


def of_google_docs(n: str, rng: random.Random) -> bytes:
    rows = "".join(p("<w:pPr><w:rPr/></w:pPr>", run(t, '<w:rtl w:val="0"/>')) for t in ("Credit card:", spaced(n)))
    return document(rows)


def control_for_each_digit(n: str, rng: random.Random) -> bytes:
    boxes = "".join(
        f'<w:sdt><w:sdtPr><w:id w:val="{i}"/><w:text/></w:sdtPr><w:sdtContent>{run(d)}</w:sdtContent></w:sdt>'
        for i, d in enumerate(n)
    )
    return document(p(run("Kartennummer: "), boxes))


def cell_control_for_each_digit(n: str, rng: random.Random) -> bytes:
    cells = "".join(f"<w:tc><w:tcPr/><w:sdt><w:sdtContent>{p(run(d))}</w:sdtContent></w:sdt></w:tc>" for d in n)
    return document(p(run("Card number")) + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")


def group_of_shapes(n: str, rng: random.Random) -> bytes:
    box = f"<wps:wsp><wps:txbx><w:txbxContent>{p(run('Visa ' + spaced(n)))}</w:txbxContent></wps:txbx></wps:wsp>"
    graphic = f'<w:drawing><wp:inline><a:graphic><a:graphicData uri="x"><wpg:wgp {_WPS}>{box}</wpg:wgp></a:graphicData></a:graphic></wp:inline></w:drawing>'
    return document(p(f"<w:r>{graphic}</w:r>"))


def unbreakable_hyphens(n: str, rng: random.Random) -> bytes:
    return document(p(run("Visa "), "<w:r><w:noBreakHyphen/></w:r>".join(run(g) for g in spaced(n).split())))


def fitted_text(n: str, rng: random.Random) -> bytes:
    return document(p(run("Visa "), *(run(d, '<w:fitText w:val="400" w:id="9"/><w:w w:val="80"/>') for d in n)))


def document_variable(n: str, rng: random.Random) -> bytes:
    settings = _part("settings", f'<w:docVars><w:docVar w:name="CreditCard" w:val="{spaced(n)}"/></w:docVars>')
    return document(p(run("hello")), {"word/settings.xml": settings}, (("settings", "settings.xml"),))


def control_of_forms(n: str, rng: random.Random) -> bytes:
    """An ActiveX text box: a stream of properties with the text in UTF-16."""
    text = f"Visa {spaced(n)}".encode("utf-16-le")
    data = (
        b"\x10\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"
        + b"\x00\x02\x1c\x00"
        + bytes(16)
        + struct.pack("<L", len(text))
        + text
    )
    return document(p(run("form")), {"word/activeX/activeX1.bin": data}, (("control", "activeX/activeX1.bin"),))


def packaged_text(n: str, rng: random.Random) -> bytes:
    """A text file that was dropped into the document."""
    stream = compound({("\x01Ole10Native",): packager("card.txt", f"Visa {spaced(n)}\r\n".encode())})
    return document(
        p(run("see icon")), {"word/embeddings/oleObject1.bin": stream}, (("oleObject", "embeddings/oleObject1.bin"),)
    )


def default_of_a_field(n: str, rng: random.Random) -> bytes:
    data = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Card"/><w:textInput><w:default w:val="Visa {spaced(n)}"/></w:textInput></w:ffData></w:fldChar></w:r>'
    return document(p(data, run(" FORMTEXT ", tag="instrText"), '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))


def titles_of_parts(n: str, rng: random.Random) -> bytes:
    app = f'{START}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><HLinks><vt:vector size="1" baseType="variant"><vt:variant><vt:lpwstr>https://pay.example/?card={n}</vt:lpwstr></vt:variant></vt:vector></HLinks></Properties>'
    return document(p(run("hello")), {"docProps/app.xml": app})


def chart_in_a_letter(n: str, rng: random.Random) -> bytes:
    chart = f'{START}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Visa {n[:8]}</a:t></a:r><a:r><a:t>{n[8:]}</a:t></a:r></a:p></c:rich></c:tx></c:title></c:chart></c:chartSpace>'
    return document(p(run("chart")), {"word/charts/chart1.xml": chart}, (("chart", "charts/chart1.xml"),))


def deleted_insertion(n: str, rng: random.Random) -> bytes:
    return document(
        p(
            run("Visa "),
            f'<w:ins w:id="1" w:author="a"><w:del w:id="2" w:author="b">{run(n[:9], tag="delText")}</w:del></w:ins>',
            f'<w:del w:id="3" w:author="b">{run(n[9:], tag="delText")}</w:del>',
        )
    )


def word_2003(n: str, rng: random.Random) -> bytes:
    """Word's first XML format, one file."""
    return f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r><w:t>Visa {n[:7]}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{n[7:]}</w:t></w:r></w:p><w:p><w:r><w:t>{KEPT}</w:t></w:r></w:p></w:body></w:wordDocument>'.encode()


def excel_2003(n: str, rng: random.Random) -> bytes:
    return f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table><Row><Cell><Data ss:Type="String">Card number</Data></Cell></Row><Row><Cell><Data ss:Type="String">{spaced(n)}</Data></Cell></Row><Row><Cell><Data ss:Type="String">{KEPT}</Data></Cell></Row></Table></Worksheet></Workbook>'.encode()


def link_formula(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[formula(f'HYPERLINK("mailto:a@x.example?body=card%20{n}","mail")', "mail")]]).bytes()


def formatted_formula(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline("Visa"), formula(f'TEXT({n},"0000 0000 0000 0000")', spaced(n))]]).bytes()


def characters_formula(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline("Visa"), formula("&amp;".join(f"CHAR({ord(d)})" for d in n), n)]]).bytes()


def thousands(n: str, rng: random.Random) -> bytes:
    text = f"{int(n):,}"
    return Book().sheet([[inline("Card number")], [inline(text)]]).bytes()


def two_columns(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline("card no. (1-8)"), inline("card no. (9-16)")], [inline(n[:8]), inline(n[8:])]]).bytes()


def digit_a_column(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline("Kreditkartennummer")], [number(d) for d in n]]).bytes()


def sheet_name(n: str, rng: random.Random) -> bytes:
    """The number names a sheet, as it does where each customer has one."""
    book = Book().sheet([[inline("Anna")]])
    data = book.bytes()
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'name="S1"', f'name="Visa {spaced(n)}"'.encode()))
    return out.getvalue()


def form_picture_header(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.parts["xl/drawings/vmlDrawing1.vml"] = (
        f'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="T"><v:textbox><div style="text-align:left"><font face="Calibri">Visa {n[:8]}</font><font>{n[8:]}</font></div></v:textbox></v:shape></xml>'
    )
    return book.sheet([]).bytes()


def web_extension(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.parts["xl/webextensions/webextension1.xml"] = (
        f'{START}<we:webextension xmlns:we="http://schemas.microsoft.com/office/webextensions/webextension/2010/11"><we:properties><we:property name="state" value="{{&quot;card&quot;:&quot;{n}&quot;}}"/></we:properties></we:webextension>'
    )
    return book.sheet([]).bytes()


def label_range(n: str, rng: random.Random) -> bytes:
    """A chart's labels from cells: a cache in an extension."""
    book = Book()
    book.parts["xl/charts/chart1.xml"] = (
        f'{START}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:extLst><c:ext xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart"><c15:datalabelsRange><c15:f>S!A1</c15:f><c15:dlblRangeCache><c:pt idx="0"><c:v>Visa {spaced(n)}</c:v></c:pt></c15:dlblRangeCache></c15:datalabelsRange></c:ext></c:extLst></c:chartSpace>'
    )
    return book.sheet([]).bytes()


def query_table(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.parts["xl/queryTables/queryTable1.xml"] = (
        f'{START}<queryTable xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" name="card {n}" connectionId="1"/>'
    )
    return book.sheet([]).bytes()


def _b(kind: int, body: bytes) -> bytes:
    """A record of a binary workbook ([MS-XLSB] 2.1.4)."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, out = len(body), b""
    while True:
        out += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + out + body


def _wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def binary_book(rows: list[list[object]], more: dict[str, str | bytes] | None = None) -> bytes:
    """Return a binary workbook: text is shared, bytes are a text of its own, numbers are numbers."""
    strings: list[str] = []
    data = _b(129, b"") + _b(145, b"")
    for row, cells in enumerate(rows):
        data += _b(0, struct.pack("<LLHBBBL", row, 0, 300, 0, 0, 0, 0))
        for column, value in enumerate(cells):
            head = struct.pack("<LL", column, 0)
            if isinstance(value, str):
                strings.append(value)
                data += _b(7, head + struct.pack("<L", len(strings) - 1))
            elif isinstance(value, bytes):
                data += _b(6, head + _wide(value.decode()))
            elif isinstance(value, int) and value < 1 << 28:
                data += _b(2, head + struct.pack("<l", value << 2 | 2))
            else:
                data += _b(5, head + struct.pack("<d", value))
    data += _b(146, b"") + _b(130, b"")
    shared = (
        _b(159, struct.pack("<LL", len(strings), len(strings)))
        + b"".join(_b(19, b"\0" + _wide(text)) for text in strings)
        + _b(160, b"")
    )
    styles = (
        _b(278, b"")
        + _b(617, struct.pack("<L", 1))
        + _b(47, struct.pack("<HHHHHBBHH", 0, 0, 0, 0, 0, 0, 0, 0, 0)[:16])
        + _b(618, b"")
        + _b(279, b"")
    )
    book = (
        _b(131, b"")
        + _b(143, b"")
        + _b(156, struct.pack("<LL", 0, 1) + _wide("rId1") + _wide("S1"))
        + _b(144, b"")
        + _b(132, b"")
    )
    parts = {
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": data,
        "xl/sharedStrings.bin": shared,
        "xl/styles.bin": styles,
        **(more or {}),
    }
    return package("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", parts, {})


def binary_text(n: str, rng: random.Random) -> bytes:
    return binary_book([["Name", "Card number"], ["Anna", spaced(n)], [KEPT]])


def binary_number(n: str, rng: random.Random) -> bytes:
    """The number as a number of eight bytes; its sixteenth digit stays where the program did not round it."""
    return binary_book([["Name", "Card number"], ["Anna", float(int(n))], [KEPT]])


def binary_four_cells(n: str, rng: random.Random) -> bytes:
    return binary_book([["Visa", *(int(n[i : i + 4]) for i in range(0, 16, 4))], [KEPT]])


def binary_comment(n: str, rng: random.Random) -> bytes:
    return binary_book(
        [[KEPT]],
        {
            "xl/comments1.bin": _b(628, b"")
            + _b(633, b"")
            + _b(635, struct.pack("<LLLLL", 0, 0, 0, 0, 0) + bytes(16))
            + _b(637, b"\0" + _wide(f"Visa {spaced(n)}"))
            + _b(636, b"")
            + _b(634, b"")
            + _b(629, b"")
        },
    )


def _slide(inside: str) -> bytes:
    return slides.on_slide(inside)


def slide_digits(n: str, rng: random.Random) -> bytes:
    return _slide("Visa " + "</a:t></a:r><a:r><a:rPr lang='de-DE' b='1'/><a:t>".join(n))


def slide_fields(n: str, rng: random.Random) -> bytes:
    return _slide(f'card </a:t></a:r><a:fld id="{{B1}}" type="slidenum"><a:t>{n[:8]}</a:t></a:fld><a:r><a:t>{n[8:]}')


def custom_show(n: str, rng: random.Random) -> bytes:
    return slides._with(
        {
            "ppt/presentation.xml": (
                "<p:defaultTextStyle>",
                f'<p:custShowLst><p:custShow name="Visa {spaced(n)}" id="0"><p:sldLst/></p:custShow></p:custShowLst><p:defaultTextStyle>',
            )
        }
    )


def _snappy(data: bytes) -> bytes:
    """Literals only, but for one copy of what came before where it pays (Apple's framing: a zero and a length)."""
    out, at, size = b"", 0, len(data)
    head = b""
    while True:
        head += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            break
    while at < len(data):
        match = next(
            (
                length
                for length in range(min(32, len(data) - at), 3, -1)
                if data.rfind(data[at : at + length], 0, at) >= 0
            ),
            0,
        )
        if match:
            back = at - data.rfind(data[at : at + match], 0, at)
            out += bytes([match - 1 << 2 | 2]) + struct.pack("<H", back)
            at += match
        else:
            stop = at + 1
            while (
                stop < len(data)
                and stop - at < 60
                and not any(data.rfind(data[stop : stop + 4], 0, stop) >= 0 for _ in "x" if stop + 4 <= len(data))
            ):
                stop += 1
            out += bytes([stop - at - 1 << 2]) + data[at:stop]
            at = stop
    body = head + out
    return b"\0" + len(body).to_bytes(3, "little") + body


def _protobuf(text: str) -> bytes:
    raw = text.encode()
    size = bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7]) if len(raw) > 127 else bytes([len(raw)])
    return b"\x0a\x08\x08\xd1\x0f\x12\x02\x01\x00" + b"\x1a" + size + raw


def pages_document(n: str, rng: random.Random) -> bytes:
    """Apple Pages: text in snappy; a part of the number is a copy of what stands in front of it."""
    text = f"Reference {n[4:12]} and then\nmy credit card is {spaced(n)}, thank you, card {n}.\n{KEPT}"
    return zipped(
        ("Index/Document.iwa", _snappy(_protobuf(text))),
        ("Metadata/Properties.plist", b"bplist00\xd0\x08" + bytes(30)),
        method=0,
    )


def numbers_workbook(n: str, rng: random.Random) -> bytes:
    """Apple Numbers: a list of strings, inside a package inside a ZIP, as the Finder sends it."""
    strings = b"".join(
        b"\x1a" + bytes([len(t) + 4, 8, i, 0x1A, len(t)]) + t.encode()
        for i, t in enumerate(("Name", "Card number", "Anna", spaced(n), KEPT))
    )
    index = zipped(("Tables/DataList.iwa", _snappy(strings)), method=0)
    return zipped(("Order.numbers/Index.zip", index), ("Order.numbers/preview.txt", KEPT.encode()), method=0)


def database_of_libreoffice(n: str, rng: random.Random) -> bytes:
    script = f'CREATE CACHED TABLE "Cards"("ID" INTEGER,"Number" VARCHAR(30))\nINSERT INTO "Cards" VALUES(1,\'{spaced(n)}\')\n-- {KEPT}\n'
    return zipped(
        ("mimetype", b"application/vnd.oasis.opendocument.base"),
        (
            "content.xml",
            b'<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
        ),
        ("database/script", script.encode()),
        method=0,
    )


def drawing_of_libreoffice(n: str, rng: random.Random) -> bytes:
    body = f'<draw:page draw:name="p"><draw:custom-shape>{odf.p("Visa ", odf.span(n[:5]), odf.span(n[5:]))}</draw:custom-shape><draw:custom-shape>{odf.p(KEPT)}</draw:custom-shape></draw:page>'
    return odf._document("drawing", body).replace(b"opendocument.drawing", b"opendocument.graphics")


def formula_of_libreoffice(n: str, rng: random.Random) -> bytes:
    return zipped(
        ("mimetype", b"application/vnd.oasis.opendocument.formula"),
        (
            "content.xml",
            f'<?xml version="1.0"?><math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>Visa</mi><mn>{n}</mn></mrow><annotation encoding="StarMath 5.0">Visa {n} {KEPT}</annotation></semantics></math>'.encode(),
        ),
        method=0,
    )


def flat_sheet(n: str, rng: random.Random) -> bytes:
    rows = f'<table:table table:name="S">{odf._row(odf.cell("Card"))}{odf._row(odf.cell(spaced(n)))}{odf._row(odf.cell(KEPT))}</table:table>'
    return f'<?xml version="1.0" encoding="UTF-8"?><office:document {odf.SPACES} office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>{rows}</office:spreadsheet></office:body></office:document>'.encode()


def form_of_writer(n: str, rng: random.Random) -> bytes:
    form = f'<office:forms><form:form form:name="F"><form:text form:name="creditcard" form:current-value="{spaced(n)}"/></form:form></office:forms>'.replace(
        "form:", "form:"
    )
    return odf._text(
        form.replace("<office:forms>", '<office:forms xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0">')
        + odf.p("hello")
    )


def bibliography(n: str, rng: random.Random) -> bytes:
    return odf._text(
        odf.p(f'<text:bibliography-mark text:identifier="x" text:note="Visa {spaced(n)}">[x]</text:bibliography-mark>')
    )


def ruby_of_writer(n: str, rng: random.Random) -> bytes:
    return odf._text(
        odf.p(
            "Visa ",
            f"<text:ruby><text:ruby-base>{n[:8]}</text:ruby-base><text:ruby-text>a</text:ruby-text></text:ruby>{n[8:]}",
        )
    )


def comment_of_word_web(n: str, rng: random.Random) -> bytes:
    comments = f'{START}<w:comments {SPACES}><w:comment w:id="0" w:author="A">{p(run("card"))}{p(run(n[:4]))}{p(run(n[4:]))}</w:comment></w:comments>'
    return document(p(run("x")), {"word/comments.xml": comments}, (("comments", "comments.xml"),))


_MAKERS: tuple[Maker, ...] = (
    proofing_marks, of_google_docs, control_for_each_digit, cell_control_for_each_digit, group_of_shapes,
    unbreakable_hyphens, fitted_text, document_variable, control_of_forms, packaged_text, default_of_a_field,
    titles_of_parts, chart_in_a_letter, deleted_insertion, word_2003, excel_2003, link_formula, formatted_formula,
    characters_formula, thousands, two_columns, digit_a_column, sheet_name, form_picture_header, web_extension,
    label_range, query_table, binary_text, binary_number, binary_four_cells, binary_comment, slide_digits, slide_fields,
    custom_show, pages_document, numbers_workbook, database_of_libreoffice, drawing_of_libreoffice,
    formula_of_libreoffice, flat_sheet, form_of_writer, bibliography, ruby_of_writer, comment_of_word_web,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
