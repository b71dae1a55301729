"""Replies on the wire."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pansentry.smtp.replies import encode
from pansentry.smtp_reply import Reply


@given(st.integers(200, 599), st.sampled_from(["", "5.1.1"]), st.text(max_size=600))
def test_a_reply_is_one_line(code: int, enhanced: str, text: str) -> None:
    """Whatever a next hop said, it is one printable ASCII line within RFC 5321's 512 octets."""
    octets = encode(Reply(code, enhanced, text))
    assert octets.endswith(b"\r\n")
    assert octets[:-2].decode("ascii").isprintable()
    assert len(octets) <= 512
    assert octets.startswith(str(code).encode())


def test_both_ways_agree() -> None:
    """The quick way writes what the long way writes."""
    reply = Reply(250, "2.0.0", "Message accepted")
    assert encode(reply) == str(reply).encode() + b"\r\n"
