"""What stands beside a number or a label decides: values before labels, masks, lost line breaks."""

from __future__ import annotations

import pytest

from pansentry import redact_text
from pansentry.pan import find

JCB = "3566002020360505"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(str(finding.kind), text[finding.start : finding.end]) for finding in find(text)]


def test_a_label_glued_to_the_word_before_costs_no_number() -> None:
    """A lost line break makes the card label unreadable; labelled date and code behind the number still vouch."""
    text = f"anna@mail.exampleCard number: {JCB}\r\nExpiry: 02/31\r\nCVV: 824"
    assert kinds(text) == [("pan", JCB), ("expiry", "02/31"), ("cvv", "824")]


def test_date_and_code_of_another_card_vouch_for_no_order_number() -> None:
    """A card word between the number and the labelled values makes them those of the card."""
    text = f"Auftragsnummer {JCB}, for the rest of my card: exp 02/31 cvv 824"
    assert "pan" not in [kind for kind, _ in kinds(text)]


def test_values_may_stand_before_their_labels() -> None:
    """ "08/31 is the expiry, 529 is the CVV" in front of the number."""
    text = f"08/31 is the expiry, 529 is the CVV and {JCB} is the card number."
    assert kinds(text) == [("expiry", "08/31"), ("cvv", "529"), ("pan", JCB)]


@pytest.mark.parametrize(
    "text",
    [
        "Rok: 2028\nKod CVC: XXX\n",
        "card 0428 cvc XXX thanks",
        "card 03/24 expires end XX/XX",
        "card 08/31 exp: ****",
        "529 is the CVV: •••",
    ],
)
def test_a_masked_label_looks_for_no_other_value(text: str) -> None:
    """A label whose value is masked is satisfied: a second pass finds nothing new."""
    assert not find(text)


def test_kept_last_four_are_no_piece() -> None:
    """What a mask has left of one number completes no other one."""
    assert not find("card XXXX XXXX XXXX 4111 and then 1111 1111 1111")


def test_redaction_is_stable() -> None:
    """A redacted text has nothing left to redact."""
    once = redact_text(f"Month: 04\nYear: 2028\nCVV: 737\ncard {JCB} exp 02/31")
    assert not find(once)


NINETEEN = "4116 8649 0240 6976 870"  # its first sixteen digits are a right number too


@pytest.mark.parametrize("behind", [" 05/2036 187", ", 09/26, 660", " CVV 660", "</td>\n<td>CVC</td><td>763</td>"])
def test_a_code_further_on_makes_the_number_the_longer_one(behind: str) -> None:
    """Three digits behind sixteen are part of the number where the code stands elsewhere."""
    assert ("pan", NINETEEN) in kinds(f"visa card: {NINETEEN}{behind}")


def test_in_doubt_three_digits_are_a_code() -> None:
    """A mask of the longer reading would keep the code as last four."""
    assert kinds(f"visa card: {NINETEEN}") == [("pan", NINETEEN[:19]), ("cvv", NINETEEN[-3:])]


TRACKS = [
    "%B4111111111111111^WEBER/ANNA^300\r3101100000?",
    "%B4111111111111111^WEBER/  \r\n   ANNA      ^3003101100000000?",
    "%B411111111\r\n> 1111111^WEBER/ANNA^3003101100?",
    ";4111111111111111=30031011000\r\n012?",
    "57 13 4508123456789014D29072011234567890F",
]


@pytest.mark.parametrize("track", TRACKS)
def test_tracks_are_found_wrapped_and_spaced(track: str) -> None:
    """A mailer's line break inside a track and blanks in tag 57 hide nothing of it."""
    assert kinds(f"swiped: {track}\nbye")[0][0] == "track"


def test_a_number_behind_the_start_sentinel_is_found() -> None:
    """A torn track 1 still shows its number."""
    assert ("pan", "4111111111111111") in kinds("%B4111111111111111^WEB")


WRITTEN = [
    ("Visa 4917 4800 0000 0008; card expires 31 May 2031;", ("expiry", "31 May 2031")),
    ("Card Nr.: 4917480000000008\nExp. Date (MM/YY): 1 1 / 3 0\n", ("expiry", "1 1 / 3 0")),
    ("card 4917480000000008 exp (yy/mm) 27/11", ("expiry", "27/11")),
    ("> Security code?\n184\nThanks", ("cvv", "184")),
    ("Card:4917480000000008Exp:11/30CVV:448Name:Li", ("cvv", "448")),
]


@pytest.mark.parametrize(("text", "wanted"), WRITTEN)
def test_values_are_read_as_forms_and_answers_write_them(text: str, wanted: tuple[str, str]) -> None:
    """Days in front of months, one digit to a box, year first where said, an answer on the next line, no blanks."""
    assert wanted in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Número de tarjeta de transporte 5301 2508 8123 4567",
        "رقم بطاقة العضوية 5301 2508 8123 4567",
        "BahnCard 25 Nr. 6335 9700 1234 5671 gilt bis 04/27",
        "We flew a 737 and a 380 back. The visa stamp is valid until 12/28.",
        "Parking permit 3530 4400 1122 3345 expires 09/32",
    ],
)
def test_other_cards_and_documents_are_left(text: str) -> None:
    """Cards that pay nothing, in compounds and phrases, and documents with numbers of their own."""
    assert not kinds(text)


@pytest.mark.parametrize("item", ["{}", "- {}", "- {} (2 Pakete)"])
def test_the_line_over_a_list_labels_every_item(item: str) -> None:
    """What a line with a colon announces holds for the numbers on the lines below, not for the first alone."""
    visa, mastercard = "4111 1111 1111 1111", "5555 5555 5555 4444"
    listed = "\n".join(item.format(number) for number in (visa, mastercard, visa))
    assert find(f"Sendungen von heute:\n{listed}") == ()
    cards = find(f"My cards:\n{listed}")
    assert len(cards) == 3
    assert all("label-near" in card.reasons for card in cards)


def test_a_line_without_a_colon_or_far_above_heads_nothing() -> None:
    """The first number that is no item of the list ends the look."""
    visa, mastercard = "4111 1111 1111 1111", "5555 5555 5555 4444"
    assert len(find(f"Sendungen von heute:\n{mastercard}\nHier noch was\n{visa}")) == 1
