"""OpenDocument: texts, spreadsheets, presentations, drawings, and their templates (ODF 1.3, ISO 26300).

In: a package. Out: passages, part by part, told by the root element: text with changes accepted, rejected and marked,
tables as lines of tab-separated cells, cells by what they show and by what they hold, text boxes, notes, annotations,
deletions, styles with headers and footers, metadata under its names, settings, what stands beside the text; pictures,
thumbnail, object replacements and macros as embedded documents. Sub-documents (``Object 1/content.xml``) are parts.

Back: only characters that were cut; a cell that was cut loses its value and its formula and becomes text. What names
parts (``META-INF/manifest.xml``) cannot be written. Encrypted packages are unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import flows, markup, package
from pansentry.formats.format import Cuts, DocumentLimits, Extract, Replaced
from pansentry.formats.package import Package, Part
from pansentry.formats.vocabulary import MAIN, OPEN, Vocabulary
from pansentry.formats.walker import walk
from pansentry.formats.woven import READ_ONLY, Woven
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS

_PLACES: Final = {
    "document-content": "document",
    "document-styles": "header and footer",
    "document-meta": "metadata",
    "document-settings": "settings",
    "manifest": "names of parts",
}
_SPACE: Final = ("oasis", "openoffice", "w3.org")
_ENCRYPTED: Final = "encryption-data"
_IGNORED: Final = "mimetype"
_NOTHING: Final = Vocabulary(frozenset())


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return what a reader sees. Raises DamagedError, LimitExceededError."""
    joined: list[tuple[int, ...]] = []
    opened, texts = _read(data, limits, joined)
    return package.extracted(opened, texts, joined)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the package with cuts and replacements, ``data`` itself without any. Raises DamagedError."""
    if not cuts and not replaced:
        return data
    opened, texts = _read(data, limits, [])
    package.lower(texts, cuts)
    return package.written(opened, replaced)


def streams(data: bytes, limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS) -> Iterator[bytes]:
    """Yield what the proof searches: every member inflated."""
    return package.streams(data, limits)


def _read(
    data: bytes, limits: DocumentLimits, joined: list[tuple[int, ...]]
) -> tuple[Package, list[tuple[Woven, str]]]:
    opened = package.read(data, limits)
    opened.others = [other for other in opened.others if other.name != _IGNORED]
    texts = package.said(opened)
    for part in opened.parts:
        first = len(texts)
        texts += _texts(part)
        joined += flows.in_a_row(texts, first)
    texts += package.turned(texts)
    return opened, texts


def _texts(part: Part) -> Iterator[tuple[Woven, str]]:
    place = _PLACES.get(part.root, "part")
    if part.root == "manifest":
        if any(token.name == _ENCRYPTED for token in markup.tokens(part.markup.text)):
            raise DamagedError("encrypted")
        woven = Woven()
        woven.keep(flows.beside(part.markup, walk(part.markup, _NOTHING)).text, READ_ONLY, 0)
        yield woven, place
    elif part.root == "document-meta" or not any(known in part.space for known in _SPACE):
        found = walk(part.markup, _NOTHING, all_asides=True)
        yield flows.beside(part.markup, found, labelled=True), place
    else:
        found = walk(part.markup, OPEN)
        for name in found.by_name:
            for woven in flows.readings(part.markup, found, name):
                yield woven, place if name == MAIN else f"{place}, {name}"
        yield flows.beside(part.markup, found), place
