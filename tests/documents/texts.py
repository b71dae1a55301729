"""Word documents made by hand: one function a trick, each with the number somewhere in it.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``. Every document has a last paragraph that says ``KEPT``.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.documents import workbooks
from tests.documents.compound_files import compound, packager
from tests.documents.packages import KEPT, START, package, relations, spaced

Maker = Callable[[str, random.Random], bytes]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"


def run(text: str, properties: str = "", tag: str = "t") -> str:
    """Return a run."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'


def p(*inside: str) -> str:
    """Return a paragraph."""
    return f"<w:p>{''.join(inside)}</w:p>"


def document(
    body: str,
    parts: dict[str, str | bytes] | None = None,
    rows: tuple[tuple[str, ...], ...] = (),
    *,
    macro: bool = False,
) -> bytes:
    """Return a document; ``rows`` are relationships of its main part: (type, target) or (type, target, mode)."""
    parts = dict(parts or {})
    main = f"{START}<w:document {SPACES}><w:body>{body}{p(run(KEPT))}<w:sectPr>SECT</w:sectPr></w:body></w:document>"
    sect = ""
    listed = []
    overrides = {}
    for number, row in enumerate(rows, 1):
        listed.append((f"rId{number}", *row))
        if row[0] in ("header", "footer"):
            sect += f'<w:{row[0]}Reference w:type="default" r:id="rId{number}"/>'
        if row[0] in ("header", "footer", "comments", "footnotes", "endnotes", "settings", "styles"):
            overrides[f"word/{row[1]}"] = f"{_TYPE}.{row[0]}+xml"
    whole: dict[str, str | bytes] = {
        "word/document.xml": main.replace("SECT", sect),
        "word/_rels/document.xml.rels": relations(*listed),  # type: ignore[arg-type]
        **parts,
    }
    return package("word/document.xml", _MACRO if macro else f"{_TYPE}.document.main+xml", whole, overrides)


def _part(root: str, inside: str) -> str:
    return f"{START}<w:{root} {SPACES}>{inside}</w:{root}>"


def _split(number: str, rng: random.Random, size: int) -> list[str]:
    text = f"My card is {spaced(number)} thanks"
    return [text[i : i + size] for i in range(0, len(text), size)]


def plain(number: str, rng: random.Random) -> bytes:
    return document(p(run(f"Please charge my card {spaced(number)} today")))


def split_runs(number: str, rng: random.Random) -> bytes:
    return document(p(*(run(piece, rng.choice(("", "<w:b/>", "<w:i/>"))) for piece in _split(number, rng, 5))))


def one_run_a_letter(number: str, rng: random.Random) -> bytes:
    return document(p(*(run(piece) for piece in _split(number, rng, 1))))


def marks_between(number: str, rng: random.Random) -> bytes:
    marks = ('<w:proofErr w:type="spellStart"/>', '<w:bookmarkStart w:id="1" w:name="a"/><w:bookmarkEnd w:id="1"/>', "")
    return document(p(*(run(piece) + rng.choice(marks) for piece in _split(number, rng, 3))))


def inside_link(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), f'<w:hyperlink w:anchor="x">{run(number[:6])}</w:hyperlink>', run(number[6:])))


def smart_tag(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), f'<w:smartTag w:element="x">{run(number[:9])}</w:smartTag>', run(number[9:])))


def header(number: str, rng: random.Random) -> bytes:
    return document(
        p(run("See above")), {"word/header1.xml": _part("hdr", p(run(spaced(number))))}, (("header", "header1.xml"),)
    )


def footer(number: str, rng: random.Random) -> bytes:
    return document(
        p(run("See below")), {"word/footer1.xml": _part("ftr", p(run(f"card {number}")))}, (("footer", "footer1.xml"),)
    )


def _noted(kind: str, number: str) -> bytes:
    root = f"{kind}s"
    note = f'<w:{kind} w:id="2">{p(run(f"Card {spaced(number)}"))}</w:{kind}>'
    return document(
        p(run("Text"), f'<w:r><w:{kind}Reference w:id="2"/></w:r>'),
        {f"word/{root}.xml": _part(root, note)},
        ((root, f"{root}.xml"),),
    )


def footnote(number: str, rng: random.Random) -> bytes:
    return _noted("footnote", number)


