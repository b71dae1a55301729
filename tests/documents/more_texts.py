"""A second set of Word, OpenDocument and PowerPoint tricks, written when the readers of the first were done.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import random

from tests.documents import open_documents as odf
from tests.documents import slides
from tests.documents.archives import zipped
from tests.documents.packages import KEPT, START, package, relations, spaced
from tests.documents.texts import _TYPE, SPACES, Maker, _cells, _part, document, p, run

_MARKS = {kind: f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")}


def _field(codes: str, result: str = "") -> str:
    return _MARKS["begin"] + run(codes, tag="instrText") + _MARKS["separate"] + run(result) + _MARKS["end"]


def quote_field(n: str, rng: random.Random) -> bytes:
    """A field that only shows its text (ECMA-376-1 §17.16.5.46)."""
    return document(p(run("card "), _field(f' QUOTE "{spaced(n)}" ', spaced(n))))


def quote_field_bare(n: str, rng: random.Random) -> bytes:
    return document(p(run("card "), _field(f" QUOTE {n} ", n)))


def quote_codes(n: str, rng: random.Random) -> bytes:
    """The same by the codes of the characters: what shows them is computed anew whenever fields are updated."""
    return document(p(run("card "), _field(f" QUOTE {' '.join(str(ord(digit)) for digit in n)} ", n)))


def advanced_field(n: str, rng: random.Random) -> bytes:
    """A condition that shows one of two texts."""
    return document(p(run("card "), _field(f' IF 1 = 1 "{spaced(n)[:9]}" "nothing" ', spaced(n)[:9]), run(n[8:])))


def nested_field(n: str, rng: random.Random) -> bytes:
    """A field inside the code of another."""
    inner = _field(f' QUOTE "{n[8:]}" ', n[8:])
    codes = run(f' QUOTE "{n[:8]}', tag="instrText") + inner + run('" ', tag="instrText")
    return document(p(run("Visa "), _MARKS["begin"], codes, _MARKS["separate"], run(n), _MARKS["end"]))


def set_field(n: str, rng: random.Random) -> bytes:
    return document(p(_field(f' SET card "{spaced(n)}" '), run("hello")))


def index_entry(n: str, rng: random.Random) -> bytes:
    return document(p(run("hello"), _field(f' XE "card:{spaced(n)}" ')))


def soft_hyphens(n: str, rng: random.Random) -> bytes:
    return document(p(run("card "), "<w:r><w:softHyphen/></w:r>".join(run(n[i : i + 3]) for i in range(0, len(n), 3))))


def mixed_dashes(n: str, rng: random.Random) -> bytes:
    groups = spaced(n).split(" ")
    return document(p(run(f"card {groups[0]}–{groups[1]}‑{groups[2]}−{groups[3]}")))


def symbols_in_runs(n: str, rng: random.Random) -> bytes:
    """Every other digit is a symbol."""
    inside = "".join(
        f"<w:t>{digit}</w:t>" if at % 2 else f'<w:sym w:font="Wingdings" w:char="00{ord(digit):02X}"/>'
        for at, digit in enumerate(n)
    )
    return document(p(run("card "), f"<w:r>{inside}</w:r>"))


def ruby(n: str, rng: random.Random) -> bytes:
    """Small text above a word (§17.3.3.25)."""
    base = f"<w:rubyBase>{run('card')}</w:rubyBase>"
    return document(p(f"<w:r><w:ruby><w:rt>{run(spaced(n))}</w:rt>{base}</w:ruby></w:r>"))


def ruby_pieces(n: str, rng: random.Random) -> bytes:
    """The number is the base, two digits at a time, with small text above each."""
    pieces = "".join(
        f"<w:r><w:ruby><w:rt>{run('x')}</w:rt><w:rubyBase>{run(n[i : i + 2])}</w:rubyBase></w:ruby></w:r>"
        for i in range(0, len(n), 2)
    )
    return document(p(run("card "), pieces))


def glossary(n: str, rng: random.Random) -> bytes:
    """Building blocks (§12.?): a document of its own beside the main one."""
    part = f"<w:docPart><w:docPartBody>{p(run(f'card {n[:5]}'), run(n[5:]))}</w:docPartBody></w:docPart>"
    return document(
        p(run("hi")),
        {"word/glossary/document.xml": _part("glossaryDocument", f"<w:docParts>{part}</w:docParts>")},
        (("glossaryDocument", "glossary/document.xml"),),
    )


def smart_art(n: str, rng: random.Random) -> bytes:
    spaces = 'xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram"'
    spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    text = f"<dsp:txBody><a:p><a:r><a:t>card {n[:9]}</a:t></a:r><a:r><a:t>{n[9:]}</a:t></a:r></a:p></dsp:txBody>"
    drawing = f"{START}<dsp:drawing {spaces}><dsp:spTree><dsp:sp>{text}</dsp:sp></dsp:spTree></dsp:drawing>"
    return document(p(run("hi")), {"word/diagrams/drawing1.xml": drawing})


def chunk_of_rtf(n: str, rng: random.Random) -> bytes:
    page = rf"{{\rtf1\ansi card {{\b {n[:4]}}}\u8203?{n[4:]}}}"
    return document('<w:altChunk r:id="rId1"/>', {"word/afchunk.rtf": page}, (("aFChunk", "afchunk.rtf"),))


def chunk_of_word(n: str, rng: random.Random) -> bytes:
    inner = document(p(run("card "), run(n[:9]), run(n[9:])))
    return document('<w:altChunk r:id="rId1"/>', {"word/afchunk.docx": inner}, (("aFChunk", "afchunk.docx"),))


def chunk_of_mail(n: str, rng: random.Random) -> bytes:
    page = f"MIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>card {n[:7]}=\r\n{n[7:]}</p>\r\n"
    return document('<w:altChunk r:id="rId1"/>', {"word/afchunk.mht": page}, (("aFChunk", "afchunk.mht"),))


def archive_inside(n: str, rng: random.Random) -> bytes:
    """An archive among the embedded files, with an archive in it."""
    inner = zipped(("b.zip", zipped(("card.csv", f"card;cvv\r\n{n};321\r\n".encode()))))
    return document(p(run("hi")), {"word/embeddings/files.zip": inner}, (("package", "embeddings/files.zip"),))


def bound_control(n: str, rng: random.Random) -> bytes:
    """A control that shows an element of the custom XML: code and date are told by their names."""
    item = f'{START}<o xmlns="urn:o"><pan>{n[:4]} {n[4:8]} {n[8:12]} {n[12:]}</pan><securityCode>321</securityCode></o>'
    binding = '<w:dataBinding w:xpath="/o/pan" w:storeItemID="{1}"/>'
    control = f"<w:sdt><w:sdtPr>{binding}</w:sdtPr><w:sdtContent>{run(spaced(n))}</w:sdtContent></w:sdt>"
    return document(p(control), {"customXml/item1.xml": item}, (("customXml", "../customXml/item1.xml"),))


def cell_in_cell(n: str, rng: random.Random) -> bytes:
    """A table in a cell; the groups stand in cells of the inner one."""
    inner = f"<w:tbl><w:tblPr/><w:tblGrid/>{_cells(*spaced(n).split(' '))}</w:tbl>"
    row = f"<w:tr><w:tc><w:tcPr/>{p(run('Card number'))}</w:tc><w:tc><w:tcPr/>{inner}{p(run(''))}</w:tc></w:tr>"
    return document(f"<w:tbl><w:tblPr/><w:tblGrid/>{row}</w:tbl>")


def one_digit_a_cell(n: str, rng: random.Random) -> bytes:
    """A form with a box for every digit."""
    return document(p(run("Credit card number:")) + f"<w:tbl><w:tblPr/><w:tblGrid/>{_cells(*n)}</w:tbl>")


def one_digit_a_row(n: str, rng: random.Random) -> bytes:
    rows = "".join(_cells(group) for group in spaced(n).split(" "))
    return document(p(run("Credit card number:")) + f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")


def changed_and_hidden(n: str, rng: random.Random) -> bytes:
    """A deletion and a hidden decoy in one number."""
    gone = f'<w:del w:id="1" w:author="A">{run("98", tag="delText")}</w:del>'
    return document(p(run("card " + n[:5]), gone, run(n[5:9]), run("77", "<w:vanish/>"), run(n[9:])))


def digits_of_others(n: str, rng: random.Random) -> bytes:
    """Arabic-Indic digits."""
    return document(p(run("card " + "".join(chr(0x0660 + int(d)) for d in n))))


def bold_digits(n: str, rng: random.Random) -> bytes:
    """Mathematical bold digits."""
    return document(p(run("card " + "".join(chr(0x1D7CE + int(d)) for d in n))))


def people(n: str, rng: random.Random) -> bytes:
    """A modern comment's extension, and the author of a change."""
    note = f'<w:comment w:id="0" w:author="Visa {spaced(n)}" w:initials="A">{p(run("x"))}</w:comment>'
    return document(p(run("Text")), {"word/comments.xml": _part("comments", note)}, (("comments", "comments.xml"),))


