"""Pictures: what can be read in them, what is painted over, and what is left of the file."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin
from tests.documents import measure_pictures
from tests.documents.cards import card_picture, card_picture_of
from tests.specimens import PUBLISHED, grouped

from pansentry import detect
from pansentry.edits import Edit
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import ocr, picture, picture_boxes, picture_doubt
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS as LIMITS
from pansentry.limits import DocumentLimits

NUMBER = PUBLISHED["visa"][0]
PRINTED = grouped(NUMBER, (4, 4, 4, 4), " ")


def sheet(*lines: str, size: tuple[int, int] = (700, 300), ink: Any = "black", mode: str = "RGB") -> Image.Image:
    """Return a white sheet with lines of print."""
    paper = Image.new(mode, size, "white" if mode != "RGBA" else (0, 0, 0, 0))
    draw = ImageDraw.Draw(paper)
    for number, line in enumerate(lines):
        draw.text((40, 40 + number * 70), line, font=ImageFont.load_default(40), fill=ink)
    return paper


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    """Return what is read in a picture."""
    return [passage.text for passage in picture.extract(data, LIMITS).passages]


def masked(data: bytes) -> bytes:
    """Return the picture with everything cut that the detector finds; the last four digits stay."""
    cuts = {}
    for passage in picture.extract(data, LIMITS).passages:
        edits = []
        for finding in sorted(detect(passage.text), key=lambda finding: finding.start):
            old = passage.text[finding.start : finding.end]
            hidden = re.sub(r"\w", "X", old)
            new = hidden[:-4] + old[-4:] if finding.kind == "pan" else hidden
            edits.append(Edit(finding.start, finding.end, new))
        if edits:
            cuts[passage.key] = edits
    assert cuts
    return picture.rewrite(data, cuts, {}, LIMITS)


def shows(data: bytes, digits: str) -> bool:
    """Say whether these digits can be read anywhere in a picture, whatever stands between them."""
    return any(digits in re.sub(r"[^0-9]", "", text) for text in texts(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000"])
def test_every_kind_is_read_and_painted(kind: str) -> None:
    """Each kind of picture shows its number, and the painted file, of the same kind, only its last four."""
    data = file(sheet("Card number", PRINTED, "Order 2026-4711"), kind)
    assert shows(data, NUMBER)
    out = masked(data)
    assert Image.open(io.BytesIO(out)).format == kind
    assert not shows(out, NUMBER[:12])
    assert not shows(out, NUMBER[4:12])
    assert shows(out, NUMBER[-4:])
    assert any("Order" in text for text in texts(out))


@pytest.mark.parametrize("turn", [0, 45, 90, 180, 270])
def test_the_boxes_lie_on_the_digits_however_the_picture_is_turned(turn: int) -> None:
    """Under the paint nothing of the twelve digits is left: the ink that stays is that of the words and four digits."""
    upright = sheet("Card", PRINTED, "Thank you")
    data = file(upright.rotate(turn, expand=True, fillcolor="white"))
    out = Image.open(io.BytesIO(masked(data)))
    back = out.rotate(-turn, expand=True, fillcolor="white")
    left, top = (back.width - upright.width) // 2, (back.height - upright.height) // 2
    words = upright.crop((40, 110, 520, 160)).convert("L")
    painted = back.crop((left + 40, top + 110, left + 520, top + 160)).convert("L")
    end = round(ImageDraw.Draw(upright).textlength(PRINTED[:14], font=ImageFont.load_default(40)))
    for x in range(end):
        inked = [y for y in range(words.height) if words.getpixel((x, y)) < 100]
        assert all(painted.getpixel((x, y)) < 160 for y in inked), f"ink that is no paint in column {x}"
        if inked:
            column = [painted.getpixel((x, y)) for y in range(min(inked), max(inked) + 1)]
            assert max(column) < 160, f"a digit can be told in column {x}"


def test_a_picture_without_cuts_is_the_same_object() -> None:
    """No cuts and nothing replaced: not one byte moves."""
    data = file(sheet("Thank you"))
    assert picture.rewrite(data, {}, {}, LIMITS) is data


def test_every_size_of_an_icon_is_looked_at() -> None:
    """The pictures of an icon may differ: each is a frame; painted, one is left, which holds pixels only."""
    small, large = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (128, 128), "blue")
    icon = file(large, "ICO", sizes=[(128, 128), (64, 64)], append_images=[small])
    assert [frame.size for frame in picture._frames(icon, 10**6)] == [(128, 128), (64, 64)]
    box = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))
    painted = picture._painted(icon, {0: [box]}, 10**6)
    (left,) = picture._frames(painted, 10**6)
    assert left.size == (128, 128)
    assert left.convert("RGB").getpixel((20, 20)) == (0, 0, 0)


def test_every_frame_is_read_and_painted() -> None:
    """A number on the second page of a TIFF and in the third frame of a GIF is found and covered."""
    pages = [sheet("Page one"), sheet("Card", PRINTED), sheet("Page three")]
    for kind, options in (("TIFF", {}), ("GIF", {"duration": 50, "loop": 0})):
        data = file(pages[0], kind, save_all=True, append_images=pages[1:], **options)
        assert shows(data, NUMBER)
        out = masked(data)
        assert not shows(out, NUMBER[:12])
        assert Image.open(io.BytesIO(out)).n_frames == 3  # type: ignore[attr-defined]


def test_white_print_on_nothing_is_read() -> None:
    """A transparent picture is read on white and on black: a dark page shows what a white one hides."""
    data = file(sheet("Card", PRINTED, ink=(255, 255, 255, 255), mode="RGBA"))
    assert shows(data, NUMBER)
    assert not shows(masked(data), NUMBER[:12])


def test_print_under_full_transparency_is_gone() -> None:
    """Colours of fully transparent pixels, which an editor would bring back, are read and do not survive."""
    hidden = sheet("Card", PRINTED).convert("RGBA")
    hidden.putalpha(0)
    data = file(hidden)
    assert shows(data, NUMBER)
    out = Image.open(io.BytesIO(masked(data))).convert("RGBA")
    assert not shows(file(out.convert("RGB")), NUMBER[:12])


@pytest.mark.parametrize("place", ["text", "packed", "behind"])
def test_words_in_a_png_are_read_and_dropped(place: str) -> None:
    """Comments, packed comments and bytes behind the end are passages of metadata, and not in the painted file."""
    words = PngImagePlugin.PngInfo()
    if place != "behind":
        words.add_text("Comment", f"card {PRINTED}", zip=place == "packed")
    data = file(sheet("Thank you"), pnginfo=words) + (f"card {PRINTED}".encode() if place == "behind" else b"")
    (passage,) = [passage for passage in picture.extract(data, LIMITS).passages if passage.place == "picture metadata"]
    at = passage.text.index(PRINTED)
    out = picture.rewrite(data, {passage.key: [Edit(at, at + 19, "X" * 19)]}, {}, LIMITS)
    assert all(PRINTED not in text for text in texts(out))
    assert PRINTED.encode() not in out


def test_words_in_a_jpeg_are_read_and_dropped() -> None:
    """EXIF in both its character sets, comments, and what stands behind the end."""
    exif = Image.Exif()
    exif[0x010E] = f"card {PRINTED}"
    exif[0x9C9C] = f"card {PRINTED}".encode("utf-16-le")
    data = file(sheet("Thank you"), "JPEG", exif=exif, comment=f"card {PRINTED}") + f"card {PRINTED}".encode()
    (passage,) = [passage for passage in picture.extract(data, LIMITS).passages if passage.place == "picture metadata"]
    assert passage.text.count(PRINTED) == 4
    at = passage.text.index(PRINTED)
    out = picture.rewrite(data, {passage.key: [Edit(at, at + 19, "X" * 19)]}, {}, LIMITS)
    assert PRINTED.encode() not in out
    assert PRINTED.encode("utf-16-le") not in out
    assert all(PRINTED not in text for text in texts(out))


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "BMP"])
def test_words_in_other_kinds_are_read_and_dropped(kind: str) -> None:
    """A GIF's comment, a TIFF's tag, a WebP's EXIF, and bytes behind a BMP's end."""
    exif = Image.Exif()
    exif[0x010E] = f"card {PRINTED}"
    options: dict[str, Any] = {"GIF": {"comment": f"card {PRINTED}"}, "BMP": {}}.get(kind, {"exif": exif})
    if kind == "TIFF":
        options = {"tiffinfo": {270: f"card {PRINTED}"}}
    data = file(sheet("Thank you"), kind, **options) + (f"card {PRINTED}".encode() if kind == "BMP" else b"")
    (passage,) = [passage for passage in picture.extract(data, LIMITS).passages if passage.place == "picture metadata"]
    at = passage.text.index(PRINTED)
    out = picture.rewrite(data, {passage.key: [Edit(at, at + 19, "X" * 19)]}, {}, LIMITS)
    assert PRINTED.encode() not in out


def test_a_thumbnail_does_not_survive() -> None:
    """The small picture inside EXIF shows the card still: a painted file has no EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 1
    data = file(sheet("Card", PRINTED), "JPEG", exif=exif)
    out = Image.open(io.BytesIO(masked(data)))
    assert not dict(out.getexif())
    assert "exif" not in out.info


