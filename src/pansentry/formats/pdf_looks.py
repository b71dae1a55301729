"""What is drawn apart from pages, as text: appearances of annotations and fields, patterns, forms that no page draws.

In: streams of content with their resources (PDF 32000-1 §8.10, §8.7.3, §12.5.5). Out: what each of them says. Every one
becomes a page of a document of its own, so that PDFium reads it as it reads pages.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pansentry.edits import Edit
from pansentry.formats import pdf_text

if TYPE_CHECKING:
    from pansentry.formats.pdf_survey import Survey

Cut = Callable[[Sequence[Edit[str]]], None]
_MAX_LOOKS = 5000


class Look(NamedTuple):
    """A stream of content, its place in words, and what to call with cuts of its text."""

    stream: Any
    place: str
    cut: Cut


def survey_looks(survey: Survey, looks: Iterable[Look]) -> Iterator[tuple[str, str, Cut]]:
    """Yield text, place and cut of each look that says something with digits."""
    import pikepdf

    from pansentry.formats.pdf_survey import draw_pdf

    found = [look for _, look in zip(range(_MAX_LOOKS), looks, strict=False)]
    if not found:
        return
    form = survey.pdf.Root.get("/AcroForm")
    shared = form.get("/DR") if isinstance(form, pikepdf.Dictionary) else None
    with pikepdf.new() as shown:
        for look in found:
            _show(shown, look.stream, shared)
        out = io.BytesIO()
        shown.save(out)
    drawn = draw_pdf(out.getvalue())
    try:
        for index, look in enumerate(found):
            page = drawn[index]
            text = pdf_text.read(page).text
            page.close()
            if any(letter.isdigit() for letter in text):
                yield text, look.place, look.cut
    finally:
        drawn.close()


def _show(shown: Any, look: Any, shared: Any) -> None:
    """Add a page that draws nothing but this stream; fields may leave their resources to the form (§12.7.2)."""
    import pikepdf

    page = shown.add_blank_page(page_size=(612, 792))
    stream = shown.copy_foreign(look)
    if "/Resources" not in stream.stream_dict and shared is not None and shared.is_indirect:
        stream.stream_dict["/Resources"] = shown.copy_foreign(shared)
    stream.stream_dict["/Type"], stream.stream_dict["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
    page["/Resources"] = pikepdf.Dictionary({"/XObject": pikepdf.Dictionary({"/Look": stream})})
    page["/Contents"] = pikepdf.Stream(shown, b"/Look Do")
