"""When a letter is sent and when not: every rule of RFC 3834, RFC 5230, Pigeonhole, Gmail, Exchange and our own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pansentry.envelope import Authentication, AuthResult, Envelope
from pansentry.outcome import Receipt, Removed
from pansentry.reply import Incoming, Situation, silence_reason
from pansentry.reply.kinds import Kind
from pansentry.reply.silence import MAX_HOPS, RULES

PROVEN = Authentication(
    AuthResult.PASS, AuthResult.PASS, AuthResult.PASS, True, True, "mail.example", source="measured"
)
TO = (("to", "info@shop.example"),)


def situation(
    *fields: tuple[str, str],
    sender: str = "anna@mail.example",
    author: str | None = None,
    to: tuple[tuple[str, str], ...] = TO,
    authentication: Authentication = PROVEN,
    removed: tuple[Removed, ...] = (Removed("pan", "visa", "body:1", 0.99),),
    **settings: object,
) -> Situation:
    author = sender if author is None else author
    return replace(
        Situation(
            Incoming((("from", author), *to, *fields), from_address=author),
            Envelope(sender, ("info@shop.example",), authentication=authentication),
            Receipt(removed),
            own=("shop.example", "owner@elsewhere.example"),
        ),
        **settings,  # type: ignore[arg-type]
    )


def auth(dmarc: str = "none", spf: bool = False, dkim: bool = False) -> Authentication:
    return Authentication(dmarc=AuthResult(dmarc), spf_aligned=spf, dkim_aligned=dkim, from_domain="mail.example")


NEVER: tuple[tuple[str, Situation], ...] = (
    ("null-sender", situation(sender="", author="anna@mail.example")),
    ("no-address", situation(sender="anna", author="anna@mail.example")),
    ("no-address", situation(sender="anna@localhost", author="anna@localhost")),
    ("no-address", situation(sender="an na@mail.example")),
    ("auto-submitted", situation(("auto-submitted", "auto-replied"))),
    ("auto-submitted", situation(("auto-submitted", "auto-generated"))),
    ("auto-submitted", situation(("auto-submitted", "Auto-Notified; owner-email=x"))),
    ("auto-submitted", situation(("auto-submitted", "auto-replied (vacation)"))),
    ("auto-submitted", situation(("auto-submitted", ""))),
    ("auto-submitted", situation(("auto-submitted", "no"), ("auto-submitted", "auto-replied"))),
    ("auto-submitted", situation(("auto-submitted", "nope"))),
    *(("list", situation((f"list-{word}", "<x>"))) for word in
      ("id", "owner", "subscribe", "post", "unsubscribe", "help", "archive", "unsubscribe-post")),
    *(("precedence", situation(("precedence", word))) for word in ("bulk", "junk", "list", "Bulk", "auto_reply")),
    *(("suppressed", situation(("x-auto-response-suppress", word))) for word in
      ("All", "OOF", "AutoReply", "DR, RN, NRN, OOF, AutoReply", "dr,all")),
    *(("robot-header", situation((name, "x"))) for name in
      ("x-autoreply", "x-autorespond", "x-loop", "x-failed-recipients", "feedback-id", "x-autoresponder",
       "x-vacation")),
    ("robot-header", situation(("delivered-to", "Autoresponder"))),
    ("own-letter", situation(("x-pansentry-reply", "guidance/abc"))),
    *(("report", situation(("content-type", kind))) for kind in
      ("multipart/report; report-type=delivery-status", "message/delivery-status", "message/disposition-notification",
       "Multipart/Report", "text/calendar; method=REQUEST", "message/feedback-report")),
    *(("list-robot", situation(sender=f"{local}@mail.example")) for local in
      ("MAILER-DAEMON", "listserv", "majordomo", "cooking-request", "owner-cooking", "cooking-owner", "news-bounces")),
    *(("nobody-reads", situation(sender=f"{local}@mail.example")) for local in
      ("no-reply", "noreply", "no_reply", "do-not-reply", "donotreply", "NoReply-Orders", "bounce", "bounces+x=y",
       "mailer",
       "root", "cron", "notifications", "alerts", "postmaster", "ne-pas-repondre", "noreply.de", "orders-noreply")),
    ("own-sender", situation(sender="info@shop.example")),
    ("own-sender", situation(sender="colleague@shop.example")),
    ("own-sender", situation(sender="owner@elsewhere.example")),
    ("own-sender", situation(author="boss@shop.example")),
    ("not-addressed", situation(to=(("to", "undisclosed-recipients:;"),))),
    ("not-addressed", situation(to=(("to", "somebody@else.example"), ("cc", "list@else.example")))),
    ("not-addressed", situation(to=())),
    ("loop", situation(*[("received", "from a by b")] * MAX_HOPS)),
    *(("spam", situation((name, value))) for name, value in
      (("x-spam-flag", "YES"), ("x-spam-status", "Yes, score=9.1"), ("x-gm-spam", "1"), ("x-rspamd-action",
       "add header"),
       ("x-ms-exchange-organization-scl", "6"), ("x-forefront-antispam-report", "CIP:1.2.3.4;SCL:5;SRV:"))),
    ("no-author", situation(author="")),
    ("unaligned", situation(sender="b.4711.anna=mail.example@esp.example", author="anna@mail.example")),
    ("unaligned", situation(sender="anna@evilmail.example", author="anna@mail.example")),
    ("unaligned", situation(sender="SRS0=abcd=ef=esp.example=x@fwd.example", author="anna@mail.example")),
    ("unaligned", situation(sender="SRS0=abcd=ef=mail.example=anna@victim.example", author="anna@mail.example",
                            authentication=replace(PROVEN, spf=AuthResult.NONE))),
    ("unproven", situation(authentication=Authentication())),
    ("unproven", situation(authentication=auth("fail", spf=True, dkim=True))),
    ("unproven", situation(authentication=auth("temperror", spf=True))),
    ("unproven", situation(authentication=auth("permerror", dkim=True))),
    ("unproven", situation(authentication=auth("none"))),
    ("unproven", situation(authentication=auth("pass"), require="spf-or-dkim")),
    ("exempt", situation(exempt=("mail.example",))),
    ("exempt", situation(sender="service@pay.bank.example", exempt=("*.bank.example",))),
    ("exempt", situation(sender="billing@mail.example", exempt=("billing@*",))),
    ("opted-out", situation(opted_out=True)),
    ("quoted-only", situation(quoted_only=True)),
    ("unsure", situation(removed=(Removed("pan", None, "body:1", 0.4),))),
    ("unsigned", situation(signs=False)),
    ("nothing-removed", situation(removed=())),
    ("nothing-removed", situation(removed=(), kind=Kind.FIRST)),
    ("policy", situation(letter="")),
    ("observe", situation(observes=True)),
)  # fmt: skip

ALWAYS: tuple[tuple[str, Situation], ...] = (
    ("plain", situation()),
    ("auto-submitted: no", situation(("auto-submitted", "no"))),
    ("auto-submitted: no with comment", situation(("auto-submitted", "No (a person)"))),
    ("precedence: normal", situation(("precedence", "normal"))),
    ("precedence: first-class", situation(("precedence", "first-class"))),
    ("suppress: receipts only", situation(("x-auto-response-suppress", "DR, RN, NRN"))),
    ("suppress: none", situation(("x-auto-response-suppress", "None"))),
    ("html", situation(("content-type", "text/html; charset=utf-8"))),
    ("attachment", situation(("content-type", "multipart/mixed; boundary=x"))),
    ("signed", situation(("content-type", "multipart/signed; boundary=x"))),
    ("cc", situation(to=(("to", "x@y.example"), ("cc", "Info <INFO@shop.example>")))),
    ("bcc", situation(to=(("bcc", "info@shop.example"),))),
    ("resent", situation(to=(("to", "x@y.example"), ("resent-to", "info@shop.example")))),
    ("many recipients", situation(to=(("to",
     ", ".join(f"p{i}@y.example" for i in range(500)) + ", info@shop.example"),))),
    ("srs forwarded", situation(sender="SRS0=abcd=ef=mail.example=anna@fwd.example", author="anna@mail.example")),
    ("srs twice", situation(sender="SRS1=hash=fwd.example==abcd=ef=mail.example=anna@fwd2.example",
                            author="anna@mail.example")),
    ("batv", situation(sender="prvs=1234567890=anna@mail.example", author="anna@mail.example")),
    ("batv of exchange", situation(sender="msprvs1=17abcdef=anna@mail.example", author="anna@mail.example")),
    ("sub-domain of the reverse-path", situation(sender="anna@smtp.mail.example", author="anna@mail.example")),
    ("plus address", situation(sender="anna+shop@mail.example", author="anna@mail.example")),
    ("no dmarc record, spf aligned", situation(authentication=auth("none", spf=True))),
    ("no dmarc record, dkim aligned", situation(authentication=auth("none", dkim=True))),
    ("dmarc alone", situation(authentication=auth("pass"))),
    ("spf-or-dkim", situation(authentication=auth("fail", dkim=True), require="spf-or-dkim")),
    ("require none", situation(authentication=Authentication(), require="none", signs=False)),
    ("local part with a hyphen", situation(sender="anna-maria@mail.example")),
    ("name that contains a robot's", situation(sender="alertina.rooth@mail.example")),
    ("surname Bouncer", situation(sender="tim.bouncer@mail.example")),
    ("a list word in the local part", situation(sender="request@mail.example")),
    ("not spam", situation(("x-spam-flag", "NO"), ("x-spam-status", "No, score=-1"))),
    ("scl 1", situation(("x-ms-exchange-organization-scl", "1"), ("x-forefront-antispam-report", "SCL:1;"))),
    ("rspamd no action", situation(("x-rspamd-action", "no action"))),
    ("a few hops", situation(*[("received", "x")] * 8)),
    ("exempt others", situation(exempt=("bank.example", "billing@*"))),
    ("code only", situation(removed=(Removed("cvv", None, "body:1", 0.9),))),
    ("one of two is sure", situation(removed=(Removed("pan", None, "a", 0.3), Removed("pan", "visa", "b", 0.9)))),
    ("a question", situation(removed=(), kind=Kind.ENQUIRY)),
    ("held and unreadable", situation(removed=(), kind=Kind.HELD)),
    ("delivered-to a person", situation(("delivered-to", "info@shop.example"))),
    ("x-mailer", situation(("x-mailer", "Apple Mail"), ("x-priority", "1"), ("user-agent", "Thunderbird"))),
    ("hostile header values", situation(("auto-submitted", "no"), ("subject", "=?x?" * 1000), ("x-spam", "\x00"))),
    ("non-ascii domain", situation(sender="anna@mäil.example")),
)  # fmt: skip


@pytest.mark.parametrize(("code", "case"), NEVER, ids=[f"{i}-{code}" for i, (code, _) in enumerate(NEVER)])
def test_no_letter(code: str, case: Situation) -> None:
    """Each case that must not be answered has its recorded reason."""
    assert silence_reason(case) == code


@pytest.mark.parametrize("case", [case for _, case in ALWAYS], ids=[name for name, _ in ALWAYS])
def test_a_letter(case: Situation) -> None:
    """People who wrote with their own program get their letter."""
    assert silence_reason(case) == ""


def test_every_rule_has_a_case() -> None:
    """No rule stands in the table untested, and the promised numbers are there."""
    assert {code for code, _ in NEVER} == {rule.code for rule in RULES}
    assert len(NEVER) >= 60
    assert len(ALWAYS) >= 30


def test_two_gateways_fall_silent_after_one_letter() -> None:
    """What one PanSentry sends, another never answers, for more than one reason."""
    letter = situation(
        ("auto-submitted", "auto-replied"),
        ("precedence", "bulk"),
        ("x-auto-response-suppress", "All"),
        ("x-pansentry-reply", "guidance/1"),
        sender="",
        author="info@other.example",
    )
    assert sum(rule.holds(letter) for rule in RULES) >= 5
