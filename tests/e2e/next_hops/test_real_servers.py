"""Real mail servers as next hops: Dovecot by LMTP, Postfix by SMTP."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.e2e.peers import Dovecot, Postfix, maildir_messages

from pansentry.delivery.hop import Deadlines, HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.envelope import Client

pytestmark = pytest.mark.peers
OPTIONS = HopOptions(our_name="gw.shop.example", deadlines=Deadlines(10, 10, 30))


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory):
    """A Dovecot whose user ``full`` is over quota."""
    server = Dovecot.start(tmp_path_factory.mktemp("dovecot"), quota_full=("full",))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postfix(tmp_path_factory):
    """A Postfix that delivers to Maildirs; its reinjection port takes XFORWARD from us."""
    server = Postfix.start(tmp_path_factory.mktemp("postfix"))
    yield server
    server.stop()


def message(name, extra=b""):
    """Make a message that says its name in the subject, with all fields that a server would otherwise add."""
    head = b"From: a@customer.example\r\nDate: Sun, 22 Nov 2026 02:00:00 +0000\r\nMessage-ID: <" + name + b"@x>\r\n"
    return head + b"Subject: " + name + b"\r\n\r\n.dot\r\n..two\r\n" + extra + b"end\r\n"


async def transact(hop, recipients, body, sender=None, parameters=()):
    """Run one transaction; returns the answers to RCPT and the final ones."""
    delivery = hop.begin(sender or Sender("a@customer.example"))
    asked = [await delivery.rcpt(path, parameters) for path in recipients]
    if not any(reply.is_success for reply in asked):
        await delivery.abort()
        return asked, ()
    return asked, await delivery.send(body)


async def arrived(fetch, subject, deadline_s=60):
    """Wait for the message with a subject and return it with line ends as they were sent."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        for raw in fetch():
            if b"Subject: " + subject in raw:
                return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        await asyncio.sleep(0.1)
    raise AssertionError(f"{subject!r} did not arrive")


async def test_dovecot_takes_mail_for_two_and_answers_for_each(dovecot):
    """Two users of one transaction get the mail, with two answers; the connection serves the next one."""
    hop = open_hop(parse_next_hop(f"lmtp://127.0.0.1:{dovecot.lmtp_port}"), OPTIONS)
    probe = await hop.probe()
    assert probe.reachable
    assert probe.eight_bit
    for subject in (b"lmtp-one", b"lmtp-two"):
        asked, final = await transact(hop, ["orders@shop.example", "second@shop.example"], message(subject))
        assert [reply.code for reply in asked] == [250, 250]
        assert [reply.code for reply in final] == [250, 250]
        for user in ("orders", "second"):
            raw = await arrived(lambda user=user: dovecot.messages(user), subject)
            assert raw.endswith(message(subject))
    await hop.close()


async def test_dovecot_refuses_an_unknown_user_at_rcpt(dovecot):
    """An unknown user is refused in the session, by Dovecot's own answer; the known one still gets the mail."""
    hop = open_hop(parse_next_hop(f"lmtp://127.0.0.1:{dovecot.lmtp_port}"), OPTIONS)
    asked, final = await transact(hop, ["nobody@shop.example", "orders@shop.example"], message(b"lmtp-unknown"))
    assert [reply.code for reply in asked] == [550, 250]
    assert asked[0].enhanced == "5.1.1"
    assert [reply.code for reply in final] == [250]
    await hop.close()


async def test_dovecot_defers_one_of_two(dovecot):
    """A full mailbox is deferred, whether Dovecot says so at RCPT or after the content; the other one has the mail."""
    hop = open_hop(parse_next_hop(f"lmtp://127.0.0.1:{dovecot.lmtp_port}"), OPTIONS)
    asked, final = await transact(hop, ["orders@shop.example", "full@shop.example"], message(b"lmtp-mixed"))
    told = [final[n] if n < len(final) and asked[n].is_success else asked[n] for n in range(2)]
    assert told[0].code == 250
    assert told[1].is_temporary
    await arrived(lambda: dovecot.messages("orders"), b"lmtp-mixed")
    assert not any(b"lmtp-mixed" in raw for raw in dovecot.messages("full"))
    await hop.close()


