"""DMARC as RFC 9989 has it: the DNS tree walk, the organizational domain, alignment.

In: the domain of the From field, the SPF result with its domain, the DKIM signatures. Out: a result, and for each
method whether it passed aligned. Where nobody published a record in the walk, the public suffix list decides what one
organization is, for alignment only (RFC 9989 has no list; without any record there is no DMARC result either, but a
letter may still be sent to a sender whose SPF or DKIM aligns).

What the domain wants done (``p``, ``sp``, ``np``) is not our decision: the mailbox behind us makes it. Gap: reports
are not sent.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.authentication.resolver import DnsTroubleError, texts
from pansentry.envelope import AuthResult

if TYPE_CHECKING:
    from pansentry.authentication.resolver import Resolver
    from pansentry.authentication.signatures import Signature

MAX_WALK = 8
"""Queries of one walk (RFC 9989 §4.10)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One DMARC record: where it was found, and its tags in lower case."""

    domain: str
    tags: Mapping[str, str]

    @property
    def psd(self) -> str:
        return self.tags.get("psd", "u")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The DMARC result and which methods passed with an aligned domain."""

    result: AuthResult
    spf_aligned: bool
    dkim_aligned: bool


def judge(
    from_domain: str, spf: AuthResult, spf_domain: str, signatures: tuple[Signature, ...], resolver: Resolver
) -> Judgement:
    """Return the judgement on a message whose From field names ``from_domain`` (lower case, ASCII; ``""`` for none)."""
    if "." not in from_domain:
        return Judgement(AuthResult.NONE, False, False)
    try:
        walk = tree_walk(from_domain, resolver)
    except DnsTroubleError:
        return Judgement(AuthResult.TEMPERROR, False, False)
    record = _policy_record(from_domain, walk)
    modes = record.tags if record else {}
    organization = _organization(from_domain, walk)

    def aligned(domain: str, mode: str) -> bool:
        if domain == from_domain:
            return True
        if mode == "s" or not domain:
            return False
        if organization == domain:
            return True
        if not walk:
            return _listed_organization(domain) == _listed_organization(from_domain) != ""
        try:
            return _organization(domain, tree_walk(domain, resolver)) == organization
        except DnsTroubleError:
            return False

    spf_aligned = spf is AuthResult.PASS and aligned(spf_domain, modes.get("aspf", "r"))
    dkim_aligned = any(s.result is AuthResult.PASS and aligned(s.domain, modes.get("adkim", "r")) for s in signatures)
    if record is None:
        result = AuthResult.NONE
    elif spf_aligned or dkim_aligned:
        result = AuthResult.PASS
    elif spf is AuthResult.TEMPERROR or any(s.result is AuthResult.TEMPERROR for s in signatures):
        result = AuthResult.TEMPERROR  # another try may well pass
    else:
        result = AuthResult.FAIL
    return Judgement(result, spf_aligned, dkim_aligned)


def tree_walk(domain: str, resolver: Resolver) -> tuple[Record, ...]:
    """Return the DMARC records at ``domain`` and above it, nearest first (RFC 9989 §4.10).

    Of a name with more than eight labels, those between the name itself and its last seven are skipped.
    """
    labels = domain.split(".")
    names = [domain]
    if len(labels) > MAX_WALK:
        labels = labels[-MAX_WALK:]
    names += [".".join(labels[i:]) for i in range(1, len(labels))]
    found: list[Record] = []
    for i, name in enumerate(names[:MAX_WALK]):
        record = _record_at(name, resolver)
        if record is None:
            continue
        found.append(record)
        if record.psd == "n" or (record.psd == "y" and i > 0):
            break
    return tuple(found)


def _record_at(name: str, resolver: Resolver) -> Record | None:
    """Return the record at ``_dmarc.name``; none where there are several, or none that is valid (RFC 9989 §4.10)."""
    records = [tags for text in texts(resolver, f"_dmarc.{name}") if (tags := _tags(text)) is not None]
    return Record(name, records[0]) if len(records) == 1 else None


def _tags(text: bytes) -> Mapping[str, str] | None:
    """Return the tags of a record that begins with ``v=DMARC1``."""
    pairs = [part.partition("=") for part in text.decode("ascii", "replace").split(";") if part.strip()]
    if not pairs or pairs[0][0].strip().lower() != "v" or pairs[0][2].strip() != "DMARC1":
        return None
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs[:50]}


def _policy_record(from_domain: str, walk: tuple[Record, ...]) -> Record | None:
    """Return the record that applies: the domain's own, else its organization's, else its public suffix's."""
    own = next((r for r in walk if r.domain == from_domain), None)
    if own is not None:
        return own
    organization = _organization(from_domain, walk)
    return next((r for r in walk if r.domain == organization), None) or next((r for r in walk if r.psd == "y"), None)


def _organization(domain: str, walk: tuple[Record, ...]) -> str:
    """Return the organizational domain of ``domain`` (RFC 9989 §4.10.2), the domain itself if no record says more."""
    for record in walk:
        if record.psd == "n":
            return record.domain
        if record.psd == "y" and record.domain != domain:
            return ".".join(domain.split(".")[-(record.domain.count(".") + 2) :])
    return walk[-1].domain if walk else domain


def _listed_organization(domain: str) -> str:
    """Return the registrable domain by the public suffix list, ``""`` for a suffix itself."""
    return str(_suffixes().privatesuffix(domain) or "")


@functools.lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
