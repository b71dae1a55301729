"""Office Open XML: what a reader of the document sees, and the document without it."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pytest

from pansentry.edits import Edit
from pansentry.errors import DamagedError
from pansentry.formats import ooxml
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS as LIMITS

NUMBER = "4111 1111 1111 1111"
MASK = "XXXX XXXX XXXX 1111"


def word(body: str, **parts: str) -> bytes:
    """Return a document with this body; other parts by path below word/, dots for underscores."""
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    spaces = f'{space} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    content = {
        "[Content_Types].xml": f'{start}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f"{start}<w:document {spaces}><w:body>{body}</w:body></w:document>",
    }
    for name, text in parts.items():
        content[f"word/{name}.xml"] = f"{start}{text}".replace("SPACE", space)
    return zipped(content)


def zipped(content: dict[str, str | bytes]) -> bytes:
    """Return an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return out.getvalue()


def run(text: str, properties: str = "") -> str:
    """Return a run."""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def texts(data: bytes) -> list[str]:
    """Return the passages of a document."""
    return [passage.text for passage in ooxml.extract(data, LIMITS).passages]


def cut(data: bytes, old: str = NUMBER, new: str = MASK) -> bytes:
    """Return the document with ``old`` masked in every passage."""
    cuts = {}
    for passage in ooxml.extract(data, LIMITS).passages:
        at = passage.text.find(old)
        if at >= 0:
            cuts[passage.key] = [Edit(at, at + len(old), new)]
    assert cuts, "nothing to cut"
    return ooxml.rewrite(data, cuts, {}, LIMITS)


def part(data: bytes, name: str) -> str:
    """Return a part as text."""
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def test_a_number_in_split_runs_is_one_text_and_is_cut_run_by_run() -> None:
    """Runs are joined for reading; cutting touches their digits only, the markup between stays."""
    body = "<w:p>" + run("Card 4111 1") + run("111 11", "<w:rPr><w:b/></w:rPr>") + run("11 1111 ok") + "</w:p>"
    data = word(body)
    assert "Card 4111 1111 1111 1111 ok" in texts(data)
    new = part(cut(data), "word/document.xml")
    assert new == part(data, "word/document.xml").replace("4111 1<", "XXXX X<").replace(">111 11<", ">XXX XX<").replace(
        ">11 1111 ok<", ">XX 1111 ok<"
    )


def test_nothing_to_cut_gives_the_same_object() -> None:
    """Without cuts and replacements the document is not even opened."""
    data = word(f"<w:p>{run('hello')}</w:p>")
    assert ooxml.rewrite(data, {}, {}, LIMITS) is data


def test_accepted_rejected_and_marked_changes_are_all_read() -> None:
    """A deletion inside a number hides it from one reading only."""
    gone = '<w:del w:id="1"><w:r><w:delText>99 </w:delText></w:r></w:del>'
    found = texts(word(f"<w:p>{run('4111 1111 ')}{gone}{run('1111 1111')}</w:p>"))
    assert "4111 1111 1111 1111" in found
    assert "4111 1111 99 1111 1111" in found


def test_hidden_runs_do_not_part_a_number() -> None:
    """Text that is hidden, white or tiny is left out of one reading and kept in another."""
    hidden = run("99 ", "<w:rPr><w:vanish/></w:rPr>")
    found = texts(word(f"<w:p>{run('4111 1111 ')}{hidden}{run('1111 1111')}</w:p>"))
    assert "4111 1111 1111 1111" in found
    assert "4111 1111 99 1111 1111" in found


def test_both_branches_of_an_alternative_are_cut() -> None:
    """A text box stands twice in the document, once for each generation of readers."""
    box = f"<w:txbxContent><w:p>{run(NUMBER)}</w:p></w:txbxContent>"
    body = f"<w:p>{run('before ')}<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}"
    body += f"</mc:Fallback></mc:AlternateContent></w:r>{run('after')}</w:p>"
    data = word(body)
    assert "before after" in texts(data)
    assert part(cut(data), "word/document.xml").count(MASK) == 2


