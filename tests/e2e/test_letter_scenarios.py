"""Letters end to end: a part payment by signed link, injection, number and code in two mails, opt-out, quotations."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from tests.e2e.dns_zone import name_server
from tests.e2e.letter_corpus import Case
from tests.e2e.running import SAMPLES, SHIPPED, RunningGateway
from tests.e2e.test_letter_corpus import send, start, verdicts, wait_for_letters
from tests.e2e.traces import card_data_in

from pansentry.authentication import NewKey, keygen
from pansentry.channels import InvalidReferenceError, pay_key, verify_url

CHANNELS = """
currency: EUR
channels:
  - {name: page, kind: pay_page, reference: signed}
  - {name: phone, kind: phone}
  - {name: back, kind: callback, duty: Call the customer back}
"""


@pytest.fixture(scope="module")
def key() -> NewKey:
    """The shop's DKIM key."""
    return keygen("shop.example", "s")


@pytest.fixture
def dns() -> Iterator[str]:
    """A name server that knows the customers."""
    with name_server() as address:
        yield address


def policies(folder: Path, channels: str = CHANNELS) -> Path:
    """Copy the shipped policy and put other channels beside it."""
    target = folder / "policies"
    target.mkdir()
    (target / "default.yaml").write_bytes((SHIPPED / "default.yaml").read_bytes())
    (target / "channels.yaml").write_text(channels)
    return target


