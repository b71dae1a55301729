"""Values that replace one another in a sentence, values typed with letters, and numbers that other words claim."""

from __future__ import annotations

import pytest

from pansentry.pan import find

VISA = "4111 1111 1111 1111"


def found(text: str) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text) if f.kind != "pan"]


CORRECTED = [
    "the card runs out 08/28, sorry 09/28",
    "die Karte ist gültig bis 08/28, ich meine 09/28",
    "la carte expire 08/28, pardon 09/28",
    "la tarjeta caduca 08/28, digo 09/28",
    "ważna do 08/28, to znaczy 09/28",
]


@pytest.mark.parametrize("text", CORRECTED)
def test_both_dates_of_a_slip_are_read(text: str) -> None:
    """A date that is corrected in the same sentence goes with the right one."""
    assert found(f"Visa {VISA}, {text}") == [("expiry", "08/28"), ("expiry", "09/28")]


def test_both_codes_of_a_slip_are_read() -> None:
    """So does a code."""
    assert found(f"Visa {VISA}, cvv 519, no sorry 591") == [("cvv", "519"), ("cvv", "591")]


DENIED = [
    "the CVV is not 448 but 484",
    "kód na kartě není 448, ale 484",
    "der CVC ist nicht 448, sondern 484",
    "el CVV no es 448 sino 484",
    "il CVV non è 448 ma 484",
    "CVV не 448, а 484",
    "CVV 448 değil, 484",
]


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_and_what_is_right(text: str) -> None:
    """ "Not this but that": both are read."""
    assert found(f"Visa {VISA}. {text}") == [("cvv", "448"), ("cvv", "484")]


def test_a_denied_date_and_the_right_one() -> None:
    """The same of dates; without "not" the number behind "but" is another thing."""
    assert found(f"Visa {VISA}, la caducidad no es 01/27 sino 10/27") == [("expiry", "01/27"), ("expiry", "10/27")]
    assert found(f"Visa {VISA}, cvv 448, but 484 is my room") == [("cvv", "448")]


@pytest.mark.parametrize(
    ("typed", "code"), [("l84", "184"), ("O84", "084"), ("6l4", "614"), ("1o7", "107"), ("70I", "701")]
)
def test_a_code_typed_with_letters(typed: str, code: str) -> None:
    """Letters that look like zeros and ones are digits right behind the label of a code."""
    assert found(f"card no {VISA}, cvv {typed}") == [("cvv", code)]


@pytest.mark.parametrize("text", ["cvv 10 l", "cvv 1oo%", "cvv 5ol"[:-2]])
def test_amounts_with_letters_are_no_code(text: str) -> None:
    """A unit or too few figures make none."""
    assert found(f"card no {VISA}, {text}") == []


CLAIMED = [
    "booking 7714 - the security code is on the phone",
    "to replace by September 2027, and the three on the back I do not see",
    "lot CVC-312 tubing",
    "die dreistellige Filialnummer 338",
    "Seat | Card\nA12 | 48,00",
]


@pytest.mark.parametrize("text", CLAIMED)
def test_a_number_that_another_word_claims_is_no_code(text: str) -> None:
    """What the word right before a number names is not what the label behind it asks for."""
    assert [value for kind, value in found(f"{text}. Visa {VISA}") if kind == "cvv"] == []


@pytest.mark.parametrize(
    "text", [f"{VISA}/03-2029/471", f"{VISA} / 03/29/471", f"Visa {VISA}\nExpiry: 03\n/2029\nCVV 471"]
)
def test_dates_between_slashes_and_lines(text: str) -> None:
    """A date may have its own mark inside, or its slash on the next line."""
    assert found(text) == [("expiry", "03/29"), ("cvv", "471")]


SAID = [
    ("karta {}, ważna do sierpnia dwa tysiące dwudziestego ósmego trzy cyfry z tyłu dwa jeden cztery", "08/28", "214"),
    ("de kaart {} loopt tot februari negenentwintig en achterop staat vier acht nul stuur maar", "02/29", "480"),
]


@pytest.mark.parametrize(("text", "date", "code"), SAID)
def test_said_in_one_breath(text: str, date: str, code: str) -> None:
    """Of figures said one after the other each reader takes its own, in the language that reads on."""
    assert found(text.format(VISA)) == [("expiry", date), ("cvv", code)]


