"""One transaction after the other on pooled connections: what is sent, what is kept back, what is said again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.e2e.next_hops.scripted import OFFER, Act, ScriptedHop

from pansentry.delivery.hop import Deadlines, HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.stuffing import on_the_wire
from pansentry.envelope import Client

MESSAGE = b"Subject: hello\r\n\r\n.dot\r\nline two\r\n..\r\nend\r\n"
QUICK = HopOptions(our_name="gw.example", deadlines=Deadlines(1, 1, 2))


async def send_one(hop, message=MESSAGE, sender=None, recipient="b@example.com", parameters=()):
    """Send one message; returns the final answer, or the answer to RCPT if that was refused."""
    delivery = hop.begin(sender or Sender("a@example.org"))
    asked = await delivery.rcpt(recipient, parameters)
    if not asked.is_success:
        await delivery.abort()
        return asked
    return (await delivery.send(message))[0]


def hop_for(server, options=QUICK, query="?tls=none"):
    """Open a hop towards a scripted server."""
    return open_hop(parse_next_hop(server.url + ("" if server.lmtp else query)), options)


BODIES = {
    "dots": MESSAGE,
    "dot first": b".\r\n.\r\n",
    "empty": b"",
    "no line end": b"Subject: x\r\n\r\nlast line",
    "header only": b"Subject: x\r\n",
    "eight bit": b"Subject: x\r\n\r\n\xff\xfe\x00\r\n",
    "long line": b"Subject: x\r\n\r\n" + b"y" * 300_000 + b"\r\n",
    "large": b"Subject: x\r\n\r\n" + b".0123456789\r\n" * 300_000,
}


@pytest.mark.parametrize("which", BODIES)
@pytest.mark.parametrize("lmtp", [False, True])
async def test_bytes_arrive_as_they_were_given(which, lmtp):
    """Dots, long lines, 8-bit bytes and megabytes arrive identical; only a missing last line end is added."""
    async with ScriptedHop(lmtp=lmtp) as server:
        hop = hop_for(server)
        assert (await send_one(hop, BODIES[which])).code == 250
        await hop.close()
    body = BODIES[which]
    assert server.delivered[0].content == (body if body.endswith(b"\r\n") or not body else body + b"\r\n")


AHEAD = b"Received: by gw.example\r\n\twith a second line\r\n"


@pytest.mark.parametrize("which", BODIES)
async def test_fields_go_ahead_of_a_message(which):
    """What is given to go before a message arrives there, the rest as it was given, whatever its length."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        assert (await delivery.rcpt("b@example.com")).is_success
        assert (await delivery.send(BODIES[which], AHEAD))[0].code == 250
        delivery = hop.begin(Sender("a@example.org"))
        assert (await delivery.rcpt("b@example.com")).is_success
        assert (await delivery.send(BODIES[which], b"X: a\nb\r\n"))[0].code == 451
        await hop.close()
    body = AHEAD + BODIES[which]
    assert [one.content for one in server.delivered] == [body if body.endswith(b"\r\n") else body + b"\r\n"]


@pytest.mark.parametrize(
    "body", [b"a\nb\r\n", b"a\rb\r\n", b"x\n.\n", b"x\r\n.\ny\r\n", b"x\r.\r\r\n", b"x\n.\r\ny\r\n", b"a\r", b"a\n"]
)
async def test_lone_line_ends_are_never_sent(body):
    """A lone CR or LF could end the data early behind us: such a message stays here, temporarily refused."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        assert (await send_one(hop, body)).code == 451
        await hop.close()
    assert server.delivered == []
    assert not any(command.startswith(b"DATA") for command in server.commands)


def test_unchanged_content_is_not_copied():
    """Without a dot at the start of a line, dot-stuffing gives back the very same object."""
    body = b"a.b\r\nc\r\n"
    assert on_the_wire(body) is body
    assert on_the_wire(b".a\r\n.\r\n\r\n..") == b"..a\r\n..\r\n\r\n..."


async def test_connections_are_used_again_one_write_a_phase():
    """Ten messages in a row use one connection; EHLO is said once."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        for _ in range(10):
            assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 1
    assert [c.split()[0] for c in server.commands[:4]] == [b"EHLO", b"MAIL", b"RCPT", b"DATA"]
    assert sum(c.startswith(b"EHLO") for c in server.commands) == 1
    assert len(server.delivered) == 10


