"""From findings in a tree to new bytes, bottom up, each document proved before it goes into the one around it.

The proof: the new document is opened again, by the same readers, and searched again for the same; then every
stream of it is inflated and searched for the digits themselves. A document that is not proved is None: the one around
it puts a notice in its place, and at the top the mail does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pansentry import mime, pan, redaction
from pansentry.edits import Edit, merge
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination.node import Closed, Node, Opened, Written
from pansentry.examination.opening import Opener
from pansentry.examination.searching import walk
from pansentry.formats.format import PICTURES_LATER
from pansentry.formats.notices import TAKEN_OUT
from pansentry.redaction.mask import mask

if TYPE_CHECKING:
    from pansentry.examination.model import Examination
    from pansentry.examination.searching import Search
    from pansentry.mime.source import Source
    from pansentry.pan import Finding

_MAX_NUMBERS = 50


class Rewriter:
    """Writes documents without what a search has found in them."""

    def __init__(self, options: Examination, search: Search, found: Sequence[Finding]) -> None:
        self._options = options
        self._search = search
        self._raw = _raw_pattern(found)
        self._done: dict[int, bytes | None] = {}

    def rewrite(self, nodes: Sequence[Node]) -> bytes | None:
        """Return the document without what was found in it; the same object if that is nothing; None if unproved."""
        first = nodes[0]
        if id(first) not in self._done:
            self._done[id(first)] = self._proved(nodes)
        return self._done[id(first)]

    def _proved(self, nodes: Sequence[Node]) -> bytes | None:
        data = nodes[0].data
        if not any(self._holds(node) for node in nodes):
            return data
        try:
            new = self._written(nodes[0])
        except (DamagedError, LimitExceededError):
            return None
        return new if new is not None and self._is_clean(new, nodes) else None

    def _holds(self, node: Node) -> bool:
        """Say whether there is something to take out of a node or of what is inside it."""
        match node:
            case Opened():
                own = any(
                    self._masks(passage.text, node.findings.get(passage.key, ())) for passage in node.extract.passages
                )
            case Written():
                own = any(self._masks(hit.view.text, (hit.finding,)) for hit in node.hits)
            case Closed():
                own = False
        return own or any(self._holds(inner) for inners in node.children.values() for inner in inners)

    def _masks(self, text: str, findings: Sequence[Finding]) -> list[Edit[str]]:
        return [edit for finding in findings for edit in mask(text, finding, self._options.style)]

    def _written(self, node: Node) -> bytes | None:
        replaced: dict[int, bytes | None] = {}
        for key, inners in node.children.items():
            new = self.rewrite(inners)
            if new is not inners[0].data:
                replaced[key] = new
        match node:
            case Opened():
                cuts = {}
                for passage in node.extract.passages:
                    edits = merge(self._masks(passage.text, node.findings.get(passage.key, ())))
                    if edits:
                        cuts[passage.key] = edits
                return node.format.rewrite(node.data, cuts, replaced, self._options.limits)
            case Written():
                return self._message(node, replaced)
            case Closed():
                return None

    def _message(self, node: Written, replaced: dict[int, bytes | None]) -> bytes | None:
        """Redact a message; of a text that was read as one, return what stands behind the header."""
        extra: list[tuple[Source, Edit[bytes]]] = []
        for index, new in replaced.items():
            document = node.documents[index]
            put = TAKEN_OUT.encode("ascii") if new is None else new
            extra.append((document.source, Edit(0, len(document.data), put)))
        removal = redaction.remove(node.message, node.hits, self._search.find, style=self._options.style, extra=extra)
        if removal.residue:
            return None
        if node.is_mail:
            return removal.raw
        written = mime.read(removal.raw)
        return written.leaf(written.root).data if written.root.is_leaf else None

    def _is_clean(self, new: bytes, before: Sequence[Node]) -> bool:
        """Open and search the new document; what could be read before must be readable still."""
        again = Opener(self._options).open(new)
        if again[0].kind != before[0].kind or _unreadable(again) - _unreadable(before):
            return False
        residue = any(
            finding.kind is not pan.Kind.EXPIRY or self._options.style.expiry != "keep"
            for finding in self._search.again(again)
        )
        if residue:
            return False
        return self._raw is None or not any(self._raw.search(stream) for stream in _streams(again))


def _unreadable(nodes: Sequence[Node]) -> set[str]:
    """Return why something could not be read; a page that became a picture is no loss."""
    return {why.reason for node in walk(nodes) for why in node.unreadable} - {PICTURES_LATER}


def _raw_pattern(found: Sequence[Finding]) -> re.Pattern[bytes] | None:
    """Return an expression for the digits of every number that was found, in bytes of one or two a character."""
    numbers = dict.fromkeys(f.reveal() for f in found if f.kind is pan.Kind.PAN and f.reveal().isdigit())
    if not numbers:
        return None
    apart = rb"[\0 \-]{0,3}"
    return re.compile(b"|".join(apart.join(b"%c" % ord(d) for d in n) for n in list(numbers)[:_MAX_NUMBERS]))


def _streams(nodes: Sequence[Node]) -> Iterator[bytes]:
    """Yield the raw bytes of each document of a tree, and every stream that its format can unpack."""
    for node in walk(nodes):
        yield node.data
        if isinstance(node, Opened) and (unpacked := getattr(node.format, "streams", None)) is not None:
            yield from unpacked(node.data)
