"""Structured text: JSON and script escapes, CSS escapes, percent escapes, XML, CSV.

In: text. Out: readings in which what a program would read is decoded. RFC 8259 §7 (JSON strings), ECMA-262 §12.9.4
(``\\x34``, ``\\u{34}``; §B.1.2 ``\\064``), CSS Syntax 3 §4.3.7, RFC 3986 §2.1 (percent escapes, UTF-8),
application/x-www-form-urlencoded (``+``), XML 1.0 §4.1, RFC 4180 (CSV). Everything is optional: a text without the mark
of a syntax has no reading of it.

Resists: ``"\\u0034111…"``, ``%34%31…``, ``%25%33%34`` (percent escapes of percent escapes, read twice).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from pansentry.views.reading import Reading, Weaver, compose

MAX_ESCAPED: Final = 4
_JSON_ESCAPE: Final = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|u\{0*+([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|([nrtbfv0/\"'\\]))"
)
_CSS_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?")
_OCTAL_ESCAPE: Final = re.compile(r"\\([0-3][0-7]{2})")
PERCENT: Final = re.compile(r"(?>(?:%[0-9a-fA-F]{2})+)")
_PERCENT_OR_PLUS: Final = re.compile(r"\+|(?>(?:%[0-9a-fA-F]{2})+)")
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_COLUMN: Final = re.compile(r"(?<=[0-9])[\"']?+[ ]?+[;,|][ ]?+[\"']?+(?=[0-9])")


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings of a text of unknown structure (JSON, XML, CSV, form data, scripts)."""
    return (*read_escapes(text), *read_percent(text), *read_columns(text))


def read_columns(text: str) -> tuple[Reading, ...]:
    """Return the text with one blank for each column border between digits (RFC 4180), if there is one."""
    weaver = Weaver("columns", text)
    position = 0
    for match in _COLUMN.finditer(text):
        weaver.keep(position, match.start())
        weaver.put(" ", match.start(), match.end())
        position = match.end()
    if not position:
        return ()
    weaver.keep(position, len(text))
    return (weaver.reading(),)


def read_escapes(text: str) -> tuple[Reading, ...]:
    """Return the text with JSON and script escapes decoded, and with CSS escapes decoded, where there are any.

    Escapes of escapes (a document in a string of a document, a log line of a queue's message) are decoded up to
    :data:`MAX_ESCAPED` times.
    """
    readings = list(_escapes(text))
    last = readings[0] if readings else None
    for _ in range(MAX_ESCAPED - 1):
        inner = _escapes(last.text)[:1] if last is not None else ()
        if last is None or not inner:
            break
        last = compose(inner[0], last)
        readings.append(last)
    return tuple(readings)


def _escapes(text: str) -> tuple[Reading, ...]:
    if "\\" not in text:
        return ()
    readings = []
    for name, pattern in (("escapes", _JSON_ESCAPE), ("css-escapes", _CSS_ESCAPE), ("octal-escapes", _OCTAL_ESCAPE)):
        weaver = Weaver(name, text)
        position = 0
        for match in pattern.finditer(text):
            weaver.keep(position, match.start())
            weaver.put(_character(match), match.start(), match.end())
            position = match.end()
        if position:
            weaver.keep(position, len(text))
            readings.append(weaver.reading())
    return tuple(readings)


def _character(match: re.Match[str]) -> str:
    groups = match.groups()
    if len(groups) == 4 and groups[3]:
        return _CONTROLS.get(groups[3], groups[3])
    number = int(next(filter(None, groups)), 8 if match.re is _OCTAL_ESCAPE else 16)
    # half of a surrogate pair is no digit: U+FFFD keeps the text encodable
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "�"


def read_percent(text: str) -> tuple[Reading, ...]:
    """Return the text with percent escapes decoded and ``+`` as a space; twice where escapes escape escapes."""
    once = _percent(text)
    if once is None:
        return ()
    twice = _percent(once.text)
    return (once,) if twice is None else (once, compose(twice, once))


def _percent(text: str) -> Reading | None:
    if "%" not in text and "+" not in text:
        return None
    weaver = Weaver("percent", text, _spell_percent)
    position = 0
    for match in _PERCENT_OR_PLUS.finditer(text):
        weaver.keep(position, match.start())
        weave_octets(weaver, match[0], match.start())
        position = match.end()
    if not position:
        return None
    weaver.keep(position, len(text))
    return weaver.reading()


def weave_octets(weaver: Weaver, escaped: str, start: int) -> None:
    """Weave a run of percent escapes, character by character: UTF-8, else Latin-1."""
    if escaped == "+":
        weaver.put(" ", start, start + 1)
        return
    octets = bytes.fromhex(escaped.replace("%", ""))
    position = 0
    while position < len(octets):
        character, size = utf8_at(octets, position)
        weaver.put(character, start + 3 * position, start + 3 * (position + size))
        position += size


def utf8_at(octets: bytes, position: int) -> tuple[str, int]:
    """Return the character at ``octets[position]`` and its size; what is not UTF-8 is one Latin-1 character."""
    lead = octets[position]
    size = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if size > 1:
        try:
            return octets[position : position + size].decode("utf-8"), size
        except UnicodeDecodeError:
            pass
    return chr(lead), 1


def _spell_percent(text: str) -> str:
    return quote(text, safe="*[]…", errors="surrogatepass")
