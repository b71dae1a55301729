"""The compiled look at line ends gives what its twin in ``mime/lint.py`` gives."""

from __future__ import annotations

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import lint

PIECES = (b"\r", b"\n", b"\r\n", b"\r\n", b"\r\n", b"a", b".", b"abcdefghijklmno", b"x" * 16, b"\0", b"\xff", b"\r\r\n")


def test_it_tells_line_ends_that_stand_alone() -> None:
    """A message has plain lines if every CR and every LF is half of a CRLF."""
    has_plain_lines = compiled("has_plain_lines")
    told = [(has_plain_lines(text), lint.has_plain_lines_slowly(text)) for text in octets(PIECES, seed=5321)]
    assert all(one == other for one, other in told)
    assert {one for one, _ in told} == {True, False}


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("has_plain_lines")("text")
