"""How often a PDF draws its forms, counted before anybody draws them (PDF 32000-1 §8.10).

In: a document opened by pikepdf. Out: nothing; LimitExceededError for a form that draws itself, for forms inside forms
deeper than :data:`MAX_NESTING`, and for a page that draws more than :data:`MAX_DRAWN` of them: a tower of forty forms
that each draw the one below twice is a billion pages of work for who draws it (PDFium ends the process). Linear in the
size of the content: each form is looked at once, however often it is drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pansentry.errors import LimitExceededError
from pansentry.formats import pdf_hidden

MAX_NESTING = 20
MAX_DRAWN = 20_000
_DRAWS = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s+Do\b")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(slots=True)
class _Count:
    """How many forms one form draws, itself included; ``open`` are those that are being counted."""

    known: dict[tuple[int, int], int] = field(default_factory=dict)
    open: set[tuple[int, int]] = field(default_factory=set)

    def of(self, content: bytes, resources: Any, depth: int) -> int:
        import pikepdf

        listed = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if not isinstance(listed, pikepdf.Dictionary):
            return 0
        total = 0
        for name, times in Counter(_DRAWS.findall(content)).items():
            form = listed.get("/" + _ESCAPE.sub(_byte, name).decode("utf-8", "replace"))
            if isinstance(form, pikepdf.Stream) and form.stream_dict.get("/Subtype") == "/Form":
                total += times * self._form(form, resources, depth + 1)
                if total > MAX_DRAWN:
                    raise LimitExceededError("max_expansion_ratio")
        return total

    def _form(self, form: Any, inherited: Any, depth: int) -> int:
        if depth > MAX_NESTING or form.objgen in self.open:
            raise LimitExceededError("max_depth")
        if form.objgen not in self.known:
            self.open.add(form.objgen)
            resources = form.stream_dict.get("/Resources", inherited)
            self.known[form.objgen] = 1 + self.of(pdf_hidden.unpacked(form), resources, depth)
            self.open.discard(form.objgen)
        return self.known[form.objgen]


def check(pdf: Any) -> None:
    """Look at every page and every form, drawn or not. Raises LimitExceededError."""
    import pikepdf

    if not any(isinstance(one, pikepdf.Stream) and one.stream_dict.get("/Subtype") == "/Form" for one in pdf.objects):
        return
    count = _Count()
    for page in pdf.pages:
        contents = page.get("/Contents")
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        count.of(b"\n".join(map(pdf_hidden.unpacked, streams)), page.get("/Resources"), 0)
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and ("/Resources" in thing.stream_dict or "/BBox" in thing.stream_dict):
            count.of(pdf_hidden.unpacked(thing), thing.stream_dict.get("/Resources"), 0)


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])