def endnote(number: str, rng: random.Random) -> bytes:
    return _noted("endnote", number)


def comment(number: str, rng: random.Random) -> bytes:
    note = f'<w:comment w:id="0" w:author="A" w:initials="A">{p(run(f"Visa {number}"))}</w:comment>'
    return document(p(run("Text")), {"word/comments.xml": _part("comments", note)}, (("comments", "comments.xml"),))


def text_box(number: str, rng: random.Random) -> bytes:
    inside = f"<w:txbxContent>{p(run('card ' + spaced(number)))}</w:txbxContent>"
    box = f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx>'
    box += "</w:drawing></mc:Choice>"
    box += f"<mc:Fallback><w:pict><v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict></mc:Fallback>"
    return document(p(run("before "), f"<w:r>{box}</mc:AlternateContent></w:r>", run("after")))


def inserted(number: str, rng: random.Random) -> bytes:
    change = f'<w:ins w:id="1" w:author="A">{run(number[4:9])}</w:ins>'
    return document(p(run("card " + number[:4]), change, run(number[9:])))


def deleted(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), f'<w:del w:id="1" w:author="A">{run(spaced(number), tag="delText")}</w:del>'))


def deletion_inside(number: str, rng: random.Random) -> bytes:
    gone = f'<w:del w:id="1" w:author="A">{run("987", tag="delText")}</w:del>'
    return document(p(run("card " + number[:7]), gone, run(number[7:])))


def moved(number: str, rng: random.Random) -> bytes:
    text = run("card " + spaced(number))
    away = f'<w:moveFrom w:id="1" w:author="A">{text}</w:moveFrom>'
    return document(p(away) + p(f'<w:moveTo w:id="2" w:author="A">{text}</w:moveTo>'))


def hidden(number: str, rng: random.Random) -> bytes:
    return document(p(run("hello"), run("card " + spaced(number), "<w:vanish/>")))


def hidden_decoy(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + number[:8]), run("31", "<w:vanish/>"), run(number[8:])))


def white_decoy(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + number[:8]), run("31", '<w:color w:val="FFFFFF"/>'), run(number[8:])))


