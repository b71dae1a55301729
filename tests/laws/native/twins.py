"""A compiled function and its twin in Python, asked the same: for the tests beside."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest

from pansentry import native

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def compiled(name: str) -> Callable[..., Any]:
    """Return the compiled function; skips where nothing is compiled, and fails where everything has to be there."""
    found = native.function(name)
    if found is None:
        if os.environ.get("PANSENTRY_REQUIRE_PEERS") == "1":
            pytest.fail("pansentry-native is not built: scripts/setup test, with a C compiler")
        pytest.skip("pansentry-native is not built")
    return found


def octets(pieces: Sequence[bytes], *, seed: int, number: int = 3000, most: int = 40) -> Iterator[bytes]:
    """Yield texts made of ``pieces``: none, one, many; sometimes long, so that steps of sixteen octets end anywhere."""
    dice = random.Random(seed)
    yield b""
    yield from pieces
    for _ in range(number):
        count = dice.randrange(most) if dice.random() < 0.95 else dice.randrange(20 * most)
        text = b"".join(dice.choice(pieces) for _ in range(count))
        begin = dice.randrange(len(text) + 1) if dice.random() < 0.3 else 0
        yield text[begin : begin + dice.randrange(len(text) + 1)] if dice.random() < 0.3 else text[begin:]
