"""Looking for card data in an opened tree: findings on every text, and what they add up to.

A number that was found once is looked for in every other text of the tree (``redaction/echo.py``); a code that stands
alone is one if another text of the tree, or the mail around it, holds the card.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pansentry import pan, views
from pansentry.errors import LimitExceededError
from pansentry.examination.model import Examination, Sight
from pansentry.examination.node import Closed, Node, Opened, Written
from pansentry.redaction import Hit, echo
from pansentry.views import worth as views_worth

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.formats.format import Passage
    from pansentry.limits import Limits
    from pansentry.pan import Finding


def walk(nodes: Sequence[Node], seen: set[int] | None = None) -> Iterator[Node]:
    """Yield every node of a tree once."""
    seen = set() if seen is None else seen
    for node in nodes:
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            for inner in node.children.values():
                yield from walk(inner, seen)


class Search:
    """One search through a tree. ``find`` is what it looked for in the end: detector and echoes."""

    def __init__(self, options: Examination, message_limits: Limits) -> None:
        self._options = options
        self._message_limits = message_limits
        self.known = options.known
        self._listens = False
        self._listen: Callable[[str], Sequence[Finding]] = echo.listener(())

    def find(self, text: str) -> tuple[Finding, ...]:
        """Return the findings in a text, and the echoes of what was found elsewhere."""
        searched = pan.search(text, self._options.detect, self.known, self._options.limits.max_findings)
        if searched.is_cut_short:
            raise LimitExceededError("max_findings")
        return echo.joined(searched.findings, self._listen(text))

    def search(self, nodes: Sequence[Node]) -> list[Finding]:
        """Put findings into the nodes and return all of them."""
        found = self._round(nodes)
        if not found:
            return []
        has_card = any(finding.kind in (pan.Kind.PAN, pan.Kind.TRACK) for finding in found)
        if has_card and not self.known.card_in_message:
            self.known = pan.Known(card_in_message=True, card_in_conversation=self.known.card_in_conversation)
        if has_card:
            self._listen, self._listens = echo.listener(found), True
            found = self._round(nodes)
        return found

    def again(self, nodes: Sequence[Node]) -> list[Finding]:
        """Search another tree for the same: the proof. Nothing is added to what is known."""
        return self._round(nodes)

    def _round(self, nodes: Sequence[Node]) -> list[Finding]:
        found: list[Finding] = []
        for node in walk(nodes):
            match node:
                case Opened():
                    node.findings = self._in_passages(node)
                    found += [finding for findings in node.findings.values() for finding in findings]
                case Written():
                    node.hits = self._in_views(node)
                    found += [hit.finding for hit in node.hits]
                case Closed():
                    pass
            if len(found) > self._options.limits.max_findings:
                raise LimitExceededError("max_findings")
        return found

    def _in_passages(self, node: Opened) -> dict[int, list[Finding]]:
        found: dict[int, list[Finding]] = {}
        read: dict[str, tuple[Finding, ...]] = {}
        passages = {passage.key: passage for passage in node.extract.passages}
        for passage in passages.values():
            findings = read.get(passage.text)
            if findings is None:
                findings = read[passage.text] = self.find(passage.text)
            if findings:
                found[passage.key] = list(findings)
        for group in node.extract.joined:
            self._in_row(group, passages, found)
        return found

    def _in_row(self, group: Sequence[int], passages: Mapping[int, Passage], found: dict[int, list[Finding]]) -> None:
        """Read passages in a row and give each its piece of what runs from one into the next."""
        text = "\n".join(passages[key].text for key in group)
        findings = self.find(text)
        start = 0
        for key in group:
            end = start + len(passages[key].text)
            for finding in findings:
                first, last = max(finding.start, start) - start, min(finding.end, end) - start
                if first < last and not any(one.start < last and first < one.end for one in found.get(key, ())):
                    found.setdefault(key, []).append(_piece(finding, first, last))
            start = end + 1

    def _in_views(self, node: Written) -> list[Hit]:
        """Find in the views of a message; a number that is listened for may stand where nothing is worth reading."""
        worth = views_worth.always if self._listens else partial(pan.may_hold_card_data_bytes, known=self.known)
        seen = views.look(node.message, self._message_limits, worth)
        return [Hit(view, finding) for view in seen.views for finding in self.find(view.text)]


def _piece(finding: Finding, start: int, end: int) -> Finding:
    """Return the part of a finding that stands in one passage; its value is the whole."""
    return pan.Finding(
        finding.kind,
        start,
        end,
        finding.reveal(),
        brand=finding.brand,
        confidence=finding.confidence,
        reasons=finding.reasons,
    )


def sightings(nodes: Sequence[Node], key: bytes) -> tuple[Sight, ...]:
    """Say what was found where: one sight for each value and place."""
    seen: dict[tuple[str, bytes], Sight] = {}
    for node, path in _with_paths(nodes, "document:", set()):
        for finding, inside in _found(node):
            place = f"{path}:{inside}" if inside else path
            sight = _sight(finding, place, key)
            known = seen.get((place, sight.fingerprint))
            if known is None or known.confidence < sight.confidence:
                seen[place, sight.fingerprint] = sight
    return tuple(seen.values())


def _with_paths(nodes: Sequence[Node], before: str, seen: set[int]) -> Iterator[tuple[Node, str]]:
    """Yield every node once with its place: ``document:`` and the kinds from the outermost in, ``document:zip/pdf``."""
    for node in nodes:
        if id(node) not in seen:
            seen.add(id(node))
            path = before + node.kind
            yield node, path
            for inner in node.children.values():
                yield from _with_paths(inner, f"{path}/", seen)


def _found(node: Node) -> Iterator[tuple[Finding, str]]:
    match node:
        case Opened():
            places = {passage.key: passage.place for passage in node.extract.passages}
            for number, findings in node.findings.items():
                for finding in findings:
                    yield finding, places[number]
        case Written():
            for hit in node.hits:
                yield hit.finding, hit.view.place if node.is_mail else ""
        case Closed():
            pass


def fingerprint(finding: Finding, key: bytes) -> bytes:
    """Return what is equal for equal values under one key."""
    value = f"{finding.kind}:{finding.reveal()}".encode("utf-8", "replace")
    return hashlib.blake2b(value, key=key[:64], digest_size=16).digest()


def _sight(finding: Finding, place: str, key: bytes) -> Sight:
    return Sight(
        str(finding.kind),
        finding.brand,
        finding.confidence,
        place,
        fingerprint(finding, key),
        finding.masked,
        finding.start,
        finding.end,
        finding.reasons,
    )
