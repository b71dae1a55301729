"""Measure a detector on generated samples: right, missed and mistaken, per kind and category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.detection.generator import Sample


@dataclass(slots=True)
class Measured:
    """Counts by kind and by (category, kind)."""

    right: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    mistaken: Counter[str] = field(default_factory=Counter)
    worst: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def recall(self, kind: str) -> float:
        """Return the share of what stands in the texts that was found, with exact edges."""
        total = self.right[kind] + self.missed[kind]
        return self.right[kind] / total if total else 1.0

    def precision(self, kind: str) -> float:
        """Return the share of what was found that stands there."""
        total = self.right[kind] + self.mistaken[kind]
        return self.right[kind] / total if total else 1.0


def measure(samples: Iterable[Sample], find: Callable[[str], Iterable[Any]]) -> Measured:
    """Run ``find`` over samples. A finding is right if kind, edges and value are; a track's value is its text."""
    result = Measured()
    for sample in samples:
        result.seen[sample.category] += 1
        wanted = {(k, s, e): value for k, value, s, e in sample.expect}
        found = {(str(f.kind), f.start, f.end): f.reveal() for f in find(sample.text)}
        for key, value in wanted.items():
            if key in found and (key[0] == "track" or found[key] == value):
                result.right[key[0]] += 1
            else:
                result.missed[key[0]] += 1
                result.worst[sample.category, key[0], "missed"] += 1
        for key in found:
            if key not in wanted:
                result.mistaken[key[0]] += 1
                result.worst[sample.category, key[0], "mistaken"] += 1
    return result
