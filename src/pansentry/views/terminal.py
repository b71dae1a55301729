"""Text for a terminal or a line printer: a character that is struck over is not what stays (ECMA-48 §8.3.5, BS).

In: text. Out: what is left on the screen, as ``col -b`` has it: of ``4\\b4`` (bold, as manual pages had it) and of
``_\\b4`` the 4, of ``0\\b4`` the 4 too. What is cut goes with everything that was struck over it. Linear: a backspace
takes the one character before it.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

SIGN: Final = "\b"
_STRUCK: Final = re.compile(r"(?>(?:[^\b\r\n]\x08)+)([^\b\r\n])?")
"""What struck it out is optional: a run that ends in nothing, were it no match, would be walked from each place."""


def read(text: str) -> tuple[Reading, ...]:
    """Return the reading; nothing where nothing is struck over."""
    weaver = Weaver("terminal", text)
    position = 0
    for match in _STRUCK.finditer(text):
        if match[1] is None:
            continue
        weaver.keep(position, match.start())
        weaver.put(match[1], match.start(), match.end())
        position = match.end()
    if not position:
        return ()
    weaver.keep(position, len(text))
    return (weaver.reading(),)
