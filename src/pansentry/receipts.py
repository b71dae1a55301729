"""From what was found to what may be said of it: the receipt, and the facts that a policy decides on. No digits.

In: an :class:`~pansentry.desk.Inspection`. Out: a :class:`~pansentry.outcome.Receipt` (one entry for each distinct
value, however many views and documents show it) and :class:`~pansentry.policy.Facts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pansentry import enclosures, redaction, whereabouts
from pansentry.heading import incoming
from pansentry.outcome import Receipt, Removed
from pansentry.policy import Facts, Sighting
from pansentry.reply.incoming import Incoming
from pansentry.reply.quoting import Quoted

if TYPE_CHECKING:
    from pansentry import pan
    from pansentry.desk import Desk, Inspection
    from pansentry.envelope import Envelope
    from pansentry.examination import Sight

CLEAN = Receipt()
"""Of a message with nothing in it: always this one, so that it is known again."""
_NO_HEADING = Incoming()


def receipt_of(inspection: Inspection, desk_key: bytes) -> Receipt:
    """Say what was found: one entry for each distinct value, however many views and documents show it."""
    if not (inspection.hits or inspection.enclosed or inspection.unread or inspection.message.ambiguities):
        return CLEAN
    entries: dict[bytes, Removed] = {}
    for hit in inspection.hits:
        key = enclosures.fingerprint(hit.finding, desk_key)
        place = hit.view.place
        _enter(entries, key, hit.finding, place, whereabouts.in_message(place, inspection.message))
    for one in inspection.enclosed:
        for sight in one.examined.sightings if one.examined is not None else ():
            kind = one.examined.kind or one.document.kind if one.examined is not None else ""
            _enter(entries, sight.fingerprint, sight, sight.place, whereabouts.in_document(kind, sight.place))
    if not (entries or inspection.unreadable or inspection.message.ambiguities):
        return CLEAN  # documents that were opened and hold nothing
    receipt = Receipt(tuple(entries.values()), inspection.unreadable, inspection.message.ambiguities)
    return replace(receipt, quoted_only=_is_quoted_only(inspection)) if entries else receipt


def _is_quoted_only(inspection: Inspection) -> bool:
    """Tell whether all card data stands in text quoted from an earlier mail; a document is never quoted."""
    if not inspection.hits or enclosures.sightings(inspection.enclosed):
        return False
    quoted = {text: Quoted(text) for text in {hit.view.text for hit in inspection.hits}}
    return all(hit.finding.start in quoted[hit.view.text] for hit in inspection.hits)


def _enter(
    entries: dict[bytes, Removed], key: bytes, seen: pan.Finding | Sight, place: str, where: tuple[str, ...]
) -> None:
    known = entries.get(key) or Removed(str(seen.kind), seen.brand, place, seen.confidence)
    places = known.places if place in known.places else (*known.places, place)
    words = tuple(dict.fromkeys((*known.where, *where)))
    entries[key] = replace(known, confidence=max(known.confidence, seen.confidence), places=places, where=words)


def facts_of(inspection: Inspection, envelope: Envelope, desk: Desk, receipt: Receipt | None = None) -> Facts:
    """Say what the policy may know: no digits. The heading is read only if a rule asks for it."""
    message, by = inspection.message, desk.policy
    receipt = receipt_of(inspection, desk.key) if receipt is None else receipt
    head = incoming(message) if by.asks_heading else _NO_HEADING
    return Facts(
        sightings=tuple(
            Sighting(removed.kind, removed.confidence, removed.place, removed.brand, removed.where)
            for removed in receipt.removed
        ),
        unreadable=inspection.unreadable,
        ambiguities=message.ambiguities,
        signed=redaction.is_signed(message),
        sender=envelope.reverse_path,
        from_address=head.from_address,
        recipient=envelope.forward_paths[0] if envelope.forward_paths else "",
        authentication=envelope.authentication,
        size_bytes=len(message.raw),
        received_at=envelope.received_at,
        is_reply=bool(head.in_reply_to or head.references),
    )
