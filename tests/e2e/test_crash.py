"""Power cuts: the gateway is killed between the next hop's 250 and its own answer; the client tries again."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from tests.e2e.running import SAMPLES, RunningGateway
from tests.e2e.traces import card_data_in

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()


class StoringHop:
    """A next hop that stores each message, and tells the test when: before and after its final 250."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.before_answer = threading.Event()
        self.hold_answer = threading.Event()
        self.holds = False
        self.after_answer: Callable[[], None] | None = None
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
        with connection, connection.makefile("rwb") as lines:
            try:
                self._dialogue(lines)
            except OSError:
                return

    def _dialogue(self, lines: BinaryIO) -> None:
        def say(text: bytes) -> None:
            lines.write(text + b"\r\n")
            lines.flush()

        say(b"220 hop")
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                say(b"354 go")
                content = []
                while (row := lines.readline()) not in (b".\r\n", b""):
                    content.append(row)
                self.stored.append(b"".join(content))
                self.before_answer.set()
                if self.holds:
                    self.hold_answer.wait(120)
                say(b"250 stored")
                if self.after_answer is not None:
                    self.after_answer()
            elif verb == b"EHLO":
                say(b"250-hop\r\n250 PIPELINING")
            elif verb == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 ok")

    def close(self) -> None:
        self.hold_answer.set()
        self._listening.close()


@pytest.fixture
def hop() -> Iterator[StoringHop]:
    """A next hop whose final answer the test holds back."""
    hop = StoringHop()
    yield hop
    hop.close()


def _send(port: int) -> int:
    """Send the card mail; return the final code, or 0 if the connection broke before one."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail("anna.weber@customer.example", ["orders@shop.example"], CARD_MAIL)
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    except (smtplib.SMTPServerDisconnected, OSError):
        return 0
    return 250


def test_killed_before_the_next_hops_answer(tmp_path: Path, hop: StoringHop) -> None:
    """Killed while the next hop holds its 250 back: the client hears none, tries again, one letter goes out."""
    gateway = RunningGateway.start(tmp_path, next_hop=f"smtp://127.0.0.1:{hop.port}?tls=none")
    try:
        hop.holds = True
        codes: list[int] = []
        client = threading.Thread(target=lambda: codes.append(_send(gateway.port)))
        client.start()
        assert hop.before_answer.wait(60)
        gateway.kill()
        client.join(60)
        assert codes == [0]
        hop.holds = False
        hop.hold_answer.set()
        gateway.restart()
        assert _send(gateway.port) == 250
        assert _letters(gateway) == 1
        assert len(hop.stored) == 2
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


@pytest.mark.parametrize("delay_s", [0.0, 0.001, 0.003, 0.006, 0.01, 0.02, 0.05])
def test_killed_after_the_next_hops_answer(tmp_path: Path, hop: StoringHop, delay_s: float) -> None:
    """Killed just after the next hop said 250: nothing is lost, and however the client goes on, one letter at most."""
    gateway = RunningGateway.start(tmp_path, next_hop=f"smtp://127.0.0.1:{hop.port}?tls=none")
    try:

        def cut() -> None:
            time.sleep(delay_s)
            gateway.kill()

        hop.after_answer = cut
        code = _send(gateway.port)
        hop.after_answer = None
        gateway.restart()
        if code != 250:
            assert _send(gateway.port) == 250
        assert 1 <= len(hop.stored) <= 2
        assert _letters(gateway) <= 1
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


def _letters(gateway: RunningGateway) -> int:
    deadline = time.monotonic() + 15
    while not gateway.letters and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)
    return len(gateway.letters)
