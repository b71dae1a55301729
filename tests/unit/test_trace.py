"""Trace fields: what goes on top, what cannot be injected, and how a loop is told from a forgery."""

from __future__ import annotations

from pansentry.envelope import Authentication, AuthResult, Client, Envelope
from pansentry.outcome import Action, Outcome, Receipt, Removed, Unreadable, Verdict
from pansentry.trace import MAX_PASSES, Trace

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
    from dataclasses import replace

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
