"""The witness reads each field of a header by itself."""

from __future__ import annotations

import pytest

from pansentry import redact_message


@pytest.mark.parametrize("number", [b"1010", b"1120", b"0929"])
def test_an_order_number_in_two_fields_does_not_keep_a_mail_from_being_delivered(number: bytes) -> None:
    """A four-digit number at the end of one field and in the next is no date with a code behind it."""
    header = b"From: a@b.example\r\nSubject: order %s\r\nX-Order: %s\r\n\r\n" % (number, number)
    outcome = redact_message(header + b"my card is 4111 1111 1111 1111\r\n")
    assert str(outcome.verdict.action) == "redact", outcome.verdict.reasons
