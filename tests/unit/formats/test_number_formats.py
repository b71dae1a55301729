"""Numbers of spreadsheets as they are shown."""

from __future__ import annotations

import pytest

from pansentry.formats.number_formats import shown


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("4111111111111111", "", "4111111111111111"),
        ("4.11111111111111E15", "", "4111111111111110"),
        ("4.11111111111111E+15", "General", "4111111111111110"),
        ("4111111111111111", "0000\\ 0000\\ 0000\\ 0000", "4111 1111 1111 1111"),
        ("4111111111111111", '0000"-"0000"-"0000"-"0000', "4111-1111-1111-1111"),
        ("371449635398431", "0000 000000 00000", "3714 496353 98431"),
        ("4111111111111110", "0000 0000 0000 0000", "4111111111111110"),
        ("7", "000", "007"),
        ("1234567", "#,##0", "1234567"),
        ("12.5", "0.00", "12.5"),
        ("0.1", "", "0.1"),
        ("-5", "", "-5"),
        ("nonsense", "0", "nonsense"),
        ("1e400", "", "1e400"),
        ("1e99999999999", "", "1e99999999999"),
        ("NaN", "", "NaN"),
    ],
)
def test_numbers_are_shown_in_full(stored: str, code: str, text: str) -> None:
    """Whole numbers have all their digits, leading zeros and groups; a rounded one is not grouped."""
    assert shown(stored, code) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("mm/yy", "09/27"),
        ("mmm-yy", "Sep-27"),
        ("[$-409]mmm\\-yy;@", "Sep-27"),
        ("yyyy/m", "2027/9"),
        ("dd.mm.yyyy hh:mm", "01.09.2027"),
        ("d-mmm", "1-Sep"),
        ('mmmm" "yyyy', "September 2027"),
    ],
)
def test_dates_are_shown_as_their_format_says(code: str, text: str) -> None:
    """A date that was made of "09/27" shows month and year again; times are left out."""
    assert shown("46631", code) == text


def test_the_other_date_system_is_four_years_on() -> None:
    """Workbooks of old Macs count from 1904."""
    assert shown("45169", "mm/yy", from_1904=True) == "09/27"


def test_a_date_that_is_none_stays_as_stored() -> None:
    """Negative and huge serial numbers are no dates."""
    assert shown("-1", "mm/yy") == "-1"
    assert shown("99999999999", "mm/yy") == "99999999999"
