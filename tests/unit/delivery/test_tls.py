"""TLS towards the next hop: opportunistic never loses mail, required never sends it in clear, passwords need TLS."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest
import trustme
from tests.e2e.next_hops.scripted import Act, ScriptedHop

from pansentry.delivery.hop import Credentials, Deadlines, HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import parse_next_hop

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def authority():
    """A certificate authority for these tests."""
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority):
    """A server context with a certificate for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def options(authority):
    """Options that trust the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return HopOptions(our_name="gw.example", deadlines=Deadlines(2, 2, 2), tls_context=context)


async def send(server, options, tls, host="localhost"):
    """Send one message with a TLS mode; returns the answer and whether the connection was encrypted."""
    hop = open_hop(parse_next_hop(f"smtp://{host}:{server.port}?tls={tls}"), options)
    probe = await hop.probe()
    delivery = hop.begin(Sender("a@example.org"))
    reply = await delivery.rcpt("b@example.com")
    if reply.is_success:
        (reply,) = await delivery.send(MESSAGE)
    else:
        await delivery.abort()
    await hop.close()
    return reply, probe.tls


@pytest.mark.parametrize("tls", ["opportunistic", "required"])
async def test_starttls_is_used_where_it_is_offered(server_tls, options, tls):
    """With STARTTLS on offer the mail goes out encrypted, and EHLO is said again inside."""
    async with ScriptedHop(tls=server_tls) as server:
        reply, encrypted = await send(server, options, tls)
    assert reply.code == 250
    assert encrypted
    assert server.delivered[0].content == MESSAGE
    assert [c.split()[0] for c in server.commands[:3]] == [b"EHLO", b"STARTTLS", b"EHLO"]


async def test_none_never_encrypts(server_tls, options):
    """tls=none stays in clear although STARTTLS is offered."""
    async with ScriptedHop(tls=server_tls) as server:
        reply, encrypted = await send(server, options, "none")
    assert (reply.code, encrypted) == (250, False)


async def test_opportunistic_goes_in_clear_where_nothing_is_offered(options):
    """Without an offer opportunistic mail still arrives."""
    async with ScriptedHop() as server:
        reply, encrypted = await send(server, options, "opportunistic")
    assert (reply.code, encrypted) == (250, False)


@pytest.mark.parametrize("broken", [b"454 4.7.0 TLS not available\r\n", Act.DROP, b"220 go\r\n\x00garbage no TLS\r\n"])
async def test_opportunistic_survives_broken_tls(server_tls, options, broken):
    """If the handshake fails, opportunistic mail goes out on a new connection in clear (RFC 7435)."""
    async with ScriptedHop({"tls": broken}, tls=server_tls) as server:
        reply, encrypted = await send(server, options, "opportunistic")
    assert (reply.code, encrypted) == (250, False)
    assert len(server.delivered) == 1


@pytest.mark.parametrize("broken", [b"454 4.7.0 TLS not available\r\n", Act.DROP, b"220 go\r\n\x00garbage no TLS\r\n"])
async def test_required_defers_on_broken_tls(server_tls, options, broken):
    """If the handshake fails, required mail is 451 and nothing went out in clear."""
    async with ScriptedHop({"tls": broken}, tls=server_tls) as server:
        reply, _ = await send(server, options, "required")
    assert reply.code == 451
    assert not any(c.startswith(b"MAIL") for c in server.commands)


async def test_required_defers_where_nothing_is_offered(options):
    """STARTTLS taken out of the offer (by an attacker, say) defers required mail: 451 4.7.5."""
    async with ScriptedHop() as server:
        reply, _ = await send(server, options, "required")
    assert (reply.code, reply.enhanced) == (451, "4.7.5")
    assert not any(c.startswith(b"MAIL") for c in server.commands)


async def test_required_defers_for_an_unknown_authority(server_tls, options):
    """A certificate nobody vouches for defers required mail and does not stop opportunistic mail."""
    async with ScriptedHop(tls=server_tls) as server:
        strangers = replace(options, tls_context=ssl.create_default_context())
        reply, _ = await send(server, strangers, "required")
        assert (reply.code, reply.enhanced) == (451, "4.7.5")
        reply, encrypted = await send(server, strangers, "opportunistic")
    assert (reply.code, encrypted) == (250, True)


async def test_required_defers_for_another_name(server_tls, options):
    """A certificate for another name is no proof."""
    async with ScriptedHop(tls=server_tls) as server:
        reply, _ = await send(server, options, "required", host="127.0.0.1")
    assert reply.code == 451


async def test_answers_slipped_in_before_the_handshake_are_not_believed(server_tls, options):
    """What was sent in clear behind the answer to STARTTLS is never taken for an answer inside TLS."""
    slipped = b"220 2.0.0 Go ahead\r\n250-evil.example\r\n250 XFORWARD NAME\r\n"
    async with ScriptedHop({"tls": slipped}, tls=server_tls) as server:
        reply, _ = await send(server, options, "required")
    assert reply.code == 451
    assert server.delivered == []


async def test_password_goes_out_encrypted_only(server_tls, options):
    """AUTH happens inside TLS; without TLS the password stays here and the mail is deferred."""
    options = replace(options, credentials=Credentials("user", "hunter2"))
    offer = ("PIPELINING", "AUTH PLAIN LOGIN")
    async with ScriptedHop(tls=server_tls, offer=offer) as server:
        reply, _ = await send(server, options, "required")
        assert reply.code == 250
        assert any(c.startswith(b"AUTH PLAIN") for c in server.commands)
    async with ScriptedHop(offer=offer) as server:
        reply, _ = await send(server, options, "opportunistic")
        assert (reply.code, reply.enhanced) == (451, "4.3.5")
        assert not any(c.startswith(b"AUTH") for c in server.commands)
    assert "hunter2" not in repr(options)


async def test_refused_password_is_about_us(server_tls, options):
    """535 is our mistake, not the sender's: 451 4.3.5."""
    options = replace(options, credentials=Credentials("user", "wrong"))
    script = {"auth": b"535 5.7.8 Bad credentials\r\n"}
    async with ScriptedHop(script, tls=server_tls, offer=("AUTH PLAIN",)) as server:
        reply, _ = await send(server, options, "required")
    assert (reply.code, reply.enhanced) == (451, "4.3.5")


async def test_credentials_where_no_authentication_is_offered(server_tls, options):
    """Credentials for a server that offers no AUTH are a mistake in our configuration: 451."""
    options = replace(options, credentials=Credentials("user", "x"))
    async with ScriptedHop(tls=server_tls) as server:
        reply, _ = await send(server, options, "required")
    assert reply.code == 451
