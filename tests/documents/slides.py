"""Presentations: one function a trick, each with the number somewhere in it.

Made from python-pptx's own template, so that readers open them; ``TRICKS`` maps a name to a maker
``(number, rng) -> bytes``. Every presentation has a last slide that says ``KEPT``.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from functools import cache

import pptx
from pptx.util import Inches
from tests.documents import workbooks
from tests.documents.packages import KEPT, START, spaced, zipped

Maker = Callable[[str, random.Random], bytes]
_BLANK = 6
_HOLE = "HOLE"
_THUMBNAIL = re.compile(rb"<Relationship [^>]*thumbnail[^>]*/>")


def _saved(presentation: pptx.presentation.Presentation) -> bytes:
    last = presentation.slides.add_slide(presentation.slide_layouts[_BLANK])
    last.shapes.add_textbox(0, 0, Inches(5), Inches(1)).text_frame.text = KEPT
    out = io.BytesIO()
    presentation.save(out)
    archive = zipfile.ZipFile(io.BytesIO(out.getvalue()))
    parts = {name: archive.read(name) for name in archive.namelist() if "thumbnail" not in name}
    parts["_rels/.rels"] = _THUMBNAIL.sub(b"", parts["_rels/.rels"])
    return zipped(parts)


@cache
def _template() -> dict[str, bytes]:
    """Return the parts of a presentation with a text box, notes and a table that all say HOLE."""
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[_BLANK])
    slide.shapes.add_textbox(0, 0, Inches(5), Inches(1)).text_frame.text = _HOLE
    slide.notes_slide.notes_text_frame.text = _HOLE
    archive = zipfile.ZipFile(io.BytesIO(_saved(presentation)))
    return {name: archive.read(name) for name in archive.namelist()}


def _with(edits: dict[str, tuple[str, str]], more: dict[str, str | bytes] | None = None) -> bytes:
    """Return the template with a replacement by part, other holes filled, and more parts."""
    parts: dict[str, str | bytes] = {}
    for name, content in _template().items():
        if (name.endswith(".xml") and _HOLE.encode() in content) or name in edits:
            text = content.decode()
            if name in edits:
                assert edits[name][0] in text
                text = text.replace(*edits[name], 1)
            parts[name] = text.replace(_HOLE, "nothing")
        else:
            parts[name] = content
    return zipped({**parts, **(more or {})})


def _runs(*pieces: str) -> str:
    return "</a:t></a:r><a:r><a:t>".join(pieces)


def on_slide(inside: str) -> bytes:
    """Return the presentation with this in the paragraph on its first slide."""
    return _with({"ppt/slides/slide1.xml": (_HOLE, inside)})


def plain(n: str, rng: random.Random) -> bytes:
    return on_slide(f"Pay with card {spaced(n)}")


def split_runs(n: str, rng: random.Random) -> bytes:
    return on_slide(_runs("card ", *(n[i : i + 3] for i in range(0, len(n), 3))))


def line_breaks(n: str, rng: random.Random) -> bytes:
    return on_slide("Credit card</a:t></a:r><a:br/><a:r><a:t>" + spaced(n))


def notes(n: str, rng: random.Random) -> bytes:
    return _with({"ppt/notesSlides/notesSlide1.xml": (_HOLE, _runs("card ", n[:7], n[7:]))})


def with_table(rows: list[list[str]]) -> bytes:
    """Return a presentation with this table."""
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[_BLANK])
    grid = slide.shapes.add_table(len(rows), len(rows[0]), 0, 0, Inches(6), Inches(1)).table
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            grid.cell(y, x).text = text
    return _saved(presentation)


def table(n: str, rng: random.Random) -> bytes:
    return with_table([["Card no.", "CVV", "Exp"], [spaced(n), "321", "10/28"]])


def master(n: str, rng: random.Random) -> bytes:
    return _with({"ppt/slideMasters/slideMaster1.xml": ("Click to edit Master title style", f"card {n}")})


def layout(n: str, rng: random.Random) -> bytes:
    return _with({"ppt/slideLayouts/slideLayout1.xml": ("Click to edit Master title style", f"card {n}")})


def hidden_slide(n: str, rng: random.Random) -> bytes:
    parts = {**_template()}
    slide = parts["ppt/slides/slide1.xml"].decode().replace(_HOLE, f"card {n}", 1)
    parts["ppt/slides/slide1.xml"] = slide.replace("<p:sld ", '<p:sld show="0" ', 1).encode()
    return zipped(parts)


def alternative_text(n: str, rng: random.Random) -> bytes:
    return _with({"ppt/slides/slide1.xml": ('name="TextBox 1"', f'name="TextBox 1" descr="card {spaced(n)}"')})


def legacy_comment(n: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"
    note = f'<p:cmLst xmlns:p="{space}"><p:cm authorId="0" idx="1"><p:text>card {spaced(n)}</p:text></p:cm></p:cmLst>'
    return _with({}, {"ppt/comments/comment1.xml": START + note})


def diagram(n: str, rng: random.Random) -> bytes:
    spaces = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
    spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    text = f"<dgm:t><a:p><a:r><a:t>card {n[:4]}</a:t></a:r><a:r><a:t>{n[4:]}</a:t></a:r></a:p></dgm:t>"
    data = f'{START}<dgm:dataModel {spaces}><dgm:ptLst><dgm:pt modelId="1">{text}</dgm:pt></dgm:ptLst></dgm:dataModel>'
    return _with({}, {"ppt/diagrams/data1.xml": data})


def chart(n: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    cache_ = f'<c:strCache><c:pt idx="0"><c:v>Visa {spaced(n)}</c:v></c:pt></c:strCache>'
    part = f'{START}<c:chartSpace xmlns:c="{space}"><c:cat><c:strRef>{cache_}</c:strRef></c:cat></c:chartSpace>'
    return _with({}, {"ppt/charts/chart1.xml": part, "ppt/embeddings/book.xlsx": workbooks.table_of_texts(n, rng)})


def tags(n: str, rng: random.Random) -> bytes:
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return _with(
        {}, {"ppt/tags/tag1.xml": f'{START}<p:tagLst xmlns:p="{space}"><p:tag name="CARD" val="{n}"/></p:tagLst>'}
    )


def embedded_workbook(n: str, rng: random.Random) -> bytes:
    return _with({}, {"ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": workbooks.table_of_numbers(n, rng)})


TRICKS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(
            plain,
            split_runs,
            line_breaks,
            notes,
            table,
            master,
            layout,
            hidden_slide,
            alternative_text,
            legacy_comment,
            diagram,
        ),
        *(chart, tags, embedded_workbook),
    )
}
