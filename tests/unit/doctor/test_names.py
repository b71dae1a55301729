"""The doctor's questions to DNS, asked of a real name server on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from dnslib import RR
from dnslib.server import BaseResolver, DNSServer

from pansentry.authentication import keygen
from pansentry.configuration import Configuration
from pansentry.configuration.load import parse
from pansentry.doctor import checks, names, servers
from pansentry.doctor.answer import State

GOOD = """
mx.shop.example. 60 IN A 192.0.2.7
7.2.0.192.in-addr.arpa. 60 IN PTR mx.shop.example.
shop.example. 60 IN MX 10 mx.shop.example.
shop.example. 60 IN TXT "v=spf1 mx -all"
_dmarc.shop.example. 60 IN TXT "v=DMARC1; p=none"
"""


class Zone(BaseResolver):
    """Answers from zone text; what is not in it does not exist."""

    def __init__(self) -> None:
        self.text = GOOD

    def resolve(self, request: object, handler: object) -> object:
        reply = request.reply()  # type: ignore[attr-defined]
        for record in RR.fromZone(self.text):
            if record.rname == reply.q.qname and record.rtype == reply.q.qtype:
                reply.add_answer(record)
        return reply


@pytest.fixture
def zone() -> Iterator[tuple[Zone, str]]:
    """A name server, and its address."""
    quiet = type("Quiet", (), {"__getattr__": lambda *_: lambda *_: None})()
    resolver = Zone()
    server = DNSServer(resolver, port=0, address="127.0.0.1", logger=quiet)
    server.start_thread()
    yield resolver, f"127.0.0.1:{server.server.server_address[1]}"
    server.stop()
    server.server.server_close()


def configured(folder: Path, server: str, text: str = "", listen: str = "0.0.0.0:25") -> Configuration:
    """A gateway that is an MX, unless it listens elsewhere."""
    head = f"hostname: mx.shop.example\ndomains: [shop.example]\nlisten: [{{address: '{listen}'}}]\n"
    head += f"state_dir: {folder}\nresolver: {{nameservers: ['{server}'], query: 2 s}}\n"
    return parse((head + text).encode(), "f", {}, folder, lambda _: "")[0]


def answer(name: str, configuration: Configuration) -> tuple[State, str, str]:
    """Return state, sentence and fix of one check."""
    (check,) = [check for check in checks.CHECKS if check.name == name]
    found = check.ask(check.name, configuration)
    return found.state, found.said, found.fix


@pytest.mark.parametrize("name", ["host name", "reverse name", "MX", "MTA-STS", "SPF", "DMARC"])
def test_what_is_well_passes(name: str, zone: tuple[Zone, str], tmp_path: Path) -> None:
    """With the records that the documentation asks for, every check passes."""
    state, said, _ = answer(name, configured(tmp_path, zone[1]))
    assert state is State.PASS, said


@pytest.mark.parametrize(
    ("name", "instead", "state", "fix"),
    [
        ("host name", ("mx.shop.example. 60 IN A 192.0.2.7", ""), State.FAIL, "A record"),
        ("reverse name", ("PTR mx.shop.example.", "PTR host.provider.example."), State.WARN, "PTR"),
        ("MX", ("MX 10 mx.shop.example.", "MX 10 old.provider.example."), State.WARN, "MX 10 mx.shop.example"),
        ("MX", ("MX 10", "MX 20 old.provider.example.\nshop.example. 60 IN MX 10"), State.FAIL, "Take it out"),
        (
            "MTA-STS",
            ("_dmarc.shop", '_mta-sts.shop.example. 60 IN TXT "v=STSv1; id=1"\n_dmarc.shop'),
            State.FAIL,
            "tls",
        ),
        ("SPF", ('"v=spf1 mx -all"', '"something else"'), State.WARN, "v=spf1"),
        ("SPF", ('"v=spf1 mx -all"', '"v=spf1 -all"'), State.WARN, "ip4:192.0.2.7"),
        ("DMARC", ('"v=DMARC1; p=none"', '"nothing"'), State.WARN, "_dmarc.shop.example"),
    ],
)
def test_what_is_not_is_named_with_its_fix(
    name: str, instead: tuple[str, str], state: State, fix: str, zone: tuple[Zone, str], tmp_path: Path
) -> None:
    """Each missing or wrong record is told, with what to publish."""
    zone[0].text = GOOD.replace(*instead)
    assert zone[0].text != GOOD
    got, said, advice = answer(name, configured(tmp_path, zone[1]))
    assert (got, fix in advice) == (state, True), (said, advice)


def test_a_gateway_behind_a_mail_server_is_no_mx(zone: tuple[Zone, str], tmp_path: Path) -> None:
    """Where another server takes the world's mail, the checks of an MX are skipped."""
    configuration = configured(tmp_path, zone[1], listen="127.0.0.1:10125")
    for name in ("reverse name", "MX", "MTA-STS"):
        assert answer(name, configuration)[0] is State.SKIP