async def test_concurrent_transactions_have_a_connection_each():
    """Transactions at the same time do not wait for one another."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        deliveries = [hop.begin(Sender(f"s{n}@example.org")) for n in range(20)]
        asked = await asyncio.gather(*(delivery.rcpt("b@example.com") for delivery in deliveries))
        assert all(reply.is_success for reply in asked)
        final = await asyncio.gather(*(delivery.send(MESSAGE) for delivery in deliveries))
        assert all(replies[0].is_success for replies in final)
        await hop.close()
    assert len({delivered.mail for delivered in server.delivered}) == 20


async def test_connection_ends_after_its_last_use():
    """A connection serves max_uses transactions and no more."""
    async with ScriptedHop() as server:
        hop = hop_for(server, replace(QUICK, max_uses=2))
        for _ in range(5):
            assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 3


async def test_idle_connections_are_closed():
    """A connection that idles for too long is closed by us."""
    async with ScriptedHop() as server:
        hop = hop_for(server, replace(QUICK, idle_s=0.1))
        await send_one(hop)
        assert server.open_connections == 1
        await asyncio.sleep(0.35)
        assert server.open_connections == 0
        await hop.close()


@pytest.mark.parametrize("lmtp", [False, True])
@pytest.mark.parametrize("after", [Act.DROP, b"421 4.4.2 idle too long\r\n"])
async def test_dead_pooled_connection_is_replaced(after, lmtp):
    """If a pooled connection turns out dead before content was sent, a fresh one is tried; the client sees nothing."""
    async with ScriptedHop({"mail": [None, after]}, {}, lmtp=lmtp) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 250
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 2
    assert len(server.delivered) == 2


async def test_connection_closed_while_idle_is_noticed():
    """A connection that the server closed, or spoke on, while it was idle is not used again."""
    async with ScriptedHop({"dot": b"250 OK\r\n421 4.3.2 and goodbye\r\n"}, {}) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 250
        await asyncio.sleep(0.05)
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 2


@pytest.mark.parametrize("after", [Act.DROP, b"421 4.4.2 too slow\r\n"])
async def test_connection_lost_while_the_client_sent_its_content_is_replaced(after):
    """Before any content byte, the whole transaction is said again on a fresh connection, parameters included."""
    async with ScriptedHop({"data": after}, {}) as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org", ("RET=HDRS",)))
        for name in "xyz":
            assert (await delivery.rcpt(f"{name}@example.com", ("NOTIFY=NEVER",))).code == 250
        assert [reply.code for reply in await delivery.send(MESSAGE)] == [250] * 3
        await hop.close()
    (delivered,) = server.delivered
    assert delivered.mail == b"MAIL FROM:<a@example.org> RET=HDRS\r\n"
    assert delivered.rcpts == [f"RCPT TO:<{name}@example.com> NOTIFY=NEVER\r\n".encode() for name in "xyz"]


async def test_fresh_connection_that_answers_otherwise_is_451():
    """If the next hop now refuses a recipient it had accepted, nothing is sent: the client is told to try again."""
    async with ScriptedHop({"data": Act.DROP}, {"rcpt": b"550 5.1.1 No\r\n"}) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 451
        await hop.close()
    assert server.delivered == []


async def test_connection_lost_between_two_recipients_is_replaced():
    """A drop between RCPTs is mended with those accepted so far."""
    async with ScriptedHop({"rcpt": [None, Act.DROP]}, {}) as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        assert (await delivery.rcpt("x@example.com")).code == 250
        assert (await delivery.rcpt("y@example.com")).code == 250
        assert [reply.code for reply in await delivery.send(MESSAGE)] == [250, 250]
        await hop.close()
    assert len(server.delivered[0].rcpts) == 2


async def test_refused_sender_refuses_every_recipient_and_the_connection_lives():
    """A refused MAIL is the answer to each RCPT; afterwards the connection serves the next transaction."""
    async with ScriptedHop({"mail": [b"550 5.1.8 Bad sender\r\n", None]}) as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        replies = [await delivery.rcpt(f"{name}@example.com") for name in "xy"]
        assert [str(reply) for reply in replies] == ["550 5.1.8 Bad sender"] * 2
        assert [reply.code for reply in await delivery.send(MESSAGE)] == [550]
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 1


async def test_recipient_after_a_refused_first_one_is_in_the_same_transaction():
    """MAIL is said once, though the RCPT in its write was refused."""
    async with ScriptedHop({"rcpt": [b"550 5.1.1 No\r\n", None]}) as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        assert (await delivery.rcpt("x@example.com")).code == 550
        assert (await delivery.rcpt("y@example.com")).code == 250
        assert [reply.code for reply in await delivery.send(MESSAGE)] == [250]
        await hop.close()
    assert [c.split()[0] for c in server.commands[:4]] == [b"EHLO", b"MAIL", b"RCPT", b"RCPT"]


async def test_abort_resets_and_keeps_the_connection():
    """An aborted transaction leaves nothing behind and gives its connection back; aborting twice is harmless."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        await delivery.rcpt("x@example.com")
        await delivery.abort()
        await delivery.abort()
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 1
    assert sum(c.startswith(b"RSET") for c in server.commands) == 1
    assert len(server.delivered) == 1


