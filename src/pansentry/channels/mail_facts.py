"""What a mail says about the payment: order number, amount, part payment, phone number.

In: the new text of a redacted mail. Out: :class:`Payment`. Precision before recall: two different order numbers or
amounts are none, because a link for the wrong one is worse than a plain link. Nothing here is believed: it is what the
customer wrote, and the pay page says what is really open.

Labels are the words for order, invoice, booking and quote in the languages that have letters. Limits:
:data:`MAX_CHARACTERS`; linear time. Gap: an amount of ambiguous currency (``kr``, ``$``) takes the shop's, if it is
one of those meant, else none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MAX_CHARACTERS = 8000

_ORDERS = (
    "order|bestellung|bestellnummer|bestellnr|auftrag|auftragsnummer|auftragsnr|commande|pedido|ordine|encomenda|"
    "bestelling|bestelnummer|ordernummer|zamówienie|zamówienia|zamówieniu|beställning|beställningen|ordern|ordre|"
    "ordrenummer|bestilling|objednávka|objednávky|objednávku|objednávce|sipariş|siparişim|παραγγελία|παραγγελίας|注文|"
    "ご注文|طلب|الطلب|طلبي|הזמנה|ההזמנה"
)
_PAPERS = (
    "invoice|booking|reservation|quote|quotation|rechnung|rechnungsnummer|rechnungsnr|buchung|buchungsnummer|angebot|"
    "facture|devis|réservation|factura|reserva|presupuesto|fattura|prenotazione|preventivo|fatura|orçamento|factuur|"
    "factuurnummer|boeking|offerte|faktura|faktury|fakturę|rezerwacja|rezerwacji|bokning|fakturanummer|rezervace|"
    "rezervasyon|τιμολόγιο|τιμολογίου|κράτηση|κράτησης|請求書|予約|ご予約|فاتورة|الفاتورة|حجز|חשבונית"
)
_NUMBER_WORDS = (
    "number|no|nr|nummer|num|numéro|n°|nº|número|numero|numer|číslo|numarası|numaralı|αριθμός|αρ|番号|رقم|מספר|id"
)
_BEHIND_LABELS = tuple(
    re.compile(
        rf"(?<!\w)(?:{labels})(?:番号)?[ \t.:：#№–-]{{0,3}}(?:(?:{_NUMBER_WORDS})(?!\w))?[ \t.:：#№は]{{0,3}}"
        r"((?=[A-Z/_-]{0,8}[0-9])[A-Z0-9][A-Z0-9/_-]{1,19})(?!\w)",
        re.IGNORECASE,
    )
    for labels in (_ORDERS, _PAPERS)
)
"""Orders first: where a mail names an order and its invoice, the order is meant."""
_NUMBER_FIRST = re.compile(r"(?<!\w)([0-9][0-9/_-]{1,19}) (?:numaralı|no\.?lu) sipariş", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4}")

_SIGNS = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "usd": "USD", "us$": "USD",
    "chf": "CHF", "sfr": "CHF", "pln": "PLN", "zł": "PLN", "sek": "SEK", "dkk": "DKK", "nok": "NOK", "czk": "CZK",
    "kč": "CZK", "try": "TRY", "tl": "TRY", "₺": "TRY", "jpy": "JPY", "円": "JPY", "¥": "JPY", "ils": "ILS",
    "₪": "ILS", "aed": "AED", "sar": "SAR", "cad": "CAD", "aud": "AUD", "nzd": "NZD", "brl": "BRL", "r$": "BRL",
}  # fmt: skip
_AMBIGUOUS = {
    "$": ("USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD"),
    "kr": ("SEK", "DKK", "NOK", "ISK"),
    "kr.": ("SEK", "DKK", "NOK", "ISK"),
}
NO_MINOR = frozenset({"JPY", "KRW", "ISK", "HUF"})
"""Currencies that are written without minor units."""
_SIGN = "|".join(sorted(map(re.escape, (*_SIGNS, *_AMBIGUOUS)), key=len, reverse=True))
_FIGURE = r"[0-9]{1,3}(?:[.,’' \u00a0\u202f][0-9]{3}){0,3}(?:[.,][0-9]{2})?|[0-9]{1,9}(?:[.,][0-9]{2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?P<before>{_SIGN})[ \u00a0\u202f]?(?P<a>{_FIGURE})(?![\w]|[.,][0-9])"
    rf"|(?P<b>{_FIGURE})[ \u00a0\u202f]?(?P<after>{_SIGN})(?!\w))",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"(?<![0-9A-Za-z.,])([1-9][0-9]?)[ \u00a0\u202f]?(?:%|percent\b|prozent\b|pour cent\b|per cent\b|por ciento\b)"
)
_REMAINING = re.compile(
    r"remain|rest\b|the rest|balance|outstanding|second instal|second part|final instal|second payment|restlich|"
    r"verbleibend|offene|schlussrate|zweite rate|zweiten rate|restbetrag|reste\b|restant|solde|rimanent|saldo|resto\b|"
    r"pendiente|em falta|resterend|overige|openstaand|pozosta|reszt|dopłat|återstående|resterande|zbýva|zbyl|zbytek|"
    r"doplat|kalan|bakiye|υπόλοιπ|残り|残金|残額|المتبق|الباقي|יתרה|יתרת|הנותר",
    re.IGNORECASE,
)
_NEAR = 40
_MAX_PERCENTAGES = 50


@dataclass(frozen=True, slots=True)
class Payment:
    """What a mail says is to be paid. ``amount`` is in minor units of ``currency``; ``part`` is a percentage.

    ``""`` and None stand for "not said, or not clear". ``phone`` is in E.164, ``phone_type`` ``mobile``, ``fixed`` or
    ``other``.
    """

    order: str = ""
    amount: int | None = None
    currency: str = ""
    part: int | None = None
    phone: str = ""
    phone_type: str = ""


def read_payment(text: str, *, currency: str = "", country: str = "", wants_phone: bool = False) -> Payment:
    """Return what ``text`` says about a payment; ``currency`` and ``country`` are the shop's."""
    text = text[:MAX_CHARACTERS]
    orders, papers = (_plain(pattern.findall(text)) for pattern in _BEHIND_LABELS)
    orders |= _plain(_NUMBER_FIRST.findall(text))
    named = orders or papers
    order = next(iter(named)) if len(named) == 1 else ""
    amounts = {found for match in _AMOUNT.finditer(text) if (found := _amount(match, currency))}
    amount = next(iter(amounts)) if len(amounts) == 1 else (None, "")
    phone, kind = _phone(text, country) if wants_phone else ("", "")
    return Payment(order, amount[0], amount[1], _part(text), phone, kind)


