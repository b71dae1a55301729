"""The fourteen traps of aiosmtpd 1.4.6 (A1 to A14 of the research), one test each, with real octets over a socket.

What each trap does in production stands in the docstring; the library is pinned, and these tests say what breaks if
an update or a refactoring brings one back.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
import tracemalloc

import pytest
import trustme
from tests.unit.smtp.double import Peer, house

from pansentry.smtp.limits import SmtpLimits
from pansentry.smtp.listener import ListenerOptions
from pansentry.smtp.server import Server

ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n"


async def to_data(peer: Peer, recipient: bytes = b"c@example.org") -> None:
    await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
    await peer.ask(b"RCPT TO:<" + recipient + b">\r\n", 250)
    await peer.ask(b"DATA\r\n", 354)


def tls_pair() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    ca = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("mx.example").configure_cert(server)
    ca.configure_trust(client)
    return server, client


def test_we_are_a_subclass_of_the_pinned_library() -> None:
    """Private parts of exactly this version are replaced."""
    from importlib.metadata import version

    from aiosmtpd.smtp import SMTP

    assert issubclass(Server, SMTP)
    assert version("aiosmtpd") == "1.4.6"


async def test_a1_auth_is_never_advertised_and_its_parameter_ignored() -> None:
    """Exchange and others answer an advertised AUTH with ``AUTH=<>`` and bounce for good on 555."""
    server, client = tls_pair()
    async with house(ListenerOptions(hostname="mx.example", tls="starttls"), server) as place:
        peer = await place.connect()
        await peer.expect(220)
        clear = await peer.ask(b"EHLO x\r\n", 250)
        await peer.ask(b"STARTTLS\r\n", 220)
        await peer.writer.start_tls(client, server_hostname="mx.example")
        encrypted = await peer.ask(b"EHLO x\r\n", 250)
        assert not any("AUTH" in line for line in clear + encrypted)
        await peer.ask(b"MAIL FROM:<a@b.example> AUTH=<>\r\n", 250)
        peer.close()


async def test_a2_dsn_parameters_reach_the_receiver() -> None:
    """Postfix as a before-queue client passes DSN options on; a 555 or 501 bounces the mail for good."""
    async with house() as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example> RET=FULL ENVID=x+2By XOORG=q.example\r\n", 250)
        await peer.ask(b"RCPT TO:<c@example.org> NOTIFY=FAILURE ORCPT=rfc822;c@example.org\r\n", 250)
        mail = place.memory.mails[0]
        assert mail.parameters == ("RET=FULL", "ENVID=x+2By")
        assert mail.rcpt_parameters == [("NOTIFY=FAILURE", "ORCPT=rfc822;c@example.org")]
        peer.close()


@pytest.mark.parametrize("tls", [False, True])
async def test_a3_a_half_closed_client_gets_its_answers(tls: bool) -> None:
    """Exim closes its half behind a pipelined QUIT, in the clear and in TLS; the library then cancels the delivery."""
    server, client = tls_pair()
    options = ListenerOptions(hostname="mx.example", tls="implicit" if tls else "none")
    async with house(options, server if tls else None) as place:
        if not tls:
            peer = await place.greeted()
            await to_data(peer, b"slow-data@example.org")
            await peer.send(b"x\r\n.\r\nQUIT\r\n")
            peer.writer.write_eof()
            await asyncio.sleep(0.05)
            place.memory.go.set()
            await peer.expect(250)
            await peer.expect(221)
            assert await peer.closed()
        else:
            assert await asyncio.to_thread(exim_over_tls, place.listener.port, client, place.memory.go.set) == [
                "250",
                "221",
            ]
        assert place.memory.mails[0].finished


def exim_over_tls(port: int, context: ssl.SSLContext, go: object) -> list[str]:
    """Send close_notify behind QUIT while the message is being delivered, then read what is answered (blocking)."""
    import socket
    import time

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="mx.example")
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:

        def exchange(call: object) -> bytes:
            while True:
                try:
                    result = call()  # type: ignore[operator]
                except ssl.SSLWantReadError:
                    sock.sendall(outgoing.read())
                    incoming.write(sock.recv(65536))
                else:
                    sock.sendall(outgoing.read())
                    return result  # type: ignore[no-any-return]

        exchange(tls.do_handshake)
        exchange(lambda: tls.read(1000))
        for command in (
            b"EHLO x\r\n",
            b"MAIL FROM:<a@b.example>\r\n",
            b"RCPT TO:<slow-data@example.org>\r\n",
            b"DATA\r\n",
        ):
            exchange(lambda command=command: tls.write(command))
            exchange(lambda: tls.read(1000))
        tls.write(b"x\r\n.\r\nQUIT\r\n")
        try:
            tls.unwrap()
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
        time.sleep(0.1)
        go()  # type: ignore[operator]
        received = b""
        while True:
            data = sock.recv(65536)
            if not data:
                break
            incoming.write(data)
        try:
            while piece := tls.read(1000):
                received += piece
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
    return [line[:3] for line in received.decode().splitlines()]


@pytest.mark.parametrize("in_order", [False, True])
async def test_a4_a_vanished_client_does_not_stop_the_delivery(in_order: bool) -> None:
    """The library cancels the handler; the mail may be delivered and never acknowledged, half done, or lost."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer, b"slow-data@example.org")
        await peer.send(b"x\r\n.\r\n")
        await place.until(lambda: place.memory.messages)
        if in_order:
            peer.close()
            await asyncio.sleep(0.05)
        else:
            peer.reset()
            await place.until(lambda: place.listener.connections == 0)
        assert place.listener.running == 1
        place.memory.go.set()
        await place.until(lambda: place.memory.mails[0].finished)
        await place.until(lambda: place.memory.mails[0].heard is not None)
        assert place.memory.mails[0].heard is False
        assert not place.memory.mails[0].aborted


