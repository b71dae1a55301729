"""The MIME-blind scan: whatever is encoded anywhere in the bytes comes out, and goes back."""

from __future__ import annotations

import base64
import quopri
import random

import pytest
from tests.unit.views.masking import masked_bytes

from pansentry.views import blind

PAN = b"4111111111111111"
PROSE = b"Dear Sir or Madam, thank you for your order 12345 of Monday.\r\nWe are glad to help.\r\n\r\n"


def _hits(data: bytes) -> list[str]:
    return [reading.name for reading in blind.read(data) if PAN in reading.data]


def _b64(text: bytes) -> bytes:
    return base64.encodebytes(text).replace(b"\n", b"\r\n")


LONG = PROSE + b"My card is " + PAN + b".\r\n" + PROSE

BASE64 = {
    "lines": b"Content-Type: x\r\n\r\n" + _b64(LONG),
    "LF lines": b"a: b\n\n" + base64.encodebytes(LONG),
    "one line": b"\r\n\r\n" + base64.b64encode(LONG),
    "short": PROSE + base64.b64encode(PAN) + b"\r\n",
    "glued to prose": PROSE[:-4] + b"\r\n" + _b64(LONG),
    "prose behind it": _b64(LONG) + b"Best regards, Eve\r\n",
    "header line in front": b"begin-base64 644 x\r\n" + _b64(PAN) + b"====\r\n",
    "in the middle of a line": b"the code is " + base64.b64encode(PAN + b"!") + b" you know",
    "a blank after each letter": b" ".join(bytes([c]) for c in base64.b64encode(PAN)),
    "junk inside": base64.b64encode(b"x" * 20 + PAN).replace(b"N", b"!*N"),
    "quoted": b"".join(b"> " + line + b"\r\n" for line in _b64(LONG).split(b"\r\n")),
    "chunks with padding": base64.b64encode(b"card ") + base64.b64encode(PAN) + b"\r\n",
    "no padding": base64.b64encode(b"xx" + PAN).rstrip(b"="),
    "url-safe": base64.urlsafe_b64encode(b"\xff\xfe\xfb" + PAN),
    "junk of three letters in front": b"abc\r\n" + _b64(PAN + b" and more of it"),
    "indented": b"\r\n".join(b"   " + line for line in _b64(LONG).split(b"\r\n")),
}


@pytest.mark.parametrize("why", BASE64)
def test_base64_is_found_and_masked(why: str) -> None:
    """Wherever base64 stands, it is decoded, and a mask on it leaves no trace in any reading."""
    data = BASE64[why]
    reading = next(reading for reading in blind.read(data) if PAN in reading.data)
    written = masked_bytes(data, reading)
    assert not _hits(written)
    assert len(written) == len(data) or why in ("junk inside", "quoted")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_wide_digits_in_spaced_base64_are_decoded(codec: str) -> None:
    """The marks by which paragraphs are chosen hold for UTF-16 as well."""
    data = b" ".join(base64.b64encode(PAN.decode().encode(codec))[i : i + 4] for i in range(0, 44, 4))
    assert any(PAN.decode().encode(codec) in reading.data for reading in blind.read(data))


@pytest.mark.parametrize("seed", range(200))
def test_grouped_digits_leave_marks_at_every_alignment(seed: int) -> None:
    """Twelve digits in groups of two or more are decoded from base64 with blanks strewn in."""
    rng = random.Random(seed)
    size, separator = rng.choice((2, 3, 4, 6, 12)), rng.choice((b"", b" ", b"-", b" - ", b"\xc2\xa0"))
    digits = bytes(rng.choice(b"0123456789") for _ in range(12))
    number = separator.join(digits[i : i + size] for i in range(0, 12, size))
    letters = base64.b64encode(rng.randbytes(rng.randrange(4)) + number + rng.randbytes(rng.randrange(4)))
    spread = b" ".join(letters[i : i + 5] for i in range(0, len(letters), 5))
    assert any(number in reading.data for reading in blind.read(spread))


def test_prose_is_not_decoded_for_nothing() -> None:
    """An ordinary letter has no blind reading at all."""
    assert blind.read(PROSE * 20) == ()


def test_a_range_that_was_read_already_is_skipped() -> None:
    """The caller names what a strict reader has decoded without doubt."""
    data = b"a: b\r\n\r\n" + _b64(LONG)
    assert _hits(data)
    assert not [r for r in blind.read(data, skip=((8, len(data)),)) if PAN in r.data]
    assert [r for r in blind.read(data + b"\r\n" + _b64(LONG), skip=((8, len(data)),)) if PAN in r.data]


QUOTED_PRINTABLE = [
    b"card =34=31=31=31111111111111 x",
    b"card 41111=\r\n11111=\r\n111111",
    b"card 41111=\n11111= \t\r\n111111",
    b"card 41111111111111=3" + b"1=31",
    quopri.encodestring(b"\xc3\xbc 4111111111111111 " * 3),
    b"x=zz 4111111=31111=311111 =",
]


@pytest.mark.parametrize("data", QUOTED_PRINTABLE)
def test_quoted_printable_is_found_and_masked(data: bytes) -> None:
    """Escapes and soft breaks are undone over the whole source, invalid ones left alone."""
    reading = next(reading for reading in blind.read(data) if reading.name == "quoted-printable")
    assert PAN in reading.data
    assert not _hits(masked_bytes(data, reading))


@pytest.mark.parametrize("text", ["4111111111111111", "card ４１１１ 1111 11111111", "ü 4111111111111111"])
def test_utf7_is_found_and_masked(text: str) -> None:
    """Digits in shifted runs are read, and written back so that the rest survives."""
    spelt = b"x " + b"+" + base64.b64encode(text.encode("utf-16-be")).rstrip(b"=") + b"- y +AOk-"
    reading = next(reading for reading in blind.read(spelt) if reading.name == "utf-7")
    assert text.encode() in reading.data
    written = masked_bytes(spelt, reading, rb"[0-9]{4,}")
    assert not any(c in b"0123456789" for r in blind.read(written) if r.name == "utf-7" for c in r.data)
    assert written.startswith(b"x ")
    assert written.endswith(b" y +AOk-")


def test_phone_numbers_are_no_utf7() -> None:
    """A plus sign in front of digits does not make a reading."""
    assert not [reading for reading in blind.read(b"call +49301234567 now") if reading.name == "utf-7"]


@pytest.mark.parametrize("data", [b"", b"\0" * 50, b"+", b"=", b"====", b"\n" * 9, b"+" * 99, b"A" * 17, b"\xff" * 40])
def test_odd_bytes_are_boring(data: bytes) -> None:
    """Nothing raises, and an edit of everything lowers."""
    for reading in blind.read(data):
        masked_bytes(data, reading, b"(?s).+") if reading.data else None
