"""Correspondence: from a verdict and a receipt to a finished letter, or the reason why none is written.

In: the verdict (which letter), the receipt (what was removed), header facts, the envelope, the redacted text (for its
language, and for what it says about the payment). Out: an :class:`EnqueueLetter`, or a stable code of silence. Never
sees a finding: the types forbid it. A finished letter goes through the card scanner before it may leave.

Pure. What only the store knows at the moment of filing (windows, budgets) is decided there; what a payment provider
would have to be asked is a wish (:class:`pansentry.outcome.LinkWish`) that the shell may grant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pansentry import pan, reply
from pansentry.channels import ChannelKind, Channels, Circumstances, Offer, Payment, offers, read_payment
from pansentry.conversation import customer_token, incident, keyed
from pansentry.outcome import EnqueueLetter, LinkWish, Record, Task
from pansentry.reply.answer import answers_letter, letter_word
from pansentry.reply.customer import Strangers
from pansentry.reply.offering import facts, ways_of
from pansentry.reply.quoting import new_text
from pansentry.reply.reference import reference_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.envelope import Envelope
    from pansentry.outcome import Receipt, Verdict
    from pansentry.policy import Policy
    from pansentry.reply import Kind, Letters
    from pansentry.reply.customer import Customer, Customers
    from pansentry.reply.incoming import Incoming
    from pansentry.reply.languages import Choice

_OF_THEIR_OWN = frozenset({reply.Kind.ENQUIRY, reply.Kind.UNREADABLE})
"""Kinds that are about something else than card data that came; each has a window of its own."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A :class:`pansentry.pipeline.LetterWriter`.

    ``own`` are our domains and addresses; ``key`` names reply windows; ``sign`` adds a DKIM signature, None where there
    is no key; ``token`` makes a fresh random word for Message-ID and boundary. ``channels`` are those of
    ``channels.yaml``, None where the business's facts are offered; ``customers`` knows who had letters.
    """

    letters: Letters
    own: tuple[str, ...]
    key: bytes = field(repr=False)
    token: Callable[[], str]
    sign: Callable[[bytes], bytes] | None = None
    channels: Channels | None = None
    customers: Customers = field(default_factory=Strangers)

    def __call__(
        self, verdict: Verdict, receipt: Receipt, head: Incoming, text: str, envelope: Envelope, policy: Policy
    ) -> tuple[EnqueueLetter | None, str]:
        """Write the letter, or say why not."""
        customer = self.customers.get(customer_token(self.key, envelope.reverse_path))
        kind = reply.kind_of(verdict, receipt, enquires=receipt.enquires, had_letter=customer.letters > 0)
        silence = reply.silence_reason(self._situation(verdict, receipt, head, envelope, policy, customer, kind))
        if silence:
            return None, silence
        if kind is None or not self.letters.has(verdict.letter, kind):
            return None, "no-words"
        draft = self._draft(verdict, receipt, head, text, envelope, policy, customer, kind)
        letter = draft.write(draft.offered) or draft.write(())  # without what the mail gave: the business's own facts
        if letter is None:
            return None, "letter-not-clean"
        return replace(letter, link=draft.wish()), ""

    @property
    def offers_calls(self) -> bool:
        """Whether an answer to a letter may make a task."""
        return self.channels is not None and any(one.kind is ChannelKind.CALLBACK for one in self.channels.channels)

    def task_of(self, raw: bytes, text: str, message_ref: str) -> Record | None:
        """Return the task that an answer to a letter makes, if letters offer a call-back: call this customer.

        ``text`` is what was written; the answer has to hold a phone number.
        """
        channels = self.channels
        if channels is None or not answers_letter(raw, self.key):
            return None
        offered = next((one for one in channels.channels if one.kind is ChannelKind.CALLBACK), None)
        if offered is None or not read_payment(new_text(text), country=channels.country, wants_phone=True).phone:
            return None
        duty = offered.duty or "Call this customer back"
        task = {"kind": "task", "action": "asked", "channel": offered.name, "duty": duty, "message_ref": message_ref}
        return Record(task)

    def _situation(
        self,
        verdict: Verdict,
        receipt: Receipt,
        head: Incoming,
        envelope: Envelope,
        policy: Policy,
        customer: Customer,
        kind: Kind | None,
    ) -> reply.Situation:
        terms = policy.reply
        return reply.Situation(
            incoming=head,
            envelope=envelope,
            receipt=receipt,
            own=self.own,
            letter=verdict.letter,
            require=terms.require,
            exempt=terms.exempt,
            signs=self.sign is not None or terms.require == "none",
            confidence_at_least=terms.confidence_at_least,
            quoted_only=receipt.quoted_only and customer.letters > 0,
            observes=verdict.observe_only,
            kind=kind,
            opted_out=customer.silent,
        )

    def _draft(
        self,
        verdict: Verdict,
        receipt: Receipt,
        head: Incoming,
        text: str,
        envelope: Envelope,
        policy: Policy,
        customer: Customer,
        kind: Kind,
    ) -> _Draft:
        choice = reply.choose(
            text,
            available=self.letters.languages(verdict.letter),
            default=self.letters.business.language,
            earlier=customer.language,
            headers=(*head.values("content-language"), *head.values("accept-language")),
            sender=envelope.reverse_path,
        )
        payment, code = Payment(), ""
        offered: tuple[Offer, ...] = ()
        if (channels := self.channels) is not None:
            payment = read_payment(
                new_text(text), currency=channels.currency, country=channels.country, wants_phone=channels.asks_phone
            )
            country = envelope.reverse_path.rpartition(".")[2].upper()
            told = Circumstances(payment, choice.language, country, customer.letters, envelope.received_at)
            offered = offers(channels, facts(self.letters.business), told, self.key)
            code = reference_code(self.key, envelope.id) if channels.codes else ""
        return _Draft(self, verdict.letter, receipt, head, envelope, policy, choice, kind, payment, offered, code)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Everything that a letter is written from, so that it can be written again with another link."""

    by: Correspondence
    template: str
    receipt: Receipt
    head: Incoming
    envelope: Envelope
    policy: Policy
    choice: Choice
    kind: Kind
    payment: Payment
    offered: tuple[Offer, ...]
    code: str = field(repr=False)

    def write(self, offered: tuple[Offer, ...]) -> EnqueueLetter | None:
        """Return the letter with these offers, None if it would show what looks like card data."""
        by, envelope = self.by, self.envelope
        mailbox = envelope.forward_paths[0]
        letter = reply.compose(
            by.letters,
            self.receipt,
            self.head,
            template=self.template,
            recipient=envelope.reverse_path,
            mailbox=mailbox,
            choice=self.choice,
            kind=self.kind,
            reference=self.code,
            ways=ways_of(offered),
            now=envelope.received_at,
            token=letter_word(by.key, by.token()),
        )
        if pan.find(letter.shown):
            return None
        about = f"{self.template}/{self.kind}" if self.kind in _OF_THEIR_OWN else self.template
        channels = by.channels
        return EnqueueLetter(
            recipient=letter.recipient,
            message=by.sign(letter.message) if by.sign is not None else letter.message,
            window_key=reply.window_key(by.key, mailbox, envelope.reverse_path, about),
            window_s=self.policy.reply.window_s,
            template=letter.template,
            language=letter.language,
            kind=str(self.kind),
            joined=incident(self.head, envelope.forward_paths, by.key, about),
            customer=customer_token(by.key, envelope.reverse_path),
            known_language=letter.language if self.choice.hint in {"text", "earlier"} else "",
            utf8=letter.utf8,
            code=self.code,
            code_valid_s=channels.valid_s if channels is not None else 0.0,
            message_ref=envelope.id,
            tasks=tuple(Task(o.name, str(o.kind), o.duty, o.webhook) for o in offered if o.duty or o.webhook),
        )

    def wish(self) -> LinkWish | None:
        """Return the payment link that a provider may be asked for, None where there is nothing to ask."""
        payment = self.payment
        if payment.amount is None or not any(offer.asks_provider for offer in self.offered):
            return None
        words = (payment.order, str(payment.amount), payment.currency, self.envelope.reverse_path.lower())
        same = keyed(self.by.key, "payment link", *words, self.envelope.id if not payment.order else "")
        return LinkWish(payment.order, payment.amount, payment.currency, same, self._with_link)

    def _with_link(self, url: str) -> EnqueueLetter | None:
        parts = urlsplit(url)
        allowed = self.by.letters.business.link_domains
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" or not any(host == name or host.endswith(f".{name}") for name in allowed):
            return None
        return self.write(tuple(replace(o, value=url) if o.asks_provider else o for o in self.offered))
