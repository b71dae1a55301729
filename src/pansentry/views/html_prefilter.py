"""A fast strip of HTML, so that a digit prefilter can judge bytes instead of readings.

In: decoded bytes of an HTML part (any ASCII-compatible charset). Out: bytes that hold every run of digits that any
reading of ``html.py`` holds, at least as close together: text without comments and tags, text without tags, the source
with references and percent escapes decoded; and, where styles may hide what lies between, the digits alone. Too many
hits cost time, a miss would cost a card number, so whatever these few C-speed passes cannot follow (odd comments, ``>``
in quotes, unclosed markup, script escapes, embedded data) comes back with :data:`ALARM` in front, which every prefilter
takes for a hit.

Sound for digits of ASCII and of UTF-8: bytes from 0x80 on are kept everywhere. Linear: no pattern is tried where its
end is known to be missing.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from pansentry.views.html_entities import reference_at

ALARM: Final = b"0000 0000 0000 0000\n"

_COMMENT: Final = re.compile(rb"<!--(?:[^-]++|-(?!->))*+-->")
_TAG: Final = re.compile(rb"<[a-zA-Z/!?][^>]*+>")
_SILENT: Final = re.compile(rb"<(style|script)\b[^>]*+>[^<]*+</\1[\t\n\f\r ]*+>", re.IGNORECASE)
_REFERENCE: Final = re.compile(rb"&(?:#[xX][0-9a-fA-F]++|#[0-9]++|[a-zA-Z][a-zA-Z0-9]{1,30}+);?")
_INVISIBLE: Final = re.compile(
    rb"(?:\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xcd\x8f|\xd8\x9c|\xe1\xa0\x8e)++"
)
# what a tag-by-tag strip reads differently from a tokenizer, or what needs decoding of another kind
_ODD: Final = re.compile(
    rb"<!--?>|<!--->|--!>|<!\[CDATA\[|<plaintext|<!--[\t\n\f\r ]*+\[if[^\]>]*+>|\\(?:[0-9a-f]|u|x)"
    rb"|=[ \t\r\n\f]*+(?:\"[^\">]*+>|'[^'>]*+>)|data:(?!image/(?:png|jpe?g|gif)|font/)[^,\"'<>\s]{0,200}+,",
    re.IGNORECASE,
)
# what may take away, or turn around, the text between two digits
_HIDING: Final = re.compile(
    rb"<(?:template|iframe|noembed|noframes|datalist|rp|dialog|desc|metadata|defs|bdo)\b|bidi|/\*"
    rb"|hidden|visibility|opacity|overflow|clip|mso-hide|\bnone\b|white|transparent|#f[ef]|rgb\(255"
    rb"|font-size[ \t]*+:[ \t]*+(?:[+.0]|[12](?:\.[0-9]++)?+p|[0-9](?:\.[0-9]++)?+%)|:[ \t]*+-[0-9]|\xe2\x80[\xad\xae]"
    rb"|&#(?:x0*+202|0*+823)",
    re.IGNORECASE,
)
_LOUD: Final = re.compile(rb"<(?:style|script)\b", re.IGNORECASE)  # a sheet or script that could not be cut out
# text between table cells: browsers show it in front of the table
_FOSTERED: Final = re.compile(
    rb"(?:</(?:td|th|tr|caption|tbody|thead|tfoot)|<(?:table|tr|tbody|thead|tfoot))\b[^>]{0,200}+>\s*+"
    rb"(?:[^<\s]|<(?!/?(?:td|th|tr|table|tbody|thead|tfoot|caption|col|colgroup)\b))",
    re.IGNORECASE,
)
_SHOWN_ATTRIBUTE: Final = re.compile(
    rb"\b(?:alt|value|placeholder|label)[\t\n\f\r ]*+=[\t\n\f\r ]*+(\"[^\"]*+|'[^']*+|[^\"'\t\n\f\r >]++)",
    re.IGNORECASE,
)
_NOT_DIGITS: Final = bytes(c for c in range(0x80) if not 0x30 <= c <= 0x39)


def strip_for_prefilter(data: bytes) -> bytes:
    """Return what a digit prefilter has to look at to know whether any reading of this HTML is worth making."""
    if not any(mark in data for mark in (b"<", b"&", b"%", b"\\", b"+", b"\0")) and data.isascii():
        return data
    silenced = _cut(_SILENT, _cut(_COMMENT, data, b"-->"), b">")
    pages = [_cut(_TAG, silenced, b">")]
    if b"<!--" in data:
        pages.append(_cut(_TAG, data, b">"))
    pages = [_decode(page) for page in pages]
    source = _decode(data)
    texts = [*pages, source]
    if b"%" in source or b"+" in source:
        once = unquote_to_bytes(source.replace(b"+", b" "))
        texts += [once, unquote_to_bytes(once)] if b"%" in once else [once]
    fields = [match[1] for match in _SHOWN_ATTRIBUTE.finditer(source)]
    if fields or _HIDING.search(data) or _LOUD.search(silenced) or _FOSTERED.search(silenced):
        extra = b"".join(fields)
        texts += [(page + extra).translate(None, _NOT_DIGITS) for page in pages]
    alarm = ALARM if _is_odd(data) else b""
    return alarm + b"\n".join(b" ".join(text.split()) for text in texts)


def _cut(pattern: re.Pattern[bytes], data: bytes, closing: bytes) -> bytes:
    """Take the pattern out, as far as its closing mark occurs (behind the last one every attempt would be in vain)."""
    last = data.rfind(closing) + len(closing)
    return pattern.sub(b"", data[:last]) + data[last:] if last >= len(closing) else data


def _is_odd(data: bytes) -> bool:
    """Say whether the strip may lose or part digits that a reading joins."""
    unclosed = data.rfind(b"<") > data.rfind(b">") or data.rfind(b"<!--") > data.rfind(b"-->")
    return unclosed or _ODD.search(data) is not None


def _decode(text: bytes) -> bytes:
    """Decode references, drop NULs and what has no width."""
    known: dict[bytes, bytes] = {}

    def replace(match: re.Match[bytes]) -> bytes:
        found = match[0]
        if found not in known:
            known[found] = _stand_for(found.decode("ascii"))
        return known[found]

    if b"&" in text:
        text = _REFERENCE.sub(replace, text)
    if b"\0" in text:
        text = text.replace(b"\0", b"")
    return text if text.isascii() else _INVISIBLE.sub(b"", text)


def _stand_for(reference: str) -> bytes:
    decoded = reference_at(reference, 0)
    if decoded is None:
        return reference.encode()
    character, end = decoded
    return (character + reference[end:]).encode("utf-8")