@pytest.mark.parametrize("lmtp", [False, True])
async def test_a_transaction_that_rests_holds_no_connection(lmtp):
    """While a client takes its time others use its connection; then it is said again, and delivered once."""
    async with ScriptedHop(lmtp=lmtp) as server:
        hop = hop_for(server)
        slow = hop.begin(Sender("slow@example.org"))
        await slow.rest()
        assert (await slow.rcpt("x@example.com")).code == 250
        await slow.rest()
        await slow.rest()
        assert (await send_one(hop)).code == 250
        assert server.connections == 1
        assert (await slow.rcpt("y@example.com")).code == 250
        await slow.rest()
        assert [reply.code for reply in await slow.send(MESSAGE)] == [250, 250]
        await hop.close()
    assert [(len(one.rcpts), one.mail) for one in server.delivered] == [
        (1, b"MAIL FROM:<a@example.org>\r\n"),
        (2, b"MAIL FROM:<slow@example.org>\r\n"),
    ]


@pytest.mark.parametrize("lmtp", [False, True])
async def test_who_rests_again_and_again_takes_one_connection_and_says_little_twice(lmtp):
    """A client that takes its time before each recipient holds one connection in turn, and rests a few times only."""
    async with ScriptedHop(lmtp=lmtp) as server:
        hop = hop_for(server)
        slow = hop.begin(Sender("slow@example.org"))
        for n in range(30):
            assert (await slow.rcpt(f"{n}@example.com")).code == 250
            await slow.rest()
        assert server.connections == 1
        assert sum(line.startswith(b"RCPT") for line in server.commands) == 30 + sum(range(1, 9))
        assert {reply.code for reply in await slow.send(MESSAGE)} == {250}
        await hop.close()
    assert [len(one.rcpts) for one in server.delivered] == [30]


@pytest.mark.parametrize("step", ["rcpt", "data"])
@pytest.mark.parametrize("happening", [Act.DROP, Act.RESET, b"421 4.3.2 going\r\n"])
async def test_a_connection_that_died_while_a_transaction_rested_costs_nothing(step, happening):
    """What is resumed on a connection of the pool that turns out to be dead is said again on a new one, once."""
    async with ScriptedHop({"xforward": [None], step: [None, happening]}, {}) as server:
        hop = hop_for(server)
        if step == "data":
            assert (await send_one(hop)).code == 250
        slow = hop.begin(Sender("slow@example.org"))
        assert (await slow.rcpt("x@example.com")).code == 250
        await slow.rest()
        assert (await slow.rcpt("y@example.com")).code == 250
        assert [reply.code for reply in await slow.send(MESSAGE)] == [250, 250]
        await hop.close()
    assert server.connections == 2
    assert len(server.delivered[-1].rcpts) == 2


async def test_content_may_come_while_a_transaction_is_still_going_to_rest():
    """A client that goes on at this very moment gets another connection; the one that is given back is not mixed up."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        slow = hop.begin(Sender("slow@example.org"))
        assert (await slow.rcpt("x@example.com")).code == 250
        resting = asyncio.create_task(slow.rest())
        await asyncio.sleep(0)
        assert (await slow.send(MESSAGE))[0].code == 250
        await resting
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert len(server.delivered) == 2


@pytest.mark.parametrize("script", [{"rset": Act.DROP}, {"rset": b"500 5.5.1 what\r\n"}, {"rset": b"354 go\r\n"}])
async def test_a_rest_that_goes_wrong_harms_nobody(script):
    """A next hop that takes no RSET costs a connection."""
    async with ScriptedHop(script, {}) as server:
        hop = hop_for(server)
        slow = hop.begin(Sender("slow@example.org"))
        assert (await slow.rcpt("x@example.com")).code == 250
        await slow.rest()
        assert (await slow.send(MESSAGE))[0].code == 250
        await hop.close()
    assert server.connections == 2
    assert len(server.delivered) == 1


async def test_a_transaction_does_not_rest_while_it_waits_for_an_answer():
    """What is asked at the moment is answered first."""
    async with ScriptedHop({"dot": [None]}) as server:
        server.pause_s = 0.1
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        assert (await delivery.rcpt("x@example.com")).code == 250
        sending = asyncio.create_task(delivery.send(MESSAGE))
        await asyncio.sleep(0.03)
        await delivery.rest()
        assert (await sending)[0].code == 250
        await hop.close()
    assert server.connections == 1


async def test_transaction_without_traffic_makes_none():
    """Begin and abort alone open no connection."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        await hop.begin(Sender("a@example.org")).abort()
        assert (await hop.begin(Sender("a@example.org")).send(MESSAGE))[0].code == 451
        await hop.close()
    assert server.connections == 0


