"""Who gets a letter from a running gateway: SPF, DKIM and DMARC asked of a real DNS server, the shipped policy."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest
from tests.e2e.dns_zone import THEIRS, name_server
from tests.e2e.running import SAMPLES, SHIPPED, RunningGateway
from tests.e2e.traces import card_data_in

from pansentry.authentication import NewKey, keygen

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()
ANNA = "anna.weber@customer.example"


@pytest.fixture
def dns() -> Iterator[str]:
    """The address of a name server that knows the customer."""
    with name_server() as address:
        yield address


@pytest.fixture(scope="module")
def key() -> NewKey:
    """The shop's DKIM key."""
    return keygen("shop.example", "pansentry")


def start(folder: Path, dns: str, key: NewKey | None) -> RunningGateway:
    extra = f'trusted: {{xforward: [127.0.0.0/8]}}\nresolver: {{nameservers: ["{dns}"], query: 2 s}}\n'
    if key is not None:
        (folder / "dkim.pem").write_bytes(key.pem)
        extra += "dkim: {domain: shop.example, selector: pansentry, key: dkim.pem}\n"
    return RunningGateway.start(folder, extra=extra, listener="    xforward: true", policies=SHIPPED)


def send(
    gateway: RunningGateway, raw: bytes, *, client: str = THEIRS, sender: str = ANNA, to: str = "orders@shop.example"
) -> None:
    """Send as our own Postfix would, for a client at ``client``."""
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60, local_hostname="mx.shop.example") as smtp:
        smtp.ehlo()
        if client:
            code, answer = smtp.docmd("XFORWARD", f"ADDR={client} NAME=mx.customer.example HELO=mx.customer.example")
            assert code == 250, answer
        assert smtp.sendmail(sender, [to], raw) == {}


def letters(gateway: RunningGateway, count: int) -> list[bytes]:
    """Return the letters once there are ``count``; where there must be none, look for a while."""
    deadline = time.monotonic() + (60 if count else 2)
    while time.monotonic() < deadline and len(gateway.letters) < max(count, 1):
        time.sleep(0.1)
    assert len(gateway.letters) == count, gateway.log
    return gateway.letters


def test_a_proven_sender_gets_one_signed_letter(tmp_path: Path, dns: str, key: NewKey) -> None:
    """DMARC passes and there is a key: one letter with a valid signature, also when more mails follow."""
    gateway = start(tmp_path, dns, key)
    try:
        send(gateway, CARD_MAIL)
        (letter,) = letters(gateway, 1)
        record = key.record_value.encode()
        assert dkim.verify(letter, dnsfunc=lambda name, timeout=5: record if b"pansentry._domainkey" in name else None)
        parsed = message_from_bytes(letter, policy=policy.default)
        assert parsed["to"].addresses[0].addr_spec == ANNA
        assert parsed["from"].addresses[0].addr_spec == "orders@shop.example"
        assert parsed["auto-submitted"] == "auto-replied"
        assert b"Authentication-Results: gw.shop.example" in gateway.delivered[0]
        assert b"dmarc=pass" in gateway.delivered[0]
        for _ in range(3):
            send(gateway, CARD_MAIL.replace(b"4711@", b"%d@" % time.monotonic_ns()))
        time.sleep(2)
        assert len(gateway.letters) == 1
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


def test_without_a_key_there_is_no_letter(tmp_path: Path, dns: str) -> None:
    """Without a DKIM key nothing proves our letter, so none is written; the mail is redacted all the same."""
    gateway = start(tmp_path, dns, None)
    try:
        send(gateway, CARD_MAIL)
        letters(gateway, 0)
        assert b"XXXX XXXX XXXX 1881" in gateway.delivered[0]
        assert '"silence": "unsigned"' in gateway.log
    finally:
        gateway.stop()


def _with(field: bytes) -> bytes:
    return field + b"\r\n" + CARD_MAIL


SILENT = (
    # what, message, client, reverse-path, recorded reason
    ("another machine", CARD_MAIL, "203.0.113.9", ANNA, "unproven"),
    ("this machine, unnamed", CARD_MAIL, "", ANNA, "unproven"),
    ("a stranger in customer's name", CARD_MAIL, THEIRS, "x@elsewhere.example", "unaligned"),
    ("a bounce", CARD_MAIL, THEIRS, "", "null-sender"),
    ("an automatic answer", _with(b"Auto-Submitted: auto-replied"), THEIRS, ANNA, "auto-submitted"),
    ("a list", _with(b"List-Id: <shops.customer.example>"), THEIRS, ANNA, "list"),
    ("bulk", _with(b"Precedence: bulk"), THEIRS, ANNA, "precedence"),
    ("Outlook says no", _with(b"X-Auto-Response-Suppress: All"), THEIRS, ANNA, "suppressed"),
    ("spam", _with(b"X-Spam-Flag: YES"), THEIRS, ANNA, "spam"),
    ("one of our letters", _with(b"X-PanSentry-Reply: guidance"), THEIRS, ANNA, "own-letter"),
    ("a robot", CARD_MAIL.replace(b"anna.weber@", b"noreply@"), THEIRS, "noreply@customer.example", "nobody-reads"),
    ("in blind copy", CARD_MAIL.replace(b"orders@shop.example", b"x@other.example"), THEIRS, ANNA, "not-addressed"),
    ("two authors", CARD_MAIL.replace(b"\r\nTo:", b"\r\nFrom: b@customer.example\r\nTo:"), THEIRS, ANNA, "no-author"),
)


def test_silence(tmp_path: Path, dns: str, key: NewKey) -> None:
    """Nobody who is not a proven person writing to us gets a letter; each silence has its recorded reason."""
    gateway = start(tmp_path, dns, key)
    try:
        for number, (what, raw, client, sender, reason) in enumerate(SILENT, 1):
            send(gateway, raw, client=client, sender=sender)
            verdicts = [line for line in gateway.log.splitlines() if '"event": "message"' in line]
            assert len(verdicts) == number, what
            assert f'"silence": "{reason}"' in verdicts[-1], (what, verdicts[-1])
        letters(gateway, 0)
        assert len(gateway.delivered) == len(SILENT)
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()
