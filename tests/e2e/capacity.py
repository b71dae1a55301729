"""What a mail of each kind costs one gateway: CPU of all its processes, as the kernel charges it, for different mails.

One process, SQLite, Maildir behind it, SMTP on one connection: the whole way, letters and events included. CPU says
more than a rate where other programs use the machine too; one core carries a thousand divided by it. Mails without a
card come first: whoever sent one is read more closely for a while, because a code may follow.
"""

from __future__ import annotations

import random
import smtplib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.bench.mails import mail, on_the_wire
from tests.bench.processes import cpu_s
from tests.documents.cards import card_picture_of
from tests.documents.pdfs import plain as pdf
from tests.e2e.running import RunningGateway
from tests.specimens import PUBLISHED

NUMBER = PUBLISHED["visa"][0]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail: ``make`` returns the n-th, ``count`` are sent after ``warm`` that do not count."""

    what: str
    count: int
    make: Callable[[int], bytes]
    warm: int = 3


def _with(data: bytes, name: str, kind: str, number: int) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "anna@customer.example", "orders@shop.example"
    message["Subject"], message["Message-ID"] = "papers", f"<{number}.{name}@customer.example>"
    message.set_content("Please find it attached.\n")
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def _text(size: str, *, card: bool = False) -> Callable[[int], bytes]:
    return lambda n: on_the_wire(mail(size, "plain", card=card, seed=n))


def _pdf(n: int, *, card: bool) -> bytes:
    number = NUMBER if card else f"invoice {n}"
    return _with(pdf(number, random.Random(n)), "invoice.pdf", "application/pdf", n)


def kinds(scale: float) -> Iterable[Kind]:
    """Return what is measured; ``scale`` is how many of each, 1 for the figures in the docs."""
    for what, count, make in (
        ("text, 2 KB", 400, _text("2k")),
        ("text, 20 KB", 100, _text("20k")),
        ("a PDF of one page", 40, lambda n: _pdf(n, card=False)),
        ("text, 2 KB, with a card", 200, _text("2k", card=True)),
        ("a PDF of one page, with a card", 20, lambda n: _pdf(n, card=True)),
        ("a photo of a card", 12, lambda n: _with(card_picture_of(n, 1).data, "photo.jpg", "image/jpeg", n)),
    ):
        yield Kind(what, max(2, round(count * scale)), make)


def measure(folder: Path, scale: float = 1.0) -> list[tuple[str, int, float]]:
    """Return for each kind how many were sent and the CPU milliseconds of one."""
    gateway = RunningGateway.start(folder, extra="limits: {messages_per_minute_per_client: 100000}")
    costs = []
    try:
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=120) as client:
            for kind in kinds(scale):
                made = [kind.make(n) for n in range(kind.count + kind.warm)]
                for message in made[: kind.warm]:
                    client.sendmail("anna@customer.example", ["orders@shop.example"], message)
                before = cpu_s(gateway.process.pid)
                for message in made[kind.warm :]:
                    client.sendmail("anna@customer.example", ["orders@shop.example"], message)
                costs.append((kind.what, kind.count, 1000 * (cpu_s(gateway.process.pid) - before) / kind.count))
    finally:
        gateway.stop()
    return costs
