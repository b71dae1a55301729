"""The short form of the torture: faults at every step of the next hop and kill -9, and the books agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.next_hops.torture import torture


@pytest.mark.parametrize("seed", [1, 2])
async def test_books_agree_under_faults_and_kills(tmp_path: Path, seed: int) -> None:
    """Nothing accepted is lost, nothing arrives with a card, no double is unexplained, nobody gets two letters."""
    books = await torture(tmp_path, messages=250, faults=0.2, kills=2, seed=seed)
    assert len(books.accepted) == 250
    assert books.lost == set()
    assert books.with_card == []
    assert books.unexplained == []
    assert max(books.letters.values()) == 1
    assert books.faults > 10
    assert books.kills == 2
