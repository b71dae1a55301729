"""Office Open XML: documents, workbooks, presentations, with or without macros, and templates (ECMA-376, ISO 29500).

In: a package. Out: passages, part by part, told by the root element and never by the name of the part:

- text parts (document, headers, footers, notes, comments, slides, masters, diagrams, charts): ``flows``;
- worksheets: ``sheet``, with shared strings, styles, formulas; pivot caches: ``pivot``;
- properties and custom XML, labelled by the names of elements; relationships; names and comments of the archive;
- what stands beside the text anywhere: alternative texts, tool tips, defined names, data validations, XML comments;
- everything that is no XML (pictures, OLE objects, packages, macros, fonts) as embedded documents.

Back: only characters and cells that were cut; macros and other parts stay byte for byte. A cut in what names parts, or
in a macro, cannot be written. A signature (``_xmlsignatures``) does not hold for an edited package any more. Binary
workbooks (xlsb) are read by ``xlsb``, and cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import flows, markup, package, pivot, sheet, sheet_strings, xlsb
from pansentry.formats.format import Cuts, DocumentLimits, Extract, Replaced
from pansentry.formats.markup import Kind
from pansentry.formats.package import Package, Part
from pansentry.formats.sheet_cells import Strings, finish
from pansentry.formats.vocabulary import MAIN, OFFICE, Vocabulary
from pansentry.formats.walker import walk
from pansentry.formats.woven import READ_ONLY, Woven
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS
from pansentry.outcome import Unreadable

_SHEETS: Final = frozenset({"worksheet", "macrosheet"})
_PLACES: Final = {
    "document": "document", "hdr": "header", "ftr": "footer", "comments": "comments", "footnotes": "footnotes",
    "endnotes": "endnotes", "worksheet": "sheet", "macrosheet": "sheet", "sst": "strings", "sld": "slide",
    "notes": "notes", "sldMaster": "master", "sldLayout": "layout", "notesMaster": "master", "chartSpace": "chart",
    "coreProperties": "metadata", "Properties": "metadata", "Relationships": "links", "workbook": "workbook",
    "settings": "settings", "dataModel": "diagram", "externalLink": "external links", "ThreadedComments": "comments",
    "cmLst": "comments", "pivotCacheDefinition": "pivot cache", "pivotCacheRecords": "pivot cache",
}  # fmt: skip
_BINARY: Final = re.compile(r"(?:^|/)xl/(?:workbook|worksheets/[^/]*)\.bin\Z", re.IGNORECASE)  # [MS-XLSB]
_NUMBERED: Final = frozenset({"worksheet", "macrosheet", "sld", "notes"})
_NUMBER: Final = re.compile(r"([0-9]{1,4})\.xml\Z")
_KNOWN: Final = ("openxmlformats.org", "purl.oclc.org/ooxml", "microsoft.com", "schemas-microsoft-com", "dublincore")
_LABELLED: Final = frozenset({"coreProperties", "Properties"})
_VALUES: Final = Vocabulary(  # charts' caches and those of external workbooks
    text=OFFICE.text | {"v"},
    made=OFFICE.made,
    paragraphs=OFFICE.paragraphs,
    rows=frozenset({"tr", "row"}),
    cells=frozenset({"tc", "cell"}),
    flags=OFFICE.flags,
    numbers=frozenset({"v"}),
)
_CODES: Final = re.compile(
    r"&amp;(?:[LCR]|&quot;[^&\"]*&quot;|\"[^&\"]*\"|[0-9]{1,3}[ ]?|K[0-9A-F+-]{5,8})|(&amp;[A-Z])"
)


@dataclass(slots=True)
class _Office:
    """A package with its passages; sheets and strings are kept to be finished."""

    package: Package
    texts: list[tuple[Woven, str]] = field(default_factory=list)
    sheets: list[tuple[Part, sheet.Sheet]] = field(default_factory=list)
    strings: Strings = field(default_factory=lambda: Strings(None, []))
    joined: list[tuple[int, ...]] = field(default_factory=list)


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what a reader sees. Raises DamagedError, LimitExceededError."""
    office = _read(data, limits, for_writing=False)
    return package.extracted(office.package, office.texts, office.joined)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the package with cuts and replacements, ``data`` itself without any. Raises DamagedError."""
    if not cuts and not replaced:
        return data
    office = _read(data, limits, for_writing=True)
    package.lower(office.texts, cuts)
    for _, read in office.sheets:
        for cell in read.cells:
            if cell.edits and cell.kind == "s" and cell.item is None and cell.formula is None:
                office.strings.cut(cell)
    office.strings.settle()
    for part, read in office.sheets:
        finish(part.markup, read.cells, office.strings)
    return package.written(office.package, replaced)


def streams(data: bytes, limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS) -> Iterator[bytes]:
    """Yield what the proof searches: every member inflated."""
    return package.streams(data, limits)


def _read(data: bytes, limits: DocumentLimits, *, for_writing: bool) -> _Office:
    opened = package.read(data, limits)
    office = _Office(opened, package.said(opened))
    shared = next(opened.rooted("sst"), None)
    office.strings = Strings(shared.markup if shared else None, sheet_strings.shared(shared.markup if shared else None))
    look = _styles(opened)
    if any(_BINARY.search(other.name) for other in opened.others):
        office.texts += _binary(opened)
    caches = pivot.fields(opened)
    words = replace(OFFICE, hidden_styles=_hiding(opened))
    for part in opened.parts:
        place = _place(part)
        if part.root in _SHEETS:
            read = sheet.read(part.markup, office.strings, look, for_writing=for_writing)
            office.sheets.append((part, read))
            office.texts += [(table, place) for table in read.tables]
            office.texts.append((read.formulas, f"{place}, formulas"))
            office.texts.append((flows.beside(part.markup, read.asides), place))
            office.texts.append((_headers(part), f"{place}, header and footer"))
        elif part.root == "Relationships":
            office.texts.append((_links(part), place))
        elif part.root == "Types":
            office.texts.append((_read_only(part), place))
        elif part.root in ("pivotCacheDefinition", "pivotCacheRecords"):
            office.texts += [(woven, place) for woven in pivot.read(part, caches)]
            office.texts.append((_beside(part), place))
        elif part.root != "sst":
            first = len(office.texts)
            office.texts += _texts(part, place, words)
            office.joined += flows.in_a_row(office.texts, first)
    if shared is not None:
        office.texts += _unused(shared, office.strings)
    office.texts += package.turned(office.texts)
    return office


def _binary(opened: Package) -> Iterator[tuple[Woven, str]]:
    """Yield the texts of a binary workbook; its parts are taken from those that are opened as documents."""
    parts = {other.name: other.data for other in opened.others if xlsb.is_part(other.name)}
    opened.others[:] = [other for other in opened.others if other.name not in parts]
    try:
        for text, place in xlsb.texts(parts):
            woven = Woven()
            woven.keep(text, READ_ONLY, 0)
            yield woven, place
    except DamagedError as error:
        opened.unreadable.append(Unreadable(error.reason, "sheet"))


def _styles(opened: Package) -> sheet.Styles:
    book = next(opened.rooted("workbook"), None)
    from_1904 = False
    if book is not None:
        for token in markup.tokens(book.markup.text):
            if token.name == "workbookPr" and token.kind is Kind.START:
                from_1904 = markup.attribute(book.markup.text, token, "date1904") in ("1", "true")
    part = next(opened.rooted("styleSheet"), None)
    return sheet.styles(part.markup if part else None, from_1904=from_1904)


def _place(part: Part) -> str:
    place = _PLACES.get(part.root, "part")
    number = _NUMBER.search(part.name)
    return f"{place} {int(number[1])}" if number and part.root in _NUMBERED else place


def _hiding(opened: Package) -> frozenset[str]:
    """Return the character styles that hide text (ECMA-376-1 §17.7.9, §17.3.2.41), by name in lower case."""
    found: set[str] = set()
    for part in opened.rooted("styles"):
        style = ""
        for token in markup.tokens(part.markup.text):
            if token.kind is Kind.START and token.name == "style":
                style = (markup.attribute(part.markup.text, token, "styleId") or "").casefold()
            elif token.kind is Kind.START and token.name == "vanish":
                found.add(style)
    return frozenset(found)


def _texts(part: Part, place: str, words: Vocabulary) -> Iterator[tuple[Woven, str]]:
    """Yield the passages of a part that is text, or that nobody knows."""
    if part.root in _LABELLED or not any(known in part.space for known in _KNOWN):
        found = walk(part.markup, Vocabulary(frozenset()), all_asides=True)
        yield flows.beside(part.markup, found, labelled=True), place
        return
    values = part.root in ("chartSpace", "externalLink", "chart", "ddeLink")
    found = walk(part.markup, _VALUES if values else words)
    is_sheet = "spreadsheetml" in part.space
    spelling = (sheet_strings.ESCAPES, sheet_strings.character) if is_sheet else (flows.ESCAPES, flows.character)
    for name in found.by_name:
        for woven in flows.readings(part.markup, found, name, *spelling):
            yield woven, place if name == MAIN else f"{place}, {name}"
    yield flows.beside(part.markup, found), place


def _beside(part: Part) -> Woven:
    return flows.beside(part.markup, walk(part.markup, Vocabulary(frozenset())))


def _unused(shared: Part, strings: Strings) -> Iterator[tuple[Woven, str]]:
    """Yield strings that no cell shows, those with line breaks as they are, and phonetic texts."""
    assert strings.part is not None
    woven = Woven()
    for index, item in enumerate(strings.items):
        if not strings.uses[index] or any("\n" in strings.part.text[start:end] for start, end in item.pieces):
            item.weave(strings.part, woven)
            woven.make_up("\n;\n")
    yield woven, "strings"
    found = walk(shared.markup, OFFICE)
    for name in found.by_name:
        if name != MAIN:
            for reading in flows.readings(shared.markup, found, name, sheet_strings.ESCAPES, sheet_strings.character):
                yield reading, f"strings, {name}"
    yield flows.beside(shared.markup, found), "strings"


def _headers(part: Part) -> Woven:
    """Return headers and footers of a sheet with their codes (font, size, section) gone (§18.3.1.46)."""
    woven = Woven()
    inside = False
    text = part.markup.text
    for token in markup.tokens(text, max(text.rfind("sheetData>"), 0)):  # the schema has them behind the cells
        if token.kind is Kind.START:
            inside = token.name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
        elif token.kind is Kind.END:
            inside = False
        elif inside:
            position = token.start
            for code in _CODES.finditer(text, token.start, token.end):
                woven.keep(text[position : code.start()], part.markup, position)
                if code[0][5:] in ("L", "C", "R"):
                    woven.make_up("\n")
                position = code.end()
            woven.keep(text[position : token.end], part.markup, position)
            woven.make_up("\n")
    return woven


def _links(part: Part) -> Woven:
    """Return targets of relationships; those inside the package name parts and cannot be written."""
    woven = Woven()
    text = part.markup.text
    for token in markup.tokens(text):
        if token.kind is Kind.START and token.name == "Relationship":
            values = {found.name: found for found in markup.attributes(text, token)}
            target, mode = values.get("Target"), values.get("TargetMode")
            if target is not None:
                outside = mode is not None and text[mode.start : mode.end] == "External"
                sink = part.markup if outside else READ_ONLY
                flows.aside_text(woven, text[target.start : target.end], sink, target.start)
                woven.make_up("\n;\n")
    return woven


def _read_only(part: Part) -> Woven:
    text = flows.beside(part.markup, walk(part.markup, Vocabulary(frozenset()))).text
    woven = Woven()
    woven.keep(text, READ_ONLY, 0)
    return woven
