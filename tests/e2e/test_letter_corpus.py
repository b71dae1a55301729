"""Every mail that must never get a letter, and every one that must, through a running gateway that asks a real DNS."""

from __future__ import annotations

import json
import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest
from tests.e2e.dns_zone import THEIRS, name_server
from tests.e2e.letter_corpus import MUST, NEVER, SHOP, Case
from tests.e2e.running import SHIPPED, RunningGateway
from tests.e2e.traces import card_data_in

from pansentry.authentication import NewKey, keygen

SIGNERS = ("dkim.example", "dkimdmarc.example")


@pytest.fixture(scope="module")
def keys() -> dict[str, NewKey]:
    """A DKIM key for the shop and for each customer's domain that signs."""
    return {domain: keygen(domain, "s") for domain in (*SIGNERS, "shop.example")}


@pytest.fixture
def dns(keys: dict[str, NewKey]) -> Iterator[str]:
    """A name server that knows all domains and keys."""
    with name_server({f"s._domainkey.{domain}": key.record_value for domain, key in keys.items()}) as address:
        yield address


def start(folder: Path, dns: str, key: NewKey | None, *, extra: str = "", policies: Path = SHIPPED) -> RunningGateway:
    """Start a gateway with the shipped policy behind a Postfix that tells us the client."""
    extra += f'\ntrusted: {{xforward: [127.0.0.0/8]}}\nresolver: {{nameservers: ["{dns}"], query: 2 s}}\n'
    if key is not None:
        (folder / "dkim.pem").write_bytes(key.pem)
        extra += "dkim: {domain: shop.example, selector: s, key: dkim.pem}\n"
    return RunningGateway.start(folder, extra=extra, listener="    xforward: true", policies=policies)


def written(case: Case, number: int, keys: dict[str, NewKey]) -> tuple[str, bytes]:
    """Return the reverse-path and the mail of a case."""
    sender = f"c{number}@{case.domain}" if case.sender is None else case.sender
    author = case.author if case.author is not None else sender
    fields = (
        f"From: {author}",
        case.to_field,
        *case.fields,
        "Subject: the table",
        "Date: Tue, 17 Nov 2026 09:12:44 +0100",
        f"Message-ID: <n{number}@customer.example>",
        "MIME-Version: 1.0",
        case.content,
        "Content-Transfer-Encoding: 8bit",
    )
    charset = "latin-1" if "8859" in case.content else "utf-8"
    raw = ("\r\n".join(fields) + "\r\n\r\n" + case.text).encode(charset)
    if case.signed:
        domain = "dkim.example" if case.signed == "broken" else case.signed
        raw = dkim.sign(raw, b"s", domain.encode(), keys[domain].pem, include_headers=[b"from", b"to"]) + raw
    if case.signed == "broken":
        raw = raw.replace(b"the table:", b"the chair:")
    return sender, raw


def send(port: int, case: Case, sender: str, raw: bytes) -> None:
    """Send as our own Postfix would, for the client of the case."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60, local_hostname="mx.shop.example") as smtp:
        smtp.ehlo()
        if case.client:
            code, answer = smtp.docmd("XFORWARD", f"ADDR={case.client} NAME=mx.x.example HELO=mx.x.example")
            assert code == 250, answer
        smtp.docmd("MAIL", f"FROM:<{sender}> BODY=8BITMIME")
        smtp.docmd("RCPT", f"TO:<{case.to}>")
        code, answer = smtp.data(raw)
        assert code == 250, (case.name, answer)


def verdicts(gateway: RunningGateway) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in gateway.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == "message"]


def wait_for_letters(gateway: RunningGateway, count: int) -> list[bytes]:
    """Return the letters once there are ``count``, and a moment later, in case there are more."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(gateway.letters) < count:
        time.sleep(0.1)
    time.sleep(1)
    return gateway.letters


def test_the_corpus_is_as_large_as_promised() -> None:
    """At least sixty mails that must never be answered, thirty that must, no name twice."""
    assert len(NEVER) >= 60
    assert len(MUST) >= 30
    for cases in (NEVER, MUST):
        assert len({case.name for case in cases}) == len(cases)


