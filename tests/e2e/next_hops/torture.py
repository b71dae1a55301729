"""Torture: the real gateway between a scripted client and a next hop that fails at random, with kill -9 on top.

``scripts/torture --messages 100000 --faults 0.1 --kills 60`` prints what came of it; ``--seconds`` ends it early.
Every fourth kill is a SIGTERM, so that the drain is under way while mail comes in.

Every message is its own (a number in Subject and Message-ID); a share of them carries a card. The client keeps at each
until it hears 250, as a queue would. Afterwards the books are compared: what was answered with 250 must have arrived;
nothing may have arrived with a card in it; a message may have arrived more often than once only if its client missed an
answer; no sender may have got two letters; and nothing that the gateway left behind, log, database and temporary files,
may hold a card number.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
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

FAULTS: Mapping[str, tuple[bytes | Act, ...]] = {
    "greeting": (Act.DROP, Act.RESET, b"421 4.3.2 busy\r\n", b"nonsense\r\n"),
    "hello": (Act.DROP, b"421 4.3.2 busy\r\n"),
    "mail": (Act.DROP, Act.RESET, b"451 4.3.0 later\r\n", b"421 4.3.2 bye\r\n", b"9\r\n"),
    "rcpt": (Act.DROP, Act.RESET, b"450 4.2.1 later\r\n", b"421 4.3.2 bye\r\n", b"250 ok\r\n250 extra\r\n"),
    "data": (Act.DROP, Act.RESET, b"451 4.3.0 later\r\n", b"250 what\r\n"),
    "dot": (Act.DROP, Act.RESET, Act.STORE_THEN_DROP, b"452 4.3.1 full\r\n", b"999 what\r\n", b"354 again\r\n"),
}


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
        return self.dice.choice(FAULTS[step])


@dataclass
class Books:
    """What happened. ``missed`` counts for each message the tries whose answer was lost or was a 4xx."""

    accepted: set[int] = field(default_factory=set)
    missed: Counter[int] = field(default_factory=Counter)
    arrived: Counter[int] = field(default_factory=Counter)
    with_card: list[int] = field(default_factory=list)
    letters: Counter[str] = field(default_factory=Counter)
    faults: int = 0
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
        return bool(self.lost or self.with_card or self.unexplained or twice or self.traces)

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


async def client(port: int, numbers: Iterator[int], cards: frozenset[int], books: Books) -> None:
    """Send message after message, each until it is accepted."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    for number in numbers:
        body = message(number, card=number in cards).replace(b"\r\n.", b"\r\n..") + b".\r\n"
        while number not in books.accepted:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    if writer is None or reader is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", port)
                        await _answer(reader)
                        await _say(reader, writer, b"EHLO client.example\r\n")
                    code = await _one(reader, writer, number, body)
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


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, body: bytes) -> int:
    for command, wanted in (
        (b"MAIL FROM:<anna%d@c%d.example>\r\n" % (number, number), 250),
        (b"RCPT TO:<orders@shop.example>\r\n", 250),
        (b"DATA\r\n", 354),
        (body, 250),
    ):
        code = await _say(reader, writer, command)
        if code != wanted:
            return code
    return code


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
    kill_at = sorted(dice.randrange(messages) for _ in range(kills))
    async with ScriptedHop(script) as hop:
        limits = "limits: {messages_per_minute_per_client: 10000000}"
        quiet, script.share = script.share, 0.0  # the start wants a next hop that answers
        url = f"{hop.url}?tls=none"
        gateway = await asyncio.to_thread(RunningGateway.start, folder, next_hop=url, extra=limits)
        script.share = quiet
        started = time.monotonic()
        try:
            numbers = _until(started + seconds, messages)
            clients = [asyncio.create_task(client(gateway.port, numbers, with_card, books)) for _ in range(SESSIONS)]
            killer = asyncio.create_task(_kill(gateway, script, quiet, kill_at, books))
            await asyncio.gather(*clients)
            books.done = True
            await killer
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


async def _kill(gateway: RunningGateway, script: RandomFaults, share: float, kill_at: list[int], books: Books) -> None:
    for turn, number in enumerate(kill_at, 1):
        while len(books.accepted) < number and not books.done:  # noqa: ASYNC110  other tasks fill the books
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


def main() -> int:
    """Run from the command line; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--faults", type=float, default=0.1, help="share of messages that meet a fault")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no new message after so long")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = torture(
            Path(folder),
            messages=wanted.messages,
            faults=wanted.faults,
            kills=wanted.kills,
            seed=wanted.seed,
            seconds=wanted.seconds,
        )
        books = asyncio.run(run)
    print(
        f"{len(books.accepted)} accepted, {len(books.lost)} lost, {len(books.with_card)} with a card,"
        f" {books.doubled} doubled ({len(books.unexplained)} of them unexplained),"
        f" {sum(books.letters.values())} letters ({sum(n > 1 for n in books.letters.values())} senders got two),"
        f" {books.faults} faults, {books.kills} kills, {books.drains} drains, {len(books.traces)} traces of cards,"
        f" {books.seconds:.0f} s"
    )
    for trace in books.traces:
        print(trace)
    return int(books.broken)


if __name__ == "__main__":
    raise SystemExit(main())
