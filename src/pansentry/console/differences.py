"""Two texts as the lines that differ, with a little of what is around them; what a page colours.

Limits: texts above :data:`MAX_LINES` lines are not compared line by line (the comparison is quadratic at worst) and
show one line that says so.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

MAX_LINES = 4000
AROUND = 2


@dataclass(frozen=True, slots=True)
class Line:
    """``kind`` is ``added``, ``removed``, ``same`` or ``gap``; ``text`` is without its line end."""

    kind: str
    text: str


_KINDS = {"+": "added", "-": "removed", " ": "same", "@": "gap"}


def compare(old: str, new: str) -> tuple[Line, ...]:
    """Return the lines that make ``new`` of ``old``; empty if they are the same."""
    if old == new:
        return ()
    before, after = old.split("\n"), new.split("\n")
    if max(len(before), len(after)) > MAX_LINES:
        return (Line("gap", "…"),)
    found = list(difflib.unified_diff(before, after, n=AROUND, lineterm=""))[2:]
    return tuple(Line(_KINDS[line[0]], "…" if line[0] == "@" else line[1:]) for line in found)
