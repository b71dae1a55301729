"""Findings in views to new bytes, and the proof that nothing is left."""

from pansentry.redaction.mask import DEFAULT_STYLE, ExpiryStyle, PanStyle, Style, mask
from pansentry.redaction.proof import read_back
from pansentry.redaction.redact import Hit, Redacted, redact

__all__ = ["DEFAULT_STYLE", "ExpiryStyle", "Hit", "PanStyle", "Redacted", "Style", "mask", "read_back", "redact"]
