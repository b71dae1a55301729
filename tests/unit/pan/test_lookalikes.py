"""Numbers inside addresses and paths."""

from __future__ import annotations

import pytest

from pansentry.pan import find


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://pay.example/credit-card/4111111111111111", True),
        ("see https://pay.example/card/4111/1111/1111/1111 now", True),
        ("see https://shop.example/gift-card/4111111111111111", False),
        ("credit card: https://pay.example/order/4111111111111111", False),
        ("Cc: my card <@a.example:card.4111111111111111@example.org>", True),
        ("Cc: postcard.4111111111111111@example.org", False),
        ("my credit card number: 4111111111111111@example.org", True),
        ("my credit card number: mailto:4111111111111111@example.org", True),
        ("write to 4111111111111111@card.example", False),
        ("credit card <a4111111111111111@example.org>", False),
        ("my credit card <pay@[4111.1111.1111.1111]>", True),
    ],
)
def test_addresses_and_paths_hold_cards_only_where_they_say_so(text: str, found: bool) -> None:
    """A path segment or a mailbox named card, a label before the address: otherwise such digits are identifiers."""
    assert bool(find(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Firm 0DE43 5380 3522 5985 3590 00", False),
        ("Firm DE43 5380 3522 5985 3590 00", False),
        ("Visa4111 1111 1111 1111 00", True),
    ],
)
def test_an_iban_is_one_behind_a_digit_too(text: str, found: bool) -> None:
    """Where tags are taken out, the cell before ends with a digit; letters before it are a word, not a country."""
    assert bool(find(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1042|anna@customer.example|VI|4929381332664295|0928|ok", True),
        ("anna@customer.example;4929381332664295;0928", True),
        ("anna@customer.4929381332664295.example", False),
        ("Customer | 4929381332664295 | 0928", False),
    ],
)
def test_the_border_of_a_column_ends_an_address(text: str, found: bool) -> None:
    """A number in the next column is no part of the address before it, nor do the words of its domain label it."""
    assert bool(find(text)) is found


PAPERS = [
    "Inventory no. {}",
    "Coupon {} valid until 12/27 code 482",
    "Versicherung {}, läuft bis 09/28",
    "numéro d'inventaire {}",
    "polizza {} scade 09/28",
    "Полис {} действует до 09/28",
    "رقم تأشيرة الزيارة {}",
    "thị thực (visa) số {}",
    "送り状番号 {}",
    "Mikrochip {}, geimpft bis 09/28",
    "счётчик {}",
    "attestation {} valable jusqu'au 09/28",
    "bilhete e seguro {} vence 09/28",
]


@pytest.mark.parametrize("text", PAPERS)
def test_papers_have_numbers_and_dates_of_their_own(text: str) -> None:
    """A number of a card's range, length and check digit right behind the name of a paper or coupon is that thing's."""
    assert not find(text.format("4111 1111 1111 1111"))


def test_a_card_pays_for_papers() -> None:
    """A card number is found where a word for card stands before the paper's name, or its own data beside it."""
    assert len(find("Take the insurance off my card 4111 1111 1111 1111 please")) == 1
    assert len(find("Please pay the insurance with 4111 1111 1111 1111 exp 09/28 cvv 482")) == 3


def test_a_label_at_the_end_of_a_wrapped_line() -> None:
    """The word for card that ends a line labels the number on the next, whatever numbers stand before it."""
    text = "For invoice F-2026-0912 (2.310,40 €), customer 20417733: AMEX\n3782 822463 10005, thanks"
    assert [finding.reveal() for finding in find(text)] == ["378282246310005"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("added testcase-minimized-hb-fuzzer-4111111111111111 to the tests", False),
        ("backup_of_run_4111111111111111.tar", False),
        ("my-new-credit-card-4111111111111111", True),
        ("please - take - it - 4111111111111111", True),
        ("anna-4111111111111111", True),
    ],
)
def test_words_joined_by_hyphens_name_a_number(text: str, found: bool) -> None:
    """A number at the end of an identifier of several words is its own, unless one of them speaks of a card."""
    assert bool(find(text)) is found
