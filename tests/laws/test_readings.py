"""Laws of readings: places are true, edits spare markup, and what is written is what is read again."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansentry.edits import Edit, apply
from pansentry.views import bidi, calendar, encoded_words, enriched, flowed, html, parameters, rtf, structured
from pansentry.views.html_tokens import Kind, tokenize
from pansentry.views.reading import Reading, Weaver, compose, lower

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: dict[str, Callable[[str], tuple[Reading, ...]]] = {
    "html": html.read,
    "flowed": flowed.read,
    "quoted": flowed.read_quoted,
    "encoded_words": encoded_words.read,
    "parameters": parameters.read,
    "enriched": enriched.read,
    "calendar": calendar.read,
    "structured": structured.read,
    "rtf": lambda text: rtf.read("{\\rtf1" + text),
    "bidi": bidi.read,
}
_PIECES = {
    "html": [
        *("<b>", "</b>", "<p>", "<br>", "<!-- c -->", "<td>", "<i hidden>"),
        *("&amp;", "&#52;", "&nbsp;", "<a b='1'>", "<", "&", "<pre>"),
    ],
    "flowed": flowed.read,
    "quoted": flowed.read_quoted,
    "encoded_words": encoded_words.read,
    "parameters": parameters.read,
    "enriched": enriched.read,
    "calendar": calendar.read,
    "structured": structured.read,
    "rtf": lambda text: rtf.read("{\\rtf1" + text),
    "bidi": bidi.read,
}
_PIECES = {
    "html": [
        *("<b>", "</b>", "<p>", "<br>", "<!-- c -->", "<td>", "<i hidden>"),
        *("&amp;", "&#52;", "&nbsp;", "<a b='1'>", "<", "&", "<pre>"),
    ],
    "flowed": [" \r\n", "\r\n", "> ", ">> ", " ", "-- \r\n"],
    "quoted": ["\n> ", "\n| ", "\n"],
    "encoded_words": [
        *("=?utf-8?Q?41=31?=", "=?utf-8?B?NDEx?=", " ", "=?x?q?=34?="),
        "=?utf-8?Q?=EF?= =?utf-8?Q?=BC=94?=",
    ],
    "parameters": ["; f=", "; f*=utf-8''", "; f*0*=%34", '; f*1="', '"', "%31", "\\"],
    "enriched": ["<bold>", "</bold>", "<<", "\n", "\n\n", "<nofill>", "<param>x</param>"],
    "calendar": ["\r\n ", "\n\t", "\\n", "\\,", "=34", "=\r\n", "\r\n"],
    "structured": ["\\u0034", "%34", "+", "\\n", "\\34 ", "%25", "%EF%BC%94"],
    "rtf": ["\\b ", "{", "}", "\\'34", "\\u52?", "\\par ", "\\v ", "{\\*\\x ", "\\uc2 "],
    "bidi": ["\u202e", "\u202c", "\u202d", "\n"],
}  # fmt: skip
_TEXT = st.text(st.sampled_from("0123456789 abcX-é４\n"), max_size=8)


def _sources(name: str) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(_PIECES[name]), _TEXT), max_size=14).map("".join)


def _digits(text: str) -> list[Edit[str]]:
    return [Edit(m.start(), m.end(), "X" * (m.end() - m.start())) for m in re.finditer(r"\d+", text)]


named = pytest.mark.parametrize("name", READERS)


@named
@given(data=st.data())
def test_every_character_has_a_place_inside_the_source(name: str, data: st.DataObject) -> None:
    """starts, ends and text are equally long, and every place is a range of the source."""
    source = data.draw(_sources(name))
    text = "{\\rtf1" + source if name == "rtf" else source
    for reading in READERS[name](source):
        assert len(reading.text) == len(reading.starts) == len(reading.ends)
        assert all(0 <= s <= e <= len(text) for s, e in zip(reading.starts, reading.ends, strict=True))


@named
@given(data=st.data())
def test_edits_of_a_reading_become_disjoint_edits_of_the_source(name: str, data: st.DataObject) -> None:
    """Whatever is replaced, by whatever length, lowers to ascending, disjoint ranges inside the source."""
    source = data.draw(_sources(name))
    text = "{\\rtf1" + source if name == "rtf" else source
    for reading in READERS[name](source):
        size = len(reading.text)
        bounds = sorted(data.draw(st.lists(st.integers(0, size), max_size=6)))
        pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
        edits = [Edit(s, e, data.draw(st.text("XYZ", max_size=4))) for s, e in pairs if s < e]
        lowered = lower(reading, edits)
        apply(text, lowered)
        assert all(a.end <= b.start for a, b in itertools.pairwise(lowered))


@named
@given(data=st.data())
def test_an_edit_that_changes_nothing_touches_nothing(name: str, data: st.DataObject) -> None:
    """Writing what is there already gives no edit at all."""
    source = data.draw(_sources(name))
    for reading in READERS[name](source):
        assert (
            lower(reading, [Edit(e.start, e.end, reading.text[e.start : e.end]) for e in _digits(reading.text)]) == ()
        )


@pytest.mark.parametrize("name", sorted(set(READERS) - {"structured", "parameters", "html"}))
@given(data=st.data())
def test_what_is_written_is_what_is_read_again(name: str, data: st.DataObject) -> None:
    """After a mask of the first reading the source reads as the masked text."""
    source = data.draw(_sources(name))
    text = "{\\rtf1" + source if name == "rtf" else source
    for reading in READERS[name](source)[:1]:
        edits = _digits(reading.text)
        written = apply(text, lower(reading, edits))
        expected = apply(reading.text, edits)
        again = READERS[name](written.removeprefix("{\\rtf1") if name == "rtf" else written)
        assert written == expected or any(other.text == expected for other in again)


@given(source=_sources("html"))
@settings(max_examples=300)
def test_a_masked_page_reads_as_the_masked_text(source: str) -> None:
    """The shown text after the mask is the mask of the shown text."""
    shown = html.read_text(source)
    edits = _digits(shown.text)
    assert html.read_text(apply(source, lower(shown, edits))).text == apply(shown.text, edits)


@given(source=_sources("html"))
@settings(max_examples=300)
def test_edits_of_text_never_touch_markup(source: str) -> None:
    """Tags and comments are the same after every reading of the text was masked."""

    def markup(text: str) -> list[str]:
        kinds = (Kind.START, Kind.END, Kind.COMMENT)
        return [text[token.start : token.end] for token in tokenize(text).items if token.kind in kinds]

    for reading in html.read(source):
        if reading.name in ("shown", "joined", "visible", "visible-joined", "plain-sight", "fostered"):
            assert markup(apply(source, lower(reading, _digits(reading.text)))) == markup(source)


@given(source=st.text("ab12", max_size=20), data=st.data())
def test_stacked_readings_agree_with_reading_step_by_step(source: str, data: st.DataObject) -> None:
    """Lowering through a composed reading is lowering through its layers, and places compose."""

    def without(text: str, dropped: str) -> Reading:
        weaver = Weaver(f"without-{dropped}", text)
        for index, character in enumerate(text):
            if character != dropped:
                weaver.keep(index, index + 1)
        return weaver.reading()

    inner = without(source, "a")
    outer = without(inner.text, "1")
    both = compose(outer, inner)
    assert [source[s:e] for s, e in zip(both.starts, both.ends, strict=True)] == list(outer.text)
    if outer.text:
        start = data.draw(st.integers(0, len(outer.text) - 1))
        edit = Edit(start, start + 1, "Z")
        assert lower(both, [edit]) == lower(inner, lower(outer, [edit]))
