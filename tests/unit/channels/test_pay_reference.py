"""Signed payment references: they say what they are for, end, and cannot be changed."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from pansentry import pan
from pansentry.channels import InvalidReferenceError, PayReference, pay_key, verify_url
from pansentry.channels.pay_reference import sign_url

KEY = pay_key(b"secret of this installation" * 2)
TODAY = datetime.date(2026, 11, 22)
REFERENCE = PayReference("4711", "129.00", "EUR", "40", "2026-12-06")
URL = sign_url("https://shop.example/pay", REFERENCE, KEY)


def test_what_is_signed_is_verified() -> None:
    """The shop reads exactly what was signed, to the last day and not after it."""
    assert verify_url(URL, KEY, today=TODAY) == REFERENCE
    assert verify_url(URL, KEY, today=datetime.date(2026, 12, 6)) == REFERENCE
    with pytest.raises(InvalidReferenceError, match=r"^expired"):
        verify_url(URL, KEY, today=datetime.date(2026, 12, 7))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("amount=129.00", "amount=1.00", "forged"),
        ("part=40", "part=4", "forged"),
        ("order=4711", "order=4712", "forged"),
        ("currency=EUR", "currency=JPY", "forged"),
        ("until=2026-12-06", "until=2036-12-06", "forged"),
        ("&part=40", "", "forged"),
        ("order=4711", "order=4711&order=4712", "twice"),
        ("sig=", "sig=b", "forged"),
        ("&sig=", "&signature=", "unsigned"),
    ],
)
def test_a_changed_link_fails(old: str, new: str, why: str) -> None:
    """Any change of what is said, or of until when, is seen."""
    assert old in URL
    with pytest.raises(InvalidReferenceError, match=f"^{why}"):
        verify_url(URL.replace(old, new), KEY, today=TODAY)


def test_another_key_fails() -> None:
    """A link of another shop is not ours."""
    with pytest.raises(InvalidReferenceError, match=r"^forged"):
        verify_url(URL, pay_key(b"x" * 32), today=TODAY)


def test_parameters_of_the_page_itself_stay() -> None:
    """A pay page with a query of its own keeps it, and it is not part of what is signed."""
    url = sign_url("https://shop.example/pay?shop=7", REFERENCE, KEY)
    assert url.startswith("https://shop.example/pay?shop=7&amount=")
    assert verify_url(url, KEY, today=TODAY) == REFERENCE


def test_the_format_is_as_documented() -> None:
    """A shop that follows docs/replies.md with nothing but HMAC gets the same signature."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(URL).query).items()}
    signature = given.pop("sig")
    message = "\x1f".join(["pansentry-pay-1", *(f"{name}={given[name]}" for name in sorted(given))])
    digest = hmac.new(KEY, message.encode(), hashlib.sha256).digest()[:16]
    assert signature == "".join("bcdfghjkmnpqrstv"[o >> 4] + "bcdfghjkmnpqrstv"[o & 15] for o in digest)


def test_no_link_looks_like_a_card() -> None:
    """Signatures are letters; the scanner that every letter passes finds nothing in a thousand links."""
    for number in range(1000):
        url = sign_url(
            "https://shop.example/pay", PayReference(str(100000 + number), "129.00", "EUR", "", "2026-12-06"), KEY
        )
        assert not pan.find(url)
