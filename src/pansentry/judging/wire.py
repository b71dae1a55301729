"""What goes between the gateway and a judge: length, head, length, bytes; both ways over one socket.

To the judge the head is a pickle of :class:`Job`, or of the answer to a question: made by the gateway from its own
objects, so the judge may trust it. From the judge it is JSON (:mod:`pansentry.judging.values`): not trusted, bounded.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pansentry.policy import Policy
from pansentry.workers.wire import HEAD

if TYPE_CHECKING:
    from pansentry.envelope import Envelope
    from pansentry.examination import Examined
    from pansentry.limits import DocumentLimits, Limits

__all__ = ["HEAD", "Desktop", "Job", "packed"]


@dataclass(frozen=True, slots=True)
class Desktop:
    """What of a :class:`pansentry.pipeline.Desk` is plain data."""

    policy: Policy
    limits: Limits
    key: bytes = field(repr=False)
    language: str
    document_limits: DocumentLimits


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a document; ``may_stay``: its bytes are as they may leave, and are not sent along."""

    examined: Examined
    may_stay: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One message to judge; its bytes come behind. ``desktop`` is packed, empty if the judge has number ``desk``."""

    desk: int
    desktop: bytes = field(repr=False)
    envelope: Envelope
    cpu_s: float
    lines_are_plain: bool
    remembers: bool
    """The memory of conversations is not empty: ask it."""
    writes_letters: bool
    makes_tasks: bool
    measures: bool
    """The sender's authentication can be measured."""
    measures_all: bool
    recall_key: bytes = field(repr=False)
    """Under which documents are named, before they are handed over."""
    examined: Mapping[tuple[str, bool, bool], Answer] = field(default_factory=dict, repr=False)
    """Documents that were examined for this message, by name and what was known of the message then."""


def packed(value: Any) -> bytes:
    """Return our own values as bytes for a judge."""
    into = io.BytesIO()
    _Pickler(into, pickle.HIGHEST_PROTOCOL).dump(value)
    return into.getvalue()


class _Pickler(pickle.Pickler):
    """Packs policies: read-only mappings, and nothing that was worked out and kept beside their fields."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        if isinstance(value, Policy):
            return _policy, ({one.name: getattr(value, one.name) for one in fields(value)},)
        return NotImplemented


def _policy(values: dict[str, Any]) -> Policy:
    return Policy(**values)


def _read_only(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(mapping)
