"""Reception: one SMTP transaction from RCPT to the answer. Performs what the core decided, decides nothing itself.

In: calls of the SMTP server (:mod:`pansentry.smtp.session`). Out: one transaction towards the next hop, effects on the
store, and the reply to the client. The order keeps promise 1 ("nothing is lost")::

    RCPT   one of our domains? the same policy as the recipients before? then the next hop's own answer
    dot    inspect → documents, in workers, if there are any → authenticate (only where a decision depends on it)
           → conclude
           next hop → note "delivered", letter, memory, event → answer

250 is said only after the next hop's; a crash before that leaves the mail with its sender. A clean mail costs no
transaction of the store: delivered twice after a lost answer, it is what SMTP allows (RFC 1047). A mail with a finding
is noted, so that a client that tries again causes neither a second delivery nor a second letter.

What becomes of a message that an LMTP next hop takes for some recipients only is in :mod:`pansentry.answers`.

A message that is handed back (milter, pipe) is handed back each time: whoever asked may have lost it after our answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from pansentry import pipeline
from pansentry.answers import Answers, worst
from pansentry.authentication import SealError
from pansentry.delivery.hop import Sender
from pansentry.delivery.wire import on_the_wire
from pansentry.envelope import UNMEASURED, Authentication, Client, Envelope, PlainLines
from pansentry.judging import NotJudgedError
from pansentry.judging.hearing import INLINE_BYTES, Hearing
from pansentry.logs import where
from pansentry.outcome import EnqueueLetter, Hold, Notify, Outcome, Record, Refuse, Relay, Remember, Review
from pansentry.pipeline import Desk
from pansentry.sealing import seal
from pansentry.smtp.trace import count_hops, lowered_header
from pansentry.smtp_reply import ACCEPTED, OTHER_POLICY, TRY_AGAIN, Reply
from pansentry.store.held import Sealed
from pansentry.trace import MAX_PASSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from pansentry.delivery.handback import Handback
    from pansentry.delivery.hop import Delivery, Hop
    from pansentry.judging import Judges, NoJudgeError
    from pansentry.judging.hearing import Authenticator, Examiner
    from pansentry.notification import Notifier
    from pansentry.payments import Despatch
    from pansentry.pipeline import Inspection
    from pansentry.policy import Policy, PolicySet
    from pansentry.process import Leftovers
    from pansentry.smtp.session import Log
    from pansentry.store import Store
    from pansentry.trace import Trace

REVIEW = "X-PanSentry-Review"
"""On top of a copy for review: our id of the message."""
NOT_OURS = Reply(554, "5.7.1", "Relaying denied")
LOOP = Reply(554, "5.4.6", "Too many hops")
MAX_HOPS = 50
"""Postfix's ``hopcount_limit``; RFC 5321 §6.3 asks for a large number, at least 100 is only suggested for counting."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What every transaction needs, wired by the composition root; replaced as a whole on reload.

    ``desk`` makes the core's desk for a policy; ``trace`` writes the fields that go on top of a message.
    """

    hostname: str
    domains: frozenset[str]
    policies: PolicySet
    desk: Callable[[Policy], Desk]
    trace: Trace
    authenticate: Authenticator | None = None
    postmaster: str = ""
    """Whom a bare ``<postmaster>`` means; ``""`` refuses it."""
    measures_all: bool = False
    """Measure every mail, also where no decision depends on it: the mailbox is told, or it is sealed."""
    seal: Callable[[bytes, Authentication], Awaitable[bytes]] | None = None
    """Puts an ARC set on a finished message. Raises SealError: then the mail stays with its sender."""
    notifier: Notifier | None = None
    """Writes the mails that tell people that a rule matched."""
    needs_store: bool = False
    """Answer 451 while the store is away; otherwise mail goes on, redacted and without letters."""
    despatch: Despatch | None = None
    """Grants a letter's wish for a payment link, and sees to what follows from a letter."""


