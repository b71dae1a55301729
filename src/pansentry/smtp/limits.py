"""Limits of the SMTP server in one table, and the account that holds clients to them.

:class:`SmtpLimits` are the numbers, :class:`Account` counts; it is pure: the clock is an argument, nobody is called.
All counts are per process; ``--workers N`` allows N times as much.

An event loop has no wall of processes that idle connections could fill, so the tight limits are on memory and on
rates; one client may hold only a share of the memory, so that it cannot shut out others. Sources of the defaults:
Postfix's ``smtpd_*_limit`` parameters, RFC 5321 §4.5.3.2 for times.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_KEYS = 1024

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Sizes in bytes, times in seconds, rates per minute; 0 switches a rate off. A limit of n lets n pass."""

    max_message_bytes: int = 50 * 1024 * 1024
    max_command_bytes: int = 2048  # RFC 5321's 512 plus what RFC 3461, 1870, 6531 and 4954 add; Postfix has 2048
    max_skipped_bytes: int = 1024 * 1024  # of oversized commands, then 421
    max_recipients: int = 1000
    max_errors: int = 20
    max_idle_commands: int = 100  # NOOP, RSET, EHLO … between two messages
    max_put_off: int = 2000  # commands that were answered "later" between two messages; of a long list most are
    max_messages_per_connection: int = 10_000
    max_connections: int = 4000
    crowded_share: float = 0.8  # of max_connections and max_bytes_in_flight; beyond it who has much makes room
    max_connections_per_client: int = 50
    connections_per_minute_per_client: int = 600
    messages_per_minute_per_client: int = 1200
    max_bytes_in_flight: int = 256 * 1024 * 1024
    max_client_share: float = 0.5  # of the bytes in flight
    command_idle_s: float = 300.0
    crowded_idle_s: float = 10.0  # instead of it, where it is crowded; Postfix's stress-adaptive smtpd_timeout
    rest_s: float = 10.0  # who takes longer with recipients given holds no connection to the next hop meanwhile
    data_idle_s: float = 180.0
    data_total_s: float = 3600.0
    min_data_bytes_per_s: int = 500  # averaged over data_rate_window_s
    data_rate_window_s: float = 60.0
    handshake_s: float = 30.0  # PROXY header, TLS handshake
    processing_s: float = 540.0  # RFC 5321 §4.5.3.2.6 gives the client 600
    session_s: float = 3600.0
    greet_delay_s: float = 0.0


class Bucket:
    """A token bucket: ``per_minute`` tokens flow in evenly, at most one minute's worth is kept."""

    __slots__ = ("stamp", "tokens")

    def __init__(self, per_minute: int, now: float) -> None:
        self.tokens = float(per_minute)
        self.stamp = now

    def take(self, per_minute: int, now: float) -> bool:
        """Take one token if there is one."""
        self.tokens = min(per_minute, self.tokens + (now - self.stamp) * per_minute / 60)
        self.stamp = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class _Usage:
    __slots__ = ("bytes_in_flight", "connections", "connects", "messages")

    def __init__(self, limits: SmtpLimits, now: float) -> None:
        self.connections = 0
        self.bytes_in_flight = 0
        self.connects = Bucket(limits.connections_per_minute_per_client, now)
        self.messages = Bucket(limits.messages_per_minute_per_client, now)


