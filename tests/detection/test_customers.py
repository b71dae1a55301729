"""The detector on hand-written mails that its rules were not made from.

``customers/`` and ``lookalikes/`` were written without a look at the rules, ``second/`` below each after the
first had been measured. A failure prints the ids of the mails and what went wrong, never a digit.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detection.score import Case, Score, from_findings, load, report, score

from pansentry import redact_text
from pansentry.pan import find

HERE = Path(__file__).parent
FOLDERS = {
    "first": (HERE / "customers", HERE / "lookalikes"),
    "second": (HERE / "customers" / "second", HERE / "lookalikes" / "second"),
}
CASES = {batch: load(*folders) for batch, folders in FOLDERS.items()}
EVERY = tuple(case for cases in CASES.values() for case in cases)
ENOUGH = 0.995


@pytest.fixture(scope="module")
def overall() -> Score:
    return score(EVERY, from_findings(find))


@pytest.mark.parametrize("kind", ["pan", "cvv", "expiry", "track"])
def test_recall(overall: Score, kind: str) -> None:
    """At least 995 of 1000 numbers, codes and dates that customers wrote are found, with exact edges."""
    assert overall.by_kind[kind].recall >= ENOUGH, "\n" + report(overall)


@pytest.mark.parametrize("kind", ["pan", "cvv", "expiry", "track"])
def test_precision(overall: Score, kind: str) -> None:
    """At most 5 of 1000 findings are something else."""
    assert overall.by_kind[kind].precision >= ENOUGH, "\n" + report(overall)


def test_corpus_is_as_large_as_promised() -> None:
    """There are at least 300 mails in ten languages, and a third of them hold no card data."""
    assert len(EVERY) >= 300
    assert len({case.language for case in EVERY}) >= 10
    assert sum(not case.expect for case in EVERY) * 3 >= len(EVERY)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_words_stay(case: Case) -> None:
    """Redaction leaves every letter, digit and line break outside the card data where it was."""
    masked = redact_text(case.text)
    spans = sorted((finding.start, finding.end) for finding in find(case.text))
    position = 0
    for start, end in spans:
        kept = case.text[position : max(start, position)]
        assert kept in masked, f"{case.id}: words near a mask were changed"
        masked = masked[masked.index(kept) + len(kept) :]
        position = max(end, position)
    assert masked.endswith(case.text[position:]), f"{case.id}: the end was changed"
