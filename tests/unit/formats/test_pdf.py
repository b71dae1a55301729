"""PDF: every trick of ``tests/documents/pdfs.py`` is read, cut, and proved by readers that are not ours."""

from __future__ import annotations

import io
import random

import pytest
from tests.documents import pdfs, readers

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import Examination, examine
from pansentry.formats import pdf
from pansentry.limits import DocumentLimits

pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")

NUMBER = "4929381332664295"
WITHOUT_PICTURES = Examination(pictures=False)
LIMITS = DocumentLimits(max_pictures=0)


def make(trick: str) -> bytes:
    return pdfs.TRICKS[trick](NUMBER, random.Random(1))


@pytest.mark.parametrize("trick", pdfs.TRICKS)
def test_no_reader_shows_what_was_cut(trick: str) -> None:
    """The number is found, and no reader shows it in the rewritten document; the other page's text stays."""
    data = make(trick)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert [sight.kind for sight in examined.sightings if sight.kind == "pan"]
    assert examined.rewritten is not None
    assert not readers.leaks(NUMBER, readers.pdf(examined.rewritten))
    texts = pdf.extract(examined.rewritten, LIMITS).passages
    assert any(pdfs.KEPT in passage.text for passage in texts)


@pytest.mark.parametrize("trick", ["plain", "field", "attachment", "encrypted", "old_revision"])
def test_without_cuts_the_same_bytes(trick: str) -> None:
    """A document that nothing is cut from is the very same object."""
    data = make(trick)
    assert pdf.rewrite(data, {}, {}, LIMITS) is data


def test_a_clean_document_is_left_alone() -> None:
    """A document without card data comes back as it was."""
    data = pdfs.plain("1234567", random.Random(1))
    examined = examine(data, "", WITHOUT_PICTURES)
    assert not examined.sightings
    assert examined.rewritten is data


def test_the_readers_do_show_it_before() -> None:
    """The independent readers can fail: before the cut they show the number."""
    if readers.missing():
        pytest.skip(f"not installed: {', '.join(readers.missing())}")
    assert {"pdftotext", "mutool", "qpdf"} <= set(readers.leaks(NUMBER, readers.pdf(make("plain"))))


