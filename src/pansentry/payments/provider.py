"""Payment providers behind one protocol: order and amount in, a link to a hosted payment page out.

Plain REST, after the providers' published interfaces:

- Stripe: ``POST /v1/prices`` then ``POST /v1/payment_links`` (form-encoded, ``Idempotency-Key``, bearer key);
- Stripe Checkout: ``POST /v1/checkout/sessions``; its page ends after a day, so Payment Links suit letters better;
- Mollie: ``POST /v2/payment-links`` (JSON, ``Idempotency-Key``, bearer key);
- Adyen Pay by Link: ``POST /v71/paymentLinks`` (JSON, ``Idempotency-Key`` of at most 64 characters, ``X-API-Key``).

The same wish has the same idempotency key, so that asking twice makes one link. What goes to a provider: order number
and amount as the customer's mail names them, nothing about the customer. Trouble of any kind is one exception; whoever
asks falls back on the plain pay page. Not tried against the providers themselves, only against local servers that
check requests by these interfaces.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from pansentry.channels.choice import decimal_text
from pansentry.payments.http import HttpTroubleError, post

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.channels.channel import Provider

ENDPOINTS = {
    "stripe": "https://api.stripe.com",
    "stripe-checkout": "https://api.stripe.com",
    "mollie": "https://api.mollie.com",
    "adyen": "https://checkout-test.adyen.com",
}
"""Adyen's live address has a prefix of the merchant's own: ``endpoint`` in ``channels.yaml``."""


class LinkTroubleError(Exception):
    """No link was made; the text is a stable short code."""


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """``amount`` in minor units; ``expires_at`` in seconds since the epoch; ``return_url`` is shown after paying."""

    order: str
    amount: int
    currency: str
    idempotency_key: str
    description: str
    expires_at: float
    return_url: str = ""


class LinkProvider(Protocol):
    """Makes a link. Raises :class:`LinkTroubleError`, and nothing else."""

    async def link(self, request: LinkRequest) -> str: ...


@dataclass(frozen=True, slots=True)
class _Account:
    """Where and as whom to ask."""

    endpoint: str
    key: str = field(repr=False)
    timeout_s: float
    merchant: str = ""

    async def ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
        try:
            return await post(self.endpoint + path, body, headers, self.timeout_s)
        except HttpTroubleError as trouble:
            raise LinkTroubleError(str(trouble)) from None

    async def form(self, path: str, values: Mapping[str, object], idempotency_key: str) -> Any:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Idempotency-Key": idempotency_key,
        }
        return await self.ask(path, urlencode(values).encode(), headers)

    async def json(self, path: str, values: Mapping[str, object], headers: Mapping[str, str]) -> Any:
        return await self.ask(path, json.dumps(values).encode(), {"Content-Type": "application/json", **headers})


@dataclass(frozen=True, slots=True)
class StripeLinks:
    """Stripe Payment Links: a price, and a link for one payment of it."""

    account: _Account

    async def link(self, request: LinkRequest) -> str:
        price = await self.account.form(
            "/v1/prices",
            {
                "currency": request.currency.lower(),
                "unit_amount": request.amount,
                "product_data[name]": request.description,
            },
            f"{request.idempotency_key}-price",
        )
        made = await self.account.form(
            "/v1/payment_links",
            {
                "line_items[0][price]": _text(price, "id"),
                "line_items[0][quantity]": 1,
                "restrictions[completed_sessions][limit]": 1,
                "metadata[order]": request.order,
            },
            f"{request.idempotency_key}-link",
        )
        return _text(made, "url")


@dataclass(frozen=True, slots=True)
class StripeCheckout:
    """A Stripe Checkout session."""

    account: _Account

    async def link(self, request: LinkRequest) -> str:
        made = await self.account.form(
            "/v1/checkout/sessions",
            {
                "mode": "payment",
                "success_url": request.return_url,
                "client_reference_id": request.order or request.idempotency_key,
                "line_items[0][price_data][currency]": request.currency.lower(),
                "line_items[0][price_data][unit_amount]": request.amount,
                "line_items[0][price_data][product_data][name]": request.description,
                "line_items[0][quantity]": 1,
            },
            request.idempotency_key,
        )
        return _text(made, "url")


@dataclass(frozen=True, slots=True)
class Mollie:
    """A Mollie payment link."""

    account: _Account

    async def link(self, request: LinkRequest) -> str:
        values = {
            "description": request.description,
            "amount": {"currency": request.currency, "value": decimal_text(request.amount, request.currency)},
            "expiresAt": _iso(request.expires_at),
            **({"redirectUrl": request.return_url} if request.return_url else {}),
        }
        headers = {"Authorization": f"Bearer {self.account.key}", "Idempotency-Key": request.idempotency_key}
        made = await self.account.json("/v2/payment-links", values, headers)
        return _text(made, "_links", "paymentLink", "href")


@dataclass(frozen=True, slots=True)
class Adyen:
    """An Adyen Pay by Link."""

    account: _Account

    async def link(self, request: LinkRequest) -> str:
        values = {
            "merchantAccount": self.account.merchant,
            "reference": request.order or request.idempotency_key,
            "amount": {"currency": request.currency, "value": request.amount},
            "description": request.description,
            "expiresAt": _iso(request.expires_at),
            **({"returnUrl": request.return_url} if request.return_url else {}),
        }
        headers = {"X-API-Key": self.account.key, "Idempotency-Key": request.idempotency_key[:64]}
        return _text(await self.account.json("/v71/paymentLinks", values, headers), "url")


_KINDS: Mapping[str, type[StripeLinks | StripeCheckout | Mollie | Adyen]] = {
    "stripe": StripeLinks,
    "stripe-checkout": StripeCheckout,
    "mollie": Mollie,
    "adyen": Adyen,
}


def open_provider(provider: Provider, key: str) -> LinkProvider:
    """Return the provider that ``channels.yaml`` names; ``key`` is its secret key."""
    endpoint = (provider.endpoint or ENDPOINTS[provider.kind]).rstrip("/")
    return _KINDS[provider.kind](_Account(endpoint, key.strip(), provider.timeout_s, provider.account))


def _text(answer: Any, *path: str) -> str:
    """Return the text at a path of an answer. Raises :class:`LinkTroubleError` for any other shape."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(answer, str) or not answer:
        raise LinkTroubleError("odd-answer")
    return answer


def _iso(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(timespec="seconds")
