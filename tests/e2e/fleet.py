"""A fleet on loopback, all from Debian: Postfix (queue, TLS) → HAProxy (PROXY v2) → gateways → Dovecot, PostgreSQL.

The files in ``deploy/fleet/`` are used as they are; only addresses are put in their place and waits are shortened.
:func:`exercise` sends mail through it while a gateway is killed, all are restarted in turn and the database stops, and
returns what became of every message.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from tests.e2e.peers import (
    Dovecot,
    Postfix,
    free_port,
    maildir_messages,
    need,
    open_to_daemons,
    stop,
    wait_for_port,
)
from tests.e2e.postgres import Postgres
from tests.e2e.written import note
from tests.specimens import PUBLISHED

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "deploy/fleet"
OPEN = Path(__file__).parent / "policies"
"""Letters to anybody: nobody authenticates senders on loopback."""
NUMBERS = PUBLISHED["visa"] + PUBLISHED["mastercard"]
CARD_EVERY = 5
"""One message in so many holds a card."""
SENDER_DOMAINS = 40
"""The budget of letters for one domain is not what is tested."""
_MARK = re.compile(rb"^X-Fleet-Number: (\d+)\r?$", re.M)
_TO = re.compile(rb"^To: <?([^>\r\n]+)>?\r?$", re.M | re.I)


@dataclass
class Node:
    """One gateway with a folder and a port of its own."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        note(self.folder)
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pansentry", "serve", "-c", str(self.folder / "pansentry.yaml")],
                stdout=log, stderr=log, env=self.environment,
            )  # fmt: skip
        try:
            wait_for_port(self.port, "pansentry serve", self.process)
        except RuntimeError as failed:
            raise RuntimeError(f"{failed}\n{self.log[-3000:]}") from None

    def stop(self) -> None:
        """Let it drain."""
        if self.process is not None:
            stop(self.process, timeout_s=40)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    @property
    def log(self) -> str:
        return (self.folder / "gateway.log").read_text(errors="replace")


