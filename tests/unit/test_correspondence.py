"""From a decision to a finished letter: which kind, to whom, in which language, with which link, code and tasks."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pansentry import pipeline
from pansentry.channels.file import parse_channels
from pansentry.configuration import Business
from pansentry.conversation import customer_token
from pansentry.correspondence import Correspondence
from pansentry.envelope import Authentication, AuthResult, Envelope
from pansentry.outcome import EnqueueLetter, Outcome, Record
from pansentry.pipeline import Desk
from pansentry.policy import Policy
from pansentry.policy.loading import parse_policies
from pansentry.reply import load_letters
from pansentry.reply.customer import Customer
from pansentry.reply.reference import reference_code

ROOT = Path(__file__).parents[2]
KEY = b"k" * 32
ANNA = "anna@customer.example"
CHANNELS = b"""
currency: EUR
provider: {kind: mollie, key_file: key}
channels:
  - {name: page, kind: pay_page, reference: provider}
  - {name: phone, kind: phone}
  - {name: back, kind: callback, duty: Call back}
"""
BUSINESS = Business(
    name="Meier", phone="+49 30 123456", pay_page="https://shop.example/pay", website="https://shop.example"
)
CARD = "please charge 129.00 EUR for order 4711 to my Visa 4012 8888 8888 1881"
PROVEN = Authentication(AuthResult.PASS, AuthResult.PASS, AuthResult.PASS, True, True, "customer.example", "measured")


class Known:
    """Customers by address."""

    def __init__(self, **of: Customer) -> None:
        self.of = {customer_token(KEY, f"{name}@customer.example"): customer for name, customer in of.items()}

    def get(self, token: str) -> Customer:
        return self.of.get(token, Customer())


@pytest.fixture(scope="module")
def writer() -> Correspondence:
    """A correspondence with provider links, reference codes and a call-back."""
    channels = parse_channels(CHANNELS, "channels.yaml")
    letters = load_letters(ROOT / "replies", BUSINESS, (), channels)
    return Correspondence(letters, ("shop.example",), KEY, lambda: "bcdfgh", lambda raw: raw, channels)


def shipped(rules: str = "") -> Policy:
    text = (ROOT / "policies/default.yaml").read_text()
    if rules:
        head, _, rest = text.partition("rules:")
        text = f"{head}rules:\n{rules}\nreply:{rest.partition(chr(10) + 'reply:')[2]}"
    return parse_policies({"default.yaml": text.encode()}).fallback


def judge(
    writer: Correspondence, text: str, by: Policy | None = None, *, sender: str = ANNA, more: str = ""
) -> Outcome:
    head = f"From: {sender}\r\nTo: info@shop.example\r\nMessage-ID: <1@x.example>\r\n{more}"
    raw = f"{head}\r\n{text}\r\n".encode()
    envelope = Envelope(sender, ("info@shop.example",), authentication=PROVEN, received_at=1.7e9, id="bcdfghjk")
    return pipeline.process(raw, envelope, Desk(by or shipped(), write_letter=writer, key=KEY))


def letter_of(outcome: Outcome) -> EnqueueLetter:
    (letter,) = [effect for effect in outcome.effects if isinstance(effect, EnqueueLetter)]
    return letter


def text_of(letter: EnqueueLetter) -> str:
    message = cast("EmailMessage", message_from_bytes(letter.message, policy=policy.default))
    return str(cast("EmailMessage", message.get_body(("plain",))).get_content())


UNREADABLE = 'MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name="x.p7m"\r\n'
KINDS = (
    # text · rules · header · kind
    (CARD, "", "", "first"),
    ("my cvv is 737", "", "", "code"),
    ("May I send you my card number by mail?", "", "", "enquiry"),
    (CARD, "  - {name: wait, when: {found: true}, then: hold}\n", "", "held"),
    ("x", "  - {name: wait, when: {unreadable: any}, then: hold}\n", UNREADABLE, "held"),
    ("x", "  - {name: ask, when: {unreadable: any}, then: deliver, letter: guidance}\n", UNREADABLE, "unreadable"),
)


@pytest.mark.parametrize(("text", "rules", "more", "kind"), KINDS, ids=[f"{i}-{k}" for i, (*_, k) in enumerate(KINDS)])
def test_the_kind_follows_from_what_happened(
    writer: Correspondence, text: str, rules: str, more: str, kind: str
) -> None:
    """What was decided, removed, unreadable or asked makes the kind of the letter."""
    assert letter_of(judge(writer, text, shipped(rules), more=more)).kind == kind


def test_unreadable_mail_has_no_letter_unless_a_rule_asks(writer: Correspondence) -> None:
    """The shipped policy delivers what it cannot read, and writes to nobody about it."""
    outcome = judge(writer, "x", more=UNREADABLE)
    assert not [effect for effect in outcome.effects if isinstance(effect, EnqueueLetter)]


def test_enquiries_can_be_left_to_people(writer: Correspondence) -> None:
    """`reply.enquiries: false` leaves the question to the mailbox."""
    by = shipped()
    quiet = replace(by, reply=replace(by.reply, enquiries=False))
    outcome = judge(writer, "May I send you my card number by mail?", quiet)
    assert not [effect for effect in outcome.effects if isinstance(effect, EnqueueLetter)]
    assert outcome.message is not None


def test_whoever_had_a_letter_gets_the_shorter_one(writer: Correspondence) -> None:
    """The second incident of a customer is answered in other words, in the language of the first."""
    again = letter_of(judge(replace(writer, customers=Known(anna=Customer(1, "de"))), CARD))
    assert (again.kind, again.language) == ("again", "de")


def test_who_wants_no_letter_gets_none(writer: Correspondence) -> None:
    """The wish of the customer is a reason of its own, and the mailbox is asked to write."""
    outcome = judge(replace(writer, customers=Known(anna=Customer(1, silent=True))), CARD)
    assert outcome.silence == "opted-out"
    assert outcome.message is not None
    assert b"please-contact-this-customer-yourself" in outcome.message


def test_a_letter_names_the_code_of_its_message(writer: Correspondence) -> None:
    """The same code in the letter, in the mailbox's copy, and from the message's id; never in a repr."""
    outcome = judge(writer, CARD)
    letter, code = letter_of(outcome), reference_code(KEY, "bcdfghjk")
    assert letter.code == code
    assert code in text_of(letter)
    assert outcome.message is not None
    assert f"code={code}".encode() in outcome.message
    assert code not in repr(outcome)


def test_a_letter_says_what_its_filing_needs(writer: Correspondence) -> None:
    """Windows of the conversation, the customer's token, the language to remember, tasks for staff."""
    letter = letter_of(judge(writer, f"Hello, {CARD}, thank you", more="References: <0@x.example>\r\n"))
    assert len(letter.joined) == 2
    assert letter.customer == customer_token(KEY, ANNA)
    assert letter.known_language == "en"
    assert [(task.channel, task.duty) for task in letter.tasks] == [("back", "Call back")]
    assert "We call you: answer this e-mail" in text_of(letter)