async def test_a5_the_clock_of_data_counts_from_the_last_octet_and_the_processing_has_its_own() -> None:
    """One timer over the whole of DATA kills slow links, and long processing with a reset instead of a 451."""
    limits = SmtpLimits(data_idle_s=0.25, processing_s=0.3)
    async with house(ListenerOptions(limits=limits)) as place:
        peer = await place.greeted()
        await to_data(peer, b"slow-data@example.org")
        for _ in range(5):
            await peer.send(b"x\r\n")
            await asyncio.sleep(0.1)
        await peer.send(b".\r\n")
        await peer.expect(451, "4.3.0")
        await peer.ask(b"NOOP\r\n", 250)
        place.memory.go.set()
        await place.until(lambda: place.memory.mails[0].finished)
        assert place.memory.mails[0].heard is False
        await to_data(peer)
        await peer.ask(b"y\r\n.\r\n", 250)
        peer.close()


async def test_a6_long_lines_pass() -> None:
    """Real mail has lines over 1,001 octets, and a 500 bounces it."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        await peer.ask(b"x" * 2_000_000 + b"\r\n.\r\n", 250)
        assert place.memory.messages == [b"x" * 2_000_000 + b"\r\n"]
        peer.close()


async def test_a7_an_exception_is_451_and_shows_nothing() -> None:
    """The library says ``500 Error: (ValueError) <text>``: a bug would bounce mail for good and echo a card number."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer, b"crash-data@example.org")
        (line,) = await peer.ask(b"x\r\n.\r\n", 451, "4.3.0 Temporary failure, incident")
        event, fields = place.log.entries[-1]
        assert event == "smtp.incident"
        assert fields["type"] == "ValueError"
        assert str(fields["incident"]) in line
        assert str(fields["place"]).startswith("double.py:")
        assert "4111 1111" not in line + repr(place.log.entries)  # the name of an incident can hold four digits
        peer.close()


