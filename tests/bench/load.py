"""Load and probes: ``smtp-source`` for throughput, one timed SMTP session for latency and blocked loops."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import processes
from tests.bench.mails import PAYER, RECIPIENT, SENDER
from tests.bench.targets import Target, program

SESSIONS = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: a file of mails without a card, one with, the share of the latter; on fresh connections or not."""

    clean: Path
    card: Path
    share: float = 0.0
    reuse: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """One run against one target."""

    per_s: float
    cpu_ms: float | None


@dataclass(slots=True)
class Cell:
    """All rounds of one load: per target name its runs, round by round."""

    octets: int
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def per_s(self, name: str) -> float:
        return statistics.median(run.per_s for run in self.runs[name])

    def cpu_ms(self, name: str) -> float | None:
        """Median CPU milliseconds per message."""
        taken = [run.cpu_ms for run in self.runs.get(name, ()) if run.cpu_ms is not None]
        return statistics.median(taken) if taken else None

    def ratio(self, name: str, to: str) -> float | None:
        """Median over the rounds of the rate of ``name`` divided by that of ``to``."""
        if name not in self.runs or to not in self.runs:
            return None
        pairs = zip(self.runs[name], self.runs[to], strict=True)
        return statistics.median(run.per_s / other.per_s for run, other in pairs)


def measure(targets: list[Target], load: Load, rounds: int, seconds: float, most: int) -> Cell:
    """Run every target once a round, starting from another one each time."""
    cell = Cell(load.clean.stat().st_size, {})
    count: dict[str, int] = {}
    for target in targets:
        try:
            count[target.name] = _calibrate(target, load, seconds, most)
        except RuntimeError as refused:  # one that takes no such mail has no figures, the others have
            print(f"left out: {refused}")
    able = [target for target in targets if target.name in count]
    cell.runs = {target.name: [] for target in able}
    for number in range(rounds):
        at = number % len(able)
        for target in able[at:] + able[:at]:
            cell.runs[target.name].append(blast(target, load, count[target.name]))
    return cell


def _calibrate(target: Target, load: Load, seconds: float, most: int) -> int:
    for mail in {load.clean, load.card} if load.share else {load.clean}:
        _source(target, mail, 1, 1, load.reuse).communicate(timeout=180)  # what opens documents has not started yet
    fewest = max(2 * SESSIONS, min(most, round(1 / load.share) if load.share else 0))
    first = blast(target, load, fewest)
    count = int(max(fewest, min(most, first.per_s * seconds / 3)))
    return int(max(fewest, min(most, blast(target, load, count).per_s * seconds)))


def blast(target: Target, load: Load, count: int) -> Run:
    """Send ``count`` messages in ten sessions; those with a card in one of them."""
    with_card = max(1, round(count * load.share)) if load.share else 0
    before = _cpu_s(target)
    begin = time.perf_counter()
    sources = [_source(target, load.clean, count - with_card, SESSIONS - bool(with_card), load.reuse)]
    if with_card:
        sources.append(_source(target, load.card, with_card, 1, load.reuse))
    for source in sources:
        _, errors = source.communicate(timeout=180)
        if source.returncode:
            raise RuntimeError(f"smtp-source to {target.name}: {errors.decode()[-200:]}")
    took = time.perf_counter() - begin
    cpu_ms = (_cpu_s(target) - before) / count * 1000 if target.pid else None
    return Run(count / took, cpu_ms)


def _cpu_s(target: Target) -> float:
    return sum(processes.cpu_s(pid) for pid in (target.pid, *target.helpers) if pid)


