"""The detector on generated texts: recall and precision at least 0.995 per kind, on a sample of each category."""

from __future__ import annotations

from itertools import chain

import pytest
from tests.detection.generator import NEGATIVE, POSITIVE, negatives, positives
from tests.detection.measure import Measured, measure

from pansentry.pan import find

ENOUGH = 0.995


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(chain(positives(3400), negatives(3600)), find)


@pytest.mark.parametrize("kind", ["pan", "cvv", "expiry"])
def test_recall_and_precision(measured: Measured, kind: str) -> None:
    """995 of 1000 are found with exact edges, and 995 of 1000 findings are right."""
    worst = measured.worst.most_common(8)
    assert measured.recall(kind) >= ENOUGH, worst
    assert measured.precision(kind) >= ENOUGH, worst


def test_all_categories_take_part() -> None:
    """Every way of writing and every look-alike is among the first texts."""
    assert {s.category.partition(":")[0] for s in positives(170)} >= set(POSITIVE) - {"bare", "glued"}
    assert {s.category for s in negatives(24)} == set(NEGATIVE)


def test_seeds_are_fixed() -> None:
    """The same seed makes the same texts."""
    assert [s.text for s in positives(50)] == [s.text for s in positives(50)]
