"""Workbooks made by hand: one function a trick, each with the number somewhere in it.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``. Every workbook has a row that says ``KEPT``. Where the
number is stored as one, its last digit may be lost (:func:`rounded`); a heading tells then.
"""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Callable, Sequence

import xlsxwriter
from tests.documents.packages import KEPT, OFFICE, START, package, relations, spaced

Maker = Callable[[str, random.Random], bytes]
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'{START}<styleSheet xmlns="{S}"><numFmts count="3"><numFmt numFmtId="164" formatCode="0000\\ 0000\\ 0000\\ 0000"/>'
    '<numFmt numFmtId="165" formatCode="mm/yy"/><numFmt numFmtId="166" formatCode="000"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Book:
    """A workbook in the making: rows of cells (markup without a reference), shared strings, parts beside."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, list[list[str]], str, str]] = []
        self.strings: list[str] = []
        self.parts: dict[str, str | bytes] = {}
        self.overrides: dict[str, str] = {}
        self.links: dict[int, list[tuple[str, ...]]] = {}
        self.book_links: list[tuple[str, ...]] = []
        self.book = ""
        self.macro = False

    def shared(self, text: str, *, raw: bool = False) -> str:
        """Return a cell with a shared string."""
        item = text if raw else f'<t xml:space="preserve">{text}</t>'
        if item not in self.strings:
            self.strings.append(item)
        return f'<c t="s"><v>{self.strings.index(item)}</v></c>'

    def sheet(self, rows: Sequence[Sequence[str]], *, state: str = "", before: str = "", after: str = "") -> Book:
        """Add a sheet; the last row says what is kept."""
        kept = [self.shared(KEPT), number("7")]
        self.sheets.append((state, [*map(list, rows), kept], before, after))
        return self

    def bytes(self) -> bytes:
        """Return the workbook."""
        parts: dict[str, str | bytes] = {}
        listed: list[tuple[str, ...]] = []
        names = ""
        for index, (state, rows, before, after) in enumerate(self.sheets, 1):
            path = f"xl/worksheets/sheet{index}.xml"
            data = "".join(_row(i, row) for i, row in enumerate(rows, 1))
            spaces = f'xmlns="{S}" xmlns:r="{OFFICE}"'
            parts[path] = f"{START}<worksheet {spaces}>{before}<sheetData>{data}</sheetData>{after}</worksheet>"
            self.overrides[path] = f"{_TYPE}.worksheet+xml"
            listed.append((f"rId{index}", "worksheet", f"worksheets/sheet{index}.xml"))
            names += f'<sheet name="S{index}" sheetId="{index}" r:id="rId{index}"{state}/>'
            if index in self.links:
                rels = relations(*self.links[index])  # type: ignore[arg-type]
                parts[f"xl/worksheets/_rels/sheet{index}.xml.rels"] = rels
        listed += [("rIdS", "sharedStrings", "sharedStrings.xml"), ("rIdT", "styles", "styles.xml"), *self.book_links]
        items = "".join(f"<si>{item}</si>" for item in self.strings)
        parts["xl/workbook.xml"] = (
            f'{START}<workbook xmlns="{S}" xmlns:r="{OFFICE}"><sheets>{names}</sheets>{self.book}</workbook>'
        )
        parts["xl/_rels/workbook.xml.rels"] = relations(*listed)  # type: ignore[arg-type]
        parts["xl/sharedStrings.xml"] = f'{START}<sst xmlns="{S}" count="9" uniqueCount="9">{items}</sst>'
        parts["xl/styles.xml"] = STYLES
        self.overrides["xl/sharedStrings.xml"] = f"{_TYPE}.sharedStrings+xml"
        self.overrides["xl/styles.xml"] = f"{_TYPE}.styles+xml"
        main = _MACRO if self.macro else _BOOK
        return package("xl/workbook.xml", main, {**parts, **self.parts}, self.overrides)


def _row(number: int, cells: Sequence[str]) -> str:
    placed = "".join(c.replace("<c", f'<c r="{_letters(i)}{number}"', 1) for i, c in enumerate(cells) if c)
    return f'<row r="{number}">{placed}</row>'


def _letters(column: int) -> str:
    return chr(65 + column)


def number(value: str, style: int = 0) -> str:
    """Return a numeric cell."""
    return f'<c s="{style}"><v>{value}</v></c>'


def inline(text: str) -> str:
    """Return a cell with a text of its own."""
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def formula(text: str, value: str, *, attributes: str = "", kind: str = "str") -> str:
    """Return a cell with a formula and its result."""
    return f'<c t="{kind}"><f{attributes}>{text}</f><v>{value}</v></c>'


def rounded(digits: str) -> str:
    """Return what a spreadsheet keeps of a number: fifteen digits."""
    return digits[:15] + "0" * (len(digits) - 15)


def _table(book: Book, *cells: str) -> bytes:
    heads = [book.shared(text) for text in ("Name", "Card no.", "CVV", "Exp", "Remark")]
    return book.sheet([heads, [book.shared("Ann"), *cells]]).bytes()


def shared_string(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared(f"card {spaced(n)}")]]).bytes()


def rich_string(n: str, rng: random.Random) -> bytes:
    book = Book()
    runs = "".join(f"<r><rPr><b/></rPr><t>{piece}</t></r>" for piece in (n[:3], n[3:8], n[8:]))
    return book.sheet([[book.shared("Visa"), book.shared(runs, raw=True)]]).bytes()


def inline_string(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[inline(f"card {n}")]]).bytes()


def table_of_texts(n: str, rng: random.Random) -> bytes:
    book = Book()
    return _table(book, book.shared(spaced(n)), book.shared("321"), book.shared("10/28"))


def table_of_numbers(n: str, rng: random.Random) -> bytes:
    return _table(Book(), number(rounded(n)), number("321"), number("47027", 2))


def long_number(n: str, rng: random.Random) -> bytes:
    return _table(Book(), number(n, 4), number("21", 3))


def scientific(n: str, rng: random.Random) -> bytes:
    return _table(Book(), number(f"{n[0]}.{n[1:15]}E{len(n) - 1}"))


def formatted(n: str, rng: random.Random) -> bytes:
    return _table(Book(), number(rounded(n), 1), number("321"))


def four_cells(n: str, rng: random.Random) -> bytes:
    book = Book()
    groups = [number(g) if g[0] != "0" else book.shared(g) for g in spaced(n).split(" ")]
    return book.sheet([[book.shared("Credit card"), *groups]]).bytes()


def four_cells_shared(n: str, rng: random.Random) -> bytes:
    book = Book()
    groups = [book.shared(g) for g in spaced(n).split(" ")]
    return book.sheet([[book.shared("Credit card"), *groups], [book.shared("Box"), groups[1]]]).bytes()


def four_rows(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared("Card number")], *([book.shared(g)] for g in spaced(n).split(" "))]).bytes()


def joined_by_formula(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[formula(f'"card {n[:4]} "&amp;"{spaced(n)[5:]}"', f"card {spaced(n)}")]]).bytes()


def formula_alone(n: str, rng: random.Random) -> bytes:
    return Book().sheet([[formula(f'IF(FALSE,"{spaced(n)}","")', "")]]).bytes()


def result_alone(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared("card"), formula("S2!A1&amp;S2!B9", n)]]).bytes()


def numeric_formula(n: str, rng: random.Random) -> bytes:
    cell = formula(f"{rounded(n)}+0", rounded(n), kind="n")
    return _table(Book(), cell)


def shared_formula(n: str, rng: random.Random) -> bytes:
    book = Book()
    first = formula("A1&amp;B1", n, attributes=' t="shared" ref="C1:C2" si="0"')
    second = '<c t="str"><f t="shared" si="0"/><v>Tuesday</v></c>'
    return book.sheet([[book.shared("card"), "", first], ["", "", second]]).bytes()


def array_formula(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared("card"), formula("A9:A9&amp;B9", n, attributes=' t="array" ref="B1"')]]).bytes()


def hidden_sheet(n: str, rng: random.Random) -> bytes:
    book = Book().sheet([])
    return book.sheet([[book.shared(f"card {n}")]], state=' state="veryHidden"').bytes()


def hidden_column(n: str, rng: random.Random) -> bytes:
    book = Book()
    cells = [book.shared(text) for text in ("Credit card", n[:8], "31", n[8:])]
    columns = '<cols><col min="3" max="3" width="9" hidden="1"/></cols>'
    return book.sheet([cells], before=columns).bytes()


def hidden_row(n: str, rng: random.Random) -> bytes:
    book = Book()
    rows = [[book.shared("Card number")], [book.shared(n)]]
    return book.sheet(rows).bytes().replace(b'<row r="2">', b'<row r="2" hidden="1">')


def defined_name(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.book = f'<definedNames><definedName name="card">"{spaced(n)}"</definedName></definedNames>'
    return book.sheet([]).bytes()


def validation(n: str, rng: random.Random) -> bytes:
    rule = f'<dataValidation type="list" sqref="A1" prompt="card {n}">'
    rule += f'<formula1>"{spaced(n)},b"</formula1></dataValidation>'
    return Book().sheet([], after=f'<dataValidations count="1">{rule}</dataValidations>').bytes()


def sheet_header(n: str, rng: random.Random) -> bytes:
    head = f"&amp;L&amp;&quot;Arial,Bold&quot;card {n[:6]}&amp;B{n[6:]}&amp;R&amp;P"
    return Book().sheet([], after=f"<headerFooter><oddHeader>{head}</oddHeader></headerFooter>").bytes()


def comment(n: str, rng: random.Random) -> bytes:
    book = Book()
    runs = f"<r><t>Ann:</t></r><r><t>card {n[:7]}</t></r><r><t>{n[7:]}</t></r>"
    inside = f'<comments xmlns="{S}"><authors><author>Ann</author></authors><commentList>'
    inside += f'<comment ref="A1" authorId="0"><text>{runs}</text></comment></commentList></comments>'
    book.parts["xl/comments1.xml"] = START + inside
    book.overrides["xl/comments1.xml"] = f"{_TYPE}.comments+xml"
    book.links[1] = [("rId1", "comments", "../comments1.xml")]
    return book.sheet([]).bytes()


def threaded_comment(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    inside = f'<ThreadedComments xmlns="{space}"><threadedComment ref="A1" id="{{A}}"><text>card {spaced(n)}</text>'
    book.parts["xl/threadedComments/threadedComment1.xml"] = f"{START}{inside}</threadedComment></ThreadedComments>"
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    book.links[1] = [("rId1", kind, "../threadedComments/threadedComment1.xml")]
    return book.sheet([]).bytes()


def pivot_cache(n: str, rng: random.Random) -> bytes:
    book = Book()
    items = f'<sharedItems><s v="{spaced(n)}"/><s v="none"/></sharedItems>'
    fields = f'<cacheField name="Card no.">{items}</cacheField><cacheField name="CVV"><sharedItems/></cacheField>'
    head = f'<pivotCacheDefinition xmlns="{S}"><cacheFields count="2">{fields}</cacheFields></pivotCacheDefinition>'
    rows = (
        f'<pivotCacheRecords xmlns="{S}"><r><x v="0"/><n v="321"/></r><r><x v="1"/><n v="7"/></r></pivotCacheRecords>'
    )
    book.parts["xl/pivotCache/pivotCacheDefinition1.xml"] = START + head
    book.parts["xl/pivotCache/pivotCacheRecords1.xml"] = START + rows
    return book.sheet([]).bytes()


def pivot_numbers(n: str, rng: random.Random) -> bytes:
    book = Book()
    low = f'containsNumber="1" minValue="{rounded(n)}" maxValue="{rounded(n)}"'
    fields = f'<cacheField name="Card number"><sharedItems {low}/></cacheField>'
    head = f'<pivotCacheDefinition xmlns="{S}"><cacheFields count="1">{fields}</cacheFields></pivotCacheDefinition>'
    rows = f'<pivotCacheRecords xmlns="{S}"><r><n v="{rounded(n)}"/></r></pivotCacheRecords>'
    book.parts["xl/pivotCache/pivotCacheDefinition1.xml"] = START + head
    book.parts["xl/pivotCache/pivotCacheRecords1.xml"] = START + rows
    return book.sheet([]).bytes()


def chart_cache(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    texts = f'<c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>card {n}</c:v></c:pt></c:strCache></c:strRef></c:cat>'
    book.parts["xl/charts/chart1.xml"] = f'{START}<c:chartSpace xmlns:c="{space}">{texts}</c:chartSpace>'
    return book.sheet([]).bytes()


def chart_numbers(n: str, rng: random.Random) -> bytes:
    book = Book()
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    title = '<c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Card number</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    values = f'<c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>{n}</c:v></c:pt></c:numCache></c:numRef></c:val>'
    book.parts["xl/charts/chart1.xml"] = f'{START}<c:chartSpace xmlns:c="{space}">{title}{values}</c:chartSpace>'
    return book.sheet([]).bytes()


def external_cache(n: str, rng: random.Random) -> bytes:
    book = Book()
    rows = f'<row r="1"><cell r="A1" t="str"><v>card</v></cell><cell r="B1" t="str"><v>{spaced(n)}</v></cell></row>'
    data = f'<sheetDataSet><sheetData sheetId="0">{rows}</sheetData></sheetDataSet>'
    inside = f'<externalLink xmlns="{S}"><externalBook>{data}</externalBook></externalLink>'
    book.parts["xl/externalLinks/externalLink1.xml"] = START + inside
    return book.sheet([]).bytes()


def column_name(n: str, rng: random.Random) -> bytes:
    book = Book()
    table = f'<table xmlns="{S}" id="1" name="T" ref="A1:A2"><tableColumns>'
    table += f'<tableColumn id="1" name="card {n}"/></tableColumns>'
    book.parts["xl/tables/table1.xml"] = f"{START}{table}</table>"
    return book.sheet([[book.shared(f"card {n}")]]).bytes()


def link(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.links[1] = [("rId1", "hyperlink", f"https://pay.example/?card={n}", "External")]
    links = f'<hyperlinks><hyperlink ref="A1" r:id="rId1" tooltip="card {spaced(n)}"/></hyperlinks>'
    return book.sheet([[book.shared("pay")]], after=links).bytes()


def filtered(n: str, rng: random.Random) -> bytes:
    rule = (
        f'<autoFilter ref="A1:A2"><filterColumn colId="0"><filters><filter val="{spaced(n)}"/></filters></filterColumn>'
    )
    return Book().sheet([], after=f"{rule}</autoFilter>").bytes()


def drawing(n: str, rng: random.Random) -> bytes:
    book = Book()
    spaces = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    runs = f"<a:r><a:t>card {n[:5]}</a:t></a:r><a:r><a:t>{n[5:]}</a:t></a:r>"
    inside = f"<xdr:sp><xdr:txBody><a:p>{runs}</a:p></xdr:txBody></xdr:sp>"
    book.parts["xl/drawings/drawing1.xml"] = f"{START}<xdr:wsDr {spaces}>{inside}</xdr:wsDr>"
    return book.sheet([]).bytes()


def escapes(n: str, rng: random.Random) -> bytes:
    book = Book()
    text = "".join(rng.choice((c, f"_x{ord(c):04X}_")) for c in n)
    return book.sheet([[book.shared(f"card {text}")]]).bytes()


def unused_string(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.shared(f"card {n}")
    return book.sheet([]).bytes()


def phonetic(n: str, rng: random.Random) -> bytes:
    book = Book()
    item = f'<t>Ann</t><rPh sb="0" eb="1"><t>card {n}</t></rPh>'
    return book.sheet([[book.shared(item, raw=True)]]).bytes()


def lines_in_a_cell(n: str, rng: random.Random) -> bytes:
    book = Book()
    return book.sheet([[book.shared(f"Card:\n{spaced(n)}\nCVV 321"), number("3")]]).bytes()


def macros(n: str, rng: random.Random) -> bytes:
    book = Book()
    book.macro = True
    book.parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 not opened by anybody here"
    book.parts["xl/calcChain.xml"] = f'{START}<calcChain xmlns="{S}"><c r="B1" i="1"/></calcChain>'
    return book.sheet([[book.shared("card"), formula("A9", n)]]).bytes()


def prefixed(n: str, rng: random.Random) -> bytes:
    data = Book()
    rows = f'<x:row r="1"><x:c r="A1" t="str"><x:v>card</x:v></x:c><x:c r="B1" s="4"><x:v>{n}</x:v></x:c></x:row>'
    data.parts["xl/worksheets/other.xml"] = (
        f'{START}<x:worksheet xmlns:x="{S}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    )
    return data.sheet([]).bytes()


def everything(n: str, rng: random.Random) -> bytes:
    """Return a workbook by XlsxWriter with the number in every place that it can write to."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    bold, month = book.add_format({"bold": True}), book.add_format({"num_format": "mm/yy"})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, ["Name", "Card no.", "Expiry", "CVV"])
    sheet.write_row(1, 0, ["Ann", spaced(n)])
    sheet.write_datetime(1, 2, datetime.datetime(2028, 10, 1), month)
    sheet.write_number(1, 3, 321)
    sheet.write_rich_string(3, 0, "card ", bold, n[:5], n[5:])
    sheet.write_comment("A5", f"card {spaced(n)}")
    sheet.insert_textbox("F2", f"card {n}")
    sheet.write_url("A7", f"https://pay.example/?card={n}", string="pay", tip=f"card {spaced(n)}")
    rule = {"validate": "list", "source": [spaced(n), "x"], "input_title": "c", "input_message": f"card {n}"}
    sheet.data_validation("B9", rule)
    sheet.set_header(f"&Lcard {spaced(n)}")
    sheet.write_formula("A10", f'="card "&"{n}"', None, f"card {n}")
    look = {"type": "text", "criteria": "containing", "value": n, "format": bold}
    sheet.conditional_format("A1:A9", look)
    book.define_name("card", f'="{spaced(n)}"')
    sheet.add_table("H20:I21", {"columns": [{"header": f"card {n}"}, {"header": "Total"}]})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Orders!$I$21:$I$21", "name": f"card {n}"})
    chart.set_title({"name": f"card {spaced(n)}"})
    sheet.insert_chart("K2", chart)
    sheet.write("A30", KEPT)
    book.set_properties(
        {"title": f"card {n}", "comments": f"visa {spaced(n)}", "created": datetime.datetime(2026, 1, 2)}
    )
    book.set_custom_property("Card", n)
    hidden = book.add_worksheet("Hidden")
    hidden.very_hidden()
    hidden.write(0, 0, f"card {n}")
    book.close()
    return out.getvalue()


TRICKS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(shared_string, rich_string, inline_string, table_of_texts, table_of_numbers, long_number, scientific),
        *(formatted, four_cells, four_cells_shared, four_rows, joined_by_formula, formula_alone, result_alone),
        *(numeric_formula, shared_formula, array_formula, hidden_sheet, hidden_column, hidden_row, defined_name),
        *(validation, sheet_header, comment, threaded_comment, pivot_cache, pivot_numbers, chart_cache, chart_numbers),
        *(external_cache, column_name, link, filtered, drawing, escapes, unused_string, phonetic, lines_in_a_cell),
        *(macros, prefixed, everything),
    )
}
