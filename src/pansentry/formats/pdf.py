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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pansentry.edits import Edit
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import pdf_objects, pdf_pages, pdf_text, recognise
from pansentry.formats.format import (
    CANNOT_REWRITE,
    PICTURES_LATER,
    Cuts,
    DocumentLimits,
    Embedded,
    Extract,
    Passage,
    Replaced,
)
from pansentry.formats.notices import TAKEN_OUT
from pansentry.outcome import Unreadable

_MAX_REVISIONS = 12
_MAX_APPEARANCES = 5000
_MIN_DIGITS = 3
_FEW_GLYPHS = 8
"""A page with fewer glyphs than this has no text worth the name: what it shows is drawn."""
_UNKNOWN_GLYPHS = 6
_MIN_PICTURE_SIDE, _MIN_PICTURE_LENGTH = 12, 90
"""Pixels: sixteen digits of the smallest legible print."""
_ONLY_IMAGES = (3,)
"""FPDF_PAGEOBJ_IMAGE of PDFium's ``fpdf_edit.h``."""
_TEXTS = ("xml", "html", "json", "text")


@dataclass(slots=True)
class _Survey:
    """A document that is open: what was found in it, and what to call to write each of it."""

    pdf: Any
    drawn: Any
    passages: list[Passage] = field(default_factory=list)
    embedded: list[Embedded] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    cutters: dict[int, Callable[[Sequence[Edit[str]]], None]] = field(default_factory=dict)
    replacers: dict[int, Callable[[bytes | None], None]] = field(default_factory=dict)
    boxes: dict[int, list[pdf_text.Box]] = field(default_factory=dict)
    pictures: dict[int, bytes] = field(default_factory=dict)
    characters: int = 0
    limits: DocumentLimits = field(default_factory=DocumentLimits)

    def passage(self, text: str, place: str, cut: Callable[[Sequence[Edit[str]]], None]) -> None:
        """Add a passage, unless there is nothing in it."""
        self.characters += len(text)
        if self.characters > self.limits.max_characters:
            raise LimitExceededError("max_characters")
        key = len(self.passages)
        self.passages.append(Passage(key, text, place))
        self.cutters[key] = cut

    def inside(self, data: bytes, name: str, place: str, replace: Callable[[bytes | None], None]) -> None:
        """Add a document inside this one."""
        key = len(self.embedded)
        self.embedded.append(Embedded(key, data, name, place))
        self.replacers[key] = replace

    def close(self) -> None:
        self.drawn.close()
        self.pdf.close()


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return everything that is said in the document. Raises DamagedError, LimitExceededError."""
    survey = _survey(data, limits)
    signed = pdf_objects.is_signed(survey.pdf)
    survey.close()
    unreadable = tuple(dict.fromkeys(survey.unreadable))
    return Extract(tuple(survey.passages), tuple(survey.embedded), unreadable, signed=signed)


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the document with cuts and replacements, written in full; ``data`` itself without any."""
    if not cuts and not replaced:
        return data
    survey = _survey(data, limits)
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

    pdf = _open(data)
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            if thing.stream_dict.get("/Subtype") != "/Image":
                try:
                    yield thing.read_bytes()
                except pikepdf.PdfError:
                    yield thing.read_raw_bytes()
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Array):
            yield thing.unparse(resolved=True)


def _open(data: bytes) -> Any:
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise DamagedError("encrypted") from None
    except (pikepdf.PdfError, ValueError):
        raise DamagedError("damaged") from None