@dataclass
class Fleet:
    """All of it. ``postfix.port`` is where the world delivers."""

    folder: Path
    postgres: Postgres
    dovecot: Dovecot | None = None
    haproxy: subprocess.Popen[bytes] | None = None
    postfix: Postfix | None = None
    nodes: list[Node] = field(default_factory=list)
    store: str = ""

    @classmethod
    def start(cls, folder: Path, *, nodes: int = 2, without_store: str = "deliver") -> Fleet:
        """Start everything in ``folder``; nothing keeps running if a part does not start."""
        program = need("haproxy", "haproxy")
        open_to_daemons(folder)
        for name in ("dovecot", "postfix", "policies"):
            (folder / name).mkdir()
        self = cls(folder, Postgres.start(folder / "postgres", durable=True))
        try:
            self.dovecot = Dovecot.start(folder / "dovecot")
            self.store = self.postgres.make_database()
            (folder / "secret").write_text("a secret that all gateways of this fleet share")
            front, ports = free_port(), [free_port() for _ in range(nodes)]
            self._start_postfix(front)
            for number, port in enumerate(ports, 1):
                self.nodes.append(self._node(number, port, without_store))
            for node in self.nodes:
                node.start()
            self._start_haproxy(program, front, ports)
        except BaseException:
            self.stop()
            raise
        return self

    def _start_postfix(self, front: int) -> None:
        folder = self.folder / "postfix"
        authority = trustme.CA()
        certificate = authority.issue_cert("mx.shop.example")
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
        authority.cert_pem.write_to_path(self.folder / "authority.pem")
        (folder / "customers").write_text("/^c[0-9]+\\.example$/ here\n")
        recipe = (RECIPE / "postfix-main.cf").read_text().replace("[10.0.0.10]:10125", f"[127.0.0.1]:{front}")
        recipe = recipe.replace("= 60s", "= 2s")
        self.postfix = Postfix.start(
            folder,
            extra=f"""{recipe}
relay_recipient_maps = inline:{{ orders@shop.example=here, second@shop.example=here }}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/tls.pem
smtpd_tls_key_file = {folder}/tls.pem
maximal_backoff_time = 5s
virtual_mailbox_domains = regexp:{folder}/customers
virtual_mailbox_maps = static:letters/
""",
        )

    def _node(self, number: int, port: int, without_store: str) -> Node:
        assert self.postfix is not None
        assert self.dovecot is not None
        folder = self.folder / f"gateway{number}"
        (folder / "policies").mkdir(parents=True)
        for file in OPEN.glob("*.yaml"):
            (folder / "policies" / file.name).write_bytes(file.read_bytes())
        text = (RECIPE / "pansentry.yaml").read_text()
        for there, here in (
            ("gateway1.shop.example", f"gateway{number}.shop.example"),
            ("10.0.0.11:10125", f"127.0.0.1:{port}"),
            ("10.0.0.10", "127.0.0.1"),
            ("[10.0.0.9]", "[127.0.0.1]"),
            ("10.0.0.20:24", f"127.0.0.1:{self.dovecot.lmtp_port}"),
            ("10.0.0.9:10126", f"127.0.0.1:{self.postfix.reinjection_port}"),
            ("without_store: deliver", f"without_store: {without_store}"),
            ("/etc/pansentry/policies", f"{folder}/policies"),
            ("/var/lib/pansentry", f"{folder}/state"),
        ):
            assert there in text, there
            text = text.replace(there, here)
        (folder / "pansentry.yaml").write_text(text)
        (folder / "store").write_text(self.store)
        environment = os.environ | {
            "PANSENTRY_SECRET_FILE": str(self.folder / "secret"),
            "PANSENTRY_STORE_FILE": str(folder / "store"),
        }
        return Node(folder, port, environment)

    def _start_haproxy(self, program: str, front: int, ports: list[int]) -> None:
        text = (RECIPE / "haproxy.cfg").read_text().replace("10.0.0.10:10125", f"127.0.0.1:{front}")
        text = "\n".join(line for line in text.splitlines() if not line.strip().startswith("server "))
        text += "".join(f"\n    server gateway{n} 127.0.0.1:{port}" for n, port in enumerate(ports, 1)) + "\n"
        (self.folder / "haproxy.cfg").write_text(text)
        with (self.folder / "haproxy.log").open("ab") as log:
            self.haproxy = subprocess.Popen(
                [program, "-db", "-f", str(self.folder / "haproxy.cfg")], stdout=log, stderr=log
            )
        wait_for_port(front, "HAProxy", self.haproxy)

    def stop(self) -> None:
        """Stop everything that was started, by process id."""
        if self.haproxy is not None:
            stop(self.haproxy)
        for node in self.nodes:
            node.stop()
        if self.postfix is not None:
            self.postfix.stop()
        if self.dovecot is not None:
            self.dovecot.stop()
        (self.folder / "database.sql").write_text(self.postgres.dump())
        note(self.folder)
        self.postgres.stop()

    def mailbox(self) -> list[bytes]:
        """Return the messages that were delivered."""
        assert self.dovecot is not None
        return self.dovecot.messages("orders")

    def files(self) -> int:
        """Count messages in the mailbox without reading them."""
        return sum(
            len(os.listdir(folder)) for folder in (self.folder / "dovecot/mail/orders/Maildir").glob("[cn][ue][rw]")
        )

    def delivered(self) -> Counter[int]:
        """Return how often each message lies in the mailbox."""
        found = (_MARK.search(message) for message in self.mailbox())
        return Counter(int(match[1]) for match in found if match)

    def unredacted(self) -> int:
        """Count messages in the mailbox in which a card number can be read."""
        wanted = [number.encode() for number in NUMBERS]
        return sum(any(number in message for number in wanted) for message in self.mailbox())

    def letters(self) -> Counter[str]:
        """Return how many letters each customer has got."""
        assert self.postfix is not None
        found = (_TO.search(message) for message in maildir_messages(self.postfix.mailbox / "letters"))
        return Counter(match[1].decode().strip() for match in found if match)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the messages of a run."""

    sent: int
    with_card: int
    lost: int
    doubles: int
    unredacted: int
    customers: int
    letters: int
    most_letters_to_one: int
    sending_s: float
    all_there_s: float

    def __str__(self) -> str:
        return (
            f"{self.sent} messages ({self.with_card} with a card), {self.lost} lost, {self.unredacted} unredacted, "
            f"{self.doubles} delivered twice; {self.letters} letters to {self.customers} customers, at most "
            f"{self.most_letters_to_one} each; sent in {self.sending_s:.1f} s, all delivered after "
            f"{self.all_there_s:.1f} s ({self.sent / self.all_there_s:.0f}/s)"
        )


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happens once so much of the mail is sent: at first ``strike``, and the rest beside what comes
    after."""

    share: float
    what: str
    strike: Callable[[], None]
    run: Callable[[], None]
    begun: threading.Event = field(default_factory=threading.Event)


