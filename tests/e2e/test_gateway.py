"""The gateway as a whole, between real servers: Postfix, Exim, Dovecot, swaks."""

from __future__ import annotations

import smtplib
import subprocess
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.e2e.peers import Dovecot, Postfix, exim_send, free_port, maildir_messages, need
from tests.e2e.running import SAMPLES, RunningGateway
from tests.e2e.traces import card_data_in

pytestmark = pytest.mark.peers

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()
CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()


@pytest.fixture
def cleanup() -> Iterator[list[Callable[[], None]]]:
    """Things to stop, in the order in which they were started."""
    stops: list[Callable[[], None]] = []
    yield stops
    for end in reversed(stops):
        end()


def eventually(look: Callable[[], list[bytes]], count: int = 1, timeout_s: float = 60) -> list[bytes]:
    """Wait until ``look`` gives ``count`` messages."""
    deadline = time.monotonic() + timeout_s
    while len(found := look()) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(found) >= count
    return found


def text_of(raw: bytes) -> str:
    """The text a mail program shows."""
    part = message_from_bytes(raw, policy=policy.default).get_body(("plain", "html"))
    assert part is not None
    return str(part.get_content())


def send(
    port: int, raw: bytes, *recipients: str, sender: str = "anna@customer.example"
) -> dict[str, tuple[int, bytes]]:
    """Send by SMTP and return the refused recipients."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        return client.sendmail(sender, recipients or ("orders@shop.example",), raw)


def test_postfix_before_the_queue_with_dsn_and_xforward(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """A mail through Postfix's before-queue filter arrives redacted, with the client known and DSN options kept."""
    gateway_port = free_port()
    postfix = Postfix.start(_folder(tmp_path, "postfix"), filter_port=gateway_port)
    cleanup.append(postfix.stop)
    gateway = RunningGateway.start(
        _folder(tmp_path, "gateway"),
        next_hop=f"smtp://127.0.0.1:{postfix.reinjection_port}",
        port=gateway_port,
        listener="    xforward: true",
        extra="trusted: {xforward: [127.0.0.0/8]}",
    )
    cleanup.append(gateway.stop)
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60, local_hostname="laptop.customer.example") as client:
        client.ehlo()
        assert client.has_extn("dsn")
        client.mail("anna@customer.example", ["RET=HDRS", "ENVID=order4711"])
        client.rcpt("orders@shop.example", ["NOTIFY=FAILURE,DELAY"])
        code, answer = client.data(CARD_MAIL)
    assert code == 250, (answer, gateway.log, postfix.log)
    (delivered,) = eventually(lambda: maildir_messages(postfix.mailbox))
    assert "XXXX XXXX XXXX 1881" in text_of(delivered)
    assert (
        b"laptop.customer.example" in delivered.split(b"\r\n\r\n")[0].replace(b"\n", b"\r\n").split(b"X-PanSentry")[0]
    )
    assert "orders@shop.example" in postfix.log