class Account:
    """Who uses how much. Clients in ``exempt`` networks (our own Postfix, HAProxy) count in the totals only."""

    def __init__(self, limits: SmtpLimits, exempt: Sequence[Network] = ()) -> None:
        self._limits = limits
        self._exempt = tuple(exempt)
        self._clients: dict[str, _Usage] = {}
        self._keys: dict[str, str] = {}
        self.connections = 0
        self.bytes_in_flight = 0

    def key(self, address: str) -> str:
        """Return what is counted as one client: an IPv4 address, an IPv6 /64, or ``""`` for an exempt one."""
        key = self._keys.get(address)
        if key is None:
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            key = self._keys[address] = self._key(address)
        return key

    def _key(self, address: str) -> str:
        ip = _parsed(address)
        if ip is None:
            return address
        if isinstance(ip, ipaddress.IPv6Address):
            if ip.ipv4_mapped is not None:
                ip = ip.ipv4_mapped
            elif not contains(self._exempt, ip):
                return str(ipaddress.IPv6Network((ip, 64), strict=False))
        return "" if contains(self._exempt, ip) else str(ip)

    def connect(self, key: str, now: float) -> str:
        """Count a connection in. Return ``""``, or the name of the limit that refuses it (nothing is counted then)."""
        limits = self._limits
        if self.connections >= limits.max_connections:
            return "max_connections"
        if key:
            usage = self._usage(key, now)
            if usage.connections >= limits.max_connections_per_client:
                return "max_connections_per_client"
            per_minute = limits.connections_per_minute_per_client
            if per_minute and not usage.connects.take(per_minute, now):
                return "connections_per_minute_per_client"
            usage.connections += 1
        self.connections += 1
        return ""

    def idle_s(self, key: str) -> float:
        """Return how long a client may be idle between commands: not for long where few connections are left.

        A few addresses with idle connections would else shut out everybody for minutes. Exempt clients keep theirs.
        """
        limits = self._limits
        if key and self.connections > limits.crowded_share * limits.max_connections:
            return min(limits.command_idle_s, limits.crowded_idle_s)
        return limits.command_idle_s

    def disconnect(self, key: str) -> None:
        """Count a connection out again."""
        self.connections -= 1
        if key:
            self._clients[key].connections -= 1

    def message(self, key: str, now: float) -> bool:
        """Count a message in; False if the client sends too many a minute."""
        per_minute = self._limits.messages_per_minute_per_client
        return not key or not per_minute or self._usage(key, now).messages.take(per_minute, now)

    def fits(self, key: str, octets: int) -> bool:
        """Tell whether ``octets`` more may be held for this client now.

        Where it is crowded nobody may hold more than he leaves free: two clients with large messages that are slow to
        judge would else keep out everybody else, however small his mail is.
        """
        limits = self._limits
        most = limits.max_bytes_in_flight
        free = most - self.bytes_in_flight - octets
        if free < 0:
            return False
        usage = self._clients.get(key) if key else None
        if usage is None:
            return True
        held = usage.bytes_in_flight + octets
        return held <= limits.max_client_share * most and (most - free <= limits.crowded_share * most or held <= free)

    def hold(self, key: str, octets: int) -> None:
        """Count octets in (or, negative, out)."""
        self.bytes_in_flight += octets
        if key:
            self._clients[key].bytes_in_flight += octets

    def forget(self, now: float) -> None:
        """Drop clients that hold nothing and whose buckets are full again; called now and then by the sweep."""
        for key, usage in list(self._clients.items()):
            last = max(usage.connects.stamp, usage.messages.stamp)
            if not usage.connections and not usage.bytes_in_flight and now - last > 60:
                del self._clients[key]

    def _usage(self, key: str, now: float) -> _Usage:
        usage = self._clients.get(key)
        if usage is None:
            usage = self._clients[key] = _Usage(self._limits, now)
        return usage


def plain_address(address: str) -> str:
    """Return a peer's address as mail authentication knows it: no zone, and IPv4 where IPv6 only wraps it."""
    if ":" not in address:
        return address
    try:
        ip = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip.ipv4_mapped or ip)


def contains(networks: Sequence[Network], address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether one of the networks holds the address (an IPv4-mapped IPv6 address counts as IPv4)."""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks)


def is_trusted(networks: Sequence[Network], address: str) -> bool:
    """Tell whether a textual peer address is in one of the networks; never for what is not an address."""
    ip = _parsed(address) if networks else None
    return ip is not None and contains(networks, ip)


@functools.lru_cache(maxsize=256)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address without its zone, None for what is none. Asked twice for each connection."""
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
