"""The event of one message: flat fields of fixed names, written from envelope, verdict and receipt.

What is recorded: what was decided by which rule, kinds, brands, counts and places of what was found, why something
was unreadable, whether a letter goes out or why not. What is not: subject, names, full addresses, any digit of a card.
The names are those of ``store/schema.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pansentry.envelope import Envelope
    from pansentry.outcome import Outcome, Removed


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
