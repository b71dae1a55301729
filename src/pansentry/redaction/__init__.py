"""Findings in views to new bytes, and the proof that nothing is left."""

from pansentry.redaction.mask import DEFAULT_STYLE, mask
from pansentry.redaction.proof import read_back
from pansentry.redaction.redact import Hit, Redacted, is_signed, redact

__all__ = ["DEFAULT_STYLE", "Hit", "Redacted", "is_signed", "mask", "read_back", "redact"]
