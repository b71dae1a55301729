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


@pytest.mark.parametrize(
    "text",
    [
        "Toner expires 08/27, code on the back 418.",
        "The filter cartridge expires 08/27, number on the back 418.",
        "Die Kartusche läuft ab 08/27, auf der Rückseite steht 418.",
        "La cartouche expire 08/27, code au dos 418.",
        "Your parking pass\nCode: 884\nValid until: 05/28",
        "Fahrkarte\nPrüfcode: 884\nGültig bis: 05/28\nInhaber: Hans Meier",
    ],
)
def test_things_that_no_file_lists_have_backs_too(text: str) -> None:
    """What a sentence says to expire, or a heading names, owns date and mere code where nothing speaks of a card."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Prüfcode: 884\nGültig bis: 05/28\nInhaber: Hans Meier",
        "Validation code: 884\nValid until: 05/28\nHolder: John Smith",
        "Valid until: 05/28\nHolder: John Smith\nValidation code: 884",
    ],
)
def test_the_fields_of_a_form(text: str) -> None:
    """A form with a code of validation and a date is a card's, in whatever order its fields stand."""
    assert sorted(found(text)) == [("cvv", "884"), ("expiry", "05/28")]


def test_a_thing_that_expires_and_a_cards_own_code() -> None:
    """A CVV is a card's whatever else expires; "it" and a name are no things."""
    assert ("cvv", "418") in found("Our toner expires 08/27. CVV 418")
    assert len(found("it expires 08/27, number on the back 418")) == 2


def test_labelled_values_beside_a_number_make_it_a_cards() -> None:
    """What the sentence buys is no label of a number beside which an expiry date and a CVV stand."""
    text = f"Please charge the gift certificate order to {VISA}, expiry 08/28, CVV 519."
    assert [str(f.kind) for f in find(text)] == ["pan", "expiry", "cvv"]
    assert [str(f.kind) for f in find(f"gift certificate {VISA} exp 09/28 cvv 418")] == ["pan", "expiry", "cvv"]
    assert find(f"gift certificate {VISA}, valid until 09/28, code 418") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Library card numbers go on the form. Cards expire 07/27.",
        "Ihre neue Gesundheitskarte liegt bei.\nKartennummer 80276 88311 0112183223\ngültig bis 09/31",
        "Twoja karta miejska jest gotowa. Karta jest ważna do 07/27.",
    ],
)
def test_a_mere_card_takes_up_the_one_spoken_of(text: str) -> None:
    """ "The card" behind a library card is that card, and its date none of a payment card."""
    assert found(text) == []


def test_a_credit_card_behind_another_one() -> None:
    """Whoever says "credit card" speaks of another one; and "card" takes up that."""
    text = "My library card is lost. My credit card came. The card expires 07/27, CVV 418."
    assert found(text) == [("expiry", "07/27"), ("cvv", "418")]


def test_the_name_of_a_voucher_in_front_of_its_date() -> None:
    """A number with letters in front is a number of its own."""
    assert found(f"Card {VISA}, exp 02/30, CVV 455. VCH-165742, valid until 12/26") == [
        ("expiry", "02/30"),
        ("cvv", "455"),
    ]


def test_days_of_a_stay() -> None:
    """From a day to a day is no expiry date, whatever stands before."""
    assert found(f"Card {VISA}. Valid: 15.01.2027 - 17.01.2027") == []


def test_the_day_of_a_header_is_no_expiry_date() -> None:
    """The name of a month between a day and a year makes it a day."""
    assert found(f"Date: Mon, 03 Nov 2025 18:40:02 -0500\nSubject: Visa {VISA}") == []
