"""Whose a date, a code or a number is: the card's, or another paper's or thing's."""

from __future__ import annotations

import pytest

from pansentry.pan import find

VISA = "4111 1111 1111 1111"
TYPED_WRONG = "4111-1111-1111-1112"  # no right check digit: no card's


def found(text: str) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text)]


@pytest.mark.parametrize(
    "paper",
    [
        "Personalausweis von Eva:\nT22K7418R, gültig bis 14.06.2030.",
        "Cartão de cidadão 06365882 2 ZX4, válido até 11/2029.",
        f"Exemption card no. of the mission: {TYPED_WRONG}, valid until 12/2031.",
        "職員証 20608447、期限 2031年3月。",
    ],
)
def test_a_paper_with_a_number_of_its_own_has_the_date_behind_it(paper: str) -> None:
    """A number that is no card's right before a label takes the date; the card near keeps its own."""
    card = [("pan", VISA.replace(" ", "")), ("expiry", "08/29"), ("cvv", "174")]
    assert found(f"Visa {VISA}, expires 08/29, CVV 174.\n\n{paper}") == card


def test_a_number_with_a_slip_keeps_its_date() -> None:
    """Where no other card is, a number as long as a card's may be one that was mistyped."""
    assert found(f"Card {TYPED_WRONG}, expires 12/31, CVV 174") == [("expiry", "12/31"), ("cvv", "174")]


@pytest.mark.parametrize(
    "text",
    ["CVC    Canal Valley Clinic 118 (practice 118)", "bull: cvv* 118, lot 5165\n* cvv = croissance vitesse viande"],
)
def test_letters_that_are_said_to_stand_for_other_words_label_no_code(text: str) -> None:
    """Whoever spells an abbreviation out says what it means."""
    assert found(text) == []


def test_letters_that_stand_for_the_code_label_it() -> None:
    """A code's own words behind its letters change nothing."""
    assert found("CVV (Card Verification Value) 737, exp 09/28") == [("cvv", "737"), ("expiry", "09/28")]


@pytest.mark.parametrize(
    "denial",
    [
        "The card is not a payment card.",
        "Cette carte n'est pas une carte de paiement.",
        "Dies ist keine Zahlungskarte.",
    ],
)
def test_what_is_said_to_be_no_payment_card_is_none(denial: str) -> None:
    """A mere "card" is what the mail says that it is."""
    assert found(f"Card number: {VISA}\nValid until: 12/29\n\n{denial}") == []


def test_who_has_no_bank_card_may_have_another() -> None:
    """Only what is said of the card counts, not that there is no other one."""
    assert ("pan", VISA.replace(" ", "")) in found(f"No bank card here, please take card {VISA}")


def test_a_card_with_a_short_number_is_none_that_pays() -> None:
    """ "Card" with a number right behind it that no payment card has speaks of no date's card."""
    assert found("Karte Nr. 0079124677, gültig bis 06/2027") == []


@pytest.mark.parametrize("name", ["CC-Tag (vorn):", "karta gwar. nr"])
def test_a_word_for_card_that_begins_another_name(name: str) -> None:
    """What stands behind "card" with a hyphen, or shortened before "number", says what kind it is."""
    assert found(f"{name} {VISA}") == []
    assert found(f"karta kred. nr {VISA}") == found(f"karta firm. nr {VISA}") == [("pan", VISA.replace(" ", ""))]


def test_a_day_is_no_expiry_date_beside_one() -> None:
    """ "27/11" is a day where the card has a date that is none; alone it may be year and month."""
    assert ("expiry", "11/27") not in found(f"O prazo é 27/11. Visa {VISA}, val. 02/28, CVV 790.")
    assert ("expiry", "09/28") in found(f"Visa {VISA}, expiry 28/09, CVV 737")


def test_a_number_in_a_list_is_of_the_kind_of_the_one_before() -> None:
    """What labels the first of two numbers that are written alike labels both."""
    assert found("Library card numbers: 4716 0083 3188 0724 (Ben), 4716 0079 5016 1077 (Eve).") == []


def test_names_that_end_in_id_label_nothing() -> None:
    """ "Astrid" is no key of data, "bookingid" is."""
    assert found(f"Astrid: {VISA}") == [("pan", VISA.replace(" ", ""))]
    assert found(f"bookingid: {VISA}") == found(f"userid: {VISA}") == []


def test_the_key_of_a_field_names_its_number() -> None:
    """A number that only context makes a card is what the field is called."""
    assert found("Your credit card was charged.\nCodice avviso pagoPA   3020 9764 2965 2247 376") == []


def test_telephone_numbers_in_pairs_make_no_card() -> None:
    """Five pairs with a nought in front are a French telephone number, in whatever they are cut."""
    assert found("carte : voir plus bas\nA. Martin - 06 55 50 11 84 - 02 98 55 50 17") == []
    assert found("carte 49 70 33 88 68 97 59 23") == [("pan", "4970338868975923")]


def test_a_sentence_ends_behind_figures_too() -> None:
    """What expires in the sentence behind "CVV 174." is its own subject's, not the card's."""
    said = found(f"Card {VISA}, expires 08/29, CVV 174. My EHIC expires 03/2030.")
    assert said == [("pan", VISA.replace(" ", "")), ("expiry", "08/29"), ("cvv", "174")]


def test_a_postal_code_owns_no_date() -> None:
    """Four digits and two letters are an address of the Netherlands, not a paper's number."""
    assert ("expiry", "03/30") in found(f"Card {VISA}\nName J Smith\nPostcode 1012AB expires 03/30")


def test_a_list_of_many_numbers_is_read() -> None:
    """Each looks at a few before it only, however long the list is."""
    assert len(found(", ".join([VISA] * 1500))) == 1500