RULES = [
    "Your credit card must be valid until 01/27. Door code 772",
    "Ihre Kreditkarte muss bis 01/27 gültig sein. Schranken-Code 772",
    "La carte doit être valable jusqu'au 01/27 au moins",
]


@pytest.mark.parametrize("text", RULES)
def test_what_a_card_must_have_is_no_date_of_one(text: str) -> None:
    """Until when somebody's rules want cards to be valid is no card's expiry date."""
    assert found(text) == []


def test_a_second_date_under_a_loose_label() -> None:
    """A card that has a date behind its label takes no other from words that nobody listed."""
    text = f"Mastercard {VISA}, gültig bis 11/28. Termin Fußpflege Do. 10.30 wie gehabt?"
    assert found(text) == [("expiry", "11/28")]


def test_words_on_both_sides_of_an_empty_line_are_two_labels() -> None:
    """The word "Account", an empty line and "card number" are no "account card"."""
    for text in (f"Account\n\nCard number\n{VISA}", f"Account:\nCard number {VISA}"):
        assert "label-card" in find(text)[0].reasons or "label-near" in find(text)[0].reasons


PAID = [f"For my visa application please charge {VISA}", f"Für den Visumantrag bitte belasten: {VISA}"]


@pytest.mark.parametrize("text", PAID)
def test_a_word_of_paying_clears_what_was_named_before(text: str) -> None:
    """What is bidden to be charged is a card, whatever paper the sentence spoke of before."""
    assert len(find(text)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The CVV isn't 448, it's 484.", ["448", "484"]),
        ("Der CVV ist nicht 448, es ist 484.", ["448", "484"]),
        ("Le CVV n'est pas 448, c'est 484.", ["448", "484"]),
        ("Il CVV non è 448, è 484.", ["448", "484"]),
    ],
)
def test_what_it_is_instead(text: str, expected: list[str]) -> None:
    """Whoever says what it is not says what it is behind a comma, too."""
    assert [value for _, value in found(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "My CVV is 448... sorry, I meant 484",
        "CVV 448… pardon 484",
        "Le CVV est 448... pardon, je veux dire 484",
        "CVV 448 was wrong, the right one is 484",
        "The CVV 448 is a typo; it should be 484",
        "Der CVV 448 war falsch, richtig ist 484",
        "El CVV 448 era incorrecto, el correcto es 484",
    ],
)
def test_a_code_that_is_taken_back(text: str) -> None:
    """Behind dots, or behind a word that takes the code back, stands the right one."""
    assert [value for _, value in found(text)] == ["448", "484"]


def test_what_follows_a_code_that_was_taken_back() -> None:
    """A room in the next clause is no code."""
    assert [value for _, value in found("CVV 448 was wrong, please call room 204")] == ["448"]
    assert [value for _, value in found("CVV 448 was wrong, the right room is 204")] == ["448"]


CHARGED = [
    "The booking can be put on {}, please",
    "Invoice 8831 can be booked on {}",
    "La fattura va pagata con {}",
    "La facture est réglée par {}",
    "O bilhete foi pago com {}",
    "La reserva fue pagada con {}",
]


@pytest.mark.parametrize("text", CHARGED)
def test_what_a_thing_is_charged_to(text: str) -> None:
    """What something is booked on or paid with is a card, not the number of the thing."""
    assert [str(f.kind) for f in find(text.format(VISA))] == ["pan"]


def test_codes_behind_the_word_for_a_card_are_no_articles() -> None:
    """ "Visa for booking CVC-519" is a code, "lot CVC-519" the name of goods."""
    assert found("Visa for booking CVC-519") == [("cvv", "519")]
    assert found("lot CVC-519") == []


def test_until_and_four_figures() -> None:
    """MMYY behind "until:" needs a card in the same form: elsewhere it is a time of day or a house."""
    assert found(f"{VISA}\nuntil: 1130") == [("expiry", "11/30")]
    assert found("until: 1130\nCVV: 418") == [("expiry", "11/30"), ("cvv", "418")]
    apart = "Delivery to the house opposite the church, in the yard behind it please"
    assert found(f"{VISA}\n\n{apart}\nuntil: 1130") == []


@pytest.mark.parametrize(
    "text", ["La carta scade ad aprile 2028", "La mia Visa scade ad agosto 2028", "La carta scade a maggio 2028"]
)
def test_italian_words_before_a_month(text: str) -> None:
    """Before a vowel "a" is "ad"."""
    assert [str(f.kind) for f in find(text + ", CVV 418")] == ["expiry", "cvv"]
