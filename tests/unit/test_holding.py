"""What becomes of the bytes: parts withdrawn, review copies, held copies, what is sealed, and the on-error paths."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace
from email import message_from_bytes

import pytest
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.envelope import Envelope
from pansentry.examination import examine
from pansentry.outcome import Action, Hold, Notify, Outcome, Refuse, Relay, Review
from pansentry.pipeline import Desk, failed, process
from pansentry.policy import Policy
from pansentry.policy.loading import parse_policies

CARD, OTHER, AMEX = PUBLISHED["visa"][0], PUBLISHED["mastercard"][0], PUBLISHED["amex"][0]
KEY = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"
TO = Envelope("anna@mail.example", ("info@shop.example",), id="bcdfg")
SEALED = f"hold: {{keep_original: sealed, seal_to: {KEY}}}\n"
PGP = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0rDunreadable\r\n-----END PGP MESSAGE-----\r\n"


def policy(then: str, more: str = "", when: str = "{found: true}") -> Policy:
    text = f"name: p\napplies_to: everyone\n{more}rules:\n  - name: r\n    when: {when}\n    then: {then}\n"
    return parse_policies({"p": text.encode()}).fallback


def mail(*parts: str) -> bytes:
    body = "".join(f"--x\r\n{part}\r\n" for part in parts)
    head = "From: anna@mail.example\r\nSubject: order\r\nMIME-Version: 1.0\r\n"
    return f"{head}Content-Type: multipart/mixed; boundary=x\r\n\r\n{body}--x--\r\n".encode()


TEXT = "Content-Type: text/plain\r\n\r\nabout the chair\r\n"
TEXT_CARD = f"Content-Type: text/plain\r\n\r\nVisa {CARD} code 737 for the chair\r\n"
CSV_CARD = (
    f'Content-Type: text/csv; name="a.csv"\r\nContent-Disposition: attachment\r\n\r\nname,card\r\nann,{OTHER}\r\n'
)
CSV = 'Content-Type: text/csv; name="b.csv"\r\nContent-Disposition: attachment\r\n\r\nname,colour\r\nann,blue\r\n'
CLOSED = f"Content-Type: application/octet-stream; name=x.pgp\r\n\r\n{PGP}"


def judged(raw: bytes, by: Policy) -> Outcome:
    return process(raw, TO, Desk(by, key=b"k"))


def the(outcome: Outcome, kind: type) -> list[object]:
    return [effect for effect in outcome.effects if isinstance(effect, kind)]


def test_replace_part_takes_attachments_out_and_redacts_the_text() -> None:
    """An attachment with a card becomes a notice, one without stays as it is, the text is redacted in place."""
    outcome = judged(mail(TEXT_CARD, CSV_CARD, CSV), policy("replace-part"))
    assert outcome.message is not None
    assert outcome.verdict.action is Action.REPLACE_PART
    assert CARD.encode() not in outcome.message
    assert b"XXXX" in outcome.message
    assert b"for the chair" in outcome.message
    assert OTHER.encode() not in outcome.message
    assert b"a.csv" not in outcome.message
    assert b"ann,blue" in outcome.message
    assert {removed.kind for removed in outcome.receipt.removed} == {"pan", "cvv"}


def test_replace_part_takes_out_what_nobody_could_read() -> None:
    """A part that could not be read becomes a notice; the mail arrives."""
    outcome = judged(mail(TEXT, CLOSED), policy("replace-part", when="{unreadable: any}"))
    assert outcome.message is not None
    assert b"unreadable" not in outcome.message
    assert b"about the chair" in outcome.message


def test_replace_part_of_a_mail_that_is_all_one_attachment() -> None:
    """The header stays, the body is a notice."""
    raw = f"From: a@b.example\r\nSubject: order\r\n{CSV_CARD}".encode()
    outcome = judged(raw, policy("replace-part"))
    assert outcome.message is not None
    assert b"Subject: order" in outcome.message
    assert OTHER.encode() not in outcome.message
    assert b"name,card" not in outcome.message


def test_held_mail_keeps_no_part_that_could_not_be_read() -> None:
    """The stored copy has a notice where the closed part was, and no original."""
    (held,) = the(judged(mail(TEXT_CARD, CLOSED), policy("hold")), Hold)
    assert isinstance(held, Hold)
    assert b"unreadable" not in held.message
    assert CARD.encode() not in held.message
    assert b"for the chair" in held.message
    assert (held.original, held.seal_to) == (b"", "")


def test_what_is_sealed_holds_the_card_and_what_was_unread_but_no_code() -> None:
    """The original is as it came, but for codes and track data."""
    track = f"Content-Type: text/plain\r\n\r\nswipe %B{AMEX}^BERG/ANNA^28091010000000000000?\r\n"
    by = policy("hold", SEALED.replace("hold: {", "hold: {expires: 2 days, "))
    (held,) = the(judged(mail(TEXT_CARD, track, CLOSED), by), Hold)
    assert isinstance(held, Hold)
    assert CARD.encode() in held.original
    assert b"unreadable" in held.original
    assert b"737" not in held.original
    assert AMEX.encode() not in held.original
    assert (held.seal_to, held.keep_s) == (KEY, 2 * 86400)
    assert CARD not in repr(held)
    assert CARD.encode() not in held.message


@pytest.mark.parametrize("then", ["redact", "hold", "deliver"])
def test_a_review_copy_is_redacted_whatever_becomes_of_the_mail(then: str) -> None:
    """Also of a mail that is delivered as it is."""
    outcome = judged(mail(TEXT_CARD, CLOSED), policy(then + "\n    forward_to_review: r@shop.example"))
    (review,) = the(outcome, Review)
    assert isinstance(review, Review)
    assert review.recipients == ("r@shop.example",)
    assert CARD.encode() not in review.message
    assert b"unreadable" not in review.message
    if then == "deliver":
        (relay,) = the(outcome, Relay)
        assert isinstance(relay, Relay)
        assert CARD.encode() in relay.message


@pytest.mark.parametrize("then", ["redact", "hold", "deliver", "refuse", "replace-part"])
def test_a_notification_says_kinds_and_domains_only(then: str) -> None:
    """Who is told, about which rule, at most how often; no content."""
    by = policy(then + "\n    notify: o@shop.example", "notify_window: 2 h\n")
    (told,) = the(judged(mail(TEXT_CARD), by), Notify)
    assert isinstance(told, Notify)
    assert (told.recipients, told.rule, told.window_s) == (("o@shop.example",), "p/r", 7200)
    assert dict(told.facts) == {
        "action": then,
        "found": "cvv pan",
        "reasons": "found:cvv found:pan",
        "sender_domain": "mail.example",
        "recipient": "info@shop.example",
        "reference": "bcdfg",
    }


@pytest.mark.parametrize("then", ["hold", "refuse", "tempfail", "replace-part", "redact"])
def test_observing_tells_nobody_holds_nothing_and_refuses_nothing(then: str) -> None:
    """In observe mode the very same bytes pass, and the verdict is only recorded."""
    by = policy(f"{then}\n    notify: o@shop.example", "mode: observe\n")
    raw = mail(TEXT_CARD)
    outcome = judged(raw, by)
    assert outcome.message is raw
    assert outcome.verdict.action == then
    assert [type(effect).__name__ for effect in outcome.effects if not isinstance(effect, Relay)] == [
        "Remember",
        "Record",
    ]
    assert len(the(outcome, Relay)) == 1


def test_a_copy_that_still_shows_a_card_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Residue defers the mail: it stays with its sender, and nobody gets a copy or is told."""
    left = pipeline._remove

    def leaves(inspection: pipeline.Inspection, desk: Desk) -> object:
        return replace(left(inspection, desk), residue=("body:1",))

    monkeypatch.setattr(pipeline, "_remove", leaves)
    outcome = judged(mail(TEXT_CARD), policy("hold\n    notify: o@shop.example"))
    assert outcome.verdict.action is Action.TEMPFAIL
    assert "residue:body:1" in outcome.verdict.reasons
    assert (the(outcome, Hold), the(outcome, Notify)) == ([], [])


