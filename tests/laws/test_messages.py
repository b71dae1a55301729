"""Laws of the whole message (promises 2, 3, 4 and 6), over random structure, charsets, encodings and splits."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.golden.corpus import Secret
from tests.laws.messages import Sample, samples
from tests.oracle.leaks import recovered, texts_of
from tests.oracle.peers import HERE_READERS, quietly

from pansentry import redact_message

PATIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_LAW_READERS = ("stdlib compat32", "stdlib default", "fast-mail-parser")


def shown_by_readers(message: bytes) -> list[str]:
    """Return what the quick readers and the bare source show."""
    texts = list(texts_of(message))
    for name in _LAW_READERS:
        texts += quietly(HERE_READERS[name], message)
    return texts


def _held(sample: Sample, outcome: object) -> str:
    return f"not delivered: {getattr(outcome, 'verdict', '')} {getattr(outcome, 'receipt', '')} in {sample.place}"


@PATIENT
@given(samples())
def test_a_number_anywhere_is_found_and_gone(sample: Sample) -> None:
    """Promise 2: wherever a number stands in a legal message, no reader recovers it from what is delivered."""
    secrets = (Secret("pan", sample.number),)
    assume(recovered(shown_by_readers(sample.raw), secrets))
    outcome = redact_message(sample.raw)
    assert outcome.message is not None, _held(sample, outcome)
    assert recovered(shown_by_readers(outcome.message), secrets) == set()
    assert outcome.receipt.count("pan") >= 1


@PATIENT
@given(samples(clean=True))
def test_untouched_mail_is_identical(sample: Sample) -> None:
    """Promise 3: a legal message without card data comes out as the very same object."""
    outcome = redact_message(sample.raw)
    assert outcome.receipt.removed == ()
    assert outcome.message is sample.raw


@PATIENT
@given(samples())
def test_no_byte_moves_outside_an_edited_part(sample: Sample) -> None:
    """Promise 4: header fields, delimiters and parts without card data stand in the output as they stood, in order."""
    outcome = redact_message(sample.raw)
    assert outcome.message is not None, _held(sample, outcome)
    position = 0
    for piece in sample.innocent:
        found = outcome.message.find(piece, position)
        assert found >= 0, "an innocent piece changed"
        position = found + len(piece)


@PATIENT
@given(samples())
def test_redaction_is_stable(sample: Sample) -> None:
    """What was redacted once is clean the second time, and stays the same bytes."""
    once = redact_message(sample.raw).message
    assume(once is not None)
    again = redact_message(once)
    assert again.receipt.removed == ()
    assert again.message == once


@PATIENT
@given(
    samples(),
    st.integers(0, 2**31),
    st.sampled_from((b"\0", b"\r", b"\n", b"=", b"--", b'"', b"\xff", b"Content-Type: text/html\r\n")),
)
def test_a_broken_message_leaks_nothing(sample: Sample, where: int, junk: bytes) -> None:
    """Promise 2 for damaged mail: with junk put in anywhere, what is delivered shows no number to any reader here."""
    position = where % (len(sample.raw) + 1)
    raw = sample.raw[:position] + junk + sample.raw[position:]
    outcome = redact_message(raw)
    if outcome.message is not None and outcome.changed:
        assert recovered(shown_by_readers(outcome.message), (Secret("pan", sample.number),)) == set()


@PATIENT
@given(st.binary(max_size=600))
def test_any_bytes_give_an_outcome(raw: bytes) -> None:
    """Promise 6: any bytes give an outcome; nothing crashes on the way."""
    outcome = redact_message(raw)
    assert "crash" not in {item.reason for item in outcome.receipt.unreadable}
