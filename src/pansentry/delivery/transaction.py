"""One mail transaction on a pooled connection: SMTP and LMTP differ only in how many answers end it.

In: envelope, then the finished message. Out: a :class:`~pansentry.smtp_reply.Reply` for each step, whatever happens.
Standards: RFC 5321 §3.3, RFC 2033 §4.2, RFC 2920.

A connection from the pool, or one that was idle while the client sent its content, may have died unnoticed. As long
as no byte of content was sent, the transaction is said again on one fresh connection, and must get the same answers.
So it is for a client that takes its time: the next hop has few places for connections, and idle clients many.
Once content was sent nothing is ever said twice: the next hop may have stored it, and a retry is the client's to make.

Attack: a lone CR or LF in what we send could end the data early at the next hop (SMTP smuggling, CVE-2023-51764 and
kin). The door lets none in; should one turn up here all the same, the message is not sent.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from pansentry.delivery.answers import FAULT_REPLIES, NO_TRANSACTION, passed_on
from pansentry.delivery.parameters import (
    NO_SMTPUTF8_HEADER,
    mail_command,
    plain_opening,
    rcpt_command,
    xforward_commands,
)
from pansentry.delivery.stuffing import TURN_BYTES, on_the_wire, on_the_wire_in_turns
from pansentry.delivery.wire import NextHopError, Why, Wire
from pansentry.smtp_reply import TRY_AGAIN, Reply

if TYPE_CHECKING:
    from pansentry.delivery.hop import HopOptions, Sender
    from pansentry.delivery.pool import Pool

log = logging.getLogger("pansentry.delivery")

_MOST_RESTS = 8
"""So often a transaction gives its connection back: each time all its recipients are said again."""


class Transaction:
    """A :class:`~pansentry.delivery.hop.Delivery` over a :class:`Wire`."""

    __slots__ = (
        "_accepted",
        "_mail_said",
        "_options",
        "_per_recipient",
        "_pool",
        "_refused",
        "_rests",
        "_sender",
        "_wire",
        "in_doubt",
    )

    def __init__(self, pool: Pool, sender: Sender, options: HopOptions, *, per_recipient: bool) -> None:
        self._pool = pool
        self._sender = sender
        self._options = options
        self._per_recipient = per_recipient
        self._wire: Wire | None = None
        self._refused: Reply | None = None
        self._mail_said = False
        self._rests = 0
        self._accepted: list[tuple[str, tuple[str, ...]]] = []
        self.in_doubt = False

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...] = ()) -> Reply:
        if self._refused is not None:
            return self._refused
        try:
            if self._wire is None and not self._accepted:
                self._wire = self._pool.idle()
            may_be_dead = self._wire is not None or await self._open(fresh=False)
            while True:  # twice at the most
                try:
                    wire = self._wire
                    assert wire is not None
                    opening = None if parameters or self._mail_said else self._opening(wire, forward_path)
                    if opening is not None:
                        await wire.ask(*opening, self._options.deadlines.command_s)
                        reply = self._opened(*_sensible(*wire.answers()[-2:]))
                    else:
                        reply = await self._say_rcpt(wire, forward_path, parameters)
                except NextHopError as fault:
                    if fault.why is not Why.DROPPED or not may_be_dead:
                        raise
                else:
                    if reply.code != 421:
                        break
                    if not may_be_dead:
                        self._drop()
                        break
                may_be_dead = False
                await self._open(fresh=True)
        except NextHopError as fault:
            return self._gone(fault)
        except asyncio.CancelledError:
            self._drop()
            raise
        reply = passed_on(reply)
        if reply.code == 250:  # the one success that is passed on
            self._accepted.append((forward_path, parameters))
        return reply

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        count = len(self._accepted)
        if not count:
            await self.abort()
            return (self._refused or NO_TRANSACTION,)
        is_short = len(message) <= TURN_BYTES
        wire_bytes = on_the_wire(message) if is_short else await on_the_wire_in_turns(message)
        first = on_the_wire(ahead) if ahead else b""
        if wire_bytes is None or first is None:
            log.error("message with a lone CR or LF was not sent")
            await self.abort()
            return (TRY_AGAIN,) * count
        expected = count if self._per_recipient else 1
        try:
            may_be_dead = True
            while True:  # twice at the most
                if self._wire is None:
                    may_be_dead = await self._open(fresh=not may_be_dead)
                wire = self._wire
                assert wire is not None
                if self._sender.smtputf8 and self._needs_smtputf8(wire, message, ahead):
                    await self.abort()
                    return (NO_SMTPUTF8_HEADER,) * count
                try:
                    await wire.ask(b"DATA\r\n", 1, self._options.deadlines.command_s)
                    (answer,) = wire.answers()
                except NextHopError as fault:
                    if fault.why is not Why.DROPPED or not may_be_dead:
                        raise
                else:
                    if answer.code == 354:
                        break
                    if answer.code < 400:
                        raise NextHopError(Why.MALFORMED)  # maybe the answer to something else
                    if answer.code != 421 or not may_be_dead:
                        await self.abort()
                        return (passed_on(answer),) * count
                self._drop()
                may_be_dead = False
            self.in_doubt = True
            await wire.content(wire_bytes, expected, self._options.deadlines.content_s, first)
            answers = wire.answers()
            if wire.early:
                await wire.disbelieve(answers)
        except NextHopError as fault:
            return (self._gone(fault),) * count
        except asyncio.CancelledError:
            self._drop()
            raise
        self.in_doubt = False
        self._end(wire, answers)
        if expected == count > 1:
            return tuple(passed_on(answer) for answer in answers)
        return (passed_on(answers[0]),) * count

    async def abort(self) -> None:
        wire, self._wire = self._wire, None
        self._accepted.clear()
        if wire is not None:
            await self._give_back(wire)

    async def rest(self) -> None:
        wire = self._wire
        if wire is not None and wire.usable and self._rests < _MOST_RESTS:
            self._wire, self._mail_said = None, False
            self._rests += 1
            await self._give_back(wire)

    async def _give_back(self, wire: Wire) -> None:
        if not wire.usable:
            wire.close()
            return
        try:
            (reply,) = await wire.exchange((b"RSET\r\n",), self._options.deadlines.command_s)
        except NextHopError:
            return
        if reply.is_success:
            self._pool.give(wire)
        else:
            wire.quit()

    # steps

    def _opening(self, wire: Wire, forward_path: str) -> tuple[bytes, int] | None:
        """Return what begins an ordinary transaction, as one piece, and how many answers it has; else None."""
        sender = self._sender
        if sender.mail_parameters or sender.smtputf8 or not wire.pipelining:
            return None
        offered = wire.keywords.get("XFORWARD", "") if self._options.xforward else ""
        return plain_opening(sender.reverse_path, forward_path, sender.client, offered)

    def _opened(self, opened: Reply, answer: Reply) -> Reply:
        """Return the answer to RCPT, or that to MAIL if it was none."""
        if opened.is_success:
            self._mail_said = True
            return answer
        if opened.code != 421:
            self._refused = passed_on(opened)
        return opened

    async def _say_rcpt(self, wire: Wire, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        """Say RCPT, and MAIL if it was not said."""
        deadline_s = self._options.deadlines.command_s
        rcpt = rcpt_command(forward_path, parameters, wire.keywords)
        if self._mail_said:
            return rcpt if isinstance(rcpt, Reply) else _sensible(*await wire.exchange((rcpt,), deadline_s))[0]
        mail = self._mail(wire)
        if isinstance(mail, Reply):
            self._refused = mail
            return mail
        if isinstance(rcpt, Reply):
            (opened,) = _sensible(*(await wire.exchange(mail, deadline_s))[-1:])
            return self._opened(opened, rcpt)
        return self._opened(*_sensible(*(await wire.exchange((*mail, rcpt), deadline_s))[-2:]))

    def _mail(self, wire: Wire) -> tuple[bytes, ...] | Reply:
        sender = self._sender
        mail = mail_command(sender.reverse_path, sender.mail_parameters, sender.smtputf8, wire.keywords)
        if isinstance(mail, Reply):
            return mail
        if self._options.xforward and "XFORWARD" in wire.keywords:
            return (*xforward_commands(sender.client, wire.keywords), mail)
        return (mail,)

    async def _open(self, *, fresh: bool) -> bool:
        """Get a connection and say again what was accepted so far; True if it was used before and may be dead.

        Each accepted recipient must be accepted again, or the transaction is not the one our client knows.
        """
        self._drop()
        wire = self._wire = await self._pool.take(fresh=fresh)
        if self._accepted:
            mail = self._mail(wire)
            rcpts = [rcpt_command(path, parameters, wire.keywords) for path, parameters in self._accepted]
            commands = [command for command in rcpts if isinstance(command, bytes)]
            if isinstance(mail, Reply) or len(commands) < len(rcpts):
                raise NextHopError(Why.CHANGED)
            try:
                answers = await wire.exchange((*mail, *commands), self._options.deadlines.command_s)
            except NextHopError as fault:
                if fault.why is not Why.DROPPED or not wire.uses:
                    raise
                return await self._open(fresh=True)
            if wire.uses and any(answer.code == 421 for answer in answers):
                return await self._open(fresh=True)
            if not all(answer.is_success for answer in answers[len(mail) - 1 :]):
                raise NextHopError(Why.CHANGED)
            self._mail_said = True
        return wire.uses > 0

    def _needs_smtputf8(self, wire: Wire, message: bytes, ahead: bytes) -> bool:
        if "SMTPUTF8" in wire.keywords:
            return False
        end = message.find(b"\r\n\r\n")
        return not (ahead.isascii() and message[: end if end >= 0 else len(message)].isascii())

    # endings

    def _end(self, wire: Wire, answers: tuple[Reply, ...]) -> None:
        """Give a connection back; one that answers too soon, or what nobody can have asked, is closed at once."""
        self._wire = None
        self._accepted.clear()
        if len(answers) == 1 and answers[0].code == 250 and not wire.early:
            self._pool.give(wire)
        elif wire.early or any(300 <= answer.code < 400 for answer in answers):
            wire.close()
        elif any(answer.code == 421 for answer in answers):
            wire.quit()
        else:
            self._pool.give(wire)

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        self._mail_said = False
        if wire is not None:
            wire.close()

    def _gone(self, fault: NextHopError) -> Reply:
        log.warning("next hop fault: %s", fault.why)
        self._drop()
        return FAULT_REPLIES[fault.why]


def _sensible(*answers: Reply) -> tuple[Reply, ...]:
    """Return answers to MAIL and RCPT. Raises NextHopError for a 3xx: it belongs to something else."""
    for answer in answers:
        if answer.code // 100 == 3:
            raise NextHopError(Why.MALFORMED)
    return answers
