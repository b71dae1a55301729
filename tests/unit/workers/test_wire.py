"""What comes from a worker is checked field by field: it has opened hostile bytes."""

from __future__ import annotations

import pytest

from pansentry.examination import DEFAULT_EXAMINATION, Examined, Sight
from pansentry.outcome import Unreadable
from pansentry.workers import wire

EXAMINED = Examined(
    "zip",
    (Sight("pan", "visa", 0.9, "document:zip/text", b"k" * 16, "visa …1111", 3, 19, ("luhn",)),),
    b"new",
    (Unreadable("encrypted", "member 1"),),
)


def test_an_answer_goes_there_and_back() -> None:
    """What a worker says is what its parent hears."""
    said, new = wire.answer(EXAMINED, b"old", 5)
    assert wire.examined_of(said, new, b"old") == (EXAMINED, 5)


def test_a_document_that_stays_does_not_go_back() -> None:
    """The very same object stands for a document without findings."""
    data = b"as it was"
    said, new = wire.answer(Examined("text", (), data), data, 0)
    assert new == b""
    assert wire.examined_of(said, new, data)[0].rewritten is data


def test_options_go_there_and_back() -> None:
    """The worker is asked exactly what the parent wants."""
    assert wire.options_of(wire.job("", DEFAULT_EXAMINATION, 1.0)) == DEFAULT_EXAMINATION


@pytest.mark.parametrize(
    "change",
    [
        {"state": "other"},
        {"state": "same"},
        {"kind": "4" * 16},
        {"kind": 7},
        {"unreadable": [["x"]]},
        {"unreadable": [["4111111111111111", "body"]]},
        {"sightings": [["password", None, 1, "x", "", "", 0, 0, []]]},
        {"sightings": [["pan", None, 7, "x", "", "", 0, 0, []]]},
        {"sightings": 3},
        {"peak_bytes": "many"},
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, object]) -> None:
    """Unknown states, wrong types, digits in words, and findings in a document that is said to be clean."""
    said, new = wire.answer(EXAMINED, b"old", 5)
    with pytest.raises(wire.WireError):
        wire.examined_of(said | change, new, b"old")
