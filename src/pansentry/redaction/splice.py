"""Splice: edits of many sources, sunk layer by layer to edits of the received message.

In: pairs of a source and an edit of its data. Out: the disjoint, ascending edits of the raw message, and the sources
that could not be written into. Edits of one source are merged before they sink, so a base64 quantum that two views
touch is written once. Deeper sources go first; the order is by depth, then by first mention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.edits import merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pansentry.edits import Edit
    from pansentry.mime.source import Source


@dataclass(frozen=True, slots=True)
class Sunk:
    """Edits of the raw message, and what did not sink: sources with the edits that they do not take."""

    edits: tuple[Edit[bytes], ...]
    touched: tuple[Source, ...]
    refused: tuple[tuple[Source, tuple[Edit[bytes], ...]], ...]


def depth(source: Source) -> int:
    """Return how many layers lie between ``source`` and the received message."""
    steps = 0
    while source.parent is not None:
        source = source.parent
        steps += 1
    return steps


def sink(edits: Iterable[tuple[Source, Edit[bytes]]]) -> Sunk:
    """Lower all edits to the received message."""
    waiting: dict[int, tuple[Source, list[Edit[bytes]]]] = {}
    touched: list[Source] = []
    refused: list[tuple[Source, tuple[Edit[bytes], ...]]] = []
    for source, edit in edits:
        waiting.setdefault(id(source), (source, []))[1].append(edit)
    at_the_bottom: list[Edit[bytes]] = []
    while waiting:
        key = max(waiting, key=lambda k: depth(waiting[k][0]))
        source, pending = waiting.pop(key)
        merged = merge(pending)
        touched.append(source)
        if source.parent is None:
            at_the_bottom += merged
            continue
        lowered = source.lower(merged)
        if lowered is None:
            refused.append((source, merged))
        else:
            waiting.setdefault(id(source.parent), (source.parent, []))[1].extend(lowered)
    return Sunk(merge(at_the_bottom), tuple(touched), tuple(refused))
