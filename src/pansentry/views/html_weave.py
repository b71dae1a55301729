"""The readings of a page that was walked: what is seen at least so well, with or without gaps, woven in its order.

In: HTML source, its :class:`html_walk.Walk` under each mode in which it is read, and what a reading is to show. Out:
readings with their way back. ``html.py`` tells what each is; ``html_hiding.py`` makes those that leave something out
before anything else is made, to ask whether they are worth reading.
Standards: WHATWG HTML §13.2.5 (references), CSS Text 3 §4.1 (white space is collapsed). Linear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pansentry.views import structured
from pansentry.views.html_entities import decode, reference_at, spell_attribute, spell_behind_bracket, spell_text
from pansentry.views.html_gaps import Gaps
from pansentry.views.html_tokens import Mode
from pansentry.views.html_walk import Op, Seen, Walk, walk
from pansentry.views.reading import Reading, Weaver, compose

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONDITION: Final = re.compile(r"<!--[\t\n\f\r ]*+\[if\b", re.IGNORECASE | re.ASCII)
_INVISIBLE: Final = "\x00\xad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff"
_SPECIAL: Final = re.compile(f"[&<]|[ \t\n\r\f]{{2,}}+|[\t\n\r\f]|[{_INVISIBLE}]++")
_LITERAL_SPECIAL: Final = re.compile(f"[&<]|[{_INVISIBLE}]++")
_SPACE: Final = " \t\n\r\f"


def walks(text: str) -> Iterator[tuple[str, Walk]]:
    """Yield the walks over a source under each mode in which somebody may read it, with a prefix for its readings."""
    page = walk(text)
    yield "", page
    if page.tokens.odd:
        yield "lenient-", walk(text, Mode.LENIENT)
    if _CONDITION.search(text):
        yield "conditional-", walk(text, Mode.CONDITIONAL)


def partly(text: str, page: Walk, prefix: str) -> Iterator[Reading]:
    """Yield the readings of one walk that leave something out, put it elsewhere or show more than the text."""
    if Seen.HIDDEN in page.seen:
        yield weave(text, page, prefix + "visible", Seen.FAINTLY)
        yield weave(text, page, prefix + "visible-joined", Seen.FAINTLY, gaps=False)
    if Seen.FAINTLY in page.seen:
        yield weave(text, page, prefix + "plain-sight", Seen.WELL)
    if page.fostered:
        moved = page._replace(segments=page.fostered)
        yield weave(text, moved, prefix + "fostered", Seen.FAINTLY)
        yield weave(text, moved, prefix + "fostered-joined", Seen.HIDDEN, gaps=False)
    for moved_segments in page.laid_out:
        yield weave(text, page._replace(segments=moved_segments), prefix + "laid-out", Seen.FAINTLY)
    if page.generated:
        yield weave(text, page, prefix + "generated", Seen.FAINTLY, generated=True)
    if page.attributes:
        inline = weave(text, page, prefix + "inline", Seen.FAINTLY, attributes=True)
        yield inline
        if any(s.op is Op.LINK and "%" in text[s.start : s.end] for s in page.segments):
            yield from (compose(reading, inline) for reading in structured.read_percent(inline.text))


def weave(
    text: str,
    page: Walk,
    name: str,
    seen: Seen,
    *,
    gaps: bool = True,
    attributes: bool = False,
    overrides: bool = False,
    generated: bool = False,
) -> Reading:
    """Weave what is seen at least as well as ``seen``."""
    # a reference is good in text and in attributes, so one spelling serves a reading that mixes them
    weaver = Weaver(name, text, spell_attribute if attributes else spell_text)
    between = Gaps(weaver)
    left_out = {op for op, wanted in ((Op.OVERRIDE, overrides), (Op.GENERATED, generated)) if not wanted}
    left_out |= set() if attributes else {Op.ATTRIBUTE, Op.LINK}
    for segment in page.segments:
        op, start, end = segment.op, segment.start, segment.end
        if segment.seen > seen or op in left_out:
            continue
        if op in _PASS:
            if gaps:
                _PASS[op](between, start)
            continue
        collapse = op is Op.TEXT and not segment.preformatted
        if collapse and between.last in _SPACE and not text[start:end].strip(_SPACE):
            continue
        between.close()
        match op:
            case Op.TEXT | Op.ATTRIBUTE:
                _text(weaver, text, start, end, collapse=collapse)
            case Op.RAW:
                weaver.keep(start, end)
            case Op.LINK:
                weaver.make_up("\t", start)
                decode(weaver, text, start, end)
                weaver.make_up("\n", end)
            case Op.GENERATED if not segment.mark:
                _text(weaver, text, start, end, collapse=False)
            case Op.OVERRIDE | Op.GENERATED:
                weaver.make_up(segment.mark, start)
    between.close()
    return weaver.reading()


_PASS: Final = {Op.BREAK: Gaps.block, Op.ROW: Gaps.row, Op.LINE: Gaps.line, Op.CELL: Gaps.cell}


def _text(weaver: Weaver, text: str, start: int, end: int, *, collapse: bool) -> None:
    """Weave one stretch of text: references decoded, white space collapsed, NUL and zero-width characters dropped."""
    position = start
    behind_bracket = -1
    if collapse and (not weaver.length or weaver.last in _SPACE):
        while position < end and text[position] in _SPACE:
            position += 1
    pattern = _SPECIAL if collapse else _LITERAL_SPECIAL
    while match := pattern.search(text, position, end):
        found = match.start()
        weaver.keep(position, found)
        position = match.end()
        first = text[found]
        if first == "&":
            reference = reference_at(text, found)
            if reference is None or reference[1] > end:
                weaver.keep(found, position)
            else:
                position = reference[1]
                if _ONLY_INVISIBLE.match(reference[0]):
                    continue
                if found == behind_bracket:
                    weaver.block(reference[0], found, position, spell_behind_bracket)
                else:
                    weaver.put(reference[0], found, position)
        elif first == "<":
            weaver.keep(found, position)
            behind_bracket = position
            if position < end and not pattern.match(text, position):
                weaver.block(text[position], position, position + 1, spell_behind_bracket)
                position += 1
        elif first in _SPACE and not (weaver.last and weaver.last in _SPACE):
            weaver.put(" ", found, found + 1)
    weaver.keep(position, end)


_ONLY_INVISIBLE: Final = re.compile(f"[{_INVISIBLE}]++$")
