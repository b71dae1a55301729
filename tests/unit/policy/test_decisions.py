"""Decisions: what the shipped policies do with each kind of message, and what each condition means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pansentry.envelope import Authentication, AuthResult
from pansentry.outcome import Action, Unreadable
from pansentry.pan.finding import Kind
from pansentry.policy import Facts, Policy, PolicySet, Sighting, Style, decide, decide_on_nothing, default_policy, trace
from pansentry.policy.loading import load_policies, parse_policies
from pansentry.policy.policy import Rule, When

POLICIES = {p.name: p for p in load_policies(Path(__file__).parents[3] / "policies").policies}
PAN, CVV = Sighting("pan", 0.99, "body:1", "visa"), Sighting("cvv", 0.9, "body:1")
IN_PDF = Sighting("pan", 0.9, "page 3", "visa", ("attachment", "document", "pdf"))
IN_PICTURE = Sighting("pan", 0.9, "picture", "visa", ("attachment", "picture", "png"))
PASS = Authentication(dmarc=AuthResult.PASS, spf_aligned=True, from_domain="mail.example", source="measured")
FAIL = Authentication(dmarc=AuthResult.FAIL, from_domain="mail.example", source="measured")


def facts(*sightings: Sighting, **more: object) -> Facts:
    values = {"sender": "anna@mail.example", "from_address": "anna@mail.example", "recipient": "info@shop.example"}
    return replace(Facts(sightings, **values), **more)  # type: ignore[arg-type]


def unread(*reasons: str) -> dict[str, object]:
    return {"unreadable": tuple(Unreadable(reason, "part:2") for reason in reasons)}


SHIPPED = (
    # policy, message → action, rule, letter, tags
    ("default", facts(), "deliver", "clean", "", ()),
    ("default", facts(PAN), "redact", "card-data", "guidance", ()),
    ("default", facts(CVV), "redact", "card-data", "guidance", ()),
    ("default", facts(Sighting("track", 0.9, "part:2")), "redact", "card-data", "guidance", ()),
    ("default", facts(Sighting("expiry", 0.7, "header:subject")), "redact", "card-data", "guidance", ()),
    ("default", facts(Sighting("pan", 0.4, "body:1")), "redact", "card-data", "", ()),
    ("default", facts(PAN, authentication=FAIL), "redact", "card-data", "guidance", ()),
    ("default", facts(PAN, signed=True), "redact", "card-data", "guidance", ()),
    ("default", facts(signed=True), "deliver", "clean", "", ()),
    ("default", facts(PAN, ambiguities=("mime:x",)), "redact", "card-data", "guidance", ()),
    ("default", facts(ambiguities=("mime:x",)), "deliver", "clean", "", ()),
    ("default", facts(**unread("encrypted")), "deliver", "could-not-read", "", ("unscanned",)),
    ("default", facts(**unread("ocr-missing")), "deliver", "could-not-read", "", ("unscanned",)),
    ("default", facts(PAN, **unread("encrypted")), "redact", "card-data", "guidance", ()),
    ("default", facts(**unread("timeout")), "tempfail", "try-later", "", ()),
    ("default", facts(PAN, **unread("crash")), "tempfail", "try-later", "", ()),
    ("default", facts(**unread("limit:max_depth")), "refuse", "built-to-deceive", "", ()),
    ("default", facts(PAN, **unread("limit:max_parts")), "refuse", "built-to-deceive", "", ()),
    ("default", facts(**unread("encrypted", "limit:max_parts")), "refuse", "built-to-deceive", "", ()),
    ("strict", facts(), "deliver", "clean", "", ()),
    ("strict", facts(PAN), "redact", "card-data", "guidance", ()),
    ("strict", facts(PAN, authentication=PASS), "redact", "card-data", "guidance", ()),
    ("strict", facts(PAN, authentication=FAIL), "refuse", "forged-sender", "", ()),
    ("strict", facts(authentication=FAIL), "deliver", "clean", "", ()),
    ("strict", facts(**unread("encrypted")), "refuse", "must-be-readable", "", ()),
    ("strict", facts(PAN, **unread("encrypted")), "refuse", "must-be-readable", "", ()),
    ("strict", facts(**unread("timeout")), "tempfail", "try-later", "", ()),
    ("default", facts(Sighting("pan", 0.99, "body:1", "amex")), "redact", "card-data", "guidance", ()),
    ("default", facts(Sighting("pan", 0.99, "name:2", "visa", ("attachment",))), "redact", "card-data", "guidance", ()),
    ("default", facts(PAN, authentication=PASS, is_reply=True), "redact", "card-data", "guidance", ()),
    ("default", facts(PAN, size_bytes=40_000_000), "redact", "card-data", "guidance", ()),
    ("default", facts(*[PAN] * 100), "redact", "card-data", "guidance", ()),
    ("default", facts(PAN, sender="", from_address=""), "redact", "card-data", "guidance", ()),
    ("default", facts(**unread("document:pdf")), "deliver", "could-not-read", "", ("unscanned",)),
    ("default", facts(**unread("encrypted", "timeout")), "tempfail", "try-later", "", ()),
    ("strict", facts(Sighting("pan", 0.99, "body:1", "amex")), "redact", "card-data", "guidance", ()),
    ("strict", facts(Sighting("pan", 0.45, "body:1", "visa")), "redact", "card-data", "", ()),
    ("strict", facts(PAN, signed=True), "redact", "card-data", "guidance", ()),
    ("strict", facts(**unread("limit:max_parts")), "refuse", "built-to-deceive", "", ()),
    ("strict", facts(**unread("crash")), "tempfail", "try-later", "", ()),
    ("strict", facts(PAN, ambiguities=("mime:x",), authentication=PASS), "redact", "card-data", "guidance", ()),
    ("observe", facts(Sighting("pan", 0.99, "body:1", "amex")), "redact", "card-data", "", ()),
    ("observe", facts(PAN, **unread("timeout")), "redact", "card-data", "", ()),
    ("observe", facts(PAN, authentication=FAIL), "redact", "card-data", "", ()),
    ("observe", facts(), "deliver", "clean", "", ()),
    ("observe", facts(PAN, CVV), "redact", "card-data", "", ()),
    ("observe", facts(**unread("limit:max_depth")), "deliver", "could-not-read", "", ("unscanned",)),
)


@pytest.mark.parametrize("case", SHIPPED, ids=[f"{i}-{c[0]}-{c[3]}" for i, c in enumerate(SHIPPED)])
def test_the_shipped_policies_decide(case: tuple[str, Facts, str, str, str, tuple[str, ...]]) -> None:
    """Each kind of message has its rule, its action and its letter."""
    name, message, action, rule, letter, tags = case
    verdict = decide(message, POLICIES[name])
    assert (verdict.action, verdict.rule, verdict.letter, verdict.tags) == (action, f"{name}/{rule}", letter, tags)
    assert verdict.observe_only is (name == "observe")
    assert (verdict.reply is not None) is (action in {"refuse", "tempfail"})


def policy(when: str, then: str = "hold", more: str = "") -> Policy:
    text = f"name: p\napplies_to: everyone\n{more}rules:\n  - name: r\n    when: {{{when}}}\n    then: {then}\n"
    return parse_policies({"p.yaml": text.encode()}).fallback


MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()
SATURDAY_ONE = datetime(2026, 11, 28, 1, 0, tzinfo=UTC).timestamp()

CONDITIONS = (
    # condition, a message that meets it, one that does not
    ("kind: cvv", facts(PAN, CVV), facts(PAN)),
    ("kind: [track, pan]", facts(PAN), facts(CVV)),
    ("brand: amex", facts(Sighting("pan", 0.9, "body:1", "amex")), facts(PAN)),
    ("place: header", facts(Sighting("pan", 0.9, "header:subject")), facts(PAN)),
    ("place: body", facts(PAN), facts(Sighting("pan", 0.9, "header:subject"))),
    ("place: attachment", facts(Sighting("pan", 0.9, "part:2/word/document.xml")), facts(PAN)),
    ("place: attachment", facts(Sighting("pan", 0.9, "name:2")), facts(Sighting("pan", 0.9, "partial:2"))),
    ("place: pdf", facts(IN_PDF), facts(IN_PICTURE)),
    ("place: picture", facts(IN_PICTURE), facts(IN_PDF)),
    ("place: document", facts(IN_PDF), facts(PAN)),
    ("place: archive", facts(Sighting("pan", 0.9, "x", "visa", ("attachment", "archive", "zip"))), facts(IN_PDF)),
    ("place: attachment", facts(IN_PDF), facts(Sighting("pan", 0.9, "body:2", "visa", ("body",)))),
    ("place: [header, picture]", facts(IN_PICTURE), facts(PAN)),
    ("confidence_at_least: 0.95", facts(PAN), facts(CVV)),
    ("kind: cvv, confidence_at_least: 0.95", facts(Sighting("cvv", 0.95, "body:1")), facts(PAN, CVV)),
    ("count_at_least: 3", facts(PAN, PAN, CVV), facts(PAN, CVV)),
    ("kind: pan, count_at_least: 2", facts(PAN, PAN), facts(PAN, CVV)),
    ("found: false", facts(), facts(PAN)),
    ("sender: mail.example", facts(PAN), facts(sender="a@sub.mail.example", from_address="a@x.example")),
    ("sender: '*.mail.example'", facts(sender="a@sub.mail.example"), facts()),
    ("sender: ANNA@mail.example", facts(), facts(sender="bob@mail.example", from_address="bob@mail.example")),
    ("sender: billing@*", facts(from_address="Billing@x.example"), facts()),
    ("sender: [a.example, '*.de']", facts(sender="x@y.de"), facts()),
    ("sender_country: de", facts(from_address="a@laden.de"), facts(from_address="a@shop.at")),
    ("sender_country: gb", facts(from_address="a@shop.co.uk"), facts(from_address="a@shop.example")),
    ("sender_country: UK", facts(from_address="a@shop.co.uk"), facts(from_address="a@de.example")),
    ("sender_country: [at, ch]", facts(sender="a@b.ch", from_address=""), facts(sender="a@b.com", from_address="")),
    ("recipient: accounts@*", facts(recipient="accounts@shop.example"), facts()),
    ("recipient: accounts@*", facts(recipient="Accounts+x@shop.example"), facts(recipient="x+accounts@shop.example")),
    ("recipient: a+x@shop.example", facts(recipient="a+x@shop.example"), facts(recipient="a+y@shop.example")),
    ("recipient: info@shop.example", facts(), facts(recipient="sales@shop.example")),
    ("recipient: shop.example", facts(), facts(recipient="x@other.example")),
    ("authentication: pass", facts(authentication=PASS), facts()),
    ("authentication: fail", facts(authentication=FAIL), facts(authentication=PASS)),
    ("authentication: [none, fail]", facts(), facts(authentication=PASS)),
    ("unreadable: any", facts(**unread("encrypted")), facts()),
    ("unreadable: encrypted", facts(**unread("encrypted")), facts(**unread("timeout"))),
    ("unreadable: 'limit:*'", facts(**unread("limit:max_parts")), facts(**unread("encrypted"))),
    ("ambiguous: true", facts(ambiguities=("x",)), facts()),
    ("ambiguous: false", facts(), facts(ambiguities=("x",))),
    ("signed: true", facts(signed=True), facts()),
    ("direction: reply", facts(is_reply=True), facts()),
    ("direction: new", facts(), facts(is_reply=True)),
    ("size_over: 1 MiB", facts(size_bytes=2_000_000), facts(size_bytes=1_048_576)),
    ("hours: {from: '9:00', to: '17:00'}", facts(received_at=MONDAY_NOON), facts(received_at=SATURDAY_ONE)),
    ("hours: {from: '22:00', to: '06:00'}", facts(received_at=SATURDAY_ONE), facts(received_at=MONDAY_NOON)),
    ("hours: {days: [fri], from: '22:00', to: '06:00'}", facts(received_at=SATURDAY_ONE),
     facts(received_at=SATURDAY_ONE + 86400)),
    ("hours: {days: [mon], from: '21:00', zone: Asia/Tokyo}", facts(received_at=MONDAY_NOON),
     facts(received_at=MONDAY_NOON - 3600)),
    ("kind: pan, sender: mail.example", facts(PAN), facts(CVV)),
    ("kind: pan, sender: other.example", facts(PAN, sender="x@other.example"), facts(PAN)),
)  # fmt: skip


@pytest.mark.parametrize("case", CONDITIONS, ids=[f"{i}-{c[0]}" for i, c in enumerate(CONDITIONS)])
def test_each_condition_means_what_it_says(case: tuple[str, Facts, Facts]) -> None:
    """A rule with the condition matches the one message and not the other."""
    when, met, unmet = case
    assert decide(met, policy(when)).rule == "p/r"
    assert decide(unmet, policy(when)).rule == "p/no-rule"


def test_a_role_is_a_group_of_recipients() -> None:
    """A rule may name a group of recipients or senders, which stands in groups.yaml."""
    files = {
        "groups.yaml": b"groups: {accounting: [eve@shop.example, ben@shop.example], banks: ['*.bank.example']}",
        "p": b"name: p\napplies_to: everyone\nrules:\n"
        b"  - name: role\n    when: {recipient: 'group:accounting', sender: [a.example, 'group:banks']}\n"
        b"    then: hold\n",
    }
    by = parse_policies(files).fallback
    assert decide(facts(recipient="Ben@shop.example", sender="x@eu.bank.example"), by).rule == "p/role"
    assert decide(facts(recipient="ben@shop.example", sender="x@a.example"), by).rule == "p/role"
    assert decide(facts(recipient="ben@shop.example"), by).rule == "p/no-rule"
    assert decide(facts(sender="x@a.example"), by).rule == "p/no-rule"


def test_who_is_told_and_who_gets_a_copy() -> None:
    """Notifications and review copies are in the verdict of the rule that matched, and of no other."""
    more = "hold\n    notify: [a@shop.example, b@shop.example]\n    forward_to_review: r@shop.example"
    by = policy("found: true", more)
    verdict = decide(facts(PAN), by)
    assert (verdict.notify, verdict.review) == (("a@shop.example", "b@shop.example"), ("r@shop.example",))
    assert (decide(facts(), by).notify, decide(facts(), by).review) == ((), ())


def test_every_condition_of_the_schema_is_in_the_table() -> None:
    """No condition may be written that no case tries."""
    from pansentry.policy.file import WhenIn

    assert set(WhenIn.model_fields) <= {
        word.split(":")[0].strip("{ ") for row in CONDITIONS for word in row[0].split(",")
    }


def test_the_table_of_shipped_policies_is_as_long_as_promised() -> None:
    """At least forty decisions."""
    assert len(SHIPPED) >= 40


def test_without_rules_card_data_is_redacted_and_the_rest_delivered() -> None:
    """An empty policy is a safe one."""
    empty = parse_policies({"p": b"name: p\napplies_to: everyone\n"}).fallback
    assert decide(facts(PAN), empty).action is Action.REDACT
    assert decide(facts(), empty).action is Action.DELIVER


def test_the_first_rule_that_matches_decides_and_the_trace_says_why() -> None:
    """The path through the rules names the condition at which each rule failed."""
    steps = trace(facts(PAN), default_policy())
    assert [(step.rule, step.failed) for step in steps] == [
        ("built-to-deceive", "unreadable"),
        ("try-later", "unreadable"),
        ("card-data", ""),
    ]


def test_a_refusal_says_the_policys_words() -> None:
    """The sender's server is told the text of the rule, in plain ASCII."""
    verdict = decide(facts(PAN), policy("found: true", "refuse\n    text: No cards please"))
    assert str(verdict.reply) == "554 5.7.1 No cards please"


