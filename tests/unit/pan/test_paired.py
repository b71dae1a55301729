"""What a code and a date beside it say of one another, and whose they are."""

from __future__ import annotations

import pytest

from pansentry.pan import Known, find

VISA = "4111 1111 1111 1111"
THINGS = [
    "My membership runs until 09/28, code on the back 418, locker 12.",
    "Ma carte de fidélité expire 09/28, numéro au dos 418.",
    "O cartão do ginásio expira 09/28, código atrás 418.",
    "The passport expires 09/28; three digits on the back cover: 418.",
    "Bahncard gültig bis 09/28, hinten steht 418.",
]


def found(text: str, known: Known | None = None) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text, known=known or Known()) if f.kind != "pan"]


@pytest.mark.parametrize("text", THINGS)
def test_a_thing_with_a_date_has_a_back_of_its_own(text: str) -> None:
    """Where no card is near, what stands on the back of a thing that expires is no card's code, nor is its date."""
    assert found(text) == []


def test_a_card_near_keeps_its_code() -> None:
    """The same words beside a card, or in a conversation that has one, speak of the card."""
    assert ("cvv", "418") in found(f"My membership runs until 09/28. Visa {VISA}, code on the back 418")
    assert ("cvv", "418") in found(
        "Membership runs until 09/28, code on the back 418", Known(card_in_conversation=True)
    )


def test_a_label_that_says_card_speaks_of_a_card() -> None:
    """An order's number right before "card expiry" does not take the date."""
    assert found("To order 771204, what was missing: card expiry 12/30, code on the back 019") == [
        ("expiry", "12/30"),
        ("cvv", "019"),
    ]


def test_a_code_said_past_unknown_words() -> None:
    """Words that nobody listed may stand between a label and "is", where the sentence speaks of a card."""
    assert found("The security code of my card, hopefully legible, is 406.") == [("cvv", "406")]
    assert found("The security code, hopefully legible, is 406.") == []


def test_articles_are_no_abbreviations() -> None:
    """A German article is no tax number that a date could belong to."""
    text = "Meine Karte hat jetzt ein neues Ablaufdatum, nämlich 10/28, und der CVC lautet 418."
    assert found(text) == [("expiry", "10/28"), ("cvv", "418")]


def test_a_back_that_is_said_to_be_a_cards() -> None:
    """The date of a membership does not take the code that stands on the back of a Visa."""
    text = "My membership is valid until 09/28. The security code on the back of my Visa is 418."
    assert [str(one.kind) for one in find(text)] == ["cvv"]
