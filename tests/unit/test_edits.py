"""Edits: what overlapping edits become."""

from __future__ import annotations

from pansentry.edits import Edit, apply, merge


def test_the_first_of_two_readings_decides() -> None:
    """Two views that write one range differently are settled by their order, the same in every process."""
    first, second = Edit(0, 4, "abcdef"), Edit(0, 4, "ghijkl")
    assert merge([first, second]) == (first,)
    assert merge([second, first]) == (second,)


def test_edits_that_keep_the_length_are_laid_over_one_another() -> None:
    """Each position gets what replaces it, and no digit where two edits disagree."""
    assert apply("41111111", merge([Edit(0, 6, "XXXX11"), Edit(4, 8, "XXXX")])) == "XXXXXXXX"
