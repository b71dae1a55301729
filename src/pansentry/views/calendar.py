"""iCalendar and vCard: content lines unfolded, values unescaped.

In: text of a text/calendar or text/vcard part. Out: a reading with folded lines joined (RFC 5545 §3.1, RFC 6350 §3.2:
a line break and one blank vanish), one with text escapes decoded on top (``\\n``, ``\\,``, ``\\;``; RFC 5545 §3.3.11;
in parameters ``^n``, RFC 6868), properties behind the label of their group (``item1.X-ABLabel``), for vCard 2.1
(``ENCODING=QUOTED-PRINTABLE``) quoted-printable decoded, and pages in it (``X-ALT-DESC``) as they are shown.
:func:`read_binary` gives values in base64 (``ENCODING=b``, RFC 2426 §2.4.1,
RFC 5545 §3.1.3). Linear.

Resists: a number folded in the middle, as every calendar program does at 75 octets; a page or base64 so folded.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.mime.transfer import decode_base64
from pansentry.views import html
from pansentry.views.blind import relower
from pansentry.views.bytes_reading import BytesReading
from pansentry.views.reading import Reading, Weaver, compose
from pansentry.views.structured import utf8_at

_FOLD_BYTES: Final = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_PROPERTY: Final = re.compile(rb"(?:^|\n)([^\r\n:]{1,300}+):((?>(?:[^\r\n]++|\r?\n[ \t])*))")
_IS_BINARY: Final = re.compile(rb";(?:ENCODING=)?(?:b|base64)(?:;|\Z)", re.IGNORECASE)
_GROUP_LABEL: Final = re.compile(r"(?m)^([A-Za-z0-9-]{1,40})\.X-ABLABEL[^:\r\n]{0,200}:([^\r\n]{1,200})", re.IGNORECASE)
_GROUPED: Final = re.compile(r"(?m)^([A-Za-z0-9-]{1,40})\.([A-Za-z0-9-]{1,40})[^:\r\n]{0,200}:")
_FOLD: Final = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_ESCAPE: Final = re.compile(r"\\([nN,;:\\])|\^([n^'])")
_MEANT: Final = {"n": "\n", "N": "\n", "'": '"'}
_QUOTED_PRINTABLE: Final = re.compile(r"=(?:\r\n|\n|\r)|((?>(?:=[0-9a-fA-F]{2})+))")


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
    labelled = _labelled(base_text)
    if labelled is not None:
        readings.append(compose(labelled, unfolded) if unfolded is not None else labelled)
    if "<" in base_text:
        pages = html.read(base_text)
        readings += (compose(page, unfolded) for page in pages) if unfolded is not None else pages
    return tuple(readings)


def _labelled(text: str) -> Reading | None:
    """Return the properties of a group (RFC 6350 §3.3) behind the label that the group gives them, as address books
    show them; None without a label."""
    labels = {match[1].lower(): match[2] for match in _GROUP_LABEL.finditer(text)}
    if not labels:
        return None
    weaver = Weaver("labelled", text)
    position = 0
    for match in _GROUPED.finditer(text):
        label = labels.get(match[1].lower())
        if label is not None and match[2].lower() != "x-ablabel":
            weaver.keep(position, match.start())
            weaver.make_up(f"{label}: ", match.end())
            position = match.end()
    weaver.keep(position, len(text))
    return weaver.reading()


def unfold(data: bytes) -> bytes:
    """Return bytes with folded lines joined, for a digit prefilter."""
    return _FOLD_BYTES.sub(b"", data)


def read_binary(data: bytes) -> tuple[BytesReading, ...]:
    """Return the values of properties that are base64."""
    readings: list[BytesReading] = []
    for match in _PROPERTY.finditer(data):
        if _IS_BINARY.search(match[1]):
            way_back = relower(match[2], match.start(2), "base64")
            readings.append(BytesReading("property", decode_base64(match[2]), *match.span(2), way_back))
    return tuple(readings)


def _replace(text: str, pattern: re.Pattern[str], name: str) -> Reading | None:
    """Return the text with each match taken out or decoded, None without a match."""
    weaver = Weaver(name, text)
    position = 0
    for match in pattern.finditer(text):
        weaver.keep(position, match.start())
        position = match.end()
        if pattern is _ESCAPE:
            escaped = match[1] or match[2]
            weaver.put(_MEANT.get(escaped, escaped), match.start(), match.end())
        elif pattern.groups and match[1]:
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
