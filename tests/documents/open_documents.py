"""OpenDocument files made by hand: one function a trick, each with the number somewhere in it.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``. Every document has a last paragraph or row that says
``KEPT``.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.documents.packages import KEPT, spaced, zipped

Maker = Callable[[str, random.Random], bytes]
_START = '<?xml version="1.0" encoding="UTF-8"?>\n'
_KIND = "application/vnd.oasis.opendocument."
_NAMES = {
    "office": "office", "text": "text", "table": "table", "style": "style", "meta": "meta", "draw": "drawing",
    "presentation": "presentation", "form": "form", "script": "script", "config": "config", "number": "datastyle",
    "manifest": "manifest",
}  # fmt: skip
SPACES = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for p, n in _NAMES.items())
SPACES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
SPACES += ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'


def _part(root: str, inside: str) -> str:
    return f'{_START}<office:{root} {SPACES} office:version="1.3">{inside}</office:{root}>'


def _document(kind: str, body: str, parts: dict[str, str | bytes] | None = None, before: str = "") -> bytes:
    parts = {**(parts or {})}
    content = _part("document-content", f"{before}<office:body><office:{kind}>{body}</office:{kind}></office:body>")
    names = ["content.xml", *parts]
    rows = "".join(f'<manifest:file-entry manifest:full-path="{n}" manifest:media-type="text/xml"/>' for n in names)
    root = f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_KIND}{kind}"/>'
    listed = f'{_START}<manifest:manifest {SPACES} manifest:version="1.3">{root}{rows}</manifest:manifest>'
    whole = {"mimetype": _KIND + kind, "content.xml": content, **parts, "META-INF/manifest.xml": listed}
    return zipped(whole, stored=("mimetype",))


def p(*inside: str) -> str:
    """Return a paragraph."""
    return f"<text:p>{''.join(inside)}</text:p>"


def span(text: str, style: str = "T1") -> str:
    """Return a span."""
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def _text(body: str, parts: dict[str, str | bytes] | None = None, before: str = "") -> bytes:
    return _document("text", body + p(KEPT), parts, before)


def plain(n: str, rng: random.Random) -> bytes:
    return _text(p(f"my card {spaced(n)}"))


def spans(n: str, rng: random.Random) -> bytes:
    return _text(p("card ", *(span(n[i : i + 2]) for i in range(0, len(n), 2))))


def spaces(n: str, rng: random.Random) -> bytes:
    return _text(p("card ", '<text:s text:c="2"/>'.join(spaced(n).split(" "))))


def header(n: str, rng: random.Random) -> bytes:
    page = f'<style:master-page style:name="S"><style:header>{p(f"card {n}")}</style:header></style:master-page>'
    styles = _part("document-styles", f"<office:master-styles>{page}</office:master-styles>")
    return _text(p("x"), {"styles.xml": styles})


def annotation(n: str, rng: random.Random) -> bytes:
    note = f"<office:annotation><dc:creator>A</dc:creator>{p('card ' + spaced(n))}</office:annotation>"
    return _text(p("before", note, "after"))


def note_inside(n: str, rng: random.Random) -> bytes:
    note = f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>{p("see")}'
    return _text(p(f"card {n[:8]}{note}</text:note-body></text:note>{n[8:]}"))


def footnote(n: str, rng: random.Random) -> bytes:
    note = '<text:note text:note-class="footnote">'
    note += f"<text:note-body>{p(f'card {spaced(n)}')}</text:note-body></text:note>"
    return _text(p("x", note))


def _changes(kind: str, inside: str) -> str:
    region = f'<text:changed-region text:id="c1"><text:{kind}>{inside}</text:{kind}></text:changed-region>'
    return f"<text:tracked-changes>{region}</text:tracked-changes>"


def deletion(n: str, rng: random.Random) -> bytes:
    return _text(_changes("deletion", p(f"card {n}")) + p('x<text:change text:change-id="c1"/>'))


def deletion_outside(n: str, rng: random.Random) -> bytes:
    mark = '<text:change text:change-id="c1"/>'
    return _text(_changes("deletion", p(n[5:11])) + p(f"card {n[:5]}{mark}{n[11:]}"))


def insertion(n: str, rng: random.Random) -> bytes:
    marks = ('<text:change-start text:change-id="c1"/>', '<text:change-end text:change-id="c1"/>')
    return _text(_changes("insertion", "") + p(f"card {n[:7]}{marks[0]}31{marks[1]}{n[7:]}"))


def hidden_span(n: str, rng: random.Random) -> bytes:
    style = '<style:style style:name="T9" style:family="text">'
    style += '<style:text-properties text:display="none"/></style:style>'
    before = f"<office:automatic-styles>{style}</office:automatic-styles>"
    return _text(p(f"card {n[:7]}{span('31', 'T9')}{n[7:]}"), None, before)


def text_box(n: str, rng: random.Random) -> bytes:
    box = f"<draw:frame><draw:text-box>{p('card ' + spaced(n))}</draw:text-box></draw:frame>"
    return _text(p("before ", box, "after"))


def alternative_text(n: str, rng: random.Random) -> bytes:
    return _text(p(f"<draw:frame><svg:title>card</svg:title><svg:desc>card {spaced(n)}</svg:desc></draw:frame>"))


def _meta(inside: str) -> bytes:
    return _text(p("x"), {"meta.xml": _part("document-meta", f"<office:meta>{inside}</office:meta>")})


def title(n: str, rng: random.Random) -> bytes:
    return _meta(f"<dc:title>card {n}</dc:title>")


def user_defined(n: str, rng: random.Random) -> bytes:
    rows = f'<meta:user-defined meta:name="Card number">{n}</meta:user-defined>'
    return _meta(f'{rows}<meta:user-defined meta:name="CVV" meta:value-type="float">321</meta:user-defined>')


def link(n: str, rng: random.Random) -> bytes:
    return _text(p(f'<text:a xlink:href="https://pay.example/?card={n}">pay</text:a>'))


def variable(n: str, rng: random.Random) -> bytes:
    row = f'<text:user-field-decl office:value-type="string" office:string-value="{n}" text:name="card"/>'
    return _text(f"<text:user-field-decls>{row}</text:user-field-decls>" + p("x"))


def control(n: str, rng: random.Random) -> bytes:
    field = f'<form:text form:name="card" form:current-value="{spaced(n)}" form:value="{n}"/>'
    return _text(f"<office:forms><form:form>{field}</form:form></office:forms>" + p("x"))


def settings(n: str, rng: random.Random) -> bytes:
    item = f'<config:config-item config:name="card" config:type="string">{n}</config:config-item>'
    return _text(p("x"), {"settings.xml": _part("document-settings", f"<office:settings>{item}</office:settings>")})


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def cell(text: str, attributes: str = "") -> str:
    """Return a cell."""
    return f"<table:table-cell {attributes}>{p(text) if text else ''}</table:table-cell>"


def sheet(*rows: str, after: str = "") -> bytes:
    """Return a spreadsheet with these rows."""
    kept = _row(cell(KEPT, 'office:value-type="string"'), cell("7", 'office:value-type="float" office:value="7"'))
    return _document("spreadsheet", f'<table:table table:name="S1">{"".join(rows)}{kept}</table:table>{after}')


def _heads() -> str:
    return _row(*(cell(text) for text in ("Name", "Card no.", "CVV", "Exp")))


def table(n: str, rng: random.Random) -> bytes:
    rows = f'<table:table table:name="T">{_heads()}{_row(*map(cell, ("Ann", spaced(n), "321", "10/28")))}</table:table>'
    return _text(rows)


def sheet_of_texts(n: str, rng: random.Random) -> bytes:
    return sheet(_heads(), _row(*map(cell, ("Ann", spaced(n), "321", "10/28"))))


def sheet_of_numbers(n: str, rng: random.Random) -> bytes:
    kept = n[:15] + "0"
    number = cell(kept, f'office:value-type="float" office:value="{kept}"')
    code = cell("321", 'office:value-type="float" office:value="321"')
    return sheet(_heads(), _row(cell("Ann"), number, code))


def rounded_display(n: str, rng: random.Random) -> bytes:
    number = cell(f"{n[0]}.{n[1:3]}E+15", f'office:value-type="float" office:value="{n[0]}.{n[1:15]}E15"')
    return sheet(_heads(), _row(cell("Ann"), number))


def four_cells(n: str, rng: random.Random) -> bytes:
    groups: list[str] = []
    listed = spaced(n).split(" ")
    index = 0
    while index < len(listed):
        count = 1
        while index + count < len(listed) and listed[index + count] == listed[index]:
            count += 1
        groups.append(cell(listed[index], f'table:number-columns-repeated="{count}"'))
        index += count
    return sheet(_row(cell("Credit card"), *groups))


def formula(n: str, rng: random.Random) -> bytes:
    text = f"of:=&quot;card {n[:4]} &quot;&amp;&quot;{spaced(n)[5:]}&quot;"
    return sheet(_row(cell("shown", f'table:formula="{text}" office:value-type="string"')))


def formula_result(n: str, rng: random.Random) -> bytes:
    return sheet(_row(cell("card"), cell(n, 'table:formula="of:=[.A9]&amp;[.B9]" office:value-type="string"')))


def validation(n: str, rng: random.Random) -> bytes:
    rule = ""
    rule += (
        f'<table:content-validation table:name="v" table:condition="cell-content-is-in-list(&quot;{spaced(n)}&quot;)"/>'
    )
    rows = _row(cell("x"))
    body = f"<table:content-validations>{rule}</table:content-validations>"
    body += f"<table:table>{rows}{_row(cell(KEPT))}</table:table>"
    return _document("spreadsheet", body)


def named(n: str, rng: random.Random) -> bytes:
    name = f'<table:named-expression table:name="card" table:expression="&quot;{spaced(n)}&quot;"/>'
    return sheet(_row(cell("x")), after=f"<table:named-expressions>{name}</table:named-expressions>")


def cell_note(n: str, rng: random.Random) -> bytes:
    note = f"<office:annotation>{p('card ' + spaced(n))}</office:annotation>"
    return sheet(_row(f"<table:table-cell>{note}{p('x')}</table:table-cell>"))


def sub_document(n: str, rng: random.Random) -> bytes:
    inner = _part(
        "document-content", f"<office:body><office:chart>{p(f'card {spaced(n)}')}</office:chart></office:body>"
    )
    return _text(p("x"), {"Object 1/content.xml": inner})


def _slides(body: str) -> bytes:
    box = f"<draw:frame><draw:text-box>{p(KEPT)}</draw:text-box></draw:frame>"
    return _document("presentation", f'{body}<draw:page draw:name="last">{box}</draw:page>')


def slide(n: str, rng: random.Random) -> bytes:
    box = f"<draw:frame><draw:text-box>{p('card ', span(n[:6]), span(n[6:]))}</draw:text-box></draw:frame>"
    return _slides(f'<draw:page draw:name="one">{box}</draw:page>')


def slide_notes(n: str, rng: random.Random) -> bytes:
    box = f"<draw:frame><draw:text-box>{p('card ' + spaced(n))}</draw:text-box></draw:frame>"
    return _slides(f'<draw:page draw:name="one"><presentation:notes>{box}</presentation:notes></draw:page>')


TRICKS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(plain, spans, spaces, header, annotation, note_inside, footnote, deletion, deletion_outside, insertion),
        *(hidden_span, text_box, alternative_text, title, user_defined, link, variable, control, settings, table),
        *(sheet_of_texts, sheet_of_numbers, rounded_display, four_cells, formula, formula_result, validation, named),
        *(cell_note, sub_document, slide, slide_notes),
    )
}
