"""Torture in miniature: faults at every step of the next hop, clients that vanish, kill -9; and the books agree."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.next_hops.torture import torture


async def test_books_agree_under_faults_and_kills(tmp_path: Path) -> None:
    """Nothing accepted is lost, nothing arrives with a card, no double is unexplained, nobody gets two letters."""
    books = await torture(tmp_path, messages=250, faults=0.2, kills=2, seed=1)
    assert len(books.accepted) == 250
    assert books.lost == set()
    assert books.with_card == []
    assert books.damaged == []
    assert books.unexplained == []
    assert max(books.letters.values()) == 1
    assert books.faults > 10
    assert books.vanished > 5
    assert books.kills == 2
