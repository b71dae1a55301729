"""Numbers that a spreadsheet wrote with an exponent: ``4.11111111111111E+15``."""

from __future__ import annotations

import pytest

from pansentry import redact_text
from pansentry.pan.scientific import scientific


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        (b"4.11111111111111E+15", "4111111111111110"),
        (b"a,4.11111111111111e15,b", "4111111111111110"),
        (b"3,78282246310005E+14", "378282246310005"),
        (b"4.11111E+15", None),
        (b"14.11111111111111E+15", None),
        (b"4.11111111111111E+16", None),
        (b"4.11111111111111E+154", None),
        (b"4.11111111111111E-15", None),
    ],
)
def test_what_is_read(text: bytes, digits: str | None) -> None:
    """Fifteen digits and at most one lost zero make a number; what lost more, or is something else, makes none."""
    assert [found for _, _, found in scientific(text)] == ([digits] if digits else [])


@pytest.mark.parametrize("parted", [",", ";", "\t"])
def test_a_table_of_cards(parted: str) -> None:
    """Under the heading of a card the number goes, with the code and the date beside it."""
    rows = (("Name", "Card no.", "CVV", "Exp"), ("Ann", "4.11111111111111E+15", "321", "10/28"))
    redacted = redact_text("\n".join(parted.join(row) for row in rows))
    assert not {"4", "1", "2", "3", "8"} & set(redacted.splitlines()[1])


def test_a_table_of_measurements() -> None:
    """Where nothing speaks of cards, a measurement stays."""
    text = "sample;value\nA;4.11111111111111E+15\nB;5.10510510510511E+15\n"
    assert redact_text(text) is text