def test_a_photograph_lying_on_its_side_by_exif_is_read_as_shown() -> None:
    """EXIF's orientation turns the picture for its reader; the painted one lies as it is shown."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = file(sheet("Card", PRINTED).rotate(90, expand=True), "JPEG", exif=exif)
    out = masked(data)
    assert Image.open(io.BytesIO(out)).size == (700, 300)
    assert not shows(out, NUMBER[:12])


@pytest.mark.parametrize("number", range(6))
def test_drawn_cards_are_found_and_covered(number: int) -> None:
    """Cards in scenes: the number is read in the picture, and neither it nor its date and code after painting."""
    card = card_picture(random.Random(f"unit/{number}"), number)
    found = {finding.reveal() for text in texts(card.data) for finding in detect(text)}
    assert card.number in found, card.tricks
    assert not any(detect(text) for text in texts(masked(card.data))), card.tricks


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a" + b"\xff" * 40,
        b"BM" + bytes(60),
        b"II*\0\x08\0\0\0\xff\xff" + bytes(30),
        b"RIFF\x10\0\0\0WEBPVP8 ",
        file(sheet("Thank you"))[:200],
        file(sheet("Thank you"), "JPEG")[:300],
    ],
)
def test_damaged_pictures_are_said_to_be_damaged(data: bytes) -> None:
    """Whatever the decoder says, the reason is one."""
    with pytest.raises(DamagedError, match="picture"):
        picture.extract(data, LIMITS)


def test_a_giant_is_refused_by_its_header() -> None:
    """A picture of 30,000 × 30,000 pixels in 300 bytes is never decoded."""
    data = bytearray(file(Image.new("1", (64, 64))))
    data[16:24] = (30000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(LimitExceededError, match="max_pixels"):
        picture.extract(bytes(data), LIMITS)


def test_frames_count_together() -> None:
    """The limit of pixels holds for all frames of a picture."""
    pages = [sheet(f"Page {number}") for number in range(4)]
    data = file(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(LimitExceededError, match="max_pixels"):
        picture.extract(data, DocumentLimits(max_pixels=700 * 300 * 3))


def test_pictures_that_can_show_nothing_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting pixels, rules and sheets of one colour cost no reading."""

    def never(pixels: Any) -> Any:
        raise AssertionError("was read")

    monkeypatch.setattr(ocr, "read", never)
    for image in (Image.new("RGB", (1, 1)), Image.new("RGB", (600, 4), "red"), Image.new("RGB", (600, 400), "red")):
        assert picture.extract(file(image), LIMITS).passages == ()


