"""What a page of a PDF shows: its text in two orders, and pictures of it where it shows something else.

In: a page of a document that PDFium has opened. Out: passages and pictures in the survey of the document, with what
becomes of them: boxes over glyphs, over what was painted in a picture, or a painted picture of the whole page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pansentry.errors import DamagedError
from pansentry.formats import pdf_decoys, pdf_pages, pdf_text
from pansentry.formats.format import CANNOT_REWRITE, PICTURES_LATER
from pansentry.outcome import Unreadable

if TYPE_CHECKING:
    from pansentry.edits import Edit
    from pansentry.formats.pdf_survey import Survey

_FEW_GLYPHS = 8
"""A page with fewer glyphs than this has no text worth the name: what it shows is drawn."""
_UNKNOWN_GLYPHS = 6
_MIN_PICTURE_SIDE, _MIN_PICTURE_LENGTH = 12, 90
"""Pixels: sixteen digits of the smallest legible print."""
_TEXT, _FORM = 1, 5
_ONLY_IMAGES = (3,)
"""FPDF_PAGEOBJ_TEXT, _FORM and _IMAGE of PDFium's ``fpdf_edit.h``."""
_MAX_FORM_DEPTH = 8


def survey_page(survey: Survey, index: int) -> None:
    """Read a page; where it shows something that is no text, keep a picture of it for the reader of pictures."""
    import pypdfium2 as pdfium

    place = f"page {index + 1}"
    try:
        page = survey.drawn[index]
    except pdfium.PdfiumError:
        survey.unreadable.append(Unreadable("damaged", place))
        return
    try:
        read = pdf_text.read(page)
        survey.passage(read.text, place, partial(_cut_page, survey, index, None))
        if read.is_measured:
            lines = pdf_text.by_lines(read)
            if _squeezed(lines.text) != _squeezed(read.text):
                survey.passage(lines.text, place, partial(_cut_page, survey, index, lines.glyphs))
        if (seen := pdf_decoys.without_unseen(page, read.text)) is not None:
            survey.passage(seen.text, place, partial(_cut_page, survey, index, seen.glyphs))
        _survey_pictures(survey, index, page, read, place)
    finally:
        page.close()


def survey_truth(survey: Survey, index: int) -> None:
    """Read a page in the document without lying tables; what it says there too is said already."""
    page, true = survey.drawn[index], survey.truth[index]
    try:
        said, text = pdf_text.read(page).text, pdf_text.read(true).text
    finally:
        page.close()
        true.close()
    if _squeezed(text) != _squeezed(said):
        survey.passage(text, f"page {index + 1}", partial(_cut_page, survey, index, None, drawn=survey.truth))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _cut_page(
    survey: Survey, index: int, glyphs: Sequence[int] | None, edits: Sequence[Edit[str]], drawn: Any = None
) -> None:
    """Note the boxes of the glyphs that edits fall on; ``glyphs`` says which they are, None that there is one each."""
    page = (drawn or survey.drawn)[index]
    read = pdf_text.read(page, measure=True)
    page.close()
    boxes = survey.boxes.setdefault(index, [])
    for edit in edits:
        for position in range(edit.start, edit.end):
            glyph = position if glyphs is None else glyphs[position]
            if glyph >= 0 and (box := read.boxes[glyph]) is not None and not _stays(read.text[glyph], edit, position):
                boxes.append(box)


def _stays(glyph: str, edit: Edit[str], position: int) -> bool:
    """Say whether the mask leaves a glyph as it is (the last four digits)."""
    offset = position - edit.start
    return len(edit.new) == edit.end - edit.start and edit.new[offset] == glyph


def _survey_pictures(survey: Survey, index: int, page: Any, read: pdf_text.PageText, place: str) -> None:
    glyphs = sum(not letter.isspace() for letter in read.text) - read.unknown
    unknown = read.unknown >= _UNKNOWN_GLYPHS
    if not unknown and glyphs >= _FEW_GLYPHS and not _shows_pictures(page):
        return
    if not unknown and glyphs < _FEW_GLYPHS and not _draws(page):
        return
    if _shows_pictures(page, survey.limits.max_pixels):
        survey.unreadable.append(Unreadable("large:pixels", place))
        return
    if not survey.limits.max_pictures:
        survey.unreadable.append(Unreadable(PICTURES_LATER, f"{place}: font" if unknown else place))
        return
    if unknown or glyphs < _FEW_GLYPHS or not _inside_pictures(survey, index, page, place):
        picture = pdf_pages.png(pdf_pages.draw(page, dpi=pdf_pages.PICTURE_DPI))
        survey.inside(picture, "", place, partial(_put_picture, survey, index))


def _draws(page: Any) -> bool:
    """Say whether a page shows anything besides text; a page with its number on it is read already."""
    deepest = _MAX_FORM_DEPTH - 1
    return any(
        one.type != _TEXT and (one.type != _FORM or one.level >= deepest)
        for one in page.get_objects(max_depth=_MAX_FORM_DEPTH)
    )


def _shows_pictures(page: Any, pixels: int = 0) -> bool:
    """Say whether a page shows a picture that is large enough to hold a number, and has more pixels than ``pixels``."""
    return any(_is_large(one, pixels) for one in page.get_objects(filter=_ONLY_IMAGES, max_depth=4))


def _is_large(image: Any, pixels: int = 0) -> bool:
    width, height = image.get_px_size()
    holds_digits = min(width, height) >= _MIN_PICTURE_SIDE and max(width, height) >= _MIN_PICTURE_LENGTH
    return bool(holds_digits and width * height > pixels)


def _inside_pictures(survey: Survey, index: int, page: Any, place: str) -> bool:
    """Add the pictures of a page that has text as well; False if one of them cannot be taken out alone."""
    import pypdfium2 as pdfium

    found = []
    for one in page.get_objects(filter=_ONLY_IMAGES, max_depth=4):
        if not _is_large(one):
            continue
        if one.level:  # inside a form, whose own matrix PDFium does not give
            return False
        try:
            bitmap = one.get_bitmap(render=False)
        except pdfium.PdfiumError:
            return False
        found.append((pdf_pages.png(pdf_pages.raster_of(bitmap)), one.get_matrix().get()))
    for picture, matrix in found:
        survey.inside(picture, "", f"picture on {place}", partial(_cut_picture, survey, index, picture, matrix))
    return True


def _cut_picture(
    survey: Survey, index: int, old: bytes, matrix: tuple[float, float, float, float, float, float], new: bytes | None
) -> None:
    """Put a box over what was changed in a picture, or over all of it."""
    survey.boxes.setdefault(index, []).append(pdf_pages.changed(old, new, matrix))


def _put_picture(survey: Survey, index: int, new: bytes | None) -> None:
    if new is None:
        raise DamagedError(CANNOT_REWRITE)
    survey.pictures[index] = new
