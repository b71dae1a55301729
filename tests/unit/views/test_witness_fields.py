"""The witness reads each field of a header by itself, and none that takes it long."""

from __future__ import annotations

import pytest

from pansentry import mime, redact_message
from pansentry.views import witness


@pytest.mark.parametrize("number", [b"1010", b"1120", b"0929"])
def test_an_order_number_in_two_fields_does_not_keep_a_mail_from_being_delivered(number: bytes) -> None:
    """A four-digit number at the end of one field and in the next is no date with a code behind it."""
    header = b"From: a@b.example\r\nSubject: order %s\r\nX-Order: %s\r\n\r\n" % (number, number)
    outcome = redact_message(header + b"my card is 4111 1111 1111 1111\r\n")
    assert str(outcome.verdict.action) == "redact", outcome.verdict.reasons


HEAD = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"
PART = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Disposition: attachment; '
STARTS = b"=?utf-8?q?4" * 1500
PIECES = b"".join(b'filename*%d="=?u?q?4=?u?"; ' % number for number in range(600))


@pytest.mark.parametrize(
    ("raw", "is_asked"),
    [
        (HEAD + b"Subject: " + STARTS + b"\r\n\r\ntext\r\n", False),
        (PART + b'filename="' + STARTS + b'"\r\n\r\ntext\r\n--b--\r\n', False),
        (PART + PIECES + b"\r\n\r\ntext\r\n--b--\r\n", False),
        (HEAD + b"Subject: " + b"=?utf-8?q?4?= " * 1500 + b"\r\n\r\ntext\r\n", True),
        (PART + b"filename*=utf-8''a%20name%20of%20a%20file.pdf\r\n\r\ntext =?utf-8?q?4 cut\r\n--b--\r\n", True),
    ],
    ids=["subject", "file name", "pieces", "whole words", "ordinary"],
)
def test_what_the_library_reads_again_and_again_is_kept_from_it(
    raw: bytes, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts of encoded words without an end, each of which it follows to the end of the value, are not shown to it."""
    asked: list[bytes] = []

    def texts(raw: bytes) -> tuple[tuple[str, str], ...]:
        asked.append(raw)
        return ()

    monkeypatch.setattr(witness, "_texts", texts)
    witness.testimony(mime.read(raw), lambda _: True)
    assert bool(asked) is is_asked


def test_work_in_vain_is_counted_at_most_once_an_octet_and_start() -> None:
    """What is counted is what the library does, and counting it takes one walk: a long mail is given up early."""
    word = b"=?utf-8?q?4"
    assert witness._steps_to_decode(mime.read(HEAD + b"\r\n" + word)) == 1
    assert witness._steps_to_decode(mime.read(HEAD + b"\r\n" + word * 3)) == 1 + 12 + 23
    assert witness._steps_to_decode(mime.read(HEAD + b"\r\n" + word * 200_000)) <= witness.MAX_STEPS + (1 << 16)