def _plain(found: list[str]) -> set[str]:
    """Return what may be a number of an order: no date, nothing masked, two to twelve digits."""
    stripped = {token.strip("-/_") for token in found}
    return {
        token
        for token in stripped
        if not _DATE.fullmatch(token) and "XX" not in token.upper() and 2 <= sum(c.isdigit() for c in token) <= 12
    }


def _amount(match: re.Match[str], shop: str) -> tuple[int, str] | None:
    sign = (match["before"] or match["after"]).casefold()
    meant = _AMBIGUOUS.get(sign)
    currency = _SIGNS.get(sign, "") if meant is None else shop if shop in meant else ""
    if not currency:
        return None
    figure = re.sub(r"[’' \u00a0\u202f]", "", match["a"] or match["b"])
    whole, point, minor = figure, "", ""
    if len(figure) > 3 and figure[-3] in ".,":
        whole, point, minor = figure[:-3], figure[-3], figure[-2:]
    digits = whole.replace(".", "").replace(",", "")
    value = Decimal(f"{digits}.{minor or '0'}") if point or digits else Decimal(0)
    minor_units = int(value) if currency in NO_MINOR else int(value * 100)
    return (minor_units, currency) if minor_units > 0 else None


def _part(text: str) -> int | None:
    """Return the percentage that is said to be still open: the one nearest to a word for that."""
    words = [match.span() for match in _REMAINING.finditer(text)]
    gaps: dict[int, set[int]] = {}
    for match in list(_PERCENT.finditer(text))[:_MAX_PERCENTAGES]:
        gap = min((max(start - match.end(), match.start() - end) for start, end in words), default=_NEAR + 1)
        if gap <= _NEAR:
            gaps.setdefault(gap, set()).add(int(match[1]))
    nearest = gaps[min(gaps)] if gaps else set()
    return next(iter(nearest)) if len(nearest) == 1 else None


def _phone(text: str, country: str) -> tuple[str, str]:
    """Return the one phone number in ``text`` and its type."""
    import phonenumbers
    from phonenumbers import PhoneNumberType

    found = {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164): match.number
        for match in phonenumbers.PhoneNumberMatcher(text, country or None, max_tries=50)
    }
    if len(found) != 1:
        return "", ""
    ((number, parsed),) = found.items()
    kinds = {PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "fixed"}
    return number, kinds.get(phonenumbers.number_type(parsed), "other")