def test_field_codes_are_joined_over_their_runs() -> None:
    """An instruction that is torn over runs is one text, and does not stand between the words of the paragraph."""
    field = "".join(
        f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in ('HYPERLINK "4111 11', '11 1111 1111"')
    )
    found = texts(word(f"<w:p>{run('a')}<w:r><w:fldChar/></w:r>{field}<w:r><w:fldChar/></w:r>{run('b')}</w:p>"))
    assert any(NUMBER in text.split("\n") for text in found)
    assert "ab" in found


def test_a_table_row_is_a_line_with_tabs() -> None:
    """Cells keep their columns, spans included, so that headings stand over their values."""
    cell = "<w:tc><w:tcPr>{}</w:tcPr><w:p>{}</w:p></w:tc>".format
    span = '<w:gridSpan w:val="2"/>'
    rows = f"<w:tr>{cell('', run('a'))}{cell('', run('b'))}{cell('', run('c'))}</w:tr>"
    rows += f"<w:tr>{cell(span, run('d'))}{cell('', run('e'))}</w:tr>"
    assert "a\tb\tc\nd\t\te" in texts(word(f"<w:tbl>{rows}</w:tbl>"))


def test_references_and_symbols_are_characters() -> None:
    """``&#52;`` and a symbol of a symbol font are digits; in their place stands what reads as a mask."""
    body = f'<w:p>{run("&#52;111 111")}<w:r><w:sym w:font="Symbol" w:char="F031"/></w:r>{run(" 1111 1111")}</w:p>'
    data = word(body)
    assert NUMBER in texts(data)
    new = part(cut(data), "word/document.xml")
    assert "&#52;" not in new
    assert 'w:char="F058"' in new
    assert MASK in texts(cut(data))


def test_entities_are_damage() -> None:
    """A part that declares entities is refused, whatever they stand for."""
    bomb = '<!DOCTYPE a [<!ENTITY b "4111"><!ENTITY c "&b;&b;">]>'
    data = zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": f"{bomb}<document>&c;</document>"})
    with pytest.raises(DamagedError):
        ooxml.extract(data, LIMITS)


def test_two_parts_of_one_name_are_damage() -> None:
    """Readers differ in which of two parts they take."""
    data = zipped({"word/document.xml": "<a/>", "word/Document.xml": "<b/>"})
    with pytest.raises(DamagedError):
        ooxml.extract(data, LIMITS)


def test_other_parts_stay_as_they_were() -> None:
    """Local headers, packed data and order of members that were not edited are the same bytes."""
    data = word(f"<w:p>{run(NUMBER)}</w:p>", footer1=f"<w:ftr SPACE>{run('page')}</w:ftr>")
    new = cut(data)
    old_archive, new_archive = zipfile.ZipFile(io.BytesIO(data)), zipfile.ZipFile(io.BytesIO(new))
    assert new_archive.namelist() == old_archive.namelist()
    assert new_archive.testzip() is None
    for name in ("[Content_Types].xml", "word/footer1.xml"):
        assert new_archive.read(name) == old_archive.read(name)


def test_independent_reader_sees_the_mask() -> None:
    """python-docx reads the cut document."""
    document = docx.Document()
    paragraph = document.add_paragraph("Card ")
    for piece in ("4111 ", "1111 1111", " 1111"):
        paragraph.add_run(piece)
    out = io.BytesIO()
    document.save(out)
    again = docx.Document(io.BytesIO(cut(out.getvalue())))
    assert again.paragraphs[0].text == f"Card {MASK}"


def test_a_numeric_cell_becomes_a_text_cell() -> None:
    """A mask is no number; the cell keeps its style and becomes an inline text that openpyxl reads."""
    book = openpyxl.Workbook()
    book.active["B2"] = 4111111111111110
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    new = cut(data, "4111111111111110", "XXXXXXXXXXXXXXXX")
    assert openpyxl.load_workbook(io.BytesIO(new)).active["B2"].value == "XXXXXXXXXXXXXXXX"
