"""One SMTP connection, the middle: transactions, from MAIL to the answer to the final dot.

In: what the commands decide, the octets of DATA, the receiver's answers. Out: calls to the receiver's transaction in
order, one at a time, and its answers as octets. What is waited for is an errand (:mod:`pansentry.errand`) that the
listener holds; nothing here is cancelled because a client went away. A message past its final dot runs on by itself,
and only the answer is lost (the client then tries again); ``told`` says so to the receiver.

Standards: RFC 5321 §3.3, §4.1.1.4; RFC 2033 (LMTP). Attacks resisted: floods of errors or idle commands, more mail than
fits into memory, exception text that would reach a peer or a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pansentry.smtp import replies
from pansentry.smtp.data import DataReader
from pansentry.smtp.session import DataReply, MailTransaction
from pansentry.smtp.wire import CLOSED, CLOSING, COMMAND, DATA, DELIVERY, RECIPIENT, Wire
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from pansentry.errand import Errand
    from pansentry.smtp.listener import Shared

T = TypeVar("T")

TURN_BYTES = 240 * 1000
"""What of one message is read before others have their turn: uvloop hands over all that has come, and 5 MB at once kept
everybody waiting for 8 ms."""


JOINED_BESIDE_BYTES = 8 * 1024 * 1024
"""A message of this size is joined in a thread: in the event loop 25 MB took 13 ms, half of which needs no lock."""


class Transactions(Wire):
    """Keeps the one transaction a connection can have, and counts what a client does wrong."""

    transaction: MailTransaction | None
    _untold: MailTransaction | None
    _skipped: int
    """Octets of a command that is too long."""
    recipients = 0
    _may_hold = False
    """Whether the receiver was asked since it was last told to rest."""
    was_refused = False
    smtputf8 = False
    declared = 0
    errors = 0
    idle_commands = 0
    deferrals = 0
    messages = 0
    _data: DataReader | None = None
    _out_of_room = False
    _turn_bytes = 0
    _window = (0.0, 0)
    _asked: Errand[Reply] | None = None
    _delivering: Errand[DataReply] | None = None

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self.transaction = self._untold = None
        self._skipped = 0

    # ------------------------------------------------------------------ answers

    def error(self, answer: bytes) -> bytes:
        """Count an error of the client; the answer, or goodbye if it was one too many."""
        self.errors += 1
        if self.errors > self.shared.options.limits.max_errors:
            self.shared.log("smtp.too_many_errors", peer=self.client.address)
            return self.say_goodbye(replies.TOO_MANY_ERRORS)
        return answer

    def idle(self, answer: bytes) -> bytes:
        """Count a command that moves no mail."""
        self.idle_commands += 1
        if self.idle_commands > self.shared.options.limits.max_idle_commands:
            return self.say_goodbye(replies.TOO_MANY_COMMANDS)
        return answer

    def defer(self, answer: bytes) -> bytes:
        """Count a command that is put off: a list may cause many, and a flood of them is as cheap as one of NOOPs."""
        self.deferrals += 1
        if self.deferrals > self.shared.options.limits.max_put_off:
            return self.say_goodbye(replies.TOO_MANY_COMMANDS)
        return answer

    def say_goodbye(self, answer: bytes) -> bytes:
        """Make this answer the last one; the connection closes when it has been written."""
        self.phase = CLOSING
        return answer

    def say_goodbye_now(self, answer: bytes) -> None:
        self.write(answer)
        self.close()

    def pass_on(self, reply: Reply) -> bytes:
        """Encode a receiver's reply; 421 closes, a 3xx is a temporary failure."""
        if reply.code == 421:
            return self.say_goodbye(replies.encode(reply))
        return replies.TRY_LATER if 300 <= reply.code < 400 else replies.encode(reply)

    def incident(self, error: BaseException) -> bytes:
        """Log type and place of an unexpected exception under a new id; the peer learns the id and nothing else."""
        number = secrets.token_hex(6)
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
        self.shared.log("smtp.incident", incident=number, type=type(error).__name__, place=place)
        return replies.line(451, "4.3.0", f"Temporary failure, incident {number}")

    # ------------------------------------------------------------------ the end of a connection

    def _lost(self) -> None:
        reader, self._data = self._data, None
        if reader is not None and not reader.overflowed:
            self.shared.account.hold(self.key, -reader.octets)
        if self._untold is not None:
            self._tell(heard=False)
        if self._asked is None and self.transaction is not None:  # else when its answer is here: one call at a time
            self.end_transaction()

    def eof_received(self) -> bool:
        """See :meth:`Wire.eof_received`; a client that closes in order has had its answer."""
        if self._untold is not None and self.phase is COMMAND:
            self._tell(heard=True)
        return super().eof_received()

    # ------------------------------------------------------------------ transaction

    def end_transaction(self) -> None:
        """Forget the transaction, telling the receiver; also what XFORWARD said."""
        transaction = self.transaction
        self._reset()
        if transaction is not None:
            self._notify(transaction.abort)

    def let_rest(self, waited_s: float) -> None:
        """Tell the receiver to rest if the client takes its time: idle clients are cheap, next hops have few places."""
        transaction = self.transaction
        if transaction is not None and self._may_hold and waited_s > self.shared.options.limits.rest_s:
            self._may_hold = False
            self._notify(transaction.rest)

    def _reset(self) -> None:
        self.transaction = None
        self.recipients = 0
        self._may_hold = self.was_refused = False
        self.client = self.origin

    def ask(self, answer: Awaitable[Reply]) -> bytes:
        """Hold the dialogue until the receiver has answered RCPT."""
        self._may_hold = True
        errand = self.shared.run(answer, self._recipient_answered)
        if errand.done:
            return self._recipient_result(errand)
        self.phase = RECIPIENT
        self._asked = errand
        return b""

    def recipient_reply(self, reply: Reply) -> bytes:
        """Count the recipient in or out and encode the receiver's reply."""
        if reply.is_success:
            self.recipients += 1
            return replies.encode_again(reply.code, reply.enhanced, reply.text)
        self.was_refused = True
        answer = self.pass_on(reply)
        return self.error(answer) if reply.is_permanent else self.defer(answer)

    def _recipient_result(self, errand: Errand[Reply]) -> bytes:
        if errand.error is None:
            return self.recipient_reply(errand.value)
        return replies.TRY_LATER if errand.is_cancelled else self.error(self.incident(errand.error))

    def _recipient_answered(self, errand: Errand[Reply]) -> None:
        self._asked = None
        if self.phase is not RECIPIENT:
            self._log_failure(errand)  # the client is gone, or was told 421 at the deadline
            if self.phase is CLOSED:
                self.end_transaction()
            return
        self.shared.ran(errand)
        self.phase = COMMAND
        self._go_on(self._recipient_result(errand))

    def _go_on(self, answer: bytes) -> None:
        """Write an answer that was waited for, and carry on; whoever had it called us, and gets no fault of ours."""
        try:
            self.since = self.last_read = self.now()
            if self._tls is None:
                self.transport.write(answer)
            else:
                self.write(answer)
            if self.phase is CLOSING:
                self.close()
            elif self._held or self._eof or self._reading_paused or self.shared.draining:
                self._pump(b"")
                self.resume_reading()
        except Exception as error:
            self.break_off(error)

    def break_off(self, error: Exception) -> None:
        """End a connection that ran into a fault of ours: the client tries again, the log knows type and place."""
        answer = self.incident(error)
        with contextlib.suppress(Exception):
            self.write(answer)
        self.close_at_once()

    def _log_failure(self, errand: Errand[T]) -> None:
        self.shared.ran(errand)
        if errand.error is not None and not errand.is_cancelled:
            self.incident(errand.error)

    # ------------------------------------------------------------------ DATA

    def begin_data(self) -> None:
        """Everything from here to CRLF.CRLF is the message."""
        self._data = None
        self._window = (self.last_read, 0)
        self.phase = DATA

    def _collect(self, octets: bytes) -> bytes:
        reader, account = self._data, self.shared.account
        if reader is None:
            message = self.shared.whole_message(octets)
            if message is not None and self._has_room(len(octets)):
                account.hold(self.key, len(octets))
                self.phase = COMMAND
                self.since = self.last_read
                self.messages += 1
                self.idle_commands = 0
                self._deliver(message, len(octets))
                return b""
            reader = self._data = DataReader(self.shared.max_data_bytes)
            self._out_of_room = False
            self._turn_bytes = 0
        if reader.overflowed:
            rest = reader.feed(octets)
        else:
            before = reader.octets
            if not account.fits(self.key, len(octets)):
                self._out_of_room = True
                reader.drop()
            rest = reader.feed(octets)
            account.hold(self.key, -before if reader.overflowed else reader.octets - before)
        if rest is None:
            self._turn_bytes += len(octets)
            if self._turn_bytes >= TURN_BYTES:
                self._turn_bytes = 0
                self.pause_reading()
                self.loop.call_soon(self._next_turn)
            return b""
        self._data = None
        self.phase = COMMAND
        self.since = self.last_read
        self._end_of_data(reader)
        return rest

    def _has_room(self, octets: int) -> bool:
        shared = self.shared
        return octets <= shared.options.limits.max_message_bytes and shared.account.fits(self.key, octets)

    def _next_turn(self) -> None:
        if self.phase is DATA:
            self.resume_reading()

    def _end_of_data(self, reader: DataReader) -> None:
        options = self.shared.options
        self.messages += 1
        self.idle_commands = 0
        refusal = b""
        if reader.overflowed:
            refusal = replies.NO_ROOM if self._out_of_room else replies.TOO_BIG
        else:
            if reader.length > options.limits.max_message_bytes:
                refusal = replies.TOO_BIG
            elif reader.has_bare_line_ends and options.line_ends == "reject":
                refusal = replies.BARE_IN_DATA
            if refusal:
                self.shared.account.hold(self.key, -reader.octets)
        if refusal:
            answer = refusal * (self.recipients if options.lmtp else 1)
            self.end_transaction()
            self.write(answer)
        else:
            self._deliver(reader if reader.octets >= JOINED_BESIDE_BYTES else reader.take()[0], reader.octets)

    def _deliver(self, message: bytes | DataReader, octets: int) -> None:
        """Give a message to the receiver; ``octets`` of it are held in the account."""
        transaction, self.transaction = self.transaction, None
        assert transaction is not None
        try:
            if isinstance(message, DataReader):
                given: DataReply | Awaitable[DataReply] = _data_joined_beside(message, transaction)
            else:
                given = transaction.data(message)
        except Exception as error:
            self._notify(transaction.told, False)
            answer = self._delivered(None, error)
        else:
            if not isinstance(given, (Reply, tuple)):
                errand = self.shared.run(given, partial(self._delivery_answered, transaction, octets))
                if not errand.done:
                    self.phase = DELIVERY
                    self._delivering = errand
                    return
                answer = self._delivery_result(transaction, errand)
            else:
                self._untold = transaction
                answer = self._delivered(given)
        self.shared.account.hold(self.key, -octets)
        self.write(answer)
        if self.phase is CLOSING:
            self.close()

    def _delivery_result(self, transaction: MailTransaction, errand: Errand[DataReply]) -> bytes:
        if errand.error is not None:
            self._notify(transaction.told, False)
            return self._delivered(None, None if errand.is_cancelled else errand.error)
        self._untold = transaction
        return self._delivered(errand.value)

    def _delivery_answered(self, transaction: MailTransaction, octets: int, errand: Errand[DataReply]) -> None:
        shared = self.shared
        shared.account.hold(self.key, -octets)
        if self._delivering is not errand or self.phase is not DELIVERY:
            self._log_failure(errand)  # the client is gone, or was told 451 at the deadline
            self._notify(transaction.told, False)
            return
        shared.ran(errand)
        self._delivering = None
        self.phase = COMMAND
        reply = None if errand.error is not None else errand.value
        if reply.__class__ is Reply and reply.code == 250 and not shared.options.lmtp:  # as nearly all
            self._untold = transaction
            self.deferrals = 0
            self._reset()
            self._go_on(replies.encode(reply))
        else:
            self._go_on(self._delivery_result(transaction, errand))

    def _tell(self, *, heard: bool) -> None:
        """Say whether the client has the receiver's answer.

        It has if it goes on (its next command) or closes in order after it. If it closed before, or the connection is
        reset (a client that dies with the answer unread makes the kernel do that), it will come again.
        """
        transaction, self._untold = self._untold, None
        assert transaction is not None
        self._notify(transaction.told, heard)

    def _notify(self, notice: Callable[..., Awaitable[None] | None], *values: bool) -> None:
        """Tell the receiver something that has no answer; what it then does runs by itself."""
        try:
            done = notice(*values)
        except Exception as error:
            self.incident(error)
            return
        if done is not None:
            errand = self.shared.run(done, self._log_failure)
            if errand.done:
                self._log_failure(errand)

    def _delivered(self, given: DataReply | None, error: BaseException | None = None) -> bytes:
        """Make the reply to the dot, with LMTP one for each recipient; without one given, a temporary failure."""
        count = self.recipients if self.shared.options.lmtp else 1
        self.deferrals = 0
        self._reset()
        if count == 1 and given.__class__ is Reply:
            return self.pass_on(given)
        if given is None:
            return (replies.TRY_LATER if error is None else self.incident(error)) * count
        each = given if isinstance(given, tuple) else (given,) * count
        if len(each) != count:
            self.shared.log("smtp.reply_count", expected=count, got=len(each))
            return replies.TRY_LATER * count
        return b"".join([self.pass_on(reply) for reply in each])


async def _data_joined_beside(reader: DataReader, transaction: MailTransaction) -> DataReply:
    message, _ = await asyncio.to_thread(reader.take)
    given = transaction.data(message)
    return given if isinstance(given, (Reply, tuple)) else await given
