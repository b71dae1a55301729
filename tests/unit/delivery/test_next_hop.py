"""Next-hop addresses are parsed strictly, and a mistake is answered with what to write instead."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pansentry.configuration.fields import NextHop as Setting
from pansentry.delivery.next_hop import NextHop, Scheme, Tls, parse_next_hop

GOOD = [
    ("smtp://mail.example.com:2525", NextHop(Scheme.SMTP, "mail.example.com", 2525, "", Tls.OPPORTUNISTIC)),
    ("smtp://mail.example.com", NextHop(Scheme.SMTP, "mail.example.com", 25, "", Tls.OPPORTUNISTIC)),
    ("SMTP://10.0.0.5:25?tls=none", NextHop(Scheme.SMTP, "10.0.0.5", 25, "", Tls.NONE)),
    ("smtp://mx_1.example.com:25/?tls=required", NextHop(Scheme.SMTP, "mx_1.example.com", 25, "", Tls.REQUIRED)),
    ("smtp://[2001:db8::1]:25?tls=opportunistic", NextHop(Scheme.SMTP, "2001:db8::1", 25, "", Tls.OPPORTUNISTIC)),
    ("smtps://smtp.example.com", NextHop(Scheme.SMTPS, "smtp.example.com", 465, "", Tls.REQUIRED)),
    ("lmtp://127.0.0.1:24", NextHop(Scheme.LMTP, "127.0.0.1", 24)),
    ("lmtp://dovecot", NextHop(Scheme.LMTP, "dovecot", 24)),
    ("lmtp:///run/dovecot/lmtp", NextHop(Scheme.LMTP, path="/run/dovecot/lmtp")),
    ("maildir:/var/mail/shop", NextHop(Scheme.MAILDIR, path="/var/mail/shop")),
    ("maildir:mail", NextHop(Scheme.MAILDIR, path="mail")),
    ("maildir:///var/mail/shop", NextHop(Scheme.MAILDIR, path="/var/mail/shop")),
]

BAD = [
    ("", "starts with smtp://"),
    ("mail.example.com:25", "starts with smtp://"),
    ("http://mail.example.com", "starts with smtp://"),
    ("smtp:mail.example.com", "Two slashes"),
    ("smtp://", "host name is missing"),
    ("smtp://:25", "host name is missing"),
    ("smtp://mail.example.com:0", "port"),
    ("smtp://mail.example.com:70000", "port"),
    ("smtp://mail.example.com:smtp", "port"),
    ("smtp://user:secret@mail.example.com", "credential settings"),
    ("smtp://mail.example.com/inbox", "path has no meaning"),
    ("smtp://mail.example.com?tls=yes", "tls=opportunistic"),
    ("smtp://mail.example.com?starttls=1", "not known"),
    ("smtps://mail.example.com?tls=none", "not known"),
    ("smtp://mail.example.com#x", "no meaning"),
    ("smtp://ma il.example.com", "host name"),
    ("lmtp://", "socket is missing"),
    ("lmtp:///", "socket is missing"),
    ("maildir:", "folder of the mailbox is missing"),
    ("maildir://", "folder of the mailbox is missing"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_good_addresses_are_understood(text, expected):
    """Each documented form gives the value it says."""
    assert parse_next_hop(text) == expected


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_printed_form_is_read_again_as_the_same_place(text, expected):
    """What doctor prints can be pasted back (but for the TLS mode)."""
    again = parse_next_hop(str(expected))
    assert (again.scheme, again.host, again.port, again.path) == (
        expected.scheme,
        expected.host,
        expected.port,
        expected.path,
    )


@pytest.mark.parametrize(("text", "fix"), BAD)
def test_bad_addresses_say_what_to_write(text, fix):
    """Each mistake is named, with a fix, and without repeating a password."""
    with pytest.raises(ValueError, match=fix) as caught:
        parse_next_hop(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", [text for text, _ in BAD])
def test_the_configuration_refuses_the_same_at_its_line(text):
    """Whatever would be refused when the gateway starts is refused when its file is read."""
    with pytest.raises(ValidationError):
        TypeAdapter(Setting).validate_python(text)


@pytest.mark.parametrize("text", [text for text, _ in GOOD if not text.startswith("SMTP")])
def test_the_configuration_takes_the_same(text):
    """Each documented form may stand in the file."""
    assert TypeAdapter(Setting).validate_python(text) == text
