"""SPF (RFC 7208) by pyspf, asking through our resolver and its budget.

In: client address, HELO name, reverse-path. Out: a result and the domain it is about. pyspf looks names up through a
function of its module; we override its one method for it instead, so that nothing global is touched and threads do
not meet.
"""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING, Any

from pansentry.authentication.resolver import DnsTroubleError
from pansentry.envelope import AuthResult

if TYPE_CHECKING:
    from pansentry.authentication.resolver import Resolver


def check_spf(client_ip: str, helo: str, reverse_path: str, resolver: Resolver) -> tuple[AuthResult, str]:
    """Return the SPF result and the domain checked: the reverse-path's, or HELO's if that is null (RFC 7208 §2.4)."""
    domain = (reverse_path.rpartition("@")[2] if reverse_path else helo).rstrip(".").lower()
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
        address = str(ipaddress.ip_address(client_ip.removeprefix("IPv6:")))
    except ValueError:
        return AuthResult.NONE, domain
    if "." not in domain or domain.startswith("["):
        return AuthResult.NONE, domain
    import spf

    sender = reverse_path and f"{reverse_path.rpartition('@')[0]}@{domain}"
    query = _query_class()(i=address, s=sender, h=helo or domain, strict=True)
    query.resolver = resolver
    try:
        result = query.check()[0]
    except (spf.TempError, DnsTroubleError):
        result = "temperror"
    except (spf.PermError, ValueError, UnicodeError, IndexError, TypeError, AttributeError, RecursionError):
        result = "permerror"  # pyspf raises what it meets on hostile records
    return AuthResult(result) if result in set(AuthResult) else AuthResult.PERMERROR, domain


@functools.lru_cache(maxsize=1)
def _query_class() -> Any:
    import spf

    class Query(spf.query):  # type: ignore[misc]
        """pyspf's query with our resolver. The resolver follows CNAMEs."""

        resolver: Resolver

        def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
            name = str(name).rstrip(".").lower()
            if qtype == "SPF" or not name or any(not 0 < len(label) < 64 for label in name.split(".")):
                return []
            try:
                found = self.resolver.lookup(name, qtype)
            except DnsTroubleError as error:
                raise spf.TempError(f"DNS {error}") from None
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError("too many void lookups")  # RFC 7208 §4.6.4
            return [(value,) if qtype == "TXT" else value for value in found]

    return Query
