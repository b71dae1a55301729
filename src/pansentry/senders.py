"""Who a sender is, as far as rules ask: patterns of addresses, rewritten reverse-paths, proof of the sender.

Pure and cheap; shared by the policy (conditions, exemptions) and by the letters (whom to answer).
Formats: SRS (openspf.org, the form that Postfix's postsrsd writes), BATV ``prvs=`` (draft-levine-smtp-batv).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from pansentry.envelope import Authentication, AuthResult

_SRS0 = re.compile(r"SRS0[=+-][^=]{1,20}=[^=]{1,8}=([^=@]{1,253})=([^@]{1,200})", re.IGNORECASE)
_SRS1 = re.compile(
    r"SRS1[=+-][^=]{1,20}=[^=@]{1,253}==[^=]{1,20}=[^=]{1,8}=([^=@]{1,253})=([^@]{1,200})", re.IGNORECASE
)
_BATV = re.compile(r"(?:ms)?prvs1?=[^=@]{1,40}=([^@]{1,200})", re.IGNORECASE)


def matches_address(address: str, patterns: Iterable[str]) -> bool:
    """Tell whether ``address`` is one of ``patterns``: an address, a domain, ``*.domain``, or ``name@*``."""
    return not patterns_of(address).isdisjoint(patterns)


@functools.lru_cache(maxsize=512)
def patterns_of(address: str) -> frozenset[str]:
    """Return all patterns that would match ``address`` (lower case)."""
    local, _, domain = address.lower().rpartition("@")
    labels = domain.split(".")
    parents = ("*." + ".".join(labels[i:]) for i in range(1, len(labels)))
    return frozenset({f"{local}@{domain}", domain, f"{local}@*", *parents})


def untagged(address: str) -> str:
    """Return an address of ours without its ``+tag`` (RFC 5233), the very same if it has none."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}" if "+" in local else address


def original_address(reverse_path: str) -> str:
    """Return the address behind a reverse-path that a forwarder (SRS) or a bounce filter (BATV) rewrote."""
    local, _, domain = reverse_path.rpartition("@")
    for pattern in (_SRS1, _SRS0):
        if found := pattern.fullmatch(local):
            return original_address(f"{found[2]}@{found[1]}") if "=" in found[2] else f"{found[2]}@{found[1]}"
    if found := _BATV.fullmatch(local):
        return f"{found[1]}@{domain}"
    return reverse_path


def same_organisation(one: str, other: str) -> bool:
    """Tell whether two domains are one, or one lies below the other (relaxed alignment without a suffix list)."""
    one, other = one.lower().rstrip("."), other.lower().rstrip(".")
    return bool(one and other) and (one == other or one.endswith("." + other) or other.endswith("." + one))


def is_proven(authentication: Authentication, require: str) -> bool:
    """Tell whether the sender is authenticated as well as ``reply.require`` asks.

    ``dmarc``: DMARC passes or, where the domain publishes no DMARC record, aligned SPF or DKIM does. ``spf-or-dkim``:
    either passes aligned. ``none``: always.
    """
    aligned = authentication.spf_aligned or authentication.dkim_aligned
    if require == "none":
        return True
    if require == "spf-or-dkim":
        return aligned
    return authentication.dmarc is AuthResult.PASS or (authentication.dmarc is AuthResult.NONE and aligned)
