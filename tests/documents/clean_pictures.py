"""Pictures without a card in them: what customers send every day, and what has to stay as it is, byte for byte.

``clean_pictures(count, seed)`` yields receipts, screenshots of orders and chats, parcel labels, business cards, price
lists, boarding passes, accounts and photographs. Long numbers in them are what such things show: telephones, order
numbers, IBAN, EAN, IMEI, tracking numbers, a card number that the till has masked already.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stdnum import ean, iban, luhn
from tests.documents.cards import font

_KINDS = ("PNG", "JPEG", "WEBP", "PNG", "GIF", "JPEG", "TIFF", "BMP")
_TURNS = (0, 0, 0, 90, 0, 5, 0, 180)


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(count - 1))


def _unlucky(rng: random.Random, count: int) -> str:
    """Return digits whose check digit is wrong: an order number that is as long as a card's."""
    body = _digits(rng, count - 1)
    return body + str((int(luhn.calc_check_digit(body)) + rng.randint(1, 9)) % 10)


def receipt(rng: random.Random) -> Sequence[str]:
    total = f"{rng.randint(10, 90)}.{rng.randint(10, 99)}"
    return (
        "SUPERMARKET GMBH", "Hauptstr. 12, 10115 Berlin", f"Tel 030 {_digits(rng, 7)}", "",
        f"Bread        {rng.randint(1, 9)}.49", f"Coffee 500g  {rng.randint(4, 9)}.99", f"TOTAL EUR   {total}", "",
        f"VISA ************{_digits(rng, 4)}", f"Terminal-ID {_digits(rng, 8)}", f"TA-Nr {_digits(rng, 6)}",
        f"Beleg-Nr {_digits(rng, 4)}  AID A0000000031010", f"{rng.randint(1, 28):02d}.11.2026 {rng.randint(9, 19)}:47",
    )  # fmt: skip


def order(rng: random.Random) -> Sequence[str]:
    return (
        "Thank you for your order!", f"Order number {_unlucky(rng, 16)}", f"Customer no. {_digits(rng, 8)}",
        "Delivery 11/26 - 12/26", f"Call us: +49 30 {_digits(rng, 3)} {_digits(rng, 4)}",
        f"Voucher code {_digits(rng, 3)}", f"Amount EUR {rng.randint(10, 900)}.00",
    )  # fmt: skip


def chat(rng: random.Random) -> Sequence[str]:
    return (
        "Anna 14:32", "Hi, can you call me back?", f"My number is 0171 {_digits(rng, 7)}",
        f"or {_digits(rng, 3)}-{_digits(rng, 3)}-{_digits(rng, 4)}", "Shop 14:35", "Sure, tomorrow 10-12",
        f"Ticket #{_digits(rng, 9)}",
    )  # fmt: skip


def parcel(rng: random.Random) -> Sequence[str]:
    return (
        "PARCEL 1.25 kg", "From: Shop GmbH", "To: Anna Weber", "Rue 14, 75001 Paris",
        f"Tracking {' '.join(_digits(rng, 4) for _ in range(5))}", f"(00) {_digits(rng, 18)}",
    )  # fmt: skip


def visiting_card(rng: random.Random) -> Sequence[str]:
    return (
        "Maria Rossi", "Sales", "Rossi Srl, Via Roma 7, Milano", f"T +39 02 {_digits(rng, 4)} {_digits(rng, 4)}",
        f"M +39 3{_digits(rng, 2)} {_digits(rng, 7)}", "rossi@firm.example", f"P.IVA {_digits(rng, 11)}",
    )  # fmt: skip


def prices(rng: random.Random) -> Sequence[str]:
    rows = ["Article        EAN             Price"]
    for article in range(7):
        body = rng.choice(("40", "42", "50", "76")) + _digits(rng, 10)
        rows.append(f"Article {article}   {body}{ean.calc_check_digit(body)}   {rng.randint(1, 99)}.99")
    return rows


def boarding_pass(rng: random.Random) -> Sequence[str]:
    return (
        "BOARDING PASS", "WEBER/ANNA MRS", "BER - LHR   03 DEC 26", "Flight LH 0914  Seat 12C  Gate 47",
        f"ETKT 220 {_digits(rng, 10)}", f"Booking {rng.choice('XYZ')}7K{_digits(rng, 3)}", "Boarding 09:25",
    )  # fmt: skip


def account(rng: random.Random) -> Sequence[str]:
    body = "5" + _digits(rng, 17)
    number = "DE" + iban.calc_check_digits(f"DE00{body}") + body
    return (
        f"Invoice {_digits(rng, 10)}", "Date 22.11.2026",
        f"IBAN {' '.join(number[i : i + 4] for i in range(0, 22, 4))}",
        "BIC BELADEBEXXX", f"VAT ID DE{_digits(rng, 9)}", "Net 119.00  VAT 19 %  Gross 141.61",
    )  # fmt: skip


def device(rng: random.Random) -> Sequence[str]:
    body = "35" + _digits(rng, 12)
    return (
        "About this phone", "Model A-2027", f"IMEI {body}{luhn.calc_check_digit(body)}", f"Serial R{_digits(rng, 9)}",
        "Build 26.11.1", f"MAC 00:1B:44:11:3A:{rng.randint(10, 99)}",
    )  # fmt: skip


def photograph(rng: random.Random) -> Sequence[str]:
    """Nothing to read."""
    return ()


KINDS: tuple[Callable[[random.Random], Sequence[str]], ...] = (
    receipt, order, chat, parcel, visiting_card, prices, boarding_pass, account, device, photograph,
)  # fmt: skip


def clean_pictures(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (name, file), the kinds of picture in turn."""
    for number in range(count):
        write = KINDS[number % len(KINDS)]
        rng = random.Random(f"clean {seed}/{number}")
        yield f"{write.__name__}-{number:03d}", _file(_drawn(write(rng), rng), number)


def _drawn(lines: Sequence[str], rng: random.Random) -> Any:
    from PIL import Image, ImageDraw, ImageFilter

    size = rng.choice(((900, 760), (720, 1000), (1280, 900)))
    if not lines:
        sky = Image.linear_gradient("L").resize(size).convert("RGB")
        noise = Image.effect_noise(size, 90).convert("RGB").filter(ImageFilter.GaussianBlur(4))
        picture = Image.blend(sky, noise, 0.4)
        draw = ImageDraw.Draw(picture)
        for _ in range(12):
            x, y, reach = rng.randint(0, size[0]), rng.randint(0, size[1]), rng.randint(20, 200)
            draw.ellipse([x, y, x + reach, y + reach], fill=tuple(rng.randint(0, 255) for _ in range(3)))
        return picture
    paper, ink = rng.choice((((255, 255, 255), (20, 20, 20)), ((32, 34, 38), (225, 225, 225))))
    picture = Image.new("RGB", size, paper)
    draw, face = ImageDraw.Draw(picture), font(rng.randint(24, 34), rng)
    for row, line in enumerate(lines):
        draw.text((50, 40 + row * 48), line, font=face, fill=ink)
    return picture


def _file(picture: Any, number: int) -> bytes:
    from PIL import ImageFilter

    if turn := _TURNS[number % len(_TURNS)]:
        picture = picture.rotate(turn, expand=True, fillcolor=(120, 120, 120))
    if number % 7 == 3:
        picture = picture.filter(ImageFilter.GaussianBlur(1))
    out = io.BytesIO()
    kind = _KINDS[number % len(_KINDS)]
    picture.save(out, kind, **({"quality": 80} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()
