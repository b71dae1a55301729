"""What becomes of the bytes beyond plain redaction: parts withdrawn, the copy for review, the copy that is sealed.

In: an inspection and a verdict. Out: :class:`Cuts`. Pure, as the pipeline is; sealing itself (which needs random
numbers) is the shell's.

- ``replace-part``: attachments with card data, or that could not be read, become a notice; the rest is redacted.
- ``hold`` and review copies: redacted, and parts that could not be read become a notice, because nobody knows what is
  in them and the copy lies on a disk.
- the sealed original: as it was received, but for codes and track data (PCI DSS 3.3.1: never stored, not even
  encrypted); documents that show any go as a whole. Parts that could not be read are in it as they came.

What cannot be brought into that form is not kept: ``Cuts.left`` says why, and the mail is deferred (promise 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pansentry import enclosures, pan, redaction
from pansentry.edits import apply, merge
from pansentry.outcome import Action, Hold
from pansentry.redaction import Why, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.envelope import Envelope
    from pansentry.outcome import Receipt, Verdict
    from pansentry.pipeline import Desk, Inspection
    from pansentry.policy import Policy

Remove = Callable[["Inspection", "Desk"], "redaction.Removal"]
Again = Callable[[bytes, "Inspection", "Desk"], "Inspection"]

NEVER_KEPT = (pan.Kind.CVV, pan.Kind.TRACK)
_SHEET = {
    "en": ("A mail could not be read and is held", "It is kept sealed. Whoever has the private key can open it."),
    "de": (
        "Eine Nachricht konnte nicht gelesen werden und wird zurückgehalten",
        "Sie ist versiegelt aufbewahrt. Wer den privaten Schlüssel hat, kann sie öffnen.",
    ),
}


@dataclass(frozen=True, slots=True)
class Cuts:
    """The message as it may be delivered or held, the copy for review, and what is to be sealed (``b""``: nothing).

    ``left`` is not empty when that could not be done; then nothing of it may be used.
    """

    message: bytes = field(default=b"", repr=False)
    copy: bytes = field(default=b"", repr=False)
    original: bytes = field(default=b"", repr=False)
    signed_part_edited: bool = False
    left: tuple[str, ...] = ()


def cut(inspection: Inspection, desk: Desk, verdict: Verdict, remove: Remove, again: Again) -> Cuts:
    """Return what ``verdict`` makes of the message. ``remove`` redacts, ``again`` reads what was changed."""
    unread = _unread(inspection)
    if verdict.action is Action.REPLACE_PART:
        reasons = unread | dict.fromkeys(_attached(inspection), Why.CARD)
        if reasons:
            raw = redaction.withdraw(inspection.message.raw, reasons, desk.language, desk.limits)
            inspection = again(raw, inspection, desk)
            if inspection.unread:
                return Cuts(left=("unread:after-replacement",))
            unread = {}
    removal = (
        remove(inspection, desk) if inspection.is_found else redaction.Removal(inspection.message.raw, "untouched")
    )
    if removal.residue:
        return Cuts(left=tuple(f"residue:{place}" for place in removal.residue))
    cuts = Cuts(removal.raw, signed_part_edited=removal.signed_part_edited)
    if verdict.action is not Action.HOLD and not verdict.review:
        return cuts
    copy = _without(removal.raw, unread, inspection, desk, again)
    if copy is None:
        return Cuts(left=("unread:message",))
    if verdict.action is not Action.HOLD:
        return replace(cuts, copy=copy)
    original = b""
    if desk.policy.hold.seal_to:
        sealed = _original(inspection, desk)
        if sealed is None:
            return Cuts(left=("residue:original",))
        original = sealed
    return replace(cuts, message=copy, copy=copy, original=original)


def of_unread(raw: bytes, envelope: Envelope, policy: Policy, language: str) -> Hold | None:
    """Return what is held of a message that a reader broke on: a sheet, and the sealed original. None: nothing may be.

    What stands in it as plain text is searched for codes and track data, byte for byte.
    """
    if not policy.hold.seal_to:
        return None
    text = raw.decode("latin-1")
    try:
        known = pan.Known(card_in_message=True)
        found = [one for one in pan.find(text, policy.detect_options(), known) if one.kind in NEVER_KEPT]
        original = apply(text, merge(edit for one in found for edit in redaction.mask(text, one))).encode("latin-1")
    except Exception:  # the detector is what broke: nobody knows what is in it
        return None
    subject, sentence = _SHEET.get(language[:2], _SHEET["en"])
    domain = envelope.forward_paths[0].rpartition("@")[2] if envelope.forward_paths else "localhost"
    lines = (
        f"From: PanSentry <postmaster@{domain}>",
        f"Subject: =?utf-8?q?{''.join('_' if c == ' ' else c if c.isascii() else _q(c) for c in subject)}?=",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"{subject}.",
        sentence,
        envelope.id,
        "",
    )
    sheet = "\r\n".join(lines).encode()
    return Hold(sheet, f"{policy.name}/on_error", policy.hold.expires_s, original, policy.hold.seal_to)


def words(verdict: Verdict, receipt: Receipt, envelope: Envelope) -> Mapping[str, str]:
    """Return what a notification may say of a message: codes, domains and our own address; no content."""
    path = envelope.forward_paths[0] if envelope.forward_paths else ""
    return {
        "action": str(verdict.action),
        "found": " ".join(sorted({item.kind for item in receipt.removed})),
        "reasons": " ".join(verdict.reasons),
        "sender_domain": envelope.reverse_path.rpartition("@")[2].lower(),
        "recipient": path,
        "reference": envelope.id,
    }


def _unread(inspection: Inspection) -> dict[str, Why]:
    """Return the paths of the parts that could not be read, or not wholly."""
    paths = {path_of(one.place) for one in inspection.unread}
    for one in inspection.enclosed:
        if one.examined is None or one.examined.unreadable:
            paths.add(one.document.part.path or "1")
    return dict.fromkeys(paths, Why.UNREAD)


def _attached(inspection: Inspection) -> set[str]:
    """Return the paths of the attachments in which card data was found."""
    from pansentry.whereabouts import in_message

    hits = (hit.view.place for hit in inspection.hits)
    paths = {path_of(place) for place in hits if "attachment" in in_message(place, inspection.message)}
    paths |= {
        one.document.part.path or "1"
        for one in inspection.enclosed
        if one.examined is not None and one.examined.sightings
    }
    return paths - {""}


def _without(raw: bytes, unread: Mapping[str, Why], inspection: Inspection, desk: Desk, again: Again) -> bytes | None:
    """Return ``raw`` without what could not be read; None if some of it is left."""
    if not unread:
        return raw
    new = redaction.withdraw(raw, unread, desk.language, desk.limits)
    if again(new, inspection, desk).unread:
        new = redaction.withdraw(new, {"": Why.UNREAD}, desk.language, desk.limits)
    return None if again(new, inspection, desk).unread else new


def _original(inspection: Inspection, desk: Desk) -> bytes | None:
    """Return the message without codes and track data, and with all the rest; None if they cannot be cut out."""
    hits = tuple(hit for hit in inspection.hits if hit.finding.kind in NEVER_KEPT)
    shown = tuple(
        replace(one, examined=replace(one.examined, rewritten=None))
        for one in inspection.enclosed
        if one.examined is not None and any(sight.kind in NEVER_KEPT for sight in one.examined.sightings)
    )
    extra, _ = enclosures.edits(shown, desk.policy.style, desk.language)
    options = desk.policy.detect_options()

    def find(text: str) -> tuple[pan.Finding, ...]:
        return tuple(one for one in pan.find(text, options, inspection.known) if one.kind in NEVER_KEPT)

    removal = redaction.remove(inspection.message, hits, find, limits=desk.limits, extra=extra, language=desk.language)
    return None if removal.residue else removal.raw


def _q(character: str) -> str:
    return "".join(f"={octet:02X}" for octet in character.encode())
