"""One transaction at the counter: whose recipients are taken, and what is kept once although it comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.authentication import SealError
from pansentry.configuration.load import parse
from pansentry.envelope import Authentication, AuthResult, Client
from pansentry.judging.hearing import INLINE_BYTES
from pansentry.policy.loading import parse_policies
from pansentry.reception import Counter, Reception
from pansentry.smtp_reply import Reply
from pansentry.store import Store, open_store
from pansentry.store.held import Held
from pansentry.store.ledger import Ledger
from pansentry.trace import Trace

CARD = f"From: a@example.org\r\nMessage-ID: <1@x>\r\n\r\nmy Visa {PUBLISHED['visa'][0]}\r\n".encode()
HOLD = b"name: hold\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: hold\n"
TAKEN = Reply(250, "2.0.0", "OK")
REDACT = HOLD.replace(b"then: hold", b"then: redact")


@dataclass
class Hop:
    """A next hop that takes everything, or answers the content with ``last``."""

    last: Reply = TAKEN
    sent: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    in_doubt: bool = False
    aborted: int = 0

    def begin(self, _sender: object) -> Hop:
        return self

    async def rcpt(self, forward_path: str, _parameters: tuple[str, ...] = ()) -> Reply:
        self.paths.append(forward_path)
        return Reply(250, "2.1.5", "OK")

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        self.sent.append(ahead + message)
        return (self.last,)

    async def abort(self) -> None:
        self.aborted += 1


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    yield opened
    await opened.close()


def reception(
    store: Store, hop: Hop, policy: bytes = REDACT, domains: tuple[str, ...] = ("shop.example",)
) -> Reception:
    counter = Counter(
        "gw.example",
        frozenset(domains),
        parse_policies({"policy.yaml": policy}),
        lambda one: pipeline.Desk(one, store.memory, key=b"k"),
        Trace("gw.example", b"k"),
        postmaster="postmaster@shop.example",
    )
    return Reception(
        counter,
        hop,  # type: ignore[arg-type]  # only what a transaction uses
        store,
        clock=lambda: 0.0,
        new_id=lambda: "bcdf",
        log=lambda _event, **_fields: None,
        letter_filed=lambda: None,
    )


async def one_mail(desk: Reception, message: bytes = CARD, *, heard: bool = True) -> Reply:
    transaction = desk.begin("a@example.org", (), Client("192.0.2.1"), False)
    assert (await transaction.rcpt("orders@shop.example", ())).is_success
    reply = await transaction.data(message)
    told = transaction.told(heard)
    if told is not None:
        await told
    return reply


@pytest.mark.parametrize("heard", [True, False])
async def test_mail_that_is_held_is_held_once(store: Store, heard: bool) -> None:
    """A client that tries again, whether it heard the 250 or not, leaves one held copy."""
    desk = reception(store, Hop(), HOLD)
    assert (await one_mail(desk, heard=heard)).code == 250
    assert (await one_mail(desk)).code == 250
    assert len(await store.held.list()) == 1


async def test_mail_whose_250_was_lost_is_not_held_again_after_its_release(store: Store) -> None:
    """What somebody has dealt with does not come back because its sender missed our answer."""
    desk = reception(store, Hop(), HOLD)
    await one_mail(desk, heard=False)
    (held,) = await store.held.list()
    await store.held.remove(held.id)
    assert (await one_mail(desk)).code == 250
    assert await store.held.list() == ()


async def test_another_mail_is_held_beside_the_first(store: Store) -> None:
    """Another text under the same Message-ID is another mail."""
    desk = reception(store, Hop(), HOLD)
    await one_mail(desk)
    await one_mail(desk, CARD + b"and another line\r\n")
    assert len(await store.held.list()) == 2


async def test_a_redacted_mail_whose_250_was_lost_is_delivered_once(store: Store) -> None:
    """The second try of a client that did not hear us is answered and not delivered; the third is a new mail."""
    hop = Hop()
    desk = reception(store, hop)
    await one_mail(desk, heard=False)
    assert (await one_mail(desk)).code == 250
    assert len(hop.sent) == 1
    await one_mail(desk)
    assert len(hop.sent) == 2


async def test_a_mail_that_was_refused_behind_us_leaves_no_note(store: Store) -> None:
    """A next hop that said 4xx gets the mail again."""
    hop = Hop(Reply(451, "4.3.0", "later"))
    desk = reception(store, hop)
    assert (await one_mail(desk, heard=False)).code == 451
    hop.last = TAKEN
    assert (await one_mail(desk)).code == 250
    assert len(hop.sent) == 2


async def test_postmaster_without_a_domain_is_ours(store: Store) -> None:
    """RFC 5321 §4.5.1: <postmaster> is taken, and the next hop is told whose."""
    hop = Hop()
    transaction = reception(store, hop).begin("a@example.org", (), Client("192.0.2.1"), False)
    assert (await transaction.rcpt("postmaster", ())).is_success
    assert hop.paths == ["postmaster@shop.example"]


def domains_of(text: str) -> tuple[str, ...]:
    raw = f"hostname: gw.shop.example\ndomains: [{text}]\n".encode()
    return parse(raw, "pansentry.yaml", {}, Path(), lambda _: "")[0].domains


@pytest.mark.parametrize(
    ("written", "path", "code"),
    [
        ("Shop.Example", "orders@shop.example", 250),
        ("bücher.example", "orders@xn--bcher-kva.example", 250),
        ("BÜCHER.example", "orders@xn--bcher-kva.example", 250),
        ("xn--bcher-kva.example", "orders@xn--bcher-kva.example", 250),
        ("Info@Shop.example", "iNFO@shop.example", 250),
        ("info@shop.example", "orders@shop.example", 554),
        ("shop.example", "orders@sub.shop.example", 554),
        ("shop.example", "orders@shop.example.evil.example", 554),
        ("shop.example", '"a@shop.example"@evil.example', 554),
    ],
)
async def test_our_domains_in_any_spelling(store: Store, written: str, path: str, code: int) -> None:
    """Domains and addresses of the configuration match in any case and in U-labels, and nothing but themselves."""
    transaction = reception(store, Hop(), domains=domains_of(written)).begin("a@b.example", (), Client(), False)
    assert (await transaction.rcpt(path, ())).code == code


@pytest.mark.parametrize("pattern", ["bücher.example", "Info@BÜCHER.example", "*.Bücher.example"])
def test_policies_for_international_names(pattern: str) -> None:
    """A policy for U-labels applies to the A-labels that the wire has."""
    own = f'name: own\napplies_to: "{pattern}"\nrules: []\n'.encode()
    policies = parse_policies({"policy.yaml": REDACT, "own.yaml": own})
    host = "mail.xn--bcher-kva.example" if pattern.startswith("*") else "xn--bcher-kva.example"
    assert policies.for_recipient(f"info@{host}").name == "own"


async def _broken(*_given: object, **_more: object) -> None:
    raise OperationalError("database is locked", None, Exception())


async def test_a_store_that_fails_costs_no_mail(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a ledger a redacted mail is delivered all the same, and 250 is said of what the next hop has."""
    hop = Hop()
    desk = reception(store, hop)
    monkeypatch.setattr(Ledger, "is_repeat", _broken)
    monkeypatch.setattr(Ledger, "delivered", _broken)
    assert (await one_mail(desk)).code == 250
    assert len(hop.sent) == 1


