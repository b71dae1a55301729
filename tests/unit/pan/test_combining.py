"""Codes by where they stand on a card, in any order of words."""

from __future__ import annotations

import pytest

from pansentry.pan import find

NUMBER = "4111 1111 1111 1111"


def codes(text: str) -> list[str]:
    return [finding.reveal() for finding in find(text) if finding.kind == "cvv"]


@pytest.mark.parametrize(
    "words",
    [
        "the thing on the back is 737", "737 on the back", "three little secret numbers 737", "check number 737",
        "behind the card: 737", "next to my signature: 737", "ззаду цифри: 737", "цифри ззаду: 737",
        "das Ding hinten ist 737", "atrás dice 737",
        "lo que hay detrás es 737", "le petit code derrière 737", "Het getal achterop is 737",
        "I wrote the wrong code this morning, it is 737", "on the strip there is 1111 and then 737", "code: |7|3|7|",
    ],
)  # fmt: skip
def test_everyday_words_for_a_code(words: str) -> None:
    """Where it stands on the card is enough of a label near the card's number."""
    assert codes(f"My card {NUMBER}. We look forward to it.\n{words}.\nThanks") == ["737"]


@pytest.mark.parametrize(
    "words",
    ["3 seats at the back, row 737", "on the back of the house we have 737 EUR of plants", "the back yard has 737 m2"],
)
def test_what_else_is_at_the_back(words: str) -> None:
    """Rows, sums and sizes at the back of something are no codes."""
    assert codes(f"My card {NUMBER}. We look forward to it.\n{words}.\nThanks") == []


def test_list_markers() -> None:
    """Number, date and code in a numbered list are those of one card."""
    text = f"1) {NUMBER}\n2) 09/28\n3) 737\n"
    assert [(str(f.kind), f.reveal()) for f in find(text)][1:] == [("expiry", "09/28"), ("cvv", "737")]
