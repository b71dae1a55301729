"""Masks: what stays of a finding, and that the width stays."""

from __future__ import annotations

import pytest

from pansentry.edits import apply
from pansentry.pan.finding import Finding, Kind
from pansentry.redaction import DEFAULT_STYLE, mask
from pansentry.truncation import Style

PAN = "4111111111111111"


def _masked(text: str, kind: Kind, value: str, style: Style = DEFAULT_STYLE) -> str:
    finding = Finding(kind, 0, len(text), value, confidence=1.0, reasons=())
    return apply(text, mask(text, finding, style))


@pytest.mark.parametrize(
    ("text", "style", "shown"),
    [
        ("4111 1111 1111 1111", Style("last4"), "XXXX XXXX XXXX 1111"),
        ("4111-1111-1111-1111", Style("first6last4"), "4111-11XX-XXXX-1111"),
        (PAN, Style("full"), "X" * 16),
        ("４１１１ 1111 1111 1111", Style("last4"), "XXXX XXXX XXXX 1111"),
        ("4111\u00a01111\n> 1111.1111", Style("last4"), "XXXX\u00a0XXXX\n> XXXX.1111"),
        ("4111%201111%201111%2D1111", Style("last4"), "XXXX%20XXXX%20XXXX%2D1111"),
        ("first 4111 1111 then 1111 1111", Style("last4"), "first XXXX XXXX then XXXX 1111"),
    ],
)
def test_a_number_keeps_what_the_style_keeps(text: str, style: Style, shown: str) -> None:
    """Digits become X, separators and words stay, the width stays."""
    assert _masked(text, Kind.PAN, PAN, style) == shown


@pytest.mark.parametrize("text", ["four one one one 1111", "411l 1111 1111 llll", "1111 1111 1111 1114"])
def test_a_number_not_written_in_its_digits_goes_completely(text: str) -> None:
    """Words, look-alike letters and reversed digits leave nothing, since it is not certain what stands where."""
    shown = _masked(text, Kind.PAN, PAN)
    assert set(shown) <= {"X", " "}
    assert len(shown) == len(text)


@pytest.mark.parametrize("style", [Style("last4", "keep"), Style("first6last4"), Style("full")])
def test_a_code_never_stays(style: Style) -> None:
    """No style keeps a character of a code or of track data (PCI DSS 3.3.1)."""
    assert _masked("737", Kind.CVV, "737", style) == "XXX"
    track = "%B4111111111111111^DOE/JO^2512101?"
    assert _masked(track, Kind.TRACK, track, style) == "%XXXXXXXXXXXXXXXXX^XXX/XX^XXXXXXX?"


@pytest.mark.parametrize(
    ("text", "shown"), [("09/28", "XX/XX"), ("Sept 2028", "XXXX XXXX"), ("2028年9月", "XXXX年X月")]
)
def test_an_expiry_goes_unless_it_is_kept(text: str, shown: str) -> None:
    """Month names go with the digits; signs that only part them stay."""
    assert _masked(text, Kind.EXPIRY, "09/28") == shown
    assert _masked(text, Kind.EXPIRY, "09/28", Style(expiry="keep")) == text
