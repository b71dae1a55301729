"""What is kept of a decision so that it can be tried again under another policy: facts without card data or addresses.

In: the :class:`~pansentry.policy.facts.Facts` of a message. Out: flat fields for its event, and from such fields facts
again. Addresses are kept as keyed tokens of the patterns that a policy may ask for (the address, the address without
``+tag``, ``name@*``), and as domains; so a policy's pattern can be compared, and nothing can be read back.

What cannot be tried again: words and numbers below the threshold that held then, a From address that no rule asked for,
authentication that was not measured, and the time within the second.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pansentry.envelope import Authentication, AuthResult
from pansentry.outcome import Unreadable
from pansentry.policy.facts import Facts, Sighting
from pansentry.senders import untagged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pansentry.policy.policy import Policy, PolicySet

MAX_SIGHTINGS = 40
_NOBODY = "\ufffd"
"""Local part of an address of which only the domain is known; no pattern has it."""


def features(facts: Facts, key: bytes) -> dict[str, object]:
    """Return the fields of an event that :func:`facts_again` needs."""
    measured = facts.authentication
    return {
        "sightings": tuple(map(_written, facts.sightings[:MAX_SIGHTINGS])),
        "signed": facts.signed,
        "is_reply": facts.is_reply,
        "aligned": measured.spf_aligned or measured.dkim_aligned,
        "sender_keys": _tokens(facts.sender, key),
        "recipient_keys": keys_of_recipient(facts.recipient, key),
        "from_keys": _tokens(facts.from_address, key),
        "from_domain": facts.from_address.rpartition("@")[2].lower(),
    }


def facts_again(event: Mapping[str, Any], patterns: Iterable[str], key: bytes) -> Facts:
    """Return the facts of a recorded message, as far as ``patterns`` (of the policies to be compared) can ask."""
    known = {_token(pattern, key): pattern for pattern in patterns if "@" in pattern}
    aligned = bool(event.get("aligned"))
    return Facts(
        sightings=tuple(_sighting(text) for text in event.get("sightings") or ()),
        unreadable=tuple(Unreadable(reason, "message") for reason in event.get("unreadable") or ()),
        ambiguities=tuple(event.get("ambiguities") or ()),
        signed=bool(event.get("signed")),
        sender=_address(event.get("sender_keys"), event.get("sender_domain"), known),
        from_address=_address(event.get("from_keys"), event.get("from_domain"), known),
        recipient=_address(event.get("recipient_keys"), event.get("recipient_domain"), known),
        authentication=Authentication(
            spf=_result(event.get("spf")),
            dkim=_result(event.get("dkim")),
            dmarc=_result(event.get("dmarc")),
            spf_aligned=aligned,
            dkim_aligned=aligned,
        ),
        size_bytes=int(event.get("size_bytes") or 0),
        received_at=float(event.get("at") or 0.0),
        is_reply=bool(event.get("is_reply")),
    )


def keys_of(address: str, key: bytes) -> tuple[str, ...]:
    """Return the keyed tokens under which an address stands in events, the address itself first."""
    return _tokens(address, key)


def keys_of_recipient(address: str, key: bytes) -> tuple[str, ...]:
    """Return the keyed tokens of a recipient: of the address, and of the same without its ``+tag``."""
    plain = untagged(address)
    return _tokens(address, key) if plain == address else _tokens(address, key) + _tokens(plain, key)


def patterns_of(policies: PolicySet) -> frozenset[str]:
    """Return every address pattern that ``policies`` ask for."""
    found: set[str] = set()
    for policy in (*policies.policies, policies.fallback):
        found.update(policy.applies_to, policy.reply.exempt)
        for rule in policy.rules:
            found.update(rule.when.sender, rule.when.recipient)
    return frozenset(pattern.lower() for pattern in found)


def as_detected(facts: Facts, policy: Policy) -> Facts:
    """Return ``facts`` without what ``policy`` would not have taken for card data (too unsure, or another brand)."""
    sure = {str(kind): floor for kind, floor in policy.thresholds.items()}
    kept = tuple(
        s
        for s in facts.sightings
        if s.confidence >= sure.get(s.kind, 0.0)
        and (not policy.brands or s.kind != "pan" or s.brand is None or s.brand in policy.brands)
    )
    return replace(facts, sightings=kept)


@functools.lru_cache(maxsize=1024)
def _tokens(address: str, key: bytes) -> tuple[str, ...]:
    """Return the tokens of an address. Remembered: a gateway's recipients are few, and hashing costs 4 µs each."""
    if "@" not in address:
        return ()
    local, _, domain = address.lower().rpartition("@")
    return tuple(_token(spelling, key) for spelling in (f"{local}@{domain}", f"{local}@*"))


def _token(pattern: str, key: bytes) -> str:
    """Return a keyed token, hexadecimal with letters for digits so that no run of digits can arise."""
    digest = hashlib.blake2b(pattern.encode("utf-8", "replace"), key=key[:64], digest_size=12, person=b"features")
    return digest.hexdigest().translate(_LETTERS)


_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")


def _address(tokens: object, domain: object, known: Mapping[str, str]) -> str:
    """Return an address that matches the same patterns as the recorded one: the most specific that is known."""
    named = [known[token] for token in (tokens if isinstance(tokens, list | tuple) else ()) if token in known]
    for pattern in named:
        if not pattern.endswith("@*"):
            return pattern
    local = named[0].partition("@")[0] if named else _NOBODY
    return f"{local}@{domain}" if domain else ""


def _written(s: Sighting) -> str:
    return f"{s.kind}|{s.brand or ''}|{s.confidence:.2f}|{','.join(s.where) or s.place}"


def _sighting(text: str) -> Sighting:
    kind, brand, confidence, where = [*text.split("|"), "", "", "0", ""][:4]
    return Sighting(kind, float(confidence), where.partition(",")[0], brand or None, tuple(where.split(",")))


def _result(value: object) -> AuthResult:
    try:
        return AuthResult(str(value))
    except ValueError:
        return AuthResult.NONE
