"""The TLS layer and its contexts."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest
import trustme

from pansentry.smtp.tls import TlsLayer, reload_certificate, server_context


def files(ca: trustme.CA, folder: Path, name: str) -> tuple[Path, Path]:
    issued = ca.issue_cert(name)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key


def handshake(context: ssl.SSLContext, ca: trustme.CA, name: str) -> tuple[TlsLayer, ssl.SSLObject, ssl.MemoryBIO]:
    """A client object and our layer, shaken hands; the client's incoming BIO comes last."""
    client_context = ssl.create_default_context()
    ca.configure_trust(client_context)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(incoming, outgoing, server_hostname=name)
    client.outgoing = outgoing
    layer = TlsLayer(context)
    for _ in range(5):
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        for octet in outgoing.read():  # in pieces of one octet
            assert layer.receive(bytes([octet])) == b""
        incoming.write(layer.outgoing())
    client.do_handshake()
    return layer, client, incoming


def test_octets_go_both_ways_and_a_half_closes(tmp_path: Path) -> None:
    """After the client's close_notify we can still answer: Exim waits for that."""
    ca = trustme.CA()
    layer, client, incoming = handshake(server_context(*files(ca, tmp_path, "mx.example")), ca, "mx.example")
    assert layer.established
    client.write(b"QUIT\r\n")
    with pytest.raises(ssl.SSLWantReadError):
        client.unwrap()
    assert layer.receive(client.outgoing.read()) == b"QUIT\r\n"
    assert layer.at_end
    layer.encrypt(b"221 Bye\r\n")
    incoming.write(layer.outgoing())
    layer.close()
    incoming.write(layer.outgoing())


def test_large_messages_come_whole(tmp_path: Path) -> None:
    """Many records in one read."""
    ca = trustme.CA()
    layer, client, _ = handshake(server_context(*files(ca, tmp_path, "mx.example")), ca, "mx.example")
    client.write(b"x" * 300_000)
    assert layer.receive(client.outgoing.read()) == b"x" * 300_000


def test_garbage_is_an_error() -> None:
    """What is not TLS raises, and leaves an alert to be sent."""
    layer = TlsLayer(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    with pytest.raises(ssl.SSLError):
        layer.receive(b"EHLO client.example\r\n")


def test_a_certificate_is_renewed_without_a_restart(tmp_path: Path) -> None:
    """New handshakes see the new one; a renewal that does not fit leaves the old one in place."""
    ca = trustme.CA()
    context = server_context(*files(ca, tmp_path, "old.example"))
    handshake(context, ca, "old.example")
    certificate, key = files(ca, tmp_path, "new.example")
    with pytest.raises(ssl.SSLError):
        reload_certificate(context, certificate, tmp_path / "old.example.key")
    handshake(context, ca, "old.example")
    reload_certificate(context, certificate, key)
    handshake(context, ca, "new.example")


def test_old_protocols_are_off(tmp_path: Path) -> None:
    """Nothing below TLS 1.2 (RFC 8996)."""
    assert server_context(*files(trustme.CA(), tmp_path, "x")).minimum_version == ssl.TLSVersion.TLSv1_2
