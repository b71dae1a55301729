"""Rehearsal: carry a mail through the whole core under given policies, with nothing behind it.

In: a policy test case, or raw bytes with an envelope, and policies. Out: the outcome that the gateway would act on;
no store, no socket, no letter is written. Whether a letter *would* be sent is decided by the same rules of silence;
its text is left empty, so that no business needs to be configured for testing a policy.
"""

from __future__ import annotations

from collections import Counter
from email.utils import getaddresses
from typing import TYPE_CHECKING

from pansentry import mime, reply
from pansentry.api import examine
from pansentry.envelope import Authentication, AuthResult, Envelope
from pansentry.heading import incoming
from pansentry.outcome import EnqueueLetter
from pansentry.pipeline import Desk, process

if TYPE_CHECKING:
    from pansentry.outcome import Outcome, Receipt, Verdict
    from pansentry.policy import Policy, PolicySet
    from pansentry.policy.cases import Case
    from pansentry.reply.incoming import Incoming


def rehearse(case: Case, policies: PolicySet) -> Outcome:
    """Return the outcome of a policy test case."""
    return rehearse_mail(case.raw, case.envelope, policies)


def rehearse_mail(raw: bytes, envelope: Envelope, policies: PolicySet) -> Outcome:
    """Return the outcome of a mail under the policy of its first recipient."""
    policy = policies.for_recipient(envelope.forward_paths[0] if envelope.forward_paths else "")
    return process(raw, envelope, Desk(policy, write_letter=_pretend, examine=examine))


def differences(raw: bytes, old: PolicySet, new: PolicySet) -> tuple[str, ...]:
    """Return in words what ``new`` would do otherwise than ``old`` with a mail from an archive.

    The envelope is read from the header, and the sender counts as proven, so that letters are compared too.
    """
    envelope = archived_envelope(raw)
    before, after = (rehearse_mail(raw, envelope, policies) for policies in (old, new))
    rows = (
        ("action", str(before.verdict.action), str(after.verdict.action)),
        ("rule", before.verdict.rule, after.verdict.rule),
        ("found", _kinds(before), _kinds(after)),
        ("letter", before.verdict.letter or "none", after.verdict.letter or "none"),
        ("tags", " ".join(before.verdict.tags) or "none", " ".join(after.verdict.tags) or "none"),
        ("notify", " ".join(before.verdict.notify) or "nobody", " ".join(after.verdict.notify) or "nobody"),
        ("review", " ".join(before.verdict.review) or "nobody", " ".join(after.verdict.review) or "nobody"),
    )
    changes = tuple(f"{name}: {one} → {other}" for name, one, other in rows if one != other)
    if not changes and before.message != after.message:
        return ("what stays readable",)
    return changes


def archived_envelope(raw: bytes) -> Envelope:
    """Return the envelope of a mail that was delivered long ago, as far as its header tells."""
    head = incoming(mime.read(raw))
    returned = next(iter(head.values("return-path")), "").strip("<> ")
    sender = returned if "@" in returned else head.from_address
    named = [head.values(name) for name in ("delivered-to", "x-original-to", "to", "cc")]
    recipients = [address for _, address in getaddresses([v for values in named for v in values]) if "@" in address]
    return Envelope(
        reverse_path=sender,
        forward_paths=tuple(recipients[:1]),
        authentication=Authentication(
            dmarc=AuthResult.PASS, spf_aligned=True, dkim_aligned=True, from_domain=sender.rpartition("@")[2].lower()
        ),
    )


def _kinds(outcome: Outcome) -> str:
    counts = Counter(item.kind for item in outcome.found)
    return ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "nothing"


def _pretend(
    verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
) -> tuple[EnqueueLetter | None, str]:
    terms = policy.reply
    situation = reply.Situation(
        incoming=head,
        envelope=envelope,
        receipt=receipt,
        own=envelope.forward_paths,
        letter=verdict.letter,
        require=terms.require,
        exempt=terms.exempt,
        confidence_at_least=terms.confidence_at_least,
        observes=verdict.observe_only,
        kind=reply.kind_of(verdict, receipt, enquires=receipt.enquires),
    )
    silence = reply.silence_reason(situation)
    return (None, silence) if silence else (EnqueueLetter(envelope.reverse_path, b"", template=verdict.letter), "")
