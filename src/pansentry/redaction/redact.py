"""Redact: findings in views to a message without them, by the gentlest way that leaves one reading.

In: a message, hits (a view and a finding in it), a style. Out: :class:`Redacted`. The ways, gentlest first:

1. *surgery*: byte ranges of the received message, nothing else moves;
2. *rewrite*: a text part whose charset cannot hold the edit is written anew as UTF-8;
3. *canonical*: an ambiguous message, or one with a finding that no view can place, is rebuilt with one reading.

Derived fields (Content-MD5, Content-Length, Lines) are set right. Without hits the very same object comes back.
What comes out is to be proved by ``proof.read_back``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pansentry.edits import apply, merge
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime.parts import Message, Part
from pansentry.mime.source import Leaf, Text
from pansentry.mime.tree import read
from pansentry.redaction import canonical, derived, rewrite
from pansentry.redaction.mask import DEFAULT_STYLE, mask
from pansentry.redaction.splice import Sunk, sink
from pansentry.truncation import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.source import Source
    from pansentry.pan.finding import Finding
    from pansentry.views.view import View

_DIGIT = re.compile(rb"[0-9]")
_SIGNED = frozenset({"multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A finding and the view it was found in."""

    view: View
    finding: Finding


@dataclass(frozen=True, slots=True)
class Redacted:
    """The new message and how it was made: ``surgery``, ``rewrite``, ``canonical`` or ``untouched``."""

    raw: bytes = field(repr=False)
    way: str
    signed_part_edited: bool = False
    edited: tuple[str, ...] = ()
    """Places that were written to, stable and free of content."""


def redact(
    message: Message,
    hits: Sequence[Hit],
    style: Style = DEFAULT_STYLE,
    limits: Limits = DEFAULT_LIMITS,
    extra: Iterable[tuple[Source, Edit[bytes]]] = (),
) -> Redacted:
    """Return ``message`` with every hit masked; ``extra`` are edits of sources that others made (documents)."""
    by_view: dict[int, list[Hit]] = {}
    for hit in hits:
        by_view.setdefault(id(hit.view), []).append(hit)
    pending: list[tuple[Source, Edit[bytes]]] = list(extra)
    unplaced = False
    for group in by_view.values():
        view = group[0].view
        edits = merge(edit for hit in group for edit in mask(view.text, hit.finding, style))
        lowered = view.lower(edits) if edits else ()
        unplaced = unplaced or (bool(edits) and not lowered)
        pending += lowered
    if not pending and not unplaced:
        return Redacted(message.raw, "untouched")
    sunk = sink(pending)
    way, raw = "surgery", message.raw
    if sunk.refused:
        sunk, way = _rewrite_refused(pending, sunk), "rewrite"
    if ranges := _structure(message):
        kept = tuple(e for e in sunk.edits if not any(e.start < end and start < e.end for start, end in ranges))
        unplaced = unplaced or len(kept) < len(sunk.edits)  # canonical form brings new boundaries
        sunk = replace(sunk, edits=kept)
    raw = apply(raw, sunk.edits)
    raw = derived.correct(message, sunk.edits, raw, limits)
    if message.ambiguities or unplaced:
        raw, way = canonical.rebuild(read(raw, limits)), "canonical"
    return Redacted(raw, way, _edits_signed(message, sunk), tuple(dict.fromkeys(s.place for s in sunk.touched)))


def _structure(message: Message) -> list[tuple[int, int]]:
    """Return the ranges of the raw message in which a boundary stands that could be taken for a number."""
    ranges: list[tuple[int, int]] = []
    for part in message.walk():
        stated = [p for p in part.parameters if p.name.startswith("boundary") and len(_DIGIT.findall(p.value)) >= 8]
        if not stated or part.source.parent is not None:
            continue
        ranges += [(parameter.start, parameter.end) for parameter in stated]
        if part.children:
            data = part.source.data
            ends = [part.body_start, *(child.body_end for child in part.children)]
            starts = [*(child.start for child in part.children), part.body_end]
            for end, start in zip(ends, starts, strict=True):
                line = max(data.rfind(b"--" + p.value, end, start) for p in stated)
                ranges += [(line, min(start, line + 4 + max(len(p.value) for p in stated)))] if line >= 0 else []
    return ranges


def _rewrite_refused(pending: list[tuple[Source, Edit[bytes]]], sunk: Sunk) -> Sunk:
    """Write the parts anew whose text cannot hold the edits, and sink what is left beside them."""
    leaves: dict[int, tuple[Leaf, Text, tuple[Edit[bytes], ...]]] = {}
    fallback: list[tuple[Source, Edit[bytes]]] = []
    for source, edits in sunk.refused:
        parent = source.parent
        if isinstance(source, Text) and isinstance(parent, Leaf) and id(parent) not in leaves:
            leaves[id(parent)] = (parent, source, edits)
        elif parent is not None and id(parent) not in leaves:
            fallback += [(parent, edit) for edit in rewrite.blanked(source, edits)]
    rest = [(s, e) for s, e in pending if not _stands_on(s, leaves) and all(s is not r for r, _ in sunk.refused)]
    for leaf, text, edits in leaves.values():
        assert leaf.parent is not None
        rest += [(leaf.parent, edit) for edit in rewrite.as_utf8(leaf, apply(text.data, edits))]
    return sink([*rest, *fallback])


def _stands_on(source: Source | None, leaves: dict[int, tuple[Leaf, Text, tuple[Edit[bytes], ...]]]) -> bool:
    while source is not None:
        if id(source) in leaves:
            return True
        source = source.parent
    return False


def is_signed(message: Message) -> bool:
    """Say whether any part of the message is signed (S/MIME or PGP/MIME, RFC 1847)."""
    if not message.root.children:
        return message.root.media_type in _SIGNED
    return any(part.media_type in _SIGNED for part in message.walk())


def _edits_signed(message: Message, sunk: Sunk) -> bool:
    """Say whether an edit of the raw message falls into a signed part."""
    signed = [part for part in message.walk() if part.media_type in _SIGNED and part.source.parent is None]
    return any(_covers(part, edit) for part in signed for edit in sunk.edits)


def _covers(part: Part, edit: Edit[bytes]) -> bool:
    return part.body_start <= edit.start < part.body_end
