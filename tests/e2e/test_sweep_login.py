"""How the sweep logs in: TLS with and without a certificate that is trusted, OAuth2 with a real Dovecot that asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from imapclient import IMAPClient
from tests.e2e.peers import Dovecot, free_port
from tests.e2e.test_sweep import mail

from pansentry.sweep import imap
from pansentry.sweep.places import open_place

pytestmark = pytest.mark.peers

TOKEN = "ya29.a0-valid_token"


class _Tokens(BaseHTTPRequestHandler):
    """What a provider's token endpoint is to Dovecot: it says whose token one is, or that it is none."""

    def do_GET(self) -> None:
        (token,) = parse_qs(urlsplit(self.path).query)["access_token"]
        said = {"email": "orders@shop.example"} if token == TOKEN else {"error": "invalid_token"}
        body = json.dumps(said).encode()
        self.send_response(200 if token == TOKEN else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def tokens() -> Iterator[int]:
    """The port of a server that knows one token."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def authority() -> trustme.CA:
    """Whoever certifies the server."""
    return trustme.CA()


def start(folder: Path, authority: trustme.CA, tokens: int, mechanisms: str) -> tuple[Dovecot, int]:
    """Start a Dovecot with TLS on a port of its own, that takes tokens; return it and that port."""
    folder.mkdir()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
    (folder / "oauth2.conf").write_text(
        f"tokeninfo_url = http://127.0.0.1:{tokens}/tokeninfo?access_token=\nusername_attribute = email\n"
    )
    port = free_port()
    extra = f"""
ssl = yes
ssl_cert = <{folder}/tls.pem
ssl_key = <{folder}/tls.pem
auth_mechanisms = plain {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
service imap-login {{
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""
    dovecot = Dovecot.start(folder, imap=True, extra=extra)
    with IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False) as client:
        client.login("orders@shop.example", "x")
        client.append("INBOX", mail(0))
    return dovecot, port


def run(port: int, trusted: Path | None, *arguments: object, password: str = "") -> subprocess.CompletedProcess[str]:
    """Sweep over TLS, trusting one authority or those of the system."""
    environment = os.environ | ({"PANSENTRY_IMAP_PASSWORD": password} if password else {})
    environment |= {"SSL_CERT_FILE": str(trusted)} if trusted else {}
    place = f"imaps://orders%40shop.example@127.0.0.1:{port}"
    command = [sys.executable, "-m", "pansentry", "sweep", place, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize("mechanisms", ["xoauth2 oauthbearer", "oauthbearer"])
def test_an_access_token_logs_in(mechanisms: str, authority: trustme.CA, tokens: int, tmp_path: Path) -> None:
    """A token is taken by either mechanism; one that is not valid is one sentence that does not show it."""
    dovecot, port = start(tmp_path / "dovecot", authority, tokens, mechanisms)
    try:
        authority.cert_pem.write_to_path(trusted := tmp_path / "ca.pem")
        (tmp_path / "token").write_text(TOKEN + "\n")
        (tmp_path / "old").write_text("ya29.expired")
        done = run(port, trusted, "--token-file", tmp_path / "token")
        assert (done.returncode, "1 with card data" in done.stdout) == (1, True), done.stderr
        refused = run(port, trusted, "--token-file", tmp_path / "old")
        assert refused.returncode == 2
        assert "does not let us in with this access token" in refused.stderr
        assert "expired" not in refused.stderr.replace("expire after", "")
        assert len(refused.stderr.strip().splitlines()) == 1
    finally:
        dovecot.stop()


def test_a_certificate_that_nobody_trusts(
    authority: trustme.CA, tokens: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No password goes to a server that cannot prove its name, neither with TLS from the start nor with STARTTLS."""
    dovecot, port = start(tmp_path / "dovecot", authority, tokens, "xoauth2")
    try:
        authority.cert_pem.write_to_path(trusted := tmp_path / "ca.pem")
        assert run(port, trusted, password="x").returncode == 1
        refused = run(port, None, password="x")
        assert refused.returncode == 2
        assert "certificate" in refused.stderr
        monkeypatch.setattr(imap, "_is_loopback", lambda _: False)
        place = f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}"
        with pytest.raises(OSError, match="certificate"):
            open_place(place, writes=False, password="x")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        mailbox = open_place(place, writes=False, password="x")
        assert mailbox.count("INBOX") == 1
        mailbox.close()
    finally:
        dovecot.stop()
    assert (tmp_path / "dovecot/dovecot.log").read_text().count("Login: user=<orders@shop.example>") == 3


def test_a_server_without_tls_gets_no_password(dovecot_without_tls: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond loopback a server that does not speak TLS hears neither name nor password."""
    monkeypatch.setattr(imap, "_is_loopback", lambda _: False)
    place = f"imap://orders%40shop.example@127.0.0.1:{dovecot_without_tls.imap_port}"
    with pytest.raises(OSError, match="cannot be opened"):
        open_place(place, writes=False, password="x")
    assert "Login" not in (dovecot_without_tls.folder / "dovecot.log").read_text()


@pytest.fixture
def dovecot_without_tls(tmp_path: Path) -> Iterator[Dovecot]:
    """A Dovecot that speaks no TLS."""
    (tmp_path / "dovecot").mkdir()
    running = Dovecot.start(tmp_path / "dovecot", imap=True)
    yield running
    running.stop()