def bookmark(n: str, rng: random.Random) -> bytes:
    return document(p(f'<w:bookmarkStart w:id="1" w:name="card_{n}"/><w:bookmarkEnd w:id="1"/>', run("hi")))


def mail_merge(n: str, rng: random.Random) -> bytes:
    inside = f"<w:mailMerge><w:query w:val=\"SELECT * FROM t WHERE card = '{n}'\"/></w:mailMerge>"
    return document(p(run("hi")), {"word/settings.xml": _part("settings", inside)}, (("settings", "settings.xml"),))


def flat(n: str, rng: random.Random) -> bytes:
    """A package as one XML file (Flat OPC), which Word opens."""
    body = f"<w:document {SPACES}><w:body>{p(run('card '), run(n[:6]), run(n[6:]))}{p(run(KEPT))}</w:body></w:document>"
    part = f'<pkg:part pkg:name="/word/document.xml" pkg:contentType="{_TYPE}.document.main+xml"><pkg:xmlData>{body}'
    head = '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
    return (
        f'{START}<?mso-application progid="Word.Document"?>{head}{part}</pkg:xmlData></pkg:part></pkg:package>'.encode()
    )


def strict(n: str, rng: random.Random) -> bytes:
    """The strict edition of the standard, with its own namespaces."""
    space = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
    main = f"{START}<w:document {space}><w:body>{p(run('card '), run(n[:3]), run(n[3:]))}{p(run(KEPT))}</w:body></w:document>"
    parts = {"word/document.xml": main, "word/_rels/document.xml.rels": relations()}
    return package("word/document.xml", f"{_TYPE}.document.main+xml", parts, {})


