"""The values of a PDF's form fields, as a reader of the page sees them (PDF 32000-1 §12.7).

In: a document opened by pikepdf. Out: :class:`~pansentry.formats.pdf_objects.Words`: every value behind its name; the
values in a row in the order of the form; and in the order in which the fields stand on their pages, where that is
another one. Four fields can be one number, and so can sixteen boxes of one digit each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pansentry.formats.pdf_objects import Words, setter

_MAX_TREE_STEPS = 100_000
_SAME_ROW = 0.5
"""Of a field's height: how far two may stand apart to be in one row."""


class _Field(NamedTuple):
    """A field with a value. ``left``, ``bottom``, ``height`` are of its first widget, in points."""

    node: Any
    label: str
    value: str
    page: int
    bottom: float
    left: float
    height: float


def fields(pdf: Any) -> tuple[Words, ...]:
    """Return the values of all form fields: behind their names, in a row, and in a row as they are placed."""
    found = list(_found(pdf))
    said = Words()
    for one in found:
        said.add(one.value, setter(one.node, "/V"), f"{one.label}: " if one.label else "")
    placed = _placed(found)
    return (said, _row(found)) if placed == found else (said, _row(found), _row(placed))


def _row(found: list[_Field]) -> Words:
    row = Words()
    for one in found:
        row.add(one.value, setter(one.node, "/V"), after=" " if len(one.value) > 1 else "")
    return row


def _placed(found: list[_Field]) -> list[_Field]:
    """Return the fields page by page, row by row from the top, from left to right."""
    rows: list[list[_Field]] = []
    for one in sorted(found, key=lambda field: (field.page, -field.bottom)):
        last = rows[-1][0] if rows else None
        if last is not None and last.page == one.page and last.bottom - one.bottom < last.height * _SAME_ROW:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda field: field.left)]


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


def _place(widget: Any) -> tuple[float, float, float]:
    """Return bottom, left and height of a field; one without a rectangle stands nowhere."""
    try:
        left, bottom, right, top = (float(value) for value in widget["/Rect"])
    except (KeyError, TypeError, ValueError):
        return 0.0, 0.0, 0.0
    return min(bottom, top), min(left, right), abs(top - bottom)


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