async def test_dovecot_gets_large_and_eight_bit_mail_unchanged(dovecot):
    """Three megabytes with dots, 8-bit bytes and a long line arrive byte for byte."""
    body = message(b"lmtp-large", b".\xe4\xf6 line\r\n" * 200_000 + b"x" * 9000 + b"\r\n")
    hop = open_hop(parse_next_hop(f"lmtp://127.0.0.1:{dovecot.lmtp_port}"), OPTIONS)
    _, final = await transact(hop, ["orders@shop.example"], body, Sender("a@customer.example", ("BODY=8BITMIME",)))
    assert [reply.code for reply in final] == [250]
    assert (await arrived(lambda: dovecot.messages("orders"), b"lmtp-large")).endswith(body)
    await hop.close()


async def test_postfix_takes_mail_on_a_pooled_connection(postfix):
    """Three messages on one connection arrive; Postfix's answers are passed on."""
    hop = open_hop(parse_next_hop(f"smtp://127.0.0.1:{postfix.reinjection_port}?tls=none"), OPTIONS)
    for n in range(3):
        subject = b"smtp-%d" % n
        _, final = await transact(hop, ["orders@shop.example"], message(subject))
        assert [reply.code for reply in final] == [250]
        raw = await arrived(lambda: maildir_messages(postfix.mailbox), subject)
        assert raw.endswith(message(subject))
    await hop.close()
    assert "gw.shop.example" in raw.decode()


async def test_postfix_refuses_at_rcpt_in_the_session(postfix):
    """An unknown user and a foreign domain are refused with Postfix's own codes; nothing is accepted."""
    hop = open_hop(parse_next_hop(f"smtp://127.0.0.1:{postfix.reinjection_port}?tls=none"), OPTIONS)
    asked, final = await transact(hop, ["nobody@shop.example", "x@elsewhere.example"], message(b"smtp-refused"))
    assert [(reply.code, reply.enhanced) for reply in asked] == [(550, "5.1.1"), (554, "5.7.1")]
    assert final == ()
    asked, final = await transact(hop, ["orders@shop.example"], message(b"smtp-after-refusal"))
    assert [reply.code for reply in final] == [250]
    await hop.close()


async def test_postfix_hears_of_the_client_and_of_dsn(postfix):
    """XFORWARD reaches Postfix's Received field and log; DSN parameters are accepted."""
    hop = open_hop(parse_next_hop(f"smtp://127.0.0.1:{postfix.reinjection_port}?tls=none"), OPTIONS)
    probe = await hop.probe()
    assert "XFORWARD" in probe.keywords
    assert probe.dsn
    sender = Sender(
        "a@customer.example",
        ("SIZE=300", "BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159"),
        client=Client("192.0.2.77", 40001, "mail.customer.example", "mail.customer.example"),
    )
    parameters = ("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;orders@shop.example")
    asked, final = await transact(hop, ["orders@shop.example"], message(b"smtp-xforward"), sender, parameters)
    assert [reply.code for reply in (*asked, *final)] == [250, 250]
    await arrived(lambda: maildir_messages(postfix.mailbox), b"smtp-xforward")
    assert "client=mail.customer.example[192.0.2.77]" in postfix.log
    assert "envid=" not in postfix.log or "QQ314159" in postfix.log
    await hop.close()


async def test_postfix_takes_international_mail(postfix):
    """SMTPUTF8 mail with a UTF-8 sender and header goes through where it is offered."""
    hop = open_hop(parse_next_hop(f"smtp://127.0.0.1:{postfix.reinjection_port}?tls=none"), OPTIONS)
    body = "From: ä@customer.example\r\nSubject: smtp-utf8 Grüße\r\n\r\nx\r\n".encode()
    sender = Sender("ä@customer.example", ("SMTPUTF8", "BODY=8BITMIME"), smtputf8=True)
    asked, final = await transact(hop, ["orders@shop.example"], body, sender)
    assert [reply.code for reply in (*asked, *final)] == [250, 250]
    await arrived(lambda: maildir_messages(postfix.mailbox), b"smtp-utf8")
    await hop.close()


async def test_postfix_gone_is_451(tmp_path):
    """A Postfix that was stopped while a connection was pooled: the next mail is 451, and after the start it flows."""
    server = Postfix.start(tmp_path)
    hop = open_hop(parse_next_hop(f"smtp://127.0.0.1:{server.reinjection_port}?tls=none"), OPTIONS)
    try:
        _, final = await transact(hop, ["orders@shop.example"], message(b"before"))
        assert [reply.code for reply in final] == [250]
    finally:
        server.stop()
    await asyncio.sleep(0.3)
    (asked,), _ = await transact(hop, ["orders@shop.example"], message(b"after"))
    assert asked.code == 451
    await hop.close()
