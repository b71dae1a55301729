"""From channels and the facts of the business to the ways that a letter names.

Without ``policies/channels.yaml`` a letter offers what ``business.channels`` names. With it, that file decides; its
channels of kind ``pay_page``, ``phone`` and ``website`` that name nothing of their own stand for the business's facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.channels.choice import Circumstances, offers
from pansentry.channels.file import hosts
from pansentry.channels.mail_facts import Payment
from pansentry.reply.channels import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.channels import Channels, Offer
    from pansentry.configuration import Business

PROVIDER_HOSTS: Mapping[str, tuple[str, ...]] = {
    "stripe": ("buy.stripe.com",),
    "stripe-checkout": ("checkout.stripe.com",),
    "mollie": ("paymentlink.mollie.com", "payment-links.mollie.com", "mollie.com"),
    "adyen": ("adyen.link",),
}
"""Where the links of payment providers lead."""
_EVERYTHING = Payment("4711", 12900, "EUR", 40, "+491701234567", "mobile")


def facts(business: Business) -> dict[str, str]:
    """Return what channels may take from the business: the facts it gave and wants offered, and its hours."""
    wanted: dict[str, str] = {kind: str(value) for kind in business.channels if (value := getattr(business, kind))}
    return {**wanted, "hours": business.hours or ""}


def ways_of(offered: tuple[Offer, ...]) -> tuple[Way, ...]:
    """Return offers as the letter's ways."""
    return tuple(Way(str(offer.kind), offer.value, offer.note) for offer in offered)


def with_channels(business: Business, channels: Channels | None) -> Business:
    """Return the business with the hosts that its channels lead to as domains that letters may link to."""
    if channels is None:
        return business
    provider = PROVIDER_HOSTS[channels.provider.kind] if channels.provider is not None else ()
    named = (*business.link_domains, *sorted(hosts(channels)), *provider)
    return business.model_copy(update={"link_domains": tuple(dict.fromkeys(named))})


def sample_ways(business: Business, channels: Channels | None) -> tuple[tuple[Way, ...], ...]:
    """Return ways to try letters out with: for a mail that names everything, and for one that names nothing."""
    if channels is None:
        return ()
    told = (Circumstances(_EVERYTHING, now=1_700_000_000.0), Circumstances(now=1_700_000_000.0))
    return tuple(ways_of(offers(channels, facts(business), one, b"try out")) for one in told)