def _source(target: Target, mail: Path, count: int, sessions: int, reuse: bool) -> subprocess.Popen[bytes]:
    sender = PAYER if mail.stem.endswith("-card") else SENDER
    command = [str(program("smtp-source")), "-4", "-s", str(sessions), "-m", str(count), "-f", sender, "-t", RECIPIENT]
    command += ["-M", "client.bench.example", "-F", str(mail), *(["-d"] if reuse else []), f"127.0.0.1:{target.port}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Session:
    """One SMTP session, timed."""

    def __init__(self, target: Target) -> None:
        self._socket = socket.create_connection(("127.0.0.1", target.port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._answer()
        self.command(b"EHLO client.bench.example")

    def command(self, line: bytes) -> None:
        """Send a command and wait for its answer."""
        self._socket.sendall(line + b"\r\n")
        self._answer()

    def send(self, wire: bytes) -> float:
        """Send a mail; return the milliseconds from MAIL to the final 250."""
        begin = time.perf_counter()
        self.command(b"MAIL FROM:<" + SENDER.encode() + b">")
        self.command(b"RCPT TO:<" + RECIPIENT.encode() + b">")
        self.command(b"DATA")
        self._socket.sendall(wire)
        self._answer()
        return (time.perf_counter() - begin) * 1000

    def close(self) -> None:
        self._socket.close()

    def _answer(self) -> None:
        while True:
            line = self._answers.readline()
            if line[:1] not in (b"2", b"3"):
                raise RuntimeError(f"answered {line!r}")
            if line[3:4] != b"-":
                return


def latency_ms(target: Target, mail: Path, count: int, *, loaded: bool) -> tuple[float, float]:
    """Return p50 and p99 from MAIL to the final 250, idle or beside nine saturating sessions."""
    wire = on_the_wire(mail)
    beside = _source(target, mail, 1_000_000, 9, True) if loaded else None
    try:
        if loaded:
            time.sleep(0.3)
        session = Session(target)
        for _ in range(5):
            session.send(wire)
        taken = sorted(session.send(wire) for _ in range(count))
        session.close()
    finally:
        if beside is not None:
            beside.kill()
            beside.communicate()
    return taken[count // 2], taken[min(count - 1, int(count * 0.99))]


def waits_ms(target: Target, beside: Path, small: Path, count: int) -> tuple[float, float]:
    """Return p99 and maximum of the time a small mail takes while ``count`` large ones arrive one after the other.

    What the sink makes it wait is in it: smtp-sink reads a mail to its end before it looks at anybody else.
    """
    wire = on_the_wire(small)
    waits: list[float] = []
    session = Session(target)
    session.send(wire)
    source = _source(target, beside, count, 1, True)
    while source.poll() is None:
        waits.append(session.send(wire))
        time.sleep(0.001)
    session.close()
    source.communicate()
    waits.sort()
    return (waits[int(len(waits) * 0.99)], waits[-1]) if waits else (0.0, 0.0)


_COMMANDS_A_SESSION = 40
"""A hundred without mail are allowed."""


def blocked_ms(target: Target, beside: Path, count: int) -> tuple[float, float]:
    """Return p99 and maximum of the time MAIL and RSET take while ``count`` large mails arrive one after the other.

    The gateway answers them by itself, so the longest wait is what its loop was blocked for, and what the system let
    it and us wait for a processor.
    """
    waits: list[float] = []
    source = _source(target, beside, count, 1, True)
    while source.poll() is None:
        session = Session(target)
        for _ in range(_COMMANDS_A_SESSION):
            begin = time.perf_counter()
            session.command(b"MAIL FROM:<" + SENDER.encode() + b">")
            session.command(b"RSET")
            waits.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.0005)
        session.close()
    source.communicate()
    waits.sort()
    return waits[int(len(waits) * 0.99)], waits[-1]


def on_the_wire(mail: Path) -> bytes:
    """Return a mail as it is sent after DATA."""
    return mail.read_bytes().replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..") + b".\r\n"


QUIET_S = 15
"""Workers with nothing to do end after ten seconds."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MB: at rest, at most while ten large mails arrive at once, and some time later."""

    rest: float
    peak: float
    after: float


def memory_mb(target: Target, mail: Path, *, quiet_s: float = QUIET_S) -> tuple[Memory, Memory]:
    """Return the memory of the gateway's process, and of it and its workers together."""
    own, all_ = [processes.resident_mb(target.pid, alone=True)], [processes.resident_mb(target.pid)]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            own.append(processes.resident_mb(target.pid, alone=True))
            all_.append(processes.resident_mb(target.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        blast(target, Load(mail, mail), SESSIONS)
    finally:
        over.set()
        watcher.join()
    time.sleep(quiet_s)
    return (
        Memory(own[0], max(own), processes.resident_mb(target.pid, alone=True)),
        Memory(all_[0], max(all_), processes.resident_mb(target.pid)),
    )


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))
