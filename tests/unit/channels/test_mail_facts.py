"""What a mail says about the payment: found where it is plain, left open where it is not."""

from __future__ import annotations

import pytest

from pansentry.channels import Payment, read_payment


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("please charge order 4711", "4711"),
        ("my order number is 4711", ""),
        ("order no. A-2026/118", "A-2026/118"),
        ("Order #4711, and again: order 4711.", "4711"),
        ("Bestellung 4711", "4711"),
        ("Bestellnummer: 4711-22", "4711-22"),
        ("Rechnung Nr. RE2026-0815", "RE2026-0815"),
        ("commande n° 4711", "4711"),
        ("pedido número 4711", "4711"),
        ("ordine 4711", "4711"),
        ("zamówienie nr 4711", "4711"),
        ("objednávka č. 4711", ""),
        ("注文番号4711", "4711"),
        ("رقم الطلب", ""),
        ("הזמנה מספר 4711", "4711"),
        ("order 4711 or order 4712", ""),
        ("order 4711 (invoice 2026-118834)", "4711"),
        ("invoices: invoice 815, invoice 816", ""),
        ("order from 12/11/2026", ""),
        ("order 12/11/2026", ""),
        ("in order to pay 300 EUR", ""),
        ("order XXXX", ""),
        ("border 4711", ""),
        ("order 1234567890123456", ""),
        ("", ""),
    ],
)
def test_order_numbers(text: str, order: str) -> None:
    """A number behind a word for order or invoice, if there is exactly one."""
    assert read_payment(text).order == order


@pytest.mark.parametrize(
    ("text", "shop", "amount"),
    [
        ("129,00 €", "", (12900, "EUR")),
        ("EUR 1.290,50", "", (129050, "EUR")),
        ("€1,290.50", "", (129050, "EUR")),
        ("CHF 1'290.50", "", (129050, "CHF")),
        ("1 290,50 zł", "", (129050, "PLN")),
        ("£45", "", (4500, "GBP")),
        ("$45.00", "", (None, "")),
        ("$45.00", "USD", (4500, "USD")),
        ("450 kr", "SEK", (45000, "SEK")),
        ("450 kr", "EUR", (None, "")),
        ("12,900円", "", (12900, "JPY")),
        ("100 EUR now, 50 EUR later", "", (None, "")),
        ("100 EUR, yes 100 EUR", "", (10000, "EUR")),
        ("100", "", (None, "")),
        ("0 EUR", "", (None, "")),
    ],
)
def test_amounts(text: str, shop: str, amount: tuple[int | None, str]) -> None:
    """Amounts in the spellings of many countries; two different ones, or an unclear currency, are none."""
    found = read_payment(text, currency=shop)
    assert (found.amount, found.currency) == amount


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("please charge the remaining 40 % to my card", 40),
        ("die restlichen 40 % der Rechnung", 40),
        ("le solde de 40 %", 40),
        ("the second instalment (40%)", 40),
        ("残金40%をお支払いします", 40),
        ("I paid 60 % before, the remaining 40 % is for this card", 40),
        ("40 % of the rest, or 60 % of the rest", None),
        ("a discount of 40 %", None),
        ("140 % of the rest", None),
    ],
)
def test_part_payments(text: str, part: int | None) -> None:
    """A percentage near a word for what is still open."""
    assert read_payment(text).part == part


def test_phone_numbers() -> None:
    """One number with its type; two, or none, are left open; nothing is looked for unless somebody asks."""
    found = read_payment("call me: 0170 1234567", country="DE", wants_phone=True)
    assert (found.phone, found.phone_type) == ("+491701234567", "mobile")
    assert read_payment("call +41 44 668 18 00", wants_phone=True).phone_type == "fixed"
    assert read_payment("+41 44 668 18 00 or +41 44 668 18 01", wants_phone=True).phone == ""
    assert read_payment("call +41 44 668 18 00") == Payment()
