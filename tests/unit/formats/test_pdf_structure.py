"""PDF: forms inside forms, fields by place, properties of marked content, numbers over the border of two pages."""

from __future__ import annotations

import random

import pytest
from tests.documents import bombs, pdfs, third_pdfs
from tests.documents.pdfs import Pdf

from pansentry.errors import LimitExceededError
from pansentry.examination import Examination, examine
from pansentry.formats import pdf, pdf_forms
from pansentry.limits import DocumentLimits

pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")

NUMBER = "4929381332664295"
LIMITS = DocumentLimits(max_pictures=0)
WITHOUT_PICTURES = Examination(pictures=False)
RNG = random.Random(1)


def tower(levels: int, twice: bool = False) -> bytes:
    """Return a page that draws a form that draws a form …; the lowest one says something."""
    document = Pdf()
    font = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    form = document.stream(
        b"BT /F1 12 Tf 72 700 Td (hello 123) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << %s >>" % font,
    )
    for _ in range(levels - 1):
        form = document.stream(
            b"/X#31 Do " * (2 if twice else 1),
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X1 %d 0 R >> >>" % form,
        )
    document.page(b"/X1 Do", b"/XObject << /X1 %d 0 R >>" % form)
    return document.bytes()


def test_forms_are_nested_to_a_limit() -> None:
    """Twenty forms inside each other are read, one more is not."""
    assert pdf.extract(tower(pdf_forms.MAX_NESTING), LIMITS).passages
    with pytest.raises(LimitExceededError, match="max_depth"):
        pdf.extract(tower(pdf_forms.MAX_NESTING + 1), LIMITS)


