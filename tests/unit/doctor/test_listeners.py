"""The doctor speaks with a running gateway: ours passes, and a server with each fault is found out."""

from __future__ import annotations

import asyncio
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from tests.e2e.peers import free_port

from pansentry.configuration import Configuration
from pansentry.configuration.load import parse
from pansentry.doctor import checks, listeners, self_audit
from pansentry.doctor.answer import Answer, State

TLS = """tls: {certificate: cert.pem, key: key.pem}
business: {name: Shop, phone: '+41 44 668 18 00', pay_page: 'https://shop.example/pay'}
"""
SPOKEN = ("ports", "certificate in use", "open relay", "end of data", "delivery options", "half-closed connections")


def configured(folder: Path, port: int, more: str = "") -> Configuration:
    """A gateway on a port of loopback with a mailbox of its own."""
    text = f"""hostname: gw.shop.example
domains: [shop.example]
listen: [{{address: '127.0.0.1:{port}'}}]
state_dir: {folder}
next_hop: maildir:{folder}/box
{more}"""
    return parse(text.encode(), "f", {}, folder, lambda _: "")[0]


def ask(name: str, configuration: Configuration) -> Answer:
    """Ask one check."""
    (check,) = [check for check in checks.CHECKS if check.name == name]
    return check.ask(check.name, configuration)


async def test_a_running_gateway_of_ours_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question to the port is answered well, strict TLS among them; no message arrives."""
    from pansentry.gateway import start

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours = authority.issue_cert("gw.shop.example")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    configuration = configured(tmp_path, free_port(), TLS)
    gateway = await start(configuration, lambda *_, **__: None)
    try:
        monkeypatch.setattr(listeners, "_program", lambda _process: "pansentry serve")  # it runs inside pytest here
        for name in SPOKEN:
            answer = await asyncio.to_thread(ask, name, configuration)
            assert answer.state is State.PASS, answer
        other = trustme.CA().issue_cert("gw.shop.example")
        other.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        answer = await asyncio.to_thread(ask, "certificate in use", configuration)
        assert (answer.state, answer.fix) == (State.WARN, "Send SIGHUP to it.")
        ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        monkeypatch.delenv("SSL_CERT_FILE")
        answer = await asyncio.to_thread(ask, "certificate in use", configuration)
        assert (answer.state, "would not trust it" in answer.said) == (State.WARN, True)
        monkeypatch.setattr(listeners, "_program", lambda _process: "exim4 -bd")
        answer = await asyncio.to_thread(ask, "ports", configuration)
        assert (answer.state, "exim4" in answer.said) == (State.FAIL, True)
    finally:
        await gateway.stop()
    assert not [path for path in (tmp_path / "box").rglob("*") if path.is_file()]


def test_nobody_there(tmp_path: Path) -> None:
    """Where no gateway runs, the questions to it are skipped; with TLS or without."""
    configuration = configured(tmp_path, free_port())
    assert {ask(name, configuration).state for name in SPOKEN} == {State.SKIP}


def test_a_stranger_who_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program on our port that never greets is given up shortly, and is no gateway of ours."""
    monkeypatch.setattr(listeners, "GREETING_S", 0.1)
    monkeypatch.setattr(self_audit, "GREETING_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        configuration = configured(tmp_path, stranger.getsockname()[1])
        assert {ask(name, configuration).state for name in SPOKEN[1:]} == {State.SKIP}


class Faulty(socketserver.StreamRequestHandler):
    """A mail server with faults: which, its subclass says."""

    refused: bytes = b"\0"
    ends: tuple[bytes, ...] = (b"\r\n.\r\n",)
    takes_recipients = True
    answers_the_half_closed = True

    def handle(self) -> None:
        self.wfile.write(b"220 faulty\r\n")
        while line := self.rfile.readline().upper():
            if self.refused in line:
                self.wfile.write(b"555 no\r\n")
            elif line.startswith(b"RCPT") and not self.takes_recipients:
                self.wfile.write(b"550 no\r\n")
            elif line.startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self._read_message()
            elif line.startswith(b"QUIT"):
                if self.answers_the_half_closed:
                    self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")

    def _read_message(self) -> None:
        seen = b""
        while more := self.request.recv(1):
            seen += more
            if seen.endswith(self.ends):
                self.wfile.write(b"250 taken\r\n")
                return


@contextmanager
def faulty(folder: Path, **faults: object) -> Iterator[Configuration]:
    """Run a faulty server."""
    handler = type("Other", (Faulty,), faults)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler, bind_and_activate=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield configured(folder, server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def test_an_end_that_is_none(tmp_path: Path) -> None:
    """A server that ends a message at a bare line feed can be smuggled through: named, with the octets."""
    with faulty(tmp_path, ends=(b"\r\n.\r\n", b"\n.\r\n")) as configuration:
        answer = ask("end of data", configuration)
    assert answer.state is State.FAIL
    assert r"b'\n.\r\n'" in answer.said


@pytest.mark.parametrize("end", listeners.ENDS, ids=repr)
def test_each_false_end_is_heard(end: bytes, tmp_path: Path) -> None:
    """Every one of the seven is sent, and an answer to it is seen."""
    with faulty(tmp_path, ends=(end,)) as configuration:
        assert listeners._heard_after(configuration, end) == "answer"


def test_without_a_recipient_no_message_is_begun(tmp_path: Path) -> None:
    """Who takes nobody is not asked further."""
    with faulty(tmp_path, takes_recipients=False) as configuration:
        assert ask("end of data", configuration).state is State.SKIP


@pytest.mark.parametrize("refused", [b"RET=", b"AUTH=<>", b"BODY=8BITMIME", b"NOTIFY="])
def test_parameters_that_are_refused(refused: bytes, tmp_path: Path) -> None:
    """A server that answers 555 to what others add loses their mail."""
    with faulty(tmp_path, refused=refused) as configuration:
        answer = ask("delivery options", configuration)
    assert (answer.state, "555" in answer.said) == (State.FAIL, True)


def test_a_half_closed_connection_that_is_dropped(tmp_path: Path) -> None:
    """No goodbye after the client closed its side: Exim's mail would be lost."""
    with faulty(tmp_path, answers_the_half_closed=False) as configuration:
        assert ask("half-closed connections", configuration).state is State.FAIL
    with faulty(tmp_path) as configuration:
        assert ask("half-closed connections", configuration).state is State.PASS


def test_one_of_two_listeners_is_silent(tmp_path: Path) -> None:
    """A port that should be listened on and is not fails, if another is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ports = (server.getsockname()[1], free_port())
        configuration = configured(tmp_path, ports[0])
        listen = (
            configuration.listen[0],
            configuration.listen[0].model_copy(update={"address": f"127.0.0.1:{ports[1]}"}),
        )
        both = configuration.model_copy(update={"listen": listen})
        answer = listeners.ports("ports", both)
    assert answer.state is State.FAIL