async def test_a8_the_library_logs_nothing_whatever_the_level(caplog: pytest.LogCaptureFixture) -> None:
    """``mail.log`` writes every DATA line at DEBUG; nobody can turn that on."""
    caplog.set_level(logging.DEBUG)
    async with house() as place:
        logging.getLogger("mail.log").setLevel(logging.DEBUG)
        peer = await place.greeted()
        await to_data(peer)
        await peer.ask(b"4111 1111 1111 1111\r\n.\r\n", 250)
        logging.getLogger("mail.log").debug("4111 1111 1111 1111")
        peer.close()
    assert "4111" not in caplog.text
    assert not [record for record in caplog.records if record.name == "mail.log"]


async def test_a9_the_null_sender_is_the_empty_string() -> None:
    """As ``'<>'`` it is true, and bounces are answered: a loop."""
    async with house() as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<>\r\n", 250)
        assert place.memory.mails[0].reverse_path == ""
        peer.close()


async def test_a10_addresses_are_not_read_by_a_header_parser() -> None:
    """An encoded word became another address, comments vanished, a missing bracket was taken."""
    async with house() as place:
        peer = await place.greeted()
        for path in (b"<=?utf-8?q?a?=@x.example>", b"<a(b)@x.example>", b"<a@x.example", b"a@x.example"):
            await peer.send(b"MAIL FROM:" + path + b"\r\n")
            (line,) = await peer.reply()
            assert line[:3] in ("501", "553")
        assert place.memory.mails == []
        peer.close()


@pytest.mark.parametrize(
    ("line_ends", "code", "messages"), [("normalize", 250, [b"a\r\nb\r\nc\r\n"]), ("reject", 550, [])]
)
async def test_a11_bare_line_ends_do_not_reach_the_next_hop(line_ends: str, code: int, messages: list[bytes]) -> None:
    """Kept in the content they could end the data at the next hop."""
    async with house(ListenerOptions(line_ends=line_ends)) as place:  # type: ignore[arg-type]
        peer = await place.greeted()
        await to_data(peer)
        await peer.ask(b"a\nb\rc\r\n.\r\n", code)
        assert place.memory.messages == messages
        peer.close()


async def test_a12_memory_is_bounded() -> None:
    """The library holds one object per line: 25 MB of mail cost 120 MB. Here a mail is held about once."""
    size = 8 << 20
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        message = (b"x" * 62 + b"\r\n") * (size // 64)
        tracemalloc.start()
        try:
            await peer.ask(message + b".\r\n", 250)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert place.memory.messages == [message]
        # the client's own copies are in here too: its argument with the end, and the transport's buffer of it
        assert peak < 5 * size
        peer.close()


async def test_a13_connections_are_bounded_and_drained() -> None:
    """The library has no limits, and its close cuts mail that is on its way."""
    async with house(ListenerOptions(limits=SmtpLimits(max_connections=2))) as place:
        busy = await place.greeted()
        idle = await place.greeted()
        third = await place.connect()
        await third.expect(421, "4.3.2")
        assert await third.closed()
        await to_data(busy, b"slow-data@example.org")
        await busy.send(b"x\r\n.\r\n")
        await place.until(lambda: place.memory.messages)
        stopping = asyncio.create_task(place.listener.stop(5))
        await idle.expect(421, "4.3.2")
        assert await idle.closed()
        place.memory.go.set()
        await busy.expect(250)
        await busy.expect(421, "4.3.2")
        assert await stopping
        busy.close()


async def test_a14_a_proxy_header_needs_a_trusted_peer() -> None:
    """Any peer could choose the address that SPF is checked for."""
    header = b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n"
    trusted = ListenerOptions(proxy=True, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    async with house(trusted) as place:
        peer = await place.connect()
        await peer.send(header)
        await peer.expect(220)
        await peer.ask(b"EHLO x\r\n", 250)
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        assert (place.memory.mails[0].client.address, place.memory.mails[0].client.port) == ("192.0.2.7", 4711)
        peer.close()
    untrusted = ListenerOptions(proxy=True, trusted_proxies=(ipaddress.ip_network("192.0.2.0/24"),))
    async with house(untrusted) as place:
        peer = await place.connect()
        assert await peer.closed()
        assert place.log.events == ["smtp.proxy_untrusted"]
        peer.close()
