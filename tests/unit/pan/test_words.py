"""The words of a text found at once are those that the expression finds one by one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pansentry.pan.vocabulary import TOKEN
from pansentry.pan.words import words_of

PIECES = (
    "cvv2",
    "cvv2 ",
    "2",
    "22",
    "#",
    "n°",
    "№",
    "card",
    "straße",
    "код",
    "卡号",
    "한국",
    "_",
    "\r\n",
    "\xa0",
    "½",
    "²",
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=12).map("".join), st.integers(0, 5))
@example("order #12: cvv2 737, cvv22", 0)
@example("l'état n° 5", 1)
def test_words_are_those_of_the_expression(text: str, start: int) -> None:
    """Quick and slow way give the same words at the same places, whatever part of a text is asked for."""
    for end in (len(text), max(start, len(text) - 2)):
        found = words_of(text, start, end)
        slow = list(TOKEN.finditer(text, start, end))
        assert list(found.written) == [match[0] for match in slow]
        assert list(found.starts) == [match.start() for match in slow]
        assert [found.end(index) for index in range(len(slow))] == [match.end() for match in slow]


@pytest.mark.parametrize("code", range(0x180))
def test_every_octet_is_a_letter_or_none_as_for_the_expression(code: int) -> None:
    """No character of Latin-1 or right beyond it is taken for a letter by one way only."""
    text = f"a{chr(code)}b {chr(code)}"
    assert list(words_of(text, 0, len(text)).written) == TOKEN.findall(text)
