"""The event of one message: flat fields of fixed names, written from envelope, verdict and receipt.

What is recorded: what was decided by which rule, kinds, brands, counts and places of what was found, why something
was unreadable, whether a letter goes out or why not. What is not: subject, names, full addresses, any digit of a card.
The names are those of ``store/schema.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.envelope import Envelope
    from pansentry.outcome import Outcome


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
    kinds = Counter(item.kind for item in outcome.found)
    return {
        **(more or {}),
        "kind": "message",
        "message_ref": envelope.id,
        "action": str(verdict.action),
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
        "spf": str(measured.spf),
        "dkim": str(measured.dkim),
        "dmarc": str(measured.dmarc),
        "pan": kinds["pan"],
        "cvv": kinds["cvv"],
        "expiry": kinds["expiry"],
        "track": kinds["track"],
        "brands": tuple(sorted({item.brand for item in outcome.found if item.brand})),
        "places": tuple(sorted({place for item in outcome.found for place in item.places or (item.place,)})),
        "confidence": max((item.confidence for item in outcome.found), default=0.0),
        "unreadable": tuple(sorted({item.reason for item in receipt.unreadable})),
        "ambiguities": receipt.ambiguities,
        "signed_part_edited": receipt.signed_part_edited,
        "changed": outcome.changed,
    }


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
