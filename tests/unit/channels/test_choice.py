"""What one customer is offered: order, conditions, fall-backs, hours, and the link to the pay page."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from pansentry.channels import Channels, Circumstances, Offer, Payment, offers, pay_key, verify_url
from pansentry.channels.channel import Opening
from pansentry.channels.file import parse_channels
from pansentry.channels.opening import is_open

FACTS = {
    "pay_page": "https://shop.example/pay",
    "phone": "+49 30 123456",
    "website": "https://shop.example",
    "hours": "9-17",
}
KEY = b"k" * 32
MONDAY_NOON = datetime.datetime(2026, 11, 16, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
SUNDAY = datetime.datetime(2026, 11, 15, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


def read(text: str) -> Channels:
    hours = 'hours: {zone: Europe/Berlin, open: {mon-fri: "9:00-17:00"}, closed: ["12-25"]}\n'
    return parse_channels(f"{hours}channels:\n{text}".encode(), "channels.yaml")


def offered(text: str, now: float = MONDAY_NOON, **told: object) -> list[str]:
    circumstances = Circumstances(now=now, **told)  # type: ignore[arg-type]
    return [offer.name or str(offer.kind) for offer in offers(read(text), FACTS, circumstances, KEY)]


CALL = "  - {name: call, kind: phone, when: {open: true}, otherwise: back}\n  - {name: back, kind: callback}\n"


def test_a_channel_gives_its_place_to_its_fall_back() -> None:
    """During the hours the phone is offered, outside them the call-back, once; the number stands last all the same."""
    assert offered(CALL) == ["call", "back"]
    assert offered(CALL, SUNDAY) == ["back", "phone"]


@pytest.mark.parametrize(
    ("when", "told", "holds"),
    [
        ("language: [de, fr]", {"language": "de"}, True),
        ("language: [de, fr]", {"language": "en"}, False),
        ("country: DE", {"country": "DE"}, True),
        ("country: DE", {"country": "FR"}, False),
        ("order: true", {"payment": Payment(order="4711")}, True),
        ("order: true", {}, False),
        ("amount: false", {}, True),
        ("amount_at_least: 100.00 EUR", {"payment": Payment(amount=10000)}, True),
        ("amount_at_least: 100.00 EUR", {"payment": Payment(amount=9999)}, False),
        ("amount_at_most: '100.00'", {"payment": Payment(amount=10000)}, True),
        ("amount_at_most: '100.00'", {"payment": Payment(amount=10001)}, False),
        ("amount_at_most: '100.00'", {}, False),
        ("phone: mobile", {"payment": Payment(phone="+49170", phone_type="mobile")}, True),
        ("phone: mobile", {"payment": Payment(phone="+4930", phone_type="fixed")}, False),
        ("phone: any", {"payment": Payment(phone="+4930", phone_type="other")}, True),
        ("sender: known", {"letters": 1}, True),
        ("sender: new", {"letters": 1}, False),
        ("letters_at_most: 2", {"letters": 2}, True),
        ("letters_at_least: 3", {"letters": 2}, False),
        ("language: de, order: true", {"language": "de"}, False),
    ],
)
def test_conditions(when: str, told: dict[str, object], holds: bool) -> None:
    """Every condition holds when it says so, and all of them must."""
    special = f"  - {{name: special, kind: in_person, text: Shop, when: {{{when}}}, otherwise: b}}\n"
    text = f"{special}  - {{name: b, kind: website}}"
    assert ("special" in offered(text, **told)) is holds


def test_the_phone_is_always_there() -> None:
    """Whatever the file says, one way needs no link, and it is the number on the invoices."""
    assert offered("  - {name: page, kind: pay_page}") == ["page", "phone"]


def test_facts_that_the_business_did_not_give_are_left_out() -> None:
    """A channel without a value and without a fact gives its place away, or is gone."""
    found = offers(read("  - {name: page, kind: pay_page}\n  - {name: b, kind: callback}"), {}, Circumstances())
    assert [offer.name for offer in found] == ["b"]


def page(text: str, payment: Payment) -> Offer:
    return offers(read(text + "  - {name: p, kind: phone}\n"), FACTS, Circumstances(payment, now=MONDAY_NOON), KEY)[0]


def test_a_template_is_filled_and_escaped() -> None:
    """What stood in the mail cannot break out of the URL."""
    text = '  - {name: a, kind: pay_page, url: "https://shop.example/{order}?a={amount}&c={currency}", otherwise: p}\n'
    assert page(text, Payment("A/47&11", 12900, "EUR")).value == "https://shop.example/A%2F47%2611?a=129.00&c=EUR"
    assert page(text, Payment("4711")).name == "p"


def test_a_signed_reference_holds_what_the_mail_said() -> None:
    """Order, amount and part can be read in the link and verified by the shop, and nothing about the person."""
    link = page("  - {name: a, kind: pay_page, reference: signed}\n", Payment("4711", 12900, "EUR", 40)).value
    found = verify_url(link, pay_key(KEY), today=datetime.date(2026, 11, 20))
    assert (found.order, found.amount, found.currency, found.part, found.until) == (
        "4711", "129.00", "EUR", "40", "2026-11-30"
    )  # fmt: skip
    assert link.startswith(
        "https://shop.example/pay?amount=129.00&currency=EUR&order=4711&part=40&until=2026-11-30&sig="
    )


def test_without_anything_to_say_the_link_stays_plain() -> None:
    """No order, no amount: nothing to sign."""
    assert page("  - {name: a, kind: pay_page, reference: signed}\n", Payment()).value == "https://shop.example/pay"


def test_opening_hours_know_zone_and_holidays() -> None:
    """The shop's own clock counts, daylight saving included, and holidays of every year or of one."""
    opening = Opening(((0, 540, 1020), (4, 540, 1020)), frozenset({"12-25", "2026-11-16"}), "America/New_York")

    def at(*moment: int) -> bool:
        return is_open(opening, datetime.datetime(*moment, tzinfo=datetime.UTC).timestamp())  # type: ignore[arg-type]

    assert at(2026, 11, 9, 14, 0)  # 9:00 in New York, winter
    assert not at(2026, 11, 9, 13, 59)
    assert at(2026, 7, 6, 13, 0)  # 9:00 in summer
    assert not at(2026, 11, 9, 22, 0)
    assert not at(2026, 11, 10, 15, 0)  # a Tuesday
    assert not at(2026, 11, 16, 15, 0)  # closed once
    assert not at(2026, 12, 25, 15, 0)  # closed every year, a Friday
    assert is_open(None, 0.0)
