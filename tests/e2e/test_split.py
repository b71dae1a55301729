"""An LMTP mailbox server that takes a mail for one recipient and defers it for another."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.running import SAMPLES, RunningGateway
from tests.e2e.traces import card_data_in

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()


class MailboxServer:
    """Speaks LMTP; ``later@`` is deferred after the data the first time. ``stored`` lists (recipient, content)."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, bytes]] = []
        self.deferred = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the gateway is killed
            self._dialogue(connection)

    def _dialogue(self, connection: socket.socket) -> None:
        recipients: list[str] = []
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 mailbox LMTP\r\n")
            while line := lines.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipients.append(line.decode().partition("<")[2].partition(">")[0])
                if verb in (b"MAIL", b"RSET"):
                    recipients.clear()
                if verb != b"DATA":
                    lines.write({b"LHLO": b"250 mailbox\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
                    continue
                lines.write(b"354 go\r\n")
                content = b"".join(iter(lines.readline, b".\r\n"))
                for recipient in recipients:
                    if recipient.startswith("later@") and not self.deferred:
                        self.deferred += 1
                        lines.write(b"451 4.2.1 busy\r\n")
                    else:
                        self.stored.append((recipient, content))
                        lines.write(b"250 2.0.0 stored\r\n")

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def mailbox() -> Iterator[MailboxServer]:
    """A mailbox server on a free port."""
    server = MailboxServer()
    yield server
    server.close()


def test_the_deferred_recipient_gets_the_redacted_mail_later(tmp_path: Path, mailbox: MailboxServer) -> None:
    """The client hears 250 once; the deferred copy waits redacted on disk, survives kill -9, and arrives once."""
    gateway = RunningGateway.start(tmp_path, next_hop=f"lmtp://127.0.0.1:{mailbox.port}")
    try:
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
            recipients = ["orders@shop.example", "later@shop.example"]
            assert client.sendmail("anna.weber@customer.example", recipients, CARD_MAIL) == {}
        assert [recipient for recipient, _ in mailbox.stored] == ["orders@shop.example"]
        assert mailbox.deferred == 1
        gateway.kill()
        assert card_data_in(tmp_path) == []
        with contextlib.closing(sqlite3.connect(tmp_path / "state/pansentry.db")) as outbox, outbox:
            ((waits, copy),) = outbox.execute("SELECT forward_paths, message FROM outbox WHERE kind = 'deferred'")
            assert "later@shop.example" in waits
            assert b"XXXX XXXX XXXX 1881" in copy
            outbox.execute("UPDATE outbox SET due_at = 0")  # the test does not wait for the back-off
        gateway.restart()
        deadline = time.monotonic() + 90
        while len(mailbox.stored) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert sorted(recipient for recipient, _ in mailbox.stored) == ["later@shop.example", "orders@shop.example"]
        assert all(b"XXXX XXXX XXXX 1881" in content for _, content in mailbox.stored)
    finally:
        gateway.stop()