def test_what_a_policy_asks_the_detector_for() -> None:
    """Thresholds, brands, own numbers and languages arrive at the detector."""
    more = (
        "detect:\n  confidence: {pan: 0.3}\n  brands: [visa, amex]\n  own_numbers: '4711####'\n"
        "  test_numbers: ignore\n  languages: de\n"
    )
    options = policy("found: true", more=more).detect_options()
    assert options.thresholds == {Kind.PAN: 0.3, Kind.CVV: 0.6, Kind.EXPIRY: 0.6, Kind.TRACK: 0.6}
    assert (options.brands, options.own_numbers) == ({"visa", "amex"}, ("4711####",))
    assert (options.ignore_test_numbers, options.languages) == (True, {"de"})


@pytest.mark.parametrize(
    ("name", "length", "kept"),
    [
        ("last4", 16, (0, 4)),
        ("last4", 15, (0, 4)),
        ("last4", 13, (0, 4)),
        ("last4", 8, (0, 0)),
        ("first6last4", 16, (6, 4)),
        ("first6last4", 15, (6, 4)),
        ("first6last4", 14, (0, 4)),
        ("first6last4", 13, (0, 4)),
        ("first6last4", 19, (6, 4)),
        ("full", 16, (0, 0)),
    ],
)
def test_truncation_stays_within_pci_dss(name: str, length: int, kept: tuple[int, int]) -> None:
    """At least four of sixteen and five of fifteen digits go; short numbers keep no issuer range."""
    assert Style(pan=name).kept(length) == kept


