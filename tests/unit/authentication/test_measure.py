"""SPF, DKIM and DMARC of real messages against a real DNS server on loopback."""

from __future__ import annotations

import base64
import hashlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from dnslib import AAAA, MX, QTYPE, RCODE, RR, TXT, A
from dnslib.server import BaseResolver, DNSHandler, DNSServer

from pansentry.authentication import Authenticator, DnsResolver, Key, keygen, measure, sign
from pansentry.authentication.resolver import MAX_LOOKUPS, Budget, DnsTroubleError
from pansentry.authentication.results import upstream_results
from pansentry.envelope import Authentication, AuthResult, Client, Envelope

KEY = keygen("shop.example", "s1", bits=1024)
CLIENT = "192.0.2.10"


@dataclass
class Zone(BaseResolver):
    """A DNS server's content: (name, type) → texts. A name in ``broken`` is answered by SERVFAIL."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def resolve(self, request: object, handler: DNSHandler) -> object:
        reply = request.reply()  # type: ignore[attr-defined]
        name, kind = str(reply.q.qname).rstrip(".").lower(), QTYPE[reply.q.qtype]
        self.asked.append(name)
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
            return reply
        for text in self.records.get((name, kind), []):
            match kind:
                case "TXT":
                    data = TXT([text[i : i + 255] for i in range(0, len(text), 255)])
                case "MX":
                    data = MX(text, 10)
                case "AAAA":
                    data = AAAA(text)
                case _:
                    data = A(text)
            reply.add_answer(RR(name, getattr(QTYPE, kind), rdata=data, ttl=60))
        if not any(known == name for known, _ in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@pytest.fixture
def zone() -> Iterator[tuple[Zone, DnsResolver]]:
    """A zone, served on a free port, and a resolver that asks it."""
    content = Zone()
    logger = type("Quiet", (), {name: lambda *_: None for name in ("log_recv", "log_send", "log_request", "log_reply",
        "log_truncated", "log_error", "log_data")})()  # fmt: skip
    server = DNSServer(content, port=0, address="127.0.0.1", logger=logger)
    server.start_thread()
    port = server.server.server_address[1]
    try:
        yield content, DnsResolver((f"127.0.0.1:{port}",), query_s=1.0)
    finally:
        server.stop()
        server.server.server_close()


def publish(zone: Zone, domain: str, *, spf: str = "", dmarc: str = "", dkim: bool = False) -> None:
    if spf:
        zone.records[domain, "TXT"] = [spf]
    if dmarc:
        zone.records[f"_dmarc.{domain}", "TXT"] = [dmarc]
    if dkim:
        zone.records[f"s1._domainkey.{domain}", "TXT"] = [KEY.record_value]


def mail(author: str = "anna@shop.example", body: str = "Hello\r\n") -> bytes:
    return f"From: Anna <{author}>\r\nTo: info@x.example\r\nSubject: Hi\r\n\r\n{body}".encode()


def signed(domain: str, message: bytes) -> bytes:
    return sign(message, Key(domain, "s1", KEY.pem))


SPF_PASS = f"v=spf1 ip4:{CLIENT} -all"


def test_aligned_spf_and_dkim_with_a_record_pass(zone: tuple[Zone, DnsResolver]) -> None:
    """A customer whose provider does everything right is proven."""
    publish(zone[0], "shop.example", spf=SPF_PASS, dmarc="v=DMARC1; p=reject", dkim=True)
    found = measure(signed("shop.example", mail()), CLIENT, "mx.shop.example", "anna@shop.example", zone[1])
    assert (found.spf, found.dkim, found.dmarc) == (AuthResult.PASS, AuthResult.PASS, AuthResult.PASS)
    assert (found.spf_aligned, found.dkim_aligned, found.from_domain) == (True, True, "shop.example")


CASES = (
    # name, published (domain → records), signer, reverse-path, author, client → spf, dkim, dmarc, aligned
    ("forged author", {"shop.example": {"spf": SPF_PASS, "dmarc": "v=DMARC1; p=none"}}, "", "anna@shop.example",
     "anna@shop.example", "203.0.113.9", "fail", "none", "fail", ""),
    ("spf of another domain does not align", {"bulk.example": {"spf": SPF_PASS}, "shop.example": {"dmarc": "v=DMARC1"}},
     "", "x@bulk.example", "anna@shop.example", CLIENT, "pass", "none", "fail", ""),
    ("dkim of another domain does not align", {"bulk.example": {"dkim": True}, "shop.example": {"dmarc": "v=DMARC1"}},
     "bulk.example", "x@nowhere.example", "anna@shop.example", CLIENT, "none", "pass", "fail", ""),
    ("no record at all", {"shop.example": {"spf": SPF_PASS}}, "", "anna@shop.example", "anna@shop.example", CLIENT,
     "pass", "none", "none", "spf"),
    ("nothing published", {}, "", "anna@shop.example", "anna@shop.example", CLIENT, "none", "none", "none", ""),
    ("relaxed: sub-domain of the reverse-path", {"mail.shop.example": {"spf": SPF_PASS},
     "shop.example": {"dmarc": "v=DMARC1; p=none"}}, "", "b@mail.shop.example", "anna@shop.example", CLIENT,
     "pass", "none", "pass", "spf"),
    ("strict: sub-domain does not do", {"mail.shop.example": {"spf": SPF_PASS},
     "shop.example": {"dmarc": "v=DMARC1; p=none; aspf=s"}}, "", "b@mail.shop.example", "anna@shop.example", CLIENT,
     "pass", "none", "fail", ""),
    ("strict dkim: sub-domain does not do", {"mail.shop.example": {"dkim": True},
     "shop.example": {"dmarc": "v=DMARC1; p=none; adkim=s"}}, "mail.shop.example", "", "anna@shop.example", CLIENT,
     "none", "pass", "fail", ""),
    ("record of the organization covers the sub-domain",
     {"shop.example": {"dmarc": "v=DMARC1; p=reject", "dkim": True}}, "shop.example", "",
     "anna@deep.in.shop.example", CLIENT, "none", "pass", "pass", "dkim"),
    ("psd=y: the organization is one label below", {"example": {"dmarc": "v=DMARC1; p=none; psd=y"},
     "shop.example": {"dkim": True}}, "shop.example", "", "anna@mail.shop.example", CLIENT, "none", "pass", "pass",
     "dkim"),
    ("psd=y: neighbours under one suffix do not align", {"example": {"dmarc": "v=DMARC1; p=none; psd=y"},
     "bulk.example": {"dkim": True}}, "bulk.example", "", "anna@shop.example", CLIENT, "none", "pass", "fail", ""),
    ("psd=n: a department is an organization of its own", {"uni.example": {"dmarc": "v=DMARC1", "dkim": True},
     "med.uni.example": {"dmarc": "v=DMARC1; psd=n"}}, "uni.example", "", "anna@med.uni.example", CLIENT, "none",
     "pass", "fail", ""),
    ("no record: the public suffix list keeps neighbours apart", {"a.co.uk": {"dkim": True}}, "a.co.uk", "",
     "anna@b.co.uk", CLIENT, "none", "pass", "none", ""),
    ("no record: the public suffix list joins sub-domains", {"mail.b.co.uk": {"dkim": True}}, "mail.b.co.uk", "",
     "anna@shop.b.co.uk", CLIENT, "none", "pass", "none", "dkim"),
    ("a record with a wrong version is none", {"shop.example": {"spf": SPF_PASS, "dmarc": "v=DMARC2; p=reject"}}, "",
     "anna@shop.example", "anna@shop.example", CLIENT, "pass", "none", "none", "spf"),
    ("softfail is no pass", {"shop.example": {"spf": "v=spf1 ~all", "dmarc": "v=DMARC1"}}, "", "anna@shop.example",
     "anna@shop.example", CLIENT, "softfail", "none", "fail", ""),
    ("neutral is no pass", {"shop.example": {"spf": "v=spf1 ?all"}}, "", "anna@shop.example", "anna@shop.example",
     CLIENT, "neutral", "none", "none", ""),
    ("a broken SPF record", {"shop.example": {"spf": "v=spf1 ip4:999.1.1.1 -all"}}, "", "anna@shop.example",
     "anna@shop.example", CLIENT, "permerror", "none", "none", ""),
    ("a null reverse-path is judged by HELO",
     {"mx.shop.example": {"spf": SPF_PASS}, "shop.example": {"dmarc": "v=DMARC1"}}, "", "",
     "anna@shop.example", CLIENT, "pass", "none", "pass", "spf"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_alignment(zone: tuple[Zone, DnsResolver], case: tuple[object, ...]) -> None:
    """Each way in which methods, domains and records can meet has its result (RFC 7208, 6376, 9989)."""
    _, published, signer, reverse_path, author, client, spf, dkim, dmarc, aligned = case
    for domain, records in published.items():  # type: ignore[attr-defined]
        publish(zone[0], domain, **records)
    message = mail(str(author))
    message = signed(str(signer), message) if signer else message
    found = measure(message, str(client), "mx.shop.example", str(reverse_path), zone[1])
    assert (found.spf, found.dkim, found.dmarc) == (spf, dkim, dmarc)
    assert (found.spf_aligned, found.dkim_aligned) == ("spf" in str(aligned), "dkim" in str(aligned))


def test_a_changed_body_fails(zone: tuple[Zone, DnsResolver]) -> None:
    """A signature over other words is worth nothing."""
    publish(zone[0], "shop.example", dmarc="v=DMARC1", dkim=True)
    message = signed("shop.example", mail()).replace(b"Hello", b"Jello")
    found = measure(message, CLIENT, "x", "", zone[1])
    assert (found.dkim, found.dmarc) == (AuthResult.FAIL, AuthResult.FAIL)


def test_a_second_author_is_no_author(zone: tuple[Zone, DnsResolver]) -> None:
    """A From field slipped in above a signed one proves nobody."""
    publish(zone[0], "shop.example", spf=SPF_PASS, dmarc="v=DMARC1", dkim=True)
    message = b"From: boss@bank.example\r\n" + signed("shop.example", mail())
    found = measure(message, CLIENT, "x", "anna@shop.example", zone[1])
    assert (found.from_domain, found.dmarc, found.spf_aligned, found.dkim_aligned) == ("", "none", False, False)


def test_a_signature_over_a_part_of_the_body_does_not_count(zone: tuple[Zone, DnsResolver]) -> None:
    """With `l=` anything could have been appended, so it is neutral."""
    import dkim

    publish(zone[0], "shop.example", dkim=True)
    header = dkim.sign(mail(), b"s1", b"shop.example", KEY.pem, include_headers=[b"from"], length=True)
    found = measure(header + mail() + b"pay here instead\r\n", CLIENT, "x", "", zone[1])
    assert (found.dkim, found.dkim_aligned) == (AuthResult.NEUTRAL, False)


def test_a_signature_that_leaves_the_author_out_does_not_count(zone: tuple[Zone, DnsResolver]) -> None:
    """RFC 6376 §5.4: the From field must be among what is signed (no library signs otherwise; an attacker can)."""
    publish(zone[0], "shop.example", dkim=True)
    for names, expected in ((b"from:subject", AuthResult.PASS), (b"subject", AuthResult.PERMERROR)):
        body_hash = base64.b64encode(hashlib.sha256(b"Hello\r\n").digest())
        tags = (
            b"v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=s1; h=" + names + b"; bh=" + body_hash + b"; b="
        )
        covered = {b"from": b"from:Anna <anna@shop.example>\r\n", b"subject": b"subject:Hi\r\n"}
        digested = b"".join(covered[name] for name in names.split(b":")) + b"dkim-signature:" + tags
        key = serialization.load_pem_private_key(KEY.pem, None)
        signature = base64.b64encode(key.sign(digested, padding.PKCS1v15(), hashes.SHA256()))
        found = measure(b"DKIM-Signature: " + tags + signature + b"\r\n" + mail(), CLIENT, "x", "", zone[1])
        assert (found.dkim, found.dkim_aligned) == (expected, expected is AuthResult.PASS)


def test_a_broken_name_server_is_a_temporary_error(zone: tuple[Zone, DnsResolver]) -> None:
    """No answer is never taken for a no."""
    publish(zone[0], "shop.example", dmarc="v=DMARC1", dkim=True)
    zone[0].broken |= {"shop.example", "s1._domainkey.shop.example"}
    found = measure(signed("shop.example", mail()), CLIENT, "x", "anna@shop.example", zone[1])
    assert (found.spf, found.dkim, found.dmarc) == ("temperror", "temperror", "temperror")


def test_a_sender_cannot_make_us_ask_for_ever(zone: tuple[Zone, DnsResolver]) -> None:
    """Records that include each other, and a name of a hundred labels, stay within the budget."""
    for i in range(100):
        zone[0].records[f"s{i}.evil.example", "TXT"] = [
            f"v=spf1 include:s{i + 1}.evil.example mx:m{i}.evil.example -all"
        ]
    author = "x@" + ".".join(["a"] * 100) + ".s0.evil.example"
    found = measure(mail(author), CLIENT, "x", "x@s0.evil.example", zone[1])
    assert found.spf is AuthResult.PERMERROR
    assert len(zone[0].asked) <= MAX_LOOKUPS


def test_the_budget_has_an_end_in_time() -> None:
    """After the total time nothing is asked any more."""

    class Slow:
        def lookup(self, name: str, kind: str) -> tuple[()]:
            return ()

    ticks = iter(range(0, 1000, 4))
    budget = Budget(Slow(), total_s=10.0, clock=lambda: float(next(ticks)))
    budget.lookup("a.example", "TXT")
    budget.lookup("a.example", "TXT")
    budget.lookup("b.example", "TXT")
    budget.lookup("c.example", "TXT")
    with pytest.raises(DnsTroubleError):
        budget.lookup("d.example", "TXT")


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\r\n",
        b"From: a@b.example\r\nDKIM-Signature: " + b"v=1; " * 1000 + b"\r\n\r\nx",
        b"From: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=..; h=from; bh=!!; b=!!\r\n\r\nx",
        b"From: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; d=\xff\xfe; s=\xff; h=from; bh=AA==; b=AA==\r\n\r\nx",
        b"From: =?x?b?\r\nDKIM-Signature:\r\n\r\n",
        b"From: a@\xc3\xa9\xc3\xa9..example\r\n\r\n",
        b"no header at all",
        b" folded\r\nFrom: a@b.example\r\n\r\nx",
    ],
)
def test_hostile_messages_are_boring(zone: tuple[Zone, DnsResolver], hostile: bytes) -> None:
    """Whatever a message looks like, measuring it gives a result."""
    found = measure(hostile, "not an address", "\x00", "@@", zone[1])
    assert found.dkim in {AuthResult.NONE, AuthResult.PERMERROR, AuthResult.FAIL, AuthResult.NEUTRAL}
    assert not found.spf_aligned
    assert not found.dkim_aligned


async def test_off_the_loop_with_a_time_limit(zone: tuple[Zone, DnsResolver]) -> None:
    """The event loop never waits for DNS, and a resolver that hangs ends in a temporary error."""

    is_over = threading.Event()

    class Stuck:
        def lookup(self, name: str, kind: str) -> tuple[()]:
            is_over.wait(60)
            return ()

    publish(zone[0], "shop.example", spf=SPF_PASS)
    envelope = Envelope("anna@shop.example", ("info@x.example",), Client(CLIENT, helo="x"))
    quick, stuck = Authenticator(zone[1]), Authenticator(Stuck(), total_s=0.2)
    try:
        assert (await quick(mail(), envelope)).spf_aligned
        assert (await stuck(mail(), envelope)).dmarc is AuthResult.TEMPERROR
    finally:
        is_over.set()
        quick.close()
        stuck.close()


@pytest.mark.parametrize("more", [0, 1000, 60_000])
async def test_a_trusted_server_in_front_of_us_is_believed(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a named upstream nothing is measured; its topmost word counts. A long header is read beside the loop."""
    on_the_loop: set[bool] = set()

    def noting(*given: Any) -> Authentication | None:
        on_the_loop.add(threading.current_thread() is threading.main_thread())
        return upstream_results(*given)

    monkeypatch.setattr(sys.modules["pansentry.authentication.measure"], "upstream_results", noting)

    class Unasked:
        def lookup(self, name: str, kind: str) -> tuple[()]:
            raise AssertionError("asked DNS")

    message = (
        b"Authentication-Results: mx.trusted.example; dmarc=pass header.from=shop.example; spf=fail\r\n"
        b"Authentication-Results: mx.trusted.example; dmarc=fail header.from=shop.example\r\n"
        + mail().replace(b"\r\n\r\n", b"\r\n" + b"X-More: padding\r\n" * more + b"\r\n", 1)
    )
    authenticator = Authenticator(Unasked(), trusted=("mx.trusted.example",))
    try:
        found = await authenticator(message, Envelope("anna@shop.example"))
    finally:
        authenticator.close()
    assert (found.dmarc, found.spf, found.source) == ("pass", "fail", "upstream")
    assert on_the_loop == {not more}
