"""DNS as the authentication of mail needs it: few kinds of records, a budget for each message, time limits.

Out: values; an empty tuple where nothing is published. :class:`DnsTroubleError` where no answer can be had, which
becomes ``temperror`` and never ``fail``. :class:`Budget` bounds what one message can make us ask (RFC 7208 §4.6.4,
RFC 9989 §4.10): a sender chooses the names that are looked up, so neither their number nor the time is left to him.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import dns.resolver

MAX_LOOKUPS = 40
"""For one message: ten of SPF with their MX hosts, five DKIM keys, two DMARC walks of eight."""

Value = str | bytes | tuple[int, str]


class DnsTroubleError(Exception):
    """No answer in time, or a broken one."""


class Resolver(Protocol):
    """Looks up one name. ``A``, ``AAAA`` and ``PTR`` give text, ``MX`` pairs, ``TXT`` bytes (strings joined)."""

    def lookup(self, name: str, kind: str) -> tuple[Value, ...]: ...


class DnsResolver:
    """Asks real name servers; blocking, safe to use from several threads."""

    def __init__(self, nameservers: tuple[str, ...] = (), query_s: float = 3.0) -> None:
        """Use ``nameservers`` (``address`` or ``address:port``, IPv6 in brackets with a port), else the system's."""
        import dns.resolver

        self._resolver: dns.resolver.Resolver = dns.resolver.Resolver(configure=not nameservers)
        self._resolver.lifetime = query_s
        self._resolver.timeout = min(query_s, 2.0)
        self._resolver.cache = dns.resolver.LRUCache(2000)
        if nameservers:
            parsed = [_server(one) for one in nameservers]
            self._resolver.nameservers = [address for address, _ in parsed]
            self._resolver.nameserver_ports = dict(parsed)

    def lookup(self, name: str, kind: str) -> tuple[Value, ...]:
        import dns.exception
        import dns.name
        import dns.resolver

        if not name.isascii():  # names are A-labels by now (RFC 5890 §2.3.2.1)
            return ()
        try:
            answer = self._resolver.resolve(dns.name.from_text(name), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, dns.name.BadEscape, UnicodeError):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise DnsTroubleError(type(error).__name__) from None
        return tuple(_value(record, kind) for record in answer)


@dataclass(slots=True)
class Budget:
    """A resolver for one message: remembers answers, and stops when too much was asked or it took too long."""

    resolver: Resolver
    total_s: float = 15.0
    clock: Callable[[], float] = time.monotonic
    lookups: int = 0
    _started: float = 0.0
    _known: dict[tuple[str, str], tuple[Value, ...] | None] = field(default_factory=dict)

    def lookup(self, name: str, kind: str) -> tuple[Value, ...]:
        key = (name.rstrip(".").lower(), kind)
        if key not in self._known:
            self._started = self._started or self.clock()
            if self.lookups >= MAX_LOOKUPS or self.clock() - self._started > self.total_s:
                raise DnsTroubleError("budget")
            self.lookups += 1
            try:
                self._known[key] = self.resolver.lookup(*key)
            except DnsTroubleError:
                self._known[key] = None
        known = self._known[key]
        if known is None:
            raise DnsTroubleError("no answer")
        return known


def texts(resolver: Resolver, name: str) -> tuple[bytes, ...]:
    """Return the TXT records of ``name``."""
    return tuple(value for value in resolver.lookup(name, "TXT") if isinstance(value, bytes))


def _server(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if colon and port.isdecimal() and (host.count(":") == 0 or host.startswith("[")):
        return host.strip("[]"), int(port)
    return text.strip("[]"), 53


def _value(record: object, kind: str) -> Value:
    match kind:
        case "TXT":
            return b"".join(record.strings)  # type: ignore[attr-defined]
        case "MX":
            return record.preference, record.exchange.to_text(True)  # type: ignore[attr-defined]
        case "PTR":
            return str(record.target.to_text(True))  # type: ignore[attr-defined]
        case "TLSA":
            return str(record)
        case _:
            return str(record.address)  # type: ignore[attr-defined]
