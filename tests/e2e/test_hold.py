"""Held mail, from the policy that holds it to its release, through a running gateway and the command line."""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.e2e.running import RunningGateway
from tests.specimens import PUBLISHED

CARD, OTHER = PUBLISHED["visa"][0], PUBLISHED["mastercard"][0]
TRACK = f"%B{OTHER}^BERG/ANNA^28091010000000000000?"
MAIL = (
    "From: anna@customer.example\r\nTo: info@shop.example\r\nSubject: two cards\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
    f"Visa {CARD}, security code 737\r\nthe other one reads {TRACK}\r\n"
    "--x\r\nContent-Type: application/octet-stream; name=secret.pgp\r\n\r\n"
    "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0rDunreadable\r\n-----END PGP MESSAGE-----\r\n--x--\r\n"
)
POLICY = """\
name: hold
applies_to: everyone
rules:
  - name: several
    when: {{kind: [pan, track], count_at_least: 2}}
    then: hold
    notify: owner@shop.example
  - name: seen-by-two
    when: {{found: true, recipient: sales@shop.example}}
    then: redact
    forward_to_review: review@shop.example
  - name: attachments
    when: {{found: true, place: attachment}}
    then: replace-part
hold: {{keep_original: sealed, seal_to: {key}, expires: 10 days}}
reply: {{letter: none}}
"""


@pytest.fixture
def keys() -> tuple[str, str]:
    """A key pair: the public half for the policy, the private half for whoever may open originals."""
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


@pytest.fixture
def gateway(tmp_path: Path, keys: tuple[str, str]) -> Iterator[RunningGateway]:
    """A gateway under a policy that holds."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/hold.yaml").write_text(POLICY.format(key=keys[0]))
    running = RunningGateway.start(tmp_path, policies=tmp_path / "policies")
    yield running
    running.stop()


def send(gateway: RunningGateway, mail: str = MAIL, to: str = "info@shop.example") -> None:
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
        client.sendmail("anna@customer.example", [to], mail.encode())


def run(gateway: RunningGateway, *arguments: str, code: int = 0) -> bytes:
    config = ("-c", str(gateway.folder / "pansentry.yaml"))
    ran = subprocess.run(
        [sys.executable, "-m", "pansentry", *arguments, *config], env=os.environ, capture_output=True, timeout=120
    )
    assert ran.returncode == code, ran.stderr
    return ran.stdout + ran.stderr


def eventually(look: Callable[[], list[bytes]], count: int = 1) -> list[bytes]:
    deadline = time.monotonic() + 60
    while len(found := look()) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def held(gateway: RunningGateway) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(gateway, "quarantine", "list", "--json").splitlines()]


def test_a_mail_is_held_seen_released_once_and_told_of(gateway: RunningGateway, keys: tuple[str, str]) -> None:
    """The copy is redacted, the original opens with the private key and holds no code, release delivers once."""
    import pyrage

    send(gateway)
    (one,) = held(gateway)
    name = str(one["id"])
    assert (one["reason"], one["sealed"], gateway.delivered) == ("hold/several", True, [])
    copy = run(gateway, "quarantine", "show", name, "--message")
    assert CARD.encode() not in copy
    assert b"code 737" not in copy
    assert b"hQEMA0rDunreadable" not in copy  # nobody could read that part: it is only in the original
    sealed = run(gateway, "quarantine", "show", name, "--original")
    opened = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(keys[1])])
    assert CARD.encode() in opened
    assert b"737" not in opened
    assert OTHER.encode() not in opened  # it stood in track data, which is never kept
    assert b"hQEMA0rDunreadable" in opened
    assert b"on its way to info@shop.example" in run(gateway, "quarantine", "release", name)
    assert b"There is no held mail" in run(gateway, "quarantine", "release", name, code=2)
    (delivered,) = eventually(lambda: [raw for raw in gateway.delivered if b"two cards" in raw])
    assert CARD.encode() not in delivered
    assert held(gateway) == []
    (told,) = eventually(lambda: gateway.letters)
    text = message_from_bytes(told, policy=policy.default).get_content()
    assert "met the rule several of the policy hold" in text
    assert "a card number, a security code and a magnetic stripe" in text
    assert CARD not in text
    assert b"whole" in run(gateway, "audit", "verify")
    did = [json.loads(line)["did"] for line in run(gateway, "audit", "list", "--json").splitlines()]
    assert did[:3] == ["held.release", "held.original", "held.show"]


def test_the_same_mails_are_told_of_once_in_the_window(gateway: RunningGateway) -> None:
    """Three held mails make one notification; each is held for itself."""
    for i in range(3):
        send(gateway, MAIL + f"{i}\r\n")
    assert len(held(gateway)) == 3
    eventually(lambda: gateway.letters)
    time.sleep(1)
    assert len(gateway.letters) == 1


def test_a_review_copy_is_redacted_and_has_the_null_sender(gateway: RunningGateway) -> None:
    """The mailbox gets its mail, and the reviewer the same without card data."""
    send(gateway, f"From: a@customer.example\r\nSubject: for sales\r\n\r\nVisa {CARD}\r\n", "sales@shop.example")
    both = eventually(lambda: [raw for raw in gateway.delivered if b"for sales" in raw], 2)
    copies = [raw for raw in both if b"X-PanSentry-Review:" in raw]
    assert len(copies) == 1
    assert all(CARD.encode() not in raw for raw in both)


def test_purging_and_the_list_by_mail(gateway: RunningGateway) -> None:
    """The list names sender, rule and subject; what is purged is gone, and that is on record."""
    send(gateway)
    run(gateway, "quarantine", "digest", "owner@shop.example")
    mails = eventually(lambda: [raw for raw in gateway.letters if b"held mail" in raw])
    assert "two cards" in message_from_bytes(mails[0], policy=policy.default).get_content()
    (one,) = held(gateway)
    run(gateway, "quarantine", "purge", "--yes", str(one["id"]))
    assert held(gateway) == []
    assert b"held.purge" in run(gateway, "audit", "list")


def test_roles_are_asked(gateway: RunningGateway) -> None:
    """As soon as somebody is named, others may do nothing."""
    from pansentry.cli.stored import person

    me = person()
    run(gateway, "audit", "grant", "boss", "admin")
    assert f"{me} has no role here".encode() in run(gateway, "quarantine", "list", code=2)


def test_nothing_of_a_card_is_on_the_disk_but_sealed(gateway: RunningGateway) -> None:
    """State, logs and letters are read after mail was held: no digits."""
    send(gateway)
    held(gateway)
    gateway.stop()
    for path in gateway.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert CARD.encode() not in content, path
            assert OTHER.encode() not in content, path
