"""Findings in views to new bytes, and the proof that nothing is left."""

from pansentry.redaction.mask import DEFAULT_STYLE, mask
from pansentry.redaction.notice import add as add_notice
from pansentry.redaction.proof import read_back
from pansentry.redaction.redact import Hit, Redacted, is_signed, redact
from pansentry.redaction.remove import Removal, remove
from pansentry.redaction.withdraw import Why, path_of, withdraw

__all__ = [
    "DEFAULT_STYLE",
    "Hit",
    "Redacted",
    "Removal",
    "Why",
    "add_notice",
    "is_signed",
    "mask",
    "path_of",
    "read_back",
    "redact",
    "remove",
    "withdraw",
]
