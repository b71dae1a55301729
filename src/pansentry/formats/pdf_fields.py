"""The values of a PDF's form fields, as a reader of the page sees them (PDF 32000-1 §12.7).

In: a document opened by pikepdf. Out: :class:`~pansentry.formats.pdf_objects.Words`: every value behind its name; the
values in a row in the order of the form; and in the order in which the fields stand on their pages, where that is
another one; and so behind the words that are printed beside or above them, where there are any. Four fields can be one
number, and so can sixteen boxes of one digit each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pansentry.formats.pdf_objects import Words, setter

_MAX_TREE_STEPS = 100_000
_SAME_ROW = 0.5
"""Of a field's height: how far two may stand apart to be in one row."""
_ABOVE, _ASIDE = 72.0, 40.0
"""Points: how far above a field its words may stand, and how far they may begin before it."""
_MAX_LOOKS = 200
_MAX_LABEL = 100
_NUMBERED = re.compile(r"[\W_]?[0-9]+[\W_]?\Z")

Printed = Callable[[int, tuple[float, float, float, float]], str]
"""What is printed on a page (counted from 0) within left, bottom, right and top, in points."""


class _Field(NamedTuple):
    """A field with a value. ``left``, ``bottom``, ``height``, ``right`` are of its first widget, in points."""

    node: Any
    label: str
    value: str
    page: int
    bottom: float
    left: float
    height: float
    right: float


def fields(pdf: Any, printed: Printed) -> tuple[Words, ...]:
    """Return the values of all form fields: behind their names, in a row, in a row as they are placed, and so behind
    what is printed beside them."""
    found = list(_found(pdf))
    said = Words()
    for one in found:
        said.add(one.value, setter(one.node, "/V"), f"{one.label}: " if one.label else "")
    rows = _rows(found)
    placed = [one for row in rows for one in row]
    readings = (said, _row(found)) if placed == found else (said, _row(found), _row(placed))
    labelled = _labelled(rows, printed)
    return readings if labelled is None else (*readings, labelled)


def _labelled(rows: list[list[_Field]], printed: Printed) -> Words | None:
    """Return the values as they are placed, each behind the words to its left, the first of a row else behind those
    above it, else behind what the names of fields have in common ("card_1", "card_2"); None where no words are."""
    said, looks, is_labelled, last = Words(), 0, False, ""
    for row in rows:
        edge = 0.0
        for index, one in enumerate(row):
            words = ""
            if one.page >= 0 and one.height and looks < _MAX_LOOKS and any(map(str.isdigit, one.value)):
                looks += 1
                top = one.bottom + one.height
                words = _last_line(printed(one.page, (edge, one.bottom, one.left, top)))
                if not words and not index:
                    words = _last_line(printed(one.page, (one.left - _ASIDE, top, row[-1].right, top + _ABOVE)))
            stem = _NUMBERED.sub("", one.label[:_MAX_LABEL])
            if not words and stem != last and len(stem) > 1:
                words = stem
            last = stem
            is_labelled = is_labelled or bool(words)
            before = f"\n{words}: " if words else ""
            said.add(one.value, setter(one.node, "/V"), before, " " if len(one.value) > 1 else "")
            edge = one.right
    return said if is_labelled else None


def _last_line(text: str) -> str:
    """Return the last line that has a word in it."""
    return next((line.strip() for line in reversed(text.splitlines()) if any(map(str.isalpha, line))), "")


def _row(found: list[_Field]) -> Words:
    row = Words()
    for one in found:
        row.add(one.value, setter(one.node, "/V"), after=" " if len(one.value) > 1 else "")
    return row


def _rows(found: list[_Field]) -> list[list[_Field]]:
    """Return the rows of fields page by page, from the top, each from left to right."""
    rows: list[list[_Field]] = []
    for one in sorted(found, key=lambda field: (field.page, -field.bottom)):
        last = rows[-1][0] if rows else None
        if last is not None and last.page == one.page and last.bottom - one.bottom < last.height * _SAME_ROW:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [sorted(row, key=lambda field: field.left) for row in rows]


def _found(pdf: Any) -> Iterator[_Field]:
    import pikepdf

    form = pdf.Root.get("/AcroForm")
    listed = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    todo = list(reversed(list(listed))) if isinstance(listed, pikepdf.Array) else []
    if not todo:
        return
    pages = _pages(pdf)
    seen: set[tuple[int, int]] = set()
    while todo and len(seen) < _MAX_TREE_STEPS:
        node = todo.pop()
        if not isinstance(node, pikepdf.Dictionary) or node.objgen in seen:
            continue
        if node.is_indirect:
            seen.add(node.objgen)
        kids = node.get("/Kids")
        widget = node
        if isinstance(kids, pikepdf.Array):
            todo += reversed(list(kids))
            widget = next((kid for kid in kids if isinstance(kid, pikepdf.Dictionary)), node)
        value = node.get("/V")
        if isinstance(value, pikepdf.String):
            label = next((str(node[k]) for k in ("/TU", "/T") if isinstance(node.get(k), pikepdf.String)), "")
            yield _Field(node, label, str(value), pages.get(widget.objgen, -1), *_place(widget))


def _place(widget: Any) -> tuple[float, float, float, float]:
    """Return bottom, left, height and right edge of a field; one without a rectangle stands nowhere."""
    try:
        left, bottom, right, top = (float(value) for value in widget["/Rect"])
    except (KeyError, TypeError, ValueError):
        return 0.0, 0.0, 0.0, 0.0
    return min(bottom, top), min(left, right), abs(top - bottom), max(left, right)


def _pages(pdf: Any) -> dict[tuple[int, int], int]:
    """Return on which page each annotation stands."""
    import pikepdf

    found: dict[tuple[int, int], int] = {}
    for index, page in enumerate(pdf.pages):
        listed = page.get("/Annots")
        for one in listed if isinstance(listed, pikepdf.Array) else ():
            if isinstance(one, pikepdf.Dictionary):
                found.setdefault(one.objgen, index)
    return found
