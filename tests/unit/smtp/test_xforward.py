"""XFORWARD attributes."""

from __future__ import annotations

import pytest

from pansentry.envelope import Client
from pansentry.smtp.parameters import ParameterError
from pansentry.smtp.xforward import apply_xforward, parse_xforward


def test_attributes_become_the_client() -> None:
    """Two commands, as Postfix splits them, add up."""
    client = Client("127.0.0.1", 1, "proxy", "localhost", tls=True)
    first = apply_xforward(client, parse_xforward(b"NAME=mail.b.example ADDR=192.0.2.7 PORT=4711"))
    second = apply_xforward(first, parse_xforward(b"HELO=a+2Bb PROTO=ESMTP IDENT=X SOURCE=REMOTE"))
    assert second == Client("192.0.2.7", 4711, "a+b", "mail.b.example", tls=True)


def test_unavailable_values_are_empty_and_nothing_of_the_peer_is_left() -> None:
    """With a new address the name and port of the peer would be a lie."""
    attributes = parse_xforward(b"NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 PORT=[TEMPUNAVAIL]")
    assert apply_xforward(Client("127.0.0.1", 1, "h", "localhost"), attributes) == Client("2001:db8::1", 0, "h", "")
    assert apply_xforward(Client("127.0.0.1", 1, "h", "localhost"), {"ADDR": "192.0.2.1"}).name == ""


@pytest.mark.parametrize(
    "argument",
    [b"", b"FOO=1", b"ADDR", b"ADDR=x", b"ADDR=1.2.3", b"PORT=-1", b"PORT=65536", b"PORT=x", b"HELO=a+0Db",
     b"NAME=" + b"x" * 256, b"HELO=\xff", b"HELO=a+2"],
)  # fmt: skip
def test_malformed_attributes(argument: bytes) -> None:
    """Anything else is refused, line breaks in xtext included."""
    with pytest.raises(ParameterError):
        parse_xforward(argument)
