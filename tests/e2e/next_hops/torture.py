"""Torture: the real gateway between a client and a next hop that both fail at random, with kill -9 on top.

``scripts/torture --messages 100000 --faults 0.1 --kills 60`` prints what came of it. ``--seconds`` ends it early, and
then spreads the kills over that time. Every fourth kill is a SIGTERM, so that the drain is under way while mail comes
in. ``--folder`` keeps what the gateway leaves behind, for a second run on it, or for the self-audit.

Faults of the next hop are in :data:`FAULTS`, at every step, silence included (it is waited for :data:`SILENCE_S`).
Those of the client are in :class:`Vanish`: it leaves in the middle of a message or before it hears the answer to it.

Every message is its own (a number in Subject and Message-ID); a share of them carries a card. The client keeps at each
until it hears 250, as a queue would. Afterwards the books are compared: what was answered with 250 must have arrived;
nothing may have arrived with a card in it; a message may have arrived more often than once only if its client missed an
answer; no sender may have got two letters; and nothing that the gateway left behind, log, database and temporary files,
may hold a card number.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import enum
import random
import re
import socket
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.next_hops.scripted import Act, ScriptedHop
from tests.e2e.running import RunningGateway
from tests.e2e.traces import card_data_in

CARD = b"4012 8888 8888 1881"
CODE = b"code 123"
NUMBER = re.compile(rb"^Subject: torture (\d+)\r?$", re.M)
SESSIONS = 8
_STEPS = 4
"""Steps that every message meets; greeting and hello are met once a connection."""
PATIENCE_S = 10.0
SILENCE_S = 2
"""How long the gateway waits for the next hop here: under the client's patience, and short, as there are many."""
_NO = b"550 5.7.1 no\r\n"

FAULTS: Mapping[str, tuple[bytes | Act, ...]] = {
    "greeting": (Act.DROP, Act.RESET, b"421 4.3.2 busy\r\n", b"554 5.3.2 no\r\n", b"nonsense\r\n"),
    "hello": (Act.DROP, b"421 4.3.2 busy\r\n", _NO),
    "mail": (Act.DROP, Act.RESET, b"451 4.3.0 later\r\n", b"421 4.3.2 bye\r\n", _NO, b"9\r\n"),
    "rcpt": (Act.DROP, Act.RESET, b"450 4.2.1 later\r\n", b"421 4.3.2 bye\r\n", _NO, b"250 ok\r\n250 extra\r\n"),
    "data": (Act.DROP, Act.RESET, b"451 4.3.0 later\r\n", _NO, b"250 what\r\n"),
    "dot": (
        *(Act.DROP, Act.RESET, Act.STORE_THEN_DROP, b"452 4.3.1 full\r\n", _NO),
        *(b"999 what\r\n", b"354 again\r\n"),
    ),
}
_SILENT = {"mail": Act.HANG, "rcpt": Act.HANG, "data": Act.HANG, "dot": Act.STORE_THEN_HANG}
_SILENT_SHARE = 0.02
"""Of the faults: each costs a session :data:`SILENCE_S`."""


class Vanish(enum.Enum):
    """How a client leaves."""

    IN_MESSAGE = "it closes in the middle of the message"
    IN_MESSAGE_HARD = "it resets in the middle of the message"
    BEFORE_ANSWER = "it closes behind the final dot, its answer unread"
    BEFORE_ANSWER_HARD = "it resets behind the final dot"


_RESET = struct.pack("ii", 1, 0)


class RandomFaults(dict[str, "bytes | Act | list[bytes | Act | None]"]):
    """A script that breaks each step with a probability."""

    def __init__(self, dice: random.Random, share: float) -> None:
        super().__init__()
        self.dice = dice
        self.share = share / _STEPS
        self.struck = 0

    def get(self, step: str, default: object = None) -> object:  # type: ignore[override]
        if step not in FAULTS or self.dice.random() >= self.share:
            return default
        self.struck += 1
        if step in _SILENT and self.dice.random() < _SILENT_SHARE:
            return _SILENT[step]
        return self.dice.choice(FAULTS[step])