def message(number: int) -> tuple[str, bytes]:
    """Return sender and bytes of a message; every fifth one holds a card, and a customer sends five of those."""
    cards, holds_card = number // CARD_EVERY, number % CARD_EVERY == 0
    customer = cards // 5 if holds_card else number
    sender = f"{'anna' if holds_card else 'ben'}{customer}@c{customer % SENDER_DOMAINS}.example"
    text = f"my card is {NUMBERS[cards % len(NUMBERS)]}, please book it" if holds_card else "when do you open?"
    lines = (
        f"From: <{sender}>", "To: <orders@shop.example>", "Subject: a table for two", f"X-Fleet-Number: {number}",
        f"Message-ID: <{number}@{sender.partition('@')[2]}>", "Date: Sun, 22 Nov 2026 10:00:00 +0000",
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", "", "Hello,", "", text, "", "Regards", "",
    )  # fmt: skip
    return sender, "\r\n".join(lines).encode()


def send(fleet: Fleet, numbers: range, sent: list[int], over_s: float, incidents: Sequence[Incident]) -> None:
    """Hand messages to Postfix under TLS on one connection, not faster than in ``over_s``; ``sent`` grows with them.

    What comes after an incident's share of the messages waits until that incident has begun, so that it meets some.
    """
    assert fleet.postfix is not None
    context = ssl.create_default_context(cafile=str(fleet.folder / "authority.pem"))
    context.check_hostname = False  # it is called 127.0.0.1 here
    with smtplib.SMTP("127.0.0.1", fleet.postfix.port, "client.example", timeout=120) as client:
        client.starttls(context=context)
        started = time.monotonic()
        for position, number in enumerate(numbers):
            time.sleep(max(0.0, started + position * over_s / len(numbers) - time.monotonic()))
            for incident in incidents:
                if position >= incident.share * len(numbers):
                    incident.begun.wait(300)
            sender, content = message(number)
            client.sendmail(sender, ["orders@shop.example"], content)
            sent.append(number)


def exercise(
    fleet: Fleet,
    count: int,
    *,
    calm: bool = False,
    over_s: float = 0,
    deadline_s: float = 600,
    say: Callable[[str], None] = print,
) -> Result:
    """Send ``count`` messages, with all that can happen to a fleet while they are under way; wait for the last one."""
    sent: list[int] = []
    senders, each = 4, -(-count // 4)
    started = time.monotonic()
    with ThreadPoolExecutor(senders) as pool:
        shares = [range(n * each, min(count, (n + 1) * each)) for n in range(senders)]
        incidents = () if calm else _incidents(fleet)
        jobs = [pool.submit(send, fleet, share, sent, over_s, incidents) for share in shares]
        for incident in incidents:
            while len(sent) < count * incident.share and not all(job.done() for job in jobs):
                time.sleep(0.02)
            say(f"{time.monotonic() - started:6.1f} s, {len(sent)} sent: {incident.what}")
            incident.strike()
            incident.begun.set()
            incident.run()
        for job in jobs:
            job.result()
    sending_s = time.monotonic() - started
    while fleet.files() < count or len(fleet.delivered()) < count:
        if time.monotonic() - started > deadline_s:
            break
        time.sleep(0.2)
    all_there_s = time.monotonic() - started
    _wait_for_letters(fleet)
    delivered, letters = fleet.delivered(), fleet.letters()
    cards = len(range(0, count, CARD_EVERY))
    return Result(
        count, cards, count - len(delivered), sum(delivered.values()) - len(delivered), fleet.unredacted(),
        -(-cards // 5), sum(letters.values()), max(letters.values(), default=0), sending_s, all_there_s,
    )  # fmt: skip


def _incidents(fleet: Fleet) -> tuple[Incident, ...]:
    def kill() -> None:
        fleet.nodes[1].kill()
        time.sleep(2)
        fleet.nodes[1].start()

    def roll() -> None:
        for node in fleet.nodes:
            node.stop()
            node.start()

    def end_the_outage() -> None:
        time.sleep(3)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any("store.failed" in node.log for node in fleet.nodes):
            time.sleep(0.1)  # until some mail has met it
        fleet.postgres.run()

    return (
        Incident(0.2, "one gateway is killed, and comes back after two seconds", lambda: None, kill),
        Incident(0.45, "every gateway is restarted, one after the other", lambda: None, roll),
        Incident(
            0.7,
            "the database is cut off, and comes back after three seconds",
            lambda: fleet.postgres.stop(at_once=True),
            end_the_outage,
        ),
    )


def _wait_for_letters(fleet: Fleet) -> None:
    """Wait until no letter is due and none has come for two seconds, a minute at most."""
    database = fleet.store.rpartition("/")[2].partition("?")[0]
    due = f"SELECT count(*) FROM outbox WHERE due_at < {time.time() + 5}"
    before, quiet_since, deadline = -1, time.monotonic(), time.monotonic() + 60
    while time.monotonic() < min(deadline, quiet_since + 2):
        now = sum(fleet.letters().values())
        if now != before or fleet.postgres.psql(due, database) != "0":
            before, quiet_since = now, time.monotonic()
        time.sleep(0.2)
