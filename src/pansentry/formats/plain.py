"""Bytes that are text of no stated charset (names, comments): UTF-8 if they are that, else Latin-1."""

from __future__ import annotations


def read(raw: bytes) -> tuple[str, str]:
    """Return the text, and the codec that turns it back into the same bytes."""
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"
