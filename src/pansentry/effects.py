"""One SMTP transaction, the lower half: performs the effects that the core decided on, in their order.

In: an :class:`~pansentry.outcome.Outcome`. Out: the message at the next hop, or held, and the reply to the client. The
message goes first, what follows from it only if it got there. What fails before leaves the mail with its sender; what
fails behind it costs a letter or a second delivery, never the mail.

Nearly all mail has one effect beside its event: it goes on as it is. That has a short way of its own, which asks for
nothing that such mail cannot have.

A message that is handed back (milter, pipe) is handed back each time: whoever asked may have lost it after our answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from pansentry.aftermath import Aftermath
from pansentry.answers import Answers, worst
from pansentry.authentication import SealError
from pansentry.delivery.hop import Sender
from pansentry.delivery.stuffing import on_the_wire
from pansentry.envelope import Envelope, PlainLines
from pansentry.outcome import EnqueueLetter, Hold, Notify, Outcome, Record, Refuse, Relay, Remember, Review
from pansentry.receipts import CLEAN
from pansentry.sealing import seal
from pansentry.smtp_reply import ACCEPTED, TRY_AGAIN, Reply
from pansentry.store.held import Sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.delivery.handback import Handback
    from pansentry.delivery.hop import Delivery, Hop
    from pansentry.outcome import Alike, Verdict
    from pansentry.policy import Policy
    from pansentry.reception import Reception


class Effects:
    """What a transaction knows of its message, and how its effects are performed."""

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

    # the short way, of nearly all mail

    async def _pass_on(
        self, message: bytes, envelope: Envelope, verdict: Verdict, alike: Sequence[Alike], begin: float
    ) -> Reply:
        """Give a message to the next hop as it is and note its event: 90,000 instructions less than by the way below.

        Only for mail that :func:`~pansentry.passing.passes_as_it_is`.
        """
        reception, counter, delivery = self._reception, self._counter, self._delivery
        assert delivery is not None
        judged = perf_counter()
        try:
            if envelope.client.address and not self._is_handed_back and not counter.trace.states_verdict:
                fields = counter.trace.of_clean(envelope)
            else:
                fields = self._fields(_passed(message, verdict), envelope)
            answers = await delivery.send(counter.trace.clean(message, self._header), fields)
            relayed = perf_counter()
            reply = answers[0]
            if len(answers) > 1 and not all(one.is_success for one in answers):
                finish = partial(self._finished, message, _passed(message, verdict), envelope)
                reply = await Answers(answers, envelope).as_one(finish, reception.store, reception.log)
        except BaseException:  # the server answers 451; the next hop must not wait for a message that never comes
            await self._drop_delivery()
            raise
        if reply.is_success:
            reception.store.events.record({"message_ref": envelope.id, "size_bytes": len(message)}, alike)
        if reception.is_heard:
            self._log_verdict(_passed(message, verdict), envelope, reply)
        reception.store.counted.took_clean(judged - begin, relayed - judged, perf_counter() - begin)
        return reply

    # the way that every mail may go

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
        cleaned, fields = self._apart(relay.message, outcome, envelope, received)
        if self._counter.seal is not None:
            try:
                cleaned, fields = await self._counter.seal(fields + cleaned, envelope.authentication), b""
            except SealError as error:
                self._reception.log("seal.failed", id=envelope.id, why=str(error))
                return await self._refuse(TRY_AGAIN)
        begin = perf_counter()
        answers = await self._delivery.send(cleaned, fields)
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
        cleaned, fields = self._apart(message, outcome, envelope, received)
        is_regular = isinstance(cleaned, PlainLines) and on_the_wire(fields) is fields and fields.endswith(b"\r\n")
        return type(cleaned)(fields + cleaned) if is_regular else fields + cleaned

    def _apart(self, message: bytes, outcome: Outcome, envelope: Envelope, received: bytes) -> tuple[bytes, bytes]:
        """Return the message without fields that others made up in our name, and our fields, to go ahead of it."""
        cleaned = self._counter.trace.clean(message, self._header if message is received else None)
        return cleaned, self._fields(outcome, envelope)

    def _fields(self, outcome: Outcome, envelope: Envelope) -> bytes:
        is_hop = bool(envelope.client.address) and not self._is_handed_back
        return self._counter.trace.fields(envelope, outcome, received=is_hop)

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
        reception = self._reception
        about = Aftermath(
            reception.store,
            self._counter,
            reception.log,
            reception.letter_filed,
            self._envelope.id,
            self._ledger_key,
            self._repeats,
        )
        await about.follow(effect)

    async def _refuse(self, reply: Reply) -> Reply:
        await self._drop_delivery()
        return reply

    async def _drop_delivery(self) -> None:
        if self._delivery is not None:
            await self._delivery.abort()

    def _log_verdict(self, outcome: Outcome, envelope: Envelope, reply: Reply) -> None:
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


def _passed(message: bytes, verdict: Verdict) -> Outcome:
    return Outcome(verdict, CLEAN, message)
