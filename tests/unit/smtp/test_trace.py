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


CARD = ("4012", "8888", "8888", "1881")


@pytest.mark.parametrize("sign", [".", "-", "--", "...", "_", ":", "/", ",", " ", "?", "][", "-_.:-", "\u00a0", "'"])
def test_whatever_stands_between_the_digits_it_is_struck_out(sign: str) -> None:
    """Signs between the groups of a number, any and many, in a greeting, a host name and a recipient."""
    number = sign.join(CARD)
    client = Client("192.0.2.7", 1, f"x{number}.b.example", f"{number}.b.example")
    field = received_field(client, "mx.example", "SMTP", "x", f"c+{number}@example.org", 0.0).decode()
    assert "1881" not in field
    assert field.count("????") >= 3 * 4


def test_digits_of_any_script_are_struck_out() -> None:
    """A recipient may be spelled in another script (RFC 6531); its digits are digits."""
    number = "".join(CARD).translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})
    field = received_field(Client("192.0.2.7"), "mx", "UTF8SMTP", "x", f"c{number}@example.org", 0.0).decode()
    assert not any(c.isdigit() and not c.isascii() for c in field)


@pytest.mark.parametrize("name", ["a4b0c1d2e8f8a8b8c8d8e8f8a1b8c8d1.b.example", "4012x8888x8888x1881.b.example"])
def test_a_letter_between_two_digits_ends_a_number(name: str) -> None:
    """Names of hosts are full of digits between letters, and stay readable."""
    field = received_field(Client("192.0.2.7", 1, name), "mx.example", "SMTP", "x", "", 0.0).decode()
    assert f"from {name} (" in field


@pytest.mark.parametrize("before", range(230, 256, 3))
def test_a_number_where_a_name_is_cut_is_struck_out(before: int) -> None:
    """A name is looked through before it is cut."""
    name = "x" * before + "-".join(CARD) + "y" * 300
    field = received_field(Client("192.0.2.7", 1, name, name), "mx.example", "SMTP", "x", "", 0.0).decode()
    assert not any(group in field for group in ("40", "88", "18"))


@given(st.text("0123456789", min_size=39, max_size=255))
def test_forty_digits_are_struck_out_without_a_look(digits: str) -> None:
    """So many digits are no name."""
    assert b"from %s " % (b"?" * len(digits)) in received_field(Client("", 1, digits), "mx", "SMTP", "x", "", 0.0)


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
