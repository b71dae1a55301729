"""Rehearsal: carry a mail through the whole core under given policies, with nothing behind it.

In: a policy test case, or raw bytes with an envelope, and policies. Out: the outcome that the gateway would act on;
no store, no socket, no letter is written. Whether a letter *would* be sent is decided by the same rules of silence;
its text is left empty, so that no business needs to be configured for testing a policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry import reply
from pansentry.outcome import EnqueueLetter
from pansentry.pipeline import Desk, process

if TYPE_CHECKING:
    from pansentry.envelope import Envelope
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
    return process(raw, envelope, Desk(policy, write_letter=_pretend))


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
    )
    silence = reply.silence_reason(situation)
    return (None, silence) if silence else (EnqueueLetter(envelope.reverse_path, b"", template=verdict.letter), "")
