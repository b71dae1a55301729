"""The detector on hand-written mails that its rules were not made from.

``customers/`` and ``lookalikes/`` were written without a look at the rules, ``second/`` below each after the
first had been measured. A failure prints the ids of the mails and what went wrong, never a digit.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detection.score import Case, Score, from_findings, load, report, score
from tests.detection.variants import VARIANTS

from pansentry import redact_text
from pansentry.pan import find

HERE = Path(__file__).parent
FOLDERS = {
    "first": (HERE / "customers", HERE / "lookalikes"),
    "second": (HERE / "customers" / "second", HERE / "lookalikes" / "second"),
    "third": (HERE / "customers" / "third", HERE / "lookalikes" / "third"),
}
CASES = {batch: load(*folders) for batch, folders in FOLDERS.items()}
EVERY = tuple(case for cases in CASES.values() for case in cases)
ENOUGH = 0.995
ENOUGH_AFTER_A_JOURNEY = 0.98


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
    """Redaction keeps the width of a mail and every character outside the card data where it was."""
    masked = redact_text(case.text)
    inside = {i for finding in find(case.text) for i in range(finding.start, finding.end)}
    assert len(masked) == len(case.text)
    assert all(masked[i] == character for i, character in enumerate(case.text) if i not in inside)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_a_second_pass_finds_nothing(case: Case) -> None:
    """What is left after redaction does not read as card data."""
    assert not find(redact_text(case.text))


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_journey_changes_little(name: str) -> None:
    """Wrapping, quoting, other line ends and blanks cost at most two findings in a hundred."""
    travelled = score([VARIANTS[name](case) for case in EVERY], from_findings(find))
    assert travelled.total.recall >= ENOUGH_AFTER_A_JOURNEY, "\n" + report(travelled)
    assert travelled.total.precision >= ENOUGH_AFTER_A_JOURNEY, "\n" + report(travelled)
