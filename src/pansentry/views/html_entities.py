"""Character references of HTML, with their places.

In: text of an HTML source. Out: what a reference stands for and where it ends. WHATWG HTML §13.2.5.72 to §13.2.5.80:
decimal and hexadecimal, leading zeros, missing semicolons, the windows-1252 remapping of 0x80 to 0x9F, and the longest
legacy name where the semicolon is missing (``&notit;`` is ``¬it;``).

Resists: ``&#0000000000052;`` and numbers of a million digits (never turned into an integer). Inside attributes browsers
leave ``&copy=`` alone while other readers decode it; we decode it everywhere, the raw source is a reading of its own.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

from pansentry.views.reading import Reading, Spell, Weaver

_REFERENCE: Final = re.compile(r"&(?:#[xX]([0-9a-fA-F]++);?|#([0-9]++);?|([a-zA-Z][a-zA-Z0-9]{1,30}+);?)")
_LONGEST_BARE_NAME: Final = max(len(name) for name in html5 if not name.endswith(";"))
_LAST_CODE_POINT: Final = 0x10FFFF


def reference_at(text: str, position: int) -> tuple[str, int] | None:
    """Return what the reference at ``text[position]`` stands for and its end, None if there is none."""
    match = _REFERENCE.match(text, position)
    if match is None:
        return None
    hexadecimal, decimal, name = match.groups()
    if name is None:
        digits, base = (hexadecimal, 16) if hexadecimal else (decimal, 10)
        return _code_point(digits, base), match.end()
    if match.end() > match.end(3) and (whole := html5.get(name + ";")) is not None:
        return whole, match.end()
    for length in range(min(len(name), _LONGEST_BARE_NAME), 1, -1):
        if (bare := html5.get(name[:length])) is not None:
            return bare, match.start(3) + length
    return None


def _code_point(digits: str, base: int) -> str:
    significant = digits.lstrip("0")
    number = int(significant, base) if significant and len(significant) <= 8 else _LAST_CODE_POINT + 1
    if 0x80 <= number <= 0x9F:
        return bytes((number,)).decode("cp1252", "replace") if number not in _UNDEFINED else chr(number)
    if not significant or number > _LAST_CODE_POINT or 0xD800 <= number <= 0xDFFF:
        return "�"
    return chr(number)


_UNDEFINED: Final = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


def spell_text(text: str) -> str:
    """Spell a replacement in HTML text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spell_behind_bracket(text: str) -> str:
    """Spell a replacement behind ``<`` that is text: a letter there would open a tag and swallow what follows."""
    return spell_text(text) if text[:1].isdigit() else f"&#{ord(text[0])};{spell_text(text[1:])}" if text else "&#8203;"


def spell_attribute(text: str) -> str:
    """Spell a replacement in any attribute value, unquoted ones included: what could end it becomes a reference."""
    return "".join(c if c.isalnum() or c in "-_.*…" else f"&#{ord(c)};" for c in text)


def decode(weaver: Weaver, text: str, start: int, end: int) -> None:
    """Weave ``text[start:end]`` with its references decoded."""
    position = start
    while (ampersand := text.find("&", position, end)) >= 0:
        reference = reference_at(text, ampersand)
        if reference is None or reference[1] > end:
            weaver.keep(position, ampersand + 1)
            position = ampersand + 1
        else:
            weaver.keep(position, ampersand)
            weaver.put(reference[0], ampersand, reference[1])
            position = reference[1]
    weaver.keep(position, end)


def decoded(text: str, name: str, spell: Spell = spell_text) -> Reading:
    """Return the whole source with its references decoded, markup and all."""
    weaver = Weaver(name, text, spell)
    decode(weaver, text, 0, len(text))
    return weaver.reading()
