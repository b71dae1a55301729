"""Shortcuts of the detector change nothing: what they pass over, the slow way finds nothing in either."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.detection.generator import Sample, positives

from pansentry import pan
from pansentry.pan import disguised, pieces, prefilter
from pansentry.pan.expressions import Seen
from pansentry.pan.pieces import _past_noise
from pansentry.pan.placed import (
    _BEHIND_CODE,
    _BEHIND_DATE,
    _CODE_SIZES,
    _MONTH_OR_DATE,
    _PAIR,
    _PAIR_TURNED,
    _at_digits,
)
from pansentry.pan.scene import Scene
from pansentry.pan.turns import TURN, turn_at
from pansentry.pan.vocabulary import vocabulary

KNOWN = pan.Known(card_in_conversation=True)
TURNS = (
    "> ",
    "| ",
    "\t",
    "<",
    ">",
    "anna",
    " keller",
    ",",
    " ",
    "  ",
    ":",
    "[18:05]",
    "18:05",
    "(9:30 am)",
    "½x",
    "12.5.2026, 9:15",
    "\n",
)
NOISY = (
    "12:30",
    "12",
    ".",
    "4.5.2026",
    "3rd",
    "1st ",
    "5 ",
    "7-x",
    "4111 ",
    "123456",
    "-",
    "/",
    "2)",
    "e",
    "er ",
    "\n",
    "1",
    "01/28",
    " of ",
)
NOISE = re.compile(
    r"[0-9](?:[0-9]?:[0-9]{2}(?::[0-9]{2})?|[0-9]{0,3}[./\-][0-9]{1,2}[./\-][0-9]{2,4}"
    r"|[0-9]{0,4}(?:st|nd|rd|th|er|ere|e|eme)\b|(?<![0-9][0-9])(?![0-9])(?=[ ]?[.):]|[ \-]?[^\W\d_]))"
)
PAIRS = ("09/28", "9", "0928", "737", "1234", " ", ",", "\r\n", " and ", "/", "-", ";", "2028", ".", "|", "x")


@given(st.lists(st.sampled_from(TURNS), max_size=10).map("".join), st.integers(0, 3))
@example("> 18:05 Anna: 737", 0)
@example("<anna> 737", 0)
def test_the_header_of_a_turn_is_told_by_its_first_characters(text: str, start: int) -> None:
    """A line that is passed over has neither time nor name in front; any other is read by the expression."""
    start = min(start, len(text))
    for end in (len(text), max(start, len(text) - 4)):
        slow, quick = TURN.match(text, start, end), turn_at(text, start, end)
        expected = slow.groupdict() if slow is not None else {"stamp": None, "name": None}
        assert (quick.groupdict() if quick is not None else {"stamp": None, "name": None}) == expected
        assert quick is None or slow is None or quick.span() == slow.span()
        assert quick is not None or slow is None or slow.end() == start


@given(st.lists(st.sampled_from(NOISY), max_size=14).map("".join))
def test_noise_is_found_at_the_groups_that_can_begin_it(text: str) -> None:
    """Groups inside of times, dates and counts are those that the expression over the whole text covers."""
    noise = [match.span() for match in NOISE.finditer(text)]
    scene = Scene(text, 0, len(text), vocabulary())
    quiet = reach = 0
    for start, end in scene.groups:
        if quiet < end and (end - start == 1 or text[end : end + 1] in pieces._NOISY):
            quiet = _past_noise(text, end, len(text))
            reach = max(reach, quiet)
        covered = max((last for first, last in noise if first < end), default=0)
        assert (start < reach) == (start < covered)


@given(st.lists(st.sampled_from(PAIRS), max_size=10).map("".join))
def test_pairs_are_looked_for_where_a_mark_follows(text: str) -> None:
    """Date and code that stand together are found as by an expression tried at every group of digits."""
    scene = Scene(text, 0, len(text), vocabulary())
    for pattern, sizes, behind in (
        (_PAIR, _MONTH_OR_DATE, _BEHIND_DATE),
        (_PAIR_TURNED, _CODE_SIZES, _BEHIND_CODE),
    ):
        slow, position = [], 0
        for at, to in scene.groups:
            match = pattern.match(text, at) if at >= position and to - at in sizes else None
            if match is not None:
                position = match.end()
                slow.append(match.span())
        assert [match.span() for match in _at_digits(scene, pattern, sizes, behind)] == slow


def _halved_or_reversed() -> list[Sample]:
    wanted = [sample for sample in positives(3000, seed=8) if sample.category in ("halves", "reversed")]
    return random.Random(1).sample(wanted, 120)


def test_halves_and_reversed_numbers_are_looked_for_where_they_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a card is known they are found as if every text announced them."""
    samples = _halved_or_reversed()
    found = [pan.find(sample.text, known=KNOWN) for sample in samples]
    second = prefilter._second()
    monkeypatch.setattr(prefilter, "_second", lambda: lambda data: {**second(data), Seen.HALF: 0, Seen.REVERSED: 0})
    assert [pan.find(sample.text, known=KNOWN) for sample in samples] == found
    assert sum(map(len, found)) > 100


ORDERS = "Order 4711-22 of 12.05.2026 ships to 12345 Berlin, 20 EUR; call +49 30 1234567 until 18:00.\n"
TALK = "four of us walked one mile or two, then 5 o'clock and 12 miles, 4012 8888 people and 8888 1881 dogs\n"


@pytest.mark.parametrize("seed", range(10))
def test_disguised_numbers_are_looked_for_where_words_about_cards_reach(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a long text with words about cards here and there nothing is passed over that a look at all of it takes."""
    rng = random.Random(seed)
    wanted = ("halves", "reversed", "letters", "table", "words")
    samples = [sample.text for sample in positives(600, seed=seed) if sample.category.partition(":")[0] in wanted]
    text = "".join(
        rng.choice(samples) + "\n" + rng.choice((ORDERS, TALK)) * rng.choice((0, 3, 30, 60)) for _ in range(8)
    )
    quick = [(pan.find(text, known=known), pan.examine(text, known=known)) for known in (pan.NOTHING_KNOWN, KNOWN)]
    monkeypatch.setattr(disguised, "card_reach", lambda scene: ((scene.start, scene.end),))
    slow = [(pan.find(text, known=known), pan.examine(text, known=known)) for known in (pan.NOTHING_KNOWN, KNOWN)]
    assert quick == slow
