"""One SMTP or LMTP connection to a next hop, after its greeting: commands out, replies in.

In: bytes from a server that we do not trust. Out: :class:`~pansentry.smtp_reply.Reply`, or a :class:`NextHopError`.
Standards: RFC 5321 §4.2 (replies), RFC 2920 (pipelining), RFC 3463 (enhanced codes).
Limits: 2,048 bytes a line, 100 lines or 16 KiB a reply. Passing one, a code outside 200…599, lines of one reply that
differ in code, or any line that nobody asked for makes the connection unusable.
Attack: answers slipped in between commands (STARTTLS response injection and its cousins) would be taken for the answer
to a later command and turn a refusal into a 250. Here a reply that was not asked for closes the connection. And a 250
that comes before the message has gone out says nothing about the message: ``early`` counts such answers. What counts
as gone is what the next hop's machine has: the kernel knows what that one has not acknowledged. Known gap: whether its
program has read what its kernel took.
Long content goes out in pieces, as fast as it is taken: a next hop that reads slowly costs no second copy of 50 MB.
Speed: one write a phase, no task, no stream object; about 15 µs of CPU a round trip beside the system calls.
"""

from __future__ import annotations

import asyncio
import enum
import fcntl
import termios
from collections.abc import Awaitable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, cast

from pansentry.delivery.spoken import reply_of_lines, whole_replies
from pansentry.delivery.stuffing import TURN_BYTES
from pansentry.errand import Later
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from asyncio.trsock import TransportSocket

MAX_LINE_BYTES = 2048
MAX_REPLY_LINES = 100
MAX_REPLY_BYTES = 16 * 1024

_KNOWN_BYTES = 1024
_JOIN_UNDER_BYTES = 64 * 1024
_LOOK_AGAIN_S = 0.01


class Why(enum.StrEnum):
    """What went wrong with the next hop; stable codes for logs."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    MALFORMED = "malformed"
    TLS = "tls"
    AUTH = "auth"
    GREETING = "greeting"
    CHANGED = "changed"
    """After a reconnect the next hop no longer takes a recipient it had taken."""


class NextHopError(Exception):
    """The connection is of no more use. Never leaves this package: it becomes a 451."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