def doc_type_inside(n: str, rng: random.Random) -> bytes:
    """A comment part in UTF-16, big-endian, with a declaration."""
    note = f'<w:comment w:id="0">{p(run(f"card {spaced(n)}"))}</w:comment>'
    raw = _part("comments", note).replace("UTF-8", "UTF-16").encode("utf-16-be")
    return document(p(run("x")), {"word/comments.xml": b"\xfe\xff" + raw}, (("comments", "comments.xml"),))


# OpenDocument


def odt_change_inside(n: str, rng: random.Random) -> bytes:
    marks = ('<text:change-start text:change-id="c1"/>', '<text:change-end text:change-id="c1"/>')
    return odf._text(odf._changes("insertion", "") + odf.p(f"card {n[:7]}{marks[0]}{n[7:]}{marks[1]}"))


def odt_user_field(n: str, rng: random.Random) -> bytes:
    row = f'<text:user-field-decl office:value-type="float" office:value="{n}" text:name="card"/>'
    shown = f'<text:user-field-get text:name="card">{n}</text:user-field-get>'
    return odf._text(f"<text:user-field-decls>{row}</text:user-field-decls>" + odf.p("card ", shown))


def odt_placeholder(n: str, rng: random.Random) -> bytes:
    return odf._text(
        odf.p(f'<text:placeholder text:placeholder-type="text">&lt;Visa {spaced(n)}&gt;</text:placeholder>')
    )


def odt_conditional(n: str, rng: random.Random) -> bytes:
    shown = f'<text:conditional-text text:condition="ooow:1" text:string-value-if-true="{spaced(n)}">x</text:conditional-text>'
    return odf._text(odf.p("card ", shown))


def odt_hidden_text(n: str, rng: random.Random) -> bytes:
    return odf._text(odf.p(f'<text:hidden-text text:condition="ooow:1" text:string-value="card {spaced(n)}"/>', "x"))


def odt_soft_hyphen(n: str, rng: random.Random) -> bytes:
    return odf._text(odf.p("card " + "­".join(n[i : i + 4] for i in range(0, len(n), 4))))


def odt_line_breaks(n: str, rng: random.Random) -> bytes:
    return odf._text(odf.p("card<text:line-break/>" + "<text:tab/>".join(spaced(n).split(" "))))


