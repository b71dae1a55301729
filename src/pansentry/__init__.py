"""PanSentry takes card numbers out of mail before it is delivered, and answers the customer kindly.

The public API: :func:`detect`, :func:`redact_text`, :func:`redact_message`, :class:`Finding`, :class:`Policy`,
:class:`Outcome`. Names are imported on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from pansentry.version import __version__

if TYPE_CHECKING:
    from pansentry.api import detect, redact_message, redact_text
    from pansentry.outcome import Outcome
    from pansentry.pan import Finding
    from pansentry.policy import Policy

__all__ = ["Finding", "Outcome", "Policy", "__version__", "detect", "redact_message", "redact_text"]

_HOMES = {
    "detect": "pansentry.api",
    "redact_text": "pansentry.api",
    "redact_message": "pansentry.api",
    "Finding": "pansentry.pan",
    "Outcome": "pansentry.outcome",
    "Policy": "pansentry.policy",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'pansentry' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
