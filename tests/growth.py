"""How work grows with its input: by calls that are counted, or, inside compiled code, by times that are compared.

A time says little on a machine that is busy with something else, so no time is held against a number of seconds.
:func:`grows_by` compares the least that was ever needed for a small and for a large input, and tries again until the
ratio is what was promised: whatever else the machine does can only make a time longer, so that a promise that is kept
shows in the end, and one that is broken (a hundredfold instead of a tenfold) never does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

_RESOLUTION_S = 1e-4
_LEAST_TRIES, _MOST_TRIES = 3, 30


def calls(function: Callable[..., object], *arguments: Any) -> int:
    """Return how many functions of Python and of C were called meanwhile."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count


def grows_by(factor: float, work: Callable[[Any], object], small: object, large: object) -> bool:
    """Return whether ``work(large)`` takes at most ``factor`` times the processor's time of ``work(small)``."""
    least_small = least_large = float("inf")
    for tries in range(1, _MOST_TRIES + 1):
        least_small = min(least_small, _seconds(work, small))
        least_large = min(least_large, _seconds(work, large))
        if tries >= _LEAST_TRIES and least_large <= factor * max(least_small, _RESOLUTION_S):
            return True
    return False


def _seconds(work: Callable[[Any], object], given: object) -> float:
    begun = time.process_time()
    work(given)
    return time.process_time() - begun
