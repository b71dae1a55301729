"""Whatever the next hop does, at whatever moment, the client gets the right answer and nothing is sent twice."""

from __future__ import annotations

import asyncio

import pytest
from tests.e2e.next_hops.scripted import Act, ScriptedHop

from pansentry.delivery.hop import Deadlines, HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import parse_next_hop

MESSAGE = b"Subject: hello\r\n\r\n.dot\r\nline two\r\n..\r\nend\r\n"
QUICK = HopOptions(our_name="gw.example", deadlines=Deadlines(0.4, 0.4, 0.6))
SENDER = Sender("a@example.org")


async def transact(server, *, recipients=("b@example.com",), message=MESSAGE, sender=SENDER, options=QUICK, hop=None):
    """Run one transaction; returns the answers to each RCPT and the final answers (empty if none was accepted)."""
    own = hop or open_hop(parse_next_hop(server.url), options)
    delivery = own.begin(sender)
    asked = [await delivery.rcpt(path) for path in recipients]
    final = await delivery.send(message) if any(reply.is_success for reply in asked) else ()
    if not final:
        await delivery.abort()
    if hop is None:
        await own.close()
    return asked, final, delivery


STEPS_BEFORE_CONTENT = ["greeting", "hello", "mail", "rcpt"]
FATAL = {
    "drop": Act.DROP,
    "reset": Act.RESET,
    "hang": Act.HANG,
    "no reply code": b"hello there\r\n",
    "code 999": b"999 what\r\n",
    "code 100": b"100 wait\r\n",
    "code with letters": b"2x0 OK\r\n",
    "codes that differ": b"250-one\r\n550 two\r\n",
    "line without end": b"250 " + b"x" * 5000,
    "endless lines": b"250-x\r\n" * 3000,
    "binary": bytes(range(128, 256)) + b"\r\n",
}


@pytest.mark.parametrize("what", FATAL)
@pytest.mark.parametrize("step", STEPS_BEFORE_CONTENT)
@pytest.mark.parametrize("lmtp", [False, True])
async def test_broken_before_content_is_451_and_nothing_is_delivered(step, what, lmtp):
    """A next hop that breaks before DATA makes the recipient temporary refused; no message arrives."""
    async with ScriptedHop({step: FATAL[what]}, lmtp=lmtp) as server:
        (asked,), final, _ = await transact(server)
    assert (asked.code, final) == (451, ())
    assert asked.enhanced.startswith("4.")
    assert server.delivered == []


@pytest.mark.parametrize("what", FATAL)
@pytest.mark.parametrize("step", ["data", "content", "dot"])
@pytest.mark.parametrize("lmtp", [False, True])
async def test_broken_around_content_is_451_and_content_is_said_once(step, what, lmtp):
    """A next hop that breaks at DATA, in the content or at the final dot: 451, and content is said at most once."""
    async with ScriptedHop({step: FATAL[what]}, lmtp=lmtp) as server:
        (asked,), (final,), delivery = await transact(server)
        await asyncio.sleep(0.02)
    assert (asked.code, final.code) == (250, 451)
    assert delivery.in_doubt == (step != "data")
    assert len(server.delivered) <= (
        step == "content"
    )  # one that babbles while content arrives may store it all the same


@pytest.mark.parametrize("lmtp", [False, True])
@pytest.mark.parametrize("act", [Act.STORE_THEN_DROP, Act.STORE_THEN_HANG])
async def test_lost_final_answer_is_451_in_doubt_and_never_repeated(act, lmtp):
    """When the answer to the final dot is lost, the message is not sent again by us, and the doubt is known."""
    async with ScriptedHop({"dot": act}, {}, lmtp=lmtp) as server:
        _, (final,), delivery = await transact(server)
    assert final.code == 451
    assert delivery.in_doubt
    assert len(server.delivered) == 1


