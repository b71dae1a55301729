"""Trace fields: what goes on top, what cannot be injected, and how a loop is told from a forgery."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pansentry.envelope import Authentication, AuthResult, Client, Envelope, PlainLines
from pansentry.outcome import Action, Outcome, Receipt, Removed, Unreadable, Verdict
from pansentry.trace import MAX_PASSES, VERDICT_FIELD, Trace

TRACE = Trace("gw.shop.example", b"k" * 32)
ENVELOPE = Envelope(
    "a@x.example", ("orders@shop.example",), Client("192.0.2.7", 1, "evil\r\nX: y", "(c)"), received_at=1.8e9, id="0a1b"
)
REDACTED = Outcome(Verdict(Action.REDACT), Receipt((Removed("pan", "visa", "body:1", 1.0),)), b"m")


def test_every_line_is_a_field_or_a_fold() -> None:
    """Nothing a peer says can begin a line of its own."""
    lines = TRACE.fields(ENVELOPE, REDACTED).split(b"\r\n")
    assert lines.pop() == b""
    assert all(line.startswith((b"Received: ", b"X-PanSentry-Trace: ", b"\t")) for line in lines)
    assert b"action=redact" in TRACE.fields(ENVELOPE, REDACTED)


def test_our_own_passes_are_counted_and_forgeries_are_not() -> None:
    """Only fields with our keyed hash count as a loop."""
    ours = TRACE.fields(ENVELOPE, REDACTED)
    theirs = Trace("gw.shop.example", b"j" * 32).fields(ENVELOPE, REDACTED)
    assert TRACE.passes(ours * 2 + theirs + b"Subject: x\r\n\r\n") == 2
    assert TRACE.passes(theirs * (MAX_PASSES + 1) + b"\r\nbody") == 0
    assert TRACE.passes(b"Subject: x\r\n\r\n" + ours) == 0


def test_unread_reasons_cannot_break_the_field() -> None:
    """A reason is reduced to harmless characters."""
    outcome = Outcome(Verdict(Action.DELIVER), Receipt(unreadable=(Unreadable("a\r\nB: c", "x"),)), b"m")
    assert b"\r\nB" not in TRACE.fields(ENVELOPE, outcome)


def test_measured_authentication_is_stated_once() -> None:
    """What was measured stands in an Authentication-Results field with our name; unmeasured mail has none."""
    measured = Authentication(spf=AuthResult.PASS, dmarc=AuthResult.PASS, source="measured", from_domain="x.example")
    fields = TRACE.fields(replace(ENVELOPE, authentication=measured), REDACTED)
    assert fields.count(b"Authentication-Results: gw.shop.example") == 1
    assert b"Authentication-Results" not in TRACE.fields(ENVELOPE, REDACTED)


def test_results_in_our_name_are_removed() -> None:
    """A forged Authentication-Results field with our id goes; another server's stays; clean mail is the same object."""
    forged = b"Authentication-Results: gw.shop.example; spf=pass\r\n"
    other = b"Authentication-Results: mx.other.example; spf=pass\r\n"
    assert TRACE.clean(forged + other + b"\r\nbody") == other + b"\r\nbody"
    clean = b"Subject: x\r\n\r\nbody"
    assert TRACE.clean(clean) is clean


def verdict_of(measured: Authentication) -> str:
    """Return the words of the verdict field, where it is stated."""
    trace = Trace("gw.example", b"k" * 32, states_verdict=True)
    fields = trace.fields(replace(ENVELOPE, authentication=measured), REDACTED)
    (line,) = [line for line in fields.decode().split("\r\n") if line.startswith(VERDICT_FIELD)]
    return line.partition(": ")[2]


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (Authentication(dmarc=AuthResult.PASS), "pass"),
        (Authentication(dmarc=AuthResult.FAIL), "fail"),
        (Authentication(dmarc=AuthResult.TEMPERROR), "temperror"),
        (Authentication(spf=AuthResult.PASS), "none"),
        (Authentication(spf=AuthResult.PASS, spf_aligned=True), "pass"),
        (Authentication(dkim=AuthResult.PASS, dkim_aligned=True), "pass"),
        (Authentication(spf=AuthResult.PASS, spf_aligned=True, dmarc=AuthResult.FAIL), "fail"),
    ],
)
def test_the_verdict_is_stated_for_who_does_not_measure(measured: Authentication, verdict: str) -> None:
    """A provider behind us reads one word, and each method beside it."""
    words = verdict_of(measured).split("; ")
    assert words == [f"verdict={verdict}", f"spf={measured.spf}", f"dkim={measured.dkim}", f"dmarc={measured.dmarc}"]


def test_no_verdict_without_being_asked() -> None:
    """By default nothing is added, and what others wrote stays: clean mail is not touched."""
    trace = Trace("gw.example", b"k" * 32)
    forged = b"X-PanSentry-Verdict: verdict=pass\r\nSubject: x\r\n\r\nbody\r\n"
    assert VERDICT_FIELD.encode() not in trace.fields(ENVELOPE, REDACTED)
    assert trace.clean(forged) is forged


@pytest.mark.parametrize(
    "forged",
    [
        b"X-PanSentry-Verdict: verdict=pass\r\n",
        b"x-pansentry-VERDICT : verdict=pass\r\n",
        b"X-PanSentry-Verdict:\r\n verdict=pass\r\n\tfolded\r\n",
        b"X-PanSentry-Verdict: a\r\nX-PanSentry-Verdict: b\r\n",
    ],
)
@pytest.mark.parametrize("rest", [b"\r\nX-PanSentry-Verdict: in the body\r\n", b"\r\n", b""])
def test_verdicts_in_our_name_are_removed(forged: bytes, rest: bytes) -> None:
    """In any spelling, wherever it stands in the header, and nothing else."""
    trace = Trace("gw.example", b"k" * 32, states_verdict=True)
    assert trace.clean(b"\r\n" + forged) == b"\r\n" + forged
    for head in (b"", b"A: 1\r\n", b"A: 1\r\n folded\r\n"):
        assert trace.clean(head + forged + b"B: 2\r\n" + rest) == head + b"B: 2\r\n" + rest


@pytest.mark.parametrize("paths", [("orders@shop.example",), ("a@shop.example", "b@shop.example"), ()])
@pytest.mark.parametrize("client", [ENVELOPE.client, Client(), Client("2001:db8::1", 1, "h", "n", True, "UTF8SMTPS")])
def test_the_fields_of_clean_mail_are_those_of_any_mail(
    client: Client, paths: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is made once for a client gives the very octets that are made field by field, and whole lines."""
    clean = Outcome(Verdict(Action.DELIVER), Receipt(), b"m")
    envelope = replace(ENVELOPE, client=client, forward_paths=paths, id="bcdfghjklm")
    fields = TRACE.fields(envelope, clean)
    assert isinstance(fields, PlainLines)
    monkeypatch.setattr(Trace, "_says_no_more_than_clean", lambda *_: False)
    assert TRACE.fields(envelope, clean) == fields
    assert b"\nReceived" not in TRACE.fields(envelope, clean, received=False)


def test_an_id_that_is_no_word_takes_the_long_way() -> None:
    """An identifier that could end a line is never written as it stands into a field of whole lines."""
    clean = Outcome(Verdict(Action.DELIVER), Receipt(), b"m")
    assert not isinstance(TRACE.fields(replace(ENVELOPE, id="a\r\n.b"), clean), PlainLines)
