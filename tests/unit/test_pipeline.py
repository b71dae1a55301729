"""The flow: inspect, conclude, and what happens when a reader breaks."""

from __future__ import annotations

import dataclasses

import pytest
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.envelope import Client, Envelope
from pansentry.outcome import Action, Hold, Record, Refuse, Relay, Remember
from pansentry.pipeline import Desk, Recollection
from pansentry.policy import Policy, Rule, When, default_policy

NUMBER = PUBLISHED["visa"][0]
ENVELOPE = Envelope("anna@customer.example", ("orders@shop.example",), Client("192.0.2.1"), received_at=1.8e9, id="0f")
DESK = Desk(default_policy(), key=b"k" * 32)


def mail(body: str, *fields: str) -> bytes:
    """A plain mail."""
    head = ("From: Anna <anna@customer.example>", "To: orders@shop.example", *fields)
    return ("\r\n".join((*head, "", body)) + "\r\n").encode()


def test_a_card_is_cut_and_the_effects_say_so() -> None:
    """A card mail is relayed redacted, recorded, and its conversation remembered; the words stay."""
    outcome = pipeline.process(mail(f"My card is {NUMBER}, thank you"), ENVELOPE, DESK)
    assert outcome.verdict.action is Action.REDACT
    assert outcome.message is not None
    assert NUMBER.encode() not in outcome.message
    assert b"My card is " in outcome.message
    assert b", thank you" in outcome.message
    assert [type(effect) for effect in outcome.effects] == [Relay, Remember, Record]
    assert outcome.changed


def test_clean_mail_is_the_same_object() -> None:
    """Clean mail comes back as the very same object, and nothing is remembered."""
    raw = mail("Thank you for the delivery of order 20261103.")
    outcome = pipeline.process(raw, ENVELOPE, DESK)
    assert outcome.message is raw
    assert [type(effect) for effect in outcome.effects] == [Relay, Record]


def test_no_effect_holds_a_digit_of_the_card() -> None:
    """Receipt, record and repr of the outcome hold no digits of the card beyond the last four."""
    outcome = pipeline.process(mail(f"Visa {NUMBER} exp 09/28 cvv 737"), ENVELOPE, DESK)
    written = repr(outcome) + repr([effect for effect in outcome.effects if isinstance(effect, Record | Remember)])
    assert NUMBER[:12] not in written
    assert "09/28" not in written
    assert "737" not in written.replace(NUMBER[-4:], "")


def test_observe_mode_changes_nothing_and_tells() -> None:
    """In observe mode the message is untouched, and the outcome says what would have been found."""
    policy = dataclasses.replace(default_policy(), mode="observe")
    raw = mail(f"Visa {NUMBER}")
    outcome = pipeline.process(raw, ENVELOPE, Desk(policy))
    assert outcome.message is raw
    assert not outcome.changed
    assert [item.kind for item in outcome.found] == ["pan"]


@pytest.mark.parametrize(
    ("action", "effect"), [(Action.HOLD, Hold), (Action.REFUSE, Refuse), (Action.TEMPFAIL, Refuse)]
)
def test_what_is_not_delivered_has_no_message(action: Action, effect: type) -> None:
    """Hold, refuse and defer give no message to deliver; what is held is redacted."""
    policy = Policy("p", rules=(Rule("r", action, When(found=True)),))
    outcome = pipeline.process(mail(f"Visa {NUMBER}"), ENVELOPE, Desk(policy))
    assert outcome.message is None
    assert isinstance(outcome.effects[0], effect)
    if isinstance(outcome.effects[0], Hold):
        assert NUMBER.encode() not in outcome.effects[0].message


def test_a_reader_that_breaks_defers_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a reader never lets mail through unread: it is deferred, and recorded as a crash."""

    def broken(*_: object) -> None:
        raise LookupError(NUMBER)

    monkeypatch.setattr(pipeline.views, "look_until", broken)
    outcome = pipeline.process(mail("anything"), ENVELOPE, DESK)
    assert outcome.verdict.action is Action.TEMPFAIL
    assert outcome.message is None
    assert NUMBER not in repr(outcome)


def test_deliver_unscanned_is_the_admins_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """``on_error: deliver-unscanned`` delivers the same bytes with a tag."""

    def broken(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(pipeline.views, "look_until", broken)
    policy = dataclasses.replace(default_policy(), on_error="deliver-unscanned")
    raw = mail("anything")
    outcome = pipeline.process(raw, ENVELOPE, Desk(policy))
    assert outcome.message is raw
    assert outcome.verdict.tags == ("unscanned",)


def test_residue_is_never_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the read-back still finds card data, the mail stays with its sender."""
    remove = pipeline.redaction.remove
    leaking = lambda *given, **wishes: dataclasses.replace(remove(*given, **wishes), residue=("body:1",))  # noqa: E731
    monkeypatch.setattr(pipeline.redaction, "remove", leaking)
    outcome = pipeline.process(mail(f"Visa {NUMBER}"), ENVELOPE, DESK)
    assert outcome.verdict.action is Action.TEMPFAIL
    assert outcome.message is None
    assert "residue:body:1" in outcome.verdict.reasons


def test_a_code_in_the_body_belongs_to_the_card_in_the_subject() -> None:
    """A bare expiry and code in one part are found because another part holds the card."""
    raw = mail("09/28 737", f"Subject: Visa {NUMBER}")
    kinds = sorted(item.kind for item in pipeline.process(raw, ENVELOPE, DESK).found)
    assert kinds == ["cvv", "expiry", "pan"]


def test_memory_lets_a_bare_code_be_read() -> None:
    """The same bare follow-up is clean without memory and a finding with it."""
    raw = mail("09/28 737")
    assert not pipeline.process(raw, ENVELOPE, DESK).found
    remembered = dataclasses.replace(DESK, memory=Recollection(card_seen=True))
    assert {item.kind for item in pipeline.process(raw, ENVELOPE, remembered).found} == {"cvv", "expiry"}


def test_a_file_of_cards_is_not_read_to_its_end() -> None:
    """Beyond the limit of findings a message counts as unreadable, and the shipped policy refuses it; at it, not."""
    limits = dataclasses.replace(DESK.limits, max_findings=4)
    raw = mail("\r\n".join(f"Visa {number}" for number in PUBLISHED["visa"][:3]))
    hits = len(pipeline.inspect(raw, ENVELOPE, DESK).hits)
    at = pipeline.process(
        raw, ENVELOPE, dataclasses.replace(DESK, limits=dataclasses.replace(limits, max_findings=hits))
    )
    beyond = pipeline.process(
        raw, ENVELOPE, dataclasses.replace(DESK, limits=dataclasses.replace(limits, max_findings=hits - 1))
    )
    assert at.verdict.action is Action.REDACT
    assert beyond.verdict.action is Action.REFUSE
    assert "unreadable:limit:max_findings" in beyond.verdict.reasons