class Reception:
    """Receives mail for the SMTP server: begins one :class:`Transaction` for each MAIL command."""

    def __init__(
        self,
        counter: Counter,
        hop: Hop,
        store: Store,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        log: Log,
        letter_filed: Callable[[], None],
        threads: Executor | None = None,
        examine: Examiner | None = None,
        leftovers: Leftovers | None = None,
        judges: Judges | None = None,
    ) -> None:
        self.counter = counter
        self.hop = hop
        self.store = store
        self.clock = clock
        self.new_id = new_id
        self.log = log
        self.is_heard: bool = getattr(log, "is_heard", True)
        self.letter_filed = letter_filed
        self.hearing = Hearing(threads, examine, judges, self._no_judge)
        self.leftovers = leftovers

    def begin(
        self,
        reverse_path: str,
        parameters: tuple[str, ...],
        client: Client,
        smtputf8: bool,
        handback: Handback | None = None,
    ) -> Transaction:
        """Begin a transaction; no traffic yet. With ``handback`` the message goes back to whoever asks, not on."""
        return Transaction(self, Sender(reverse_path, parameters, smtputf8, client), handback)

    def _no_judge(self, envelope: Envelope, error: NoJudgeError) -> None:
        self.log("judge.none", id=envelope.id, error=str(error))


