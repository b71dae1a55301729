"""Clocks, limits of connections, drain and the quieter corners of a listener."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading

import pytest
import trustme
from tests.unit.smtp.double import Log, Memory, Peer, Take, house

from pansentry.errand import Later
from pansentry.smtp import transaction
from pansentry.smtp.data import DataReader
from pansentry.smtp.limits import Account, SmtpLimits
from pansentry.smtp.listener import Listener, ListenerOptions
from pansentry.smtp.session import silent
from pansentry.smtp.transaction import TURN_BYTES
from pansentry.smtp_reply import Reply

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def limited(**limits: float) -> ListenerOptions:
    return ListenerOptions(hostname="mx.example", limits=SmtpLimits(**limits))  # type: ignore[arg-type]


async def to_data(peer: Peer, recipient: bytes = b"c@example.org") -> None:
    await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
    await peer.ask(b"RCPT TO:<" + recipient + b">\r\n", 250)
    await peer.ask(b"DATA\r\n", 354)


async def flood(peer: Peer) -> None:
    while True:
        await peer.send(b"NOOP\r\n" * 5000)


async def test_an_idle_client_is_told_and_cut_off() -> None:
    """The clock between commands."""
    async with house(limited(command_idle_s=0.1)) as place:
        peer = await place.greeted()
        await peer.expect(421, "4.4.2")
        assert await peer.closed()


async def test_idle_connections_do_not_keep_others_out() -> None:
    """Where nearly all connections are taken those that say nothing are let go, and there is room again."""
    async with house(limited(max_connections=5, crowded_idle_s=0.2, command_idle_s=60)) as place:
        idle = [await place.greeted() for _ in range(4)]
        await asyncio.sleep(0.4)
        assert place.listener.connections == 4
        idle.append(await place.greeted())
        for peer in idle[:4]:
            await peer.expect(421, "4.4.2")
        await idle[4].ask(b"NOOP\r\n", 250)
        for peer in idle:
            peer.close()


async def test_octets_that_never_make_a_command_do_not_reset_the_clock() -> None:
    """One octet now and then is the cheapest way to hold a connection."""
    async with house(limited(command_idle_s=0.2)) as place:
        peer = await place.greeted()

        async def drip() -> None:
            while not peer.writer.transport.is_closing():
                peer.writer.write(b"N")
                await asyncio.sleep(0.03)

        dripping = asyncio.create_task(drip())
        await peer.expect(421, "4.4.2")
        dripping.cancel()
        peer.close()


async def test_a_slow_drip_in_data_is_cut_off() -> None:
    """Less than the least data rate over a window."""
    async with house(limited(min_data_bytes_per_s=1000, data_rate_window_s=0.2)) as place:
        peer = await place.greeted()
        await to_data(peer)

        async def drip() -> None:
            while not peer.writer.transport.is_closing():
                peer.writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        await peer.expect(421, "4.4.2")
        dripping.cancel()
        peer.close()
    assert place.memory.messages == []
    assert place.memory.mails[0].aborted


async def test_the_whole_of_data_has_an_end() -> None:
    """A client that is fast enough and never ends is cut off by the total."""
    async with house(limited(data_total_s=0.2)) as place:
        peer = await place.greeted()
        await to_data(peer)
        while True:
            try:
                await peer.send(b"x" * 1000)
            except ConnectionError:
                break
            if peer.reader._buffer:
                break
            await asyncio.sleep(0.01)
        assert place.memory.messages == []
        peer.close()


async def test_silence_in_data_is_cut_off() -> None:
    """The clock between octets of DATA."""
    async with house(limited(data_idle_s=0.1)) as place:
        peer = await place.greeted()
        await to_data(peer)
        await peer.expect(421, "4.4.2")
        assert await peer.closed()


async def test_a_session_has_an_end_between_transactions() -> None:
    """A connection is not kept for ever by NOOPs; a transaction is not cut."""
    async with house(limited(session_s=0.15)) as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        await asyncio.sleep(0.3)
        await peer.ask(b"RCPT TO:<c@example.org>\r\n", 250)
        await peer.ask(b"RSET\r\n", 250)
        await peer.expect(421, "4.4.2")


async def test_a_recipient_that_is_never_answered_ends_the_connection() -> None:
    """The transaction is told once its answer is here, not while it is still asked."""
    async with house(limited(processing_s=0.1)) as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        await peer.ask(b"RCPT TO:<slow@example.org>\r\n", 421, "4.3.0")
        assert await peer.closed()
        await place.until(lambda: place.listener.connections == 0)
        assert not place.memory.mails[0].aborted
        place.memory.go.set()
        await place.until(lambda: place.memory.mails[0].aborted)


async def test_a_client_that_goes_while_its_recipient_is_asked() -> None:
    """The same when the client closes."""
    async with house() as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        await peer.send(b"RCPT TO:<slow@example.org>\r\n")
        await place.until(lambda: place.listener.running == 1)
        peer.reset()
        await place.until(lambda: place.listener.connections == 0)
        assert not place.memory.mails[0].aborted
        place.memory.go.set()
        await place.until(lambda: place.memory.mails[0].aborted)


async def test_a_silent_proxy_and_a_silent_handshake_are_cut_off() -> None:
    """Neither has been greeted, so nothing is said."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("mx.example").configure_cert(context)
    limits = SmtpLimits(handshake_s=0.1)
    for options, tls in (
        (ListenerOptions(proxy=True, trusted_proxies=(LOOPBACK,), limits=limits), None),
        (ListenerOptions(tls="implicit", limits=limits), context),
    ):
        async with house(options, tls) as place:
            peer = await place.connect()
            assert await peer.closed()
            peer.close()


