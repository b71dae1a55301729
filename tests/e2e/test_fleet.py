"""A fleet of two gateways loses nothing and writes no customer twice, whatever is killed, restarted or cut off.

The short form of ``scripts/fleet try --messages 20000``; figures of the long one are in ``docs/capacity.md``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.fleet import CARD_EVERY, NUMBERS, Fleet, exercise
from tests.e2e.postgres import PASSWORD

pytestmark = pytest.mark.peers
MESSAGES = 600


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """In a folder of its own: pytest's are closed to the users of mail servers whenever another pytest starts."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        started = Fleet.start(Path(folder))
        yield started
        started.stop()


def test_a_fleet_survives_a_kill_a_rolling_restart_and_a_database_that_stops(fleet: Fleet) -> None:
    """0 lost, 0 unredacted, at most one letter for each sender; and policies reach the other node by themselves."""
    result = exercise(fleet, MESSAGES, over_s=12, deadline_s=400)
    print(result)
    assert (result.sent, result.lost, result.unredacted) == (MESSAGES, 0, 0), str(result)
    assert result.with_card == MESSAGES // CARD_EVERY
    assert result.most_letters_to_one == 1, str(result)
    assert result.letters >= result.customers // 2, str(result)  # the others fell into the outage
    assert result.doubles <= 20, str(result)  # what a killed gateway had in hand (RFC 1047)
    _policies_follow(fleet)
    fleet.postgres.stop()
    kept = b"".join(file.read_bytes() for file in (fleet.folder / "postgres/data").rglob("*") if file.is_file())
    said = "".join(node.log for node in fleet.nodes)
    assert "store.failed" in said  # the outage was met
    assert PASSWORD not in said
    for number in NUMBERS:
        assert number not in said
        assert number.encode() not in kept


def _policies_follow(fleet: Fleet) -> None:
    """Change the policies of one node, and wait until the other one uses them."""
    first, second = (node.folder / "policies" for node in fleet.nodes)
    (file,) = first.glob("*.yaml")
    file.write_text(file.read_text() + "\n# a word more\n")
    deadline = time.monotonic() + 60
    while (second / file.name).read_bytes() != file.read_bytes() or "on another node" not in fleet.nodes[1].log:
        assert time.monotonic() < deadline, fleet.nodes[1].log[-2000:]
        time.sleep(0.1)