async def test_what_cannot_be_held_is_not_accepted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held mail is nowhere else: a store that fails keeps it with its sender, and the next hop is let go."""
    hop = Hop()
    desk = reception(store, hop, HOLD)
    monkeypatch.setattr(Held, "put", _broken)
    transaction = desk.begin("a@example.org", (), Client("192.0.2.1"), False)
    await transaction.rcpt("orders@shop.example", ())
    with pytest.raises(OperationalError):
        await transaction.data(CARD)
    assert hop.aborted


async def test_the_next_hop_is_let_go_whatever_breaks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception on the way to the next hop does not leave a transaction open there."""
    hop = Hop()
    desk = reception(store, hop)
    monkeypatch.setattr(Trace, "fields", lambda *_, **__: 1 / 0)
    transaction = desk.begin("a@example.org", (), Client("192.0.2.1"), False)
    await transaction.rcpt("orders@shop.example", ())
    with pytest.raises(ZeroDivisionError):
        await transaction.data(CARD)
    assert hop.aborted == 1
    assert hop.sent == []


CLEAN = b"From: a@example.org\r\nMessage-ID: <2@x>\r\n\r\nplease call me back\r\n"


async def _measured(_message: bytes, _envelope: object) -> Authentication:
    return Authentication(dmarc=AuthResult.PASS, source="measured", arc="none")


async def test_every_mail_is_measured_where_the_mailbox_is_told(store: Store) -> None:
    """Clean mail too, of which no decision depends on authentication, carries results and verdict."""
    hop = Hop()
    desk = reception(store, hop)
    trace = Trace("gw.example", b"k", states_verdict=True)
    desk.counter = replace(desk.counter, authenticate=_measured, measures_all=True, trace=trace)
    await one_mail(desk, CLEAN)
    (sent,) = hop.sent
    assert b"X-PanSentry-Verdict: verdict=pass;" in sent
    assert b"arc=none" in sent
    assert sent.endswith(CLEAN)


async def test_nothing_is_measured_for_clean_mail_by_default(store: Store) -> None:
    """No DNS, no field, no time."""
    hop = Hop()
    desk = reception(store, hop)
    desk.counter = replace(desk.counter, authenticate=_measured)
    await one_mail(desk, CLEAN)
    assert b"Authentication-Results" not in hop.sent[0]


