"""What the detector finds and leaves, one behaviour a test."""

from __future__ import annotations

import pickle

import pytest
from tests.specimens import NO_LUHN, PUBLISHED

from pansentry.pan import DetectOptions, Finding, Kind, Known, examine, find

VISA = PUBLISHED["visa"][0]
AMEX = PUBLISHED["amex"][0]


def kinds(text: str, options: DetectOptions | None = None, known: Known | None = None) -> list[tuple[str, str]]:
    found = find(text, options or DetectOptions(), known or Known())
    return [(str(finding.kind), text[finding.start : finding.end]) for finding in found]


FOUND = [
    ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("2026 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("Card: 3782 822463 10005\n3 people", ["3782 822463 10005"]),
    ("card 4111\u200b1111\u00ad11111111", ["4111\u200b1111\u00ad11111111"]),
    ("４１１１　１１１１　１１１１　１１１１", ["４１１１　１１１１　１１１１　１１１１"]),
    ("カード番号は4111111111111111です", ["4111111111111111"]),
    ("> card number\r\n> 4111\r\n> 1111\r\n> 1111\r\n> 1111", ["4111\r\n> 1111\r\n> 1111\r\n> 1111"]),
    ("5105105105105100, 4111111111111111", ["5105105105105100", "4111111111111111"]),
    ("credit card 4O12 8888 888B I88I", ["4O12 8888 888B I88I"]),
    ("my card backwards: 1111111111111114", ["1111111111111114"]),
    ("first half of my card 41111111, the rest is 11111111", ["41111111", "11111111"]),
    ("card: four one one one one one one one one one one one one one one one", ["four" + " one" * 15]),
    ("https://shop.example/pay?card=4111111111111111", ["4111111111111111"]),
    ('{"card_number": "4111111111111111"}', ["4111111111111111"]),
    ("card number 4111%201111%201111%201111", ["4111%201111%201111%201111"]),
]


@pytest.mark.parametrize(("text", "wanted"), FOUND, ids=[text[:24] for text, _ in FOUND])
def test_numbers_are_found(text: str, wanted: list[str]) -> None:
    """The number is found as it is written, and nothing beside it."""
    assert [found for kind, found in kinds(text) if kind == "pan"] == wanted


LEFT = [
    "Order number 4111111111111111",
    "Bestellnummer: 4111 1111 1111 1111",
    "注文番号：4111111111111111",
    "SIM card number 4111111111111111",
    "https://x.example/status/4111111111111111",
    "<4111111111111111.7@mail.example>",
    "0.4111111111111111",
    "id 41111111-1111-4111-8111-111111111111",
    "a4111111111111111f",
    "USPS 9400 4111 1111 1111 1111 22",
    "4006381333931",
    "XXXX XXXX XXXX 1111",
    "We never ask for your CVV. Room 314 is ready.",
    "The offer is valid until 12/28",
    "Use discount code 737 before 12/28",
    "My passport expires 09/2028",
    "12.05.2028 and 3/4 of 737",
    *NO_LUHN,
]


@pytest.mark.parametrize("text", LEFT)
def test_others_are_left(text: str) -> None:
    """Numbers of other kinds, and words about codes and dates, are left alone."""
    assert kinds(text) == []


VALUES = [
    ("card 4111111111111111 exp 09/28 cvv 737", [("expiry", "09/28"), ("cvv", "737")]),
    ("4111111111111111 09/28 737", [("expiry", "09/28"), ("cvv", "737")]),
    ("card 41111111111111110928737", [("expiry", "0928"), ("cvv", "737")]),
    ("exp: 09/28, cvv: 737", [("expiry", "09/28"), ("cvv", "737")]),
    ("Here is the security code: 737", [("cvv", "737")]),
    ("CVV (3 digits on the back): 737", [("cvv", "737")]),
    ("cvv seven three seven", [("cvv", "seven three seven")]),
    ("Visa 4111111111111111 valid until September 2028", [("expiry", "September 2028")]),
    ("Card 4111111111111111\nExp. month: 9\nExp. year: 2028", [("expiry", "9"), ("expiry", "2028")]),
    (f"Amex {AMEX} CID 3141", [("cvv", "3141")]),
    ("Name;Card;Expiry;CVV\nA;4111111111111111;09/28;737", [("expiry", "09/28"), ("cvv", "737")]),
    ("card 4111111111111111, 250 EUR", []),
    ("card 4111111111111111 3 people", []),
]


@pytest.mark.parametrize(("text", "wanted"), VALUES, ids=[text[:30] for text, _ in VALUES])
def test_codes_and_dates(text: str, wanted: list[tuple[str, str]]) -> None:
    """Codes and expiry dates are found by label and by place, amounts and counts are not."""
    assert [item for item in kinds(text) if item[0] != "pan"] == wanted


@pytest.mark.parametrize(
    "track",
    [
        "%B4111111111111111^DOE/JOHN^28091010000000000?",
        ";4111111111111111=28091010000000000?",
        "4111111111111111=2809101",
        "4111111111111111D28091010000000000F",
    ],
)
def test_tracks_are_found_in_full(track: str) -> None:
    """Stripe data is one finding from the first to the last sentinel."""
    assert kinds(f"swipe {track} end") == [("track", track)]


def test_a_telephone_number_beside_a_card_stays() -> None:
    """An area code that could be month and year, and the three digits behind it, are no expiry date and no code."""
    for phone in ("0711 / 685 12 34", "0711/685 12 34", "0711 685-1234", "0221 472 555"):
        assert [kind for kind, _ in kinds(f"card {VISA}\n\nplease call {phone}.")] == ["pan"], phone


def test_follow_up_needs_a_known_card() -> None:
    """Expiry date and code alone are read only where a card is known."""
    assert kinds("09/28 737") == []
    assert kinds("09/28 737", known=Known(card_in_conversation=True)) == [("expiry", "09/28"), ("cvv", "737")]


def test_own_numbers_are_left() -> None:
    """A format the business declared as its own is no card."""
    options = DetectOptions(own_numbers=("4111 11## #### ####",))
    assert kinds("4111 1111 1111 1111", options) == []
    assert kinds("5555 5555 5555 4444", options) != []


def test_test_numbers_can_be_ignored() -> None:
    """A policy may leave published test numbers alone."""
    assert kinds(VISA, DetectOptions(ignore_test_numbers=True)) == []


def test_brands_can_be_limited() -> None:
    """A policy that names brands gets those only."""
    assert kinds(VISA, DetectOptions(brands=frozenset({"amex"}))) == []


def test_spreadsheet_zero_is_completed() -> None:
    """Fifteen digits and a zero under a card's head give the number with its check digit restored."""
    finding = find("Card number\n4111111111111110")[0]
    assert finding.reveal() == VISA
    assert "spreadsheet" in finding.reasons


def test_pieces_share_the_value() -> None:
    """Each piece of a number in pieces is a finding with the whole number as its value."""
    found = find("the first 8 digits of my card are 41111111 and the rest is 11111111")
    assert [finding.reveal() for finding in found] == [VISA, VISA]


def test_findings_never_show_digits() -> None:
    """repr, str and format show brand and last four; pickling is refused."""
    finding: Finding = find(f"card {VISA} cvv 737")[0]
    for shown in (repr(finding), str(finding), f"{finding}"):
        assert VISA[:12] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(finding)


def test_examine_says_why_not() -> None:
    """Every candidate is explained, without its digits."""
    item = examine("Order number 4111111111111111")[0]
    assert item.kind is Kind.PAN
    assert not item.taken
    assert "another kind of number" in item.why_not
    assert "411111" not in repr(item)


def test_examine_agrees_with_find() -> None:
    """What is taken is what find returns."""
    text = "card 4111 1111 1111 1111, exp 09/28, cvv 737, order no. 5555555555554444"
    assert [(e.start, e.end) for e in examine(text) if e.taken] == [(f.start, f.end) for f in find(text)]


def test_a_line_of_few_fields_is_no_row_of_the_table() -> None:
    """A remark between the rows of a table of orders is not labelled by its head."""
    table = "ref;order;ean;qty;amount;date;tracking\n81;2264047;275353642;31;16.92;2025-11-23;R619834\nnote;{}\n"
    assert [f.reveal() for f in find(table.format("4012 8888 8888 1881"))] == ["4012888888881881"]


@pytest.mark.parametrize("heading", ["Qty", "Order qty", "Price", "Menge", "Room"])
@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_a_column_of_amounts_beside_a_card_is_no_column_of_codes(heading: str, mark: str) -> None:
    """Three digits behind a number may have their own heading; under none, or one for codes, they are a code."""
    row = mark.join(("Ann", "4929 3813 3266 4295", "10/28", "120"))
    assert "cvv" not in {f.kind for f in find(mark.join(("Name", "Card no.", "Exp", heading)) + f"\n{row}\n")}
    assert "cvv" in {f.kind for f in find(mark.join(("Name", "Card no.", "Exp", "Code")) + f"\n{row}\n")}
    assert "cvv" in {f.kind for f in find(f"{row}\n")}


def test_a_sentence_with_commas_is_no_head_of_a_table() -> None:
    """Words of an amount in the sentence above a card do not speak of what stands beside the card."""
    text = "Hello, I pay the total price, thanks\n4929 3813 3266 4295, 123\n"
    assert "cvv" in {f.kind for f in find(text)}