ON_ERROR = (
    # on_error, more → action, what is done
    ("tempfail", "", Action.TEMPFAIL, Refuse),
    ("deliver-unscanned", "", Action.DELIVER, Relay),
    ("hold", "", Action.TEMPFAIL, Refuse),
    ("hold", SEALED, Action.HOLD, Hold),
    ("tempfail", "mode: observe\n", Action.DELIVER, Relay),
    ("hold", "mode: observe\n", Action.DELIVER, Relay),
)


@pytest.mark.parametrize(("on_error", "more", "action", "effect"), ON_ERROR)
def test_when_scanning_itself_fails(on_error: str, more: str, action: Action, effect: type) -> None:
    """Nothing is lost, and nothing unread is kept readable."""
    raw = mail(TEXT_CARD)
    outcome = failed(raw, TO, Desk(policy("redact", f"on_error: {on_error}\n{more}")))
    assert (outcome.verdict.action, outcome.verdict.rule) == (action, "p/on_error")
    assert len(the(outcome, effect)) == 1
    assert outcome.verdict.tags == (("unscanned",) if action is Action.DELIVER else ())


def test_a_mail_that_broke_a_reader_is_sealed_without_the_code_that_can_be_seen() -> None:
    """The held copy is a sheet; the original lacks what stands in it as a code."""
    by = policy("redact", "on_error: hold\n" + SEALED)
    (held,) = the(failed(mail(TEXT_CARD), TO, Desk(by, language="de")), Hold)
    assert isinstance(held, Hold)
    assert b"for the chair" not in held.message
    assert b"From: PanSentry <postmaster@shop.example>" in held.message
    assert CARD.encode() in held.original
    assert b"737" not in held.original


