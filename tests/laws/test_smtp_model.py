"""The SMTP dialogue against a small model: same octets in, same codes and same messages out.

The model is written from RFC 5321 in the plainest way, over the whole buffer and without a socket. The server is the
real one over a transport in memory; octets reach it cut into arbitrary segments, and its receiver answers sometimes at
once and sometimes later.
"""

from __future__ import annotations

import asyncio
import itertools
import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.unit.smtp.double import Log, Memory, MemoryTransport

from pansentry.smtp.limits import Account, SmtpLimits
from pansentry.smtp.listener import ListenerOptions, Shared
from pansentry.smtp.wire import Phase

MAX_ERRORS, MAX_IDLE, MAX_RECIPIENTS, MAX_OCTETS, MAX_LINE = 6, 12, 2, 40, 250
MAX_PUT_OFF = 14
LIMITS = SmtpLimits(
    max_errors=MAX_ERRORS,
    max_idle_commands=MAX_IDLE,
    max_recipients=MAX_RECIPIENTS,
    max_put_off=MAX_PUT_OFF,
    max_message_bytes=MAX_OCTETS,
    max_command_bytes=MAX_LINE,
)


class Model:
    """What a server has to answer, as simply as it can be said."""

    def __init__(self) -> None:
        self.codes: list[str] = ["220"]
        self.messages: list[bytes] = []
        self.buffer = b""
        self.hello = self.in_data = self.closed = self.refused = False
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.errors = self.idle = self.put_off = 0

    def feed(self, octets: bytes) -> None:
        self.buffer += octets
        while not self.closed:
            if self.in_data:
                end = (b"\r\n" + self.buffer).find(b"\r\n.\r\n")
                if end < 0:
                    return
                message, self.buffer = self.buffer[:end], self.buffer[end + 3 :]
                self.message(message)
            else:
                line, newline, rest = self.buffer.partition(b"\n")
                if not newline:
                    return
                self.buffer = rest
                self.command(line + b"\n")

    def message(self, message: bytes) -> None:
        self.in_data, self.idle = False, 0
        message = re.sub(rb"(^|\r\n)\.", rb"\1", message)
        if len(message) > MAX_OCTETS:
            self.codes.append("552")
        else:
            message = re.sub(rb"\r*\n|\r", b"\r\n", message)
            self.messages.append(message)
            self.codes.append("250")
            self.put_off = 0
        self.reset()

    def reset(self) -> None:
        self.sender, self.recipients, self.refused = None, [], False

    def error(self, code: str) -> None:
        self.errors += 1
        if self.errors > MAX_ERRORS:
            code, self.closed = "421", True
        self.codes.append(code)

    def idled(self, code: str) -> None:
        self.idle += 1
        if self.idle > MAX_IDLE:
            code, self.closed = "421", True
        self.codes.append(code)

    def deferred(self, code: str) -> None:
        self.put_off += 1
        if self.put_off > MAX_PUT_OFF:
            code, self.closed = "421", True
        self.codes.append(code)

    def command(self, line: bytes) -> None:
        if len(line) > MAX_LINE or not line.endswith(b"\r\n") or line.count(b"\r") > 1:
            self.error("500")
            return
        verb, _, argument = line[:-2].decode().partition(" ")
        match verb.upper():
            case "HELO" | "EHLO":
                if not argument:
                    self.error("501")
                    return
                self.reset()
                self.hello = True
                self.idled("250")
            case "MAIL":
                path = re.fullmatch(r"FROM:<([^<>@ ]+@[^<>@ ]+|)>", argument)
                if not self.hello or self.sender is not None:
                    self.error("503")
                elif path is None:
                    self.error("501")
                else:
                    self.sender = path[1]
                    self.codes.append("250")
            case "RCPT":
                path = re.fullmatch(r"TO:<([^<>@ ]+)@([^<>@ ]+)>", argument)
                if self.sender is None:
                    self.error("503")
                elif path is None:
                    self.error("501")
                elif len(self.recipients) >= MAX_RECIPIENTS:
                    self.deferred("452")
                elif path[2] != "example.org" or path[1] in ("unknown", "later"):
                    self.refused = True
                    if path[1] == "later" and path[2] == "example.org":
                        self.deferred("451")
                    else:
                        self.error("554" if path[2] != "example.org" else "550")
                else:
                    self.recipients.append(argument)
                    self.codes.append("250")
            case "DATA":
                if argument:
                    self.error("501")
                elif self.sender is None:
                    self.error("503")
                elif self.recipients:
                    self.codes.append("354")
                    self.in_data = True
                elif self.refused:
                    self.deferred("554")
                else:
                    self.error("503")
            case "RSET":
                self.reset()
                self.idled("250")
            case "NOOP":
                self.idled("250")
            case "QUIT":
                self.codes.append("221")
                self.closed = True
            case _:
                self.error("500")