class Wire(asyncio.Protocol):
    """The connection. ``keywords`` are what EHLO or LHLO offered, upper case, with their parameters."""

    __slots__ = (
        "_awaits_room",
        "_buffer",
        "_clock",
        "_deadline",
        "_expected",
        "_fault",
        "_has_more",
        "_is_full",
        "_later",
        "_lines",
        "_loop",
        "_replies",
        "_reply_bytes",
        "_rings_at",
        "_socket",
        "_too_soon",
        "_watches",
        "early",
        "idle_since",
        "keywords",
        "last_lines",
        "pipelining",
        "tls",
        "transport",
        "uses",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, expected: int = 0) -> None:
        self._loop = loop
        self._buffer = b""
        self._lines: list[bytes] = []
        self._reply_bytes = 0
        self._replies: tuple[Reply, ...] = ()
        self._expected = expected
        self._later = Later(loop)
        self._fault: NextHopError | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._rings_at = self._deadline = 0.0
        self._is_full = self._awaits_room = self._has_more = self._watches = self._too_soon = False
        self._socket: TransportSocket | None = None
        self.early = 0
        """How many of the answers to the content were there before all of it was gone."""
        self.transport: asyncio.Transport | None = None
        self.keywords: Mapping[str, str] = {}
        self.last_lines: tuple[bytes, ...] = ()
        self.pipelining = False
        self.tls = False
        self.uses = 0
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        """True if nothing is wrong and no answer is outstanding."""
        return self._fault is None and not self._expected and not self._buffer and not self._lines

    def offer(self, keywords: Mapping[str, str]) -> None:
        """Take over what the server offers."""
        self.keywords = keywords
        self.pipelining = "PIPELINING" in keywords

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(Why.DROPPED)

    def eof_received(self) -> bool:
        self._fail(Why.DROPPED)
        return False

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        if self._awaits_room:
            self._later.is_here()

    def data_received(self, data: bytes) -> None:
        if self._fault is not None:
            return
        if not (self._buffer or self._lines) and len(data) <= _KNOWN_BYTES:
            # a next hop says the same few things all day: looked through when it first said them (10,000 instructions)
            known, last_line = whole_replies(data)
            if known and len(known) == self._expected and not self._replies:
                self._replies = known
                self.last_lines = last_line
                if self._watches:
                    self._note_early()
                self._later.is_here()
                return
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if not self._take_line(data[start:end]):
                return
            start = end + 1
        if start < len(data):
            self._buffer = data[start:]
            if len(self._buffer) > MAX_LINE_BYTES:
                self._fail(Why.MALFORMED)
                return
        if len(self._replies) >= self._expected:
            self._later.is_here()

    def _take_line(self, line: bytes) -> bool:
        line = line.removesuffix(b"\r")
        code = line[:3]
        self._reply_bytes += len(line)
        if code == b"421" and not self._expected and self.transport is not None:
            self._fail(Why.DROPPED)  # it goes away, and says so (RFC 5321 §3.8): as if it had not
            self.transport.abort()
            return False
        if (
            len(line) > MAX_LINE_BYTES
            or self._reply_bytes > MAX_REPLY_BYTES
            or len(self._lines) >= MAX_REPLY_LINES
            or not (len(code) == 3 and code.isdigit() and b"200" <= code <= b"599")
            or line[3:4] not in (b"", b" ", b"-")
            or (self._lines and self._lines[0][:3] != code)
            or len(self._replies) >= self._expected
        ):
            self._fail(Why.MALFORMED)
            return False
        self._lines.append(line)
        if line[3:4] != b"-":
            self._replies += (reply_of_lines(tuple(self._lines)),)
            if self._watches:
                self._note_early()
            self.last_lines = tuple(self._lines)
            self._lines = []
            self._reply_bytes = 0
        return True

    def _fail(self, why: Why) -> None:
        if self._fault is None:
            self._fault = NextHopError(why)
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        if why is not Why.DROPPED and self.transport is not None:
            self.transport.abort()
        # "250 stored" and "421 goodbye" in one packet: it is stored
        self._later.is_here(None if len(self._replies) >= self._expected else self._fault)

    def _note_early(self) -> None:
        transport = self.transport
        self._too_soon |= self._has_more or (transport is not None and transport.get_write_buffer_size() > 0)
        if self._too_soon or self._is_in_flight():
            self.early = len(self._replies)

    def _is_in_flight(self) -> bool:
        """Tell whether the peer's machine (of a Unix socket: its program) has not all that was handed to our kernel.

        An answer to what was sent acknowledges it as well, and the kernel takes that in first. 2,000 instructions.
        """
        return self._kernel_has(termios.TIOCOUTQ)

    def has_unread(self) -> bool:
        """Tell whether something has come that we have not seen yet, because the loop is busy: nobody asked for it."""
        return self._kernel_has(termios.FIONREAD)

    def _kernel_has(self, which: int) -> bool:
        if self._socket is None:
            return False
        octets = bytearray(4)  # with bytes it takes 7,000 instructions instead of 2,000
        try:
            fcntl.ioctl(self._socket.fileno(), which, octets)
        except (OSError, ValueError):  # no such question here
            return False
        return any(octets)

    async def disbelieve(self, answers: tuple[Reply, ...]) -> None:
        """Raise NextHopError if there is a success among the ``early`` ones of the answers to the content.

        Looks again where only the kernel says so: there are some (gVisor's) that hand on an answer just before they
        take in the acknowledgement which comes with it.
        """
        if any(answer.is_success for answer in answers[: self.early]):
            if not self._too_soon:
                await asyncio.sleep(_LOOK_AGAIN_S)
            if self._too_soon or self._fault is not None or self._is_in_flight():
                raise NextHopError(Why.MALFORMED)

    # commands

    def write(self, data: bytes | memoryview) -> None:
        """Write at once; small pieces are joined by the caller, Nagle is off."""
        if self._fault is not None or self.transport is None:
            raise self._fault or NextHopError(Why.DROPPED)
        self.transport.write(data)

    async def replies(self, count: int, deadline_s: float) -> tuple[Reply, ...]:
        """Wait for ``count`` replies to what was written. Raises :class:`NextHopError`; the connection is gone then.

        Call it without awaiting anything between the write and this call, so that no reply can come before it is
        expected.
        """
        if self._fault is not None:
            raise self._fault
        try:
            await self._soon(count, deadline_s)
        except asyncio.CancelledError:
            self._fail(Why.TIMEOUT)
            raise
        return self.answers()

    def ask(self, octets: bytes, count: int, deadline_s: float) -> Later:
        """Write commands; await what this returns, then take the ``count`` :meth:`answers`.

        Whoever is cancelled meanwhile has to close the connection. :meth:`exchange` does the same and takes 6,000
        instructions more, for two coroutines: three times a mail.
        """
        if self._fault is not None or self.transport is None:
            raise self._fault or NextHopError(Why.DROPPED)
        self.transport.write(octets)
        self._expected = count
        self._deadline = deadline = self._loop.time() + deadline_s
        if self._clock is None or self._rings_at > deadline:
            self._set_clock(deadline)
        return self._later.expect()

    def _soon(self, count: int, deadline_s: float) -> Later:
        self._expected = count
        if len(self._replies) < count:
            self._deadline = deadline = self._loop.time() + deadline_s
            if self._clock is None or self._rings_at > deadline:
                self._set_clock(deadline)
            self._later.expect()
        return self._later

    def answers(self) -> tuple[Reply, ...]:
        """Take the replies that were waited for."""
        answers = self._replies
        self._expected, self._replies, self._watches = 0, (), False
        return answers

    def _set_clock(self, deadline: float) -> None:
        """Fail at this time of the loop if somebody still waits.

        A clock that rings no later is left as it is, and set again when it rings: one in half a minute for a busy
        connection instead of three for each mail.
        """
        if self._clock is not None:
            self._clock.cancel()
        self._rings_at = deadline
        self._clock = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._clock = None
        if self._later.is_expected and self._fault is None:
            if self._deadline > self._loop.time():
                self._set_clock(self._deadline)
            else:
                self._fail(Why.TIMEOUT)

    def exchange(self, commands: tuple[bytes, ...], deadline_s: float) -> Coroutine[Any, Any, tuple[Reply, ...]]:
        """Send commands (each with its CRLF), in one write where PIPELINING is offered; await the replies."""
        if self.pipelining or len(commands) == 1:
            self.write(commands[0] if len(commands) == 1 else b"".join(commands))
            return self.replies(len(commands), deadline_s)
        return self._one_by_one(commands, deadline_s)

    async def _one_by_one(self, commands: tuple[bytes, ...], deadline_s: float) -> tuple[Reply, ...]:
        answers: list[Reply] = []
        for command in commands:
            self.write(command)
            answers += await self.replies(1, deadline_s)
        return tuple(answers)

    def content(self, wire_bytes: bytes, count: int, deadline_s: float, ahead: bytes = b"") -> Awaitable[None]:
        """Send what ``on_the_wire`` made, and the final dot (RFC 5321 §4.5.2); await it, then take the ``answers``.

        ``ahead`` goes before it; if there is any, it ends a line. Look at ``early`` before the replies are believed.
        """
        ending = b".\r\n" if wire_bytes[-2:] == b"\r\n" or not wire_bytes else b"\r\n.\r\n"
        self.early, self._too_soon, self._watches = 0, False, True
        if len(wire_bytes) < _JOIN_UNDER_BYTES:
            return self.ask(b"".join((ahead, wire_bytes, ending)), count, deadline_s)
        return self._in_pieces((ahead, wire_bytes, ending), count, deadline_s)

    async def _in_pieces(self, parts: tuple[bytes, ...], count: int, deadline_s: float) -> None:
        """Send as the next hop takes it, until all has been sent or all replies are here; its dot goes last of all."""
        deadline = self._loop.time() + deadline_s
        self._expected, self._has_more = count, True
        for part in parts:
            octets = memoryview(part)
            for begin in range(0, len(part), TURN_BYTES):
                while self._is_full and len(self._replies) < count:
                    await self._room(deadline)
                if len(self._replies) >= count:
                    return
                self.write(octets[begin : begin + TURN_BYTES])
        self._has_more = False
        await self._soon(count, max(deadline - self._loop.time(), 0.0))

    async def _room(self, deadline: float) -> None:
        """Wait until more can be written, or all replies are here."""
        if self._fault is not None:
            raise self._fault
        self._awaits_room, self._deadline = True, deadline
        if self._clock is None or self._rings_at > deadline:
            self._set_clock(deadline)
        try:
            await self._later.expect()
        finally:
            self._awaits_room = False

    def close(self) -> None:
        """Close without a word; outstanding answers are lost."""
        self._fail(Why.DROPPED)
        if self.transport is not None:
            self.transport.abort()

    def quit(self) -> None:
        """Say QUIT and close; the answer is not waited for."""
        if self.transport is not None and self._fault is None:
            self.transport.write(b"QUIT\r\n")
            self._fail(Why.DROPPED)
            self.transport.close()
