"""Documents on a running gateway: opened by workers, rewritten, delivered; bombs beside other mail."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest
from tests.documents import archives, bombs, pdfs, readers
from tests.e2e.running import SAMPLES, SHIPPED, RunningGateway
from tests.e2e.traces import card_data_in

NUMBER = "5555555555554444"
RNG = random.Random(1)
CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway with the shipped policies."""
    running = RunningGateway.start(tmp_path, policies=SHIPPED)
    yield running
    running.stop()


def mail(*attachments: tuple[str, bytes], text: str = "Please see the attachment.") -> bytes:
    """Return a mail with attachments, all labelled as unknown binary data: what they are is for us to see."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "anna@customer.example", "orders@shop.example", "Order"
    message.set_content(text)
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes(policy=policy.SMTP)


def send(port: int, raw: bytes) -> int:
    """Send a mail and return the code of the last answer."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo("laptop.customer.example")
        client.mail("anna@customer.example")
        client.rcpt("orders@shop.example")
        return client.data(raw)[0]


def attachments(raw: bytes) -> dict[str, bytes]:
    """Return the attachments of a delivered mail by name."""
    message = message_from_bytes(raw, policy=policy.default)
    return {str(part.get_filename()): bytes(part.get_payload(decode=True)) for part in message.iter_attachments()}


def events(folder: Path, count: int) -> list[dict[str, object]]:
    """Return the events of messages, once there are so many (the store writes them in batches)."""
    until = time.monotonic() + 60
    while True:
        with contextlib.closing(sqlite3.connect(folder / "state/pansentry.db")) as store:
            rows = [json.loads(row[0]) for row in store.execute("select fields from events where kind = 'message'")]
        if len(rows) >= count or time.monotonic() > until:
            return rows
        time.sleep(0.2)


def test_documents_are_delivered_without_what_was_in_them(gateway: RunningGateway, tmp_path: Path) -> None:
    """A PDF and a ZIP arrive under their names, rewritten; no reader shows the number, and nothing of it is kept."""
    sent = {
        "order.pdf": pdfs.plain(NUMBER, RNG),
        "all.zip": archives.zip_of_pdf(NUMBER, RNG),
        "clean.pdf": pdfs.plain("1234", RNG),
    }
    assert send(gateway.port, mail(*sent.items())) == 250
    (delivered,) = gateway.delivered
    got = attachments(delivered)
    assert list(got) == list(sent)
    assert got["clean.pdf"] == sent["clean.pdf"]
    assert not readers.leaks(NUMBER, readers.pdf(got["order.pdf"]))
    assert not readers.leaks(NUMBER, readers.archive(got["all.zip"]))
    with zipfile.ZipFile(io.BytesIO(got["all.zip"])) as opened:
        assert opened.read("kept.txt") == archives.KEPT
    assert b"removed pan=1" in delivered.replace(b"\r\n\t", b" ").replace(b"\r\n ", b" ")
    (event,) = events(tmp_path, 1)
    assert "document:pdf:page 1" in str(event["places"])
    gateway.stop()
    assert card_data_in(tmp_path) == []


def test_clean_documents_pass_as_they_are(gateway: RunningGateway) -> None:
    """A mail with clean documents arrives with every byte of its body, and is not called unscanned."""
    raw = mail(("a.pdf", pdfs.plain("1234", RNG)), ("b.zip", archives.zipped(("a.txt", b"nothing"))))
    assert send(gateway.port, raw) == 250
    (delivered,) = gateway.delivered
    assert delivered.replace(b"\r\n", b"\n").endswith(raw.replace(b"\r\n", b"\n"))
    assert b"unscanned" not in delivered


def test_what_could_not_be_read_is_said(gateway: RunningGateway) -> None:
    """An encrypted PDF goes through under the default policy, and the mail says that it was not read."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.plain(NUMBER, RNG))) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user="b", R=6))
    assert send(gateway.port, mail(("order.pdf", out.getvalue()))) == 250
    (delivered,) = gateway.delivered
    assert attachments(delivered)["order.pdf"] == out.getvalue()
    assert b"unread=encrypted" in delivered


def test_a_code_in_the_mail_belongs_to_a_card_in_the_document(gateway: RunningGateway) -> None:
    """What stands alone in the mail is read as a code because the attachment holds the card."""
    raw = mail(("card.zip", archives.zip_deflated(NUMBER, RNG)), text="and the rest is 09/28 737")
    assert send(gateway.port, raw) == 250
    (delivered,) = gateway.delivered
    assert b"XX/XX XXX" in delivered


_SENDER = """
import smtplib, sys, time
for path in sys.argv[2:]:
    raw = open(path, "rb").read()
    start = time.monotonic()
    with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60) as client:
        client.ehlo("laptop.customer.example")
        client.mail("anna@customer.example")
        client.rcpt("orders@shop.example")
        print(client.data(raw)[0], round(time.monotonic() - start, 1))
