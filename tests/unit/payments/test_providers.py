"""Payment providers against local servers that check each request by the provider's published interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from pansentry.channels.channel import Provider
from pansentry.payments import LinkRequest, LinkTroubleError, open_provider

REQUEST = LinkRequest(
    "4711", 12900, "EUR", "idem-0abc", "Meier Furniture 4711", 1_800_000_000.0, "https://shop.example"
)
KEY = "sk_test_secret"


def stripe(path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
    """The form API of Stripe: prices, payment links, checkout sessions."""
    if headers.get("authorization") != f"Bearer {KEY}":
        return 401, {"error": {"type": "invalid_request_error"}}
    if headers.get("content-type") != "application/x-www-form-urlencoded" or not headers.get("idempotency-key"):
        return 400, {"error": {"message": "form and idempotency key expected"}}
    form = dict(parse_qsl(body.decode(), strict_parsing=True, keep_blank_values=True))
    if path == "/v1/prices":
        good = set(form) == {"currency", "unit_amount", "product_data[name]"} and form["currency"] == "eur"
        return (200, {"id": "price_1", "object": "price"}) if good and form["unit_amount"] == "12900" else (400, {})
    if path == "/v1/payment_links":
        needed = {"line_items[0][price]": "price_1", "line_items[0][quantity]": "1"}
        good = needed.items() <= form.items() and form["restrictions[completed_sessions][limit]"] == "1"
        return (200, {"object": "payment_link", "url": "https://buy.stripe.com/test_a"}) if good else (400, {})
    if path == "/v1/checkout/sessions":
        item = "line_items[0][price_data]"
        needed = {"mode": "payment", f"{item}[currency]": "eur", f"{item}[unit_amount]": "12900"}
        good = needed.items() <= form.items() and form[f"{item}[product_data][name]"] and form["success_url"]
        return (200, {"url": "https://checkout.stripe.com/c/pay/cs_a"}) if good else (400, {})
    return 404, {}


def mollie(path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
    """Mollie's payment links: amount as text with two decimals, ISO 8601 expiry."""
    values = json.loads(body)
    good = (
        path == "/v2/payment-links"
        and headers.get("authorization") == f"Bearer {KEY}"
        and headers.get("content-type") == "application/json"
        and headers.get("idempotency-key") == "idem-0abc"
        and values["amount"] == {"currency": "EUR", "value": "129.00"}
        and values["description"]
        and values["expiresAt"] == "2027-01-15T08:00:00+00:00"
    )
    href = {"href": "https://paymentlink.mollie.com/payment/a", "type": "text/html"}
    return (201, {"resource": "payment-link", "_links": {"paymentLink": href}}) if good else (422, {"status": 422})


def adyen(path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
    """Adyen's Pay by Link: amount in minor units, merchant account, reference, API key in a header."""
    values = json.loads(body)
    good = (
        path == "/v71/paymentLinks"
        and headers.get("x-api-key") == KEY
        and 0 < len(headers.get("idempotency-key", "")) <= 64
        and values["amount"] == {"currency": "EUR", "value": 12900}
        and values["merchantAccount"] == "MeierCOM"
        and values["reference"] == "4711"
    )
    return (201, {"id": "PL1", "status": "active", "url": "https://test.adyen.link/PL1"}) if good else (422, {})


@dataclass
class Server:
    """A local server; ``asked`` are the requests it got, ``answer`` replaces its checks."""

    url: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Any = None


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port of this machine."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.asked.append((self.path, headers, body))
            code, answer = state.answer(self.path, headers, body)
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(code)
            if code in (301, 302, 307):
                self.send_header("Location", f"{state.url}/elsewhere")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()


CASES = (
    ("stripe", stripe, "https://buy.stripe.com/test_a", ["/v1/prices", "/v1/payment_links"]),
    ("stripe-checkout", stripe, "https://checkout.stripe.com/c/pay/cs_a", ["/v1/checkout/sessions"]),
    ("mollie", mollie, "https://paymentlink.mollie.com/payment/a", ["/v2/payment-links"]),
    ("adyen", adyen, "https://test.adyen.link/PL1", ["/v71/paymentLinks"]),
)


@pytest.mark.parametrize(("kind", "checks", "link", "paths"), CASES, ids=[kind for kind, *_ in CASES])
async def test_a_link_is_made(server: Server, kind: str, checks: Any, link: str, paths: list[str]) -> None:
    """Each provider is asked as its interface says; asking twice asks with the same idempotency key."""
    server.answer = checks
    provider = open_provider(Provider(kind, "", "MeierCOM", server.url), f"{KEY}\n")
    assert await provider.link(REQUEST) == link
    assert await provider.link(REQUEST) == link
    assert [path for path, _, _ in server.asked] == paths * 2
    keys = [headers["idempotency-key"] for _, headers, _ in server.asked]
    assert keys[: len(paths)] == keys[len(paths) :]
    assert len(set(keys)) == len(paths)
    assert all(b"@" not in body for _, _, body in server.asked)


TROUBLE = (
    ("status-401", lambda *_: (401, {})),
    ("status-422", lambda *_: (422, {"detail": "no"})),
    ("status-500", lambda *_: (500, b"oops")),
    ("status-302", lambda *_: (302, b"")),
    ("no-json", lambda *_: (200, b"<html>")),
    ("odd-answer", lambda *_: (200, {"url": 7})),
    ("odd-answer", lambda *_: (200, [])),
    ("odd-answer", lambda *_: (200, b"")),
    ("too-long", lambda *_: (200, b" " * 300_000)),
)


@pytest.mark.parametrize(("why", "answer"), TROUBLE, ids=range(len(TROUBLE)))
async def test_any_trouble_is_one_exception(server: Server, why: str, answer: Any) -> None:
    """Refusals, redirects and odd answers are trouble of a stable name, and no key stands in it."""
    server.answer = answer
    provider = open_provider(Provider("adyen", "", "MeierCOM", server.url), KEY)
    with pytest.raises(LinkTroubleError) as caught:
        await provider.link(REQUEST)
    assert str(caught.value) == why
    assert KEY not in repr(caught.value) + repr(provider)
    assert len(server.asked) == 1


async def test_a_slow_provider_is_left(server: Server) -> None:
    """Who does not answer within the time-out makes no link."""
    is_over = threading.Event()
    server.answer = lambda *_: (is_over.wait(60), (200, {}))[1]
    provider = open_provider(Provider("mollie", "", "", server.url, 0.1), KEY)
    try:
        with pytest.raises(LinkTroubleError, match="timeout"):
            await provider.link(REQUEST)
    finally:
        is_over.set()


@pytest.mark.parametrize(
    ("endpoint", "why"), [("http://127.0.0.1:1", "no-connection"), ("http://provider.example", "not-https")]
)
async def test_an_endpoint_that_cannot_be_asked(endpoint: str, why: str) -> None:
    """Nobody there, or not https: trouble, and nothing is sent in the clear to another machine."""
    with pytest.raises(LinkTroubleError, match=why):
        await open_provider(Provider("mollie", "", "", endpoint), KEY).link(REQUEST)
