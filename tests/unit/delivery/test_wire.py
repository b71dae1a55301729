"""The reader of replies: no bytes make it raise, no chunking changes what it reads, no answer is taken twice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.growth import grows_by

from pansentry.delivery import stuffing
from pansentry.delivery.spoken import reply_of_lines
from pansentry.delivery.stuffing import on_the_wire, on_the_wire_in_turns
from pansentry.delivery.wire import (
    MAX_LINE_BYTES,
    MAX_REPLY_LINES,
    NextHopError,
    Why,
    Wire,
)
from pansentry.envelope import DottedLines
from pansentry.smtp_reply import Reply


class FakeTransport(asyncio.Transport):
    """A transport that only notes whether it was cut off."""

    def __init__(self):
        super().__init__()
        self.aborted = False
        self.written = b""

    def abort(self):
        self.aborted = True

    def write(self, data):
        self.written += data


async def read(chunks, count):
    """Feed chunks while ``count`` replies are awaited; returns the replies, or why it failed."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(FakeTransport())
    task = asyncio.ensure_future(wire.replies(count, 5))
    await asyncio.sleep(0)
    for chunk in chunks:
        wire.data_received(chunk)
    if not task.done():
        wire.connection_lost(None)
    try:
        return await task
    except NextHopError as error:
        return error.why


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"250 OK\r\n", b"250-a\r\n250 b\r\n", b"354 go\r\n", b"550 5.1.1 no\r\n", b"421 bye\r\n", b"250\r\n"]
        ),
        st.binary(max_size=12),
        st.sampled_from([b"\r\n", b"\n", b"2", b"250-", b"999 x\r\n"]),
    ),
    max_size=8,
).map(b"".join)


@example(octets=b"21\n", cuts=[], count=1)
@given(octets=LINES, cuts=st.lists(st.integers(0, 80), max_size=6), count=st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_chunks_do_not_matter(octets, cuts, count):
    """Whatever the bytes are and however they are cut, the replies are those of the whole, or the fault is."""

    async def compare():
        edges = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
        pieces = [octets[a:b] for a, b in pairwise(edges)]
        whole, parts = await read([octets], count), await read(pieces, count)
        if isinstance(whole, Why) and isinstance(parts, Why):
            return
        assert whole == parts

    asyncio.run(compare())


@given(st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_bytes_become_a_reply_or_a_fault(chunks):
    """No bytes from a next hop raise anything but our own fault, and what is read is safe to pass on."""

    async def run():
        answer = await read(chunks, 1)
        if not isinstance(answer, Why):
            (reply,) = answer
            assert str(reply).isascii()
            assert str(reply).isprintable()
            assert len(str(reply)) <= 450

    asyncio.run(run())


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"250 " + b"x" * (MAX_LINE_BYTES - 4) + b"\r\n", 250),
        (b"250 " + b"x" * (MAX_LINE_BYTES - 3) + b"\r\n", Why.MALFORMED),
        (b"250-x\r\n" * (MAX_REPLY_LINES - 1) + b"250 x\r\n", 250),
        (b"250-x\r\n" * MAX_REPLY_LINES + b"250 x\r\n", Why.MALFORMED),
        ((b"250-" + b"x" * 1000 + b"\r\n") * 15 + b"250 x\r\n", 250),
        ((b"250-" + b"x" * 1000 + b"\r\n") * 17 + b"250 x\r\n", Why.MALFORMED),
        (b"x" * (MAX_LINE_BYTES + 1), Why.MALFORMED),
        (b"200 lowest\r\n", 200),
        (b"199 below\r\n", Why.MALFORMED),
        (b"599 highest\r\n", 599),
        (b"600 above\r\n", Why.MALFORMED),
        (b"250OK\r\n", Why.MALFORMED),
        (b"25", Why.DROPPED),
        (b"", Why.DROPPED),
    ],
)
async def test_limits_at_n_and_beyond(octets, expected):
    """Each limit of a reply holds at n and breaks at n+1."""
    answer = await read([octets], 1)
    assert (answer if isinstance(answer, Why) else answer[0].code) == expected


