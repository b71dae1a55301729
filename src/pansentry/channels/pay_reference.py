"""Signed, expiring payment references: a link that says what it is for and cannot be changed.

In: order, amount, part payment. Out: parameters for the pay page's URL, and the check of such parameters on the shop's
side. Format (documented in ``docs/replies.md`` so that a shop can check it in any language)::

    https://shop.example/pay?order=4711&part=40&amount=129.00&currency=EUR&until=2026-12-06&sig=kfhw…

    sig = letters(first 16 bytes of HMAC-SHA256(key, "pansentry-pay-1" 0x1F "amount=129.00" 0x1F "currency=EUR" …))

The message is the version, then every parameter but ``sig`` as ``name=value`` in the order of their names, joined by
the octet 0x1F. ``letters`` writes each half octet as one of ``bcdfghjkmnpqrstv``: a signature holds no digit, so it can
be no card number, and no word.

What is signed is what the customer's mail said: the signature proves that the link is ours and unchanged, not that the
amount is owed; the shop compares it with the order. No personal data: no address, no name.
Attacks: changed, added or removed parameters; a reference after its day; a parameter given twice; another version.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

VERSION = "pansentry-pay-1"
NAMES = ("amount", "currency", "order", "part", "until")
_LETTERS = "bcdfghjkmnpqrstv"


class InvalidReferenceError(ValueError):
    """A reference that is not to be believed; the text says why, in a stable word first."""


@dataclass(frozen=True, slots=True)
class PayReference:
    """What a link is for. ``amount`` is a decimal text such as ``129.00``; ``part`` a percentage; ``until`` the last
    day, ``YYYY-MM-DD`` (UTC)."""

    order: str = ""
    amount: str = ""
    currency: str = ""
    part: str = ""
    until: str = ""


def sign_url(url: str, reference: PayReference, key: bytes) -> str:
    """Return ``url`` with the reference as signed parameters; parameters that it has already stay in front."""
    values = {name: value for name in NAMES if (value := getattr(reference, name))}
    scheme, netloc, path, query, _ = urlsplit(url)
    added = urlencode([*values.items(), ("sig", _signature(values, key))])
    return urlunsplit((scheme, netloc, path, f"{query}&{added}" if query else added, ""))


def verify_url(url: str, key: bytes, *, today: datetime.date) -> PayReference:
    """Return what a signed link is for. Raises :class:`InvalidReferenceError` (``twice``, ``unsigned``, ``forged``,
    ``expired``)."""
    given = [(n, v) for n, v in parse_qsl(urlsplit(url).query, keep_blank_values=True) if n in {*NAMES, "sig"}]
    values = dict(given)
    if len(values) != len(given):
        raise InvalidReferenceError("twice: a parameter is given twice")
    signature = values.pop("sig", "")
    if not signature:
        raise InvalidReferenceError("unsigned: there is no signature")
    if not hmac.compare_digest(signature.encode(), _signature(values, key).encode()):
        raise InvalidReferenceError("forged: the signature does not fit what the link says")
    try:
        until = datetime.date.fromisoformat(values.get("until", ""))
    except ValueError:
        raise InvalidReferenceError("forged: there is no last day") from None
    if today > until:
        raise InvalidReferenceError("expired: the last day was " + until.isoformat())
    return PayReference(**values)


def pay_key(secret: bytes) -> bytes:
    """Return the key of payment references, derived from the installation's key; this one the shop is given."""
    return hmac.new(secret, b"pansentry payment references", hashlib.sha256).digest()


def letters(octets: bytes) -> str:
    """Write octets with the sixteen consonants of this format."""
    return "".join(_LETTERS[octet >> 4] + _LETTERS[octet & 15] for octet in octets)


def _signature(values: dict[str, str], key: bytes) -> str:
    words = [VERSION, *(f"{name}={values[name]}" for name in sorted(values))]
    return letters(hmac.new(key, "\x1f".join(words).encode(), hashlib.sha256).digest()[:16])
