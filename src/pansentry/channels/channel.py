"""Channels as values: the ways in which a customer can pay or reach the shop, and the conditions of each.

A :class:`Channels` is read from ``policies/channels.yaml`` (:mod:`.file`); :mod:`.choice` decides what one customer is
offered. Values are frozen; nothing is looked up or opened here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ChannelKind(enum.StrEnum):
    """What a channel is. The letter has a label for each, in every language."""

    PAY_PAGE = "pay_page"
    PHONE = "phone"
    WEBSITE = "website"
    CALLBACK = "callback"
    IN_PERSON = "in_person"
    POST = "post"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    BANK_TRANSFER = "bank_transfer"


class Reference(enum.StrEnum):
    """How a pay page learns what is to be paid."""

    NONE = "none"
    SIGNED = "signed"
    """Our own parameters, signed and expiring (:mod:`.pay_reference`)."""
    PROVIDER = "provider"
    """A link that a payment provider makes for this payment; the plain URL where it does not answer."""


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody is there. ``spans`` are (day 0 … 6, first minute, last minute); ``closed`` are days as
    ``YYYY-MM-DD`` or, every year, ``MM-DD``; ``zone`` is an IANA time zone."""

    spans: tuple[tuple[int, int, int], ...] = ()
    closed: frozenset[str] = frozenset()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a channel is offered; all must hold, an empty tuple or None asks nothing.

    ``order``, ``amount`` ask whether the mail names exactly one; amounts are in minor units. ``phone`` is the type of a
    number in the mail (``mobile``, ``fixed``, ``any``). ``known`` asks whether this customer had a letter before,
    ``letters_at_least`` and ``_at_most`` how many.
    """

    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    order: bool | None = None
    amount: bool | None = None
    amount_at_least: int | None = None
    amount_at_most: int | None = None
    open: bool | None = None
    phone: str = ""
    known: bool | None = None
    letters_at_least: int | None = None
    letters_at_most: int | None = None

    @property
    def ask_nothing(self) -> bool:
        return self == Conditions()


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel. ``value`` is a URL, number, address or IBAN, ``""`` for the fact that the business gave.

    ``otherwise`` names the channel that takes its place where it cannot be used; ``duty`` is what staff have to do.
    """

    name: str
    kind: ChannelKind
    value: str = ""
    note: str = ""
    when: Conditions = Conditions()
    otherwise: str = ""
    reference: Reference = Reference.NONE
    duty: str = ""
    webhook: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A payment provider: ``kind`` is ``stripe``, ``mollie`` or ``adyen``; ``key_file`` holds the secret key."""

    kind: str
    key_file: str
    account: str = ""
    endpoint: str = ""
    timeout_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels, in the order in which they are offered.

    ``valid_s`` is how long signed references and reference codes hold. ``country`` (ISO 3166, two letters) and
    ``currency`` (ISO 4217) are the shop's, for what a mail leaves open.
    """

    channels: tuple[Channel, ...] = ()
    opening: Opening | None = None
    provider: Provider | None = None
    codes: bool = False
    valid_s: int = 14 * 86400
    country: str = ""
    currency: str = ""

    def named(self, name: str) -> Channel | None:
        return next((channel for channel in self.channels if channel.name == name), None)

    @property
    def asks_phone(self) -> bool:
        return any(channel.when.phone for channel in self.channels)


NO_CHANNELS = Channels()
