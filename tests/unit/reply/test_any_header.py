"""Whatever a sender writes into a header, the letter is a well-formed message with our fields only."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pansentry.configuration import Business
from pansentry.envelope import Envelope
from pansentry.outcome import Receipt, Removed
from pansentry.reply import Choice, Incoming, Letters, Situation, choose, compose, load_letters, silence_reason

RECEIPT = Receipt((Removed("pan", "visa", "body:1", 0.9),))
FIELDS = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "precedence",
    "x-auto-response-suppress", "content-language", "x-pansentry-reply", "mime-version", "content-type",
}  # fmt: skip
ANY = st.text(max_size=80) | st.lists(
    st.sampled_from(["\r", "\n", "\r\n", " ", "\t", "<", ">",
     '"', "@", "a", "b.example", "=?utf-8?b?", "?=", "\x00", "\\",
                     "SRS0=", "SRS1=", "prvs=", "=", "é", "\udcff", "\u2028", ":", ";", ",", "(", ")", "%", "+", "-",
                      "{{"]),
    max_size=25,
).map("".join)  # fmt: skip


@pytest.fixture(scope="module")
def letters() -> Letters:
    """The shipped letters."""
    business = Business(name="Meier", phone="+49 30 123456", website="https://meier.example")
    return load_letters(Path(__file__).parents[3] / "replies", business)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY, ANY, ANY, ANY)
def test_a_letter_is_always_well_formed(letters: Letters, name: str, ids: str, local: str, domain: str) -> None:
    """Fields, line ends and parts are ours, whatever names, ids and addresses hold."""
    incoming = Incoming((), ids, ids, ids, name, f"{local}@{domain}")
    letter = compose(
        letters, RECEIPT, incoming, template="guidance", recipient=f"{local}@{domain}", mailbox="info@meier.example",
        choice=Choice("de", "en"), now=1.7e9, token="t0",
    )  # fmt: skip
    assert b"\r" not in letter.message.replace(b"\r\n", b"")
    assert b"\n" not in letter.message.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in letter.message.split(b"\r\n"))
    message = email.message_from_bytes(letter.message, policy=email.policy.compat32)
    assert {key.lower() for key in message} <= FIELDS
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["auto-submitted", "to", "precedence", "content-type", "received", "x-spam-status"]), ANY
        )
    ),
    ANY,
    ANY,
)
def test_silence_and_language_have_an_answer_to_anything(fields: list[tuple[str, str]], sender: str, text: str) -> None:
    """No header makes the choice fail."""
    situation = Situation(Incoming(tuple(fields), from_address=sender), Envelope(sender, ("a@b.example",)), RECEIPT)
    assert isinstance(silence_reason(situation), str)
    assert choose(text, available=["en", "de"], default="de", headers=[text], sender=sender).language in {"en", "de"}
