"""Which module reads which kind of document: one row each, imported when the first such document comes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pansentry.formats.format import Format

MODULES: dict[str, str] = {  # kind, as `recognise` names it: module below pansentry.formats
    "pdf": "pdf",
    "zip": "zip",
    "gz": "gz",
    "bz2": "bz2",
    "xz": "xz",
    "tar": "tar",
}
"""Kinds of :func:`pansentry.formats.recognise.recognise` that can be read."""

SEALED: dict[str, str] = {"7z": "document:7z", "rar": "document:rar"}
"""Kinds that are known but never opened, and why: no permissive library reads them."""

NEEDED = frozenset({"pikepdf", "pypdfium2", "lxml"})
"""Libraries of the extra ``documents``; one that is missing makes a kind ``documents-missing``."""


def format_of(kind: str) -> Format | None:
    """Return the format of ``kind``, None if nobody reads it. Raises ImportError if its library is not installed."""
    name = MODULES.get(kind)
    return None if name is None else cast("Format", importlib.import_module(f"pansentry.formats.{name}"))
