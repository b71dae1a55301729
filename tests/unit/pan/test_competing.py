"""Competing readings: which of two numbers is the code, which of two dates the card's, and what only looks like one."""

from __future__ import annotations

import pytest

from pansentry.pan import find

VISA = "4111 1111 1111 1111"
CARD = ("pan", "4111111111111111")


def found(text: str) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text)]


@pytest.mark.parametrize(
    "other",
    [
        "invoice 5518 (due date 01-12-2028)",
        "camping card 116 270 9, valid until 12/27",
        "room: double (code 217)",
        "security number 281 934 557 of the certificate",
    ],
)
def test_another_things_date_or_code_stays(other: str) -> None:
    """Days, papers with numbers in groups, a mere "code" and the begin of a long number yield to what is the card's."""
    card = f"Visa {VISA}\nexpiry date 06/30\nCVC 336"
    assert found(f"{card}\n\n{other}") == [CARD, ("expiry", "06/30"), ("cvv", "336")]


def test_in_a_table_the_column_decides() -> None:
    """What stands under the head of codes is one, whatever its shape; the next column is none."""
    rows = "name\tcard\tCID\nAnn\t378282246310005\t7373\nBen\t371449635398431\t1234\n"
    assert [value for kind, value in found(rows) if kind != "pan"] == ["7373", "1234"]
    rows = f"| card | until | code | sum |\n| {VISA} | 02/28 | 904 | 318,00 |\n"
    assert found(rows) == [CARD, ("expiry", "02/28"), ("cvv", "904")]


def test_a_denied_card_speaks_for_nothing() -> None:
    """ "Not as a payment card" is no word about a payment card."""
    assert found("Voucher 88123\nPIN (scratch) 739\nIt works only in our shop, not as a payment card.") == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"Visa {VISA}, CVV was 118, the new one is 603", [("cvv", "118"), ("cvv", "603")]),
        (f"Visa {VISA}, expires 11/26, now 11/31", [("expiry", "11/26"), ("expiry", "11/31")]),
        (f'Visa {VISA}. In the field "CVV" I put 29, it should be 291.', [("cvv", "291")]),
    ],
)
def test_what_takes_the_place_of_another(text: str, values: list[tuple[str, str]]) -> None:
    """Who renews or puts right a value says the new one behind words for now, new or should be."""
    assert found(text) == [CARD, *values]


@pytest.mark.parametrize("order", ["exp_year=2028\n  exp_month=02", "exp_month=02\n  exp_year=2028"])
def test_month_and_year_in_either_order(order: str) -> None:
    """Fields of their own for month and year make one date."""
    assert found(f"card_number={VISA.replace(' ', '')}\n  {order}\n  cvv=228").count(("expiry", "02/28")) == 2


def test_a_fields_name_labels_the_value_of_its_tag() -> None:
    """The attributes between the name of a field and its value do not part them."""
    tags = '<input name="cvc" maxlength="4" value="640">\n<input name="phone" maxlength="4" value="0113">'
    assert found(tags) == [("cvv", "640")]


@pytest.mark.parametrize(
    "before",
    ["Not by transfer, but {} (Visa) 12/28 CVV 737", "The deposit {} will be fine, it expires 12/28, the code is 737."],
)
def test_date_and_code_behind_a_number_tell_whose_it_is(before: str) -> None:
    """Whatever word stands before it, a number with date and code right behind it is a card's."""
    assert found(before.format(VISA)) == [CARD, ("expiry", "12/28"), ("cvv", "737")]
    assert found("account=4111111111111111&cvv=737") == [CARD, ("cvv", "737")]
    assert CARD not in found(f"The coupon {VISA} is not accepted. It says valid until 12/27 and the code is 610.")


def test_a_clause_parts_a_label_from_a_number() -> None:
    """What the telephone does is no label of the number that follows."""
    assert found(f"no sorry the phone gets it wrong I will type it {VISA}") == [CARD]


def test_numbered_answers_and_remarks_in_brackets() -> None:
    """Answers to a list keep their order; what a bracket says of a date parts it from no code."""
    card = [CARD, ("expiry", "11/27"), ("cvv", "084")]
    assert (
        found(f"> please send your card: 1) number 2) date 3) code\n\n1) {VISA}\n2) 11/27 (no deadline)\n3) 084")
        == card
    )
    assert found(f"my card for the food: {VISA} (11/27, so be quick), 084.") == card


def test_the_next_sentence_of_a_quoted_line_takes_no_answer() -> None:
    """A room number behind the full stop does not answer for the code that was asked for."""
    mail = (
        f"> > Card: {VISA}\n>\n> Thanks, the code from the back is missing. Your room is 318.\n\nOh, 813. Can I swap?"
    )
    assert found(mail) == [CARD, ("cvv", "813")]


def test_french_not_is_no_number() -> None:
    """ "n'a pas" neither counts nor names a passport."""
    assert found(f"Ma carte est la même, le numéro n'a pas bougé : {VISA}.") == [CARD]


@pytest.mark.parametrize(
    "text",
    [
        "Legitymacja nr 4417 228, karta pracy (RCP) 6759 0041 2773 1802, czytnik 2",
        "Wir haben Ihre Kundenkarte gefunden, Karten-Nr. 6104 2210 0387 5519.",
        "Vagone 4, posti 11A 11B\nTitolo 1: 2710 8824 1153 0098    Titolo 2: 2710 8824 1153 1104",
        "eGK Kennnummer 80276 88311 0412 3850 17\nKarte gültig bis 09/29",
        "For the visa I have: number 107442318, issued 03/21, expires 03/31.",
    ],
)
def test_papers_of_another_kind(text: str) -> None:
    """Cards of an unknown kind, counted tickets, health cards and papers with a day of issue are none of payment."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (f"la tarjeta {VISA}. Mes y año: 09 27. Detrás pone 353.", "09/27"),
        (f"le numéro de la carte est {VISA} elle marche jusqu'en avril vingt-huit", "04/28"),
        (f"la carta numero\n{VISA}\nsotto c'è scritto 09/30 e dietro 240", "09/30"),
        (f"Karte: {VISA}. Mein Ausweis ist sehr ähnlich. Ablauf: März 2028.", "03/28"),
    ],
)
def test_dates_behind_other_words(text: str, date: str) -> None:
    """Month and year named together, said, on the line below, or behind a sentence about something else."""
    assert ("expiry", date) in found(text)
