"""What is in a PDF, found once and kept with the way to write each of it; see :mod:`pansentry.formats.pdf`.

In: bytes. Out: a :class:`Survey`: passages and embedded documents, and for each what to call with its cuts or its
replacement. The same bytes always give the same keys.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from pansentry.edits import Edit
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import pdf_fields, pdf_fonts, pdf_forms, pdf_hidden, pdf_marked, pdf_objects, pdf_text, recognise
from pansentry.formats.format import DocumentLimits, Embedded, Passage
from pansentry.formats.notices import TAKEN_OUT
from pansentry.formats.pdf_looks import Look, survey_looks
from pansentry.formats.pdf_on_pages import survey_page, survey_truth
from pansentry.outcome import Unreadable

_MAX_REVISIONS = 12
_MIN_DIGITS = 3
_EDGE = 40
_TEXTS = ("xml", "html", "json", "text")


@dataclass(slots=True)
class Survey:
    """A document that is open: what was found in it, and what to call to write each of it."""

    pdf: Any
    drawn: Any
    truth: Any = None
    """The document without the tables of fonts that lie, where there are any."""
    passages: list[Passage] = field(default_factory=list)
    embedded: list[Embedded] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    cutters: dict[int, Callable[[Sequence[Edit[str]]], None]] = field(default_factory=dict)
    replacers: dict[int, Callable[[bytes | None], None]] = field(default_factory=dict)
    joined: list[tuple[int, ...]] = field(default_factory=list)
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
        if self.truth is not None:
            self.truth.close()
        self.pdf.close()


def open_pdf(data: bytes, *, counted: bool = True) -> Any:
    """Open with qpdf, which copies what pages inherit into each of them, unless they are still to be counted: a page
    that is named a million times then is a million pages (2.5 GB)."""
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(data), suppress_warnings=True, inherit_page_attributes=counted)
    except pikepdf.PasswordError:
        raise DamagedError("encrypted") from None
    except (pikepdf.PdfError, ValueError):
        raise DamagedError("damaged") from None


def draw_pdf(data: bytes, *, forms: bool = False) -> Any:
    """Open with PDFium, which draws and reads pages."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        raise DamagedError("damaged") from None
    if forms:
        document.init_forms()
    return document


def survey_of(data: bytes, limits: DocumentLimits) -> Survey:
    import pikepdf
    import pypdfium2 as pdfium

    try:
        return _surveyed(data, limits)
    except (pikepdf.PdfError, pdfium.PdfiumError, ValueError, TypeError, KeyError, OverflowError, RuntimeError):
        # what the libraries say of objects that are not what they should be; MemoryError goes on
        raise DamagedError("damaged") from None


def _surveyed(data: bytes, limits: DocumentLimits) -> Survey:
    with open_pdf(data, counted=False) as tree:
        pages = pdf_objects.count_pages(tree, limits)
    pdf = open_pdf(data)
    pdf_objects.measure_streams(pdf, limits)
    if not pages:
        raise DamagedError("damaged")
    pdf_forms.check(pdf)
    survey = Survey(pdf, draw_pdf(data), limits=limits)
    for index in range(len(survey.drawn)):
        survey_page(survey, index)
    _join_pages(survey)
    taken = {one.objgen for page in pdf.pages for one in _contents(page)}
    for thing, said in pdf_objects.words(pdf):
        survey.passage(said.text, _place(thing), partial(_cut_words, thing, said))
        for text, write in said.rich:
            survey.inside(text.encode("utf-8", "replace"), "", _place(thing), partial(_put_rich, thing, write))
    for form in pdf_fields.fields(pdf, partial(_printed, survey.drawn)):
        if any(character.isdigit() for character in form.text):
            survey.passage(form.text, "form", partial(_cut_form, pdf, form))
    for look in survey_looks(survey, _looks(survey)):
        survey.passage(*look)
    _survey_comments(survey)
    _survey_truth(survey)
    for stream, name in pdf_objects.files(pdf):
        taken.add(stream.objgen)
        survey.inside(_bytes(stream), name, "embedded file", partial(_put_file, stream))
    for stream in pdf_objects.other_streams(pdf, taken):
        content = _bytes(stream)
        if recognise.text_kind(content) in _TEXTS and sum(48 <= byte <= 57 for byte in content) >= _MIN_DIGITS:
            survey.inside(content, "", "metadata or script", partial(_put_text, stream))
    if text := pdf_hidden.outside(data):
        survey.passage(text, "between objects", _gone)
    for end in _revisions(data):
        _survey_revision(survey, data[:end])
    return survey


