"""The detector's work grows with its input and no faster, whatever the input: calls are counted, not seconds."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from tests.specimens import PUBLISHED

from pansentry.pan import find, warm_up

VISA = PUBLISHED["visa"][0]
DENSE = {
    "codes": "cvv 737 ",
    "questions": "cvv?\n",
    "quoted questions": "> the security code\n",
    "numbers": VISA + " ",
    "full sets": VISA + " exp 09/28 cvv 737 ",
    "until": VISA + " until 09/28 until 10/29 ",
    "misspelt": VISA + " secuirty cod 277 ",
    "turns": f"[10:41] Me: cvv\n[10:42] You: {VISA[:4]}\n",
    "pieces": "card first 4539 then 1488 last ",
    "number words": "card four five three nine ",
    "scores": "carte quatre vingt ",
    "letters": "card 4O12 8888 ",
    "fields": "card;cvv;exp\n1;2;3\n",
    "brackets": "cvv (",
    "tags": "cvv <b ",
    "clauses": "cvv the the the: ",
    "labels": "exp cvv until code card 12 345 6789 ",
    "references": "card &#52;&#53; ",
    "letters in tags": "<b>4" * 20 + " card cvv exp ",
    "said and written": "O4 " * 20 + "card cvv exp ",
}


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    warm_up()  # the same engines whichever tests ran before


def calls(text: str) -> int:
    """Count the Python calls of one reading."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        find(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("part", DENSE.values(), ids=DENSE.keys())
def test_four_times_the_text_is_four_times_the_work(part: str) -> None:
    """Text of nothing but labels, numbers and questions costs in proportion to its length."""
    find(part * 40)  # whatever is read or compiled once
    small, large = calls(part * 300), calls(part * 1200)  # several chunks each, whose margins are read twice
    assert large <= 5 * small + 2000