@dataclass
class Books:
    """What happened. ``missed`` counts for each message the tries whose answer was lost or was a 4xx."""

    accepted: set[int] = field(default_factory=set)
    missed: Counter[int] = field(default_factory=Counter)
    arrived: Counter[int] = field(default_factory=Counter)
    with_card: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    letters: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    vanished: int = 0
    kills: int = 0
    drains: int = 0
    seconds: float = 0.0
    traces: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def lost(self) -> set[int]:
        return self.accepted - set(self.arrived)

    @property
    def unexplained(self) -> list[int]:
        """Messages that arrived more often than the answers their client missed can explain."""
        return [n for n, times in self.arrived.items() if times > 1 + self.missed[n]]

    @property
    def broken(self) -> bool:
        """True if a promise was broken."""
        twice = any(times > 1 for times in self.letters.values())
        return bool(self.lost or self.with_card or self.damaged or self.unexplained or twice or self.traces)

    @property
    def doubled(self) -> int:
        return sum(times - 1 for times in self.arrived.values() if times > 1)


def message(number: int, *, card: bool) -> bytes:
    """Make one message."""
    line = b"please charge my Visa " + CARD + b", code 123, thanks" if card else b"please call me back, thanks"
    return (
        b"From: Anna <anna%d@c%d.example>\r\nTo: orders@shop.example\r\nSubject: torture %d\r\n"
        b"Message-ID: <t%d@c.example>\r\nDate: Sun, 22 Nov 2026 02:00:00 +0000\r\n\r\n%s\r\n.dot\r\n"
    ) % (number, number, number, number, line)


