"""What a next hop is told of an envelope, as one piece and command by command."""

from __future__ import annotations

import pytest

from pansentry.delivery.parameters import mail_command, plain_opening, rcpt_command, xforward_commands
from pansentry.envelope import Client

OFFERED = ["", "NAME ADDR PORT PROTO HELO IDENT SOURCE", "NAME ADDR PROTO HELO", "PORT", "IDENT"]
CLIENTS = [
    Client(),
    Client("192.0.2.7", 4711, "client.example", "host.example"),
    Client("192.0.2.7", 0, "PORT=?"),
    Client("2001:db8::7", 25, "a b+c"),
]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("offered", OFFERED)
@pytest.mark.parametrize("reverse_path", ["", "a@example.org", '"a PORT=?"@example.org'])
@pytest.mark.parametrize("forward_path", ["b@example.net", '"b PORT=?"@example.net'])
def test_what_begins_a_transaction_is_its_commands(
    client: Client, offered: str, reverse_path: str, forward_path: str
) -> None:
    """The remembered piece is what the commands are one by one, for each port of a client."""
    for port in (client.port, client.port + 1):
        one = Client(client.address, port, client.helo, client.name)
        keywords = {"XFORWARD": offered} if offered else {}
        mail, rcpt = mail_command(reverse_path, (), False, keywords), rcpt_command(forward_path, (), keywords)
        assert isinstance(mail, bytes)
        assert isinstance(rcpt, bytes)
        commands = (*xforward_commands(one, keywords), mail, rcpt)
        assert plain_opening(reverse_path, forward_path, one, offered) == (b"".join(commands), len(commands))


@pytest.mark.parametrize(
    ("reverse_path", "forward_path"),
    [("ü@example.org", "b@example.net"), ("a@example.org", "ü@example.net"), ("a@example.org", "b\r\n@example.net")],
)
def test_what_has_to_be_refused_is_no_opening(reverse_path: str, forward_path: str) -> None:
    """An address that a next hop cannot be told goes the way on which it is refused."""
    assert plain_opening(reverse_path, forward_path, Client("192.0.2.7"), "ADDR") is None
