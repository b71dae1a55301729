"""How much work detection makes, counted and not timed: passes of the engines, sieves, searches for labels, calls.

Bounds are what was measured and a little, exact where the number is a promise: who makes a path longer raises it here.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType

import pytest
from tests.specimens import PUBLISHED

from pansentry import pan
from pansentry.pan import engines, gate, labelled_dates, labels, lookalikes, pans, prefilter, sieve
from pansentry.pan.options import NOTHING_KNOWN, Known

VISA = PUBLISHED["visa"][0]
PROSE = "We met to talk about the plans for the next season and what has to be done before the shop opens again. "
ORDERS = "Order 4711-22 of 12.05.2026 ships to 12345 Berlin, 20 EUR; call +49 30 1234567 until 18:00. "
TABLE = "order,article,parcel\n" + "".join(
    f"{4000000000 + 7919 * row},{4000000000000 + 104729 * row},{row:012}\n" for row in range(3000)
)


class Work:
    """Counts calls of our own code by function while a text is searched."""

    def __init__(self, text: str, known: Known = NOTHING_KNOWN) -> None:
        self._calls: Counter[CodeType] = Counter()

        def seen(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                self._calls[frame.f_code] += 1

        pan.find(text, known=known)
        sys.setprofile(seen)
        try:
            pan.find(text, known=known)
        finally:
            sys.setprofile(None)

    def of(self, function: Callable[..., object]) -> int:
        """Return how often a function was called; a generator counts once for each item, too."""
        return self._calls[function.__code__]

    @property
    def all(self) -> int:
        """Return how many calls there were in our own code."""
        return sum(count for code, count in self._calls.items() if "pansentry" in code.co_filename)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    pan.warm_up()


@pytest.mark.parametrize("text", [PROSE * 20, ORDERS * 20, PROSE * 1000], ids=["prose", "orders", "long"])
def test_ordinary_text_costs_one_look(text: str) -> None:
    """Digits, words and foreign characters are asked for together; nothing is folded, sieved or taken apart."""
    work = Work(text)
    assert work.of(engines.Started.__call__) == 1
    assert work.of(sieve.numbers) == work.of(labels.labels_of) == 0
    assert work.all <= 8


def test_a_mail_with_a_card_is_taken_apart_once() -> None:
    """Labels are looked for once, numbers sieved once to look and once to find, in 2 KB around a card."""
    work = Work(PROSE * 9 + f"\nplease charge my Visa {VISA} exp 09/28 cvv 737\n" + PROSE * 9)
    assert work.of(labels.labels_of) == 1
    assert work.of(gate.holds_number) <= 3
    assert work.of(pans.weigh) <= 2
    assert work.of(engines.Started.__call__) <= 9
    assert work.all <= 5000


def test_a_table_of_numbers_is_sieved_and_not_read() -> None:
    """A hundred kilobytes of identifiers cost slices of the sieve and no look at any group."""
    work = Work(TABLE)
    assert len(TABLE) > 100_000
    assert work.of(pans.candidates) == work.of(labels.labels_of) == 0
    assert work.of(prefilter._look) == 1
    assert work.of(engines.Started.__call__) <= 6
    assert work.all <= 11_000  # two for each line, some for each number whose first digits and sum are a card's


@pytest.mark.parametrize(
    ("unit", "calls"),
    [("4 ", 0.02), ("cvv?\n", 1.0), ("4111 ", 0.02), ("41", 0.01), ("cvv ", 0.7), ("card 4 ", 0.2)],
)
def test_hostile_text_costs_so_many_calls_a_byte(unit: str, calls: float) -> None:
    """Texts made of what costs most stay within their budget, however long they are."""
    for size in (20_000, 60_000):
        assert Work(unit * (size // len(unit))).all <= calls * size + 2000


@pytest.mark.parametrize(("unit", "most"), [("<b>4", 500), ("O4 ", 600), ("4 l ", 450), ("four ", 1)])
def test_far_from_words_about_cards_nothing_disguised_is_weighed(unit: str, most: int) -> None:
    """On one long line what looks like a disguised number is read only where the words on it reach, card or not."""
    known = Known(card_in_message=True)
    costs = [
        Work(f"card {VISA} exp 09/28 cvv 737 " + unit * (size // len(unit)), known).of(pans.weigh)
        for size in (20_000, 60_000)
    ]
    assert costs[1] <= costs[0] <= most


def among_words(unit: str, size: int) -> str:
    """Return a text of one unit over and over, with words about a card every five hundred characters."""
    part = unit * (500 // len(unit) + 1) + " card cvv exp "
    return part * (size // len(part) + 1)


@pytest.mark.parametrize("unit", ["O4 ", "<b>4", "四五", "four "])
def test_what_can_not_become_a_card_is_weighed_roughly(unit: str) -> None:
    """Of the thousands of numbers in a long row of disguised figures next to none is looked at closely."""
    for size in (20_000, 60_000):
        work = Work(among_words(unit, size))
        assert work.of(pans.weigh) <= size
        assert work.of(lookalikes.touching) <= size // 5000


@pytest.mark.parametrize("unit", ["1. 4\n", "[1] 4 ", "четыре один "])
def test_rules_of_other_numbers_are_for_what_may_be_a_card(unit: str) -> None:
    """Whether a number is a telephone number or an article's is not asked of what falls short anyway."""
    for size in (20_000, 60_000):
        assert Work(among_words(unit, size)).of(lookalikes.own_rules) <= size // 500


def test_a_long_text_is_not_cut_within_a_word() -> None:
    """Where a long text is parted no piece of a word becomes another ("un"): without a value no label is followed."""
    for size in (10_000, 100_000):
        assert Work(among_words("valid until ", size)).of(labelled_dates.labelled_date) == 0
