"""Office Open XML: what a reader of the document sees, and the document without it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

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


def test_characters_of_symbol_fonts_are_their_keys() -> None:
    """Word stores what is typed in a symbol font from U+F020 on, and shows the glyph of the key."""
    data = word(f"<w:p>{run(''.join(chr(0xF000 + ord(c)) for c in NUMBER))}</w:p>")
    assert NUMBER in texts(data)
    assert "XXXX" in part(cut(data), "word/document.xml")


def _sheet(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_codes_of_a_header_are_not_shown() -> None:
    """Fonts and sizes inside a sheet's header part no number, however their quotes are written."""

    def fill(book: openpyxl.Workbook) -> None:
        book.active.oddHeader.center.text = '4111 &"Arial,Bold"1111 &"-,Regular"1111 &B1111'

    data = _sheet(fill)
    assert any(NUMBER in text for text in texts(data))
    assert "XXXX" in part(cut(data), "xl/worksheets/sheet1.xml")


def test_cells_stand_by_their_references() -> None:
    """A row whose cells are stored in another order is read as it is shown."""
    cells = "".join(
        f'<c r="{column}1"><v>{value}</v></c>' for column, value in zip("CADB", (33, 11, 44, 22), strict=True)
    )
    sheet = (
        f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">{cells}'
    )
    data = _sheet(lambda book: None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["xl/worksheets/sheet1.xml"] = f"{sheet}</row></sheetData></worksheet>".encode()
    assert "11\t22\t33\t44" in texts(zipped(content))  # type: ignore[arg-type]


def test_characters_by_code_in_a_formula_are_read() -> None:
    """CHAR and UNICHAR beside texts in quotes make one text, and the formula becomes a constant."""
    codes = "&".join(f"{'UNI' * (n % 2)}CHAR({ord(digit)})" for n, digit in enumerate("41111111"))

    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = f'="card "&{codes}&"11111111"'

    data = _sheet(fill)
    assert any("card 4111111111111111" in text for text in texts(data))
    assert "CHAR(52)" not in part(cut(data, "4111111111111111", "XXXXXXXXXXXX1111"), "xl/worksheets/sheet1.xml")


def test_characters_of_a_number_format_are_read() -> None:
    """A format that prints nothing but escaped digits shows them in every cell."""

    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = 1
        book.active["A1"].number_format = "".join(f"\\{digit}" for digit in "4111111111111111")

    data = _sheet(fill)
    assert any("4111111111111111" in text for text in texts(data))
    styles = part(cut(data, "4111111111111111", "XXXXXXXXXXXX1111"), "xl/styles.xml")
    assert "\\X\\X\\X\\X\\X\\X\\X\\X\\X\\X\\X\\X\\1\\1\\1\\1" in styles
