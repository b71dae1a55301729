"""Every seed and crash ever found runs through its fuzz target, without atheris; cost grows in line with size."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fuzz.run import GOLDEN, HERE, targets

GROWTH = 8
ALLOWED = 2
"""An input eight times as long may make twice as many calls as linear code would; quadratic code makes eight times."""


def _inputs() -> list[tuple[str, Path]]:
    kept = [
        (name, path)
        for name in targets()
        for shelf in ("seeds", "crashes")
        for path in sorted((HERE / shelf / name).glob("*"))
    ]
    golden = [("tree", path) for path in sorted(GOLDEN.glob("*/*/in.eml"))]
    return [*kept, *golden]


def test_there_are_targets() -> None:
    """The tree, header fields and transfer encodings have a target each."""
    assert {"tree", "headers", "transfer"} <= set(targets())


@pytest.mark.parametrize(("name", "path"), _inputs(), ids=lambda value: value if isinstance(value, str) else value.name)
def test_input_is_boring(name: str, path: Path) -> None:
    """A seed or crash passes the checks of its target."""
    importlib.import_module(f"tests.fuzz.fuzz_{name}").check(path.read_bytes())


def _calls(check: Callable[[bytes], object], data: bytes) -> int:
    """Count the calls that a check makes, into Python and into C: work without a clock."""
    count = 0

    def on_event(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        check(data)
    finally:
        sys.setprofile(before)
    return count


_SEEDS = [(name, path) for name in targets() for path in sorted((HERE / "seeds" / name).glob("*"))]


@pytest.mark.parametrize(("name", "path"), _SEEDS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_cost_is_linear(name: str, path: Path) -> None:
    """A seed repeated to eight times the size makes about eight times as many calls."""
    target = importlib.import_module(f"tests.fuzz.fuzz_{name}")
    seed, size = path.read_bytes(), getattr(target, "GROWTH_FROM", 8 * 1024)
    small = (seed * (size // max(len(seed), 1) + 1))[:size]
    target.check(small)  # what is made once per process is not counted
    short, long = _calls(target.check, small), _calls(target.check, small * GROWTH)
    assert long <= short * GROWTH * ALLOWED