async def test_cancelled_call_closes_its_connection():
    """A call that is cancelled half-way never gives its connection back to the pool."""
    async with ScriptedHop({"dot": Act.HANG}, {}) as server:
        hop = hop_for(server)
        delivery = hop.begin(Sender("a@example.org"))
        await delivery.rcpt("x@example.com")
        task = asyncio.create_task(delivery.send(MESSAGE))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await delivery.abort()
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 2


async def test_next_hop_without_pipelining_gets_one_command_at_a_time():
    """Without PIPELINING every command waits for the answer before it."""
    async with ScriptedHop(offer=()) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert len(server.delivered) == 1


async def test_server_that_knows_no_ehlo_gets_helo():
    """An old server that refuses EHLO is greeted with HELO."""
    async with ScriptedHop({"hello": b"502 5.5.1 What?\r\n"}) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert any(c.startswith(b"HELO gw.example") for c in server.commands)


PARAMETERS = (
    "SIZE=1000",
    "BODY=8BITMIME",
    "RET=HDRS",
    "ENVID=QQ314159",
    "AUTH=<>",
    "XOORG=x",
    "MT-PRIORITY=3",
    "SMTPUTF8",
)


@pytest.mark.parametrize(
    ("offer", "mail", "rcpt"),
    [
        (
            OFFER,
            b" SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=QQ314159 SMTPUTF8",
            b" NOTIFY=NEVER ORCPT=rfc822;b@example.com",
        ),
        (("PIPELINING",), b"", b""),
        (("PIPELINING", "DSN"), b" RET=HDRS ENVID=QQ314159", b" NOTIFY=NEVER ORCPT=rfc822;b@example.com"),
        (("MT-PRIORITY", "SIZE"), b" SIZE=1000 MT-PRIORITY=3", b""),
    ],
)
async def test_parameters_go_only_where_they_are_understood(offer, mail, rcpt):
    """A parameter is passed on if the next hop offers its extension; identities (AUTH=) never are."""
    async with ScriptedHop(offer=offer) as server:
        hop = hop_for(server)
        sender = Sender("a@example.org", PARAMETERS)
        reply = await send_one(hop, sender=sender, parameters=("NOTIFY=NEVER", "ORCPT=rfc822;b@example.com", "X=y"))
        assert reply.code == 250
        await hop.close()
    (delivered,) = server.delivered
    assert delivered.mail == b"MAIL FROM:<a@example.org>" + mail + b"\r\n"
    assert delivered.rcpts == [b"RCPT TO:<b@example.com>" + rcpt + b"\r\n"]


