"""A second set of spreadsheet tricks, written when the readers of the first were done.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import io
import random

import openpyxl
from tests.documents import open_documents as odf
from tests.documents.packages import START, spaced
from tests.documents.workbooks import Book, Maker, S, _table, formula, inline, number, rounded


def inline_runs(n: str, rng: random.Random) -> bytes:
    """A text of its own in runs."""
    runs = "".join(f"<r><rPr><i/></rPr><t>{n[i : i + 5]}</t></r>" for i in range(0, len(n), 5))
    return Book().sheet([[inline("Visa"), f'<c t="inlineStr"><is>{runs}</is></c>']]).bytes()


def scientific_result(n: str, rng: random.Random) -> bytes:
    return _table(Book(), formula("A9*1", f"{n[0]}.{n[1:15]}E+{len(n) - 1}", kind="n"), number("321"))


def scientific_alone(n: str, rng: random.Random) -> bytes:
    """Under the heading only, small e."""
    book = Book()
    return book.sheet([[book.shared("Kreditkartennummer")], [number(f"{n[0]}.{n[1:15]}e+{len(n) - 1}")]]).bytes()


def decimal_zeros(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared("Credit card no.")], [number(f"{n}.0")]]).bytes()


def text_in_a_format(n: str, rng: random.Random) -> bytes:
    """The number is in the number format's quoted text; the cell only holds 1."""
    import re
    import zipfile

    book = Book()
    data = book.sheet([[book.shared("card"), number("1", 1)]]).bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/styles.xml":
                code = f'formatCode="&quot;Visa {spaced(n)}&quot;"'.encode()
                content = re.sub(rb'formatCode="0000[^"]*"', code, content)
            new.writestr(name, content)
    return out.getvalue()


def conditional_format(n: str, rng: random.Random) -> bytes:
    rule = f'<cfRule type="containsText" priority="1" operator="containsText" text="{spaced(n)}"><formula>NOT(ISERROR(SEARCH("{spaced(n)}",A1)))</formula></cfRule>'
    return Book().sheet([], after=f'<conditionalFormatting sqref="A1">{rule}</conditionalFormatting>').bytes()


def list_validation(n: str, rng: random.Random) -> bytes:
    rule = f'<dataValidation type="whole" operator="equal" sqref="A1"><formula1>{n}</formula1></dataValidation>'
    return Book().sheet([], after=f'<dataValidations count="1">{rule}</dataValidations>').bytes()


def named_number(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.book = f'<definedNames><definedName name="creditcard">{n}</definedName></definedNames>'
    return book.sheet([]).bytes()


def named_halves(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.book = f'<definedNames><definedName name="card">"{n[:8]}"&amp;"{n[8:]}"</definedName></definedNames>'
    return book.sheet([]).bytes()


def concatenated(n: str, rng: random.Random) -> bytes:
    """CONCATENATE and TEXTJOIN with pieces."""
    pieces = ",".join(f'"{group}"' for group in spaced(n).split(" "))
    return Book().sheet([[inline("Visa"), formula(f"CONCATENATE({pieces})", n)]]).bytes()


def text_of_number(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline("Visa"), formula(f'TEXT({n},"0000 0000 0000 0000")', spaced(n))]]).bytes()


def table_totals(n: str, rng: random.Random) -> bytes:
    book = Book()
    table = (
        f'<table xmlns="{S}" id="1" name="T" displayName="T" ref="A1:A3" totalsRowCount="1"><tableColumns count="1">'
    )
    table += f'<tableColumn id="1" name="c" totalsRowLabel="Visa {spaced(n)}"/></tableColumns></table>'
    book.parts["xl/tables/table1.xml"] = START + table
    return book.sheet([[book.shared("c")]]).bytes()


def external_numbers(n: str, rng: random.Random) -> bytes:
    book = Book()
    rows = f'<row r="1"><cell r="A1" t="str"><v>Card number</v></cell></row><row r="2"><cell r="A2"><v>{rounded(n)}</v></cell></row>'
    data = f'<sheetDataSet><sheetData sheetId="0">{rows}</sheetData></sheetDataSet>'
    inside = f'<externalLink xmlns="{S}"><externalBook>{data}</externalBook></externalLink>'
    book.parts["xl/externalLinks/externalLink1.xml"] = START + inside
    return book.sheet([]).bytes()


def connection(n: str, rng: random.Random) -> bytes:
    book = Book()
    inside = f'<connections xmlns="{S}"><connection id="1" type="5"><dbPr connection="x" command="select * from t where pan=\'{n}\'"/></connection></connections>'
    book.parts["xl/connections.xml"] = START + inside
    return book.sheet([]).bytes()


def scenario(n: str, rng: random.Random) -> bytes:
    what = f'<scenarios><scenario name="card" comment="Visa {spaced(n)}"><inputCells r="A1" val="{n}"/></scenario></scenarios>'
    return Book().sheet([], after=what).bytes()


def merged_columns(n: str, rng: random.Random) -> bytes:
    """Heading, number, code and date each in a row of their own: a form that goes down."""
    book = Book()
    rows = [
        [book.shared("Name"), book.shared("Ann Weber")],
        [book.shared("Card number"), number(rounded(n))],
        [book.shared("Security code"), number("321")],
        [book.shared("Valid until"), book.shared("10/28")],
    ]
    return book.sheet(rows).bytes()