def test_a_name_server_that_is_away(tmp_path: Path) -> None:
    """Without an answer the checks warn, and nothing breaks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        configuration = configured(tmp_path, f"127.0.0.1:{silent.getsockname()[1]}", "")
        state, said, _ = answer("host name", configuration)
    assert (state, said) == (State.WARN, "No name server answered.")


def test_the_published_key(zone: tuple[Zone, str], tmp_path: Path) -> None:
    """No key, an unpublished key, another key, our key."""
    assert answer("DKIM", configured(tmp_path, zone[1]))[0] is State.WARN
    ours, other = (keygen("shop.example") for _ in range(2))
    (tmp_path / "dkim.pem").write_bytes(ours.pem)
    configuration = configured(tmp_path, zone[1], "dkim: {domain: shop.example, selector: pansentry, key: dkim.pem}\n")
    state, said, fix = answer("DKIM", configuration)
    assert (state, said) == (State.FAIL, "pansentry._domainkey.shop.example is not published.")
    assert fix == f'Publish: {ours.record_name}. TXT "{ours.record_value}"'
    zone[0].text = GOOD + other.zone_line.replace(" IN ", " 60 IN ").replace("( ", "").replace(" )", "")
    assert answer("DKIM", configuration)[:2] == (
        State.FAIL,
        "pansentry._domainkey.shop.example is the record of another key.",
    )
    zone[0].text = GOOD + ours.zone_line.replace(" IN ", " 60 IN ").replace("( ", "").replace(" )", "")
    assert answer("DKIM", configuration)[0] is State.PASS


def test_the_promised_certificate(zone: tuple[Zone, str], tmp_path: Path) -> None:
    """TLSA that promises our certificate passes; another one fails with the record to publish."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    made = trustme.CA().issue_cert("mx.shop.example")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    configuration = configured(tmp_path, zone[1], "tls: {certificate: cert.pem, key: key.pem}\n")
    assert answer("TLSA", configuration)[0] is State.PASS
    public = x509.load_pem_x509_certificate((tmp_path / "cert.pem").read_bytes()).public_key()
    digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    record = "_25._tcp.mx.shop.example. 60 IN TLSA 3 1 1 "
    zone[0].text = GOOD + record + "00" * 32
    state, _, fix = answer("TLSA", configuration)
    assert (state, digest in fix) == (State.FAIL, True)
    zone[0].text = GOOD + record + digest
    assert answer("TLSA", configuration)[0] is State.PASS


def test_letters_that_lie_in_a_maildir(tmp_path: Path) -> None:
    """A Maildir sends nothing: without `reply_via` that is said."""
    configuration = configured(tmp_path, "127.0.0.1:5", f"next_hop: 'maildir:{tmp_path}/box'\n")
    state, _, fix = answer("letters' way out", configuration)
    assert (state, "reply_via" in fix) == (State.WARN, True)


def test_a_way_back_that_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port for reinjection that others reach is a failure; on loopback only it passes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        configuration = configured(tmp_path, "127.0.0.1:5", f"next_hop: 'smtp://127.0.0.1:{port}'\n")
        monkeypatch.setattr(servers, "_own_addresses", list)
        assert answer("way back", configuration)[0] is State.PASS
        monkeypatch.setattr(servers, "_own_addresses", lambda: ["127.0.0.1"])
        assert answer("way back", configuration)[0] is State.FAIL


POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.shop.example\r\nmx: *.backup.example\r\nmax_age: 86400\r\n"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[list[bytes], ssl.SSLContext, int]]:
    """A web server for ``mta-sts.shop.example``: what it answers, who trusts it, and its port."""
    authority = trustme.CA()
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mta-sts.shop.example").configure_cert(ours)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    answer = [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + POLICY]
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                raw, _ = server.accept()
                with contextlib.suppress(OSError), ours.wrap_socket(raw, server_side=True) as wire:
                    wire.recv(4096)
                    wire.sendall(answer[0])

    threading.Thread(target=serve, daemon=True).start()
    yield answer, trusting, server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_the_published_policy_for_transport(
    zone: tuple[Zone, str],
    web: tuple[list[bytes], ssl.SSLContext, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its file is fetched and names us, or does not; another certificate or no policy is a failure, too."""
    answers, trusting, port = web
    made = trustme.CA().issue_cert("mx.shop.example")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    configuration = configured(tmp_path, zone[1], "tls: {certificate: cert.pem, key: key.pem}\n")
    zone[0].text += '_mta-sts.shop.example. 60 IN TXT "v=STSv1; id=1"\nmta-sts.shop.example. 60 IN A 127.0.0.1\n'
    promised = names.promised
    monkeypatch.setattr(names, "promised", lambda domain, resolver: promised(domain, resolver, port, trusting))
    assert answer("MTA-STS", configuration)[0] is State.PASS
    answers[0] = answers[0].replace(b"mx.shop", b"mx2.shop")
    state, _, fix = answer("MTA-STS", configuration)
    assert (state, "mx: mx.shop.example" in fix) == (State.FAIL, True)
    answers[0] = answers[0].replace(b"mx2.shop.example", b"*.shop.example")
    assert answer("MTA-STS", configuration)[0] is State.PASS
    answers[0] = answers[0].replace(b"200 OK", b"302 Found")
    assert answer("MTA-STS", configuration)[0] is State.FAIL
    monkeypatch.setattr(names, "promised", lambda domain, resolver: promised(domain, resolver, port))
    state, said, _ = answer("MTA-STS", configuration)
    assert (state, "SSLCertVerificationError" in said) == (State.FAIL, True)


@pytest.mark.parametrize(("mode", "state"), [("r", State.PASS), ("s", State.FAIL)])
def test_letters_that_are_signed_by_a_name_above(
    mode: str, state: State, zone: tuple[Zone, str], tmp_path: Path
) -> None:
    """Relaxed alignment takes the name of the organisation, strict alignment wants the very domain."""
    zone[0].text = GOOD + f'_dmarc.mail.shop.example. 60 IN TXT "v=DMARC1; p=none; adkim={mode}"\n'
    (tmp_path / "dkim.pem").write_bytes(keygen("shop.example").pem)
    business = "business: {name: S, phone: '+41 44 668 18 00', pay_page: 'https://shop.example/p', "
    business += "letters_from: a@mail.shop.example}\n"
    text = "dkim: {domain: shop.example, selector: pansentry, key: dkim.pem}\n" + business
    assert answer("DMARC", configured(tmp_path, zone[1], text))[0] is state
