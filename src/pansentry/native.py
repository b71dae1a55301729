"""The door to what is compiled: searches of the hot path in C, in a package of its own (``native/``), if it is there.

In: the name of a function. Out: the compiled function, or None: then whoever asks takes its twin in Python, which gives
the same answers, and says what they are (``tests/laws/native`` compares the two). A package of another contract
than ours counts as not there, so that one that an upgrade left behind is not asked; nor is any with ``PANSENTRY_PURE``
set, to find out whether a fault is compiled.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import pansentry_native as _compiled
except ImportError:  # not built: no compiler, or not wanted
    _compiled = None  # type: ignore[assignment]

CONTRACT: Final = 2
IS_THERE: Final = _compiled is not None and _compiled.CONTRACT == CONTRACT and not os.environ.get("PANSENTRY_PURE")


def function(name: str) -> Callable[..., Any] | None:
    """Return a compiled function; None where it is not there. Raises AttributeError for one that there never was."""
    return getattr(_compiled, name) if IS_THERE else None


def is_of_another_version() -> bool:
    """Say whether there is a compiled package that is left aside because its contract is another than ours."""
    return _compiled is not None and _compiled.CONTRACT != CONTRACT