def _cells(*texts: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{p(run(text))}</w:tc>" for text in texts) + "</w:tr>"


def four_cells(number: str, rng: random.Random) -> bytes:
    groups = spaced(number).split(" ")
    return document(f"<w:tbl><w:tblPr/><w:tblGrid/>{_cells('Credit card:', *groups)}</w:tbl>")


def table(number: str, rng: random.Random) -> bytes:
    rows = _cells("Card no.", "CVV", "Exp") + _cells(spaced(number), "321", "10/28")
    return document(f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")


def field_code(number: str, rng: random.Random) -> bytes:
    pieces = f' HYPERLINK "https://pay.example/?card={number}" '
    codes = "".join(run(piece, tag="instrText") for piece in (pieces[:30], pieces[30:45], pieces[45:]))
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return document(p(marks[0], codes, marks[1], run("pay"), marks[2]))


def simple_field(number: str, rng: random.Random) -> bytes:
    return document(p(f'<w:fldSimple w:instr=" FILLIN &quot;{spaced(number)}&quot; ">{run("x")}</w:fldSimple>'))


def content_control(number: str, rng: random.Random) -> bytes:
    control = f'<w:sdt><w:sdtPr><w:alias w:val="Card"/></w:sdtPr><w:sdtContent>{run(number)}</w:sdtContent></w:sdt>'
    return document(p(run("Card number "), control))


def list_item(number: str, rng: random.Random) -> bytes:
    items = f'<w:dropDownList><w:listItem w:displayText="{spaced(number)}" w:value="{number}"/></w:dropDownList>'
    return document(p(f"<w:sdt><w:sdtPr>{items}</w:sdtPr><w:sdtContent>{run('choose')}</w:sdtContent></w:sdt>"))


def form_field(number: str, rng: random.Random) -> bytes:
    data = f'<w:ffData><w:name w:val="f"/><w:textInput><w:default w:val="{spaced(number)}"/></w:textInput></w:ffData>'
    return document(p(f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>', run("x")))


def variable(number: str, rng: random.Random) -> bytes:
    inside = f'<w:docVars><w:docVar w:name="card" w:val="{number}"/><w:docVar w:name="cvv" w:val="321"/></w:docVars>'
    return document(p(run("hi")), {"word/settings.xml": _part("settings", inside)}, (("settings", "settings.xml"),))


def title(number: str, rng: random.Random) -> bytes:
    space = 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    core = f'{START}<cp:coreProperties {space} xmlns:dc="http://purl.org/dc/elements/1.1/">'
    core += f"<dc:title>card {number}</dc:title>"
    return document(p(run("hi")), {"docProps/core.xml": f"{core}</cp:coreProperties>"})


def company(number: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    app = f'{START}<Properties xmlns="{space}"><Company>Visa {spaced(number)}</Company></Properties>'
    return document(p(run("hi")), {"docProps/app.xml": app})


def custom_property(number: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
    types = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
    rows = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{i}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for i, (name, value) in enumerate((("Card number", number), ("CVV", "321")), 2)
    )
    custom = f'{START}<Properties xmlns="{space}" xmlns:vt="{types}">{rows}</Properties>'
    return document(p(run("hi")), {"docProps/custom.xml": custom})


def custom_xml(number: str, rng: random.Random) -> bytes:
    item = f'{START}<order xmlns="urn:shop"><customer>Ann</customer><cardNumber>{number}</cardNumber>'
    item += "<cvv>321</cvv></order>"
    return document(p(run("hi")), {"customXml/item1.xml": item}, (("customXml", "../customXml/item1.xml"),))


def custom_xml_attributes(number: str, rng: random.Random) -> bytes:
    item = f'{START}<o:order xmlns:o="urn:shop"><o:card number="{number}" cvv="321" expiry="10/28"/></o:order>'
    return document(p(run("hi")), {"customXml/item1.xml": item}, (("customXml", "../customXml/item1.xml"),))


def alternative_text(number: str, rng: random.Random) -> bytes:
    shape = "<w:drawing><wp:inline>"
    shape += f'<wp:docPr id="1" name="Picture 1" descr="my card {spaced(number)}"/></wp:inline></w:drawing>'
    return document(p(f"<w:r>{shape}</w:r>"))


def word_art(number: str, rng: random.Random) -> bytes:
    return document(p(f'<w:r><w:pict><v:shape><v:textpath string="{spaced(number)}"/></v:shape></w:pict></w:r>'))


def symbols(number: str, rng: random.Random) -> bytes:
    digits = "".join(f'<w:r><w:sym w:font="Symbol" w:char="F0{ord(c):02X}"/></w:r>' for c in number)
    return document(p(run("card "), digits))


def references(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + "".join(rng.choice((c, f"&#{ord(c)};", f"&#x{ord(c):x};")) for c in number))))


def character_data(number: str, rng: random.Random) -> bytes:
    return document(p(run(f"card <![CDATA[{number[:6]}]]>{number[6:]}")))


def comment_inside(number: str, rng: random.Random) -> bytes:
    return document(p(run(f"card {number[:6]}<!-- x -->{number[6:]}")))


def in_a_comment(number: str, rng: random.Random) -> bytes:
    return document(p(run("hi")) + f"<!-- card {spaced(number)} -->")


def full_width(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + "".join(chr(ord(c) + 0xFEE0) for c in number))))


def invisible(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + "\u200b".join(number))))


def tabs_between(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), "<w:r><w:tab/></w:r>".join(run(g) for g in spaced(number).split(" "))))


def hyphens(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), "<w:r><w:noBreakHyphen/></w:r>".join(run(g) for g in spaced(number).split(" "))))


def equation(number: str, rng: random.Random) -> bytes:
    return document(p(run("card "), f"<m:oMath><m:r><m:t>{number}</m:t></m:r></m:oMath>"))


def link_target(number: str, rng: random.Random) -> bytes:
    target = f"https://pay.example/?cardnumber={number}&amp;cvv=321"
    return document(
        p(f'<w:hyperlink r:id="rId1">{run("pay")}</w:hyperlink>'), None, (("hyperlink", target, "External"),)
    )


def escaped_target(number: str, rng: random.Random) -> bytes:
    target = "mailto:pay@example.com?body=card%20" + "".join(f"%{ord(c):02X}" for c in number)
    return document(
        p(f'<w:hyperlink r:id="rId1">{run("pay")}</w:hyperlink>'), None, (("hyperlink", target, "External"),)
    )


