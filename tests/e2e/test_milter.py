"""The milter: beside a real Postfix, and beside proxy mode over the golden corpus."""

from __future__ import annotations

import re
import smtplib
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.mta import Mta, split
from tests.e2e.peers import Postfix, free_port, maildir_messages
from tests.e2e.running import SAMPLES, RunningGateway
from tests.e2e.test_gateway import eventually, text_of
from tests.e2e.traces import card_data_in
from tests.golden.corpus import goldens

from pansentry.milter.codec import Command, packet

pytestmark = pytest.mark.peers

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()
CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()
OURS = re.compile(rb"(?:Received: from [^\n]*\n(?:[ \t][^\n]*\n)*)?((?:X-PanSentry[^\n]*\n(?:[ \t][^\n]*\n)*)*)")
ACTION = re.compile(rb"action=(\w+)")
LIMITS = "limits: {messages_per_minute_per_client: 100000}"


@pytest.fixture
def port() -> int:
    """A port for the milter."""
    return free_port()


@pytest.fixture
def gateway(tmp_path: Path, port: int) -> Iterator[RunningGateway]:
    """A gateway that takes mail by SMTP and as a milter."""
    (tmp_path / "gateway").mkdir()
    listener = f'  - "milter://127.0.0.1:{port}"'
    running = RunningGateway.start(tmp_path / "gateway", listener=listener, extra=LIMITS)
    yield running
    running.stop()


@pytest.fixture
def postfix(tmp_path: Path, port: int, gateway: RunningGateway) -> Iterator[Postfix]:
    """A Postfix with the milter, and no other filter."""
    (tmp_path / "postfix").mkdir()
    running = Postfix.start(
        tmp_path / "postfix",
        extra=f"smtpd_milters = inet:127.0.0.1:{port}\nmilter_default_action = tempfail\nrelay_domains = far.example",
    )
    yield running
    running.stop()


def send(postfix: Postfix, raw: bytes, recipient: str = "orders@shop.example") -> int:
    """Send through Postfix and return the answer to the message."""
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60, local_hostname="laptop.customer.example") as client:
        client.ehlo()
        client.mail("anna.weber@customer.example")
        client.rcpt(recipient)
        return client.data(raw)[0]


def test_samples_through_postfix(postfix: Postfix, gateway: RunningGateway) -> None:
    """Mail arrives without card data, clean mail byte for byte below our field; the customer gets one letter."""
    samples = sorted(SAMPLES.glob("*.eml"))
    for sample in samples:
        assert send(postfix, sample.read_bytes()) == 250, gateway.log
    arrived = eventually(lambda: maildir_messages(postfix.mailbox), len(samples))
    assert card_data_in(postfix.mailbox) == []
    assert any("XXXX XXXX XXXX 1881" in text_of(mail) for mail in arrived)
    assert any(mail.endswith(CLEAN_MAIL.replace(b"\r\n", b"\n")) for mail in arrived)
    assert len(eventually(lambda: gateway.letters)) == 1
    assert card_data_in(gateway.folder / "state") == []


def test_mail_to_others_is_not_read(postfix: Postfix, gateway: RunningGateway) -> None:
    """What the MTA takes for other domains passes untouched and unread."""
    assert send(postfix, CARD_MAIL, "somebody@far.example") == 250
    assert '"event": "message"' not in gateway.log


def test_a_milter_that_is_gone(postfix: Postfix, gateway: RunningGateway) -> None:
    """Without the milter Postfix defers: nothing passes unread."""
    gateway.stop()
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        with pytest.raises(smtplib.SMTPException) as refused:
            client.sendmail("anna@customer.example", ["orders@shop.example"], CARD_MAIL)
        assert "45" in str(refused.value)
    assert maildir_messages(postfix.mailbox) == []


