"""Changes of policy at a running gateway: proposals, roll-back, mistakes, by the command line."""

from __future__ import annotations

import contextlib
import re
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.running import RunningGateway
from tests.specimens import generated

from pansentry.pan.brands import BRANDS

POLICY = """\
# Ours.
name: ours
applies_to: everyone

rules:
  - name: card-data     # all of it
    when: {found: true}
    then: redact

reply: {letter: none}
"""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway with a folder of policies of its own."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/ours.yaml").write_text(POLICY)
    running = RunningGateway.start(tmp_path, policies=tmp_path / "policies")
    yield running
    running.stop()


def run(gateway: RunningGateway, *arguments: str, code: int = 0) -> str:
    config = ("-c", str(gateway.folder / "pansentry.yaml"))
    command = [sys.executable, "-m", "pansentry", *arguments, *config]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == code, ran.stderr
    return ran.stdout + ran.stderr


def delivered(gateway: RunningGateway, mail: bytes) -> bytes:
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
        client.sendmail("a@mail.example", ["info@shop.example"], mail)
    (only,) = gateway.delivered
    return only


def wait_for(gateway: RunningGateway, event: str, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while gateway.log.count(f'"{event}"') < count:
        assert time.monotonic() < deadline, gateway.log
        time.sleep(0.1)


def wait_for_event(folder: Path, reference: str) -> None:
    """Wait until the event with this reference is in the store: events are written a few at a time."""
    deadline = time.monotonic() + 60
    with contextlib.closing(sqlite3.connect(folder / "state/pansentry.db", timeout=60)) as store:
        while not store.execute("select 1 from events where instr(fields, ?)", (reference,)).fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_from_a_wrong_decision_to_an_accepted_exemption(gateway: RunningGateway, tmp_path: Path) -> None:
    """The reference in the header leads to a proposal; accepted, the next such mail is left alone."""
    import random

    number = generated(BRANDS[0], 16, random.Random(3))
    mail = f"From: a@mail.example\r\nSubject: order\r\n\r\nCard number {number}\r\n".encode()
    (tmp_path / "mail.eml").write_bytes(mail)
    redacted = delivered(gateway, mail)
    assert number.encode() not in redacted
    reference = re.search(rb"reference=(\w+)", redacted)
    assert reference is not None
    wait_for_event(tmp_path, reference[1].decode())
    said = run(gateway, "policy", "propose", reference[1].decode(), "--mail", str(tmp_path / "mail.eml"))
    assert number not in said
    (proposal,) = (tmp_path / "policies/proposals").iterdir()
    run(gateway, "policy", "accept", str(proposal))
    wait_for(gateway, "reload.done")
    assert not proposal.exists()
    assert "# all of it" in (tmp_path / "policies/ours.yaml").read_text()
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
        client.sendmail("a@mail.example", ["info@shop.example"], mail.replace(b"order", b"again"))
    (again,) = (raw for raw in gateway.delivered if b"Subject: again" in raw)
    assert number.encode() in again


def test_a_mistake_changes_nothing_and_rolling_back_keeps_it_aside(gateway: RunningGateway, tmp_path: Path) -> None:
    """SIGHUP with a broken file: the log, versions and healthcheck say why; the broken file is not lost."""
    (tmp_path / "policies/ours.yaml").write_text(POLICY.replace("then:", "than:"))
    gateway.process.send_signal(signal.SIGHUP)
    wait_for(gateway, "reload.refused")
    redacted = delivered(gateway, b"From: a@mail.example\r\n\r\nVisa 4111 1111 1111 1111\r\n")
    assert b"4111 1111" not in redacted
    assert "`than` is not a setting here. Did you mean `then`?" in run(gateway, "policy", "versions")
    assert "NOT in use" in run(gateway, "healthcheck")
    run(gateway, "policy", "rollback")
    assert (tmp_path / "policies/ours.yaml").read_text() == POLICY
    (aside,) = (tmp_path / "policies").glob(".before-rollback-*")
    assert "than:" in (aside / "ours.yaml").read_text()
    wait_for(gateway, "reload.done")
    assert "NOT in use" not in run(gateway, "healthcheck")
    assert "There is no such version" in run(gateway, "policy", "rollback", "ffff", code=2)


def test_a_policy_that_fails_its_tests_at_the_start_stops_it(gateway: RunningGateway, tmp_path: Path) -> None:
    """A restart is no way around the tests."""
    gateway.stop()
    (tmp_path / "policies/tests").mkdir()
    (tmp_path / "policies/tests/t.yaml").write_text(
        "tests:\n  - name: nothing is refused\n    mail: 'From: a@b.example'\n    expect: {action: refuse}\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pansentry", "serve", "-c", str(tmp_path / "pansentry.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 78
    assert "The test “nothing is refused” fails (action: expected refuse, found deliver)" in ran.stderr
    gateway.process = subprocess.Popen(["true"])