def test_a_mail_that_breaks_the_detector_too_is_deferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can look for a code, nothing is kept."""

    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("pansentry.pan.find", breaks)
    outcome = failed(mail(TEXT_CARD), TO, Desk(policy("redact", "on_error: hold\n" + SEALED)))
    assert outcome.verdict.action is Action.TEMPFAIL


def test_a_card_found_in_two_places_counts_for_both() -> None:
    """A rule on attachments matches a number that stands in the text and in an attachment."""
    same = f"Content-Type: text/plain\r\n\r\nVisa {OTHER}\r\n"
    by = policy("refuse", when="{place: attachment}")
    assert judged(mail(same, CSV_CARD), by).verdict.action is Action.REFUSE
    assert judged(mail(same), by).verdict.rule == "p/no-rule"
    name = f'Content-Type: text/csv; name="{CARD}.csv"\r\nContent-Disposition: attachment\r\n\r\nx\r\n'
    assert judged(mail(TEXT, name), by).verdict.action is Action.REFUSE
    assert judged(mail(TEXT, CSV_CARD), policy("refuse", when="{place: csv}")).verdict.action is Action.REFUSE


def test_a_document_that_shows_a_code_is_not_sealed() -> None:
    """Codes are never kept, so the document goes as a whole; one with card numbers only is sealed as it came."""

    def zipped(text: str) -> str:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", text)
        encoded = base64.encodebytes(whole.getvalue()).decode().replace("\n", "\r\n")
        return f"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"

    both, only = zipped(f"Visa {CARD}, security code 737\n"), zipped(f"Mastercard {OTHER}\n")
    raw = mail(TEXT, both, only)
    outcome = process(raw, TO, Desk(policy("hold", SEALED), key=b"k", examine=examine))
    (held,) = the(outcome, Hold)
    assert isinstance(held, Hold)
    assert {removed.kind for removed in outcome.receipt.removed} == {"pan", "cvv"}
    kept = [inflated(part) for part in zips(held.original)]
    assert kept == [f"Mastercard {OTHER}\n".encode()]
    copies = [inflated(part) for part in zips(held.message)]
    assert len(copies) == 2
    assert not any(CARD.encode() in copy or b"737" in copy or OTHER.encode() in copy for copy in copies)


def inflated(archive: bytes) -> bytes:
    """The only member of a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(opened.namelist()[0])


def zips(raw: bytes) -> list[bytes]:
    """The ZIP files among the parts of a message, decoded."""
    parts = message_from_bytes(raw).walk()
    found = [part.get_payload(decode=True) for part in parts if part.get_content_type() == "application/zip"]
    return [bytes(data) for data in found if isinstance(data, bytes)]