async def test_a_seal_goes_on_top(store: Store) -> None:
    """What is sealed is what leaves, with all our fields."""
    hop = Hop()
    desk = reception(store, hop)

    async def seal(message: bytes, measured: Authentication) -> bytes:
        return b"ARC-Seal: " + measured.arc.encode() + b"\r\n" + message

    desk.counter = replace(desk.counter, authenticate=_measured, measures_all=True, seal=seal)
    await one_mail(desk)
    assert hop.sent[0].startswith(b"ARC-Seal: none\r\nReceived: ")


async def test_a_seal_that_fails_keeps_the_mail_with_its_sender(store: Store) -> None:
    """Not unsealed, not silently: 451, and the next hop is let go."""
    hop = Hop()
    desk = reception(store, hop)

    async def seal(_message: bytes, _measured: Authentication) -> bytes:
        raise SealError("no")

    desk.counter = replace(desk.counter, authenticate=_measured, measures_all=True, seal=seal)
    assert (await one_mail(desk)).code == 451
    assert hop.sent == []
    assert hop.aborted == 1


async def test_held_mail_has_no_results_in_our_name_but_ours(store: Store) -> None:
    """What is released one day is as clean as what is delivered at once."""
    desk = reception(store, Hop(), HOLD)
    await one_mail(desk, b"Authentication-Results: gw.example; dmarc=pass\r\n" + CARD)
    (listed,) = await store.held.list()
    held = await store.held.get(listed.id)
    assert held is not None
    assert b"dmarc=pass" not in held.message


class Waiting(Executor):
    """Takes work and does none of it until it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[Future, partial]] = []

    def submit(self, function, /, *arguments):  # type: ignore[no-untyped-def,override]
        future = Future()
        self.taken.append((future, partial(function, *arguments)))
        return future


async def test_one_client_has_one_thread(store: Store) -> None:
    """Three large mails of one client and one of another: two are judged at a time, one of each."""
    hop = Hop()
    desk = reception(store, hop)
    threads = Waiting()
    desk.hearing = replace(desk.hearing, threads=threads)
    large = CARD.replace(b"Visa", b"Visa" + b" x" * INLINE_BYTES)

    async def send(address: str) -> Reply:
        transaction = desk.begin("a@example.org", (), Client(address), False)
        await transaction.rcpt("orders@shop.example", ())
        return await transaction.data(large)

    sends = [asyncio.create_task(send(address)) for address in ("192.0.2.1",) * 3 + ("192.0.2.2",)]
    most = 0
    while not all(send.done() for send in sends):
        await asyncio.sleep(0.001)
        most = max(most, len(threads.taken))
        if len(threads.taken) == 2 or most == 2:
            for future, work in threads.taken:
                future.set_result(work())
            threads.taken.clear()
    assert most == 2
    assert {send.result().code for send in sends} == {250}


async def test_a_client_that_takes_its_time_keeps_no_place_at_the_next_hop(store: Store) -> None:
    """Between its recipient and its message others use the connection; then its own mail is delivered, once."""
    from tests.e2e.next_hops.scripted import ScriptedHop
    from tests.unit.smtp.double import Peer

    from pansentry.delivery.hop import open_hop
    from pansentry.delivery.next_hop import parse_next_hop
    from pansentry.smtp.limits import SmtpLimits
    from pansentry.smtp.listener import Listener, ListenerOptions

    async with ScriptedHop() as server:
        hop = open_hop(parse_next_hop(f"{server.url}?tls=none"))
        desk = reception(store, hop)  # type: ignore[arg-type]
        listener = Listener(ListenerOptions(limits=SmtpLimits(rest_s=0.1)), desk)
        await listener.start()
        peer = Peer(*await asyncio.open_connection("127.0.0.1", listener.port))
        await peer.expect(220)
        for command, code in ((b"EHLO x\r\n", 250), (b"MAIL FROM:<slow@example.org>\r\n", 250)):
            await peer.ask(command, code)
        await peer.ask(b"RCPT TO:<orders@shop.example>\r\n", 250)
        async with asyncio.timeout(5):
            while b"RSET\r\n" not in server.commands:  # noqa: ASYNC110  it is a list of a server in this loop
                await asyncio.sleep(0.01)
        assert (await one_mail(desk)).code == 250
        assert server.connections == 1
        await peer.ask(b"DATA\r\n", 354)
        await peer.ask(b"Subject: slow\r\n\r\nhello\r\n.\r\n", 250)
        await peer.ask(b"QUIT\r\n", 221)
        assert await listener.stop(2)
        await hop.close()
    senders = [one.mail.split(b" ")[1] for one in server.delivered]
    assert senders == [b"FROM:<a@example.org>\r\n", b"FROM:<slow@example.org>\r\n"]
