"""Confidence is a documented, monotone sum."""

from __future__ import annotations

import re
from pathlib import Path

from pansentry.pan.evidence import EVIDENCE, by_strength, score

ROOT = Path(__file__).parents[3]


def test_docs_table_is_the_table() -> None:
    """docs/detection.md lists each piece of evidence with its weight and sentence, exactly."""
    text = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([+-]?\d+) \| (.+) \|$", text, re.MULTILINE)
    assert {code: (int(weight), meaning) for code, weight, meaning in rows} == {
        evidence.code: (evidence.weight, evidence.meaning) for evidence in EVIDENCE.values()
    }


def test_all_evidence_in_the_code_is_in_the_table() -> None:
    """No rule names evidence that the table does not explain."""
    for path in (ROOT / "src" / "pansentry" / "pan").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for code in re.findall(
            r'(?:yield|append\(|evidence = \[|\[)f?"((?:other|label|place|near|grouping)-[a-z-]+)', text
        ):
            assert code in EVIDENCE, (path.name, code)


def test_more_in_favour_never_lowers() -> None:
    """Adding evidence moves the confidence in its own direction or not at all."""
    base = ["luhn", "iin:visa"]
    for code, evidence in EVIDENCE.items():
        moved = score([*base, code]) - score(base)
        assert moved >= 0 if evidence.weight >= 0 else moved <= 0


def test_reasons_are_heaviest_first() -> None:
    """A finding reports its strongest reason first."""
    assert by_strength(["luhn", "iin:visa", "label-card"])[0] == "label-card"
