"""Correspondence: from a verdict and a receipt to a finished letter, or the reason why none is written.

In: the verdict (which letter), the receipt (what was removed), header facts, the envelope, the redacted text (for its
language). Out: an :class:`EnqueueLetter`, or a stable code of silence. Never sees a finding: the types forbid it. A
finished letter goes through the card scanner before it may leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry import pan, reply
from pansentry.outcome import EnqueueLetter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.envelope import Envelope
    from pansentry.outcome import Receipt, Verdict
    from pansentry.policy import Policy
    from pansentry.reply import Letters
    from pansentry.reply.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A :class:`pansentry.pipeline.LetterWriter`.

    ``own`` are our domains and addresses; ``key`` names reply windows; ``sign`` adds a DKIM signature, None where there
    is no key; ``token`` makes a fresh random word for Message-ID and boundary.
    """

    letters: Letters
    own: tuple[str, ...]
    key: bytes = field(repr=False)
    token: Callable[[], str]
    sign: Callable[[bytes], bytes] | None = None

    def __call__(
        self, verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
    ) -> tuple[EnqueueLetter | None, str]:
        """Write the letter, or say why not."""
        terms = policy.reply
        situation = reply.Situation(
            incoming=head,
            envelope=envelope,
            receipt=receipt,
            own=self.own,
            letter=verdict.letter,
            require=terms.require,
            exempt=terms.exempt,
            signs=self.sign is not None or terms.require == "none",
            confidence_at_least=terms.confidence_at_least,
            observes=verdict.observe_only,
        )
        if silence := reply.silence_reason(situation):
            return None, silence
        kind = reply.kind_of(verdict, receipt)
        if kind is None or not self.letters.has(verdict.letter, kind):
            return None, "no-words"
        business = self.letters.business
        choice = reply.choose(
            text,
            available=self.letters.languages(verdict.letter),
            default=business.language,
            headers=(*head.values("content-language"), *head.values("accept-language")),
            sender=situation.sender,
        )
        mailbox = envelope.forward_paths[0]
        letter = reply.compose(
            self.letters,
            receipt,
            head,
            template=verdict.letter,
            recipient=envelope.reverse_path,
            mailbox=mailbox,
            choice=choice,
            kind=kind,
            now=envelope.received_at,
            token=self.token(),
        )
        if pan.find(letter.shown):
            return None, "letter-not-clean"
        signed = self.sign(letter.message) if self.sign is not None else letter.message
        return EnqueueLetter(
            recipient=letter.recipient,
            message=signed,
            window_key=reply.window_key(self.key, mailbox, envelope.reverse_path, letter.template),
            window_s=terms.window_s,
            template=letter.template,
            language=letter.language,
        ), ""
