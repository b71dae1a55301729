"""Entities that a document declares for itself (XML 1.0 §4.2.2): ``<!ENTITY a "4111">`` and ``&a;`` where it is shown.

In: text of an XML document. Out: the document with its references replaced, as it stands and as a page. What is shown
for a reference leads back to the declaration, which is where an edit belongs. External entities are not fetched.

Limits: entities in entities :data:`MAX_DEPTH` deep; the replaced text is at most :data:`MAX_GROWTH` times as long as
the document (LimitExceededError): a billion laughs end there.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views import html
from pansentry.views.document import Course
from pansentry.views.reading import Reading, Weaver, compose

SIGN: Final = "<!ENTITY"
MAX_DEPTH: Final = 8
MAX_GROWTH: Final = 4
_DECLARED: Final = re.compile(r"<!ENTITY\s++(\w[\w.:-]{0,60}+)\s++(?:\"([^\"]*+)\"|'([^']*+)')\s*+>")
_REFERENCE: Final = re.compile(r"&(\w[\w.:-]{0,60}+);")


def read(text: str) -> tuple[Reading, ...]:
    """Return the document with its own entities in place, and that as a page; nothing if it declares none."""
    values = {match[1]: match.span(2) if match[2] is not None else match.span(3) for match in _DECLARED.finditer(text)}
    if not values:
        return ()
    weaver = Weaver("entities", text)
    _weave(weaver, text, (0, len(text)), values, MAX_DEPTH, Course(MAX_GROWTH * len(text)))
    shown = weaver.reading()
    return (shown, *(compose(page, shown) for page in html.read(shown.text)))


def _weave(
    weaver: Weaver, text: str, span: tuple[int, int], values: dict[str, tuple[int, int]], depth: int, course: Course
) -> None:
    position, end = span
    for match in _REFERENCE.finditer(text, *span):
        inner = values.get(match[1])
        if inner is None or not depth:
            continue
        weaver.keep(position, match.start())
        course.spend(1 + inner[1] - inner[0])
        _weave(weaver, text, inner, values, depth - 1, course)
        position = match.end()
    weaver.keep(position, end)
