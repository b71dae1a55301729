"""Visual order: text between bidirectional overrides, as the screen shows it.

In: text. Out: at most one reading, with every overridden run in the order of the screen and without the controls.
Unicode Standard Annex 9: RLO U+202E, LRO U+202D, PDF U+202C (X4, X5, X7), paragraph ends (P1), reversal by level (L2).

Resists: ``<U+202E>1111 1111 1111 1114<PDF>``, which reads 4111 … on the screen. Embeddings and isolates keep digits in
order and are only transparent here. Known gap: groups of digits in right-to-left embeddings (their *order* changes).
Limits: overrides nested deeper than :data:`MAX_DEPTH` count as the level around them.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

RLO: Final = "\u202e"
LRO: Final = "\u202d"
PDF: Final = "\u202c"
MAX_DEPTH: Final = 16
_EMBEDDINGS: Final = "\u202a\u202b"
_ENDS: Final = "\n\r\x1c\x1d\x1e\x85\u2029"
_LINE: Final = re.compile(f"[^{_ENDS}]*+[{_ENDS}]?")


def read(text: str) -> tuple[Reading, ...]:
    """Return the reading in visual order, nothing if no override occurs."""
    if RLO not in text and LRO not in text:
        return ()
    weaver = Weaver("visual", text)
    for line in _LINE.finditer(text):
        start, end = line.span()
        if text.find(RLO, start, end) < 0 and text.find(LRO, start, end) < 0:
            weaver.keep(start, end)
        else:
            stop = end - (text[end - 1] in _ENDS)
            _weave(weaver, _visual(text, start, stop))
            weaver.keep(stop, end)
    return (weaver.reading(),)


def _visual(text: str, start: int, end: int) -> list[int]:
    """Return the indexes of one line's characters in the order of the screen."""
    order: list[int] = []
    levels: list[int] = []
    stack = [0]
    overflow = 0
    for index in range(start, end):
        character = text[index]
        if character in (RLO, LRO) or character in _EMBEDDINGS:
            level = stack[-1]
            if len(stack) > MAX_DEPTH:
                overflow += 1
            elif character == RLO:
                stack.append(level + 1 if level % 2 == 0 else level + 2)
            elif character == LRO:
                stack.append(level + 2 if level % 2 == 0 else level + 1)
            else:
                stack.append(level)
        elif character == PDF:
            if overflow:
                overflow -= 1
            elif len(stack) > 1:
                stack.pop()
        else:
            order.append(index)
            levels.append(stack[-1])
    for level in range(max(levels, default=0), 0, -1):
        _reverse_runs(order, levels, level)
    return order


def _reverse_runs(order: list[int], levels: list[int], level: int) -> None:
    """Reverse every run whose level is at least ``level`` (UAX 9, L2)."""
    position, size = 0, len(levels)
    while position < size:
        if levels[position] < level:
            position += 1
            continue
        end = position
        while end < size and levels[end] >= level:
            end += 1
        order[position:end] = order[position:end][::-1]
        levels[position:end] = levels[position:end][::-1]
        position = end


def _weave(weaver: Weaver, order: list[int]) -> None:
    position = 0
    while position < len(order):
        end = position + 1
        step = order[end] - order[position] if end < len(order) else 0
        if abs(step) == 1:
            while end < len(order) and order[end] - order[end - 1] == step:
                end += 1
        if step == -1:
            weaver.keep_reversed(order[end - 1], order[position] + 1)
        else:
            weaver.keep(order[position], order[end - 1] + 1)
        position = end
