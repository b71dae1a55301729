"""Soak: ordinary mail through the real gateway, quiet first, then beside hundreds of clients that only cost it.

``scripts/soak --seconds 600`` prints what came of it. In the second part there are besides the ordinary clients

* 500 that send one octet of a command or of a message now and then, and come again when they are hung up on,
* 500 that say EHLO and then nothing,
* some that vanish in the middle of a message, with FIN or with RST, and a next hop that fails now and then.

All come from many addresses of 127.0.0.0/8, so that the limits for each client are as in real life. Printed are the
median latency of ordinary mail in both parts, the largest resident memory, and what is left when everybody has gone:
descriptors, tasks, threads, octets in flight, as the gateway counts itself (SIGUSR1).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import statistics
import struct
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.next_hops.scripted import ScriptedHop
from tests.e2e.next_hops.torture import CARD, SILENCE_S, RandomFaults
from tests.e2e.running import RunningGateway

QUIET_S = 30.0
PAUSE_S = 0.4
"""Between two mails of one ordinary client; eight of them send about twenty a second."""
ORDINARY = 8
SETTLE_S = 100.0
"""Idle connections to the next hop are kept for a minute, and looked at every half."""
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Findings:
    """What was measured."""

    quiet_s: list[float] = field(default_factory=list)
    busy_s: list[float] = field(default_factory=list)
    deferred: int = 0
    dripped: int = 0
    vanished: int = 0
    before: dict[str, int] = field(default_factory=dict)
    during: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    resident_mib: float = 0.0

    @property
    def slowdown(self) -> float:
        """Median latency under load, in units of the quiet one."""
        return statistics.median(self.busy_s) / statistics.median(self.quiet_s)

    @property
    def leaks(self) -> dict[str, int]:
        """What there is more of than before. Threads of pools are started on first need and stay."""
        kinds = ("connections", "running", "bytes_in_flight", "tasks", "files")
        slack = {"files": 10, "tasks": 1}  # database readers, workers started on first need
        return {k: self.after[k] - self.before[k] for k in kinds if self.after[k] - self.before[k] > slack.get(k, 0)}


async def soak(folder: Path, *, seconds: float, drip: int = 500, idle: int = 500, seed: int = 20261122) -> Findings:
    """Run both parts and return the findings."""
    findings = Findings()
    dice = random.Random(seed)
    script = RandomFaults(dice, 0.0)
    async with ScriptedHop(script) as hop:
        patience = f"next_hop_options: {{command: {SILENCE_S} s, content: {SILENCE_S} s}}"
        gateway = await asyncio.to_thread(RunningGateway.start, folder, next_hop=f"{hop.url}?tls=none", extra=patience)
        try:
            numbers = itertools.count()
            await _for_a_while(QUIET_S / 3, [ordinary(gateway.port, i, numbers, [], findings) for i in range(ORDINARY)])
            await asyncio.sleep(1)
            findings.before = await census(gateway)
            quiet = [ordinary(gateway.port, i, numbers, findings.quiet_s, findings) for i in range(ORDINARY)]
            await _for_a_while(QUIET_S, quiet)
            script.share = 0.02
            crowd = [dripping(gateway.port, i, dice, findings) for i in range(drip)]
            crowd += [idling(gateway.port, i) for i in range(idle)]
            crowd += [vanishing(gateway.port, i, dice, findings) for i in range(4)]
            crowd += [ordinary(gateway.port, i, numbers, findings.busy_s, findings) for i in range(ORDINARY)]
            crowd.append(_watch(gateway, findings, seconds))
            await _for_a_while(seconds, crowd)
            script.share = 0.0
            await asyncio.sleep(SETTLE_S)
            findings.after = await census(gateway)
            findings.resident_mib = max(findings.resident_mib, _resident_mib(gateway, "VmHWM"))
        finally:
            await asyncio.to_thread(gateway.stop)
    return findings


async def _for_a_while(seconds: float, crowd: list) -> None:
    tasks = [asyncio.create_task(one) for one in crowd]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception) and not isinstance(result, OSError | EOFError):
            raise result


def address(i: int) -> str:
    """Return one of many addresses: about ten clients share each."""
    return f"127.0.{1 + i // 10 // 250}.{1 + i // 10 % 250}"


async def _connect(port: int, i: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address(i), 0))
    await reader.readline()
    writer.write(b"EHLO client.example\r\n")
    while (line := await reader.readline())[3:4] == b"-":
        pass
    if not line:
        raise EOFError
    return reader, writer


async def ordinary(port: int, i: int, numbers: itertools.count, latencies: list[float], findings: Findings) -> None:
    """Send one mail after the other, a card in every fifth, a large one in every fiftieth."""
    while True:
        with contextlib.suppress(OSError, EOFError):
            reader, writer = await _connect(port, 5000 + 10 * i)
            try:
                while True:
                    await _one_mail(reader, writer, next(numbers), latencies, findings)
                    await asyncio.sleep(PAUSE_S)
            finally:
                writer.close()


async def _one_mail(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    number: int,
    latencies: list[float],
    findings: Findings,
) -> None:
    text = b"my card " + CARD if number % 5 == 0 else b"please call me back"
    body = text + b"\r\n" + b"words and more words\r\n" * (20_000 if number % 50 == 7 else 20)
    message = b"From: a@c%d.example\r\nSubject: torture %d\r\nMessage-ID: <s%d@c.example>\r\n\r\n%s.\r\n"
    started = time.perf_counter()
    for octets in (
        b"MAIL FROM:<a@c%d.example>\r\n" % number,
        b"RCPT TO:<orders@shop.example>\r\n",
        b"DATA\r\n",
        message % (number, number, number, body),
    ):
        writer.write(octets)
        await writer.drain()
        answer = await reader.readline()
        if not answer:
            raise EOFError
        if answer[:1] not in b"23":
            findings.deferred += 1
            writer.write(b"RSET\r\n")
            await reader.readline()
            return
    if number % 50 != 7:
        latencies.append(time.perf_counter() - started)


async def dripping(port: int, i: int, dice: random.Random, findings: Findings) -> None:
    """Send octet after octet, of a command or of a message, and come again when it is over."""
    while True:
        await asyncio.sleep(dice.uniform(0, 5))
        with contextlib.suppress(OSError, EOFError):
            reader, writer = await _connect(port, i)
            try:
                octets = b"MAIL FROM:<a@b.example>\r\n"
                if i % 2:
                    writer.write(octets + b"RCPT TO:<orders@shop.example>\r\nDATA\r\n")
                    for _ in range(3):
                        await reader.readline()
                    octets = b"Subject: slow\r\n\r\n" + b"x" * 10_000
                for octet in octets:
                    writer.write(bytes([octet]))
                    await writer.drain()
                    findings.dripped += 1
                    await asyncio.sleep(dice.uniform(0.5, 3))
            finally:
                writer.close()


async def idling(port: int, i: int) -> None:
    """Say hello and nothing more."""
    while True:
        await asyncio.sleep(i % 50 / 10)
        with contextlib.suppress(OSError, EOFError):
            reader, writer = await _connect(port, 10_000 + i)
            try:
                await reader.read()
            finally:
                writer.close()


async def vanishing(port: int, i: int, dice: random.Random, findings: Findings) -> None:
    """Go away in the middle of something, in order or with a reset."""
    while True:
        await asyncio.sleep(dice.uniform(0.05, 0.3))
        with contextlib.suppress(OSError, EOFError):
            _, writer = await _connect(port, 20_000 + 10 * i)
            whole = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\n" + b"x" * 5000 + b"\r\n.\r\n"
            writer.write(whole[: dice.randrange(len(whole))])
            if dice.random() < 0.5:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.close()
            findings.vanished += 1


async def _watch(gateway: RunningGateway, findings: Findings, seconds: float) -> None:
    for _ in range(int(seconds // 10)):
        await asyncio.sleep(10)
        findings.resident_mib = max(findings.resident_mib, _resident_mib(gateway, "VmRSS"))
        findings.during = await census(gateway)


def _resident_mib(gateway: RunningGateway, name: str) -> float:
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) / 1024


async def census(gateway: RunningGateway) -> dict[str, int]:
    """Ask the gateway to count itself."""
    counted = gateway.log.count('"event": "census"')
    os.kill(gateway.process.pid, signal.SIGUSR1)
    async with asyncio.timeout(20):
        while gateway.log.count('"event": "census"') == counted:  # noqa: ASYNC110  another process writes
            await asyncio.sleep(0.05)
    line = [line for line in gateway.log.splitlines() if '"event": "census"' in line][-1]
    return {name: value for name, value in json.loads(line).items() if isinstance(value, int)}


def report(found: Findings) -> str:
    """Say in four lines what was found."""
    return (
        f"median latency {1000 * statistics.median(found.quiet_s):.1f} ms quiet ({len(found.quiet_s)} mails),"
        f" {1000 * statistics.median(found.busy_s):.1f} ms in the crowd ({len(found.busy_s)} mails):"
        f" x{found.slowdown:.2f}\n"
        f"{found.deferred} deferred, {found.dripped} octets dripped, {found.vanished} vanished\n"
        f"resident {found.resident_mib:.0f} MiB at most\n"
        f"before {found.before}\nduring {found.during}\nafter  {found.after}\nleaks: {found.leaks or 'none'}"
    )


def main() -> int:
    """Run from the command line; the exit code is 1 if ordinary mail had to wait or something leaked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--drip", type=int, default=500)
    parser.add_argument("--idle", type=int, default=500)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(soak(Path(folder), seconds=wanted.seconds, drip=wanted.drip, idle=wanted.idle))
    print(report(found))
    return int(found.slowdown > 2 or bool(found.leaks))


if __name__ == "__main__":
    raise SystemExit(main())
