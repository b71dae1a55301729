"""Parameters of header fields (RFC 2045 §5.1) in every form a name can have, RFC 2231 and RFC 2047 included.

In: the text of a field value such as ``attachment; filename*0*=utf-8''41%31; filename*1="11"``. Out: one reading that
holds each form on a line of its own: every plain value, each ``name*`` with its percent escapes decoded, each set of
continuations joined in the order of its numbers and in the order of writing, and (stacked) encoded words and percent
escapes inside those. Readers differ in which form they show, so every form is read and can be edited.

Lenient: quotes that do not end, duplicates, missing numbers, missing charsets, blanks around ``=``. Linear.
Resists: a number spread over ``*0 *1 *2``, out of order, and a harmless plain name beside it.
Known gap: multibyte charsets other than UTF-8 in percent escapes are decoded per piece, not over the border of pieces.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from pansentry.mime import charset
from pansentry.views import encoded_words, structured
from pansentry.views.reading import Reading, Weaver, compose

_PARAMETER: Final = re.compile(
    r"(?:^|[;\s,])[ \t\r\n]*+([A-Za-z0-9!#$&'+.^_`{|}~-]{1,80})(?:\*([0-9]{1,4}))?(\*)?[ \t\r\n]*+=[ \t\r\n]*+"
    r"(?:\"((?>(?:[^\"\\]++|\\.)*))(?:\"|$)|([^;\"]*+))",
    re.DOTALL,
)
_QUOTED_PAIR: Final = re.compile(r"\\(.)|\r?\n(?=[ \t])", re.DOTALL)
_ESCAPE: Final = re.compile(r"%([0-9a-fA-F]{2})")
_CHARSET: Final = re.compile(r"([^'%]{0,60})'[^'%]{0,60}'")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.*=?-]")
_SEPARATOR: Final = "\n;\n"


class _Value(NamedTuple):
    """One value as written: its number in a continuation, if any, and whether it is extended (percent escapes)."""

    name: str
    number: int | None
    is_extended: bool
    start: int
    end: int
    is_quoted: bool


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings of a field value with parameters; nothing if it has none."""
    values = [_value(match) for match in _PARAMETER.finditer(text)]
    if not values:
        return ()
    weaver = Weaver("parameters", text, _spell)
    by_name: dict[str, list[_Value]] = {}
    for value in values:
        by_name.setdefault(value.name, []).append(value)
    for named in by_name.values():
        for form in _forms(named):
            _weave_form(weaver, text, form)
            weaver.make_up(_SEPARATOR, form[-1].end)
    joined = weaver.reading()
    inner = (*encoded_words.read(joined.text), *structured.read_percent(joined.text))
    return (joined, *(compose(reading, joined) for reading in inner))


def _value(match: re.Match[str]) -> _Value:
    group = 4 if match[4] is not None else 5
    number = int(match[2]) if match[2] else None
    return _Value(match[1].lower(), number, match[3] is not None, *match.span(group), group == 4)


def _forms(values: list[_Value]) -> list[list[_Value]]:
    """Return every way of reading the values of one name."""
    forms = [[value] for value in values if value.number is None]
    pieces = [value for value in values if value.number is not None]
    if pieces:
        forms.append(pieces)
        in_order = sorted(pieces, key=lambda value: value.number or 0)
        if in_order != pieces:
            forms.append(in_order)
        numbers = [value.number for value in in_order]
        if len(set(numbers)) < len(numbers):  # duplicates: some readers take the first of a number, some the last
            forms.append(list({value.number: value for value in reversed(in_order)}.values())[::-1])
            forms.append(list({value.number: value for value in in_order}.values()))
    return forms


def _weave_form(weaver: Weaver, text: str, form: list[_Value]) -> None:
    codec: str | None = None
    for position, value in enumerate(form):
        start = value.start
        if value.is_extended and position == 0 and (match := _CHARSET.match(text, start, value.end)):
            codec, start = charset.codec_of(match[1]), match.end()
        if value.is_extended:
            _extended(weaver, text, start, value.end, codec)
        else:
            _plain(weaver, text, start, value.end, value.is_quoted)


def _plain(weaver: Weaver, text: str, start: int, end: int, is_quoted: bool) -> None:
    position = start
    stop = end if is_quoted else start + len(text[start:end].rstrip(" \t\r\n"))
    for match in _QUOTED_PAIR.finditer(text, start, stop) if is_quoted else ():
        weaver.keep(position, match.start())
        if match[1]:
            weaver.put(match[1], match.start(), match.end())
        position = match.end()
    weaver.keep(position, stop)


def _extended(weaver: Weaver, text: str, start: int, end: int, codec: str | None) -> None:
    stop = start + len(text[start:end].rstrip(" \t\r\n"))
    if codec is not None and not charset.is_plain(codec) and "%" in text[start:stop]:
        octets = unquote_to_bytes(encoded_words.octets_of(text[start:stop], "utf-8"))
        weaver.block(charset.decode(octets, codec), start, stop, lambda new: _percent(new, codec))
        return
    position = start
    for match in structured.PERCENT.finditer(text, start, stop):
        weaver.keep(position, match.start())
        structured.weave_octets(weaver, match[0], match.start())
        position = match.end()
    weaver.keep(position, stop)


def _percent(text: str, codec: str) -> str:
    """Spell text as percent escapes of its codec, letters and digits as they are where they are ASCII."""
    octets = encoded_words.octets_of(text, codec)
    return "".join(
        chr(o) if 0x30 <= o <= 0x39 or 0x41 <= o <= 0x5A or 0x61 <= o <= 0x7A else f"%{o:02X}" for o in octets
    )


def _spell(text: str) -> str:
    """Spell a replacement so that it is good in a token, in quotes and among percent escapes (file names, mostly)."""
    return _UNSAFE.sub("_", text)