@pytest.fixture(scope="module")
def several() -> PolicySet:
    """Policies for a domain, its sub-domains, a group, an address, and everyone."""
    return parse_policies(
        {
            "groups.yaml": b"groups: {sales: [ben@shop.example, sue@shop.example]}",
            "a.yaml": b"name: all\napplies_to: everyone\n",
            "b.yaml": b"name: domain\napplies_to: Shop.Example\n",
            "c.yaml": b"name: below\napplies_to: '*.shop.example'\n",
            "d.yaml": b"name: group\napplies_to: [group:sales]\n",
            "e.yaml": b"name: one\napplies_to: [owner@shop.example, owner+cards@shop.example]\n",
            "f.yaml": b"name: deep\napplies_to: ['*.eu.shop.example', nobody@nowhere.example]\n",
        }
    )


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("x@other.example", "all"),
        ("info@shop.example", "domain"),
        ("INFO@SHOP.EXAMPLE", "domain"),
        ("info@mail.shop.example", "below"),
        ("info@a.b.shop.example", "below"),
        ("info@de.eu.shop.example", "deep"),
        ("ben@shop.example", "group"),
        ("Sue+tag@shop.example", "group"),
        ("owner@shop.example", "one"),
        ("owner+cards@shop.example", "one"),
        ("owner+x@shop.example", "one"),
        ("info@notshop.example", "all"),
        ("", "all"),
        ("@", "all"),
    ],
)
def test_the_most_specific_policy_wins(several: PolicySet, address: str, name: str) -> None:
    """Address before tag, before domain, before sub-domains (longest first), before everyone."""
    assert several.for_recipient(address).name == name


