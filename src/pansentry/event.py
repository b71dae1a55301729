"""The event of one message: flat fields of fixed names, written from envelope, verdict and receipt.

What is recorded: what was decided by which rule, kinds, brands, counts and places of what was found, why something
was unreadable, whether a letter goes out or why not. What is not: subject, names, full addresses, any digit of a card.
The names are those of ``store/schema.py``.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Final

from pansentry.envelope import UNMEASURED
from pansentry.features import features, keys_of, keys_of_recipient
from pansentry.outcome import Alike, Outcome, Receipt, Record
from pansentry.policy.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pansentry.envelope import Envelope
    from pansentry.outcome import Removed, Verdict
    from pansentry.policy import Policy


def event_fields(
    outcome: Outcome,
    envelope: Envelope,
    *,
    size_bytes: int,
    policy: str,
    more: Mapping[str, object] | None = None,
) -> Mapping[str, object]:
    """Return the fields of the event of one judged message; ``policy`` is the version of the policy that judged.

    ``more`` are fields of :mod:`pansentry.features`.
    """
    verdict, receipt, measured = outcome.verdict, outcome.receipt, envelope.authentication
    return {
        **(more or {}),
        "kind": "message",
        "message_ref": envelope.id,
        "action": verdict.action.value,
        "rule": verdict.rule,
        "reasons": verdict.reasons,
        "tags": verdict.tags,
        "observe_only": verdict.observe_only,
        "policy": policy,
        "letter": verdict.letter,
        "silence": outcome.silence,
        "notice": verdict.notice,
        "size_bytes": size_bytes,
        "recipients": len(envelope.forward_paths),
        "recipient_domain": _domain(envelope.forward_paths[0]) if envelope.forward_paths else "",
        "sender_domain": _domain(envelope.reverse_path),
        "client": envelope.client.address,
        "tls": envelope.client.tls,
        "spf": measured.spf.value,
        "dkim": measured.dkim.value,
        "dmarc": measured.dmarc.value,
        **(_found(outcome.found) if outcome.found else _NOTHING_FOUND),
        "unreadable": tuple(sorted({item.reason for item in receipt.unreadable})) if receipt.unreadable else (),
        "ambiguities": receipt.ambiguities,
        "signed_part_edited": receipt.signed_part_edited,
        "changed": outcome.changed,
    }


def event_of_nothing(
    verdict: Verdict, envelope: Envelope, size_bytes: int, policy: Policy, key: bytes, facts: Facts | None = None
) -> Record:
    """Return the event of a clean mail: what :func:`event_fields` and :func:`features` say, in pieces.

    All but two of its forty fields are those of other mail: that the same rule let pass, of the same sender, recipient,
    client. Each such piece is made, and later looked through and written as JSON
    (:meth:`pansentry.store.events.Events.record`), once: 240,000 instructions a mail become 35,000. A law in the tests
    compares both ways. Call it only where nothing was found, unreadable or ambiguous; without ``facts`` where the mail
    is not signed and nobody asked for its heading.
    """
    alike = alike_of_nothing(verdict, envelope, policy, key, facts)
    return Record({"message_ref": envelope.id, "size_bytes": size_bytes}, alike)


def alike_of_nothing(
    verdict: Verdict, envelope: Envelope, policy: Policy, key: bytes, facts: Facts | None = None
) -> tuple[Alike, ...]:
    """Return the pieces of that event that other events have, too."""
    paths = envelope.forward_paths
    known = _of_envelope(envelope.reverse_path, paths[0] if paths else "", len(paths), envelope.client.address, key)
    author = _NOBODY if facts is None else _of_author(facts.from_address, key)
    return (_of_rule(verdict, envelope, facts, policy), *known, author)


def _of_rule(verdict: Verdict, envelope: Envelope, facts: Facts | None, policy: Policy) -> Alike:
    """Return what is left when everything is taken out that other pieces say; kept with the policy, as verdicts are."""
    measured = envelope.authentication
    known: dict[tuple[object, ...], tuple[Verdict, Alike]] = policy.__dict__.setdefault("_events", {})
    sort = (
        id(verdict),
        envelope.client.tls,
        facts is not None and facts.signed,
        facts is not None and facts.is_reply,
        None if measured is UNMEASURED else measured,
    )
    found = known.get(sort)
    if found is None:
        outcome, facts = Outcome(verdict, Receipt()), Facts() if facts is None else facts
        fields = event_fields(outcome, envelope, size_bytes=0, policy=policy.version, more=features(facts, b""))
        if len(known) >= _MAX_SORTS:
            known.clear()
        rest = Alike({name: value for name, value in fields.items() if name not in _ELSEWHERE})
        found = known[sort] = verdict, rest  # the verdict is held, so that no other has its id
    return found[1]


@functools.lru_cache(maxsize=1024)
def _of_envelope(sender: str, recipient: str, recipients: int, client: str, key: bytes) -> tuple[Alike, Alike, Alike]:
    return _of_sender(sender, key), _of_recipient(recipient, recipients, key), _of_client(client)


@functools.lru_cache(maxsize=1024)
def _of_sender(address: str, key: bytes) -> Alike:
    return Alike(sender_domain=_domain(address), sender_keys=keys_of(address, key))


@functools.lru_cache(maxsize=1024)
def _of_recipient(address: str, recipients: int, key: bytes) -> Alike:
    keys = keys_of_recipient(address, key)
    return Alike(recipients=recipients, recipient_domain=_domain(address), recipient_keys=keys)


@functools.lru_cache(maxsize=256)
def _of_client(address: str) -> Alike:
    return Alike(client=address)


@functools.lru_cache(maxsize=1024)
def _of_author(address: str, key: bytes) -> Alike:
    return Alike(from_domain=_domain(address), from_keys=keys_of(address, key))


_NOBODY: Final = Alike(from_domain="", from_keys=())
"""The author of a mail whose heading nobody asked for."""
_ELSEWHERE: Final = frozenset(
    {
        "message_ref", "size_bytes", "sender_domain", "sender_keys", "recipients", "recipient_domain",
        "recipient_keys", "client", "from_domain", "from_keys",
    }
)  # fmt: skip
_MAX_SORTS: Final = 256


def _found(found: Sequence[Removed]) -> Mapping[str, object]:
    kinds = Counter(item.kind for item in found)
    return {
        "pan": kinds["pan"],
        "cvv": kinds["cvv"],
        "expiry": kinds["expiry"],
        "track": kinds["track"],
        "brands": tuple(sorted({item.brand for item in found if item.brand})),
        "places": tuple(sorted({place for item in found for place in item.places or (item.place,)})),
        "confidence": max((item.confidence for item in found), default=0.0),
    }


_NOTHING_FOUND: Final = _found(())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
