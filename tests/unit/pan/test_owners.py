"""Whose a number or code is: said of it right behind it, named in its sentence, or the thing that it stands on."""

from __future__ import annotations

import pytest

from pansentry.pan import find


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find(text)]


def test_what_is_said_behind_a_number_outweighs_the_sentence_before() -> None:
    """ "The number … is my Visa" is a card's, whatever was void before."""
    number = "4263 9826 4026 9299"
    assert found(f"The insured card is void. The number {number} is my Visa, exp 02/28.") == [number, "02/28"]


THINGS = [
    "Prüfnummer 391 auf der Rückseite des Routers",
    "The security code on the back of the router is 391.",
    "Prüfziffer auf dem Aufkleber: 507",
    "Your 3-digit code: 338. Do not share your card details.",
    "Dein Sicherheitscode: 338. Gib ihn niemals weiter.",
]


@pytest.mark.parametrize("text", THINGS)
def test_codes_on_things_and_codes_to_keep_secret_are_no_cards(text: str) -> None:
    """Meters have check numbers, and whoever bids not to share a code has sent it to its reader."""
    assert found(text) == []


CARDS = [
    ("The security code on the back of the card is 391.", "391"),
    ("Le tre cifre sul retro della carta: 883", "883"),
    ("Do not share this with anyone, my CVV is 338.", "338"),
]


@pytest.mark.parametrize(("text", "code"), CARDS)
def test_codes_of_cards_are_still_read(text: str, code: str) -> None:
    """A card has a back, too, and only cards have a CVV."""
    assert found(text) == [code]


def test_the_long_number_of_a_badge() -> None:
    """ "The long number" belongs to what its sentence names, and what is said to be no payment card is none."""
    assert found("sul badge giallo c'è un numero lungo tipo il mio 5255 0446 8168 4287, mettetelo nell'app") == []
    text = "Die lange Nummer 4917 0032 3266 9703 auf der Karte: die Gästekarte ist keine Zahlungskarte."
    assert found(text) == []


V = "4716 2109 5188 0345"
PAYING = [
    f"Списывайте мне с банковской карты, номер карты {V}, срок 05/29",
    f"Card number: {V}, exp 05/29. I pay it myself, no bank card of the firm.",
    f"Kartennummer: {V}, gültig bis 05/29. Online ging es nicht, keine Bankkarte wurde genommen.",
    f"I would like to pay my membership by Visa, the long number is {V}, expiry 05/29.",
]


@pytest.mark.parametrize("text", PAYING)
def test_a_remark_about_another_card_disowns_none(text: str) -> None:
    """Only "is no payment card" says so: not "мне банковской", nor "no bank card" in a remark, nor what is paid for."""
    assert found(text) == [V, "05/29"]


NUMBERS = [
    (f"Account number: {V}, exp 05/29, security code 318", [V, "05/29", "318"]),
    (f"Kontonummer {V}\ngültig bis 05/29\nPrüfziffer 318", [V, "05/29", "318"]),
    (f"Numéro de client {V}, expire 05/29, code de sécurité 318", [V, "05/29", "318"]),
    (f"Card: {V}\nRef: 5291739004812269\nexp 05/29\ncode 318", [V, "05/29", "318"]),
]


@pytest.mark.parametrize(("text", "values"), NUMBERS)
def test_a_wrong_name_before_a_number_does_not_outweigh_its_code(text: str, values: list[str]) -> None:
    """A number with an expiry date and a security code is a card's, and a reference in between does not take them."""
    assert found(text) == values
