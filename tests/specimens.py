"""Card numbers for tests: published test numbers and generated ones, never a real card.

Generated numbers are valid by construction (issuer range, length, Luhn) and seeded, so every run sees the same.
"""

from __future__ import annotations

import random

from pansentry.pan.brands import BRANDS, Brand, brands_of, luhn_digit, spans

PUBLISHED = {
    "visa": ("4111111111111111", "4012888888881881", "4242424242424242", "4222222222222"),
    "mastercard": ("5555555555554444", "5105105105105100", "2223003122003222"),
    "amex": ("378282246310005", "371449635398431"),
    "discover": ("6011111111111117", "6011000990139424"),
    "diners": ("30569309025904", "38520000023237"),
    "jcb": ("3530111333300000", "3566002020360505"),
    "unionpay": ("6240008631401148",),
    "maestro": ("6759649826438453",),
}
"""Numbers that payment providers print in their manuals."""

NO_LUHN = ("4111111111111112", "5555555555554445", "378282246310006")
"""Numbers with a scheme's range and length and a wrong check digit."""


def generated(brand: Brand, length: int, rng: random.Random) -> str:
    """Return a valid number of ``brand`` with ``length`` digits whose best reading is this scheme."""
    for _ in range(1000):
        low, high = rng.choice(spans(brand))
        payload = f"{rng.randint(low, high):06d}" + "".join(rng.choices("0123456789", k=length - 7))
        number = payload + luhn_digit(payload)
        if brands_of(number)[0].key == brand.key:
            return number
    return number


def every_brand() -> tuple[tuple[Brand, int], ...]:
    """Return each scheme with each of its lengths."""
    return tuple((brand, length) for brand in BRANDS for length in brand.lengths)


def grouped(digits: str, sizes: tuple[int, ...], separator: str) -> str:
    """Write ``digits`` in groups of ``sizes``."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(digits[at : at + size])
        at += size
    return separator.join(pieces)
