"""Several workers on one port, one of them killed; and a gateway that starts as root and becomes somebody else."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import time
from pathlib import Path

import pytest
from tests.e2e.running import SAMPLES, RunningGateway

CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()


def children(process: int) -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def send(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("anna@customer.example", ["orders@shop.example"], CLEAN_MAIL)


def until(condition: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_that_is_killed_costs_no_connection(tmp_path: Path) -> None:
    """Its socket stays with the supervisor, so whoever connects meanwhile is served by the next one."""
    gateway = RunningGateway.start(tmp_path, extra="workers: 2")
    try:
        until(lambda: gateway.log.count('"event": "ready"') == 2)
        first = children(gateway.process.pid)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        for _ in range(20):
            send(gateway.port)
        until(lambda: gateway.log.count('"event": "ready"') == 3)
        assert len(children(gateway.process.pid)) == 2
        assert children(gateway.process.pid) != first
        assert len(gateway.delivered) == 20
    finally:
        gateway.stop()
    assert gateway.process.returncode == 0


def test_nobody_is_taken_in_while_workers_drain(tmp_path: Path) -> None:
    """From SIGTERM on a new client is refused at once, and does not wait in a queue that nobody empties."""
    gateway = RunningGateway.start(tmp_path, extra="workers: 2")
    try:
        until(lambda: gateway.log.count('"event": "ready"') == 2)
        with socket.create_connection(("127.0.0.1", gateway.port), 30) as client, client.makefile("rb") as lines:
            lines.readline()
            client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\n")
            while not lines.readline().startswith(b"354"):
                pass
            gateway.process.terminate()
            until(lambda: _is_refused(gateway.port))
            client.sendall(b"Subject: last\r\n\r\nx\r\n.\r\n")
            assert lines.readline().startswith(b"250")
        assert gateway.process.wait(60) == 0
    finally:
        gateway.stop()


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionRefusedError:
        return True
    except OSError:  # taken into the queue of a socket that was closed at that moment
        return False
    return False


def _others_can_run_python() -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in Path(os.__file__).resolve().parents)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not _others_can_run_python(), reason="this Python is in a folder that other users cannot enter")
@pytest.mark.parametrize("workers", [1, 2])
def test_root_is_given_up(tmp_path: Path, workers: int) -> None:
    """Every process is `nobody` before a mail comes, and mail goes through."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    for name in ("state", "tmp", "mailbox", "letters"):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, 65534, 65534)
    gateway = RunningGateway.start(tmp_path, extra=f"user: nobody\nworkers: {workers}")
    try:
        send(gateway.port)
        everyone = {gateway.process.pid} | children(gateway.process.pid)
        for one in everyone:
            status = Path(f"/proc/{one}/status").read_text()
            assert "\nUid:\t65534\t65534\t65534\t65534\n" in status
            assert "\nCapEff:\t0000000000000000\n" in status
            assert "\nNoNewPrivs:\t1\n" in status
        assert len(gateway.delivered) == 1
    finally:
        gateway.stop()
