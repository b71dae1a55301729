"""PDF (ISO 32000-1, -2): every text that a reader shows or hides, and the document without it.

In: a document, also one that is encrypted with an empty user password. Out: passages of pages, strings, form fields,
appearances and older revisions; embedded files, pictures and text streams as embedded documents.

A page with a finding becomes a picture of itself with black boxes (``pdf_pages.py``); the other pages keep every byte
of their content. Strings are masked where they stand, an annotation whose appearance shows something loses the
appearance. The result is always written in full: no older revision and no unreferenced object is in it.

Pages that show pictures, glyphs of unknown meaning or drawn outlines instead of text are for the reader of pictures.
Known gaps: a ToUnicode table that lies is believed; a signature does not survive an edit; the result is not encrypted;
text that is drawn as outlines on a page that has other text is not seen.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pansentry.errors import DamagedError
from pansentry.formats import pdf_objects, pdf_pages
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Extract, Replaced
from pansentry.formats.pdf_survey import Survey, draw_pdf, open_pdf, survey_of


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return everything that is said in the document. Raises DamagedError, LimitExceededError."""
    survey = survey_of(data, limits)
    signed = pdf_objects.is_signed(survey.pdf)
    survey.close()
    unreadable = tuple(dict.fromkeys(survey.unreadable))
    return Extract(tuple(survey.passages), tuple(survey.embedded), unreadable, tuple(survey.joined), signed)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the document with cuts and replacements, written in full; ``data`` itself without any."""
    if not cuts and not replaced:
        return data
    survey = survey_of(data, limits)
    try:
        for key, edits in cuts.items():
            survey.cutters[key](edits)
        for key, new in replaced.items():
            survey.replacers[key](new)
        return _written(survey)
    finally:
        survey.close()


def streams(data: bytes) -> Iterator[bytes]:
    """Yield every stream of the document without its filters, and every object outside of streams as it is written."""
    import pikepdf

    pdf = open_pdf(data)
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            if thing.stream_dict.get("/Subtype") != "/Image":
                try:
                    yield thing.read_bytes()
                except pikepdf.PdfError:
                    yield thing.read_raw_bytes()
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Array):
            yield thing.unparse(resolved=True)


def _written(survey: Survey) -> bytes:
    """Draw the pages that lose their text, put the pictures in, and save in full."""
    pdf = survey.pdf
    pages = sorted({*(index for index, boxes in survey.boxes.items() if boxes), *survey.pictures})
    if any(not boxes for index, boxes in survey.boxes.items() if index not in survey.pictures):
        raise DamagedError(CANNOT_REWRITE)  # what was found has no place on its page
    if pages:
        drawn = draw_pdf(_saved(pdf), forms=True)
        try:
            for index in pages:
                raster = _page_raster(survey, drawn, index)
                pdf_pages.put(pdf, pdf.pages[index].obj, raster)
        finally:
            drawn.close()
    names = pdf.Root.get("/Names")
    if names is not None and "/Templates" in names:  # pages outside the tree of pages
        del names["/Templates"]
    return _saved(pdf)


def _page_raster(survey: Survey, drawn: Any, index: int) -> pdf_pages.Raster:
    page = drawn[index]
    try:
        boxes = survey.boxes.get(index, [])
        if index in survey.pictures:
            return pdf_pages.over(page, survey.pictures[index], boxes)
        return pdf_pages.draw(page, boxes)
    finally:
        page.close()


def _saved(pdf: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, encryption=False, preserve_pdfa=False, fix_metadata_version=False)
    return out.getvalue()
