"""Pictures of payment cards, drawn: the photographs that customers send, without a customer.

``card_pictures(count, seed)`` yields pictures of cards that no bank ever gave out: printed and embossed, bright and
dull, turned, tilted, blurred, under a lamp, in a hand, on a table, far away and huge. Fonts are those of the machine
with Pillow's own as the last; the same machine draws the same pictures for the same seed.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.specimens import generated, grouped

from pansentry.pan.brands import BRANDS

BRAND_KEYS = ("visa", "mastercard", "amex", "discover", "jcb")
STYLES = ("printed", "printed", "embossed", "flat", "light")
SCENES = ("scan", "table", "hand", "photo", "form", "screen")
_FONT_NAMES = (
    "DejaVuSansMono.ttf",
    "DejaVuSansMono-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSansCondensed.ttf",
    "LiberationMono-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "FreeMono.ttf",
    "Lato-Medium.ttf",
    "NotoSans-Regular.ttf",
)


@dataclass(frozen=True, slots=True)
class CardPicture:
    """One picture; ``number``, ``code`` and ``expiry`` are what it shows (code empty where the back is not shown)."""

    name: str
    tricks: tuple[str, ...]
    data: bytes = field(repr=False)
    number: str = field(repr=False)
    code: str = field(repr=False)
    expiry: str = field(repr=False)


def fonts() -> tuple[str, ...]:
    """Return the paths of those fonts that this machine has."""
    found = {path.name: str(path) for path in sorted(Path("/usr/share/fonts").rglob("*.ttf"))}
    return tuple(found[name] for name in _FONT_NAMES if name in found)


def font(size: float, rng: random.Random) -> Any:
    """Return a font of a machine's, or Pillow's own."""
    from PIL import ImageFont

    here = fonts()
    return ImageFont.truetype(rng.choice(here), size) if here else ImageFont.load_default(size)


def card_pictures(count: int, seed: int = 1) -> Iterator[CardPicture]:
    """Yield ``count`` pictures."""
    for number in range(count):
        yield card_picture_of(number, seed)


def card_picture_of(number: int, seed: int = 1) -> CardPicture:
    """Return the picture of this number in the row that ``seed`` begins."""
    return card_picture(random.Random(f"{seed}/{number}"), number)


def card_picture(rng: random.Random, number: int) -> CardPicture:
    """Draw one picture; scene, style and what was done to it follow the number, the rest is chance."""
    from PIL import Image, ImageFilter

    key = rng.choice(BRAND_KEYS)
    brand = next(brand for brand in BRANDS if brand.key == key)
    pan = generated(brand, 15 if brand.key == "amex" else 16, rng)
    code = "".join(rng.choices("0123456789", k=4 if brand.key == "amex" else 3))
    expiry = f"{rng.randint(1, 12):02d}/{rng.randint(27, 35)}"
    style, scene = STYLES[number % len(STYLES)], SCENES[number // 2 % len(SCENES)]
    tricks = [scene, style]
    if scene == "form":
        picture, shows_code = _form(pan, code, expiry, rng), True
    else:
        shows_code = number % 4 == 1 or brand.key == "amex"
        picture = _card(pan, code if shows_code else "", expiry, style, rng)
        picture = _on(picture, scene, rng)
    turn = (0, 0, 90, 180, 270, 8, -12, 30)[number % 8]
    if turn:
        tricks.append(f"turned {turn}")
        picture = picture.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(120, 110, 100))
    if number % 5 == 2:
        tricks.append("perspective")
        picture = _tilted(picture, rng)
    if number % 6 == 3:
        tricks.append("glare")
        picture = _glare(picture, rng)
    if number % 7 == 4:
        tricks.append("blur")
        picture = picture.filter(ImageFilter.GaussianBlur(picture.width / 900))
    if number % 9 == 5:
        tricks.append("noise")
        picture = Image.blend(picture, Image.effect_noise(picture.size, 60).convert("RGB"), 0.18)
    if number % 11 == 6:
        tricks.append("small")
        picture = picture.resize((480, max(1, picture.height * 480 // picture.width)), Image.Resampling.LANCZOS)
    elif number % 13 == 7:
        tricks.append("huge")
        picture = picture.resize((3000, picture.height * 3000 // picture.width), Image.Resampling.BICUBIC)
    kind = ("JPEG", "PNG", "JPEG", "WEBP", "JPEG", "TIFF", "GIF", "JPEG", "BMP")[number % 9]
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": rng.choice((60, 75, 88))} if kind in ("JPEG", "WEBP") else {}))
    return CardPicture(
        f"card-{number:03d}.{kind.lower()}",
        (*tricks, kind.lower()),
        out.getvalue(),
        pan,
        code if shows_code else "",
        expiry,
    )


def _card(pan: str, code: str, expiry: str, style: str, rng: random.Random) -> Any:
    """Draw the front of a card, 860 × 540, with the code on its front where there is one."""
    from PIL import Image, ImageDraw

    dark = style != "light"
    base = tuple(rng.randint(15, 110) if dark else rng.randint(190, 235) for _ in range(3))
    card = Image.new("RGB", (860, 540), base)
    draw = ImageDraw.Draw(card)
    for step in range(0, 860, 4):  # a print that runs from one colour into another
        shade = tuple(min(255, channel + step // 16) for channel in base)
        draw.line([(step, 0), (step - 120, 540)], fill=shade, width=5)
    draw.rounded_rectangle([70, 170, 180, 250], 12, fill=(200, 170, 90), outline=(120, 100, 50), width=3)
    draw.text((600, 40), rng.choice(("BANK", "Sparbank", "CREDIT", "FIRST")), font=font(44, rng), fill=(230, 230, 230))
    groups = (4, 6, 5) if len(pan) == 15 else (4, 4, 4, 4)
    text = grouped(pan, groups, " ")
    size = rng.randint(40, 48)
    face = font(size, rng)
    while draw.textlength(text, font=face) > 760:
        size -= 2
        face = face.font_variant(size=size) if hasattr(face, "font_variant") else font(size, rng)
    ink = {"printed": (240, 240, 240), "light": (40, 40, 50), "flat": (205, 205, 205)}.get(style, (235, 235, 235))
    small = font(24, rng)
    for where, words, with_face in (
        ((60, 290), text, face),
        ((330, 382), "VALID THRU", font(16, rng)),
        ((460, 374), expiry, small),
        ((60, 450), rng.choice(("ANNA WEBER", "J. MARTIN", "M ROSSI", "K. NOVAK")), small),
        ((640, 374), f"CVV {code}" if code else "", small),
    ):
        if style == "embossed":
            lighter = tuple(min(255, channel + 110) for channel in base)
            darker = tuple(max(0, channel - 60) for channel in base)
            draw.text((where[0] + 2, where[1] + 2), words, font=with_face, fill=darker)
            draw.text((where[0] - 1, where[1] - 1), words, font=with_face, fill=lighter)
            ink = tuple(min(255, channel + 70) for channel in base)
        draw.text(where, words, font=with_face, fill=ink)
    return card


def _form(pan: str, code: str, expiry: str, rng: random.Random) -> Any:
    """Draw an order form on paper, filled in with a machine."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", (1240, 900), (250, 248, 242))
    draw = ImageDraw.Draw(sheet)
    head, face = font(36, rng), font(28, rng)
    draw.text((80, 60), "Order form", font=head, fill=(20, 20, 20))
    groups = (4, 6, 5) if len(pan) == 15 else (4, 4, 4, 4)
    rows = (
        ("Name", rng.choice(("Anna Weber", "Jean Martin", "Maria Rossi"))),
        ("Order", "2026-11-4711"),
        ("Card number", grouped(pan, groups, rng.choice((" ", "-")))),
        ("Expiry date", expiry),
        ("Security code", code),
        ("Amount", "EUR 149.00"),
    )
    for row, (label, value) in enumerate(rows):
        y = 180 + row * 100
        draw.text((80, y), label, font=face, fill=(60, 60, 60))
        draw.rectangle([380, y - 14, 1140, y + 46], outline=(90, 90, 90), width=2)
        draw.text((400, y), value, font=face, fill=(10, 10, 60))
    return sheet


