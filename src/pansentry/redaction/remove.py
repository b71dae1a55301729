"""Remove: redact, prove, and where the proof fails try again by harder ways, until nothing is left or nothing helps.

In: a message, its hits, the detector as the pipeline uses it. Out: :class:`Removal`, whose ``residue`` names the places
that still read as card data; it is empty for a message that may leave. The ways, each proved by ``proof.read_back``:

1. ``redact``: surgery, or canonical form for an ambiguous message; numbers found once are masked in every view;
2. canonical form, read again, and redacted again: what another reading showed is now in the only one;
3. the parts with residue are replaced by a notice.

At most three rounds, so the cost is bounded by a small multiple of reading the message.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pansentry.edits import apply, merge
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime.parts import Message
from pansentry.mime.tree import read
from pansentry.redaction import canonical, echo, notice, rewrite
from pansentry.redaction.mask import DEFAULT_STYLE
from pansentry.redaction.proof import read_back
from pansentry.redaction.redact import Hit, Redacted, redact
from pansentry.redaction.splice import sink
from pansentry.views import worth
from pansentry.views.look import look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.source import Source
    from pansentry.pan.finding import Finding
    from pansentry.truncation import Style
    from pansentry.views.view import View
    from pansentry.views.worth import Predicate


@dataclass(frozen=True, slots=True)
class Removal:
    """The message as it may leave if ``residue`` is empty; ``replaced`` are parts that became a notice."""

    raw: bytes = field(repr=False)
    way: str
    residue: tuple[str, ...] = ()
    signed_part_edited: bool = False
    edited: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def remove(
    message: Message,
    hits: Sequence[Hit],
    find: Callable[[str], Sequence[Finding]],
    *,
    style: Style = DEFAULT_STYLE,
    limits: Limits = DEFAULT_LIMITS,
    worth_reading: Predicate = worth.always,
    extra: Sequence[tuple[Source, Edit[bytes]]] = (),
    language: str = "en",
    views: Sequence[View] | None = None,
) -> Removal:
    """Return the message without what was found in it, and the proof; ``views`` are those of a look at it."""

    if not hits and not extra:
        return Removal(message.raw, "untouched")
    listen = echo.listener(hit.finding for hit in hits)

    def find_again(text: str) -> tuple[Finding, ...]:
        return echo.joined(find(text), listen(text))

    def inspect(raw: bytes) -> tuple[Message, list[Hit]]:
        again = read(raw, limits)
        seen = look(again, limits, worth_reading)
        return again, [Hit(view, finding) for view in seen.views for finding in find_again(view.text)]

    def prove(raw: bytes) -> tuple[str, ...]:
        return read_back(raw, find_again, style=style, limits=limits, worth_reading=worth_reading)

    seen = look(message, limits, worth_reading).views if views is None else views
    first = redact(message, [*hits, *_echoes(seen, hits, listen)], style, limits, extra)
    if not (residue := prove(first.raw)):
        return _removal(first, ())
    rebuilt, again = inspect(canonical.rebuild(read(first.raw, limits)))
    second = redact(rebuilt, again, style, limits)
    second = replace(second, way="canonical", signed_part_edited=first.signed_part_edited, edited=first.edited)
    if not (residue := prove(second.raw)):
        return _removal(second, ())
    raw, replaced = _replace_parts(read(second.raw, limits), residue, language)
    return replace(_removal(second, prove(raw) if replaced else residue), raw=raw, replaced=replaced)


def _echoes(views: Sequence[View], hits: Sequence[Hit], listen: Callable[[str], Sequence[Finding]]) -> list[Hit]:
    """Return hits for numbers that stand in another view, too, where nobody would take them for one."""
    covered: dict[tuple[str, str, str], list[Finding]] = {}
    for hit in hits:
        covered.setdefault((hit.view.place, hit.view.kind, hit.view.text), []).append(hit.finding)
    echoes = []
    for view in views:
        found = covered.get((view.place, view.kind, view.text), ())
        echoes += [Hit(view, new) for new in echo.joined(found, listen(view.text))[len(found) :]]
    return echoes


def _removal(redacted: Redacted, residue: tuple[str, ...]) -> Removal:
    return Removal(redacted.raw, redacted.way, residue, redacted.signed_part_edited, redacted.edited)


def _replace_parts(message: Message, places: Sequence[str], language: str) -> tuple[bytes, tuple[str, ...]]:
    """Put a notice in place of each leaf that is named."""
    edits: list[tuple[Source, Edit[bytes]]] = []
    replaced = []
    text = notice.in_place_of_part(language)
    for part in message.walk():
        place = f"body:{part.path or '1'}"
        if part.is_leaf and place in places:
            edits += [(part.source, edit) for edit in merge(rewrite.by_text(part, text))]
            replaced.append(place)
    if not edits:
        return message.raw, ()
    return apply(message.raw, sink(edits).edits), tuple(replaced)
