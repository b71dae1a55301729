"""The fast strip: it may cry wolf, it must never be silent."""

from __future__ import annotations

import re

import pytest
from tests.unit.views.html_specimens import soup, well_formed

from pansentry.views import html
from pansentry.views.html_prefilter import ALARM, strip_for_prefilter

_CLOSE = re.compile(r"[0-9](?:[\s\u00a0\u00b7.-]{0,3}[0-9]){11}")
_CLOSE_BYTES = re.compile(rb"[0-9](?:(?:[\s.-]|\xc2\xa0|\xc2\xb7){0,3}[0-9]){11}")


@pytest.mark.parametrize("seed", range(1500))
def test_what_a_reading_holds_the_strip_holds(seed: int) -> None:
    """If twelve digits stand close together in any reading, they do so in the stripped bytes."""
    source = well_formed(seed) if seed % 3 == 0 else soup(seed)
    stripped = strip_for_prefilter(source.encode())
    if not _CLOSE_BYTES.search(stripped):
        for reading in html.read(source):
            assert not _CLOSE.search(reading.text), reading.name


@pytest.mark.parametrize(
    "source",
    [
        "4111<b title='>'>1111</b>11111111",
        "4111<!-- > --!>1111<!---->11111111",
        "4111<span hidden>twelve words and no digit</span>1111<i hidden>x</i>1111<i style='display:none'>x</i>1111",
        "<style>.x{display:none}</style>4111<i class=x>abcdef</i>1111<i class=x>abcdef</i>1111",
        "41<img alt=11>11<img alt=11>11<img alt=11>11<img alt=11>",
        "<a href='%34%31%31%31%31%31%31%31%31%31%31%31'>",
        "<a href='%2534111111111111'>",
        "<script>x='\\u0034\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031'</script>",
        "&#52;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;",
        "4111&nbsp1111&nbsp1111",
        "<title>4111<b></title>1111<xmp>11111111",
        "1111<table><tr><td>words</td></tr>41111111</table>",
        "1111<table><tr><td>words</td><b>41111111</b></tr></table>",
        "41<bdo dir=rtl>11111111 xx</bdo>1111 <bdo dir=rtl>11111111</bdo>",
    ],
)
def test_known_tricks_are_not_stripped_away(source: str) -> None:
    """Each trick that a naive strip would fall for still rings."""
    assert _CLOSE_BYTES.search(strip_for_prefilter(source.encode()))


@pytest.mark.parametrize(
    "source",
    [
        "Plain text without any markup, 12 of it",
        "<html><head><title>Offer 2024</title><style>td{padding:0 10px;color:#333}</style></head><body>"
        "<table width=600> <tr><td style='font-size:12px;color:#333333'>Dear customer</td><td>Call 030 1234567</td>"
        "</tr></table></body></html>",
        "<p>Hello &amp; welcome,</p><p>your order 4711 of 2024-05-01</p><!-- footer --><a href='https://x.example'>x</a>",
    ],
)
def test_ordinary_mail_does_not_ring(source: str) -> None:
    """Common markup is stripped so well that a clean part is spared its readings."""
    stripped = strip_for_prefilter(source.encode())
    assert not stripped.startswith(ALARM)
    assert not _CLOSE_BYTES.search(stripped)


def test_bytes_of_other_scripts_are_kept() -> None:
    """Digits of other scripts survive the strip between tags and references."""
    stripped = strip_for_prefilter("٤<b>١</b>&#x661;１".encode())
    assert "٤١١１".encode() in stripped