LINES = st.sampled_from(
    [
        b"HELO x\r\n",
        b"EHLO x\r\n",
        b"ehlo\r\n",
        b"MAIL FROM:<a@b.example>\r\n",
        b"MAIL FROM:<a@b.example>\r\n",
        b"mail from:<>\r\n".replace(b"from", b"FROM"),
        b"MAIL FROM:a\r\n",
        b"RCPT TO:<c@example.org>\r\n",
        b"RCPT TO:<c@example.org>\r\n",
        b"RCPT TO:<at-once@example.org>\r\n",
        b"RCPT TO:<unknown@example.org>\r\n",
        b"RCPT TO:<later@example.org>\r\n",
        b"RCPT TO:<c@elsewhere.example>\r\n",
        b"RCPT TO:c\r\n",
        b"DATA\r\n",
        b"DATA\r\n",
        b"DATA\r\n",
        b"DATA x\r\n",
        b"RSET\r\n",
        b"NOOP x\r\n",
        b"FOO\r\n",
        b"NOOP\n",
        b"NO\rOP\r\n",
        b"NOOP " + b"x" * (MAX_LINE - 7) + b"\r\n",
        b"NOOP " + b"x" * (MAX_LINE - 6) + b"\r\n",
        b".\r\n",
        b".\r\n",
        b"\r\n.\r\n",
        b"..a\r\n",
        b"a\n.\r\n",
        b"a\r.\r\n",
        b"Subject: x\r\n",
        b"x" * 45 + b"\r\n",
        b"\n",
        b"\r\r\n",
    ]
)
GOOD = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n"


class Dialogue(RuleBasedStateMachine):
    """Feeds both and compares."""

    @initialize()
    def connect(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.model = Model()
        self.memory, self.log = Memory(), Log()
        self.loop.run_until_complete(self._connect())

    async def _connect(self) -> None:
        options = ListenerOptions(hostname="mx.example", limits=LIMITS)
        self.account = Account(LIMITS)
        self.shared = Shared(options, self.memory, None, self.log, self.account)
        self.server = self.shared.server(self.shared)
        self.transport = MemoryTransport(self.server, self.loop)
        self.server.connection_made(self.transport)
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(6):
            await asyncio.sleep(0)
        while self.shared.running:  # noqa: ASYNC110  the server keeps a set, not an event
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _send(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            if not self.transport.closing and piece:
                self.server.data_received(piece)
        await self._settle()

    def send(self, pieces: list[bytes]) -> None:
        if not self.model.closed:
            self.model.feed(b"".join(pieces))
            self.loop.run_until_complete(self._send(pieces))

    @rule(
        times=st.integers(5, 10),
        line=st.sampled_from([b"RCPT TO:<c@example.org>\r\n", b"RCPT TO:<later@example.org>\r\n"]),
    )
    def too_many(self, times: int, line: bytes) -> None:
        self.send([line] * times)

    @rule(line=LINES)
    def one_line(self, line: bytes) -> None:
        self.send([line])

    @rule(lines=st.lists(LINES, min_size=1, max_size=8), size=st.integers(1, 60))
    def a_burst(self, lines: list[bytes], size: int) -> None:
        octets = b"".join(lines)
        self.send([octets[i : i + size] for i in range(0, len(octets), size)])

    @rule(lines=st.lists(LINES, max_size=4), cuts=st.sets(st.integers(1, 150), max_size=4))
    def a_message(self, lines: list[bytes], cuts: set[int]) -> None:
        octets = GOOD + b"".join(lines) + b"\r\n.\r\n"
        places = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]
        self.send([octets[start:end] for start, end in itertools.pairwise(places)])

    @rule()
    def quit(self) -> None:
        if not self.model.in_data:
            self.send([b"QUIT\r\n"])

    @invariant()
    def codes_and_messages_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        codes = [line[:3].decode() for line in b"".join(self.transport.writes).split(b"\r\n") if line[3:4] == b" "]
        assert codes == self.model.codes
        assert self.memory.messages == self.model.messages
        assert (self.server.phase is Phase.CLOSED) == self.model.closed
        assert (self.server.phase is Phase.DATA) == (self.model.in_data and not self.model.closed)

    @invariant()
    def books_balance(self) -> None:
        if not hasattr(self, "model"):
            return
        open_ = [mail for mail in self.memory.mails if mail.message is None and not mail.aborted]
        assert len(open_) <= 1
        assert not (self.model.closed and open_)
        assert self.model.in_data or self.account.bytes_in_flight == 0
        assert self.account.connections == (0 if self.model.closed else 1)
        assert "smtp.incident" not in self.log.events

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()


TestDialogue = Dialogue.TestCase
TestDialogue.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
