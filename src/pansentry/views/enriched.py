"""text/enriched (RFC 1896) and text/richtext (RFC 1341 §7.1.3) as their readers show them.

In: text. Out: one reading: commands gone, ``<<`` and ``<lt>`` as ``<``, ``<nl>`` as a line break, parameters not shown,
a single line break as a space and of n line breaks n - 1 (RFC 1896 §3), outside ``<nofill>``. Linear.

Resists: ``41<bold>11</bold>`` in a type that scanners take for plain text.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

_TOKEN: Final = re.compile(r"<<|<(/?)([a-zA-Z0-9-]{1,60})>|(?>(?:\r\n|\n|\r)+)")
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_STANDS_FOR: Final = {"nl": "\n", "np": "\n", "lt": "<", "paragraph": "\n"}


def read(text: str) -> tuple[Reading, ...]:
    """Return the reading; nothing if there is no command and no literal ``<<``."""
    if "<" not in text:
        return ()
    weaver = Weaver("enriched", text)
    position = 0
    parameters = unfilled = 0
    for match in _TOKEN.finditer(text):
        if not parameters:
            weaver.keep(position, match.start())
        position = match.end()
        name = (match[2] or "").lower()
        step = -1 if match[1] else 1
        if name in ("param", "comment"):
            parameters = max(0, parameters + step)
        elif name == "nofill":
            unfilled = max(0, unfilled + step)
        elif parameters:
            continue
        elif match[0] == "<<":
            weaver.put("<", match.start(), match.end())
        elif name in _STANDS_FOR:
            weaver.put(_STANDS_FOR[name], match.start(), match.end())
        elif not name:
            _breaks(weaver, match, filled=not unfilled)
    if not parameters:
        weaver.keep(position, len(text))
    return (weaver.reading(),)


def _breaks(weaver: Weaver, match: re.Match[str], *, filled: bool) -> None:
    if not filled:
        weaver.keep(match.start(), match.end())
        return
    first, *others = _BREAK.finditer(match.string, match.start(), match.end())
    if others:
        weaver.keep(others[0].start(), match.end())
    else:
        weaver.put(" ", first.start(), first.end())