def test_a_provider_may_make_the_link(writer: Correspondence) -> None:
    """Order and amount are wished for; the letter is written anew with an allowed link, and with no other."""
    letter = letter_of(judge(writer, CARD))
    assert letter.link is not None
    assert (letter.link.order, letter.link.amount, letter.link.currency) == ("4711", 12900, "EUR")
    assert "https://shop.example/pay" in text_of(letter)
    better = letter.link.redraft("https://paymentlink.mollie.com/payment/abc")
    assert better is not None
    assert "https://paymentlink.mollie.com/payment/abc" in text_of(better)
    assert better.window_key == letter.window_key
    for bad in ("https://evil.example/pay", "http://paymentlink.mollie.com/x", "https://mollie.com.evil.example/", "x"):
        assert letter.link.redraft(bad) is None
    assert letter_of(judge(writer, "my Visa 4012 8888 8888 1881")).link is None


def test_a_customer_who_answers_with_a_number_is_called(writer: Correspondence) -> None:
    """An answer to our letter that holds a phone number is a task; any other mail with a number is not."""
    letter = message_from_bytes(letter_of(judge(writer, CARD)).message)["Message-ID"]
    assert writer.offers_calls
    assert not replace(writer, channels=None).offers_calls

    def tasks(text: str, answers: str) -> list[object]:
        head = f"From: {ANNA}\r\nTo: info@shop.example\r\nIn-Reply-To: {answers}\r\n"
        envelope = Envelope(ANNA, ("info@shop.example",), authentication=PROVEN, id="answer")
        desk = Desk(shipped(), write_letter=writer, key=KEY, task_of=writer.task_of)
        outcome = pipeline.process(f"{head}\r\n{text}\r\n".encode(), envelope, desk)
        found = [effect.fields for effect in outcome.effects if isinstance(effect, Record)]
        return [(one["channel"], one["duty"], one["message_ref"]) for one in found if one["kind"] == "task"]

    call = "Please call me tomorrow: +49 170 1234567"
    assert tasks(call, letter) == [("back", "Call back", "answer")]
    assert tasks("Thank you, I have paid.", letter) == []
    assert tasks(call, "<0@x.example>") == []
    forged = letter.replace("<b", "<c", 1)
    assert tasks(call, forged) == []
    assert tasks(f"Thanks.\r\n\r\n> {call}", letter) == []


def test_a_link_that_looks_like_a_card_is_not_shown(writer: Correspondence) -> None:
    """Every letter passes the card scanner, one with a provider's link as well."""
    letter = letter_of(judge(writer, CARD))
    assert letter.link is not None
    assert letter.link.redraft("https://paymentlink.mollie.com/card number 4012 8888 8888 1881") is None


def test_what_a_mail_names_cannot_cost_the_letter(writer: Correspondence, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a link with what the mail named looks like card data, the letter goes out with the plain facts."""
    from pansentry import correspondence

    suspicious = SimpleNamespace(find=lambda shown: ("x",) if "order=4711" in shown else ())
    monkeypatch.setattr(correspondence, "pan", suspicious)
    channels = parse_channels(b"channels: [{name: a, kind: pay_page, reference: signed}]", "channels.yaml")
    letter = letter_of(judge(replace(writer, channels=channels), CARD))
    assert "4711" not in text_of(letter)
    assert "https://shop.example/pay" in text_of(letter)