@pytest.mark.parametrize(
    ("reverse_path", "recipient", "parameter"),
    [
        ("a@example.org>\r\nRCPT TO:<evil@example.net", "b@example.com", "NOTIFY=NEVER"),
        ("a@example.org", "b@example.com>\r\nDATA\r\n", "NOTIFY=NEVER"),
        ("a@example.org", "b@example.com\n", "NOTIFY=NEVER"),
        ("a@example.org", "b@example.com", "NOTIFY=NEVER\r\nDATA"),
        ("a\x00@example.org", "b@example.com", "NOTIFY=NEVER"),
    ],
)
async def test_line_ends_cannot_become_commands(reverse_path, recipient, parameter):
    """A line end in an address or a parameter never reaches the wire."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        await send_one(hop, sender=Sender(reverse_path), recipient=recipient, parameters=(parameter,))
        await hop.close()
    assert not any(b"evil" in command and command.startswith(b"RCPT") for command in server.commands)
    assert sum(command.startswith(b"DATA") for command in server.commands) <= 1
    assert all(b"\x00" not in command for command in server.commands)


UTF8_HEADER = "Subject: Grüße\r\n\r\nx\r\n".encode()


@pytest.mark.parametrize(
    ("sender", "recipient", "message", "expected"),
    [
        (Sender("ä@example.org", smtputf8=True), "b@example.com", MESSAGE, "550 5.6.7"),
        (Sender("a@example.org", smtputf8=True), "ö@example.com", MESSAGE, "553 5.6.7"),
        (Sender("a@example.org", ("SMTPUTF8",), smtputf8=True), "b@example.com", UTF8_HEADER, "550 5.6.9"),
        (Sender("a@example.org", ("SMTPUTF8",), smtputf8=True), "b@example.com", MESSAGE, "250"),
        (Sender("a@example.org", ("BODY=8BITMIME",)), "b@example.com", UTF8_HEADER, "250"),
    ],
)
async def test_international_mail_to_a_next_hop_without_smtputf8(sender, recipient, message, expected):
    """What needs SMTPUTF8 is refused where it is not offered; what merely asked for it goes through (RFC 6531 §3.5)."""
    async with ScriptedHop(offer=("PIPELINING",)) as server:
        hop = hop_for(server)
        reply = await send_one(hop, message, sender, recipient)
        assert str(reply).startswith(expected)
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.connections == 1


async def test_international_addresses_pass_as_utf8():
    """Where SMTPUTF8 is offered the addresses go out in UTF-8, with the parameter."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
        assert (await send_one(hop, UTF8_HEADER, Sender("ä@example.org", smtputf8=True), "ö@example.com")).code == 250
        await hop.close()
    assert server.delivered[0].mail == "MAIL FROM:<ä@example.org> SMTPUTF8\r\n".encode()
    assert server.delivered[0].rcpts == ["RCPT TO:<ö@example.com>\r\n".encode()]


async def test_xforward_tells_who_the_client_was():
    """A next hop that offers XFORWARD hears of the client, in xtext; unknown values are [UNAVAILABLE]."""
    client = Client("2001:db8::7", 4711, "he lo+=\r\n", "", tls=True)
    async with ScriptedHop(offer=("PIPELINING", "XFORWARD NAME ADDR PORT PROTO HELO SOURCE")) as server:
        hop = hop_for(server)
        assert (await send_one(hop, sender=Sender("a@example.org", client=client))).code == 250
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.delivered[0].xforward == [
        b"XFORWARD NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::7 PORT=4711\r\n",
        b"XFORWARD HELO=he+20lo+2B+3D+0D+0A PROTO=ESMTP SOURCE=REMOTE\r\n",
    ]
    assert server.delivered[1].xforward == []


async def test_xforward_can_be_switched_off():
    """With the option off nothing is told."""
    async with ScriptedHop(offer=("XFORWARD NAME ADDR",)) as server:
        hop = hop_for(server, replace(QUICK, xforward=False))
        await send_one(hop, sender=Sender("a@example.org", client=Client("192.0.2.1")))
        await hop.close()
    assert server.delivered[0].xforward == []


@pytest.mark.parametrize("lmtp", [False, True])
async def test_probe_says_what_is_offered(lmtp):
    """A probe names the keywords and the size; it leaves no connection behind."""
    async with ScriptedHop(lmtp=lmtp) as server:
        hop = hop_for(server)
        probe = await hop.probe()
        await asyncio.sleep(0.05)
        assert server.open_connections == 0
    assert probe.reachable
    assert (probe.max_message_bytes, probe.eight_bit, probe.smtputf8, probe.dsn) == (52428800, True, True, True)


async def test_probe_of_nothing_says_so():
    """A probe of a next hop that is away says that in a sentence and does not raise."""
    async with ScriptedHop() as server:
        hop = hop_for(server)
    probe = await hop.probe()
    assert not probe.reachable
    assert "unreachable" in probe.detail


async def test_lmtp_over_a_unix_socket(tmp_path):
    """LMTP works over a Unix socket."""
    async with ScriptedHop(lmtp=True, path=str(tmp_path / "lmtp")) as server:
        hop = hop_for(server)
        assert (await send_one(hop)).code == 250
        await hop.close()
    assert server.commands[0] == b"LHLO gw.example\r\n"


async def test_twenty_hung_transactions_do_not_hold_up_others():
    """One slow next-hop connection never makes another wait."""
    async with ScriptedHop(*[{"dot": Act.HANG}] * 20, {}) as server:
        hop = hop_for(server, HopOptions(our_name="gw.example"))
        hung = [asyncio.create_task(send_one(hop)) for _ in range(20)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(1):
            assert (await send_one(hop)).code == 250
        for task in hung:
            task.cancel()
        await asyncio.gather(*hung, return_exceptions=True)
        await hop.close()
