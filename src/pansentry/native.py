"""The door to what is compiled: searches of the hot path in C, in a package of its own (``native/``), if it is there.

In: the name of a function. Out: the compiled function, or None: then whoever asks takes its twin in Python, which gives
the same answers, and says what they are (``tests/laws/native`` compares the two). A package of another contract
than ours counts as not there, so that one that an upgrade left behind is not asked; nor is any with ``PANSENTRY_PURE``
set, to find out whether a fault is compiled.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _load() -> Any:
    """Return the compiled module, None if it is not wanted, not built, or built for another machine."""
    if os.environ.get("PANSENTRY_PURE"):
        return None
    try:
        return import_module("pansentry_native")
    except ImportError:
        return None


_compiled = _load()

CONTRACT: Final = 2
IS_THERE: Final = _compiled is not None and _compiled.CONTRACT == CONTRACT


def function(name: str) -> Callable[..., Any] | None:
    """Return a compiled function; None where it is not there."""
    return getattr(_compiled, name, None) if IS_THERE else None


def is_of_another_version() -> bool:
    """Say whether there is a compiled package that is left aside because its contract is another than ours."""
    return _compiled is not None and _compiled.CONTRACT != CONTRACT
