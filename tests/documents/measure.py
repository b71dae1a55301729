"""Measures what becomes of documents that hold a card number: mailed, redacted, and read by programs that are not ours.

Every document goes the whole way of a mail (``pipeline.process`` with workers, as in ``pansentry redact``). A result
is one of: ``redacted`` (nobody shows the number), ``replaced`` (a notice stands there), ``held`` (the mail does not go
out), ``leak`` (somebody still shows it and the mail goes out). A leak is never counted as anything else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.documents import (
    archives,
    foreign_archives,
    legacy,
    more_others,
    more_pdfs,
    more_texts,
    more_workbooks,
    open_documents,
    others,
    pdfs,
    proof,
    readers,
    slides,
    texts,
    third_office,
    third_pdfs,
    third_texts,
    workbooks,
)
from tests.specimens import generated

from pansentry.envelope import Envelope
from pansentry.outcome import Outcome
from pansentry.pan.brands import BRANDS
from pansentry.pipeline import Desk, process
from pansentry.policy import default_policy
from pansentry.workers import Workers
from pansentry.workers.process import Worker

Maker = Callable[[str, random.Random], bytes]
Readers = Callable[[bytes], Iterator[tuple[str, bytes]]]

FAMILIES: dict[str, tuple[dict[str, Maker], Readers | None]] = {
    "pdf": (pdfs.TRICKS, readers.pdf),
    "archives": (archives.TRICKS, readers.archive),
    "docx": (texts.TRICKS, None),
    "xlsx": (workbooks.TRICKS, None),
    "pptx": (slides.TRICKS, None),
    "odf": (open_documents.TRICKS, None),
    "legacy": (legacy.TRICKS, None),
    "others": (others.TRICKS, None),
    "foreign": (foreign_archives.TRICKS, None),
    "pdf-2": (more_pdfs.TRICKS, readers.pdf),
    "texts-2": (more_texts.TRICKS, None),
    "sheets-2": (more_workbooks.TRICKS, None),
    "others-2": (more_others.TRICKS, readers.archive),
    "pdf-3": (third_pdfs.TRICKS, readers.pdf),
    "office-3": (third_office.TRICKS, None),
    "texts-3": (third_texts.TRICKS, readers.archive),
}
"""Name of a family: its makers, and the readers that it needs besides unpacking and searching. The second ones were
written when the readers of the first were done, without looking at them, and so were the third ones."""
KEPT = b"Order 12345 of Monday stays."


@dataclass(slots=True)
class Row:
    """What was measured of one family."""

    documents: int = 0
    found: int = 0
    results: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    kept_of: int = 0
    seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    worst: list[str] = field(default_factory=list)
    redacted: list[tuple[str, str, bytes]] = field(default_factory=list, repr=False)
    """Name, number and new document of what was redacted."""


class Bench:
    """Workers, and the desk that they serve."""

    def __init__(self) -> None:
        self._started: list[Worker] = []
        self.workers = Workers(started=self._started.append)
        self._desk = Desk(default_policy(), examine=self.workers.examine)

    def peak_bytes(self) -> int:
        """Return the most memory that any worker has used."""
        return max((worker.peak_bytes for worker in self._started), default=0)

    def redact(self, data: bytes) -> Outcome:
        """Send a document through as an attachment."""
        return process(mail(data), Envelope(), self._desk)

    def measure(self, makers: dict[str, Maker], shown: Readers | None, seeds: int) -> Row:
        """Make every document of a family with several numbers, redact it, and look."""
        row = Row()
        for name, maker in makers.items():
            for seed in range(seeds):
                rng = random.Random(f"{name} {seed}")
                brand = BRANDS[0] if seed == 0 else rng.choice([b for b in BRANDS if 16 in b.lengths][:6])
                self._one(row, name, maker, generated(brand, 16, rng), rng, shown)
        row.peak_bytes = self.peak_bytes()
        return row

    def _one(self, row: Row, name: str, maker: Maker, number: str, rng: random.Random, shown: Readers | None) -> None:
        data = maker(number, rng)
        start = time.perf_counter()
        outcome = self.redact(data)
        row.seconds.append(time.perf_counter() - start)
        row.documents += 1
        found = any(item.kind == "pan" for item in outcome.found)
        row.found += found
        result = _result(outcome, number, shown)
        row.results[result] = row.results.get(result, 0) + 1
        if result == "redacted":
            row.redacted.append((name, number, attachment(outcome)))
        if not found or result == "leak":
            row.worst.append(f"{name} ({'found' if found else 'not found'}, {result})")
        if result == "redacted" and _has_kept(data, shown):
            row.kept_of += 1
            row.kept += _has_kept(attachment(outcome), shown)


def _result(outcome: Outcome, number: str, shown: Readers | None) -> str:
    if outcome.message is None:
        return "held"
    new = attachment(outcome)
    if proof.holds(outcome.message, number) or proof.holds(new, number):
        return "leak"
    if readers.leaks(number, readers.archive(new)) or (shown is not None and readers.leaks(number, shown(new))):
        return "leak"
    return "replaced" if b"attachment was taken out" in new else "redacted"


def _has_kept(data: bytes, shown: Readers | None) -> bool:
    if proof.shows(data, KEPT.decode()):
        return True
    return any(KEPT in text for _, text in (shown or readers.archive)(data))


def mail(data: bytes) -> bytes:
    """Return a mail with the document as unknown binary data."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "anna@customer.example", "orders@shop.example", "Order"
    message.set_content("Please see the attachment.")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename="order.bin")
    return message.as_bytes(policy=policy.SMTP)


def attachment(outcome: Outcome) -> bytes:
    """Return what stands in the document's place in the mail that goes out."""
    assert outcome.message is not None
    parts = list(message_from_bytes(outcome.message, policy=policy.default).walk())
    return bytes(parts[-1].get_payload(decode=True) or b"")
