"""The documents of a message: asked about once, answered, and replaced in the message."""

from __future__ import annotations

import random
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.documents import archives

from pansentry import pipeline
from pansentry.envelope import Envelope
from pansentry.examination import Examination, Examined, examine
from pansentry.outcome import Action, Unreadable
from pansentry.pipeline import Desk
from pansentry.policy import default_policy

NUMBER = "4929381332664295"
CARD = archives.zip_deflated(NUMBER, random.Random(1))


def mail(*documents: bytes, text: str = "hello", kind: str = "octet-stream") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@customer.example", "b@shop.example", "Order"
    message.set_content(text)
    for number, data in enumerate(documents):
        message.add_attachment(data, maintype="application", subtype=kind, filename=f"file {number}.bin")
    return message.as_bytes(policy=policy.SMTP)


def desk(answer: Examined | None = None) -> Desk:
    """A desk whose worker sits in this process, or always gives one answer."""
    return Desk(default_policy(), examine=lambda data, name, how: answer or examine(data, name, how))


def attachments(raw: bytes) -> list[tuple[str, bytes]]:
    parts = list(message_from_bytes(raw, policy=policy.default).walk())[2:]
    return [(str(part.get_filename()), bytes(part.get_payload(decode=True))) for part in parts]


def test_a_document_is_replaced_under_its_own_name() -> None:
    """Content and transfer encoding are new, the name stays, and so does every other part."""
    clean = archives.zipped(("a.txt", archives.KEPT))
    outcome = pipeline.process(mail(CARD, clean), Envelope(), desk())
    assert outcome.message is not None
    (first, new), (second, same) = attachments(outcome.message)
    assert (first, second) == ("file 0.bin", "file 1.bin")
    assert new != CARD
    assert not examine(new).sightings
    assert same == clean
    assert [item.places for item in outcome.receipt.removed] == [("document:zip/text",)]


def test_a_document_that_cannot_be_written_becomes_a_notice() -> None:
    """Where nothing can be proved a text stands in the place of the part, and the receipt says why."""
    seen = examine(CARD)
    sealed = Examined(seen.kind, seen.sightings, None, (Unreadable("cannot-rewrite", "document:zip"),))
    outcome = pipeline.process(mail(CARD), Envelope(), desk(sealed))
    assert outcome.message is not None
    assert outcome.verdict.action is Action.REDACT
    ((_, text),) = attachments(outcome.message)
    assert b"attachment was taken out" in text
    assert "unreadable:cannot-rewrite" in outcome.verdict.reasons


def test_nobody_to_ask_means_unread() -> None:
    """Without workers a document is unreadable by its kind, as the policy sees it."""
    outcome = pipeline.process(mail(CARD), Envelope(), Desk(default_policy()))
    assert [why.reason for why in outcome.receipt.unreadable] == ["document:zip"]
    assert "unscanned" in outcome.verdict.tags


def test_a_clean_mail_with_clean_documents_is_the_same_object() -> None:
    """Documents without card data leave the message as it came."""
    raw = mail(archives.zipped(("a.txt", archives.KEPT)))
    outcome = pipeline.process(raw, Envelope(), desk())
    assert outcome.message is raw
    assert outcome.verdict.action is Action.DELIVER
    assert not outcome.verdict.tags


def test_the_same_document_twice_is_asked_about_once() -> None:
    """Copies of one document cost one examination; both are replaced."""
    asked = []

    def count(data: bytes, name: str, how: Examination) -> Examined:
        asked.append(data)
        return examine(data, name, how)

    outcome = pipeline.process(mail(CARD, CARD), Envelope(), Desk(default_policy(), examine=count))
    assert len(asked) == 1
    assert outcome.message is not None
    assert all(not examine(data).sightings for _, data in attachments(outcome.message))


def test_one_number_in_the_mail_and_in_two_documents_is_one_removed() -> None:
    """The receipt counts values, not places."""
    pdf_like = archives.gz(NUMBER, random.Random(1))
    outcome = pipeline.process(mail(CARD, pdf_like, text=f"Visa {NUMBER}"), Envelope(), desk())
    assert outcome.receipt.count("pan") == 1
    assert len(outcome.receipt.removed[0].places) == 3


def test_a_document_labelled_as_text_is_opened_too() -> None:
    """A label is a claim: what begins like an archive is opened, whatever it is called."""
    message = EmailMessage()
    message["From"], message["To"] = "a@customer.example", "b@shop.example"
    message.set_content("hello")
    message.add_attachment(CARD, maintype="text", subtype="plain", filename="a.txt")
    outcome = pipeline.process(message.as_bytes(policy=policy.SMTP), Envelope(), desk())
    assert outcome.message is not None
    assert not examine(attachments(outcome.message)[0][1]).sightings
    assert outcome.receipt.count("pan") == 1
