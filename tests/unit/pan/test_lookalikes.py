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
