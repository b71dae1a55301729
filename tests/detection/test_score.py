"""The ruler itself: what it calls right, missed, wrong at the edges and mistaken."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detection.peers import naive
from tests.detection.score import Case, Expected, Fault, Found, Score, load, score

TEXT = "pay with 4242 4242 and then 4242 4242 until May 2028 thanks"
WHOLE = "4242424242424242"
CARD = Expected("pan", WHOLE, ((9, 18), (28, 37)))
DATE = Expected("expiry", "05/28", ((44, 52),))


def measure(*found: Found, expect: tuple[Expected, ...] = (CARD,)) -> Score:
    return score((Case("a", "en", "split", TEXT, expect),), lambda _: found)


def faults(result: Score) -> list[tuple[str, str]]:
    return [(fault.kind, fault.what) for fault in result.faults]


def test_all_pieces_make_one_right() -> None:
    """Findings on every piece of a split number are one right finding."""
    result = measure(("pan", 9, 18, WHOLE), ("pan", 28, 37, WHOLE))
    assert (result.by_kind["pan"].right, result.faults) == (1, ())


def test_blanks_at_the_edges_are_allowed() -> None:
    """A mask may take blanks and punctuation beside the number."""
    assert faults(measure(("pan", 8, 19, WHOLE), ("pan", 28, 38, WHOLE))) == []


@pytest.mark.parametrize("spans", [((9, 18),), ((9, 37),), ((9, 18), (28, 43))])
def test_edges(spans: tuple[tuple[int, int], ...]) -> None:
    """A missing piece, covered words in between and a covered word behind are wrong edges and mistaken findings."""
    result = faults(measure(*(("pan", start, end, WHOLE) for start, end in spans)))
    assert ("pan", "edges") in result
    assert ("pan", "mistaken") in result


def test_value() -> None:
    """The right place with the wrong value is not right."""
    assert ("pan", "value") in faults(measure(("pan", 9, 18, "1"), ("pan", 28, 37, "1")))


def test_kind() -> None:
    """The right place under the wrong kind is missed and mistaken."""
    assert faults(measure(("cvv", 44, 52, "05/28"), expect=(DATE,))) == [("expiry", "missed"), ("cvv", "mistaken")]


def test_optional_counts_neither_way() -> None:
    """A debatable expectation is no fault, found or not."""
    maybe = (Expected("expiry", "05/28", ((44, 52),), optional=True),)
    assert measure(("expiry", 44, 52, "05/28"), expect=maybe).faults == ()
    assert measure(expect=maybe).faults == ()


def test_inside_a_track_is_neutral() -> None:
    """What is found inside an expected track is part of it."""
    track = (Expected("track", None, ((9, 37),)),)
    assert measure(("track", 9, 37, "x"), ("pan", 28, 37, WHOLE), expect=track).faults == ()


def test_a_finding_in_a_harmless_mail_is_mistaken() -> None:
    """Whatever is found where nothing is expected is mistaken, and the rates say so."""
    result = measure(("pan", 9, 18, WHOLE), expect=())
    assert result.faults == (Fault("a", "pan", "mistaken"),)
    assert (result.by_kind["pan"].precision, result.by_kind["pan"].recall) == (0.0, 1.0)
    assert result.clean_cases == 0


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A corpus that is not there does not pass as a corpus without faults."""
    with pytest.raises(FileNotFoundError):
        load(tmp_path)


def test_an_expected_text_must_be_there(tmp_path: Path) -> None:
    """A slip of the corpus' author is found at loading."""
    (tmp_path / "en.yaml").write_text("- {id: a, category: b, text: no, expect: [{kind: cvv, value: '1', text: '1'}]}")
    with pytest.raises(ValueError, match="a: "):
        load(tmp_path)


def test_the_naive_baseline_checks_luhn() -> None:
    """The baseline of the peers' table takes digits with a right check digit and no others."""
    assert [found[3] for found in naive("4111 1111 1111 1111, 4111 1111 1111 1112")] == ["4111111111111111"]
