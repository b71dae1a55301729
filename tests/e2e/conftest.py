"""At the end of a run: what its gateways wrote is read for the numbers that were mailed to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.written import leaks


@pytest.fixture(scope="session", autouse=True)
def nothing_written_holds_a_card() -> Iterator[None]:
    """No log, database, temporary file or letter of any gateway of this run holds a number of a sample card."""
    yield
    assert leaks() == {}