def test_without_the_extra_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the models are not installed, a picture is unreadable for that reason and no other."""
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(DamagedError, match="ocr-missing"):
        picture.extract(file(sheet("Thank you")), LIMITS)


def test_words_of_cards_are_known_by_their_shape_beside_a_long_number() -> None:
    """VAUDTHRU is VALIDTHRU and CW is CVV on a card; in a letter they stay what they are."""
    boxes = tuple(((at, 0.0), (at + 1.0, 0.0), (at + 1.0, 1.0), (at, 1.0)) for at in map(float, range(17)))
    line = ocr._with_card_words(ocr.Line("VAUDTHRU 09/28 CW", boxes))
    assert line.text == "VALIDTHRU 09/28 CVV"
    assert ocr._with_card_words(ocr.Line("VAUID 73L", boxes[:9])).text == "VALID 731"
    assert ocr._with_card_words(ocr.Line("Maria LLOYD", boxes[:11])).text == "Maria LLOYD"
    assert len(line.boxes) == len(line.text)
    assert line.boxes[10] == boxes[9]


@pytest.mark.parametrize("number", [67, 83])
def test_no_other_program_reads_what_our_models_misread(number: int) -> None:
    """Blurred, embossed and small cards, upside down: tesseract and rapidocr see neither number nor date nor code."""
    card = card_picture_of(number)
    before = {what for text in measure_pictures.texts(card.data, card) for what in measure_pictures.showing(text, card)}
    assert "number" in before
    new = masked(card.data)
    assert not [what for text in measure_pictures.texts(new, card) for what in measure_pictures.showing(text, card)]


def line(text: str, x: float, y: float, high: float) -> ocr.Line:
    """Return a line of characters that are half as wide as they are high."""
    wide = high / 2
    corners = [(x + at * wide, y, x + (at + 1) * wide, y + high) for at in range(len(text))]
    boxes = tuple(
        None if character == " " else ((left, top), (right, top), (right, bottom), (left, bottom))
        for character, (left, top, right, bottom) in zip(text, corners, strict=True)
    )
    return ocr.Line(text, boxes)


@pytest.mark.parametrize(
    ("under", "is_covered"),
    [
        ("VATTRU 05/34", True),  # the label misread
        ("VALID 06/90", True),  # the date, too
        ("wuDn2U04/33", True),
        ("ANNA WEBER", False),
        ("Total 149.00 EUR", False),
        ("at 10:30", False),
        ("+49 30 1234567890", False),
    ],
)
def test_short_groups_right_under_a_cards_number_are_covered(under: str, is_covered: bool) -> None:
    """Under a number that stands alone on its line, in larger print, a short word with digits is a date or a code."""
    look = picture_boxes.Look(0, (line(PRINTED, 0, 0, 40), line(under, 60, 84, 24)), 1.0)
    edit = Edit(0, 14, "XXXX XXXX XXXX")
    boxes = list(picture_boxes.covered(look, [edit]))
    assert bool([box for box in boxes if box[0][1] > 70]) is is_covered


def test_what_stands_further_down_or_beside_words_stays() -> None:
    """On a form the number stands beside its label; what is some lines below is not the card's."""
    form = picture_boxes.Look(0, (line(f"Card {PRINTED}", 0, 0, 24), line("Room 214", 0, 60, 24)), 1.0)
    assert all(box[0][1] < 30 for box in picture_boxes.covered(form, [Edit(5, 19, "XXXX XXXX XXXX")]))
    far = picture_boxes.Look(0, (line(PRINTED, 0, 0, 40), line("Room 214", 0, 240, 24)), 1.0)
    assert all(box[0][1] < 30 for box in picture_boxes.covered(far, [Edit(0, 14, "XXXX XXXX XXXX")]))