class Transaction:
    """One mail on its way from MAIL to the answer."""

    _policy: Policy | None = None
    _delivery: Delivery | None = None
    _envelope = Envelope()
    _ledger_key = ""
    _had: Sequence[str] = ()
    """Keys of recipients who got it at an earlier try."""
    _header = b""
    """Of what was received, in lower case."""
    _repeats = False

    def __init__(self, reception: Reception, sender: Sender, handback: Handback | None = None) -> None:
        self._reception = reception
        self._hop: Hop = handback or reception.hop
        self._is_handed_back = handback is not None
        self._counter = reception.counter
        self._sender = sender
        self._recipients: list[tuple[str, tuple[str, ...]]] = []

    # the calls of the SMTP server

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        """Take a recipient if it is ours, under the same policy as those before, and the next hop takes it."""
        if forward_path == "postmaster":  # RFC 5321 §4.5.1: taken without a domain; a next hop may not know whose
            forward_path = self._counter.postmaster or forward_path
        if not is_ours(forward_path, self._counter.domains):
            return NOT_OURS
        policy = self._counter.policies.for_recipient(forward_path)
        if self._policy is not None and policy is not self._policy:
            return OTHER_POLICY
        if self._delivery is None:
            self._delivery = self._hop.begin(self._sender)
        reply = await self._delivery.rcpt(forward_path, parameters)
        if reply.is_success:
            self._policy = policy
            self._recipients.append((forward_path, parameters))
        return reply

    async def data(self, message: bytes) -> Reply:
        """Judge the message, do what was decided, and answer."""
        leftovers = self._reception.leftovers
        if leftovers is None or len(message) <= INLINE_BYTES:
            return await self._judged(message)
        with leftovers.of(len(message)):
            return await self._judged(message)

    async def _judged(self, message: bytes) -> Reply:
        reception, policy = self._reception, self._policy
        assert policy is not None
        assert self._recipients
        sender, counter = self._sender, self._counter
        paths, parameters = zip(*self._recipients, strict=True)
        envelope = self._envelope = Envelope(
            sender.reverse_path,
            paths,
            sender.client,
            UNMEASURED,
            sender.mail_parameters,
            parameters,
            sender.smtputf8,
            reception.clock(),
            reception.new_id(),
        )
        header = self._header = lowered_header(message)
        # SPF's field begins alike, and to look twice costs 3,000 instructions
        goes_far = header.count(b"\nreceived") > MAX_HOPS and count_hops(header) > MAX_HOPS
        if goes_far or counter.trace.passes(message, header) > MAX_PASSES:
            return await self._refuse(LOOP)
        if counter.needs_store and reception.store.database.is_away:
            reception.log("store.away", id=envelope.id)
            return await self._refuse(TRY_AGAIN)
        desk, hearing = counter.desk(policy), reception.hearing
        took, begin, measured_s = reception.store.counted.took, perf_counter(), 0.0
        is_plain = False
        try:
            inspection = hearing.glance(message, envelope, desk)
            if inspection is not None and self._is_plain(inspection):
                outcome = pipeline.conclude(inspection, envelope, desk)
                is_plain = self._passes_unchanged(outcome)
            else:
                outcome, envelope, measured_s = await hearing.hear(
                    message, envelope, desk, counter.authenticate, counter.measures_all, inspection
                )
        except NotJudgedError as lost:
            reception.log("judge.lost", id=envelope.id, reason=lost.reason, error=lost.where)
            outcome = pipeline.failed(message, envelope, desk)
        except Exception as error:  # whatever breaks in reading must not let mail through unread
            reception.log("scan.failed", id=envelope.id, error=where(error))
            outcome = pipeline.failed(message, envelope, desk)
        if is_plain:
            return await self._pass_on(outcome, envelope, message, begin)
        if measured_s:
            took("authenticate", measured_s)
        took("judge", perf_counter() - begin - measured_s)
        try:
            reply = await self._perform(outcome, envelope, message)
        except BaseException:  # the server answers 451; the next hop must not wait for a message that never comes
            await self._drop_delivery()
            raise
        took("total", perf_counter() - begin)
        return reply

    # the short way, of nearly all mail

    def _is_plain(self, inspection: Inspection) -> bool:
        """Tell whether a message can be judged without waiting: no documents, and nobody asks who sent it."""
        return not (
            inspection.enclosed
            or inspection.hits
            or inspection.unread
            or inspection.enquires
            or self._counter.measures_all
        )

    def _passes_unchanged(self, outcome: Outcome) -> bool:
        """Tell whether a message goes on as it is, with an event and nothing else that follows from it."""
        effects = outcome.effects
        return (
            len(effects) == 2
            and effects[0].__class__ is Relay
            and effects[1].__class__ is Record
            and not effects[0].may_hold_cards
            and not outcome.changed
            and not self._reception.store.ledger.expects_repeats
            and self._counter.seal is None
        )

    async def _pass_on(self, outcome: Outcome, envelope: Envelope, message: bytes, begin: float) -> Reply:
        """Perform the effects of such a message: 60,000 instructions less than by the way that every mail may go."""
        reception, delivery = self._reception, self._delivery
        assert delivery is not None
        judged = perf_counter()
        try:
            if len(message) > INLINE_BYTES:
                fields, cleaned = self._apart(message, outcome, envelope, message)
                answers = await delivery.send(cleaned, fields)
            else:
                answers = await delivery.send(self._finished(message, outcome, envelope, message))
            relayed = perf_counter()
            reply = answers[0]
            if len(answers) > 1 and not all(one.is_success for one in answers):
                finish = partial(self._finished, message, outcome, envelope)
                reply = await Answers(answers, envelope).as_one(finish, reception.store, reception.log)
        except BaseException:  # the server answers 451; the next hop must not wait for a message that never comes
            await self._drop_delivery()
            raise
        event = outcome.effects[-1]
        if reply.is_success and isinstance(event, Record):
            reception.store.events.record(event.own, event.alike)
        self._log_verdict(outcome, envelope, reply)
        reception.store.counted.took_clean(judged - begin, relayed - judged, perf_counter() - begin)
        return reply

    # what the client has heard

    async def abort(self) -> None:
        """Forget the transaction; nothing was sent on."""
        if self._delivery is not None:
            await self._delivery.abort()

    def told(self, heard: bool) -> Awaitable[None] | None:
        """Note whether the client heard our answer; called by the server after :meth:`data`. Clean mail needs none."""
        if not self._ledger_key:
            return None
        return self._note_told(heard)

    async def _note_told(self, heard: bool) -> None:
        """Note it. A store that fails here costs a possible double; the answer is out."""
        ledger = self._reception.store.ledger
        try:
            await (ledger.told(self._ledger_key) if heard else ledger.untold(self._ledger_key))
            for key in self._had if heard else ():
                await ledger.told(key)
        except Exception as failed:
            self._reception.log("store.failed", id=self._envelope.id, type=type(failed).__name__)

    # the effects

    async def _perform(self, outcome: Outcome, envelope: Envelope, received: bytes) -> Reply:
        """Perform the effects in their order: the message first, what follows from it only if it got there."""
        reply = TRY_AGAIN
        for effect in outcome.effects:
            match effect:
                case Relay():
                    reply = await self._relay(effect, outcome, envelope, received)
                    if not reply.is_success:
                        self._log_verdict(outcome, envelope, reply)
                        return reply
                case Hold():
                    await self._drop_delivery()
                    await self._hold(effect, outcome, envelope, received)
                    reply = ACCEPTED
                case Refuse(refusal):
                    reply = await self._refuse(refusal)
                case EnqueueLetter() | Review() | Notify() | Remember() | Record():
                    await self._follow_up(effect)
        self._log_verdict(outcome, envelope, reply)
        return reply

    async def _relay(self, relay: Relay, outcome: Outcome, envelope: Envelope, received: bytes) -> Reply:
        """Give the message to the next hop and make one reply of its answers."""
        assert self._delivery is not None
        store = self._reception.store
        ledger = store.ledger
        is_notable = outcome.changed
        if is_notable or ledger.expects_repeats:
            self._ledger_key = ledger.key("", envelope.forward_paths, received)
            if not self._is_handed_back and await self._is_repeat(thorough=is_notable):
                await self._drop_delivery()
                self._repeats = True
                self._reception.log("message.repeat", id=envelope.id)
                return ACCEPTED
            if not is_notable:
                self._ledger_key = ""
        early: tuple[Reply, ...] = ()
        if relay.may_hold_cards and len(envelope.forward_paths) > 1:
            envelope, early = await self._for_the_rest(envelope, received)
            if not envelope.forward_paths:
                await self._drop_delivery()
                return worst(early) if early else ACCEPTED
        finished = self._finished(relay.message, outcome, envelope, received)
        if self._counter.seal is not None:
            try:
                finished = await self._counter.seal(finished, envelope.authentication)
            except SealError as error:
                self._reception.log("seal.failed", id=envelope.id, why=str(error))
                return await self._refuse(TRY_AGAIN)
        begin = perf_counter()
        answers = await self._delivery.send(finished)
        store.counted.took("relay", perf_counter() - begin)
        if relay.may_hold_cards:
            reply = await Answers((*answers, *early), envelope).or_again(received, store.ledger, self._reception.log)
        else:
            finish = partial(self._finished, relay.message, outcome, envelope)
            reply = await Answers(answers, envelope).as_one(finish, store, self._reception.log)
        if not reply.is_success:
            self._ledger_key = ""
        elif self._ledger_key:
            try:
                await ledger.delivered(self._ledger_key)
            except Exception as failed:  # the next hop has the mail: to say 451 now would make a second one
                self._reception.log("store.failed", id=envelope.id, type=type(failed).__name__)
        return reply

    async def _is_repeat(self, *, thorough: bool) -> bool:
        """Ask the ledger. A store that fails here costs a possible double, never the mail."""
        try:
            return await self._reception.store.ledger.is_repeat(self._ledger_key, thorough=thorough)
        except Exception as failed:
            self._reception.log("store.failed", id=self._envelope.id, type=type(failed).__name__)
            if self._counter.needs_store:
                raise
            return False

    def _finished(self, message: bytes, outcome: Outcome, envelope: Envelope, received: bytes = b"") -> bytes:
        """Return the message as it leaves: our fields on top, and none below that others made up in our name."""
        fields, cleaned = self._apart(message, outcome, envelope, received)
        is_regular = isinstance(cleaned, PlainLines) and on_the_wire(fields) is fields and fields.endswith(b"\r\n")
        return type(cleaned)(fields + cleaned) if is_regular else fields + cleaned

    def _apart(self, message: bytes, outcome: Outcome, envelope: Envelope, received: bytes) -> tuple[bytes, bytes]:
        """Return our fields, and what goes below them."""
        trace = self._counter.trace
        is_hop = bool(envelope.client.address) and not self._is_handed_back
        fields = trace.fields(envelope, outcome, received=is_hop)
        return fields, trace.clean(message, self._header if message is received else None)

    async def _hold(self, held: Hold, outcome: Outcome, envelope: Envelope, received: bytes) -> None:
        """Keep the redacted copy, once: what is held already, and whose sender did not hear so, is not held again."""
        store = self._reception.store
        self._ledger_key = key = store.ledger.key("", envelope.forward_paths, received)
        if await store.ledger.is_repeat(key, thorough=True):
            self._repeats = True
            self._reception.log("message.repeat", id=envelope.id)
            return
        original = await asyncio.to_thread(seal, held.original, held.seal_to) if held.seal_to else b""
        await store.held.put(
            bytes(self._finished(held.message, outcome, envelope)),
            held.reason,
            envelope.reverse_path,
            envelope.forward_paths,
            keep_s=held.keep_s,
            origin=key,
            more=Sealed(outcome.verdict.rule.partition("/")[0], envelope.id, held.seal_to, original),
        )
        await store.ledger.delivered(key)

    async def _for_the_rest(self, envelope: Envelope, received: bytes) -> tuple[Envelope, tuple[Reply, ...]]:
        """Leave out who got this message at an earlier try, and ask the next hop for the rest anew.

        Returns the envelope of those it takes, and its answers to those that it does not take any more.
        """
        assert self._delivery is not None
        ledger, accepted, early = self._reception.store.ledger, [], []
        keys = {path: ledger.key("", (path,), received) for path in envelope.forward_paths}
        self._had = [key for key in keys.values() if await ledger.is_repeat(key, thorough=True)]
        if not self._had:
            return envelope, ()
        self._ledger_key = ledger.key("", envelope.forward_paths, received)
        await self._drop_delivery()
        self._delivery = self._hop.begin(self._sender)
        for path, parameters in self._recipients:
            if keys[path] not in self._had:
                reply = await self._delivery.rcpt(path, parameters)
                if reply.is_success:
                    accepted.append((path, parameters))
                else:
                    early.append(reply)
        self._reception.log("message.rest", id=envelope.id, had=len(self._had), rest=len(accepted))
        paths, more = tuple(path for path, _ in accepted), tuple(parameters for _, parameters in accepted)
        return replace(envelope, forward_paths=paths, rcpt_parameters=more), tuple(early)

    async def _follow_up(self, effect: EnqueueLetter | Review | Notify | Remember | Record) -> None:
        """Write what follows a delivered message. A store that fails here costs a letter, never the mail."""
        store = self._reception.store
        try:
            match effect:
                case EnqueueLetter():
                    despatch = self._counter.despatch
                    letter = effect if despatch is None else await despatch.improve(effect)
                    grant = await store.outbox.file_letter(letter, origin=self._ledger_key)
                    self._reception.log("letter.filed", id=self._envelope.id, grant=str(grant))
                    self._reception.letter_filed()
                    if despatch is not None:
                        despatch.afterwards(letter, grant)
                case Review(recipients, message):
                    if not self._repeats:
                        prefix, origin = f"{REVIEW}: {self._envelope.id}\r\n".encode(), self._ledger_key
                        origin = f"review-{origin}" if origin else ""
                        await store.outbox.file_deferred("", recipients, prefix + message, wait_s=0, origin=origin)
                        self._reception.letter_filed()
                case Notify():
                    if not self._repeats and self._counter.notifier is not None:
                        for mail in self._counter.notifier.notify(effect):
                            grant = await store.outbox.file_letter(mail)
                            self._reception.log("notify.filed", id=self._envelope.id, grant=str(grant))
                        self._reception.letter_filed()
                case Remember(tokens, ttl_s):
                    await store.memory.remember(tokens, ttl_s)
                case Record(own, alike):
                    store.events.record(own, alike)
        except Exception as failed:
            self._reception.log("store.failed", id=self._envelope.id, type=type(failed).__name__)

    async def _refuse(self, reply: Reply) -> Reply:
        await self._drop_delivery()
        return reply

    async def _drop_delivery(self) -> None:
        if self._delivery is not None:
            await self._delivery.abort()

    def _log_verdict(self, outcome: Outcome, envelope: Envelope, reply: Reply) -> None:
        if not self._reception.is_heard:
            return
        verdict = outcome.verdict
        self._reception.log(
            "message",
            id=envelope.id,
            action=str(verdict.action),
            rule=verdict.rule,
            found=len(outcome.found),
            letter=verdict.letter,
            silence=outcome.silence,
            reply=reply.code,
        )


def is_ours(forward_path: str, domains: frozenset[str]) -> bool:
    """Say whether a forward-path is one of our domains or addresses. ``domains`` are lower case."""
    address = forward_path.lower()
    return address in domains or address.rpartition("@")[2] in domains