def odt_section(n: str, rng: random.Random) -> bytes:
    return odf._text(f'<text:section text:name="s" text:display="none">{odf.p("card " + spaced(n))}</text:section>')


def odt_script(n: str, rng: random.Random) -> bytes:
    code = f'{START}<library:module xmlns:library="http://openoffice.org/2000/script">card = "{n[:8]}" &amp; "{n[8:]}"</library:module>'
    return odf._text(odf.p("x"), {"Basic/Standard/Module1.xml": code})


def odt_flat(n: str, rng: random.Random) -> bytes:
    """A text document as one XML file (fodt)."""
    body = f"<office:body><office:text>{odf.p('card ', odf.span(n[:4]), odf.span(n[4:]))}{odf.p(KEPT)}</office:text></office:body>"
    kind = 'office:mimetype="application/vnd.oasis.opendocument.text"'
    return f'{START}<office:document {odf.SPACES} {kind} office:version="1.3">{body}</office:document>'.encode()


# PowerPoint


def pptx_modern_comment(n: str, rng: random.Random) -> bytes:
    spaces = 'xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main"'
    spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    text = f"<p188:txBody><a:p><a:r><a:t>card {n[:4]}</a:t></a:r><a:r><a:t>{n[4:]}</a:t></a:r></a:p></p188:txBody>"
    note = f'{START}<p188:cmLst {spaces}><p188:cm id="{{1}}" authorId="{{2}}">{text}</p188:cm></p188:cmLst>'
    return slides._with({}, {"ppt/comments/modernComment_1.xml": note})


def pptx_field(n: str, rng: random.Random) -> bytes:
    return slides.on_slide(
        f'card </a:t></a:r><a:fld id="{{1}}" type="datetime"><a:t>{spaced(n)}</a:t></a:fld><a:r><a:t>'
    )


def pptx_group_name(n: str, rng: random.Random) -> bytes:
    return slides._with({"ppt/slides/slide1.xml": ('name="TextBox 1"', f'name="Visa {spaced(n)}"')})


def pptx_link(n: str, rng: random.Random) -> bytes:
    inside = f'pay</a:t></a:r><a:r><a:rPr><a:hlinkClick r:id="" tooltip="Visa {spaced(n)}"/></a:rPr><a:t>here'
    return slides.on_slide(inside)


def pptx_section(n: str, rng: random.Random) -> bytes:
    space = 'xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"'
    more = f'<p:extLst><p:ext uri="{{5}}"><p14:sectionLst {space}><p14:section name="card {n}" id="{{1}}"/></p14:sectionLst></p:ext></p:extLst></p:presentation>'
    return slides._with({"ppt/presentation.xml": ("</p:presentation>", more)})


def pptx_equation(n: str, rng: random.Random) -> bytes:
    space = 'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    runs = "".join(f"<m:r><m:t>{n[i : i + 4]}</m:t></m:r>" for i in range(0, len(n), 4))
    return slides.on_slide(f"Visa </a:t></a:r><a14:m {space}><m:oMath>{runs}</m:oMath></a14:m><a:r><a:t>")


def pptx_chart_values(n: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    title = '<c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Card number</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    values = f'<c:val><c:numLit><c:ptCount val="1"/><c:pt idx="0"><c:v>{n}</c:v></c:pt></c:numLit></c:val>'
    part = f'{START}<c:chartSpace xmlns:c="{space}">{title}{values}</c:chartSpace>'
    return slides._with({}, {"ppt/charts/chart1.xml": part})


_MAKERS: tuple[Maker, ...] = (
    quote_field, quote_field_bare, quote_codes, advanced_field, nested_field, set_field, index_entry, soft_hyphens, mixed_dashes,
    symbols_in_runs, ruby, ruby_pieces, glossary, smart_art, chunk_of_rtf, chunk_of_word, chunk_of_mail,
    archive_inside, bound_control, cell_in_cell, one_digit_a_cell, one_digit_a_row, changed_and_hidden,
    digits_of_others, bold_digits, people, bookmark, mail_merge, flat, strict, doc_type_inside, odt_change_inside,
    odt_user_field, odt_placeholder, odt_conditional, odt_hidden_text, odt_soft_hyphen, odt_line_breaks, odt_section,
    odt_script, odt_flat, pptx_modern_comment, pptx_field, pptx_group_name, pptx_link, pptx_section, pptx_equation,
    pptx_chart_values,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