def test_nobody_is_written_to_who_must_not_be(tmp_path: Path, dns: str, keys: dict[str, NewKey]) -> None:
    """Each case is delivered, gets no letter, and the reason for that is the recorded one."""
    gateway = start(tmp_path, dns, keys["shop.example"])
    try:
        for number, case in enumerate(NEVER, 1):
            send(gateway.port, case, *written(case, number, keys))
            found = verdicts(gateway)
            assert len(found) == number, case.name
            assert (found[-1]["silence"], found[-1]["letter"]) == (case.reason, ""), (case.name, found[-1])
        assert wait_for_letters(gateway, 0) == []
        assert len(gateway.delivered) == len(NEVER)
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


def test_everybody_is_written_to_who_must_be(tmp_path: Path, dns: str, keys: dict[str, NewKey]) -> None:
    """Each case gets exactly one letter, signed, to its sender, with the null reverse-path's manners."""
    gateway = start(tmp_path, dns, keys["shop.example"])
    try:
        senders = []
        for number, case in enumerate(MUST, 1):
            sender, raw = written(case, number, keys)
            senders.append(sender)
            send(gateway.port, case, sender, raw)
            assert verdicts(gateway)[-1]["silence"] == "", (case.name, verdicts(gateway)[-1])
        letters = [message_from_bytes(raw, policy=policy.default) for raw in wait_for_letters(gateway, len(MUST))]
        assert len(letters) == len(MUST), gateway.log[-3000:]
        to = {str(letter["to"]).strip("<>") for letter in letters}
        assert len(to) == len(MUST)
        for sender in senders:
            assert sender.removeprefix("prvs=1234567890=") in to
        for letter in letters:
            assert letter["auto-submitted"] == "auto-replied"
            assert letter["dkim-signature"]
        assert card_data_in(tmp_path) == []
    finally:
        gateway.stop()


def test_one_incident_is_one_letter(tmp_path: Path, dns: str, keys: dict[str, NewKey]) -> None:
    """A second mail of the same sender, thread or full name towards the same mailbox gets no second letter."""
    gateway = start(tmp_path, dns, keys["shop.example"])
    name = "Anna Maria Weber"
    first = Case("first", "", "", sender="anna@customer.example", author=f"{name} <anna@customer.example>")
    follow = (
        Case("same sender", "", "", sender="anna@customer.example"),
        Case("same name", "", "", sender="am@spfonly.example", author=f"{name} <am@spfonly.example>"),
        Case("same thread", "", "", ("In-Reply-To: <n1@customer.example>",), sender="x@spfonly.example"),
    )
    try:
        for number, case in enumerate((first, *follow), 1):
            send(gateway.port, case, *written(case, number, keys))
            wait_for_letters(gateway, 1)
        assert len(gateway.letters) == 1
        grants = [json.loads(line)["grant"] for line in gateway.log.splitlines() if '"letter.filed"' in line]
        assert grants == ["granted", "window", "window", "window"]
        assert [b"XXXX XXXX XXXX 1881" in mail for mail in gateway.delivered] == [True] * 4
        assert [b"letter=sent" in mail for mail in gateway.delivered] == [True, False, False, False]
        assert [b"why=window" in mail for mail in gateway.delivered] == [False, True, True, True]
        judged = [json.loads(line) for line in gateway.log.splitlines() if '"event": "message"' in line]
        assert [(one["letter"] != "", one["silence"]) for one in judged] == [(True, ""), *[(False, "window")] * 3]
    finally:
        gateway.stop()


def test_two_gateways_stop_after_one_letter(tmp_path: Path, dns: str, keys: dict[str, NewKey]) -> None:
    """The letter of one gateway, sent to another one that answers everybody, is not answered."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    first = start(one, dns, keys["shop.example"])
    second = start(other, dns, keys["shop.example"])
    try:
        case = MUST[0]
        send(first.port, case, *written(case, 1, keys))
        (letter,) = wait_for_letters(first, 1)
        bare = letter.split(b"\r\n\r\n", 1)
        with_card = bare[0] + b"\r\n\r\n" + b"4012 8888 8888 1881\r\n" + bare[1]  # so that there is something to answer
        for sender in ("", SHOP, "c1@customer.example"):
            answer = Case("letter", "", "", client=THEIRS)
            send(second.port, answer, sender, with_card)
        assert wait_for_letters(second, 0) == []
        assert len(second.delivered) == 3
        assert len(first.letters) == 1
    finally:
        first.stop()
        second.stop()
