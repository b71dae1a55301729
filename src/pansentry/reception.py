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
from typing import TYPE_CHECKING

from pansentry import pipeline
from pansentry.counter import Counter
from pansentry.delivery.hop import Sender
from pansentry.effects import Effects
from pansentry.envelope import UNMEASURED, Client, Envelope
from pansentry.judging import NotJudgedError
from pansentry.judging.hearing import INLINE_BYTES, Hearing
from pansentry.logs import where
from pansentry.smtp.trace import count_hops, lowered_header
from pansentry.smtp_reply import OTHER_POLICY, TRY_AGAIN, Reply
from pansentry.trace import MAX_PASSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Executor

    from pansentry.delivery.handback import Handback
    from pansentry.delivery.hop import Hop
    from pansentry.judging import Judges, NoJudgeError
    from pansentry.judging.hearing import Examiner
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


def is_ours(forward_path: str, domains: frozenset[str]) -> bool:
    """Say whether a forward-path is one of our domains or addresses. ``domains`` are lower case."""
    address = forward_path.lower()
    return address in domains or address.rpartition("@")[2] in domains
