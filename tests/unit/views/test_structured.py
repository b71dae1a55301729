"""Structured text: escapes of programs are decoded as deep as documents are nested."""

from __future__ import annotations

import json

from pansentry.views import structured

NUMBER = "4111\u00a01111"


def test_escapes_are_decoded_as_often_as_documents_are_nested() -> None:
    """A blank that was escaped once more with each document around it is one, up to the limit and no further."""
    text = json.dumps({"n": NUMBER})
    for depth in range(1, structured.MAX_ESCAPED + 2):
        readings = structured.read_escapes(text)
        assert len(readings) == min(depth, structured.MAX_ESCAPED)
        assert any(NUMBER in reading.text for reading in readings) == (depth <= structured.MAX_ESCAPED)
        text = json.dumps({"p": text})


def test_a_text_without_escapes_has_no_reading() -> None:
    """Nothing is read twice."""
    assert structured.read_escapes(NUMBER) == ()