def test_recipients_share_a_transaction_only_under_one_policy(several: PolicySet) -> None:
    """One transaction has one verdict."""
    assert several.same_policy("ben@shop.example", "sue@shop.example")
    assert not several.same_policy("ben@shop.example", "info@shop.example")


def test_the_configuration_can_make_everything_observe(several: PolicySet) -> None:
    """`mode: observe` overrides every policy, and a verdict says that it is only observed."""
    watched = several.with_mode("observe")
    assert decide(facts(PAN), watched.for_recipient("info@shop.example")).observe_only
    assert watched.for_recipient("x@other.example") is watched.fallback


_ASKING: tuple[dict[str, object], ...] = (
    {"found": True}, {"ambiguous": True}, {"unreadable": ("any",)}, {"kind": ("pan",)}, {"brand": ("visa",)},
    {"place": ("body",)}, {"count_at_least": 0}, {"confidence_at_least": 0.0}, {"found": False}, {"ambiguous": False},
    {"signed": True}, {"signed": False}, {"is_reply": True}, {"size_over": 5}, {"sender": ("a@example.org",)}, {},
)  # fmt: skip


@pytest.mark.parametrize("asked", _ASKING)
@pytest.mark.parametrize("signed", [False, True])
def test_rules_that_are_left_out_for_clean_mail_would_not_have_matched(asked: dict[str, object], signed: bool) -> None:
    """The short list of rules for mail with nothing in it decides as the whole list does, step by step."""
    rules = (Rule("asking", Action.REFUSE, When(**asked)), Rule("rest", Action.DELIVER))  # type: ignore[arg-type]
    policy = Policy("p", rules=rules)
    for facts in (Facts(signed=signed, sender="a@example.org", size_bytes=9), Facts(signed=signed)):
        matched = next((step.rule for step in trace(facts, policy) if not step.failed), "")
        assert decide(facts, policy).rule == f"p/{matched}"


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ("- {name: a, when: {found: true}, then: redact}", "p/no-rule"),
        ("- {name: a, when: {unreadable: any}, then: hold}\n  - {name: b, then: deliver}", "p/b"),
        ("- {name: a, when: {size_over: 5 MiB}, then: hold}", None),
        ("- {name: a, when: {found: true, sender: a@example.org}, then: hold}", None),
    ],
)
def test_mail_with_nothing_in_it_has_one_verdict_unless_a_rule_asks(rules: str, rule: str | None) -> None:
    """Where no rule asks what mail without findings is like, all of it has the verdict that its facts would give."""
    policy = parse_policies({"p": f"name: p\napplies_to: everyone\nrules:\n  {rules}\n".encode()}).policies[0]
    verdict = decide_on_nothing(policy)
    assert (verdict and verdict.rule) == rule
    if verdict is not None:
        assert decide(Facts(sender="x@example.org", size_bytes=9), policy) == verdict
    assert decide_on_nothing(policy) is verdict


def test_the_policy_of_a_recipient_is_remembered() -> None:
    """Asked again, and after very many others, a recipient has the same policy."""
    policies = parse_policies({"p": b"name: p\napplies_to: shop.example\nrules: []\n"})
    mine = policies.for_recipient("a@shop.example")
    assert mine.name == "p"
    for number in range(3000):
        assert policies.for_recipient(f"{number}@other.example") is policies.fallback
    assert policies.for_recipient("a@shop.example") is mine