def test_the_golden_corpus_both_ways(port: int, gateway: RunningGateway) -> None:
    """Milter and proxy do the same with every golden message whose header an MTA takes as it is."""
    milter, compared = Mta(port), 0
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
        for case in goldens():
            if case.line_end != "crlf" or split(case.raw) is None:
                continue
            client.ehlo_or_helo_if_needed()
            client.mail("anna@customer.example", ["BODY=8BITMIME"])
            client.rcpt("orders@shop.example")
            code, _ = _data(client, case.raw)
            answer = milter.send(_as_received(case.raw))
            compared += 1
            if code != 250:
                assert answer.word == "reply", case.name
                assert int(answer.reply[:3]) == code, case.name
                continue
            assert answer.word == "accept", case.name
            ours, theirs = OURS.match(answer.message), OURS.match(delivered := gateway.delivered[-1])
            assert ours is not None
            assert theirs is not None
            assert ACTION.findall(ours[1]) == ACTION.findall(theirs[1]), case.name
            assert answer.message[ours.end() :] == delivered[theirs.end() :], case.name
            for file in (gateway.folder / "mailbox/new").iterdir():
                file.unlink()
    milter.close()
    assert compared > 400


def test_a_mail_that_is_held_is_discarded(tmp_path: Path) -> None:
    """The MTA drops what we hold: our store has the redacted copy."""
    port, policies = free_port(), tmp_path / "policies"
    policies.mkdir()
    (policies / "hold.yaml").write_text(
        "name: hold\napplies_to: everyone\nrules:\n  - name: card-data\n    when: {found: true}\n    then: hold\n"
    )
    running = RunningGateway.start(tmp_path, listener=f'  - "milter://127.0.0.1:{port}"', policies=policies)
    try:
        mta = Mta(port)
        assert mta.send(CARD_MAIL).word == "discard"
        mta.close()
        listed = subprocess.run(
            [sys.executable, "-m", "pansentry", "quarantine", "list", "-c", tmp_path / "pansentry.yaml"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "orders@shop.example" in listed.stdout
        assert card_data_in(tmp_path / "state") == []
    finally:
        running.stop()


def test_an_mta_that_misbehaves(port: int, gateway: RunningGateway) -> None:
    """Nonsense ends its own connection and no other; a message that is cut off leaves nothing."""
    good = Mta(port)
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", struct.pack("!I", 0), packet(b"?"), packet(b"O", b"\0")):
        bad = Mta(port)
        bad.tell(nonsense)
        assert bad.hear() == (b"", b"")
    cut = Mta(port)
    cut.say(Command.MAIL, b"<anna@customer.example>\0")
    cut.say(Command.RCPT, b"<orders@shop.example>\0")
    cut.say(Command.BODY, CARD_MAIL)
    cut.tell(packet(Command.ABORT.value))
    assert cut.send(CLEAN_MAIL).message.endswith(CLEAN_MAIL)
    assert good.send(CARD_MAIL).word == "accept"
    assert "milter.failed" not in gateway.log


def test_a_message_that_is_too_large(tmp_path: Path) -> None:
    """A message over the limit is refused while it comes in, and the next one on that connection is taken."""
    port = free_port()
    running = RunningGateway.start(
        tmp_path, listener=f'  - "milter://127.0.0.1:{port}"', extra="limits: {message_size: 200 KiB}"
    )
    try:
        mta = Mta(port)
        answer = mta.send(CARD_MAIL + b"x" * 300_000)
        assert (answer.word, answer.reply[:9]) == ("reply", "552 5.3.4")
        assert mta.send(CARD_MAIL).word == "accept"
        mta.close()
    finally:
        running.stop()


def test_what_was_refused_does_not_pass_on_a_second_word(port: int, gateway: RunningGateway) -> None:
    """The end of a message that was never begun, or was thrown away, is no message to be let through."""
    for command in (Command.END_OF_MESSAGE, Command.BODY, Command.HEADER):
        mta = Mta(port)
        assert mta.say(command, b"X-A\0 b\0") == b""


def _as_received(raw: bytes) -> bytes:
    """What an SMTP server makes of bare CR and LF and of a last line without an end; no MTA tells them to milters."""
    lines = re.sub(rb"\r*\n|\r", b"\r\n", raw)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _data(client: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """Send a message as it is; smtplib's own ``data`` would change its line ends."""
    client.docmd("DATA")
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    client.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    return client.getreply()
