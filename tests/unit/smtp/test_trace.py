"""The Received field and the hop count."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.envelope import Client
from pansentry.smtp.trace import count_received, received_field, with_keyword


def test_the_field() -> None:
    """RFC 5321 §4.4."""
    client = Client("192.0.2.7", 4711, "b.example", "mail.b.example", tls=True)
    assert received_field(client, "mx.example", "ESMTPS", "abc123", "c@example.org", 0.0) == (
        b"Received: from b.example (mail.b.example [192.0.2.7])\r\n"
        b"\tby mx.example with ESMTPS id abc123\r\n"
        b"\tfor <c@example.org>;\r\n"
        b"\tThu, 01 Jan 1970 00:00:00 +0000\r\n"
    )


def test_unknown_things_and_several_recipients() -> None:
    """What is not known is ``unknown``, IPv6 is tagged, nobody is named if there are several recipients."""
    field = received_field(Client("2001:db8::1"), "mx.example", "SMTP", "x", "", 0.0)
    assert field.startswith(b"Received: from unknown (unknown [IPv6:2001:db8::1])\r\n")
    assert b"for" not in field.replace(b"from", b"")


def test_a_card_number_in_a_name_is_struck_out() -> None:
    """HELO, PTR name and recipient may hold a number; addresses in names stay readable."""
    client = Client("192.0.2.7", 1, "4012-8888-8888-1881.b.example", "p4012888888881881.b.example")
    field = received_field(client, "mx.example", "SMTP", "x", "c+4012888888881881@example.org", 0.0).decode()
    assert "1881" not in field
    assert "from ????-????-????-????.b.example (p????????????????.b.example [192.0.2.7])" in field
    plain = Client("192.0.2.7", 1, "[192.168.100.100]", "ec2-192-168-100-100.b.example")
    assert b"from [192.168.100.100] (ec2-192-168-100-100.b.example" in received_field(plain, "mx", "SMTP", "x", "", 0.0)


_ANY = st.text(max_size=400)


@given(_ANY, _ANY, _ANY, _ANY)
def test_nothing_breaks_out(helo: str, name: str, recipient: str, protocol: str) -> None:
    """Whatever a peer says, it stays one field whose clauses are ours."""
    field = received_field(Client("192.0.2.7", 1, helo, name), "mx.example", protocol, "id", recipient, 0.0)
    message = email.message_from_bytes(field + b"\r\nbody", policy=email.policy.compat32)
    assert message.keys() == ["Received"]
    assert field.count(b";") == 1
    assert field.count(b"(") == field.count(b")") == 1
    assert max(map(len, field.split(b"\r\n"))) < 998


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"", 0),
        (b"Received: a\r\nreceived : b\r\nRECEIVED:c\r\n\r\nReceived: body\r\n", 3),
        (b"X-Received: a\r\n Received: folded\r\n\r\n", 0),
        (b"Received: a\r\n" * 200 + b"\r\n", 200),
        (b"Received: a\r\nReceived: no empty line", 2),
    ],
)
def test_hops(raw: bytes, count: int) -> None:
    """Fields of the header count, in any case; lines of the body do not."""
    assert count_received(raw) == count


def test_with_keywords() -> None:
    """RFC 3848 and RFC 6531 §4.3."""
    cases = {
        (False, False, False, False): "SMTP",
        (False, True, False, False): "ESMTP",
        (False, True, True, False): "ESMTPS",
        (False, True, True, True): "UTF8SMTPS",
        (True, True, False, False): "LMTP",
        (True, True, True, True): "UTF8LMTPS",
    }
    for (lmtp, extended, tls, utf8), keyword in cases.items():
        assert with_keyword(lmtp=lmtp, extended=extended, tls=tls, smtputf8=utf8) == keyword
