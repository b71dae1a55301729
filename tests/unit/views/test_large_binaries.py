"""Large files that are no text and no document we know: films, sounds, dumps. What stands in them as text is read."""

from __future__ import annotations

import base64
import random

import pytest

from pansentry import redact_message

DICE = random.Random(9)
NOISE = DICE.randbytes(96 * 1024)


def mail(content: bytes) -> bytes:
    """Attach a film."""
    return (
        b"From: a@customer.example\r\nSubject: film\r\nMIME-Version: 1.0\r\nContent-Type: video/mp4; name=a.mp4\r\n"
        b"Content-Disposition: attachment; filename=a.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(content).replace(b"\n", b"\r\n")
    )


@pytest.mark.parametrize(
    ("title", "masked"),
    [
        (b"\0title: Visa 4012 8888 8888 1881\0", b"\0title: Visa XXXX XXXX XXXX 1881\0"),
        ("Karte 4012 8888 8888 1881".encode("utf-16-le"), "Karte XXXX XXXX XXXX 1881".encode("utf-16-le")),
    ],
)
def test_a_number_among_noise_is_masked_in_place(title: bytes, masked: bytes) -> None:
    """A title with a card, one octet a character or two, is found; every other octet of the film stays."""
    content = NOISE + title + NOISE
    outcome = redact_message(mail(content))
    assert outcome.message is not None
    body = outcome.message[outcome.message.rindex(b"\r\n\r\n") :]
    assert base64.b64decode(body) == content.replace(title, masked)


def test_digits_of_two_places_are_no_number() -> None:
    """Two stretches of text with noise between them do not become one number."""
    content = NOISE + b"part 4012 8888 " + bytes(range(0x80, 0x90)) + b"8888 1881 part" + NOISE
    message = mail(content)
    assert redact_message(message).message == message


def test_a_film_without_a_number_is_untouched() -> None:
    """Noise is delivered as it came, and counts little of what may be looked at."""
    message = mail(NOISE * 40)
    outcome = redact_message(message)
    assert outcome.message == message
    assert outcome.receipt.unreadable == ()
