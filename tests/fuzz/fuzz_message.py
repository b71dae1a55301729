"""Fuzz target: the whole flow. Any bytes give an outcome, no reader crashes, what was edited is clean the next time."""

from __future__ import annotations

from pansentry import redact_message

MAX_LEN = 2048
GROWTH_FROM = 2048
TIMEOUT_S = 20


def check(data: bytes) -> None:
    """Redact ``data``, and the result once more."""
    outcome = redact_message(data)
    assert "crash" not in {item.reason for item in outcome.receipt.unreadable}
    if outcome.message is None:
        return
    if not outcome.receipt.removed:
        assert outcome.message is data
        return
    again = redact_message(outcome.message)
    assert again.receipt.removed == ()
    assert again.message is outcome.message
