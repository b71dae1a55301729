"""Echoes: digits that were found once are known again, whole or without the four that stay."""

from __future__ import annotations

import pytest

from pansentry.pan.finding import Finding, Kind
from pansentry.redaction import echo
from pansentry.redaction.mask import mask

NUMBER = "4111111111111111"
LISTEN = echo.listener([Finding(Kind.PAN, 0, 16, NUMBER, brand="visa", confidence=1.0, reasons=())])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("file 4111-1111-1111-1111.pdf", "file XXXX-XXXX-XXXX-1111.pdf"),
        ('"4111 1111 1111 "0000', '"XXXX XXXX XXXX "0000'),
        ("it begins with 411111111111, you know", "it begins with XXXXXXXXXXXX, you know"),
        ("it begins with 4111 1111 1111\nthen", "it begins with XXXX XXXX XXXX\nthen"),
    ],
)
def test_a_number_is_known_again(text: str, masked: str) -> None:
    """The whole number is masked but for its last four digits, its beginning is masked whole."""
    for finding in LISTEN(text):
        assert finding.reveal() == NUMBER
        for edit in mask(text, finding):
            text = text[: edit.start] + edit.new + text[edit.end :]
    assert text == masked


@pytest.mark.parametrize(
    "text", ["41111111111", "4111111111112", "14111 1111 1111", "4111 1111 1111 1112", "1111", "4111, 4111 1111 1111"]
)
def test_other_digits_stay(text: str) -> None:
    """Fewer digits than all but four, more, or a beginning that goes on as another number are none."""
    assert LISTEN(text) == ()


def test_the_beginning_of_a_short_number_is_not_looked_for() -> None:
    """Thirteen digits without four are as many as a telephone number has."""
    listen = echo.listener([Finding(Kind.PAN, 0, 13, "4222222222222", brand="visa", confidence=1.0, reasons=())])
    assert listen("422222222") == ()
    assert len(listen("4222222222222")) == 1
