"""The path parser: one strict reading, one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.smtp import address
from pansentry.smtp.address import AddressError, canonical_domain, parse_forward_path, parse_reverse_path


@pytest.mark.parametrize(
    ("argument", "path", "rest"),
    [
        (b"<a@b.example>", "a@b.example", b""),
        (b" <a@b.example>", "a@b.example", b""),
        (b"<a@b.example> SIZE=1", "a@b.example", b"SIZE=1"),
        (b"<a@B.EXAMPLE>", "a@b.example", b""),
        (b"<A.b+c@b.example>", "A.b+c@b.example", b""),
        (b'<"a"@b.example>', "a@b.example", b""),
        (b'<"a b"@b.example> X=1', '"a b"@b.example', b"X=1"),
        (b'<"a\\"b\\\\"@b.example>', '"a\\"b\\\\"@b.example', b""),
        (b'<"\\a"@b.example>', "a@b.example", b""),
        (b"<a@[192.0.2.1]>", "a@[192.0.2.1]", b""),
        (b"<a@[ipv6:2001:DB8::0001]>", "a@[IPv6:2001:db8::1]", b""),
        ("<ü@b.example>".encode(), "ü@b.example", b""),
        ("<a@BÜCHER.example>".encode(), "a@xn--bcher-kva.example", b""),
        (b"<a@XN--BCHER-KVA.example>", "a@xn--bcher-kva.example", b""),
        (b"<a@localhost>", "a@localhost", b""),
        (b"<>", "", b""),
        (b"<> SIZE=1", "", b"SIZE=1"),
        (b"<" + b"x" * 256 + b"@b.example>", "x" * 256 + "@b.example", b""),
    ],
)
def test_a_path_has_one_spelling(argument: bytes, path: str, rest: bytes) -> None:
    """What is accepted comes out in its canonical form, with what follows it."""
    assert parse_reverse_path(argument) == (path, rest)


@pytest.mark.parametrize(
    "argument",
    [
        b"",
        b"<",
        b"a@b.example",
        b"<a@b.example",
        b"<a@b.example>SIZE=1",
        b"<<a@b.example>>",
        b"<@r.example:a@b.example>",
        b"<a>",
        b"<a@>",
        b"<@b.example>",
        b"<a@b@c.example>",
        b"<a@b..example>",
        b"<a@.example>",
        b"<a@b.example.>",
        b"<a@-b.example>",
        b"<a@b-.example>",
        b"<a@b example>",
        b"<a b@b.example>",
        b"<a..b@b.example>",
        b"<.a@b.example>",
        b"<a.@b.example>",
        b"<a(c)@b.example>",
        b"<a,b@b.example>",
        b'<"a@b.example>',
        b'<"a"b@b.example>',
        b'<"a\rb"@b.example>',
        b'<"a\nb"@b.example>',
        b'<"a\0b"@b.example>',
        b'<"a\x7fb"@b.example>',
        b"<a\x7f@b.example>",
        b"<a\x80@b.example>",
        b"<a\xc2\x85@b.example>",  # NEL
        "<a\u2028b@b.example>".encode(),
        "<a\u202eb@b.example>".encode(),
        b"<\xed\xa0\x80@b.example>",  # a surrogate
        b"<\xc0\xbca@b.example>",  # an overlong "<"
        b"<=?utf-8?q?a?=@b.example>",
        b"<a=?x?B?YQ==?=@b.example>",
        b"<a@[192.0.2]>",
        b"<a@[192.0.2.1>",
        b"<a@[IPv6:fe80::1%eth0]>",
        b"<a@[tag:x]>",
        b"<a@" + b"x" * 64 + b".example>",
        b"<a@" + b"x." * 130 + b"example>",
        b"<" + b"x" * 257 + b"@b.example>",
        "<a@b\u3002example>".encode(),  # an ideographic full stop
        "<a@ｂ.example>".encode(),  # a full-width letter
        "<a@\u202eb.example>".encode(),
        "<a@💳.example>".encode(),
    ],
)
def test_everything_else_is_refused(argument: bytes) -> None:
    """Each of these is read differently somewhere, or by nobody."""
    with pytest.raises(AddressError) as caught:
        parse_reverse_path(argument)
    assert caught.value.enhanced in ("1.2", "1.3", "1.7", "5.2")
    with pytest.raises(AddressError):
        parse_forward_path(argument)


@pytest.mark.parametrize(
    "local",
    ["a%b.example", "b.example!a", '"a@b.example"', '"|id"', "/etc/passwd", "|id", "a\uff20b.example", "a\uff05b"],
)
def test_relay_spellings_are_refused_for_recipients_only(local: str) -> None:
    """A sender may have them (they are legal), a recipient may not, in look-alike forms neither."""
    argument = f"<{local}@ours.example>".encode()
    assert parse_reverse_path(argument)[0]
    with pytest.raises(AddressError):
        parse_forward_path(argument)


def test_postmaster_needs_no_domain_as_a_recipient() -> None:
    """RFC 5321 §4.1.1.3; as a sender it is no path."""
    assert parse_forward_path(b"<PostMaster> X=1") == ("postmaster", b"X=1")
    with pytest.raises(AddressError):
        parse_reverse_path(b"<Postmaster>")


def test_the_null_path_is_no_recipient() -> None:
    """``RCPT TO:<>`` is refused."""
    with pytest.raises(AddressError):
        parse_forward_path(b"<>")


def test_the_text_of_an_error_never_quotes_the_address() -> None:
    """What an exception says may be logged and goes to the peer."""
    with pytest.raises(AddressError) as caught:
        parse_reverse_path(b"<4111111111111111@>")
    assert "4111" not in str(caught.value)


_LOCAL = st.from_regex(r"[A-Za-z0-9+=_-]{1,5}(\.[A-Za-z0-9+=_-]{1,5}){0,2}", fullmatch=True)
_DOMAIN = st.from_regex(r"[a-z0-9]{1,5}([.-][a-z0-9]{1,5}){0,3}", fullmatch=True)


@given(_LOCAL, _DOMAIN, st.sampled_from([b"", b" ", b" SIZE=1"]))
def test_the_quick_way_and_the_long_way_agree(local: str, domain: str, rest: bytes) -> None:
    """The fast path gives what the general parser gives."""
    argument = f"<{local}@{domain}>".encode() + rest
    quick = address._plain(argument)
    path, _, behind = address._path(argument, sender=True)
    assert quick == (path, behind)


@given(st.binary(max_size=60).map(lambda b: b"<" + b + b"@b.example>") | st.text(max_size=30).map(str.encode))
def test_any_octets_give_a_path_or_a_refusal(argument: bytes) -> None:
    """No other exception; what is accepted cannot break a line, and is accepted again unchanged."""
    try:
        path, _ = parse_reverse_path(argument)
    except AddressError:
        return
    assert not set(path) & set("\r\n\0")
    if path:
        assert parse_reverse_path(f"<{path}>".encode()) == (path, b"")


@given(st.text(max_size=80))
def test_any_text_is_a_domain_or_refused(text: str) -> None:
    """A canonical domain is ASCII, lower case (literals apart) and stays what it is."""
    try:
        domain = canonical_domain(text)
    except AddressError:
        return
    assert domain.isascii()
    assert canonical_domain(domain) == domain


def test_long_arguments_are_refused() -> None:
    """Lengths far beyond a command are refused all the same, and soon."""
    for hostile in (b"<" + b"a." * 100_000, b'<"' + b"\\a" * 100_000, b"<a@" + b"-" * 200_000 + b">", b" " * 200_000):
        with pytest.raises(AddressError):
            parse_forward_path(hostile)
