"""The account: every limit at n and at n + 1, with an explicit clock."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.smtp.limits import Account, SmtpLimits, is_trusted, plain_address

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def test_connections_in_total() -> None:
    """n connections pass, one more is refused, and passes when another has gone."""
    account = Account(SmtpLimits(max_connections=2))
    assert [account.connect("a", 0), account.connect("b", 0), account.connect("c", 0)] == ["", "", "max_connections"]
    account.disconnect("a")
    assert account.connect("c", 0) == ""


def test_connections_per_client() -> None:
    """n connections of one client pass; another client is not held back by it."""
    account = Account(SmtpLimits(max_connections_per_client=2))
    assert [account.connect("a", 0) for _ in range(3)] == ["", "", "max_connections_per_client"]
    assert account.connect("b", 0) == ""
    account.disconnect("a")
    assert account.connect("a", 0) == ""


def test_connection_rate() -> None:
    """n connections a minute pass, and after a part of a minute that part of n."""
    account = Account(SmtpLimits(connections_per_minute_per_client=4))
    for _ in range(4):
        assert account.connect("a", 0.0) == ""
    assert account.connect("a", 0.0) == "connections_per_minute_per_client"
    assert account.connect("a", 15.0) == ""
    assert account.connect("a", 15.0) == "connections_per_minute_per_client"


def test_message_rate() -> None:
    """n messages a minute pass; 0 switches the limit off."""
    account = Account(SmtpLimits(messages_per_minute_per_client=2))
    assert [account.message("a", 0), account.message("a", 0), account.message("a", 0)] == [True, True, False]
    assert account.message("a", 31)
    unlimited = Account(SmtpLimits(messages_per_minute_per_client=0))
    assert all(unlimited.message("a", 0) for _ in range(100))


def test_bytes_in_flight() -> None:
    """n octets fit, one more does not; one client holds its share at most."""
    account = Account(SmtpLimits(max_bytes_in_flight=100, max_client_share=0.5, crowded_share=1.0))
    account.connect("a", 0)
    assert account.fits("a", 50)
    account.hold("a", 50)
    assert not account.fits("a", 1)
    account.connect("b", 0)
    assert account.fits("b", 50)
    account.hold("b", 50)
    account.connect("c", 0)
    assert not account.fits("c", 1)
    account.hold("a", -50)
    assert account.fits("c", 50)
    assert not account.fits("", 51)


def test_large_messages_leave_room_for_small_ones() -> None:
    """Where it is crowded nobody holds more than he leaves free: two clients cannot keep out the third."""
    account = Account(SmtpLimits(max_bytes_in_flight=100, max_client_share=0.5, crowded_share=0.8))
    for client in "abcd":
        account.connect(client, 0)
    account.hold("a", 50)
    assert account.fits("b", 30)
    assert not account.fits("b", 31)
    account.hold("b", 30)
    assert not account.fits("b", 1)
    assert account.fits("c", 10)
    assert not account.fits("c", 11)
    account.hold("c", 10)
    assert account.fits("d", 5)
    assert not account.fits("d", 6)
    assert account.fits("", 10)  # our own servers know themselves how much they send
    assert not account.fits("", 11)


def test_exempt_clients_count_in_the_totals_only() -> None:
    """Our own Postfix may open more than a stranger."""
    account = Account(SmtpLimits(max_connections_per_client=1, max_connections=2), [LOOPBACK])
    key = account.key("127.0.0.1")
    assert key == ""
    assert [account.connect(key, 0) for _ in range(3)] == ["", "", "max_connections"]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:127.0.0.1", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_what_counts_as_one_client(address: str, key: str) -> None:
    """An IPv4 address, or an IPv6 /64: a single customer has 2**64 addresses of the latter."""
    assert Account(SmtpLimits(), [LOOPBACK]).key(address) == key


def test_forgotten_clients() -> None:
    """The table does not grow for ever, and nobody gets a fresh allowance by being forgotten early."""
    account = Account(SmtpLimits())
    account.connect("a", 0)
    account.connect("b", 0)
    account.disconnect("a")
    account.forget(59)
    assert set(account._clients) == {"a", "b"}
    account.forget(61)
    assert set(account._clients) == {"b"}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.floats(0, 10)), max_size=60))
def test_the_books_balance(steps: list[tuple[str, bool, float]]) -> None:
    """Totals are the sum of the clients, never negative, never above the limits."""
    limits = SmtpLimits(max_connections=5, max_connections_per_client=3, connections_per_minute_per_client=10)
    account, open_, now = Account(limits), {"a": 0, "b": 0}, 0.0
    for key, arrives, wait in steps:
        now += wait
        if arrives:
            open_[key] += account.connect(key, now) == ""
        elif open_[key]:
            open_[key] -= 1
            account.disconnect(key)
        assert account.connections == sum(open_.values()) <= 5
        assert max(open_.values()) <= 3


def test_trust_is_by_address() -> None:
    """Only addresses inside a network are trusted; no networks, no trust."""
    assert is_trusted([LOOPBACK], "127.9.9.9")
    assert is_trusted([LOOPBACK], "::ffff:127.0.0.1")
    assert not is_trusted([LOOPBACK], "192.0.2.1")
    assert not is_trusted([LOOPBACK], "")
    assert not is_trusted([], "127.0.0.1")


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_addresses_as_authentication_knows_them(address: str, plain: str) -> None:
    """SPF and Received need the plain form."""
    assert plain_address(address) == plain


def test_clients_beyond_number_are_told_apart() -> None:
    """What is remembered of addresses is bounded, and an address is the same client before and after."""
    account = Account(SmtpLimits())
    first = account.key("2001:db8::1")
    for number in range(3000):
        account.key(f"192.0.{number // 256}.{number % 256}")
    assert len(account._keys) <= 1024
    assert account.key("2001:db8::2") == first == account.key("2001:db8::1")


@pytest.mark.parametrize(("connections", "idle_s"), [(8, 300.0), (9, 10.0), (10, 10.0)])
def test_idle_clients_make_room_where_it_is_crowded(connections: int, idle_s: float) -> None:
    """Beyond the share of all connections a client may be idle for a short time only; an exempt one as ever."""
    account = Account(SmtpLimits(max_connections=10))
    for n in range(connections):
        assert account.connect(f"192.0.2.{n}", 0.0) == ""
    assert account.idle_s("192.0.2.1") == idle_s
    assert account.idle_s("") == 300.0