"""
"""Sends in a process of its own, so that what it costs to send is not measured as latency."""
MOST_AT_ONCE = 400
"""Mails as fast as they can be sent; who comes more often than ten times a second is told to wait in the end."""
BOMBS = ("forty_two", "ten_gigabytes", "laughs_in_docx", "million_kids", "many_members", "form_loop", "huge_picture")


def test_bombs_are_events_and_other_mail_flows(gateway: RunningGateway, tmp_path: Path) -> None:
    """Each bomb is an event; none keeps other mail waiting, and no process grows beyond its limit.

    Latencies are printed, not asserted: they are measured by ``scripts/bench-documents`` on a quiet machine.
    """
    made = {name: bombs.BOMBS[name]() for name in BOMBS}
    send(gateway.port, mail(("first.zip", archives.zipped(("a.txt", b"nothing")))))  # a worker is up
    usual = [_timed(gateway.port) for _ in range(20)]
    files = []
    for name, data in made.items():
        (tmp_path / f"{name}.eml").write_bytes(mail((f"{name}.bin", data)))
        files.append(f"{tmp_path}/{name}.eml")
    sender = subprocess.Popen([sys.executable, "-c", _SENDER, str(gateway.port), *files], stdout=subprocess.PIPE)
    meanwhile: list[float] = []
    peak = 0
    while sender.poll() is None:
        meanwhile.append(_timed(gateway.port))
        if len(meanwhile) % 5 == 0:  # looking costs as much as a mail
            peak = max([peak, *_resident(gateway.process.pid)])
        time.sleep(0.02 if len(meanwhile) < MOST_AT_ONCE else 0.1)
    told, _ = sender.communicate()
    answers = [line.split() for line in told.decode().splitlines()]
    codes = {name: int(code) for name, (code, _) in zip(made, answers, strict=True)}
    print(f"bombs: {', '.join(f'{name} {row[1]} s {row[0]}' for name, row in zip(made, answers, strict=True))}")
    print(f"other mail: {statistics.median(usual):.4f} s before, {statistics.median(meanwhile):.4f} s meanwhile")
    print(f"largest worker: {peak >> 20} MiB")
    assert all(code // 100 in (2, 4, 5) for code in codes.values())
    assert codes["forty_two"] == 554
    assert meanwhile
    shared = psutil.Process(gateway.process.pid).memory_info().rss  # pages of the gateway, which each counts as its own
    assert peak < 512 * 1024 * 1024 + shared
    recorded = events(tmp_path, len(BOMBS) + len(usual) + len(meanwhile) + 1)
    assert sum(bool(event["unreadable"]) and str(event["unreadable"]) != "[]" for event in recorded) >= len(BOMBS)


def _timed(port: int) -> float:
    start = time.monotonic()
    assert send(port, CLEAN_MAIL) == 250
    return time.monotonic() - start


def _resident(pid: int) -> list[int]:
    sizes = []
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            sizes.append(child.memory_info().rss)
    return sizes


def test_no_worker_is_left_behind(tmp_path: Path) -> None:
    """When the gateway stops, and when it is killed, its workers end with it."""
    running = RunningGateway.start(tmp_path)
    send(running.port, mail(("a.zip", archives.zip_deflated(NUMBER, RNG))))
    children = psutil.Process(running.process.pid).children(recursive=True)
    assert children
    running.kill()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def test_redact_takes_documents_from_the_command_line(tmp_path: Path) -> None:
    """``pansentry redact`` writes a document without card data; one that cannot be rewritten is held (exit code 3)."""
    (tmp_path / "in.pdf").write_bytes(pdfs.plain(NUMBER, RNG))
    command = [sys.executable, "-m", "pansentry", "redact", f"{tmp_path}/in.pdf", "-o", f"{tmp_path}/out.pdf"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert not readers.leaks(NUMBER, readers.pdf((tmp_path / "out.pdf").read_bytes()))
    (tmp_path / "huge.pdf").write_bytes(bombs.huge_page())
    command[4:] = [f"{tmp_path}/huge.pdf", "-o", f"{tmp_path}/huge-out.pdf"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, env=os.environ)
    if done.returncode == 0:
        assert b"4111" not in (tmp_path / "huge-out.pdf").read_bytes()
    else:
        assert done.returncode == 3
        assert not (tmp_path / "huge-out.pdf").exists()