def _draw(data: bytes, *, forms: bool = False) -> Any:
    """Open with PDFium, which draws and reads pages."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        raise DamagedError("damaged") from None
    if forms:
        document.init_forms()
    return document


def _survey(data: bytes, limits: DocumentLimits) -> _Survey:
    import pikepdf
    import pypdfium2 as pdfium

    try:
        return _surveyed(data, limits)
    except (pikepdf.PdfError, pdfium.PdfiumError, ValueError, TypeError, KeyError, OverflowError, RuntimeError):
        # what the libraries say of objects that are not what they should be; MemoryError goes on
        raise DamagedError("damaged") from None


def _surveyed(data: bytes, limits: DocumentLimits) -> _Survey:
    pdf = _open(data)
    pdf_objects.measure_streams(pdf, limits)
    pages = pdf_objects.count_pages(pdf, limits)
    if not pages:
        raise DamagedError("damaged")
    survey = _Survey(pdf, _draw(data), limits=limits)
    for index in range(len(survey.drawn)):
        _survey_page(survey, index)
    taken = {one.objgen for page in pdf.pages for one in _contents(page)}
    for thing, said in pdf_objects.words(pdf):
        survey.passage(said.text, _place(thing), partial(_cut_words, thing, said))
    for form in pdf_objects.fields(pdf):
        if any(character.isdigit() for character in form.text):
            survey.passage(form.text, "form", partial(_cut_form, pdf, form))
    _survey_appearances(survey)
    for stream, name in pdf_objects.files(pdf):
        taken.add(stream.objgen)
        survey.inside(_bytes(stream), name, "embedded file", partial(_put_file, stream))
    for stream in pdf_objects.other_streams(pdf, taken):
        content = _bytes(stream)
        if recognise.text_kind(content) in _TEXTS and sum(48 <= byte <= 57 for byte in content) >= _MIN_DIGITS:
            survey.inside(content, "", "metadata or script", partial(_put_text, stream))
    for end in _revisions(data):
        _survey_revision(survey, data[:end])
    return survey


def _contents(page: Any) -> list[Any]:
    """Return the streams of a page's content."""
    import pikepdf

    contents = page.get("/Contents")
    listed = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return [one for one in listed if isinstance(one, pikepdf.Stream)]


def _bytes(stream: Any) -> bytes:
    import pikepdf

    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return bytes(stream.read_raw_bytes())


def _place(thing: Any) -> str:
    import pikepdf

    stated = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    if isinstance(stated, pikepdf.Dictionary):
        if "/Subtype" in stated and ("/Rect" in stated or "/AP" in stated):
            return "annotation"
        if "/FT" in stated or ("/T" in stated and "/V" in stated):
            return "form"
        if any(key in stated for key in ("/Producer", "/Creator", "/CreationDate", "/ModDate")):
            return "metadata"
        if "/Title" in stated and ("/Dest" in stated or "/A" in stated or "/Parent" in stated):
            return "outline"
    return "object"


# pages


def _survey_page(survey: _Survey, index: int) -> None:
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
        _survey_pictures(survey, index, page, read, place)
    finally:
        page.close()


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _cut_page(survey: _Survey, index: int, glyphs: Sequence[int] | None, edits: Sequence[Edit[str]]) -> None:
    """Note the boxes of the glyphs that edits fall on; ``glyphs`` says which they are, None that there is one each."""
    page = survey.drawn[index]
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


def _survey_pictures(survey: _Survey, index: int, page: Any, read: pdf_text.PageText, place: str) -> None:
    glyphs = sum(not letter.isspace() for letter in read.text) - read.unknown
    unknown = read.unknown >= _UNKNOWN_GLYPHS
    if not unknown and glyphs >= _FEW_GLYPHS and not _shows_pictures(page):
        return
    if not unknown and glyphs < _FEW_GLYPHS and not any(True for _ in page.get_objects(max_depth=2)):
        return
    if not survey.limits.max_pictures:
        survey.unreadable.append(Unreadable(PICTURES_LATER, f"{place}: font" if unknown else place))
        return
    if unknown or glyphs < _FEW_GLYPHS or not _inside_pictures(survey, index, page, place):
        picture = pdf_pages.png(pdf_pages.draw(page, dpi=pdf_pages.PICTURE_DPI))
        survey.inside(picture, "", place, partial(_put_picture, survey, index))


def _shows_pictures(page: Any) -> bool:
    """Say whether a page shows a picture that is large enough to hold a number."""
    return any(_is_large(one) for one in page.get_objects(filter=_ONLY_IMAGES, max_depth=4))


def _is_large(image: Any) -> bool:
    width, height = image.get_px_size()
    return bool(min(width, height) >= _MIN_PICTURE_SIDE and max(width, height) >= _MIN_PICTURE_LENGTH)


def _inside_pictures(survey: _Survey, index: int, page: Any, place: str) -> bool:
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
    survey: _Survey, index: int, old: bytes, matrix: tuple[float, float, float, float, float, float], new: bytes | None
) -> None:
    """Put a box over what was changed in a picture, or over all of it."""
    survey.boxes.setdefault(index, []).append(pdf_pages.changed(old, new, matrix))


def _put_picture(survey: _Survey, index: int, new: bytes | None) -> None:
    if new is None:
        raise DamagedError(CANNOT_REWRITE)
    survey.pictures[index] = new


# strings, forms, appearances


def _cut_words(thing: Any, said: pdf_objects.Words, edits: Sequence[Edit[str]]) -> None:
    import pikepdf

    said.cut(edits)
    if isinstance(thing, pikepdf.Dictionary) and "/AP" in thing:  # it still shows what was cut
        del thing["/AP"]


