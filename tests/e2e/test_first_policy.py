"""docs/first-policy.md, followed word for word while mail flows: no mail is lost, none is treated by half a policy."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.e2e.peers import free_port, maildir_messages
from tests.e2e.running import RunningGateway

PAGE = Path(__file__).parents[2] / "docs/first-policy.md"
BLOCK = re.compile(r"^```(console|diff)(?: ([^\n]+))?\n(.*?)^```$", re.M | re.S)
CARD = "4111 1111 1111 1111"
MAIL = "From: anna@customer.example\r\nTo: info@shop.example\r\nSubject: order\r\n\r\nVisa " + CARD + " please\r\n"

EVERY_S = 0.12
"""Between two mails; a client that comes more often than ten times a second is told to wait (docs/operations.md)."""

HALVES = {
    # what is in a delivered mail: the tag of the new policy, the last four digits that the old one keeps
    (False, True): "old",
    (True, False): "new",
}


@dataclass
class Stream:
    """Mails that are sent one after the other until :meth:`end`."""

    port: int
    sent: int = 0
    failed: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.ending.wait(EVERY_S):
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
                    client.sendmail("anna@customer.example", ["info@shop.example"], MAIL.encode())
                self.sent += 1
            except (OSError, smtplib.SMTPException) as error:
                self.failed.append(type(error).__name__)


def applied(text: str, patch: str, file: str) -> str:
    """Change ``text`` as the page says: each hunk (between ``@@``) stands once in the file."""
    for hunk in patch.split("@@\n"):
        lines = hunk.splitlines()
        old = "".join(line[1:] + "\n" for line in lines if line[0] in "- ")
        new = "".join(line[1:] + "\n" for line in lines if line[0] in "+ ")
        if not old:
            text += new
            continue
        assert text.count(old) == 1, f"{file}: {old!r}"
        text = text.replace(old, new)
    return text


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a configuration that works, and an archive of two mails."""
    port = free_port()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/order.eml").write_text(MAIL)
    (tmp_path / "archive/hours.eml").write_text(MAIL.replace("Visa " + CARD, "When do you open"))
    (tmp_path / "pansentry.yaml").write_text(
        f"hostname: gw.shop.example\ndomains: [shop.example]\nlisten:\n  - address: '127.0.0.1:{port}'\n"
        f"next_hop: maildir:{tmp_path}/mailbox\nstate_dir: {tmp_path}/state\n"
        "business: {name: Meier Furniture, phone: '+41 44 668 18 00', website: 'https://shop.example'}\n"
    )
    return tmp_path


def test_the_page_is_followed_literally(place: Path) -> None:
    """Init, edit, check, test, diff, live, broken, rollback: as the page says, under a stream of mail."""
    environment = os.environ | {"TMPDIR": str(place / "tmp"), "COLUMNS": "200"}
    program = place / "bin/pansentry"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pansentry "$@"\n')
    program.chmod(0o755)
    environment["PATH"] = f"{program.parent}{os.pathsep}{environment['PATH']}"
    port = int(re.search(r"127\.0\.0\.1:(\d+)", (place / "pansentry.yaml").read_text())[1])  # type: ignore[index]
    stream, gateway, commands = Stream(port), None, 0
    thread = threading.Thread(target=stream.run)
    try:
        for kind, option, text in BLOCK.findall(PAGE.read_text()):
            if kind == "diff":
                target = place / option
                target.write_text(applied(target.read_text(), text, option))
                continue
            codes, said = [], ""
            for line in text.splitlines():
                if line == "$ systemctl start pansentry":
                    gateway = RunningGateway(place, port, RunningGateway._spawn(place, environment), environment)
                    gateway.wait()
                    thread.start()
                    wait_for(lambda: stream.sent > 5)  # some mail under the shipped policies
                elif line.startswith("$ "):
                    ran = subprocess.run(
                        line[2:], shell=True, cwd=place, env=environment, capture_output=True, text=True, timeout=120
                    )
                    said, commands = ran.stdout + ran.stderr, commands + 1
                    codes.append(ran.returncode)
                else:
                    assert line in said, f"{line!r} is not in\n{said}"
            assert max(codes, default=0) == int(option or 0), (text, said)
        wait_for(lambda: gateway is not None and gateway.log.count("reload.done") >= 2)  # two changes can be one
        wait_for(lambda: stream.sent > 40)  # however quick the machine was
    finally:
        stream.ending.set()
        thread.join(60)
        if gateway is not None:
            gateway.stop()
    assert commands >= 15
    delivered = maildir_messages(place / "mailbox")
    assert stream.failed == []
    assert len(delivered) == stream.sent > 40
    seen = [HALVES.get((b"tag=card" in raw, b"XXXX 1111" in raw)) for raw in delivered]
    assert None not in seen
    assert {"old", "new"} == set(seen)
    assert all(CARD.encode() not in raw for raw in delivered)


def wait_for(what: Callable[[], bool], timeout_s: float = 120) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_page_names_files_that_are_shipped() -> None:
    """What the page says of the shipped files is there."""
    shipped = Path(__file__).parents[2] / "policies"
    for name in re.findall(r"^policies/(\w+\.yaml)$", PAGE.read_text(), re.M):
        assert (shipped / name).is_file()