def _on(card: Any, scene: str, rng: random.Random) -> Any:
    """Lay the card on something."""
    from PIL import Image, ImageDraw, ImageFilter

    if scene == "scan":
        sheet = Image.new("RGB", (1100, 780), (252, 252, 252))
        sheet.paste(card, (120, 110))
        return sheet
    if scene == "screen":
        sheet = Image.new("RGB", (1280, 800), (32, 33, 36))
        ImageDraw.Draw(sheet).rectangle([0, 0, 1280, 60], fill=(60, 64, 67))
        sheet.paste(card, (200, 160))
        return sheet
    wood = tuple(rng.randint(90, 170) for _ in range(3))
    ground = Image.effect_noise((1300, 980), 70).convert("RGB").filter(ImageFilter.GaussianBlur(3))
    sheet = Image.blend(Image.new("RGB", (1300, 980), wood), ground, 0.25)
    sheet.paste(card, (rng.randint(120, 320), rng.randint(120, 320)))
    if scene == "hand":
        draw = ImageDraw.Draw(sheet)
        for finger in range(3):  # fingers hold the lower edge, below the print
            x = 300 + finger * 190
            draw.ellipse([x, 860, x + 150, 1100], fill=(214, 170, 140))
    return sheet


def _tilted(picture: Any, rng: random.Random) -> Any:
    """Look at the picture from the side."""
    import numpy
    from PIL import Image

    width, height = picture.size
    lean = rng.uniform(0.04, 0.1)
    inside = [(width * lean, height * lean), (width, 0), (width * (1 - lean / 2), height), (0, height * (1 - lean))]
    whole = [(0, 0), (width, 0), (width, height), (0, height)]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(inside, whole, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = numpy.array([part for point in whole for part in point])
    parameters = numpy.linalg.solve(numpy.array(rows), wanted)
    return picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, tuple(parameters), Image.Resampling.BICUBIC, fillcolor=(90, 90, 90)
    )


def _glare(picture: Any, rng: random.Random) -> Any:
    """Let a lamp shine on it: what lies under the light is paler, not gone."""
    from PIL import Image, ImageDraw, ImageFilter

    light = Image.new("L", picture.size, 0)
    x, y = rng.randint(0, picture.width), rng.randint(0, picture.height)
    reach = picture.width // 4
    ImageDraw.Draw(light).ellipse([x - reach, y - reach // 2, x + reach, y + reach // 2], fill=110)
    light = light.filter(ImageFilter.GaussianBlur(reach / 3))
    return Image.composite(Image.new("RGB", picture.size, (255, 255, 250)), picture, light)