async def test_reply_nobody_asked_for_ends_the_connection():
    """Unsolicited answers make a connection unusable at once."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(transport := FakeTransport())
    assert wire.usable
    wire.data_received(b"250 gift\r\n")
    assert not wire.usable
    assert transport.aborted
    with pytest.raises(NextHopError):
        wire.write(b"MAIL\r\n")


def test_joined_lines_make_one_text():
    """Enhanced codes of the same class are taken off each line; what is no ASCII becomes a question mark."""
    lines = [b"550-5.7.1 Not", b"550-5.7.1 today", b"550 4.7.1 \xc3\xa4"]
    assert reply_of_lines(tuple(lines)) == Reply(550, "5.7.1", "Not today 4.7.1 ??")


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a"]), max_size=10).map(b"".join))
@settings(max_examples=400, deadline=None)
def test_stuffing_is_exact_and_lone_line_ends_are_seen(message):
    """Each line that begins with a dot gets one more; a CR or LF alone is refused (RFC 5321 §4.5.2, §2.3.8)."""
    rest = message.replace(b"\r\n", b"")
    sent = on_the_wire(message)
    if b"\r" in rest or b"\n" in rest:
        assert sent is None
    else:
        assert sent == b"\r\n".join(b"." + line if line[:1] == b"." else line for line in message.split(b"\r\n"))


@given(st.lists(st.sampled_from([b"\r\n", b"\r\n.", b"\n", b"\r", b".", b"a", b"abc"]), max_size=12).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_in_turns_it_is_the_same(message):
    """However a long message is cut into turns, the same goes to the next hop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stuffing, "TURN_BYTES", 5)
        expected = on_the_wire(message)
        assert asyncio.run(on_the_wire_in_turns(message)) == expected
        if expected is not None:
            assert on_the_wire(DottedLines(message)) == expected
            assert asyncio.run(on_the_wire_in_turns(DottedLines(message))) == expected


async def test_others_have_their_turn_while_a_long_message_is_stuffed():
    """A message of some megabytes with dots in it does not keep the loop for all of its length."""
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    message = DottedLines(b".a line\r\n" * 300_000)
    assert await on_the_wire_in_turns(message) == message.replace(b".a", b"..a")
    others.cancel()
    assert turns >= len(message) // 240_000


def test_looking_at_content_takes_linear_time():
    """Ten times the content costs at most about ten times as much, also where every line begins with a dot."""
    for unit in (b".\r\n", b"\r\n", b"a" * 76 + b"\r\n", b"...."):
        assert grows_by(40, on_the_wire, unit * 40_000, unit * 400_000)


async def answered(wire: Wire, wait_s: float, after_s: float) -> tuple[Reply, ...]:
    """Wait for one reply, which comes after some time."""
    asyncio.get_running_loop().call_later(after_s, wire.data_received, b"250 2.0.0 OK\r\n")
    return await wire.replies(1, wait_s)


async def test_a_short_wait_behind_a_long_one_ends_in_its_own_time():
    """The one clock of a connection rings for the wait that is under way, whichever was there before."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(FakeTransport())
    assert await answered(wire, 500.0, 0.0)
    with pytest.raises(NextHopError, match="timeout"):
        async with asyncio.timeout(5):
            await wire.replies(1, 0.02)


async def test_a_long_wait_behind_a_short_one_is_not_cut():
    """A clock that was set for an earlier reply does not end the wait for a later one."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(FakeTransport())
    assert await answered(wire, 0.05, 0.0)
    assert await answered(wire, 500.0, 0.1)
    wire.close()
    assert wire._clock is None


class SocketTransport(FakeTransport):
    """A transport over one end of a pair of sockets: what is written lies in the kernel until the other end reads."""

    def __init__(self, ours: socket.socket):
        super().__init__()
        self.ours = ours
        self.waiting = 0

    def get_extra_info(self, name, default=None):
        return self.ours if name == "socket" else default

    def get_write_buffer_size(self):
        return self.waiting

    def write(self, data):
        self.ours.sendall(data)


