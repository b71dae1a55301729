"""What tells that work grows as it should."""

from __future__ import annotations

import pytest
from tests.growth import calls, grows_by


def in_line(text: str) -> int:
    return sum(map(ord, text))


def in_squares(text: str) -> int:
    return sum(text.count(letter) for letter in text)


@pytest.mark.parametrize(("work", "is_kept"), [(in_line, True), (in_squares, False)])
def test_ten_times_the_text(work: object, is_kept: bool) -> None:
    """Ten times the time is told from a hundred times."""
    assert grows_by(40, work, "x" * 500, "x" * 5_000) is is_kept  # type: ignore[arg-type]


def test_calls_are_counted() -> None:
    """Those of Python and those of C."""

    def both(times: int) -> None:
        for _ in range(times):
            in_line("")
            len("")

    assert calls(both, 3) - calls(both, 1) == 2 * 3  # in_line, the sum in it, len
