"""Text that says digits by other characters: UTF-8 that some program took for Windows-1252 and encoded again, and
characters for digits that are not folded one by one (``glyphs.py``).

In: text. Out: a reading in which such sequences are the characters that they were, if there are any: ``4111Â 1111``
(a no-break space between the groups), ``4111â€‹1111`` (a zero-width space), ``ï¼”ï¼‘`` (full-width digits). RFC 3629
§3 (well-formed sequences), WHATWG Encoding (windows-1252). Mended twice where it was encoded twice. The eye of a person
skips such letters; a detector takes them for words between the groups. Linear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pansentry.pan import anywhere
from pansentry.views import glyphs
from pansentry.views.reading import Reading, Weaver, compose

if TYPE_CHECKING:
    from collections.abc import Callable

_BEHIND: Final = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what octets 80 … BF are in Latin-1 and Windows-1252
_SEQUENCE: Final = re.compile(
    f"(?:[\u00c2-\u00df][{_BEHIND}]|[\u00e0-\u00ef][{_BEHIND}]{{2}}|[\u00f0-\u00f4][{_BEHIND}]{{3}})"
    "|(?<=[0-9])\u00c2 (?=[0-9])"  # a no-break space that somebody made a blank of meanwhile
    f"|[{glyphs.CLASS}]"
)
_MARKS: Final = (b"\xc3\x82", b"\xc3\xa2\xe2\x82\xac", b"\xc3\xaf\xc2\xbc", b"\xc3\x83", *glyphs.MARKS)
"""How sequences that matter begin: Latin-1 characters (spaces), punctuation (zero width), full-width forms; twice."""
_BY_LEAD: Final = tuple(
    (lead, tuple((mark[1], mark) for mark in _MARKS if mark[0] == lead))
    for lead in sorted({mark[0] for mark in _MARKS})
)


def read(text: str) -> tuple[Reading, ...]:
    """Return the text mended, once and twice, where there is something to mend."""
    once = _mend(text)
    if once is None:
        return ()
    twice = _mend(once.text)
    return (once,) if twice is None else (once, compose(twice, once))


def may_need_slowly(data: bytes) -> bool:
    """Say whether bytes of a UTF-8 text hold a sequence that could matter to a number."""
    # one octet is looked for at ten times the speed of two: 1 µs for 8 KB where all marks take 15; the first octets
    # first, of which most texts have one or two: 9,000 instructions for 8 KB instead of 21,000
    if not data.isascii():
        for lead, marks in _BY_LEAD:  # loops: a generator costs 10,000 instructions, and this is asked of every text
            if lead in data:
                for octet, mark in marks:
                    if octet in data and mark in data:
                        return True
    return False


may_need: Callable[[bytes], bool] = anywhere.predicate(_MARKS) or may_need_slowly


def mend(data: bytes) -> bytes:
    """Return bytes of a UTF-8 text mended as often as :func:`read` does, one version a line, for a digit prefilter."""
    readings = read(data.decode("utf-8", "replace"))
    return b"\n".join(reading.text.encode("utf-8", "replace") for reading in readings)


def _mend(text: str) -> Reading | None:
    if text.isascii():
        return None
    weaver = Weaver("mended", text)
    position = 0
    for match in _SEQUENCE.finditer(text):
        meant = _meant(match[0])
        if meant:
            weaver.keep(position, match.start())
            weaver.put(meant, match.start(), match.end())
            position = match.end()
    if not position:
        return None
    weaver.keep(position, len(text))
    return weaver.reading()


def _meant(sequence: str) -> str:
    if sequence in glyphs.MEANT:
        return glyphs.MEANT[sequence]
    if sequence.endswith(" "):
        return "\u00a0"
    try:
        return b"".join(_octet(character) for character in sequence).decode("utf-8")
    except UnicodeError:
        return ""


def _octet(character: str) -> bytes:
    return character.encode("latin-1" if character <= "\xff" else "cp1252")
