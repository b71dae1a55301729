"""Which channels one customer is offered, in which order, and what a link to the pay page says.

In: channels, the facts of the business, what is known of this customer and this mail (:class:`Circumstances`). Out:
:class:`Offer` values. Pure; the clock is an argument.

A channel whose conditions do not hold gives its place to its ``otherwise``, and that to its own. One offer always needs
no link: where the conditions left the phone out, its number is added at the end, with its hours.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

from pansentry.channels.channel import Channel, ChannelKind, Channels, Conditions, Reference
from pansentry.channels.file import placeholders
from pansentry.channels.mail_facts import NO_MINOR, Payment
from pansentry.channels.opening import is_open
from pansentry.channels.pay_reference import PayReference, pay_key, sign_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING_SAID = Payment()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What channels depend on. ``letters`` is how many this customer had before; ``country`` in two letters."""

    payment: Payment = _NOTHING_SAID
    language: str = ""
    country: str = ""
    letters: int = 0
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """One channel as this customer is offered it. ``value`` is final, except where ``asks_provider`` says that a
    payment provider may be asked for a better link."""

    kind: ChannelKind
    value: str
    note: str = ""
    name: str = ""
    duty: str = ""
    webhook: str = ""
    asks_provider: bool = False


def offers(
    channels: Channels, facts: Mapping[str, str], circumstances: Circumstances, key: bytes = b""
) -> tuple[Offer, ...]:
    """Return what one customer is offered. ``facts`` are the business's ``pay_page``, ``phone``, ``website`` (those
    that it gives and wants offered) and ``hours``; ``key`` signs references (the installation's)."""
    found: list[Offer] = []
    for channel in channels.channels:
        usable = _usable(channel, channels, facts, circumstances)
        if usable is not None and usable.name not in {offer.name for offer in found}:
            found.append(_offer(usable, channels, facts, circumstances, key))
    if facts.get("phone") and not any(offer.kind is ChannelKind.PHONE for offer in found):
        found.append(Offer(ChannelKind.PHONE, facts["phone"], facts.get("hours", "")))
    return tuple(found)


def _usable(
    channel: Channel, channels: Channels, facts: Mapping[str, str], circumstances: Circumstances
) -> Channel | None:
    """Return the channel itself or what takes its place, None for a fact that the business did not give."""
    seen: set[str] = set()
    here: Channel | None = channel
    while here is not None and here.name not in seen:
        seen.add(here.name)
        has_value = here.value or here.kind is ChannelKind.CALLBACK or facts.get(here.kind)
        if has_value and _holds(here, channels, circumstances):
            return here
        here = channels.named(here.otherwise)
    return None


def _holds(channel: Channel, channels: Channels, c: Circumstances) -> bool:
    when, payment = channel.when, c.payment
    filled = {"order": payment.order, "amount": payment.amount, "currency": payment.currency, "part": payment.part}
    if not all(filled[name] for name in placeholders(channel.value) if channel.kind is ChannelKind.PAY_PAGE):
        return False
    return when.ask_nothing or all(_conditions(when, channels, c))


def _conditions(when: Conditions, channels: Channels, c: Circumstances) -> tuple[bool, ...]:
    payment = c.payment
    return (
        not when.languages or c.language in when.languages,
        not when.countries or c.country in when.countries,
        when.order is None or bool(payment.order) is when.order,
        when.amount is None or (payment.amount is not None) is when.amount,
        when.amount_at_least is None or (payment.amount is not None and payment.amount >= when.amount_at_least),
        when.amount_at_most is None or (payment.amount is not None and payment.amount <= when.amount_at_most),
        when.open is None or is_open(channels.opening, c.now) is when.open,
        not when.phone or (bool(payment.phone) and when.phone in {"any", payment.phone_type}),
        when.known is None or (c.letters > 0) is when.known,
        when.letters_at_least is None or c.letters >= when.letters_at_least,
        when.letters_at_most is None or c.letters <= when.letters_at_most,
    )


def _offer(channel: Channel, channels: Channels, facts: Mapping[str, str], c: Circumstances, key: bytes) -> Offer:
    value = channel.value or facts.get(channel.kind, "")
    note = channel.note or (facts.get("hours", "") if channel.kind is ChannelKind.PHONE else "")
    asks_provider = False
    if channel.kind is ChannelKind.PAY_PAGE:
        value = fill(value, c.payment)
        if channel.reference is Reference.SIGNED and key and (c.payment.order or c.payment.amount or c.payment.part):
            value = sign_url(value, reference_to(c.payment, c.now + channels.valid_s), pay_key(key))
        asks_provider = channel.reference is Reference.PROVIDER and c.payment.amount is not None
    return Offer(channel.kind, value, note, channel.name, channel.duty, channel.webhook, asks_provider)


def fill(url: str, payment: Payment) -> str:
    """Return a URL with its placeholders filled in, each value percent-encoded."""
    values = {
        "order": payment.order,
        "amount": decimal_text(payment.amount, payment.currency),
        "currency": payment.currency,
        "part": str(payment.part or ""),
    }
    for name in placeholders(url):
        url = url.replace(f"{{{name}}}", quote(values[name], safe=""))
    return url


def reference_to(payment: Payment, until: float) -> PayReference:
    """Return the reference that a signed link carries; it holds to the end of the day of ``until`` (UTC)."""
    return PayReference(
        payment.order,
        decimal_text(payment.amount, payment.currency),
        payment.currency if payment.amount is not None else "",
        str(payment.part or ""),
        datetime.datetime.fromtimestamp(until, datetime.UTC).date().isoformat(),
    )


def decimal_text(amount: int | None, currency: str) -> str:
    """Return minor units as a decimal text (``12900`` EUR → ``129.00``, ``500`` JPY → ``500``)."""
    if amount is None:
        return ""
    return str(amount) if currency in NO_MINOR else str(Decimal(amount).scaleb(-2).quantize(Decimal("0.01")))
