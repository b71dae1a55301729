"""Why something could not be read: the reasons that ``unreadable`` in a policy may name, each in words.

In: what an admin wrote (``encrypted``, ``limit:*``, ``any``). Out: what is wrong with it, or nothing. The readers give
these reasons (:class:`pansentry.outcome.Unreadable`); a test goes through their source and holds this table complete.
"""

from __future__ import annotations

import re
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.configuration.explain import closest
from pansentry.formats.registry import MODULES
from pansentry.limits import DocumentLimits, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY = "any"
_SHAPE = re.compile(r"[a-z][a-z0-9_:.-]*\*?")
_KIND = re.compile(r"document:[a-z0-9-]{1,20}")
"""A kind that is told and not read (HEIC, ICO …); of those there is no list."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "cannot-rewrite": "card data was found in a document that nobody can write",
        "compressed": "compressed in a way that nobody reads",
        "crash": "the reader broke",
        "damaged": "the file is damaged or cut off",
        "documents-missing": "the libraries for PDF are not installed",
        "encrypted": "encrypted, or behind a password",
        "font": "the font of a page does not say what its signs are",
        "memory": "it needs more memory than it may have",
        "method": "packed by a method that nobody reads",
        "ocr-missing": "a picture, and the extra `ocr` is not installed",
        "partial": "one piece of a message that was cut into several",
        "picture": "a picture that cannot be opened",
        "timeout": "it took too long",
        "unclear": "a picture too unclear to be read",
        "xml": "its XML is broken",
        "xml:entities": "its XML declares entities",
    }
)
"""Reason: what it means, for people."""

LARGE = ("total_bytes", "members", "pages", "pictures", "frames", "pixels", "characters")
"""What stands behind ``large:``: limits of documents that an honest file passes, too."""
FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "document:": "a kind of document that nobody reads",
        "large:": "larger than is read",
        "limit:": "a limit that only intent passes",
    }
)
"""What begins so has a kind or the name of a limit behind it; ``limit:*`` means all of them."""


def why_not(word: str) -> tuple[str, str]:
    """Return what is wrong with one entry of ``unreadable`` and what to write instead; ``("", "")`` if it is good."""
    if word == ANY or (word != "*" and _is_known(word)):
        return "", ""
    if not _SHAPE.fullmatch(word):
        near = ANY if word == "*" else closest(word.lower().strip("!?. "), REASONS)
        return "`{key}` cannot be {raw}.", f"Write for example `unreadable: {near or 'encrypted'}`."
    near = closest(word, (*REASONS, *_named("large:"), *_named("limit:")))
    meant = f"Did you mean {near}? " if near else ""
    choices = ", ".join((ANY, *REASONS, *(f"{family}*" for family in FAMILIES)))
    return (
        "`{key}` cannot be {raw}: it is the reason why something could not be read.",
        f"{meant}The choices are: {choices}.",
    )


def _is_known(word: str) -> bool:
    every = (*REASONS, *_named("large:"), *_named("limit:"), *_named("document:"))
    if word.endswith("*"):
        return any(name.startswith(word[:-1]) for name in every)
    return word in every or _KIND.fullmatch(word) is not None


def _named(family: str) -> tuple[str, ...]:
    """Return the reasons of a family that have names of ours behind it."""
    if family == "large:":
        return tuple(f"large:{name}" for name in LARGE)
    if family == "limit:":
        names = [field.name for limits in (Limits, DocumentLimits) for field in fields(limits)]
        return tuple(dict.fromkeys(f"limit:{name}" for name in names if name.startswith(("max_", "min_"))))
    return tuple(f"document:{kind}" for kind in MODULES)
