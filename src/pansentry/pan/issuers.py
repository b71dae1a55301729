"""The scheme of a number by range, length and check digit, and what that says: the start of all evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.pan.brands import Brand, brands_of, has_issuer, luhn

if TYPE_CHECKING:
    from pansentry.pan.options import DetectOptions


def known_issuer(digits: str, options: DetectOptions) -> Brand | None:
    """Return the scheme of ``digits`` by range, length and check digit, or None."""
    if not has_issuer(digits) or not luhn(digits):
        return None
    for brand in brands_of(digits):
        if not options.brands or brand.key in options.brands:
            return brand
    return None


def issuer_evidence(digits: str, brand: Brand) -> list[str]:
    """Return the evidence that range, length and check digit give."""
    strength = "iin" if len(digits) in brand.alone else "iin-weak"
    return ["luhn", f"{strength}:{brand.key}"]
