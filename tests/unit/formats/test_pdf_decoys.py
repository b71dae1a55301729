"""PDF: digits that nobody sees between those of a number part it for no reader."""

from __future__ import annotations

import pytest
from tests.documents import readers
from tests.documents.pdfs import Pdf

from pansentry.examination import Examination, examine

pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")

NUMBER = "4929381332664295"
GROUPS = ("4929", "3813", "3266", "4295")
HIDDEN = {
    "white": b"1 1 1 rg (77) Tj 0 g",
    "grey that nobody sees": b".97 g (77) Tj 0 g",
    "invisible": b"3 Tr (77) Tj 0 Tr",
    "for clipping only": b"7 Tr (77) Tj 0 Tr",
    "tiny": b"/F1 1 Tf (77) Tj /F1 12 Tf",
}
WITHOUT_PICTURES = Examination(pictures=False)


def page(between: bytes, groups: tuple[str, ...] = GROUPS, before: bytes = b"(Card number: ) Tj") -> bytes:
    """Return a page that shows the groups, with something else drawn between them."""
    document = Pdf()
    shown = (b" " + between + b" ").join(b"(%s) Tj" % group.encode() for group in groups)
    document.page(b"BT /F1 12 Tf 72 700 Td " + before + b" " + shown + b" ET")
    return document.bytes()


@pytest.mark.parametrize("name", HIDDEN)
def test_digits_that_nobody_sees_part_no_number(name: str) -> None:
    """What the eye reads is found, and nobody reads it afterwards."""
    examined = examine(page(HIDDEN[name]), "", WITHOUT_PICTURES)
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is not None
    for reader, text in readers.pdf(examined.rewritten):
        assert reader == "bytes" or not any(group.encode() in text for group in GROUPS[:3])


@pytest.mark.parametrize("between", [b"(77) Tj", b"0 0 1 rg (77) Tj 0 g", b".5 g (77) Tj 0 g"])
def test_digits_that_are_seen_do(between: bytes) -> None:
    """A longer number in two colours is no card."""
    assert not examine(page(between), "", WITHOUT_PICTURES).sightings


def test_a_white_heading_is_no_decoy() -> None:
    """White digits in another line are left where they are, and so is a page that is unseen as a whole (a scan)."""
    groups = ("1042", "2025", "3813", "4720")
    heading = page(b"0 -20 Td", groups, b"1 g (2024 2025) Tj 0 g 0 -20 Td")
    for data in (heading, page(b"", groups, b"3 Tr")):
        examined = examine(data, "", WITHOUT_PICTURES)
        assert not examined.sightings
        assert examined.rewritten is data