async def client(
    port: int,
    numbers: Iterator[int],
    cards: frozenset[int],
    books: Books,
    dice: random.Random,
    share: float,
    may_begin: Callable[[int], bool],
) -> None:
    """Send message after message, each once it may begin and until it is accepted; leave in ``share`` of the tries."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    for number in numbers:
        while not may_begin(number):  # noqa: ASYNC110  other tasks fill the books
            await asyncio.sleep(0.01)
        body = message(number, card=number in cards).replace(b"\r\n.", b"\r\n..") + b".\r\n"
        while number not in books.accepted:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    if writer is None or reader is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", port)
                        await _answer(reader)
                        await _say(reader, writer, b"EHLO client.example\r\n")
                    vanish = dice.choice(tuple(Vanish)) if dice.random() < share else None
                    books.vanished += vanish is not None
                    code = await _one(reader, writer, number, body, vanish)
            except (OSError, TimeoutError, EOFError, ValueError):
                code = 0
            if code == 250:
                books.accepted.add(number)
                continue
            books.missed[number] += 1
            if writer is not None:
                writer.close()
            reader = writer = None
            await asyncio.sleep(0.05 if code else 0.2)
    if writer is not None:
        writer.close()


async def _one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, body: bytes, vanish: Vanish | None
) -> int:
    for command, wanted in (
        (b"MAIL FROM:<anna%d@c%d.example>\r\n" % (number, number), 250),
        (b"RCPT TO:<orders@shop.example>\r\n", 250),
        (b"DATA\r\n", 354),
    ):
        code = await _say(reader, writer, command)
        if code != wanted:
            return code
    if vanish is None:
        return await _say(reader, writer, body)
    cut = len(body) // 2 if vanish in (Vanish.IN_MESSAGE, Vanish.IN_MESSAGE_HARD) else len(body)
    writer.write(body[:cut])
    await writer.drain()
    if vanish in (Vanish.IN_MESSAGE_HARD, Vanish.BEFORE_ANSWER_HARD):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    raise ConnectionAbortedError


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, octets: bytes) -> int:
    writer.write(octets)
    return await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> int:
    while line := await reader.readline():
        if line[3:4] != b"-":
            return int(line[:3])
    raise EOFError


async def torture(
    folder: Path, *, messages: int, faults: float, kills: int, seed: int, cards: float = 0.2, seconds: float = 1e9
) -> Books:
    """Run the whole thing and return the books; after ``seconds`` no new message is begun."""
    dice = random.Random(seed)
    books = Books()
    script = RandomFaults(dice, faults)
    with_card = frozenset(n for n in range(messages) if dice.random() < cards)
    kill_at = sorted(dice.random() for _ in range(kills))
    async with ScriptedHop(script) as hop:
        limits = (
            "limits: {messages_per_minute_per_client: 10000000}\n"
            f"next_hop_options: {{command: {SILENCE_S} s, content: {SILENCE_S} s}}"
        )
        quiet, script.share = script.share, 0.0  # the start wants a next hop that answers
        url = f"{hop.url}?tls=none"
        gateway = await asyncio.to_thread(RunningGateway.start, folder, next_hop=url, extra=limits)
        script.share = quiet
        started = time.monotonic()

        def due(share: float) -> bool:
            """Say whether this share of the run is over, counted in messages and in seconds, whichever ends it."""
            return max(len(books.accepted) / messages, (time.monotonic() - started) / seconds) >= share

        def may_begin(number: int) -> bool:
            """Say whether what is due before this message has been killed: on a quick machine, too, mail meets it."""
            return books.kills + books.drains >= sum(at < number / messages for at in kill_at)

        try:
            numbers = _until(started + seconds, messages)
            async with asyncio.TaskGroup() as group:  # a gateway that does not start again ends the clients too
                group.create_task(_kill(gateway, script, quiet, kill_at, due, books))
                sends = [
                    client(gateway.port, numbers, with_card, books, dice, faults / 4, may_begin)
                    for _ in range(SESSIONS)
                ]
                await asyncio.gather(*(group.create_task(send) for send in sends))
                books.done = True
            books.seconds = time.monotonic() - started
            script.share = 0.0
            await asyncio.sleep(3)  # the outbox
        finally:
            await asyncio.to_thread(gateway.stop)
        books.faults = script.struck
        for delivered in hop.delivered:
            found = NUMBER.search(delivered.content)
            assert found is not None
            number = int(found[1])
            books.arrived[number] += 1
            if CARD in delivered.content or CARD.replace(b" ", b"") in delivered.content or CODE in delivered.content:
                books.with_card.append(number)
            whole = message(number, card=False) if number not in with_card else b"\r\n.dot\r\n"
            if not delivered.content.endswith(whole):
                books.damaged.append(number)
    for letter in gateway.letters:
        found = re.search(rb"^To: .*?<?(anna\d+@c\d+\.example)", letter, re.M)
        books.letters[found[1].decode() if found else "?"] += 1
    books.traces = card_data_in(folder)
    return books


def _until(end: float, messages: int) -> Iterator[int]:
    for number in range(messages):
        if time.monotonic() > end:
            return
        yield number


async def _kill(
    gateway: RunningGateway,
    script: RandomFaults,
    share: float,
    kill_at: list[float],
    due: Callable[[float], bool],
    books: Books,
) -> None:
    for turn, at in enumerate(kill_at, 1):
        while not due(at) and not books.done:  # noqa: ASYNC110  other tasks fill the books
            await asyncio.sleep(0.01)
        if books.done:
            return
        if turn % 4:
            gateway.kill()
            books.kills += 1
        else:
            await asyncio.to_thread(gateway.stop)
            books.drains += 1
        script.share = 0.0
        await asyncio.to_thread(gateway.restart)
        script.share = share


def summary(books: Books) -> str:
    """Say in one line what came of it."""
    return (
        f"{len(books.accepted)} accepted, {len(books.lost)} lost, {len(books.with_card)} with a card,"
        f" {len(books.damaged)} damaged,"
        f" {books.doubled} doubled ({len(books.unexplained)} of them unexplained),"
        f" {sum(books.letters.values())} letters ({sum(n > 1 for n in books.letters.values())} senders got two),"
        f" {books.faults} faults, {books.vanished} clients vanished,"
        f" {books.kills} kills, {books.drains} drains, {len(books.traces)} traces of cards,"
        f" {books.seconds:.0f} s"
    )


def main() -> int:
    """Run from the command line; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--faults", type=float, default=0.1, help="share of messages that meet a fault")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no new message after so long")
    parser.add_argument("--folder", type=Path, help="where the gateway keeps its state; kept")
    wanted = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = wanted.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        run = torture(
            folder,
            messages=wanted.messages,
            faults=wanted.faults,
            kills=wanted.kills,
            seed=wanted.seed,
            seconds=wanted.seconds,
        )
        books = asyncio.run(run)
    print(summary(books))
    for trace in books.traces:
        print(trace)
    return int(books.broken)


if __name__ == "__main__":
    raise SystemExit(main())