def test_forms_are_drawn_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page draws is counted with all that it draws: 2 + 4 + 8 … forms."""
    monkeypatch.setattr(pdf_forms, "MAX_DRAWN", 2**6 - 1)
    assert pdf.extract(tower(6, twice=True), LIMITS).passages
    with pytest.raises(LimitExceededError, match="max_expansion_ratio"):
        pdf.extract(tower(7, twice=True), LIMITS)


@pytest.mark.parametrize("name", ["form_loop", "form_tower"])
def test_forms_that_draw_themselves_are_a_value(name: str) -> None:
    """A loop and a tower of forty forms end at a limit, before anything is drawn."""
    (why, *_) = examine(bombs.BOMBS[name](), "", WITHOUT_PICTURES).unreadable
    assert why.reason == "limit:max_depth"


@pytest.mark.parametrize("trick", third_pdfs.TRICKS)
def test_what_was_found_is_gone(trick: str) -> None:
    """The third set: found, and gone for the readers that are not ours; those of text come as texts."""
    from tests.documents import readers

    examined = examine(third_pdfs.TRICKS[trick](NUMBER, RNG), "", WITHOUT_PICTURES)
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is not None
    assert not readers.leaks(NUMBER, readers.pdf(examined.rewritten))


def test_fields_in_the_order_of_the_page_are_read_once() -> None:
    """Where the form has them in the order of the page, they are read by name, in a row, and behind words only."""
    assert sum(passage.place == "form" for passage in pdf.extract(pdfs.four_fields(NUMBER, RNG), LIMITS).passages) == 3
    placed = pdf.extract(third_pdfs.form_of_sixteen(NUMBER, RNG), LIMITS)
    assert NUMBER in {passage.text for passage in placed.passages}


def test_pages_are_read_on_only_where_digits_touch_their_borders() -> None:
    """A page that ends with a word, or a next one that begins with one, is no case for a second reading."""
    assert pdf.extract(third_pdfs.digits_between_pages(NUMBER, RNG), LIMITS).joined == ((0, 1),)
    assert not pdf.extract(pdfs.plain(NUMBER, RNG), LIMITS).joined


def test_comments_and_properties_of_one_stream_are_both_cut() -> None:
    """A stream with a number in a comment and another one in a property loses both."""
    other = "5555555555554444"
    content = b"%% card %s\n/Span << /Alt (Visa %s) >> BDC BT /F1 12 Tf 72 700 Td (hello) Tj ET EMC"
    data = third_pdfs._page(content % (other.encode(), NUMBER.encode()))
    examined = examine(data, "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    for stream in pdf.streams(examined.rewritten):
        assert other.encode() not in stream
        assert NUMBER.encode() not in stream


def test_keys_of_a_writer_name_what_they_hold() -> None:
    """Information under a key of the writer's own is read behind its words; under the standard's it stands alone."""
    texts = {passage.text for passage in pdf.extract(third_pdfs.date_and_custom(NUMBER, RNG), LIMITS).passages}
    assert any(f"Card Number: {NUMBER}" in text and "Keywords" not in text for text in texts)


def test_pages_are_counted_before_anything_is_copied_into_them() -> None:
    """A tree of a million pages is only large, since it is counted before qpdf sees it; one with a loop is damaged."""
    (large,) = examine(bombs.million_pages(), "", WITHOUT_PICTURES).unreadable
    (loop,) = examine(bombs.page_loop(), "", WITHOUT_PICTURES).unreadable
    assert (large.reason, loop.reason) == ("large:pages", "damaged")


def table(*rows: str, width: int = 150) -> bytes:
    """Return a page with a table; cells are parted by ``|``, empty ones are not drawn."""
    document = Pdf()
    cells = ((cell, x, y) for y, row in enumerate(rows) for x, cell in enumerate(row.split("|")) if cell)
    document.page(
        b"".join(
            b"BT /F1 9 Tf %d %d Td (%s) Tj ET\n" % (40 + width * x, 780 - 18 * y, cell.encode()) for cell, x, y in cells
        )
    )
    return document.bytes()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("Name|Order no.|Total", f"Anna|{NUMBER}|12.00"), False),
        (("Name|Card number|Total", f"Anna|{NUMBER}|12.00"), True),
        (("Name|Order no.|Number", f"Anna||{NUMBER}"), True),
        (("Name|Payment", f"Anna|{NUMBER}"), True),
        (("Order no.|Name|Card|Total", "4929|3813|3266|4295", f"1|Bert|{NUMBER}|2"), True),
    ],
)
def test_the_head_of_a_column_counts_on_a_page(rows: tuple[str, ...], found: bool) -> None:
    """A number under "Order no." is one; a row with an empty cell is no row of that table, and keeps its numbers."""
    data = table(*rows)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert ("pan" in {sight.kind for sight in examined.sightings}) is found
    assert (examined.rewritten is data) is not found


def test_tabs_between_columns_change_no_place() -> None:
    """The text with tabs has a character for each glyph, so that what is covered is what was found."""
    data = table("Name|Card number|Total", f"Anna|{NUMBER}|12.00")
    (page,) = (one for one in pdf.extract(data, LIMITS).passages if one.place == "page 1")
    assert page.text == f"Name\tCard number\tTotal\r\nAnna\t{NUMBER}\t12.00"
    narrow = table("Name|Card number|Total", "Anna|1042|12.00")
    (page,) = (one for one in pdf.extract(narrow, LIMITS).passages if one.place == "page 1")
    assert "\t" not in page.text


WEAK = "3056930009020004"
"""Sixteen digits in a range that many other numbers share: nothing without a word for a card."""


def boxes(number: str, printed: str = "", at: tuple[int, int] = (72, 740), name: str = "d") -> bytes:
    """Return a form with a field for each digit of a number, and words at a place of the page."""
    document = Pdf()
    widgets = [
        document.add(
            b"<< /Type /Annot /Subtype /Widget /FT /Tx /MaxLen 1 /T (%s%d) /V (%s) /Rect [%d 700 %d 715] /F 4 >>"
            % (name.encode(), index, digit.encode(), 272 + 15 * index, 286 + 15 * index)
        )
        for index, digit in enumerate(number)
    ]
    listed = b" ".join(b"%d 0 R" % widget for widget in widgets)
    words = b"BT /F1 12 Tf %d %d Td (%s) Tj ET" % (*at, printed.encode())
    document.page(words, more=b"/Annots [%s]" % listed)
    document.catalog = b"/AcroForm << /Fields [%s] >>" % listed
    return document.bytes()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (boxes(WEAK, "Kreditkarte Nr.", (272, 740)), True),
        (boxes(WEAK, "Kreditkarte Nr.", (72, 702)), True),
        (boxes(WEAK, "", name="card_"), True),
        (boxes(WEAK, "Kreditkarte Nr.", (272, 400)), False),
        (boxes(WEAK, "Kundennummer", (272, 740)), False),
        (boxes(WEAK), False),
    ],
)
def test_fields_are_read_behind_the_words_beside_them(data: bytes, found: bool) -> None:
    """What is printed above or to the left of boxes, or their names, labels the number in them; other words do not."""
    examined = examine(data, "", WITHOUT_PICTURES)
    assert ("pan" in {sight.kind for sight in examined.sightings}) is found
    if found:
        assert examined.rewritten is not None
        fields = pdf.extract(examined.rewritten, LIMITS).passages
        assert not any(WEAK in "".join(filter(str.isdigit, one.text)) for one in fields)
    else:
        assert examined.rewritten is data


def test_form_data_in_utf_16_is_read_under_its_names() -> None:
    """FDF keeps strings in UTF-16 beside names in Latin-1; the mask leaves UTF-16."""
    data = third_pdfs.form_data_wide(WEAK, RNG)
    examined = examine(data)
    assert examined.rewritten is not None
    assert len(examined.rewritten) == len(data)
    assert "3056" not in examined.rewritten[examined.rewritten.index(b"\xfe\xff") :].decode("utf-16-be", "replace")
    assert WEAK[:8] not in examined.rewritten.replace(b"\0", b"").decode("latin-1")


def _linked(uri: bytes) -> bytes:
    made = Pdf()
    link = made.add(b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (%s) >> >>" % uri)
    made.page(b"BT /F1 12 Tf 72 700 Td (hello) Tj ET", more=b"/Annots [%d 0 R]" % link)
    return made.bytes()


def test_escapes_in_a_link_are_read() -> None:
    """The address that a link opens holds the digits that its escapes stand for (RFC 3986 §2.1)."""
    data = _linked(b"https://shop.example/?card_number=" + b"".join(b"%%%02X" % ord(d) for d in "4929381332664295"))
    examined = examine(data, "", Examination(pictures=False))
    assert "pan" in [sight.kind for sight in examined.sightings]
    assert examined.rewritten is not None
    assert b"%34%39%32%39" not in examined.rewritten


def test_metadata_with_references_is_read_as_markup() -> None:
    """XMP begins with a processing instruction of its own, and may spell every character as a reference."""
    made = Pdf()
    spelt = "".join(f"&#{ord(c)};" for c in "card number 4929381332664295")
    stream = made.stream(f'<?xpacket begin=""?><x dc:title="{spelt}"/><?xpacket end="w"?>'.encode(), pack=False)
    made.catalog = b"/Metadata %d 0 R" % stream
    made.page(b"BT /F1 12 Tf 72 700 Td (hello) Tj ET")
    examined = examine(made.bytes(), "", Examination(pictures=False))
    assert "pan" in [sight.kind for sight in examined.sightings]
    assert examined.rewritten is not None


@pytest.mark.parametrize(("font", "found"), [("Helvetica", True), ("Symbol", False)])
def test_a_table_that_lies_of_a_viewers_font_is_found_out(font: str, found: bool) -> None:
    """Without an encoding a font that is not embedded has the standard one (§9.6.6.1): its digits are digits."""
    made = Pdf()
    lies = "".join(f"<{0x30 + n:02x}> <{0x61 + n:04x}>" for n in range(10))
    table = made.stream(f"begincmap 10 beginbfchar {lies} endbfchar endcmap".encode())
    liar = made.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /ToUnicode %d 0 R >>" % (font.encode(), table))
    content = b"BT /F1 12 Tf 72 700 Td (card ) Tj /F2 12 Tf (4929381332664295) Tj ET"
    made.page(content, b"/Font << /F2 %d 0 R >>" % liar)
    page = made.objects[made.pages[0] - 1]
    made.objects[made.pages[0] - 1] = page.replace(b" >> /Font << ", b" ")  # one table of fonts
    examined = examine(made.bytes(), "", Examination(pictures=False))
    assert ("pan" in [sight.kind for sight in examined.sightings]) is found
