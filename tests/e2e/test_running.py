"""A running gateway under what its admin and its clients do: reload, several policies, hostile envelopes."""

from __future__ import annotations

import re
import shutil
import signal
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.e2e.running import OPEN, SAMPLES, RunningGateway
from tests.e2e.traces import card_data_in

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()
CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()
ANNA = "anna.weber@customer.example"

STRICT = """name: strict
applies_to: [accounts@shop.example]
rules:
  - name: card-data
    when: {found: true}
    then: refuse
    text: Please send no card data
reply: {letter: none}
"""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway with two policies and a certificate, all in its folder."""
    shutil.copytree(OPEN, tmp_path / "policies")
    (tmp_path / "policies/strict.yaml").write_text(STRICT)
    certify(tmp_path, "gw.shop.example")
    running = RunningGateway.start(
        tmp_path, extra="tls: {certificate: cert.pem, key: key.pem}", policies=tmp_path / "policies"
    )
    yield running
    running.stop()


def certify(folder: Path, name: str) -> None:
    certificate = trustme.CA().issue_cert(name)
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "cert.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))


def certificate_of(port: int) -> bytes:
    """Return the certificate that STARTTLS shows."""
    context = ssl._create_unverified_context()
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.starttls(context=context)
        assert isinstance(client.sock, ssl.SSLSocket)
        return client.sock.getpeercert(binary_form=True) or b""


def wait_for(gateway: RunningGateway, event: str, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while gateway.log.count(f'"event": "{event}"') < count:
        assert time.monotonic() < deadline, gateway.log
        time.sleep(0.05)


def test_one_transaction_has_one_policy(gateway: RunningGateway) -> None:
    """A recipient under another policy is asked to come in a transaction of its own, and is served then."""
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
        client.ehlo()
        client.mail(ANNA)
        assert client.rcpt("orders@shop.example")[0] == 250
        code, text = client.rcpt("accounts@shop.example")
        assert (code, text.split()[0]) == (452, b"4.5.3")
        assert client.rcpt("second@shop.example")[0] == 250
        assert client.data(CARD_MAIL)[0] == 250
        client.mail(ANNA)
        assert client.rcpt("accounts@shop.example")[0] == 250
        code, text = client.data(CARD_MAIL)
        assert code // 100 == 5
        assert b"Please send no card data" in text
    assert len(gateway.delivered) >= 1


def test_reload_while_mail_flows(gateway: RunningGateway) -> None:
    """SIGHUP with a broken policy or certificate changes nothing and says what is wrong; no mail is deferred."""
    failures: list[BaseException] = []
    stop = threading.Event()
    sent = 0

    def flow() -> None:
        nonlocal sent
        while not stop.wait(0.1):  # who comes more often than ten times a second is told to wait in the end
            try:
                with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
                    client.sendmail("a@customer.example", ["orders@shop.example"], CLEAN_MAIL)
                sent += 1
            except (OSError, smtplib.SMTPException) as failed:
                failures.append(failed)

    client = threading.Thread(target=flow)
    client.start()
    try:
        before = certificate_of(gateway.port)
        strict = gateway.folder / "policies/strict.yaml"
        strict.write_text(STRICT.replace("then: refuse", "then: explode"))
        gateway.process.send_signal(signal.SIGHUP)
        wait_for(gateway, "reload.refused")
        assert re.search(r"strict\.yaml:6:\d+", gateway.log)
        strict.write_text(STRICT.replace("Please send no card data", "No cards by mail"))
        whole = (gateway.folder / "key.pem").read_bytes()
        (gateway.folder / "key.pem").write_bytes(whole[: len(whole) // 2])
        gateway.process.send_signal(signal.SIGHUP)
        wait_for(gateway, "reload.refused", 2)
        assert certificate_of(gateway.port) == before
        certify(gateway.folder, "gw.shop.example")
        gateway.process.send_signal(signal.SIGHUP)
        wait_for(gateway, "reload.done")
        assert certificate_of(gateway.port) != before
    finally:
        stop.set()
        client.join(60)
    assert failures == []
    assert len(gateway.delivered) == sent > 0
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail(ANNA, ["accounts@shop.example"], CARD_MAIL)
    assert b"No cards by mail" in refused.value.smtp_error


def test_card_numbers_in_the_envelope(gateway: RunningGateway) -> None:
    """People put numbers into addresses, greetings and commands that do not exist; no log, file or table keeps them."""
    number, spelled = "4012888888881881", "4012-8888-8888-1881"
    lines = [
        f"EHLO {spelled}.customer.example",
        f"{number} is my card",
        f"VRFY {number}",
        f"MAIL FROM:<{number}@customer.example> CARD={number}",
        f"MAIL FROM:<{number}@customer.example> X{number}={number}",
        f"MAIL FROM:<{number}@customer.example",
        f"MAIL FROM:<{spelled}@customer.example>",
        f"RCPT TO:<{number}@elsewhere.example>",
        f"RCPT TO:<{number}@shop.example> NOTIFY={number}",
        "RCPT TO:<orders@shop.example>",
        f"XFORWARD ADDR={number}",
    ]
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client, client.makefile("rwb") as wire:
        wire.readline()
        for line in lines:
            wire.write(line.encode() + b"\r\n")
            wire.flush()
            while (answer := wire.readline())[3:4] == b"-":
                pass
            assert answer[:1] in b"245", (line, answer)
            assert number.encode() not in answer, line
        wire.write(b"DATA\r\n")
        wire.flush()
        assert wire.readline().startswith(b"354")
        for row in CARD_MAIL.splitlines():
            wire.write(row + b"\r\n")
        wire.write(b".\r\n")
        wire.flush()
        assert wire.readline().startswith(b"250"), gateway.log
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30, local_hostname=f"c{number}.example") as smtp:
        smtp.sendmail(f"anna+{number}@customer.example", ["orders@shop.example"], CARD_MAIL)
    time.sleep(2)
    gateway.stop()
    assert card_data_in(gateway.folder) == []


ODD = {
    "nothing at all": b"",
    "a line end": b"\r\n",
    "no header": b"Hello, call me.\r\n",
    "no body": b"From: a@customer.example\r\nSubject: x\r\n",
    "8-bit header": b"From: J\xf6rg <a@customer.example>\r\nSubject: Gr\xfc\xdfe\r\n\r\nHallo\r\n",
    "UTF-8 header": "From: Jörg <a@customer.example>\r\nSubject: Grüße\r\n\r\nHallo\r\n".encode(),
    "NUL": b"Subject: x\r\n\r\na\0b\r\n",
}


def test_odd_mails_pass_unchanged(gateway: RunningGateway) -> None:
    """Empty mails, mails without header or body and 8-bit headers arrive as they were sent, also from nobody."""
    for number, (what, raw) in enumerate(ODD.items(), 1):
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
            assert client.sendmail("", ["orders@shop.example"], raw) == {}, what
        assert len(gateway.delivered) == number, what
        assert gateway.delivered[-1].endswith(raw or b"\r\n"), what


def test_a_number_in_an_8_bit_header(gateway: RunningGateway) -> None:
    """A number in a header that should have been encoded is taken out like any other."""
    raw = b"From: J\xf6rg <a@customer.example>\r\nSubject: f\xfcr Visa 4012 8888 8888 1881\r\n\r\nGr\xfc\xdfe\r\n"
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
        client.sendmail("a@customer.example", ["orders@shop.example"], raw)
    assert card_data_in(gateway.folder) == []
    assert b"1881" in gateway.delivered[0]