def text_of(raw: bytes) -> str:
    """Return the text of a letter, as a reader sees it."""
    message = message_from_bytes(raw, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(cast("EmailMessage", part).get_content())


def command(gateway: RunningGateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command beside the gateway, on its store."""
    line = [sys.executable, "-m", "pansentry", *arguments, "-c", str(gateway.folder / "pansentry.yaml")]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, env=gateway.environment)


def test_the_second_instalment(tmp_path: Path, dns: str, key: NewKey) -> None:
    """Sixty per cent were paid; the card for the other forty comes by mail, and a signed link for them goes back."""
    gateway = start(tmp_path, dns, key, policies=policies(tmp_path))
    mail = (SAMPLES / "01-plain-card.eml").read_bytes().replace(b"60 %", b"40 %")
    try:
        send(gateway.port, Case("", "", ""), "anna.weber@customer.example", mail)
        (letter,) = wait_for_letters(gateway, 1)
        text = text_of(letter)
        (link,) = re.findall(r"https://shop\.example/pay\?\S+", text)
        secret = pay_key((tmp_path / "state/pansentry.db.key").read_bytes())
        today = datetime.datetime.now(datetime.UTC).date()
        found = verify_url(link, secret, today=today)
        assert (found.order, found.part) == ("4711", "40")
        assert (datetime.date.fromisoformat(found.until) - today).days in (13, 14)
        for changed in (
            link.replace("part=40", "part=4"),
            link.replace("order=4711", "order=4712"),
            link + "&amount=1",
        ):
            with pytest.raises(InvalidReferenceError, match=r"^forged"):
                verify_url(changed, secret, today=today)
        assert "customer" not in link
        assert b"XXXX XXXX XXXX 1881" in gateway.delivered[0]
        code = re.search(r"[A-Z]{4}-[A-Z]{4}", text)
        assert code is not None
        assert f"code={code[0]}".encode() in gateway.delivered[0].replace(b"\r\n ", b"")
        assert command(gateway, "code", "check", code[0]).returncode == 0
        assert "reached by phone" in command(gateway, "code", "mark", code[0], "reached", "--by", "phone").stdout
        assert command(gateway, "reply", "verify", link).returncode == 0
        assert command(gateway, "reply", "verify", link.replace("part=40", "part=99")).returncode == 1
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


HOSTILE = (
    "x\r\nBcc: everybody@evil.example",
    "=?utf-8?q?x=0D=0ABcc:_everybody=40evil.example?=",
    "{{ business.phone }}{% for x in removed %}evil{% endfor %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "<script>evil()</script>",
    "Your account is blocked, see http://evil.example",
    "\u202eelpmaxe.live",
    "A" * 20_000,
)


def test_nothing_can_be_injected(tmp_path: Path, dns: str, key: NewKey) -> None:
    """Subject, name, ids and order numbers of a customer change nothing in the letter but the greeting."""
    gateway = start(tmp_path, dns, key, policies=policies(tmp_path))
    try:
        for number, text in enumerate(HOSTILE, 1):
            folded = text.replace("\r\n", "\r\n ")
            head = (
                f'From: "{folded}" <h{number}@customer.example>',
                "To: orders@shop.example",
                f"Subject: {folded}",
                f"Message-ID: <{number}@customer.example>",
                f"References: <{folded}@evil.example> <r{number}@customer.example>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
            )
            body = f"order {text[:50]} 4711: please charge my Visa 4012 8888 8888 1881\r\n"
            raw = ("\r\n".join(head) + "\r\n\r\n" + body).encode()
            send(gateway.port, Case("", "", ""), f"h{number}@customer.example", raw)
        silences = [verdict["silence"] for verdict in verdicts(gateway)]
        assert set(silences) <= {"", "no-author"}  # a name that decodes to several addresses is nobody's
        letters = wait_for_letters(gateway, silences.count(""))
        assert len(letters) == silences.count("") >= len(HOSTILE) - 2
        names = {frozenset(message_from_bytes(raw).keys()) for raw in letters}
        allowed = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
                   "X-Auto-Response-Suppress", "Precedence", "Content-Language", "X-PanSentry-Reply", "MIME-Version",
                   "Content-Type", "DKIM-Signature"}  # fmt: skip
        assert frozenset.union(*names) <= allowed
        for raw in letters:
            head, _, _ = raw.partition(b"\r\n\r\n")
            assert len(raw) < 60_000
            assert b"\nbcc" not in b"\n" + head.lower()  # letters of a boundary are drawn by lot
            shown = message_from_bytes(raw, policy=policy.default)
            said = "".join(str(part.get_content()) for part in shown.iter_parts())
            assert "evil" not in said
            assert "__class__" not in said
            assert str(shown["subject"]) == "We have your message"
    finally:
        gateway.stop()


def test_two_halves_in_two_mails(tmp_path: Path, dns: str, key: NewKey) -> None:
    """Number now, code later from another address: both are taken out, and one letter is written."""
    gateway = start(tmp_path, dns, key)
    name = "Anna Maria Weber"

    def mail(sender: str, number: int, text: str, more: str = "") -> None:
        head = f"From: {name} <{sender}>\r\nTo: orders@shop.example\r\nSubject: the oak table\r\n{more}"
        raw = f"{head}Message-ID: <{number}@x.example>\r\n\r\n{text}\r\n".encode()
        send(gateway.port, Case("", "", ""), sender, raw)

    try:
        mail("anna@customer.example", 1, "My card is 4012 8888 8888 1881")
        mail("a.weber@spfonly.example", 2, "and the three digits are 737", "In-Reply-To: <1@x.example>\r\n")
        assert b"1881" in gateway.delivered[0]
        assert b"737" not in gateway.delivered[1].partition(b"\r\n\r\n")[2]  # a mark in the header can hold it
        assert len(wait_for_letters(gateway, 1)) == 1
    finally:
        gateway.stop()


def test_a_number_in_two_mails(tmp_path: Path, dns: str, key: NewKey) -> None:
    """Half of the number in one mail, half in the next: neither is delivered, and one letter is written."""
    gateway = start(tmp_path, dns, key)
    sender = "anna@customer.example"
    try:
        for number, text in enumerate(("First half of my card number: 4012 8888", "the second half: 8888 1881"), 1):
            head = f"From: {sender}\r\nTo: orders@shop.example\r\nMessage-ID: <{number}@x.example>\r\n"
            send(gateway.port, Case("", "", ""), sender, f"{head}\r\n{text}\r\n".encode())
        delivered = b"".join(gateway.delivered)
        assert delivered.count(b"XXXX XXXX") == 2
        assert not re.search(rb"4012|8888|1881", delivered)
        assert len(wait_for_letters(gateway, 1)) == 1
    finally:
        gateway.stop()


def test_who_wants_no_letters_gets_none(tmp_path: Path, dns: str, key: NewKey) -> None:
    """After `subject silence` the mail is delivered without the card, and the owner is told to write."""
    gateway = start(tmp_path, dns, key)
    try:
        gateway.stop()
        assert command(gateway, "subject", "silence", "anna.weber@customer.example").returncode == 0
        gateway.restart()
        raw = (SAMPLES / "01-plain-card.eml").read_bytes()
        send(gateway.port, Case("", "", ""), "anna.weber@customer.example", raw)
        assert wait_for_letters(gateway, 0) == []
        assert verdicts(gateway)[-1]["silence"] == "opted-out"
        assert b"please-contact-this-customer-yourself" in gateway.delivered[0].replace(b"\r\n ", b"")
    finally:
        gateway.stop()


def test_a_card_quoted_again_is_not_answered_again(tmp_path: Path, dns: str, key: NewKey) -> None:
    """After a letter, a reply that only quotes the old mail stays unanswered, whatever its window."""
    folder = policies(tmp_path)
    short = (folder / "default.yaml").read_text().replace("window: 7 days", "window: 1 s")
    (folder / "default.yaml").write_text(short)
    gateway = start(tmp_path, dns, key, policies=folder)
    sender = "anna@customer.example"
    old = "On Tue, 17 Nov 2026 at 09:12, Anna <anna@customer.example> wrote:\r\n> Visa 4012 8888 8888 1881\r\n"

    def mail(number: int, text: str) -> None:
        head = f"From: {sender}\r\nTo: orders@shop.example\r\nMessage-ID: <{number}@x.example>\r\n"
        send(gateway.port, Case("", "", ""), sender, f"{head}\r\n{text}".encode())

    try:
        mail(1, "My Visa: 4012 8888 8888 1881\r\n")
        wait_for_letters(gateway, 1)
        time.sleep(1.5)
        mail(2, f"Thank you, that worked.\r\n\r\n{old}")
        assert verdicts(gateway)[-1]["silence"] == "quoted-only"
        mail(3, f"My new Visa: 4012 8888 8888 1881\r\n\r\n{old}")
        letters = wait_for_letters(gateway, 2)
        assert len(letters) == 2
        subjects = [str(message_from_bytes(raw, policy=policy.default)["subject"]) for raw in letters]
        assert sorted(subjects) == ["We have your message", "We have your new message"]
    finally:
        gateway.stop()
