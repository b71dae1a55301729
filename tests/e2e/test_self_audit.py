"""``pansentry doctor --self-audit`` on running gateways: it finds nothing in ours, and every leak that is planted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.running import RunningGateway

from pansentry.doctor.self_audit import NUMBERS

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="a process that hides can only be looked into by root")


class LeakyGateway(RunningGateway):
    """The gateway with ``LEAK`` planted."""

    leak = "none"

    @classmethod
    def _spawn(cls, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        log = (folder / "gateway.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.leaky", "serve", "-c", str(folder / "pansentry.yaml")],
            stdout=log,
            stderr=log,
            env=environment | {"LEAK": cls.leak, "LEAK_FOLDER": str(folder)},
        )


def audit(folder: Path, *more: str) -> tuple[int, dict[str, dict[str, str]], str]:
    """Run the audit as an admin would; return its exit code, its answers by name, and all it printed."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pansentry", "doctor", "--self-audit", "--json"),
            *("-c", str(folder / "pansentry.yaml"), "--log", str(folder / "gateway.log")),
            *("--temporary", str(folder / "tmp"), "--temporary", "/dev/shm", *more),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {answer["check"]: answer for answer in answers}, done.stdout + done.stderr


@needs_root
def test_nothing_is_found_in_a_gateway(tmp_path: Path) -> None:
    """Every place is looked at, and every one of them is clean."""
    gateway = RunningGateway.start(tmp_path)
    try:
        code, answers, printed = audit(tmp_path)
    finally:
        gateway.stop()
    assert {name: answer["state"] for name, answer in answers.items()} == dict.fromkeys(
        (
            "round trip",
            "state folder",
            "temporary files",
            "database",
            "mailboxes",
            "logs",
            "core files",
            "open files",
            "environment",
        ),
        "pass",
    ), printed
    assert code == 0
    (delivered,) = gateway.delivered
    assert b"self-audit" in delivered
    assert gateway.letters == []


@needs_root
@pytest.mark.parametrize(
    ("leak", "place"),
    [
        ("log", "logs"),
        ("log-text", "logs"),
        ("temporary", "temporary files"),
        ("state", "state folder"),
        ("database", "database"),
        ("deleted-row", "database"),
        ("deleted-file", "open files"),
        ("core", "core files"),
    ],
)
def test_a_planted_leak_is_found(tmp_path: Path, leak: str, place: str) -> None:
    """Whatever leaks, the place is named, the exit code says so, and the audit itself prints no number."""
    LeakyGateway.leak = leak
    gateway = LeakyGateway.start(tmp_path)
    try:
        code, answers, printed = audit(tmp_path)
    finally:
        gateway.stop()
    assert code == 1, printed
    found = {name for name, answer in answers.items() if answer["state"] == "fail"}
    assert place in found, printed
    assert found <= {place, "open files"}, printed  # a log and a database are open as well
    assert not any(number in printed for number in NUMBERS)


def test_a_gateway_that_is_not_there(tmp_path: Path) -> None:
    """Nothing listens: one sentence and exit code 69."""
    RunningGateway.start(tmp_path).stop()
    code, answers, printed = audit(tmp_path)
    assert code == 69
    assert answers == {}
    assert "does not answer" in printed


def test_a_recipient_that_is_refused(tmp_path: Path) -> None:
    """The audit says that no message went through instead of passing for lack of one."""
    gateway = RunningGateway.start(tmp_path)
    try:
        _, answers, printed = audit(tmp_path, "--to", "a@elsewhere.example")
    finally:
        gateway.stop()
    assert answers["round trip"]["state"] == "warn", printed
