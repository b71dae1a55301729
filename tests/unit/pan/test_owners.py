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
    text = "Die lange Nummer 4917 0032 3266 9703 auf der Karte ist die Gästekarten-Nr., keine Zahlungskarte."
    assert found(text) == []
