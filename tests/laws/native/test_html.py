"""The compiled looks at a page of HTML give what their twins in Python and the expressions of ``views`` give."""

from __future__ import annotations

import re

import pytest
from tests.laws.native.twins import compiled, octets
from tests.unit.views.html_specimens import ordinary, soup

from pansentry.views import html_prefilter, html_signs

PIECES = (
    *(
        b"<",
        b">",
        b"<b>",
        b"<br>",
        b"</td>",
        b"<i <b>",
        b"<a x=1>",
        b"<a x='12'>",
        b'<a x="3">',
        b"<p x=y>",
        b"<>",
        b"<<",
    ),
    *(b" ", b"  ", b"\r\n", b"\n", b"\r", b"\t", b"\f", b"\v", b"\1", b"\0", b"a", b"Z", b"word", b"12", b"0", b"9"),
    *(
        b";",
        b"&",
        b"&nbsp;",
        b".",
        b"-",
        b"'",
        b'"',
        b"\x7f",
        b"\x80",
        b"\xc3\xa9",
        b"\xd7",
        b"\xd8",
        b"\xff",
        b"/",
        b":",
    ),
    *(b"a few words. ", b"<td>12</td> <td>", b" " * 16, b"x" * 16, b" x" * 9),
)
BORDERS = tuple((bit, re.compile(expression, re.DOTALL)) for bit, expression in html_signs.BORDERS)
EDGES = re.compile(html_signs.DIGIT_EDGES, re.DOTALL)


def pages(seed: int) -> list[bytes]:
    """Return pages of all kinds; most are short, so that few of them have all that is looked for."""
    found = [*octets(PIECES, seed=seed, most=8), *octets(PIECES, seed=seed, number=300)]
    return (
        found
        + [soup(number).encode("utf-8", "replace") for number in range(300)]
        + [s.encode() for s in ordinary(7, 150)]
    )


def test_borders_are_what_the_expressions_say() -> None:
    """How text and markup lie side by side is told alike, whatever is open or empty."""
    borders_of_markup = compiled("borders_of_markup")
    told = {0: 0, 1: 0, 2: 0, 3: 0}
    for page in pages(9):
        found = 0
        for bit, expression in BORDERS:
            found |= bit if expression.search(page) else 0
        assert borders_of_markup(page) == found, page
        told[found] += 1
    assert min(told.values()) > 20


def test_digits_at_edges_are_what_the_expression_says() -> None:
    """Digits of a value beside digits of the text are told alike."""
    has_digit_edges = compiled("has_digit_edges")
    told = [0, 0]
    for page in pages(10):
        found = EDGES.search(page) is not None
        assert has_digit_edges(page) is found, page
        told[found] += 1
    assert min(told) > 100


def test_white_space_is_collapsed_alike() -> None:
    """Runs of white space become one blank, wherever steps of sixteen octets end; all else stays."""
    collapse_blanks = compiled("collapse_blanks")
    for page in pages(11):
        assert collapse_blanks(page) == html_prefilter.collapse_slowly(page)
    for size in range(70):
        for blank in (b" ", b"\n", b"\r\n", b"\v", b"\1"):
            for page in (
                b"x" * size + blank,
                blank * size,
                b" " + b"x" * size + blank * 2 + b"y" * 20,
                b"x " * size + blank,
            ):
                assert collapse_blanks(page) == html_prefilter.collapse_slowly(page)


INVISIBLE = (
    *(b"\xc2\xad", b"\xe2\x80\x8b", b"\xe2\x80\x8f", b"\xe2\x81\xa0", b"\xe2\x81\xa4", b"\xef\xbb\xbf", b"\xcd\x8f"),
    *(b"\xd8\x9c", b"\xe1\xa0\x8e"),
)
VISIBLE = (
    *(
        b"\xc2",
        b"\xad",
        b"\xe2\x80",
        b"\x8b",
        b"\xe2",
        b"\xe2\x80\x8a",
        b"\xe2\x80\x90",
        b"\xe2\x81\x9f",
        b"\xe2\x81\xa5",
    ),
    *(
        b"\xef\xbb",
        b"\xcd",
        b"\x8f",
        b"\xd8",
        b"\xe1\xa0",
        b"a",
        b"a few words and more",
        b"\xd0\xb0" * 9,
        b"\xff",
        b"\xc3\xa9",
    ),
)


def test_what_has_no_width_is_taken_out_alike() -> None:
    """Each of them goes, wherever steps of sixteen octets end, and nothing else; what has none is the same object."""
    without_invisible = compiled("without_invisible")
    slowly = html_prefilter.without_invisible_slowly
    shorter = 0
    for pieces, seed in (((*INVISIBLE, *VISIBLE), 12), ((*INVISIBLE, *VISIBLE * 9), 13), (VISIBLE, 14)):
        for text in octets(pieces, seed=seed, number=1500):
            found = without_invisible(text)
            assert found == slowly(text), text
            assert (found is text) is (slowly(text) is text), text
            shorter += found != text
    assert 2000 < shorter < 4000


def test_each_pair_and_three_octets_are_told_alike() -> None:
    """All second and third octets behind those that what has no width begins with."""
    without_invisible = compiled("without_invisible")
    for lead in (0xC1, 0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xEF, 0xF0):
        for second in range(0x80, 0xC0):
            text = b"".join(bytes((lead, second, third, 0x20)) for third in range(0x7E, 0xC2))
            assert without_invisible(text) == html_prefilter.without_invisible_slowly(text)


@pytest.mark.parametrize("name", ["borders_of_markup", "has_digit_edges", "collapse_blanks", "without_invisible"])
def test_they_take_bytes_only(name: str) -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled(name)("text")
