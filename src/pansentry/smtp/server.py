"""One SMTP connection, the top: greeting, commands in order, clocks.

A subclass of aiosmtpd's ``SMTP`` (through :mod:`pansentry.smtp.wire` and :mod:`pansentry.smtp.transaction`) whose
reading, writing and dispatch are replaced: commands are carried out on the stack of ``data_received`` without a task,
the answers of a pipelined burst leave in one write, DATA is collected in chunks. Inherited are the protocol class, its
session and its configuration. aiosmtpd's version is pinned, since private parts of it are replaced.

Standards: RFC 5321 §4.1, RFC 2920 (order of answers). Attacks resisted: early talkers, oversized commands, commands
behind STARTTLS, slow drips, commands pipelined behind the dot (held until the answer is out).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pansentry.smtp import replies
from pansentry.smtp.commands import BEFORE_TLS, COMMANDS, Command
from pansentry.smtp.transaction import Transactions
from pansentry.smtp.wire import CLOSED, CLOSING, COMMAND, DATA, PROXY, Phase

if TYPE_CHECKING:
    pass

_ENDED_BY_EOF = frozenset({COMMAND, DATA})
_LINGER_S = 10.0


@functools.lru_cache(maxsize=1024)
def _read(line: bytes) -> tuple[Command | None, bytes, bytes, bool]:
    """Return the command of a line and its argument, else the refusal; and whether it needs TLS where that is required.

    Remembered: clients say the same few things all day (8,000 instructions a line).
    """
    if line.find(b"\r") != len(line) - 2 or line.find(b"\0") >= 0:
        return None, b"", replies.BARE_LINE_END, False
    verb, _, argument = line[:-2].partition(b" ")
    verb = verb.upper()
    return COMMANDS.get(verb), argument, replies.SYNTAX, verb not in BEFORE_TLS


class Server(Transactions):
    """The server's end of one connection; made by the listener's factory, one per accepted socket."""

    # ------------------------------------------------------------------ greeting and end

    def _opened(self) -> None:
        """Greet after the delay, or after two turns of the loop: one to see what a client sent before its turn."""
        self.phase = Phase.GREETING
        delay = self.shared.options.limits.greet_delay_s
        if delay:
            self.loop.call_later(delay, self._greet)
        else:
            self.loop.call_soon(self.loop.call_soon, self._greet)

    def _greet(self) -> None:
        if self.phase is Phase.GREETING:
            self.phase = COMMAND
            self.since = self.now()
            self.write(self.shared.banner)
            self._pump(b"")

    def drain(self) -> None:
        """The listener stops: say 421 now, or after the message that is on its way."""
        if self.phase is COMMAND:
            self.say_goodbye_now(replies.SHUTTING_DOWN)
        elif self.phase in (PROXY, Phase.HANDSHAKE):
            self.close_at_once()

    # ------------------------------------------------------------------ dialogue

    def _pump(self, octets: bytes) -> None:
        """Carry the dialogue on as far as it goes with these octets; hold what must wait for an answer."""
        if self._held:
            octets = self._let_go() + octets
        while octets:
            if self.phase is DATA:
                octets = self._collect(octets)
            elif self.phase is COMMAND and not self._unwritable:
                octets = self._commands(octets)
            elif self.phase is Phase.GREETING:
                self.shared.log("smtp.early_talker", peer=self.client.address)
                self.say_goodbye_now(replies.EARLY_TALKER)
                return
            elif self.phase is Phase.HANDSHAKE:
                # in the clear behind STARTTLS (RFC 3207 §4.2): thrown away, never answered inside TLS
                self.shared.log("smtp.starttls_injection", peer=self.client.address, octets=len(octets))
                break
            elif self.phase is CLOSING or self.phase is CLOSED:
                return
            else:
                self._hold(octets)
                return
        if self._tls_due is not None:
            self.switch_to_tls()
        elif self._eof and self.phase in _ENDED_BY_EOF:  # also where the client had closed while we were busy
            self.close()
        elif self.phase is COMMAND and self.shared.draining:
            self.say_goodbye_now(replies.SHUTTING_DOWN)

    def data_received(self, data: bytes) -> None:
        """Take octets from the socket; a fault of ours ends the connection with 451 and an incident, never the loop."""
        try:
            if self._tls is not None or self._held or self._head or self._unwritable:
                super().data_received(data)
            elif self.phase is DATA:
                self.last_read = self.now()
                self._pump(data)
            elif self.phase is COMMAND and data.find(b"\n") + 1 == len(data):
                # one whole command in the clear, as nearly all are: no layers between
                self.since = self.last_read = self.now()
                answer = self._command(data)
                if answer:
                    self.transport.write(answer)
                if self.phase is CLOSING:
                    self.close()
                elif self._tls_due is not None:
                    self.switch_to_tls()
            else:
                super().data_received(data)
        except Exception as error:
            self.break_off(error)

    def _commands(self, octets: bytes) -> bytes:
        """Carry out the commands in ``octets``, write their answers at once, return what comes after the last."""
        if self._head:
            octets, self._head = self._head + octets, b""
        written, rest = self._burst(octets)
        if written:
            self.write(written)
        if self.phase is CLOSING:
            self.close()
        return rest

    def _burst(self, octets: bytes) -> tuple[bytes, bytes]:
        """Carry out several commands, the last of which may be unfinished; answers, and what comes after the last."""
        answers: list[bytes] = []
        position = 0
        while True:
            end = octets.find(b"\n", position) + 1
            if not end:
                answers.append(self._keep_head(octets[position:]))
                return b"".join(answers), b""
            answers.append(self._command(octets[position:end]))
            self.since = self.last_read  # a piece of a command does not count: it is the cheapest way to stay
            position = end
            if self.phase is not COMMAND:
                return b"".join(answers), octets[position:]

    def _keep_head(self, head: bytes) -> bytes:
        """Keep the beginning of a command, unless it is too long already: then only count what is thrown away."""
        limits = self.shared.options.limits
        if self._skipped or len(head) > limits.max_command_bytes:
            self._skipped += len(head)
            return self.say_goodbye(replies.TOO_MANY_ERRORS) if self._skipped > limits.max_skipped_bytes else b""
        self._head = head
        return b""

    def _command(self, line: bytes) -> bytes:
        if self._untold is not None:
            self._tell(heard=True)
        if len(line) <= self.shared.short_line and not self._skipped:
            command, argument, refusal, needs_tls = _read(line)
        elif self._skipped or len(line) > self.shared.max_command_bytes:
            self._skipped = 0
            return self.error(replies.LINE_TOO_LONG)
        else:
            command, argument, refusal, needs_tls = _read.__wrapped__(line)
        if command is None:
            return self.error(refusal)
        if needs_tls and self.shared.require_tls and self._tls is None:
            return self.error(replies.NEED_TLS)
        return command(self, argument)

    # ------------------------------------------------------------------ clocks

    def check(self, now: float) -> None:
        """Look at the clocks; called by the listener's sweep."""
        limits = self.shared.options.limits
        waited = now - self.since
        match self.phase:
            case Phase.COMMAND:
                too_old = now - self.begun > limits.session_s and self.transaction is None
                if too_old or waited > self.shared.account.idle_s(self.key):
                    self.say_goodbye_now(replies.IDLE)
                else:
                    self.let_rest(waited)
            case Phase.DATA:
                self._check_data(now, waited)
                self.let_rest(waited)
            case Phase.DELIVERY:
                if waited > limits.processing_s:
                    self._delivering = None  # it runs on; a late success is the receiver's to remember
                    self.phase = COMMAND
                    self.shared.log("smtp.processing_deadline", peer=self.client.address)
                    self._go_on(self._delivered(None))
            case Phase.RECIPIENT:
                if waited > limits.processing_s:
                    self.say_goodbye_now(replies.GIVING_UP)
            case Phase.PROXY | Phase.HANDSHAKE | Phase.GREETING:
                if waited > limits.handshake_s + limits.greet_delay_s:
                    self.close_at_once()
            case Phase.CLOSING:
                if waited > _LINGER_S:
                    self.close_at_once()
            case Phase.CLOSED:
                pass

    def _check_data(self, now: float, waited: float) -> None:
        limits = self.shared.options.limits
        came = 0 if self._data is None else self._data.octets
        start, octets = self._window
        if now - self.last_read > limits.data_idle_s or waited > limits.data_total_s:
            self.say_goodbye_now(replies.IDLE)
        elif now - start >= limits.data_rate_window_s:
            self._window = (now, came)
            if came - octets < limits.min_data_bytes_per_s * (now - start):
                self.shared.log("smtp.too_slow", peer=self.client.address)
                self.say_goodbye_now(replies.TOO_SLOW)