ANSWERS = [
    (b"450 4.2.1 Mailbox busy\r\n", "450 4.2.1 Mailbox busy"),
    (b"452 4.2.2 Over quota\r\n", "452 4.2.2 Over quota"),
    (b"550 5.1.1 No such user\r\n", "550 5.1.1 No such user"),
    (b"550 No such user\r\n", "550 5.0.0 No such user"),
    (b"550-5.7.1 Not\r\n550-5.7.1 for\r\n550 5.7.1 you\r\n", "550 5.7.1 Not for you"),
    (b"552 5.2.2 \xfcber quota \x07\r\n", "552 5.2.2 ?ber quota"),
    (b"554 4.7.1 Class differs\r\n", "554 5.0.0 4.7.1 Class differs"),
    (b"554\r\n", "554 5.0.0"),
    (b"450 4.0.0 \n", "450 4.0.0"),
    (b"421 4.3.2 Going down\r\n", "451 4.3.2 Going down"),
    (b"530 5.7.0 Must issue STARTTLS first\r\n", "451 4.3.5"),
    (b"354 Go ahead\r\n", "451 4.5.0"),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
@pytest.mark.parametrize("step", ["mail", "rcpt", "dot"])
async def test_refusals_are_passed_on(step, answer, expected):
    """A 4xx stays a 4xx, a 5xx a 5xx; what makes no sense, or is about us, is a 451."""
    async with ScriptedHop({step: answer}) as server:
        (asked,), final, delivery = await transact(server)
    told = final[0] if step == "dot" else asked
    assert str(told).strip().startswith(expected)
    assert server.delivered == []
    assert not delivery.in_doubt


@pytest.mark.parametrize(("answer", "expected"), [a for a in ANSWERS if not a[0].startswith(b"354")])
async def test_refused_data_is_passed_on(answer, expected):
    """A refusal of DATA is the answer to the message."""
    async with ScriptedHop({"data": answer}) as server:
        _, (told,), _ = await transact(server)
    assert str(told).strip().startswith(expected)


@pytest.mark.parametrize("answer", [b"250 OK\r\n", b"220 what\r\n"])
async def test_success_for_data_makes_no_sense(answer):
    """A 2xx where 354 is due is no leave to send content, nor a success."""
    async with ScriptedHop({"data": answer}) as server:
        _, (told,), _ = await transact(server)
    assert told.code == 451
    assert server.delivered == []


@pytest.mark.parametrize("step", ["greeting", "hello"])
@pytest.mark.parametrize("answer", [b"554 5.7.1 Go away\r\n", b"421 4.7.0 Too many\r\n", b"450 4.7.1 Greylisted\r\n"])
async def test_refused_connection_is_about_us_and_temporary(step, answer):
    """A next hop that does not let us in says nothing about the mail: 451, never a bounce."""
    async with ScriptedHop({step: answer}) as server:
        (asked,), _, _ = await transact(server)
    assert asked.code == 451


async def test_refused_port_is_451():
    """Nobody listens: 451 4.4.1."""
    async with ScriptedHop() as server:
        url = server.url
    hop = open_hop(parse_next_hop(url), QUICK)
    reply = await hop.begin(SENDER).rcpt("b@example.com")
    assert (reply.code, reply.enhanced) == (451, "4.4.1")


async def test_unknown_host_is_451():
    """A name that does not resolve: 451."""
    hop = open_hop(parse_next_hop("smtp://no-such-host.invalid:25"), QUICK)
    reply = await hop.begin(SENDER).rcpt("b@example.com")
    assert reply.code == 451


async def test_missing_lmtp_socket_is_451(tmp_path):
    """A socket that is not there: 451."""
    hop = open_hop(parse_next_hop(f"lmtp://{tmp_path}/nothing"), QUICK)
    reply = await hop.begin(SENDER).rcpt("b@example.com")
    assert (reply.code, reply.enhanced) == (451, "4.4.1")


async def test_mixed_recipients_get_their_own_answers():
    """Each recipient gets its own answer, and the message goes to those who were accepted."""
    answers = [b"250 2.1.5 OK\r\n", b"550 5.1.1 No\r\n", b"450 4.2.1 Later\r\n"]
    async with ScriptedHop({"rcpt": answers}) as server:
        asked, final, _ = await transact(
            server, recipients=("a@x.example", "b@x.example", "c@x.example", "d@x.example")
        )
    assert [reply.code for reply in asked] == [250, 550, 450, 250]
    assert [reply.code for reply in final] == [250] * 2


async def test_lmtp_answers_for_each_recipient():
    """LMTP's answers after the final dot come back one for each recipient, in order."""
    dot = b"250 2.0.0 A\r\n450 4.2.2 B\r\n550-5.2.1 C\r\n550 5.2.1 more\r\n"
    async with ScriptedHop({"dot": dot}, lmtp=True) as server:
        _, final, _ = await transact(server, recipients=("a@x.example", "b@x.example", "c@x.example"))
    assert [str(reply) for reply in final] == ["250 2.0.0 A", "450 4.2.2 B", "550 5.2.1 C more"]


async def test_lmtp_with_an_answer_missing_is_451_for_all_and_in_doubt():
    """If LMTP breaks off between its answers, what it said before is not trusted either."""
    async with ScriptedHop({"dot": b"250 2.0.0 A\r\n"}, lmtp=True) as server:
        _, final, delivery = await transact(server, recipients=("a@x.example", "b@x.example"))
    assert [reply.code for reply in final] == [451, 451]
    assert delivery.in_doubt


async def test_one_answer_too_many_closes_the_connection():
    """An answer nobody asked for is never taken for the answer to the next command."""
    script = {"dot": b"250 2.0.0 A\r\n250 2.0.0 smuggled\r\n"}
    async with ScriptedHop(script, {"mail": b"550 5.7.1 no\r\n"}) as server:
        hop = open_hop(parse_next_hop(server.url), QUICK)
        await transact(server, hop=hop)
        await asyncio.sleep(0.05)
        (asked,), _, _ = await transact(server, hop=hop)
        await hop.close()
    assert asked.code == 550
    assert server.connections == 2


@pytest.mark.parametrize("lmtp", [False, True])
async def test_cancelled_while_connecting_leaves_no_connection(lmtp):
    """A client that goes away while we wait for the greeting leaves no connection behind."""
    async with ScriptedHop({"greeting": Act.HANG}, lmtp=lmtp) as server:
        hop = open_hop(parse_next_hop(server.url), HopOptions())
        task = asyncio.create_task(hop.begin(SENDER).rcpt("b@example.com"))
        await asyncio.sleep(0.1)
        assert server.open_connections == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.1)
        assert server.open_connections == 0
        await hop.close()


async def test_421_for_a_second_recipient_after_a_replacement_is_451():
    """A next hop that goes away twice in a row: the recipient is temporary refused, nothing is sent."""
    async with ScriptedHop({"rcpt": b"421 4.3.2 bye\r\n"}) as server:
        asked, _, _ = await transact(server, recipients=("a@x.example", "b@x.example"))
    assert [reply.code for reply in asked] == [451, 451]


async def test_lmtp_that_refuses_our_greeting_is_451():
    """LHLO refused: 451."""
    async with ScriptedHop({"hello": b"500 5.5.1 what\r\n"}, lmtp=True) as server:
        (asked,), _, _ = await transact(server)
    assert asked.code == 451