def test_a_page_with_a_finding_becomes_a_picture_and_the_others_keep_their_content() -> None:
    """The page loses its text and gets an image; the content stream of the other page is byte for byte the same."""
    import pikepdf

    examined = examine(make("plain"), "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    with pikepdf.open(io.BytesIO(make("plain"))) as before, pikepdf.open(io.BytesIO(examined.rewritten)) as after:
        assert len(after.pages) == len(before.pages) == 2
        assert "/Font" not in after.pages[0].Resources
        assert after.pages[0].Resources.XObject.Page.Subtype == "/Image"
        assert after.pages[1].Contents.read_bytes() == before.pages[1].Contents.read_bytes()


def test_the_box_lies_on_the_number_and_not_on_the_rest() -> None:
    """Where the number stood the picture is black; the line above it still has its letters."""
    import pypdfium2 as pdfium

    examined = examine(make("plain"), "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    document = pdfium.PdfDocument(examined.rewritten)
    bitmap = document[0].render(scale=1, grayscale=True)
    rows = [bytes(bitmap.buffer[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height)]
    document.close()
    line = rows[842 - 744]
    assert sum(value < 40 for value in line) > 50
    above = [value for row in rows[842 - 770 : 842 - 758] for value in row]
    assert 20 < sum(value < 128 for value in above) < 400


def test_a_password_is_unreadable() -> None:
    """A document that asks for a password is encrypted, not damaged."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make("plain"))) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user="b", R=6))
    with pytest.raises(DamagedError) as error:
        pdf.extract(out.getvalue(), LIMITS)
    assert error.value.reason == "encrypted"


def test_glyphs_of_unknown_meaning_are_for_the_reader_of_pictures() -> None:
    """A font that does not say what its glyphs are makes the page unreadable, and says so."""
    data = pdfs.coded_without_table(NUMBER, random.Random(1))
    (why,) = pdf.extract(data, LIMITS).unreadable
    assert (why.reason, why.place) == ("pictures-later", "page 1: font")


def test_a_signature_is_named() -> None:
    """A signed document says so, since its signature does not survive an edit."""
    document = pdfs.Pdf()
    document.page(b"BT /F1 12 Tf 72 700 Td (Hello) Tj ET")
    document.catalog = b"/AcroForm << /Fields [] /SigFlags 3 >>"
    assert pdf.extract(document.bytes(), LIMITS).signed
    assert not pdf.extract(make("field"), LIMITS).signed


def test_too_many_pages_are_a_limit() -> None:
    """A page tree is counted, not believed."""
    data = make("plain")
    with pytest.raises(LimitExceededError):
        pdf.extract(data, DocumentLimits(max_pages=1, max_pictures=0))
    assert pdf.extract(data, DocumentLimits(max_pages=2, max_pictures=0)).passages


def test_a_page_that_is_a_picture_is_handed_on() -> None:
    """A page without text becomes a picture for the reader of pictures, in PNG."""
    document = pdfs.Pdf()
    image = document.stream(
        bytes(300 * 200 * 3),
        b"/Type /XObject /Subtype /Image /Width 300 /Height 200 /ColorSpace /DeviceRGB /BitsPerComponent 8",
    )
    document.page(b"q 300 0 0 200 72 500 cm /I1 Do Q", b"/XObject << /I1 %d 0 R >>" % image)
    data = document.bytes()
    assert [why.reason for why in pdf.extract(data, LIMITS).unreadable] == ["pictures-later"]
    (inner,) = pdf.extract(data, DocumentLimits()).embedded
    assert inner.data.startswith(b"\x89PNG")
    assert inner.place == "page 1"


def test_hostile_bytes_are_a_value() -> None:
    """Documents with bytes changed, cut off and doubled raise nothing but DamagedError and LimitExceededError."""
    rng = random.Random(7)
    for trick in ("plain", "field", "attachment", "object_streams", "coded"):
        data = make(trick)
        for _ in range(12):
            broken = bytearray(data)
            for _ in range(rng.randint(1, 20)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            cut = rng.choice((len(broken), rng.randrange(len(broken))))
            examined = examine(bytes(broken[:cut]), "", WITHOUT_PICTURES)
            assert not {"crash"} & {why.reason for why in examined.unreadable}


def with_picture(text: bytes) -> bytes:
    """A page with a grey picture of 300 by 200 pixels from (100, 400) to (400, 600), and text above it."""
    document = pdfs.Pdf()
    image = document.stream(
        b"\x80" * (300 * 200 * 3),
        b"/Type /XObject /Subtype /Image /Width 300 /Height 200 /ColorSpace /DeviceRGB /BitsPerComponent 8",
    )
    document.page(text + b"q 300 0 0 200 100 400 cm /I1 Do Q", b"/XObject << /I1 %d 0 R >>" % image)
    return document.bytes()


def dark_rows(data: bytes) -> set[int]:
    """The rows of the page, in points from below, that have a black stretch."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(data)
    bitmap = document[0].render(scale=1, grayscale=True)
    rows = bytes(bitmap.buffer)
    dark = {
        bitmap.height - y
        for y in range(bitmap.height)
        if sum(value < 10 for value in rows[y * bitmap.stride : y * bitmap.stride + bitmap.width]) > 40
    }
    document.close()
    return dark


@pytest.mark.parametrize("text", [b"", b"BT /F1 12 Tf 72 760 Td (Our order form, please see) Tj ET\n"])
def test_what_the_reader_of_pictures_painted_is_painted_on_the_page(text: bytes) -> None:
    """A picture that comes back with a box makes a page with a box in the same place, with text on it or without."""
    image_library = pytest.importorskip("PIL.Image")
    data = with_picture(text)
    (inner,) = pdf.extract(data, DocumentLimits()).embedded
    with image_library.open(io.BytesIO(inner.data)) as opened:
        picture = opened.convert("RGB")
    if text:  # the picture itself
        picture.paste((0, 0, 0), (90, 90, 190, 110))
    else:  # the page, at 200 dpi
        picture.paste((0, 0, 0), tuple(round(side * 200 / 72) for side in (190, 842 - 510, 290, 842 - 490)))
    out = io.BytesIO()
    picture.save(out, "PNG")
    dark = dark_rows(pdf.rewrite(data, {}, {inner.key: out.getvalue()}, DocumentLimits()))
    assert 500 in dark
    assert min(dark) > 480
    assert max(dark) < 520


def test_a_picture_that_cannot_be_painted_is_covered_whole() -> None:
    """None for a picture on a page with text covers it; the text above it stays visible."""
    data = with_picture(b"BT /F1 12 Tf 72 760 Td (Our order form, please see) Tj ET\n")
    dark = dark_rows(pdf.rewrite(data, {}, {0: None}, DocumentLimits()))
    assert set(range(405, 595)) <= dark
    assert 760 not in dark