async def test_proxy_in_front_of_implicit_tls() -> None:
    """The header comes in the clear, the handshake in the same segment behind it."""
    ca = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("mx.example").configure_cert(server)
    ca.configure_trust(client)
    options = ListenerOptions(proxy=True, trusted_proxies=(LOOPBACK,), tls="implicit")
    async with house(options, server) as place:
        peer = await place.connect()
        peer.writer.write(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n")
        await peer.writer.start_tls(client, server_hostname="mx.example")
        await peer.expect(220)
        await peer.ask(b"EHLO x\r\n", 250)
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        mail = place.memory.mails[0]
        assert (mail.client.address, mail.client.tls, mail.client.protocol) == ("192.0.2.7", True, "ESMTPS")
        peer.close()


async def test_limits_per_client_hold_for_the_proxied_client() -> None:
    """HAProxy itself is many clients."""
    limits = SmtpLimits(max_connections_per_client=1)
    options = ListenerOptions(proxy=True, trusted_proxies=(LOOPBACK,), exempt=(LOOPBACK,), limits=limits)
    async with house(options) as place:
        peers = [await place.connect() for _ in range(3)]
        for peer, address in zip(peers, (b"192.0.2.7", b"192.0.2.8", b"192.0.2.7"), strict=True):
            await peer.send(b"PROXY TCP4 " + address + b" 198.51.100.1 4711 25\r\n")
            await asyncio.sleep(0.02)
        await peers[0].expect(220)
        await peers[1].expect(220)
        await peers[2].expect(421, "4.7.0")
        for peer in peers:
            peer.close()


async def test_connections_per_client_at_the_limit() -> None:
    """n connections are served, one more is told to come again."""
    async with house(limited(max_connections_per_client=2)) as place:
        first, second, third = [await place.connect() for _ in range(3)]
        await first.expect(220)
        await second.expect(220)
        await third.expect(421, "4.7.0")
        first.close()
        await place.until(lambda: place.listener.connections == 1)
        fourth = await place.connect()
        await fourth.expect(220)
        second.close()
        fourth.close()


async def test_bytes_are_given_back() -> None:
    """Whatever becomes of a message, its room is free again (the house checks that nothing is left over)."""
    account = Account(SmtpLimits())
    async with house(account=account) as place:
        for recipient, ending in (
            (b"c@example.org", b".\r\n"),
            (b"crash-data@example.org", b".\r\n"),
            (b"at-once@example.org", b".\r\n"),
            (b"c@example.org", b""),
        ):
            peer = await place.greeted()
            await to_data(peer, recipient)
            await peer.send(b"x" * 1000 + b"\r\n" + ending)
            if ending:
                await peer.reply()
            else:
                await place.until(lambda: account.bytes_in_flight == 1002)
            peer.writer.transport.abort()
            await place.until(lambda: place.listener.connections == 0)
            assert account.bytes_in_flight == 0


async def test_a_message_on_its_way_may_finish_while_draining() -> None:
    """421 comes behind its answer; a second stop would force."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        await peer.send(b"x\r\n")
        stopping = asyncio.create_task(place.listener.stop(5))
        await asyncio.sleep(0.05)
        await peer.send(b".\r\n")
        await peer.expect(250)
        await peer.expect(421, "4.3.2")
        assert await stopping is True


async def test_a_second_stop_forces() -> None:
    """The first would wait for the message; the second does not."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer, b"slow-data@example.org")
        await peer.send(b"x\r\n.\r\n")
        await place.until(lambda: place.memory.messages)
        stopping = asyncio.create_task(place.listener.stop(60))
        await asyncio.sleep(0.05)
        assert await place.listener.stop() is False
        async with asyncio.timeout(2):
            assert await stopping is False
        assert await peer.closed()
        assert not place.memory.mails[0].finished


async def test_a_grace_that_ends_forces() -> None:
    """So does the end of the grace."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        assert await place.listener.stop(0.1) is False
        assert await peer.closed()


@pytest.mark.parametrize("words_s", [0.05, 60.0])
async def test_what_is_cut_off_has_a_moment_to_say_goodbye(monkeypatch: pytest.MonkeyPatch, words_s: float) -> None:
    """A message that is cut off may still tell its next hop; what takes longer than a moment is left, and said so."""
    monkeypatch.setattr("pansentry.smtp.listener._LAST_WORDS_S", 0.2)
    said: list[str] = []
    loop = asyncio.get_running_loop()

    async def data(_take: Take) -> Reply:
        goodbye = Later(loop)
        try:
            await Later(loop).expect()
        finally:
            loop.call_later(words_s, goodbye.is_here)
            await goodbye.expect()
            said.append("RSET")
        return Reply(250, "2.0.0", "never")

    monkeypatch.setattr(Take, "_data", data)
    memory, log = Memory(), Log()
    listener = Listener(ListenerOptions(hostname="mx.example"), memory, log=log)
    await listener.start()
    peer = Peer(*await asyncio.open_connection("127.0.0.1", listener.port))
    await peer.expect(220)
    await peer.ask(b"EHLO client.example\r\n", 250)
    await to_data(peer)
    await peer.send(b"x\r\n.\r\n")
    async with asyncio.timeout(5):
        assert await listener.stop(0.05) is False
    assert (said, listener.running) == ((["RSET"], 0) if words_s < 1 else ([], 1))
    assert ("smtp.left" in log.events) is (words_s > 1)
    for errand in tuple(listener._shared.running):  # type: ignore[union-attr]
        errand.cancel()
    peer.close()


async def test_what_is_sent_ahead_of_an_answer_does_not_pile_up() -> None:
    """However fast a client pipelines, little more than one read is held while recipients are asked for one by one."""
    async with house() as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        (connection,) = place.listener._shared.connections  # type: ignore[union-attr]
        most = 0

        async def ahead() -> None:
            while True:
                await peer.send(b"RCPT TO:<c@example.org>\r\n" * 10_000)

        flooding = asyncio.create_task(ahead())
        async with asyncio.timeout(30):
            while connection.recipients < 100:
                await asyncio.sleep(0)
                most = max(most, len(connection._held))
                assert place.listener.account.bytes_in_flight in (0, len(connection._held))
        assert 64 * 1024 < most < 1 << 20
        flooding.cancel()
        peer.reset()
        await place.until(lambda: place.listener.connections == 0)


async def test_what_is_sent_ahead_counts_as_octets_of_messages_do() -> None:
    """A client that sends more ahead than there is room for is cut off; what it said before is carried out."""
    async with house(limited(max_bytes_in_flight=100_000)) as place:
        peer = await place.greeted()
        await to_data(peer, b"slow-data@example.org")
        await peer.send(b"x\r\n.\r\n")
        await place.until(lambda: place.memory.messages)
        await peer.send(b"NOOP\r\n" * 40_000)
        await place.until(lambda: "smtp.too_much_ahead" in place.log.events)
        await place.until(lambda: place.listener.connections == 0)
        place.memory.go.set()
        await place.until(lambda: place.memory.mails[0].heard is False)
        assert place.memory.mails[0].finished
        peer.close()


@pytest.mark.parametrize(
    ("before", "again", "code"),
    [
        (b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.org>\r\n", b"RCPT TO:<d@example.org>\r\n", 452),
        (b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.org>\r\n", b"RCPT TO:<late@example.org>\r\n", 452),
        (b"MAIL FROM:<a@b.example>\r\nRCPT TO:<unknown@example.org>\r\n", b"DATA\r\n", 554),
        (b"NOOP\r\nNOOP\r\n", b"MAIL FROM:<a@b.example> SIZE=9000\r\n", 452),
    ],
)
async def test_a_flood_of_what_is_put_off_has_an_end(before: bytes, again: bytes, code: int) -> None:
    """Commands that are answered "later" cost a client nothing: at the limit they go on, then they are one too many."""
    limits = limited(max_recipients=1, max_put_off=5, max_bytes_in_flight=5000, max_message_bytes=10_000)
    async with house(limits) as place:
        peer = await place.greeted()
        await peer.send(before)
        for _ in range(2):
            await peer.reply()
        for _ in range(5):
            await peer.ask(again, code)
        await peer.ask(again, 421, "4.7.0")
        assert await peer.closed()


@pytest.mark.parametrize("name", [b"c", b"at-once", b"later-data"])
async def test_what_is_put_off_is_counted_from_message_to_message(name: bytes) -> None:
    """A list that has more recipients than one message may have sends one message after the other."""
    async with house(limited(max_recipients=1, max_put_off=4)) as place:
        peer = await place.greeted()
        for _ in range(3):
            await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
            await peer.ask(b"RCPT TO:<%s@example.org>\r\n" % name, 250)
            for _ in range(4):
                await peer.ask(b"RCPT TO:<d@example.org>\r\n", 452)
            await peer.ask(b"DATA\r\n", 354)
            await peer.ask(b"x\r\n.\r\n", 250)
        await peer.ask(b"QUIT\r\n", 221)


async def test_faults_of_ours_are_not_caused_without_end() -> None:
    """Who finds a command that breaks us may say it as often as any other that is wrong."""
    async with house(limited(max_errors=3)) as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        for _ in range(3):
            await peer.ask(b"RCPT TO:<crash@example.org>\r\n", 451)
        await peer.ask(b"RCPT TO:<crash@example.org>\r\n", 421)
        assert await peer.closed()


async def test_a_client_that_takes_its_time_lets_the_receiver_rest() -> None:
    """With recipients given, once behind the last of them and again behind another one; slow content is the same."""
    async with house(limited(rest_s=0.05)) as place:
        peer = await place.greeted()
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        await asyncio.sleep(0.15)
        (mail,) = place.memory.mails
        assert mail.rests == 0
        await peer.ask(b"RCPT TO:<c@example.org>\r\n", 250)
        await place.until(lambda: mail.rests == 1)
        await asyncio.sleep(0.1)
        assert mail.rests == 1
        await peer.ask(b"RCPT TO:<d@example.org>\r\n", 250)
        await place.until(lambda: mail.rests == 2)
        await peer.ask(b"RCPT TO:<unknown@example.org>\r\n", 550)
        await place.until(lambda: mail.rests == 3)
        await peer.ask(b"RSET\r\n", 250)
        await to_data(peer)
        mail = place.memory.mails[1]
        await place.until(lambda: mail.rests == 1)
        await peer.ask(b"x\r\n.\r\n", 250)
        await asyncio.sleep(0.1)
        assert mail.rests == 1
        await peer.ask(b"QUIT\r\n", 221)


async def test_a_client_that_does_not_read_holds_up_nobody_and_no_memory() -> None:
    """Answers are not piled up without bound: reading stops while the client does not take them."""
    async with house(limited(max_idle_commands=10**9)) as place:
        peer = await place.greeted()
        peer.writer.transport.pause_reading()
        (connection,) = place.listener._shared.connections  # type: ignore[union-attr]
        flooding = asyncio.create_task(flood(peer))
        async with asyncio.timeout(30):
            while not connection._unwritable:  # noqa: ASYNC110  it is a flag of asyncio's protocol
                await asyncio.sleep(0.01)
        flooding.cancel()
        assert connection.transport.get_write_buffer_size() < 1 << 20
        other = await place.greeted()
        await to_data(other)
        await other.ask(b"x\r\n.\r\n", 250)
        other.close()
        peer.writer.transport.abort()


async def test_a_flood_behind_the_dot_is_held_within_bounds() -> None:
    """Reading stops while a delivery is waited for."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer, b"slow-data@example.org")
        await peer.send(b"x\r\n.\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flood(peer), 0.5)
        (connection,) = place.listener._shared.connections  # type: ignore[union-attr]
        assert len(connection._held) < 1 << 20
        peer.writer.transport.abort()


async def test_a_large_message_is_read_in_turns() -> None:
    """Of what has come of a message a bounded piece is read, then others have their turn, and it goes on by itself."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        (connection,) = place.listener._shared.connections  # type: ignore[union-attr]
        body = b"a line of a long message\r\n" * 60_000
        pieces = [body[at : at + 100_000] for at in range(0, len(body), 100_000)]
        at_once = []
        while pieces:
            count = 0
            while pieces and not connection._reading_paused:  # as uvloop would, from one look at the socket
                count += len(piece := pieces.pop(0))
                connection.data_received(piece)
            at_once.append(count)
            await asyncio.sleep(0)
        assert max(at_once) <= TURN_BYTES + 100_000
        await peer.ask(b".\r\n", 250)
        assert place.memory.messages == [body]
        peer.close()


@pytest.mark.parametrize("recipient", [b"c@example.org", b"slow-data@example.org"])
async def test_a_very_large_message_is_joined_beside_the_loop(
    recipient: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes its time for each octet is done in a thread; the receiver is asked in the event loop, and answers."""
    threads: list[bool] = []
    take = DataReader.take

    def noting(reader: DataReader) -> tuple[bytes, bool]:
        threads.append(threading.current_thread() is threading.main_thread())
        return take(reader)

    monkeypatch.setattr(transaction, "JOINED_BESIDE_BYTES", 30_000)
    monkeypatch.setattr(DataReader, "take", noting)
    async with house() as place:
        place.memory.go.set()
        peer = await place.greeted()
        body = b".\r\n" + b"a line of a long message\r\n" * 2000  # of lines without dots nothing has to be joined
        for message in (b".short\r\n", body):
            await to_data(peer, recipient)
            await peer.ask(b"." + message + b".\r\n", 250)
        peer.close()
        assert place.memory.messages == [b".short\r\n", body]
    assert threads == [True, False]


async def test_lmtp_answers_are_the_receivers_one_by_one() -> None:
    """A tuple is passed on in order; one of another length is a temporary failure for everybody."""
    async with house(ListenerOptions(lmtp=True)) as place:
        peer = await place.greeted(b"LHLO x\r\n")
        for replies, codes in (
            ((Reply(250, "2.0.0", "a"), Reply(452, "4.2.2", "b")), ("250", "452")),
            ((Reply(250, "2.0.0", "a"),), ("451", "451")),
        ):
            place.memory.lmtp_replies = replies
            await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
            await peer.ask(b"RCPT TO:<c@example.org>\r\n", 250)
            await peer.ask(b"RCPT TO:<d@example.org>\r\n", 250)
            await peer.ask(b"DATA\r\n", 354)
            await peer.send(b"x\r\n.\r\n")
            assert ((await peer.reply())[0][:3], (await peer.reply())[0][:3]) == codes
        peer.close()


async def test_what_the_receiver_is_told_about_its_answer() -> None:
    """True once the client goes on; False when the receiver raised."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        await peer.ask(b"x\r\n.\r\n", 250)
        assert place.memory.mails[0].heard is None
        await to_data(peer, b"crash-data@example.org")
        await peer.ask(b"x\r\n.\r\n", 451)
        assert [mail.heard for mail in place.memory.mails] == [True, False]
        peer.close()


@pytest.mark.parametrize("in_order", [False, True])
async def test_a_client_that_goes_after_its_answer(in_order: bool) -> None:
    """Closing in order says that it was read; a reset says nothing, so it counts as not heard."""
    async with house() as place:
        peer = await place.greeted()
        await to_data(peer)
        await peer.ask(b"x\r\n.\r\n", 250)
        if in_order:
            peer.close()
        else:
            peer.reset()
        await place.until(lambda: place.memory.mails[0].heard is not None)
        assert place.memory.mails[0].heard is in_order


async def test_who_the_client_is() -> None:
    """HELO, protocol and TLS as they were at MAIL; XFORWARD's words hold for one transaction."""
    async with house(ListenerOptions(trusted_xforward=(LOOPBACK,))) as place:
        peer = await place.greeted(b"EHLO \xff[evil](x) more\r\n")
        await peer.ask(b"XFORWARD ADDR=192.0.2.7 NAME=mail.b.example HELO=b.example\r\n", 250)
        await peer.ask(b"MAIL FROM:<a@b.example> SMTPUTF8\r\n", 250)
        await peer.ask(b"RSET\r\n", 250)
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        first, second = (mail.client for mail in place.memory.mails)
        assert (first.address, first.name, first.helo, first.protocol) == (
            "192.0.2.7",
            "mail.b.example",
            "b.example",
            "UTF8SMTP",
        )
        assert (second.address, second.name, second.helo) == ("127.0.0.1", "", "?[evil](x)")
        assert second.protocol == "ESMTP"
        peer.close()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (b"a" * 255, "a" * 255),
        (b"a" * 256, "a" * 255),
        (b"a" * 240 + b"-4111-1111-1111-1111", "a" * 240),
        (b"4" * 256, "?"),
    ],
)
async def test_a_greeting_is_cut_before_a_number_rather_than_in_it(name: bytes, kept: str) -> None:
    """Of a name that is too long no part of a number is left at its end, which nobody would know for one."""
    async with house() as place:
        peer = await place.greeted(b"EHLO " + name + b"\r\n")
        await peer.ask(b"MAIL FROM:<a@b.example>\r\n", 250)
        assert place.memory.mails[0].client.helo == kept
        peer.close()


