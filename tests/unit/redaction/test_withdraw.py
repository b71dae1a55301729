"""Withdrawing parts: a notice in their place, everything else byte for byte."""

from __future__ import annotations

import pytest

from pansentry import mime
from pansentry.redaction import Why, path_of, withdraw

HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
FIRST = b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
SECOND = b'--x\r\nContent-Type: application/zip; name="a.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n'
NESTED = (
    b"--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"
    b"--y\r\n\r\none\r\n--y\r\nContent-Type: image/png\r\n\r\nPNG\r\n--y--\r\n"
)
WHOLE = HEAD + FIRST + SECOND + NESTED + b"--x--\r\n"


def texts(raw: bytes) -> list[str]:
    message = mime.read(raw)
    return [message.leaf(part).data.decode() for part in message.walk() if part.is_leaf]


def test_nothing_to_withdraw_is_the_same_object() -> None:
    """No reasons, no change."""
    assert withdraw(WHOLE, {}) is WHOLE


def test_one_part_goes_and_the_rest_stays() -> None:
    """The bytes before and after the part are the same; its name goes with it."""
    new = withdraw(WHOLE, {"2": Why.UNREAD})
    assert new.startswith(HEAD + FIRST)
    assert new.endswith(NESTED + b"--x--\r\n")
    assert b"a.zip" not in new
    assert texts(new)[1] == "A part of this message was taken out because it could not be read."


def test_the_reason_is_said_in_the_owners_language() -> None:
    """Card data and unread are told apart."""
    assert "Zahlungskartendaten" in texts(withdraw(WHOLE, {"2": Why.CARD}, "de"))[1]
    assert "gelesen" in texts(withdraw(WHOLE, {"2": Why.UNREAD}, "de"))[1]


def test_a_part_of_a_forwarded_message_goes_alone() -> None:
    """Only the picture inside goes."""
    new = withdraw(WHOLE, {"3.1.2": Why.CARD})
    assert b"PNG" not in new
    assert b"Subject: inner" in new
    assert len(texts(new)) == len(texts(WHOLE))


def test_what_lies_inside_a_withdrawn_part_needs_no_notice_of_its_own() -> None:
    """The outermost wins."""
    new = withdraw(WHOLE, {"3": Why.CARD, "3.1.2": Why.CARD})
    assert b"inner" not in new
    assert len(texts(new)) == 3


@pytest.mark.parametrize("path", ["", "9", "9.9"])
def test_a_path_that_is_no_part_takes_the_whole_body(path: str) -> None:
    """What cannot be found is not left in."""
    new = withdraw(WHOLE, {path: Why.UNREAD})
    assert len(texts(new)) == 1
    assert b"From: a@b.example" in new
    assert b"hello" not in new


def test_an_ambiguous_message_has_one_reading_afterwards() -> None:
    """No reader finds the part where another looks for it."""
    twice = WHOLE.replace(b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: multipart/mixed; boundary=x\r\n"
                          b"Content-Type: multipart/mixed; boundary=z")  # fmt: skip
    assert mime.read(twice).ambiguities
    new = withdraw(twice, {"2": Why.UNREAD})
    assert mime.read(new).ambiguities == ()
    assert b"UEsDBA" not in new


@pytest.mark.parametrize(
    ("place", "path"),
    [("body:2", "2"), ("body:1.3.2", "1.3.2"), ("name:4", "4"), ("body:1/uu:0", "1"), ("header:subject", ""),
     ("message", ""), ("joined", ""), ("body:", ""), ("body:x", "")],
)  # fmt: skip
def test_which_part_a_place_is_in(place: str, path: str) -> None:
    """Places of views name their part first."""
    assert path_of(place) == path
