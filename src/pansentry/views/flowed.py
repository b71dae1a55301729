"""format=flowed (RFC 3676) and quoted text: lines to paragraphs.

In: text of a text/plain part. Out: readings in which flowed lines are joined, once with the trailing space and once
without it (DelSp=yes, §4), quote marks and stuffed spaces gone (§4.4, §4.5); and, for any text with quote marks, the
lines without them. The parameters of the part are claims, so both ways are read. Linear.

Resists: a number in the reply of a mail program that wraps and quotes it: ``> 4111 1111`` / ``> 1111 1111``.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

_LINE: Final = re.compile(r"([^\r\n]*+)(\r\n|\n|\r|\Z)")
_QUOTES: Final = re.compile(r">*+")
_LOOSE_QUOTES: Final = re.compile(r"[ \t]*+(?>(?:[>|][ \t]?+)+)")
_QUOTED_LINES: Final = re.compile(rb"(?:\A|(?<=\n))[ \t]*+(?>(?:[>|][ \t]?+)+)")
_SIGNATURE: Final = "-- "


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings of a flowed text; nothing if no line is flowed or quoted."""
    spaced = _unflow(text, "flowed", keep_space=True)
    unspaced = _unflow(text, "flowed-delsp", keep_space=False)
    different = [reading for reading in (spaced, unspaced) if reading.text != text]
    return tuple(different[:1] if spaced.text == unspaced.text else different)


def _unflow(text: str, name: str, *, keep_space: bool) -> Reading:
    weaver = Weaver(name, text)
    before: tuple[int, int, int] | None = None  # quote depth and line end (start, end) of a flowed line
    for line in _LINE.finditer(text):
        if line.start() == len(text):
            break
        start, end = line.span(1)
        quotes = _QUOTES.match(text, start)
        depth = len(quotes[0]) if quotes else 0
        start += depth
        if text.startswith(" ", start, end):
            start += 1
        is_signature = text[start:end] == _SIGNATURE
        if before is not None and (before[0] != depth or is_signature):
            weaver.keep(before[1], before[2])
        is_flowed = text.endswith(" ", start, end) and not is_signature
        weaver.keep(start, end if keep_space or not is_flowed else end - 1)
        before = (depth, *line.span(2)) if is_flowed else None
        if not is_flowed:
            weaver.keep(*line.span(2))
    if before is not None:
        weaver.keep(before[1], before[2])
    return weaver.reading()


def read_quoted(text: str) -> tuple[Reading, ...]:
    """Return the text without quote marks, of whatever format; nothing if there are none."""
    if ">" not in text and "|" not in text:
        return ()
    weaver = Weaver("unquoted", text)
    position = 0
    for line in _LINE.finditer(text):
        if quotes := _LOOSE_QUOTES.match(text, line.start(), line.end(1)):
            weaver.keep(position, line.start())
            position = quotes.end()
    if not position:
        return ()
    weaver.keep(position, len(text))
    return (weaver.reading(),)


def strip_quotes(data: bytes) -> bytes:
    """Return bytes of text without quote marks, for a digit prefilter."""
    return _QUOTED_LINES.sub(b"", data) if b">" in data or b"|" in data else data