def test_postfix_smuggles_no_clean_byte(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """A clean signed mail through the gateway into Postfix is the same bytes below the trace fields."""
    postfix = Postfix.start(_folder(tmp_path, "postfix"))
    cleanup.append(postfix.stop)
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"), next_hop=f"smtp://127.0.0.1:{postfix.port}")
    cleanup.append(gateway.stop)
    send(gateway.port, CLEAN_MAIL)
    (delivered,) = eventually(lambda: maildir_messages(postfix.mailbox))
    assert delivered.endswith(CLEAN_MAIL.replace(b"\r\n", b"\n"))


def test_exim_pipelines_quit_and_half_closes(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Exim, which sends QUIT behind the dot and closes its half, gets its answer and its mail arrives once."""
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"))
    cleanup.append(gateway.stop)
    done = exim_send(_folder(tmp_path, "exim"), gateway.port, CARD_MAIL.replace(b"\r\n", b"\n"), "orders@shop.example")
    assert b"=> orders@shop.example" in done.stderr, (done.stderr, gateway.log)
    assert len(gateway.delivered) == 1
    assert "XXXX XXXX XXXX 1881" in text_of(gateway.delivered[0])


def test_dovecot_takes_mail_by_lmtp(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Dovecot gets the redacted mail for both recipients; an unknown one is refused in the same session."""
    dovecot = Dovecot.start(_folder(tmp_path, "dovecot"))
    cleanup.append(dovecot.stop)
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"), next_hop=f"lmtp://127.0.0.1:{dovecot.lmtp_port}")
    cleanup.append(gateway.stop)
    refused = send(gateway.port, CARD_MAIL, "orders@shop.example", "nobody@shop.example", "second@shop.example")
    assert list(refused) == ["nobody@shop.example"]
    assert refused["nobody@shop.example"][0] == 550
    for name in ("orders", "second"):
        (delivered,) = eventually(lambda name=name: dovecot.messages(name))
        assert "XXXX XXXX XXXX 1881" in text_of(delivered)


def test_dovecot_over_quota_goes_to_the_outbox(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """When one mailbox defers at the end, the client hears 250 and the redacted copy waits on disk for that mailbox."""
    dovecot = Dovecot.start(_folder(tmp_path, "dovecot"), quota_full=("full",))
    cleanup.append(dovecot.stop)
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"), next_hop=f"lmtp://127.0.0.1:{dovecot.lmtp_port}")
    cleanup.append(gateway.stop)
    refused = send(gateway.port, CARD_MAIL, "orders@shop.example", "full@shop.example")
    eventually(lambda: dovecot.messages("orders"))
    assert not dovecot.messages("full")
    assert (not refused and "message.split" in gateway.log) or refused["full@shop.example"][0] // 100 == 4
    assert card_data_in(gateway.folder) == []


def test_swaks_over_starttls(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """swaks negotiates STARTTLS, and what it sent arrives redacted."""
    import trustme

    program = need("swaks", "swaks")
    folder = _folder(tmp_path, "gateway")
    certificate = trustme.CA().issue_cert("gw.shop.example")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    gateway = RunningGateway.start(folder, extra=f"tls: {{certificate: {folder}/cert.pem, key: {folder}/key.pem}}")
    cleanup.append(gateway.stop)
    body = SAMPLES / "01-plain-card.eml"
    server = f"127.0.0.1:{gateway.port}"
    addresses = ["--from", "anna@customer.example", "--to", "orders@shop.example"]
    done = subprocess.run(
        [program, "--server", server, *addresses, "--tls", "--data", f"@{body}"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()
    assert b"TLS started" in done.stdout
    assert "XXXX XXXX XXXX 1881" in text_of(gateway.delivered[0])
    assert b"with ESMTPS" in gateway.delivered[0]


def test_the_letter_arrives_once(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Two card mails of one customer cause one letter, which holds no card data and answers nobody automatically."""
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"))
    cleanup.append(gateway.stop)
    send(gateway.port, CARD_MAIL, sender="anna.weber@customer.example")
    send(gateway.port, (SAMPLES / "07-code-only.eml").read_bytes(), sender="anna.weber@customer.example")
    (letter,) = eventually(lambda: gateway.letters)
    time.sleep(1)
    assert len(gateway.letters) == 1
    parsed = message_from_bytes(letter, policy=policy.default)
    assert parsed["auto-submitted"] == "auto-replied"
    assert parsed["in-reply-to"] == "<20261117091244.4711@customer.example>"


def test_no_card_data_anywhere_after_a_day_of_mail(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """After all samples no file of the run (debug log, database, outbox, temporary files, letters) holds card data."""
    gateway = RunningGateway.start(_folder(tmp_path, "gateway"))
    cleanup.append(gateway.stop)
    for sample in sorted(SAMPLES.glob("*.eml")):
        author = message_from_bytes(sample.read_bytes(), policy=policy.default)["from"].addresses[0].addr_spec
        send(gateway.port, sample.read_bytes(), sender=author)
    eventually(lambda: gateway.letters, 4)
    assert card_data_in(gateway.folder) == []
    gateway.stop()
    assert card_data_in(gateway.folder) == []


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