def embedded_workbook(number: str, rng: random.Random) -> bytes:
    inner = workbooks.shared_string(number, rng)
    return document(
        p(run("see sheet")),
        {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": inner},
        (("package", "embeddings/Microsoft_Excel_Sheet1.xlsx"),),
    )


def packed_text(number: str, rng: random.Random) -> bytes:
    inner = compound({("\x01Ole10Native",): packager("note.txt", f"card {number}".encode())})
    return document(
        p(run("see note")), {"word/embeddings/oleObject1.bin": inner}, (("oleObject", "embeddings/oleObject1.bin"),)
    )


def chunk(number: str, rng: random.Random) -> bytes:
    page = f"<html><body><p>card <b>{number[:4]}</b>{number[4:]}</p></body></html>"
    return document('<w:altChunk r:id="rId1"/>', {"word/afchunk.html": page}, (("aFChunk", "afchunk.html"),))


def wide_part(number: str, rng: random.Random) -> bytes:
    note = _part("hdr", p(run(f"card {number}"))).replace("UTF-8", "UTF-16")
    return document(
        p(run("x")), {"word/header1.xml": b"\xff\xfe" + note.encode("utf-16-le")}, (("header", "header1.xml"),)
    )


def other_prefix(number: str, rng: random.Random) -> bytes:
    note = f'{START}<x:ftr xmlns:x="{W}"><x:p><x:r><x:t>card {number[:5]}</x:t></x:r><x:r>'
    note += f"<x:t>{number[5:]}</x:t></x:r></x:p></x:ftr>"
    return document(p(run("x")), {"word/footer1.xml": note}, (("footer", "footer1.xml"),))


def macro(number: str, rng: random.Random) -> bytes:
    code = compound({("VBA", "dir"): b"\1\2\3", ("PROJECT",): b"Module=A"})
    return document(
        p(run(f"card {number}")),
        {"word/vbaProject.bin": code},
        (("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"),),
        macro=True,
    )


def turned_round(number: str, rng: random.Random) -> bytes:
    return document(p(run(f"card \u202e{number[::-1]}\u202c")))


def turned_by_markup(number: str, rng: random.Random) -> bytes:
    runs = run(number[:7:-1]) + run(number[7::-1])
    return document(p(run("card "), f'<w:bdo w:val="rtl">{runs}</w:bdo>', run(" thanks")))


def a_box_for_each_group(number: str, rng: random.Random) -> bytes:
    box = "<w:r><w:pict><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict></w:r>".format
    return document(p(run("my card")) + "".join(p(box(p(run(group)))) for group in spaced(number).split(" ")))


def decoy_hidden_by_style(number: str, rng: random.Random) -> bytes:
    style = '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    body = p(run("card " + number[:8]), run("31", '<w:rStyle w:val="Gone"/>'), run(number[8:]))
    return document(body, {"word/styles.xml": _part("styles", style)}, (("styles", "styles.xml"),))


def struck_decoy(number: str, rng: random.Random) -> bytes:
    return document(p(run("card " + number[:8]), run("31", "<w:strike/>"), run(number[8:])))


def code_and_expiry(number: str, rng: random.Random) -> bytes:
    return document(
        p(run(f"{spaced(number)} exp ")) + p(run("valid until 10/"), run("28")) + p(run("CVV: 3"), run("21"))
    )


TRICKS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(
            plain,
            split_runs,
            one_run_a_letter,
            marks_between,
            inside_link,
            smart_tag,
            header,
            footer,
            footnote,
            endnote,
        ),
        *(comment, text_box, inserted, deleted, deletion_inside, moved, hidden, hidden_decoy, white_decoy, four_cells),
        *(table, field_code, simple_field, content_control, list_item, form_field, variable, title, company),
        *(custom_property, custom_xml, custom_xml_attributes, alternative_text, word_art, symbols, references),
        *(character_data, comment_inside, in_a_comment, full_width, invisible, tabs_between, hyphens, equation),
        *(link_target, escaped_target, embedded_workbook, packed_text, chunk, wide_part, other_prefix, macro),
        *(turned_round, turned_by_markup, code_and_expiry, a_box_for_each_group, decoy_hidden_by_style, struck_decoy),
    )
}