def quantities(n: str, rng: random.Random) -> bytes:
    """A card table with a column of quantities beside it."""
    book = Book()
    heads = [book.shared(text) for text in ("Name", "Card no.", "CVV", "Exp", "Qty")]
    row = [book.shared("Ann"), book.shared(spaced(n)), book.shared("321"), book.shared("10/28"), number("120")]
    return book.sheet([heads, row]).bytes()


def by_openpyxl(n: str, rng: random.Random) -> bytes:
    """A workbook by another library: number as text, as number, a comment, a header."""
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Name", "Credit card number", "Amount"])
    sheet.append(["Ann", int(rounded(n)), 12.5])
    sheet.append(["Bob", spaced(n), 9])
    sheet["C2"].comment = Comment(f"card {n}", "Ann")
    sheet.oddFooter.center.text = f"Visa {spaced(n)}"
    sheet["A9"] = "Order 12345 of Monday stays."
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def strict_sheet(n: str, rng: random.Random) -> bytes:
    """Everything in the namespaces of the strict edition."""
    import zipfile

    data = Book().sheet([[inline("Visa"), inline(spaced(n))]]).bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/"):
                content = content.replace(S.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            new.writestr(name, content)
    return out.getvalue()


def people_of_comments(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    inside = f'<personList xmlns="{space}"><person displayName="Visa {spaced(n)}" id="{{1}}" userId="a" providerId="None"/></personList>'
    book.parts["xl/persons/person.xml"] = START + inside
    return book.sheet([]).bytes()


def slicer(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    book.parts["xl/slicers/slicer1.xml"] = (
        f'{START}<slicers xmlns="{space}"><slicer name="s" caption="Visa {spaced(n)}" cache="c"/></slicers>'
    )
    return book.sheet([]).bytes()


def rich_data(n: str, rng: random.Random) -> bytes:
    """Linked data types keep their values in a part of their own."""
    book = Book()
    space = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
    book.parts["xl/richData/rdrichvalue.xml"] = (
        f'{START}<rvData xmlns="{space}" count="1"><rv s="0"><v>Visa {spaced(n)}</v></rv></rvData>'
    )
    return book.sheet([]).bytes()


def form_control(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    items = f'<itemLst><item val="Visa {spaced(n)}"/></itemLst>'
    book.parts["xl/ctrlProps/ctrlProp1.xml"] = (
        f'{START}<formControlPr xmlns="{space}" objectType="Drop">{items}</formControlPr>'
    )
    return book.sheet([]).bytes()


def binary(n: str, rng: random.Random) -> bytes:
    """A binary workbook (xlsb): a string record in UTF-16."""
    from tests.documents.packages import package

    text = f"Visa {spaced(n)}".encode("utf-16-le")
    record = b"\x13" + bytes((len(text) + 5,)) + b"\0" + (len(text) // 2).to_bytes(4, "little") + text
    parts = {"xl/workbook.bin": b"\x83\x01\x00\x84\x01\x00", "xl/sharedStrings.bin": record}
    return package("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", parts, {})


def ods_annotation(n: str, rng: random.Random) -> bytes:
    note = f'<office:annotation office:display="true"><dc:creator>A</dc:creator>{odf.p("card ", odf.span(n[:8]), odf.span(n[8:]))}</office:annotation>'
    return odf.sheet(odf._row(f"<table:table-cell>{note}{odf.p('x')}</table:table-cell>"))


def ods_value_only(n: str, rng: random.Random) -> bytes:
    """Cells that hold a value and show nothing."""
    empty = f'<table:table-cell office:value-type="float" office:value="{rounded(n)}"/>'
    return odf.sheet(odf._heads(), odf._row(odf.cell("Ann"), empty))


def ods_string_value(n: str, rng: random.Random) -> bytes:
    held = f'<table:table-cell office:value-type="string" office:string-value="{spaced(n)}">{odf.p("see")}</table:table-cell>'
    return odf.sheet(odf._row(odf.cell("card"), held))


def ods_tracked(n: str, rng: random.Random) -> bytes:
    old = f'<table:cell-content-change table:id="c1"><table:previous><table:change-track-table-cell office:value-type="string">{odf.p("Visa " + spaced(n))}</table:change-track-table-cell></table:previous></table:cell-content-change>'
    body = f"<table:tracked-changes>{old}</table:tracked-changes><table:table>{odf._row(odf.cell('x'))}{odf._row(odf.cell(odf.KEPT))}</table:table>"
    return odf._document("spreadsheet", body)


def ods_database_range(n: str, rng: random.Random) -> bytes:
    range_ = f'<table:database-ranges><table:database-range table:name="d"><table:filter><table:filter-condition table:value="{spaced(n)}" table:operator="="/></table:filter></table:database-range></table:database-ranges>'
    return odf.sheet(odf._row(odf.cell("x")), after=range_)


_MAKERS: tuple[Maker, ...] = (
    inline_runs, scientific_result, scientific_alone, decimal_zeros, text_in_a_format, conditional_format,
    list_validation, named_number, named_halves, concatenated, text_of_number, table_totals, external_numbers,
    connection, scenario, merged_columns, quantities, by_openpyxl, strict_sheet, people_of_comments,
    slicer, rich_data, form_control, binary, ods_annotation, ods_value_only, ods_string_value, ods_tracked,
    ods_database_range,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