def _join_pages(survey: Survey) -> None:
    """Read pages on over their border where a number may run over it."""
    first: dict[str, int] = {}
    for passage in survey.passages:
        first.setdefault(passage.place, passage.key)
    keys = list(first.values())
    for key, following in pairwise(keys):
        end, start = survey.passages[key].text[-_EDGE:].rstrip(), survey.passages[following].text[:_EDGE].lstrip()
        if end[-1:].isdigit() and start[:1].isdigit():
            survey.joined.append((key, following))


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


def _cut_words(thing: Any, said: pdf_objects.Words, edits: Sequence[Edit[str]]) -> None:
    import pikepdf

    said.cut(edits)
    if isinstance(thing, pikepdf.Dictionary) and "/AP" in thing:  # it still shows what was cut
        del thing["/AP"]


def _put_rich(thing: Any, write: Callable[[str], None], new: bytes | None) -> None:
    """Write a rich text (§12.7.3.4) anew; an appearance still shows what was cut."""
    write("" if new is None else new.decode("utf-8", "replace"))
    if "/AP" in thing:
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


def _printed(drawn: Any, index: int, place: tuple[float, float, float, float]) -> str:
    """Return what is printed in a place of a page; nothing of a page that cannot be read."""
    import pypdfium2 as pdfium

    try:
        page = drawn[index]
    except pdfium.PdfiumError:
        return ""
    words = page.get_textpage()
    try:
        return str(words.get_text_bounded(*place))
    finally:
        words.close()
        page.close()


def _looks(survey: Survey) -> Iterator[Look]:
    """Yield what annotations and fields look like, and what is drawn by no page of its own."""
    pdf, read = survey.pdf, set()
    for annotation, look in pdf_objects.appearances(pdf):
        read.add(look.objgen)
        yield Look(look, "annotation", partial(_cut_appearance, annotation))
    for stream in pdf_hidden.undrawn(pdf, read):
        yield Look(stream, "object", partial(_cut_drawing, stream))


def _cut_appearance(annotation: Any, edits: Sequence[Edit[str]]) -> None:
    if "/AP" in annotation:
        del annotation["/AP"]


def _cut_drawing(stream: Any, edits: Sequence[Edit[str]]) -> None:
    """Let a pattern or form draw nothing."""
    stream.write(b"")


def _survey_comments(survey: Survey) -> None:
    """Read comments and properties in the content of pages."""
    for index, page in enumerate(survey.pdf.pages, 1):
        for stream in _contents(page):
            content = pdf_hidden.unpacked(stream)
            marked = pdf_marked.marked(stream, content)
            if marked is not None:
                survey.passage(marked.text, f"page {index}", marked.cut)
            if (found := pdf_hidden.comments(stream, content)) is not None:  # a stream written anew has none
                survey.passage(found[0], f"page {index}", found[1] if marked is None else marked.without_comments)


def _survey_truth(survey: Survey) -> None:
    """Read the pages once more without the tables of fonts that lie."""
    data = pdf_fonts.without_lies(survey.pdf)
    if data is not None:
        survey.truth = draw_pdf(data)
        for index in range(len(survey.truth)):
            survey_truth(survey, index)


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


def _survey_revision(survey: Survey, data: bytes) -> None:
    """Read an older revision; it is gone when the document is written, so there is nothing to cut in it."""
    import pikepdf

    try:
        old = pikepdf.open(
            io.BytesIO(data), suppress_warnings=True, attempt_recovery=False, inherit_page_attributes=False
        )
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError):
        return  # no revision: the mark stands in some stream
    with old:
        pdf_objects.count_pages(old, survey.limits)
        for _, said in pdf_objects.words(old):
            survey.passage(said.text, "older revision", _gone)
    drawn = draw_pdf(data)
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