def _cut_form(pdf: Any, said: pdf_objects.Words, edits: Sequence[Edit[str]]) -> None:
    import pikepdf

    said.cut(edits)
    for annotation, _ in list(pdf_objects.appearances(pdf)):
        if annotation.get("/Subtype") == "/Widget" and "/AP" in annotation:
            del annotation["/AP"]
    form = pdf.Root["/AcroForm"]
    if isinstance(form, pikepdf.Dictionary):
        form["/NeedAppearances"] = True


def _survey_appearances(survey: _Survey) -> None:
    """Read what annotations and fields look like: each appearance becomes a page of a document of its own."""
    import pikepdf

    found = [pair for _, pair in zip(range(_MAX_APPEARANCES), pdf_objects.appearances(survey.pdf), strict=False)]
    if not found:
        return
    form = survey.pdf.Root.get("/AcroForm")
    shared = form.get("/DR") if isinstance(form, pikepdf.Dictionary) else None
    with pikepdf.new() as shown:
        for _, look in found:
            page = shown.add_blank_page(page_size=(612, 792))
            stream = shown.copy_foreign(look)
            if "/Resources" not in stream.stream_dict and shared is not None and shared.is_indirect:
                stream.stream_dict["/Resources"] = shown.copy_foreign(shared)
            stream.stream_dict["/Type"], stream.stream_dict["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
            page["/Resources"] = pikepdf.Dictionary({"/XObject": pikepdf.Dictionary({"/Look": stream})})
            page["/Contents"] = pikepdf.Stream(shown, b"/Look Do")
        out = io.BytesIO()
        shown.save(out)
    drawn = _draw(out.getvalue())
    try:
        for index, (annotation, _) in enumerate(found):
            page = drawn[index]
            read = pdf_text.read(page)
            page.close()
            if any(letter.isdigit() for letter in read.text):
                survey.passage(read.text, "annotation", partial(_cut_appearance, annotation))
    finally:
        drawn.close()


def _cut_appearance(annotation: Any, edits: Sequence[Edit[str]]) -> None:
    if "/AP" in annotation:
        del annotation["/AP"]


# files, streams, revisions


def _put_file(stream: Any, new: bytes | None) -> None:
    stream.write(TAKEN_OUT.encode("ascii") if new is None else new)
    stated = stream.stream_dict.get("/Params")
    if stated is not None and "/CheckSum" in stated:
        del stated["/CheckSum"]


def _put_text(stream: Any, new: bytes | None) -> None:
    stream.write(b"" if new is None else new)


def _revisions(data: bytes) -> list[int]:
    """Return where older revisions end (§7.5.6); the first part of a linearised file is none (annex F)."""
    if b"/Linearized" in data[:2048]:
        return []
    ends: list[int] = []
    at = data.find(b"%%EOF")
    while at >= 0 and len(ends) <= _MAX_REVISIONS:
        ends.append(at + 5)
        at = data.find(b"%%EOF", at + 5)
    return ends[:-1][-_MAX_REVISIONS:]


def _survey_revision(survey: _Survey, data: bytes) -> None:
    """Read an older revision; it is gone when the document is written, so there is nothing to cut in it."""
    import pikepdf

    try:
        old = pikepdf.open(io.BytesIO(data), suppress_warnings=True, attempt_recovery=False)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError):
        return  # no revision: the mark stands in some stream
    with old:
        pdf_objects.count_pages(old, survey.limits)
        for _, said in pdf_objects.words(old):
            survey.passage(said.text, "older revision", _gone)
    drawn = _draw(data)
    try:
        for index in range(len(drawn)):
            page = drawn[index]
            text = pdf_text.read(page).text
            page.close()
            if any(letter.isdigit() for letter in text):
                survey.passage(text, "older revision", _gone)
    finally:
        drawn.close()


def _gone(edits: Sequence[Edit[str]]) -> None:
    """Cut what a full save leaves out anyway."""


# writing


def _written(survey: _Survey) -> bytes:
    """Draw the pages that lose their text, put the pictures in, and save in full."""
    pdf = survey.pdf
    pages = sorted({*(index for index, boxes in survey.boxes.items() if boxes), *survey.pictures})
    if any(not boxes for index, boxes in survey.boxes.items() if index not in survey.pictures):
        raise DamagedError(CANNOT_REWRITE)  # what was found has no place on its page
    if pages:
        drawn = _draw(_saved(pdf), forms=True)
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


def _page_raster(survey: _Survey, drawn: Any, index: int) -> pdf_pages.Raster:
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