@pytest.mark.parametrize("size", [(4032, 3024), (3024, 4032), (8064, 6048), (9000, 1500), (1200, 20000)])
def test_large_photographs_are_read_in_a_bounded_number_of_tiles(size: tuple[int, int]) -> None:
    """Photographs of telephones are cut into tiles that cover them; larger ones are reduced to as many."""
    layer = Image.new("L", size)
    tiles = list(picture._tiles(layer))
    assert len(tiles) <= 12
    right = max(corner[0] + tile.width / scale for scale, corner, tile in tiles)
    bottom = max(corner[1] + tile.height / scale for scale, corner, tile in tiles)
    assert abs(right - size[0]) < 10
    assert abs(bottom - size[1]) < 10


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["BANK", "4929 3813 3266 4296", "VALID THRU 05/34"], True),  # the last digit misread
        (["4929 3813 326 4295", "05/34"], True),  # a digit lost
        (["3782 822463 10006", "CVV 1234"], True),
        (["4929 3813 3266 4295", "05/34"], False),  # read
        (["4929 3813 3266 4296", "Thank you for your order"], False),  # nothing speaks of a card
        (["Order 4929 3813 3266 4296", "Delivery 11/26"], False),
        (["4929 3813 3266 4296 7711", "11/26"], False),
        (["XXXX XXXX XXXX 4295", "05/34"], False),
    ],
)
def test_a_number_that_was_misread_is_not_clean(texts: list[str], expected: bool) -> None:
    """Groups as on a card, beside a date or a word of cards, whose check digit is wrong, are said to be unclear."""
    lines = tuple(line(text, 0, 60 * row, 40) for row, text in enumerate(texts))
    assert picture_doubt.is_unclear([picture_boxes.Look(0, lines, 1.0)]) is expected
    if expected:  # another look has read it
        read = picture_boxes.Look(0, (line("4929 3813 3266 4295", 0, 0, 40),), 1.0)
        assert not picture_doubt.is_unclear([picture_boxes.Look(0, lines, 1.0), read])


def test_reading_is_bounded_by_effort_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the effort that a picture needs it is read whole; with less it is, in part, too large, and never clean."""
    data = file(sheet("Invoice for Anna", "Visa " + PRINTED, "thank you"))
    whole = picture.extract(data, LIMITS)
    assert whole.reading_ms > 0
    assert not whole.unreadable
    again = picture.extract(data, LIMITS)
    assert (again.reading_ms, again.passages) == (0, whole.passages)
    for share in (0, 2):
        picture._known.cache_clear()
        short = picture.extract(data, DocumentLimits(max_reading_ms=whole.reading_ms // 3 * share))
        assert [why.reason for why in short.unreadable] == ["large:pixels"]
        assert short.reading_ms <= whole.reading_ms // 3 * share
    picture._known.cache_clear()


def test_effort_is_spent_to_its_last_unit() -> None:
    """What costs as much as is left is done; what costs more is not, and is noted."""
    effort = ocr.Effort(10.0)
    assert effort.affords(10.0)
    assert not effort.is_short
    assert not effort.affords(0.1)
    assert effort.is_short


def test_no_client_for_downloads_is_loaded() -> None:
    """The library that reads brings one; it takes 12 MB, and nothing is downloaded here."""
    pytest.importorskip("rapidocr")
    shown = (
        "import sys; from pansentry.formats import ocr; ocr._engine(); print({'requests', 'urllib3'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", shown]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"})
    assert done.stdout == "set()\n"
