"""HTML as its readers see it: shown, hidden parts taken out, tags stripped, attributes, source.

In: HTML source as text. Out: readings, each with a way back that touches characters and never markup:

============  ========================================================================================================
``shown``     all text, inline tags without gap, blocks and ``<br>`` as line breaks, cells as tabs, spaces collapsed
``visible``   the same without what CSS or HTML hides; ``plain-sight`` also without what is there but hardly seen
``joined``    all text with every tag gone without a gap
``inline``    ``shown`` with alternative texts, field values (pictures blocked, forms) and the targets of ``tel:`` and
              ``mailto:`` links where they stand
``laid-out``  text in the order that floats, flex boxes, ``order`` or absolute places give it
``generated`` ``visible`` with generated content where it appears (it cannot be edited there)
``fostered``  ``visible`` with text between table cells where browsers put it: in front of the table
``visual``    ``shown`` in the order of the screen where overrides reverse it
``attribute`` all attribute values, references and percent escapes decoded
``source``    the source itself; ``source-decoded`` with references decoded; scripts and sheets with escapes decoded;
              without long numbers that fill a cell of a table under its head, since only ``shown`` tells what they are
============  ========================================================================================================

``lenient-`` and ``conditional-`` readings follow text readers and Outlook (``html_tokens.Mode``) where they differ.
Standards: WHATWG HTML §13.2, CSS 2.2, UAX 9. Linear in the source. Readings that cannot differ are not made.
The pages in attribute values (``srcdoc``, escaped as often as they are nested) are read as pages. Known gaps: the
rest of layout (grids, transforms, lines), text in pictures.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views import bidi, mended, structured
from pansentry.views.html_entities import decode, decoded, spell_attribute
from pansentry.views.html_prefilter import strip_for_prefilter
from pansentry.views.html_tokens import Tokens
from pansentry.views.html_walk import Seen, Walk, walk
from pansentry.views.html_weave import partly, walks, weave
from pansentry.views.reading import Reading, Weaver, compose, identity

__all__ = ["read", "read_text", "strip_for_prefilter"]

MAX_PAGES_IN_PAGES: Final = 4
_SEPARATOR: Final = "\n;\n"  # between attribute values: nothing that a number is written across
_TELLING: Final = re.compile(r"[0-9&%+]|[^\x00-\x7f]")


def read(text: str) -> tuple[Reading, ...]:
    """Return every reading of an HTML source, those of its markup included."""
    pages = list(walks(text))
    readings = [reading for prefix, page in pages for reading in _page_readings(text, page, prefix)]
    page = pages[0][1]
    attributes = _attributes(text, page.tokens)
    readings += (*attributes, *(page for values in attributes[:1] for page in _inner_pages(values)))
    bare = _without_cells(text, readings[0]) if _may_be_cell(text) else None
    source = identity(text, "source") if bare is None else bare
    readings.append(source)
    if "&" in text:
        references = decoded(source.text, "source-decoded")
        readings.append(references if bare is None else compose(references, bare))
    readings += structured.read_escapes(text)
    return _distinct(readings)


def read_text(text: str) -> Reading:
    """Return only the text as it is shown, for language detection and the like."""
    return weave(text, walk(text), "shown", Seen.HIDDEN)


def source(text: str) -> Reading | None:
    """Return the source without the numbers of tables, None where there are none."""
    return _without_cells(text, read_text(text)) if _may_be_cell(text) else None


def _may_be_cell(text: str) -> bool:
    return _IN_TAGS.search(text) is not None and _CELL_TAG.search(text) is not None


def _without_cells(text: str, shown: Reading) -> Reading | None:
    """Return the source without the long numbers that stand alone in cells of rows like the first one of their table.

    The source has no columns: a number under "Order no." is a bare number there. A row with fewer or more cells than
    the head keeps its numbers, since in ``shown`` they stand under the wrong words.
    """
    spans: list[tuple[int, int]] = []
    for table in _TABLE.finditer(shown.text):
        at, borders = table.start(), -1
        for row in table[0].split("\n"):
            cells = row.split("\t")
            if borders < 0:
                borders = len(cells)
            elif len(cells) == borders:
                start = at
                for cell in cells:
                    if number := _NUMBER.fullmatch(cell):
                        first, last = start + number.start(1), start + number.end(1)
                        span = (shown.starts[first], shown.ends[last - 1])
                        if span[1] - span[0] == last - first and span[0] >= (spans[-1][1] if spans else 0):
                            spans.append(span)
                    start += len(cell) + 1
            at += len(row) + 1
    if not spans:
        return None
    weaver = Weaver("source", text)
    position = 0
    for first, last in spans:
        weaver.keep(position, first)
        position = last
    weaver.keep(position, len(text))
    return weaver.reading()


_CELL_TAG: Final = re.compile(r"<t[dh][\s>]", re.IGNORECASE)
_IN_TAGS: Final = re.compile(r">[ \t\r\n]{0,80}+[0-9](?:[ \-]?[0-9]){12,18}[ \t\r\n]{0,80}+<")
_NUMBER: Final = re.compile(r" ?([0-9](?:[ \-]?[0-9]){12,18}) ?")
_TABLE: Final = re.compile(r"(?>(?:[^\n\t]*+\t[^\n]*+(?:\n|\Z)){2,})")


def _page_readings(text: str, page: Walk, prefix: str) -> list[Reading]:
    """Return the readings of the page itself under one tokenizer mode."""
    shown = weave(text, page, prefix + "shown", Seen.HIDDEN)
    readings = [shown, weave(text, page, prefix + "joined", Seen.NEVER, gaps=False)]
    readings += (compose(whole, shown) for whole in mended.read(shown.text))
    readings += partly(text, page, prefix)
    marked = weave(text, page, prefix + "marked", Seen.FAINTLY, overrides=True) if page.overrides else shown
    readings += (compose(visual, marked) for visual in bidi.read(marked.text))
    return readings


def _attributes(text: str, tokens: Tokens) -> list[Reading]:
    """Return all attribute values that can matter, one behind the other, and again with percent escapes decoded."""
    weaver = Weaver("attribute", text, spell_attribute)
    for token in tokens.items:
        for attribute in token.attributes:
            if _TELLING.search(text, attribute.start, attribute.end):
                decode(weaver, text, attribute.start, attribute.end)
                weaver.make_up(_SEPARATOR, attribute.end)
    values = weaver.reading()
    if not values.text:
        return []
    return [values, *(compose(reading, values) for reading in structured.read_percent(values.text))]


def _inner_pages(values: Reading) -> list[Reading]:
    """Return pages inside of attribute values as they are shown, and pages inside of theirs."""
    pages: list[Reading] = []
    for _ in range(MAX_PAGES_IN_PAGES):
        if "<" not in values.text:
            break
        inner = walk(values.text)
        pages.append(compose(weave(values.text, inner, "inner", Seen.NEVER, gaps=False), values))
        deeper = _attributes(values.text, inner.tokens)
        if not deeper:
            break
        values = compose(deeper[0], values)
    return pages


def _distinct(readings: list[Reading]) -> tuple[Reading, ...]:
    """Drop readings that show what another one shows, from the same places."""
    kept: list[Reading] = []
    for reading in readings:
        if reading.text and not any(reading.same_as(other) for other in kept):
            kept.append(reading)
    return tuple(kept)
