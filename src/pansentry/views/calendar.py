"""iCalendar and vCard: content lines unfolded, values unescaped.

In: text of a text/calendar or text/vcard part. Out: a reading with folded lines joined (RFC 5545 §3.1, RFC 6350 §3.2:
a line break and one blank vanish), one with text escapes decoded on top (``\\n``, ``\\,``, ``\\;``; RFC 5545 §3.3.11),
and, for vCard 2.1 (``ENCODING=QUOTED-PRINTABLE``), soft breaks and escapes of quoted-printable decoded. Linear.

Resists: a number folded in the middle, as every calendar program does at 75 octets.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver, compose
from pansentry.views.structured import utf8_at

_FOLD: Final = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_ESCAPE: Final = re.compile(r"\\([nN,;:\\])")
_QUOTED_PRINTABLE: Final = re.compile(r"=(?:\r\n|\n|\r)|((?:=[0-9a-fA-F]{2})++)")


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings; nothing where nothing is folded, escaped or encoded."""
    readings: list[Reading] = []
    unfolded = _replace(text, _FOLD, "unfolded")
    if unfolded is not None:
        readings.append(unfolded)
    base_text = unfolded.text if unfolded is not None else text
    for pattern, name in ((_ESCAPE, "unescaped"), (_QUOTED_PRINTABLE, "quoted-printable")):
        outer = _replace(base_text, pattern, name)
        if outer is not None:
            readings.append(compose(outer, unfolded) if unfolded is not None else outer)
    return tuple(readings)


def _replace(text: str, pattern: re.Pattern[str], name: str) -> Reading | None:
    """Return the text with each match taken out or decoded, None without a match."""
    weaver = Weaver(name, text)
    position = 0
    for match in pattern.finditer(text):
        weaver.keep(position, match.start())
        position = match.end()
        if pattern.groups and match[1]:
            if pattern is _ESCAPE:
                weaver.put("\n" if match[1] in "nN" else match[1], match.start(), match.end())
            else:
                _octets(weaver, match[1], match.start())
    if not position:
        return None
    weaver.keep(position, len(text))
    return weaver.reading()


def _octets(weaver: Weaver, escaped: str, start: int) -> None:
    octets = bytes.fromhex(escaped.replace("=", ""))
    position = 0
    while position < len(octets):
        character, size = utf8_at(octets, position)
        weaver.put(character, start + 3 * position, start + 3 * (position + size))
        position += size
