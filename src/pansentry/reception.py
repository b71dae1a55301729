"""Reception: one SMTP transaction from RCPT to the answer. Has the core decide, decides nothing.

In: calls of the SMTP server (:mod:`pansentry.smtp.session`). Out: one transaction towards the next hop, effects on the
store, and the reply to the client. The order keeps promise 1 ("nothing is lost")::

    RCPT   one of our domains? the same policy as the recipients before? then the next hop's own answer
    dot    inspect → documents, in workers, if there are any → authenticate (only where a decision depends on it)
           → conclude
           next hop → note "delivered", letter, memory, event → answer

250 is said only after the next hop's; a crash before that leaves the mail with its sender. A clean mail costs no
transaction of the store: delivered twice after a lost answer, it is what SMTP allows (RFC 1047). A mail with a finding
is noted, so that a client that tries again causes neither a second delivery nor a second letter.

How effects are performed is in :mod:`pansentry.effects`; what becomes of a message that an LMTP next hop takes for some
recipients only in :mod:`pansentry.answers`; what follows from a message that got there in :mod:`pansentry.aftermath`.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from pansentry import pipeline
from pansentry.counter import Counter
from pansentry.delivery.hop import Sender
from pansentry.effects import Effects
from pansentry.envelope import UNMEASURED, Client, Envelope
from pansentry.judging import NotJudgedError
from pansentry.judging.hearing import INLINE_BYTES, Hearing
from pansentry.logs import where
from pansentry.passing import passes_as_it_is
from pansentry.smtp.trace import count_hops, lowered_header
from pansentry.smtp_reply import OTHER_POLICY, TRY_AGAIN, Reply
from pansentry.trace import MAX_PASSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from concurrent.futures import Executor

    from pansentry.delivery.handback import Handback
    from pansentry.delivery.hop import Hop
    from pansentry.desk import Desk
    from pansentry.judging import Judges, NoJudgeError
    from pansentry.judging.hearing import Examiner
    from pansentry.outcome import Outcome
    from pansentry.pipeline import Inspection
    from pansentry.process import Leftovers
    from pansentry.smtp.session import Log
    from pansentry.store import Store

NOT_OURS = Reply(554, "5.7.1", "Relaying denied")
LOOP = Reply(554, "5.4.6", "Too many hops")
MAX_HOPS = 50
"""Postfix's ``hopcount_limit``; RFC 5321 §6.3 asks for a large number, at least 100 is only suggested for counting."""


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


class Transaction(Effects):
    """One mail on its way from MAIL to the answer."""

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

    def data(self, message: bytes) -> Coroutine[Any, Any, Reply]:
        """Judge the message, do what was decided, and answer."""
        leftovers = self._reception.leftovers
        if leftovers is None or len(message) <= INLINE_BYTES:
            return self._judged(message)
        return self._judged_large(message, leftovers)

    async def _judged_large(self, message: bytes, leftovers: Leftovers) -> Reply:
        with leftovers.of(len(message)):
            return await self._judged(message)

    def _judged(self, message: bytes) -> Coroutine[Any, Any, Reply]:
        """Judge a message at once if a glance shows that it goes on as it is, as nearly all do; else begin a hearing.

        What is awaited is one coroutine in the first case, not one in another: 10,000 instructions less.
        """
        reception, counter, policy = self._reception, self._counter, self._policy
        assert policy is not None
        envelope = self._enveloped()
        header = self._header = lowered_header(message)
        # SPF's field begins alike, and to look twice costs 3,000 instructions
        goes_far = header.count(b"\nreceived") > MAX_HOPS and count_hops(header) > MAX_HOPS
        if goes_far or counter.trace.passes(message, header) > MAX_PASSES:
            return self._refuse(LOOP)
        if counter.needs_store and reception.store.database.is_away:
            reception.log("store.away", id=envelope.id)
            return self._refuse(TRY_AGAIN)
        desk, begin, inspection = counter.desk(policy), perf_counter(), None
        try:
            inspection = reception.hearing.glance(message, envelope, desk)
            if inspection is not None and not (
                counter.measures_all or counter.seal or reception.store.ledger.expects_repeats
            ):
                passed = passes_as_it_is(inspection, envelope, desk)
                if passed is not None:
                    return self._pass_on(message, envelope, *passed, begin)
        except Exception as error:  # whatever breaks in reading must not let mail through unread
            return self._perform_failed(error, message, envelope, desk, begin)
        return self._heard(message, envelope, desk, begin, inspection)

    def _enveloped(self) -> Envelope:
        """Make the envelope; its id names the mail from here on."""
        sender, recipients = self._sender, self._recipients
        assert recipients
        if len(recipients) == 1:
            path, of_path = recipients[0]
            paths, parameters = (path,), (of_path,)
        else:
            paths, parameters = zip(*recipients, strict=True)
        envelope = self._envelope = Envelope(
            sender.reverse_path,
            paths,
            sender.client,
            UNMEASURED,
            sender.mail_parameters,
            parameters,
            sender.smtputf8,
            self._reception.clock(),
            self._reception.new_id(),
        )
        return envelope

    async def _heard(
        self, message: bytes, envelope: Envelope, desk: Desk, begin: float, inspection: Inspection | None
    ) -> Reply:
        reception, counter = self._reception, self._counter
        try:
            outcome, measured, measured_s = await reception.hearing.hear(
                message, envelope, desk, counter.authenticate, counter.measures_all, inspection
            )
        except NotJudgedError as lost:
            reception.log("judge.lost", id=envelope.id, reason=lost.reason, error=lost.where)
            outcome, measured, measured_s = pipeline.failed(message, envelope, desk), envelope, 0.0
        except Exception as error:  # as above
            return await self._perform_failed(error, message, envelope, desk, begin)
        if measured_s:
            reception.store.counted.took("authenticate", measured_s)
        return await self._performed(outcome, measured, message, begin, measured_s)

    async def _perform_failed(
        self, error: Exception, message: bytes, envelope: Envelope, desk: Desk, begin: float
    ) -> Reply:
        self._reception.log("scan.failed", id=envelope.id, error=where(error))
        return await self._performed(pipeline.failed(message, envelope, desk), envelope, message, begin, 0.0)

    async def _performed(
        self, outcome: Outcome, envelope: Envelope, message: bytes, begin: float, measured_s: float
    ) -> Reply:
        took = self._reception.store.counted.took
        took("judge", perf_counter() - begin - measured_s)
        try:
            reply = await self._perform(outcome, envelope, message)
        except BaseException:  # the server answers 451; the next hop must not wait for a message that never comes
            await self._drop_delivery()
            raise
        took("total", perf_counter() - begin)
        return reply

    # what the client has heard

    async def rest(self) -> None:
        """Let go of the next hop while the client takes its time."""
        if self._delivery is not None:
            await self._delivery.rest()

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


def is_ours(forward_path: str, domains: frozenset[str]) -> bool:
    """Say whether a forward-path is one of our domains or addresses. ``domains`` are lower case."""
    address = forward_path.lower()
    return address in domains or address.rpartition("@")[2] in domains
