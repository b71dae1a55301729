"""Where words about a card can speak for a number: the stretches in which disguised numbers are worth looking for.

In: a scene whose labels are known. Out: places in order, apart from each other. A number that stands in none of them
has no card's label above, before or behind it, none in the head of its column, and none within the distance of context.
Of 20 KB with a few such words that leaves two or three; all of the text where every paragraph has one. Linear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_BELOW = 800  # characters: four lines, as far as a label above a number is looked for
_SPAN = 1000  # characters: more than a disguised number takes up
_ANNOUNCED_SPAN = 3000  # and one whose pieces are announced
_CARD = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.NOT_CARD  # "gift | card" are two heads of columns
_MAX_ROW = 600
_SPEAKS = Role.CARD | Role.CARD_WEAK | Role.CODE
_ABOVE = 900  # characters: more than the line of a number and three above it, as far as a label is looked for
_SHORT = 3000  # characters that are looked through in any case
_MOST = 200
_COLUMNS = frozenset("\t|;,")
_NO_ROW = re.compile(r"\n[^\n\t|;,]*(?:\n|\Z)")
"""A line without the marks that part the columns of a table."""


def card_reach(scene: Scene) -> Sequence[tuple[int, int]]:
    """Return the places of a scene in which a word about a card may be the label or context of a disguised number."""
    spoken = [hit for hit in scene.hits if hit.roles & _CARD or _spans_columns(scene.text, hit)]
    if scene.end - scene.start <= _SHORT:
        return ((scene.start, scene.end),) if spoken or scene.start else ()
    span = _ANNOUNCED_SPAN if scene.roles & Role.SPLIT else _SPAN
    table, known = _past_table(scene, scene.start) if scene.start else (0, 0)  # its head may stand above the scene
    places = [(scene.start, table + span)] if scene.start else []
    for hit in spoken:
        if hit.end > known:
            table, known = _past_table(scene, hit.end)
        low, high = hit.start - CONTEXT - span, max(hit.end + _BELOW, table) + span
        if places and low <= places[-1][1]:
            places[-1] = (places[-1][0], max(high, places[-1][1]))
        else:
            places.append((low, high))
    return [(_at_blank(scene, low, -1), _at_blank(scene, high, 1)) for low, high in places]


def is_spoken_of(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a word about a card or its code may be the label or context of a disguised number there.

    Without one it would be weighed (0.2 million instructions) and left out.
    """
    near = scene.between(start - _ABOVE, end + CONTEXT)
    return any(hit.roles & _SPEAKS for hit in near) or bool(scene.column_hits(start))


def _spans_columns(text: str, hit: Hit) -> bool:
    """Tell whether the words of a label stand in two columns, in each of which they may be another one."""
    return len(hit.word) < hit.end - hit.start and not _COLUMNS.isdisjoint(text[hit.start : hit.end])


def _past_table(scene: Scene, position: int) -> tuple[int, int]:
    """Return where the rows end that a label at ``position`` may be the head of, and up to where the answer holds.

    A line without marks is no head, nor is the last line, which may be a row as far as :meth:`Scene.column_hits` looks:
    of 50 KB in one line only what is near a label is looked at.
    """
    start, end = scene.text.rfind("\n", scene.start, position) + 1, scene.text.find("\n", position, scene.end)
    if end < 0:
        return position + _MAX_ROW, scene.end
    if _COLUMNS.isdisjoint(scene.text[start:end]):
        return position, end
    match = _NO_ROW.search(scene.text, position, scene.end)
    stop = match.start() if match is not None else scene.end
    return stop, stop


def _at_blank(scene: Scene, position: int, step: int) -> int:
    """Move a cut out of a word or a group of digits."""
    text, position = scene.text, min(max(position, scene.start), scene.end)
    for _ in range(_MOST):
        if position in (scene.start, scene.end) or text[position].isspace():
            break
        position += step
    return position
