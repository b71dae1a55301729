"""Which reader of text is right for which text: a table of media types, and one of signs in the text itself.

In: the media type a part claims and its text. Out: the readers to use besides the text as it stands, each a function
``read(text) -> tuple[Reading, ...]`` of this room. A label is a claim, so the text is looked at as well (WHATWG MIME
Sniffing §7.1 for HTML): a reader that shows text/plain as HTML sees what we see.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pansentry.errors import LimitExceededError
from pansentry.limits import DEFAULT_LIMITS
from pansentry.views import (
    bidi,
    calendar,
    encoded_words,
    enriched,
    flowed,
    glyphs,
    html,
    mended,
    own_entities,
    rtf,
    spreadsheet_xml,
    statements,
    structured,
    terminal,
)
from pansentry.views.reading import Reading, Weaver

Read = Callable[[str], tuple[Reading, ...]]

_BY_TYPE: dict[str, tuple[Read, ...]] = {
    "text/plain": (flowed.read,),
    "text/html": (html.read,),
    "application/xhtml+xml": (html.read,),
    "text/enriched": (enriched.read,),
    "text/richtext": (enriched.read,),
    "text/calendar": (calendar.read,),
    "application/ics": (calendar.read,),
    "text/vcard": (calendar.read,),
    "text/x-vcard": (calendar.read,),
    "text/directory": (calendar.read,),
    "text/csv": (structured.read,),
    "text/tab-separated-values": (structured.read,),
    "application/csv": (structured.read,),
    "application/json": (structured.read,),
    "application/x-www-form-urlencoded": (structured.read,),
    "text/json": (structured.read,),
    "application/xml": (html.read, structured.read),
    "text/xml": (html.read, structured.read),
    "image/svg+xml": (html.read,),
    "text/rtf": (rtf.read,),
    "application/rtf": (rtf.read,),
}
_BY_SUFFIX: tuple[tuple[str, Read], ...] = (("+json", structured.read), ("+xml", html.read))
_HTML = (
    r"(?i)<(?:!doctype|html|head|body|table|div|span|p|br|b|i|u|s|a|em|strong|small|sub|sup|font|tt|code|pre|center|td|tr"
    r"|li|ul|ol|h[1-6]|hr|img|style|script|svg|math|section|article|label|big|del|ins|mark|q|wbr|bdo|!--)[\s>/]"
)
_SIGNS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(_HTML), html.read),
    (re.compile(r"\s*<\?x(?:ml|packet)"), html.read),
    (re.compile(re.escape(spreadsheet_xml.SIGN)), spreadsheet_xml.read),
    (re.compile(r"\s*[\[{]\s*[\"{\[\]}0-9]"), structured.read),
    (re.compile(r"(?i)BEGIN:V(?:CALENDAR|CARD|EVENT)"), calendar.read),
    (re.compile(r"\s*\{\\rtf"), rtf.read),
)
_ESCAPED_DIGIT = re.compile(r"%3|\\u00|\\0[67][0-7]")
_ESCAPED_GAP = re.compile(r"[0-9](?>(?:%[0-9A-Fa-f]{2}){1,6})[0-9]", re.ASCII)
_MENDABLE = re.compile(f"[\u00c2\u00c3{glyphs.CLASS}]|\u00e2\u20ac|\u00ef\u00bc")
WIDE = "\u00fe\u00ff\0"
"""The byte order mark of UTF-16, and the first half of a letter or digit, in bytes that were taken for Latin-1."""
_MARK_OR_NUL = re.compile("\u00fe\u00ff(?=\0)|\0")
_SNIFF_CHARACTERS = 4096


def of_text(media_type: str, text: str) -> tuple[Read, ...]:
    """Return the readers for a text, without doubles."""
    start = text[:_SNIFF_CHARACTERS]
    found = [
        *_BY_TYPE.get(media_type, ()),
        *(read for suffix, read in _BY_SUFFIX if media_type.endswith(suffix)),
        *(read for sign, read in _SIGNS if sign.search(start)),
    ]
    if "=?" in text:
        found.append(read_words)
    if "\n>" in text or "\n|" in text or text.startswith((">", "|")):
        found.append(flowed.read_quoted)
    if own_entities.SIGN in text:
        found.append(own_entities.read)
    # escapes of digits or between them, in links
    if ("%" in text or "\\" in text) and (_ESCAPED_DIGIT.search(text) or _ESCAPED_GAP.search(text)):
        found.append(structured.read)
    if WIDE in text:
        found.append(read_wide)
    if statements.is_statement(text):
        found.append(statements.read)
    if not text.isascii() and _MENDABLE.search(text):
        found.append(mended.read)
    if terminal.SIGN in text:
        found.append(terminal.read)
    if "\u202e" in text or "\u202d" in text:
        found.append(bidi.read)
    return tuple(dict.fromkeys(found))


def read_words(text: str) -> tuple[Reading, ...]:
    """Return the readings of encoded words (RFC 2047); raises LimitExceededError for a text that is full of them."""
    if text.count("=?") > DEFAULT_LIMITS.max_encoded_words:
        raise LimitExceededError("max_encoded_words")
    return encoded_words.read(text)


def read_wide(text: str) -> tuple[Reading, ...]:
    """Return the text with strings of PDF in UTF-16 (§7.9.2.2; forms are exchanged so) as what they say."""
    weaver, position = Weaver("wide", text), 0
    for match in _MARK_OR_NUL.finditer(text):
        weaver.keep(position, match.start())
        position = match.end()
    weaver.keep(position, len(text))
    return (weaver.reading(),)


def is_html(media_type: str, text: str) -> bool:
    """Say whether a text is shown as HTML by some reader."""
    return (
        html.read in _BY_TYPE.get(media_type, ())
        or any(media_type.endswith(suffix) for suffix, read in _BY_SUFFIX if read is html.read)
        or any(sign.search(text, 0, _SNIFF_CHARACTERS) for sign, read in _SIGNS if read is html.read)
    )
