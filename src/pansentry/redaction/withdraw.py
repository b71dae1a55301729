"""Withdraw: take whole parts out of a message and put a notice in their place.

In: a message, and places (``body:2``, ``name:2``, ``body:2/…``) with the reason to withdraw what stands there. Out: new
bytes, in which the part's header keeps what is not Content-…, and the body is a sentence in the owner's language. A
place that is no part of its own (the whole message, something between parts) withdraws the whole body.

An ambiguous message is written anew with one reading, so that no reader finds the part where another looks for it.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from pansentry.edits import apply, merge
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime.parts import Message, Part
from pansentry.mime.tree import read
from pansentry.redaction import canonical, notice, rewrite
from pansentry.redaction.splice import sink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.edits import Edit
    from pansentry.mime.source import Source

_PATH = re.compile(r"(?:body|name):([0-9]{1,6}(?:\.[0-9]{1,6}){0,60})")


class Why(enum.Enum):
    """Why a part goes: there was card data in it, or nobody could read it."""

    CARD = "card"
    UNREAD = "unread"


def path_of(place: str) -> str:
    """Return the path of the part that ``place`` is in, ``""`` for the whole message."""
    found = _PATH.match(place)
    return found[1] if found else ""


def withdraw(raw: bytes, reasons: Mapping[str, Why], language: str = "en", limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return ``raw`` without the parts that stand at the paths in ``reasons`` (``""``: everything below the header)."""
    if not reasons:
        return raw
    message = read(raw, limits)
    parts = {part.path or "1": part for part in message.walk()}
    wanted: dict[int, tuple[Part, Why]] = {}
    for path, why in reasons.items():
        part = parts.get(path, message.root)
        wanted[id(part)] = (part, why)
    edits: list[tuple[Source, Edit[bytes]]] = []
    for part, why in _outermost(message, wanted):
        text = notice.in_place_of_part(language) if why is Why.CARD else notice.in_place_of_unread(language)
        edits += [(part.source, edit) for edit in merge(rewrite.by_text(part, text))]
    new = apply(raw, sink(edits).edits)
    return canonical.rebuild(read(new, limits)) if message.ambiguities else new


def _outermost(message: Message, wanted: Mapping[int, tuple[Part, Why]]) -> list[tuple[Part, Why]]:
    """Return the wanted parts that are not inside another one."""
    found: list[tuple[Part, Why]] = []
    waiting = [message.root]
    while waiting:
        part = waiting.pop()
        if id(part) in wanted:
            found.append(wanted[id(part)])
        else:
            waiting += part.children
    return found
