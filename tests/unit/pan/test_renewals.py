"""Values that take one another's place, in both orders, and what is no such pair."""

from __future__ import annotations

import pytest

from pansentry.pan import find


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find(text) if f.kind != "pan"]


RENEWED = [
    ("Visa on file, exp was 05/27 but renewed, now 05/30. cvv 123 (the old 999 is void).", "05/27 05/30 123 999"),
    ("My card has a new expiry, 03/29 (was 03/25). Room 412, arrival 03/12.", "03/29 03/25"),
    ("The expiry date on my card has changed from 03/27 to 03/31.", "03/27 03/31"),
    ("Please update my card: exp 09/26 -> 09/30, cvc 304 -> 771.", "09/26 09/30 304 771"),
    ("Kreditkarte: gültig bis 09/30 statt 09/26, neue Prüfnummer 771 (alt 304).", "09/30 09/26 771 304"),
    ("Mijn creditcard: vervaldatum was 09/26 en is nu 09/30. CVC was 304, wordt 771.", "09/26 09/30 304 771"),
    ("Karta: stara data ważności 09/26, nowa 09/30. Kod CVV był 304, teraz 771.", "09/26 09/30 304 771"),
    ("Mitt kort: giltigt t.o.m. 03/29 (tidigare 03/26), CVC 418 (tidigare 481).", "03/29 03/26 418 481"),
    ("Срок действия карты: было 03/26, стало 03/29. CVV был 481, стал 418.", "03/26 03/29 481 418"),
    ("カードが更新されました。有効期限:旧 03/26 → 新 03/29、セキュリティコード 418", "03/26 03/29 418"),
    ("卡已换新,有效期由 03/26 改为 03/29,CVV 由 481 改为 418。", "03/26 03/29 481 418"),
]


@pytest.mark.parametrize(("text", "values"), RENEWED)
def test_old_and_new_are_both_read(text: str, values: str) -> None:
    """Whoever says the new date or code says the old one, too, and both are card data."""
    assert found(text) == values.split()


KEPT = [
    "CVV 481. The room is now 418, not 412. New price 512 instead of 498.",
    "CVV 481, new bus line 418 instead of the old 412.",
    "CVV 481. Our extension is now 418 (was 412). Delivery now 03/12, before 03/10.",
    "Prüfziffer 481. Zimmer jetzt 418 statt 412, der alte Preis 512 war falsch, richtig ist 498.",
    "CVV 481. The old one ended in 2005 and is void now.",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_else_is_old_or_new_stays(text: str) -> None:
    """Rooms, prices and lines change, too: what names them parts them from the code before."""
    assert found(f"Card 4263 9826 4026 9299, exp 02/28, {text}") == ["02/28", "481"]


def test_things_that_were_renewed_are_no_cards() -> None:
    """A permit's dates and a door's codes are no card's, renewed or not."""
    assert found("Your parking permit expired 05/27 and is now valid to 05/30. Gate code 123 replaces 999.") == []
    assert found("The door code was 481, now it is 418. Checkout 03/12.") == []
    assert found("I pay by card at the desk. The warranty expires 03/27, now extended to 03/29.") == []


FOUR = [
    "Security code: 3189, formerly 9072",
    "Your security code is 3189, not 9072 as sent before.",
    "Alarmanlage: Sicherheitscode jetzt 3189 statt 9072.",
    "Code de sécurité : 3189, l'ancien 9072 est annulé.",
]


@pytest.mark.parametrize("text", FOUR)
def test_four_digits_that_change_need_a_card(text: str) -> None:
    """Alarms and logins have security codes of four digits, and change them."""
    assert found(text) == []


def test_four_digits_that_change_beside_a_card_are_its_code() -> None:
    """The code of an American Express is as long, and is mistyped as often."""
    assert found("My American Express card: security code 3189, not 9072 as I wrote.") == ["3189", "9072"]
    assert found("378282246310005, exp 05/29. Security code: 3189 (9072 was wrong)") == ["05/29", "3189", "9072"]
