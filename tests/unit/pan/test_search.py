"""A search that stops: how far it reads, that it says so, and that what it leaves unweighed would not have counted."""

from __future__ import annotations

import random

import pytest
from tests.specimens import PUBLISHED, every_brand, generated

from pansentry import pan
from pansentry.pan import detector, prefilter

VISA = PUBLISHED["visa"][0]
LONG = "".join(f"Visa {VISA} exp 09/28\n" for _ in range(4000))


def test_a_search_stops_after_so_many_findings() -> None:
    """Of a long list of cards a stretch or two is read, and the answer says that there is more."""
    searched = pan.search(LONG, most=100)
    assert searched.is_cut_short
    assert len(searched.findings) > 100
    assert searched.findings[-1].end < 3 * prefilter._LONGEST < len(LONG)


def test_a_search_is_cut_short_at_n_and_one_findings() -> None:
    """As many findings as are allowed are all; one more is too many."""
    text = f"Visa {VISA}\n" * 3
    assert pan.search(text, most=3) == pan.Searched(pan.find(text))
    assert pan.search(text, most=2).is_cut_short


def test_numbers_that_are_no_cards_are_weighed_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that never ends to hold numbers of a scheme's range and check digit is given up, too."""
    monkeypatch.setattr(detector, "MAX_WEIGHED", 50)
    text = f"order card number {VISA[:13]} or {VISA} x\n" * 3000
    assert not pan.search(f"order {VISA}\n" * 20, most=2000).is_cut_short
    assert pan.search(text, most=10**6).is_cut_short


def test_a_number_across_a_cut_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch that is too long is cut with a margin: no card is lost, none is found twice, wherever the cut falls."""
    monkeypatch.setattr(prefilter, "_LONGEST", 1024)
    for shift in range(0, 24, 3):
        text = "x" * shift + f" {VISA[:4]} {VISA[4:8]} {VISA[8:12]} {VISA[12:]};" * 120
        assert len(pan.find(text)) == 120


def _digits(rng: random.Random) -> str:
    brand, length = rng.choice(every_brand())
    number = generated(brand, length, rng)
    groups = rng.choice(([number], list(number), [number[at : at + 4] for at in range(0, len(number), 4)]))
    return rng.choice((" ", "-", ", ", "\n")).join(groups)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_not_weighed_would_not_have_counted(seed: int) -> None:
    """``examine`` weighs every number: it takes those, and only those, that ``find`` finds."""
    rng = random.Random(seed)
    words = ("card number", "order", "exp 09/28", "09/28 737", "cvv 737", "", "", "12", "a;b;c\n", "ref,")
    text = " ".join(rng.choice((rng.choice(words), _digits(rng), str(rng.randrange(10**8)))) for _ in range(150))
    taken = {one.start for one in pan.examine(text) if one.taken and one.kind is pan.Kind.PAN}
    found = {one.start: one.reasons for one in pan.find(text) if one.kind is pan.Kind.PAN}
    assert taken <= found.keys()
    assert all("pieces" in found[start] for start in found.keys() - taken)  # each piece is a finding of its own


FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _disguised(rng: random.Random) -> str:
    number = generated(*rng.choice(every_brand()), rng)
    written = rng.choice(
        (
            [FIGURES[int(digit)] for digit in number],
            [FIGURES[int(digit)] if rng.random() < 0.5 else digit for digit in number],
            [{"0": "O", "1": "l"}.get(digit, digit) for digit in number],
            [*"O4" * rng.randrange(4, 12)],
            ["四五"] * rng.randrange(4, 30),
        )
    )
    return rng.choice((" ", " ", ", ", "")).join(written)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_disguised_and_not_weighed_would_not_have_counted(seed: int) -> None:
    """Neither would what is left out of rows of number words and of letters for digits, a card known or not."""
    rng = random.Random(seed)
    words = ("card number", "order", "exp 09/28", "cvv 737", "my card", "expiry 09/28 code 737", "", "", "a;b\n", "/")
    text = " ".join(rng.choice((rng.choice(words), _disguised(rng), rng.choice(FIGURES))) for _ in range(120))
    for known in (pan.NOTHING_KNOWN, pan.Known(card_in_message=True)):
        taken = {one.start for one in pan.examine(text, known=known) if one.taken and one.kind is pan.Kind.PAN}
        found = {one.start: one.reasons for one in pan.find(text, known=known) if one.kind is pan.Kind.PAN}
        assert taken <= found.keys()
        in_pieces = [found[start] for start in found.keys() - taken]
        assert all("pieces" in reasons or any(r.startswith("spoken") for r in reasons) for reasons in in_pieces)
