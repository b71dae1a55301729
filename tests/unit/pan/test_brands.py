"""The brand table and the check digit."""

from __future__ import annotations

import random

import pytest
from stdnum import luhn as reference
from tests.specimens import PUBLISHED, every_brand, generated

from pansentry.pan.brands import BRANDS, Brand, brand_keys, brand_name, brands_of, luhn, luhn_digit


@pytest.mark.parametrize(("key", "number"), [(key, n) for key, numbers in PUBLISHED.items() for n in numbers])
def test_published_test_numbers_have_their_brand(key: str, number: str) -> None:
    """Providers' test numbers are read as the scheme that published them."""
    assert brands_of(number)[0].key == key
    assert luhn(number)


@pytest.mark.parametrize(("brand", "length"), every_brand(), ids=lambda item: getattr(item, "key", str(item)))
def test_every_scheme_makes_numbers_that_it_recognises(brand: Brand, length: int) -> None:
    """A number generated from a scheme's ranges and lengths is one of that scheme's."""
    number = generated(brand, length, random.Random(7))
    assert brand.key in {found.key for found in brands_of(number)}


def test_luhn_agrees_with_stdnum() -> None:
    """Our fast check digit is the one python-stdnum computes."""
    rng = random.Random(3)
    for _ in range(500):
        digits = "".join(rng.choices("0123456789", k=rng.randint(12, 19)))
        assert luhn(digits) == reference.is_valid(digits)
        assert luhn_digit(digits) == reference.calc_check_digit(digits)


def test_length_must_fit_the_scheme() -> None:
    """A right prefix with a length the scheme does not issue is no number of it."""
    assert "amex" not in {brand.key for brand in brands_of("3782822463100050")}
    assert brands_of("999999999999999") == ()


def test_neighbours_of_a_range_are_outside() -> None:
    """Mastercard's 2-series begins at 2221 and ends at 2720."""
    inside = {number: brands_of(number + "0" * 12) for number in ("2221", "2720")}
    assert all(found[0].key == "mastercard" for found in inside.values())
    outside = [brand.key for number in ("2721", "2220") for brand in brands_of(number + "0" * 12)]
    assert "mastercard" not in outside


def test_names() -> None:
    """Every key has a name people know; an unknown one is just a card."""
    assert brand_name("amex") == "American Express"
    assert brand_name(None) == brand_name("nobody") == "card"
    assert {brand.key for brand in BRANDS} == brand_keys()


def test_printed_groupings_add_up() -> None:
    """Each printed grouping has as many digits as the length it is listed for."""
    for brand in BRANDS:
        for length, forms in brand.groupings:
            assert all(sum(form) == length for form in forms)