async def test_a_port_in_use_is_an_error_at_start() -> None:
    """Nothing is half started."""
    async with house() as place:
        listener = Listener(ListenerOptions(port=place.listener.port), Memory(), log=silent)
        with pytest.raises(OSError, match="address already in use"):
            await listener.start()
        assert await listener.stop() is True


@pytest.mark.parametrize("options", [ListenerOptions(tls="starttls"), ListenerOptions(require_tls=True)])
def test_contradictory_options(options: ListenerOptions) -> None:
    """TLS without a certificate, or required where there is none."""
    with pytest.raises(ValueError, match="TLS"):
        Listener(options, Memory())


async def test_a_fault_of_ours_ends_one_connection_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in the server itself is an incident, in a command as in the sweep; others are served on."""

    def fail(*_: object) -> bytes:
        raise ZeroDivisionError("4111 1111 1111 1111")

    async with house(limited(command_idle_s=0.4)) as place:
        peers = [await place.greeted() for _ in range(3)]
        by_port = {server.client.port: server for server in place.listener._shared.connections}  # type: ignore[union-attr]
        servers = [by_port[peer.writer.get_extra_info("sockname")[1]] for peer in peers]
        monkeypatch.setattr(servers[0], "_command", fail)
        await peers[0].send(b"NOOP\r\n")
        await peers[0].expect(451, "4.3.0")
        assert await peers[0].closed()
        monkeypatch.setattr(servers[1], "check", fail)
        assert (await peers[1].reply())[0].startswith("451 4.3.0")
        await peers[2].expect(421, "4.4.2")
        assert place.log.events.count("smtp.incident") == 2
        assert "4111 1111" not in repr(place.log.entries)  # the name of an incident can hold four digits
