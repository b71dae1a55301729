"""Features of decisions: tried again they give the same verdict, and nothing can be read back from them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pansentry import passing, pipeline
from pansentry.envelope import Authentication, AuthResult, Client, Envelope
from pansentry.event import event_fields
from pansentry.features import as_detected, facts_again, features, patterns_of
from pansentry.outcome import Record, Unreadable
from pansentry.pan.finding import Kind
from pansentry.pipeline import Desk, process
from pansentry.policy import Facts, PolicySet, Sighting, decide, default_policy
from pansentry.policy.loading import parse_policies
from pansentry.policy_comparison import compare_recent
from pansentry.store import tallies
from pansentry.store.events import _row

KEY = b"k" * 32
PASS = Authentication(dmarc=AuthResult.PASS, spf_aligned=True, from_domain="mail.example", source="measured")
FACTS = Facts(
    (Sighting("pan", 0.91, "body:1", "visa", ("body",)), Sighting("cvv", 0.7, "page 2", None, ("attachment", "pdf"))),
    unreadable=(Unreadable("encrypted", "body:2"),),
    ambiguities=("mime:x",),
    signed=True,
    sender="Anna+x@mail.example",
    from_address="anna@sub.mail.example",
    recipient="Info+cards@shop.example",
    authentication=PASS,
    size_bytes=2_000_000,
    received_at=1_790_000_000.0,
    is_reply=True,
)


def policies(*whens: str, then: str = "hold") -> PolicySet:
    rules = "".join(f"  - name: r{i}\n    when: {{{when}}}\n    then: {then}\n" for i, when in enumerate(whens))
    return parse_policies({"p": f"name: p\napplies_to: everyone\nrules:\n{rules}".encode()})


def recorded(facts: Facts) -> dict[str, object]:
    """What the store gives back: the fields as JSON, with those that every event has."""
    measured = facts.authentication
    fields = {
        **features(facts, KEY),
        "unreadable": [one.reason for one in facts.unreadable],
        "ambiguities": facts.ambiguities,
        "sender_domain": facts.sender.rpartition("@")[2].lower(),
        "recipient_domain": facts.recipient.rpartition("@")[2].lower(),
        "dmarc": str(measured.dmarc),
        "size_bytes": facts.size_bytes,
        "at": facts.received_at,
    }
    found: dict[str, object] = json.loads(json.dumps(fields))
    return found


@pytest.mark.parametrize(
    "when",
    [
        "found: true", "found: false", "kind: pan", "kind: track", "brand: visa", "brand: amex", "place: body",
        "place: pdf", "place: header", "confidence_at_least: 0.9", "count_at_least: 2", "count_at_least: 3",
        "sender: mail.example", "sender: anna@sub.mail.example", "sender: '*.mail.example'", "sender: 'anna@*'",
        "sender: bob@mail.example", "sender: 'bob@*'", "sender: other.example", "sender_country: de",
        "recipient: info@shop.example", "recipient: shop.example", "recipient: sales@shop.example",
        "authentication: pass", "authentication: fail", "unreadable: any", "unreadable: timeout", "ambiguous: true",
        "signed: true", "direction: reply", "direction: new", "size_over: 1 MiB", "size_over: 5 MiB",
        "hours: {from: '00:00', to: '12:00'}",
    ],
)  # fmt: skip
def test_a_recorded_decision_is_decided_the_same_again(when: str) -> None:
    """Every condition asks recorded facts as it asked the message."""
    by = policies(when)
    again = facts_again(recorded(FACTS), patterns_of(by), KEY)
    assert decide(again, by.fallback).rule == decide(FACTS, by.fallback).rule


def test_no_address_can_be_read_from_the_record() -> None:
    """Local parts are keyed tokens; another key gives others."""
    text = json.dumps(recorded(FACTS)).lower()
    assert "anna" not in text
    assert "info" not in text
    assert features(FACTS, KEY)["sender_keys"] != features(FACTS, b"other")["sender_keys"]


def test_the_policy_of_a_recipient_is_found_again() -> None:
    """Also for an address with a tag."""
    by = parse_policies(
        {"a": b"name: a\napplies_to: everyone\n", "b": b"name: b\napplies_to: info@shop.example\n",
         "c": b"name: c\napplies_to: other.example\n"}
    )  # fmt: skip
    assert by.for_recipient(facts_again(recorded(FACTS), patterns_of(by), KEY).recipient).name == "b"
    elsewhere = replace(FACTS, recipient="x@other.example")
    assert by.for_recipient(facts_again(recorded(elsewhere), patterns_of(by), KEY).recipient).name == "c"


def test_a_higher_threshold_or_fewer_brands_find_less() -> None:
    """What the new policy would not take for a card is not counted."""
    strict = parse_policies({"p": b"name: p\napplies_to: everyone\ndetect: {confidence: {cvv: 0.9}, brands: amex}\n"})
    assert [s.kind for s in as_detected(FACTS, strict.fallback).sightings] == []
    assert strict.fallback.thresholds[Kind.CVV] == 0.9


def test_differences_between_two_sets_are_said_in_words() -> None:
    """Which of the recorded mails would be treated otherwise, and how."""
    old, new = policies("kind: pan", then="redact"), policies("kind: pan, sender: mail.example", "kind: pan")
    clean = replace(FACTS, sightings=(), unreadable=())
    found = compare_recent([recorded(FACTS), recorded(clean), {"kind": "letter"}], old, new, KEY)
    assert (found.seen, len(found.changed), found.unsure) == (2, 1, 0)
    assert found.changed[0][1] == ("action: redact → hold", "letter: guidance → guidance")[:1]


def test_what_the_records_cannot_tell_is_counted() -> None:
    """A lower threshold would find more than was recorded."""
    lower = parse_policies({"p": b"name: p\napplies_to: everyone\ndetect: {confidence: {pan: 0.3}}\n"})
    assert compare_recent([recorded(FACTS)], policies("found: true"), lower, KEY).unsure == 1


def test_the_pipeline_records_what_is_needed() -> None:
    """An event of a real mail is decided the same again."""
    raw = b"From: anna@mail.example\r\nIn-Reply-To: <1@x>\r\n\r\nVisa 4111 1111 1111 1111\r\n"
    by = policies("direction: reply, sender: anna@mail.example, place: body")
    envelope = Envelope("anna@mail.example", ("info@shop.example",))
    outcome = process(raw, envelope, Desk(by.fallback, key=KEY))
    (record,) = (effect for effect in outcome.effects if isinstance(effect, Record))
    event = json.loads(json.dumps({**record.fields, "at": 0.0}))
    assert decide(facts_again(event, patterns_of(by), KEY), by.fallback).rule == outcome.verdict.rule == "p/r0"
    assert "4111" not in json.dumps(event)


@pytest.mark.parametrize(
    ("sender", "recipients"), [("", ()), ("Paul@Example.ORG", ("orders+x@example.net", "a@example.net"))]
)
@pytest.mark.parametrize("raw", [b"Subject: hello\r\n\r\nno card in here\r\n", b"From: p@example.org\r\n\r\nhello\r\n"])
def test_the_event_of_clean_mail_says_in_pieces_what_it_says_as_a_whole(
    sender: str, recipients: tuple[str, ...], raw: bytes
) -> None:
    """The short way to the event of a clean mail gives the fields of the long one, in the store as well."""
    client = Client("2001:db8::1", 25, tls=True)
    envelope = Envelope(sender, recipients, client, Authentication(spf=AuthResult.PASS), id="bcdf")
    asking = policies("sender: p@example.org", then="deliver").fallback
    for policy in (default_policy(), asking):
        desk = Desk(policy, key=KEY)
        inspection = pipeline.inspect(raw, envelope, desk)
        outcome = pipeline.conclude(inspection, envelope, desk)
        facts = pipeline.facts_of(inspection, envelope, desk)
        (record,) = (effect for effect in outcome.effects if isinstance(effect, Record))
        more = features(facts, KEY)
        whole = event_fields(outcome, envelope, size_bytes=len(raw), policy=policy.version, more=more)
        assert record.alike
        assert passing.passes_as_it_is(inspection, envelope, desk) == (outcome.verdict, record.alike)
        assert record.fields == whole
        in_pieces, at_once = _row(0.0, record.own, record.alike), _row(0.0, whole, ())
        assert in_pieces is not None
        assert at_once is not None
        assert in_pieces[:4] == at_once[:4]
        assert json.loads(in_pieces[4]) == json.loads(at_once[4])
        assert tallies._NOTHING in in_pieces[4]