@pytest.fixture
def pair():
    """Two sockets that are connected."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


async def content(wire, *message):
    """Send a message and return the answers."""
    await wire.content(*message)
    return wire.answers()


async def answers_to(wire, theirs, *, is_read, answer=b"250 2.0.0 OK\r\n", in_buffer=0):
    """Send a short message and have it answered, before or after the other end has read it."""
    task = asyncio.ensure_future(content(wire, b"Subject: x\r\n", 1, 5))
    await asyncio.sleep(0)
    if is_read:
        theirs.recv(1000)
    wire.transport.waiting = in_buffer
    wire.data_received(answer)
    wire.transport.waiting = 0
    return await task


@pytest.mark.parametrize(
    ("is_read", "in_buffer", "answer", "early"),
    [
        (True, 0, b"250 OK\r\n", 0),
        (False, 0, b"250 OK\r\n", 1),
        (True, 1, b"250 OK\r\n", 1),
        (False, 0, b"250-odd\r\n250 OK\r\n", 1),
        (False, 0, b"550 no\r\n", 1),
    ],
)
async def test_an_answer_to_what_still_lies_with_us_is_early(pair, is_read, in_buffer, answer, early):
    """An answer that is here while part of the message is in our buffer or our kernel's is counted as early."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(SocketTransport(pair[0]))
    answers = await answers_to(wire, pair[1], is_read=is_read, answer=answer, in_buffer=in_buffer)
    assert wire.early == early
    if early and answers[0].is_success:
        with pytest.raises(NextHopError, match="malformed"):
            await wire.disbelieve(answers)
    else:
        await wire.disbelieve(answers)
    pair[1].setblocking(False)
    with contextlib.suppress(BlockingIOError):
        pair[1].recv(1000)
    await answers_to(wire, pair[1], is_read=True)
    assert wire.early == 0


async def test_a_kernel_that_is_late_with_an_acknowledgement_is_given_a_moment(pair):
    """What was in flight when the answer came, and is there a moment later, was not answered too soon for sure."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(SocketTransport(pair[0]))
    answers = await answers_to(wire, pair[1], is_read=False)
    asyncio.get_running_loop().call_soon(pair[1].recv, 1000)
    await wire.disbelieve(answers)
    assert wire.early == 1


async def test_without_a_kernel_that_can_be_asked_answers_are_believed(pair):
    """No socket, or one that knows no such question: nothing is known against an answer."""
    pair[0].close()
    for transport in (FakeTransport(), SocketTransport(pair[0])):
        wire = Wire(asyncio.get_running_loop())
        wire.connection_made(transport)
        assert not wire.has_unread()
        assert not wire._is_in_flight()


async def test_what_came_unasked_is_seen_before_it_is_read(pair):
    """Octets that lie in our kernel while the loop is busy are no answers to what is said next."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(SocketTransport(pair[0]))
    assert not wire.has_unread()
    pair[1].sendall(b"250 2.0.0 again\r\n")
    assert wire.has_unread()


async def test_a_goodbye_nobody_asked_for_is_a_closed_connection():
    """421 between two commands means that the connection is gone, no more (RFC 5321 §3.8)."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(transport := FakeTransport())
    wire.data_received(b"421 4.4.2 idle\r\n")
    assert transport.aborted
    with pytest.raises(NextHopError, match="dropped"):
        wire.write(b"MAIL\r\n")


class SlowTransport(FakeTransport):
    """A transport that takes one piece at a time, and notes how long each was."""

    def __init__(self, wire):
        super().__init__()
        self.wire = wire
        self.pieces = []

    def write(self, data):
        self.pieces.append(len(data))
        self.wire.pause_writing()

    def get_write_buffer_size(self):
        return 0


async def test_long_content_goes_out_as_it_is_taken():
    """Each piece of long content waits for the one before it; the final dot is the last of all."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(transport := SlowTransport(wire))
    task = asyncio.ensure_future(content(wire, b"x" * 600_000 + b"\r\n", 1, 5, b"A: b\r\n"))
    for expected in ([6], [6, 240_000], [6, 240_000, 240_000], [6, 240_000, 240_000, 120_002]):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert transport.pieces == expected
        wire.resume_writing()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert transport.pieces[-1] == len(b".\r\n")
    wire.data_received(b"250 OK\r\n")
    assert (await task)[0].code == 250
    assert wire.early == 0


@pytest.mark.parametrize("ends_by", ["deadline", "drop", "cancel", "drop before it is noticed"])
async def test_content_that_nobody_takes_ends(ends_by):
    """A next hop that takes no more is given up at the deadline, when it closes, or when nobody waits any more."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(SlowTransport(wire))
    task = asyncio.ensure_future(content(wire, b"x" * 600_000 + b"\r\n", 1, 0.01 if ends_by == "deadline" else 5))
    await asyncio.sleep(0)
    if ends_by == "drop":
        wire.connection_lost(None)
    elif ends_by == "cancel":
        task.cancel()
    elif ends_by == "drop before it is noticed":
        wire.resume_writing()
        wire.pause_writing()
        wire.connection_lost(None)
    with pytest.raises(asyncio.CancelledError if ends_by == "cancel" else NextHopError):
        await task
    assert not wire.usable
