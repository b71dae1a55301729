"""Every seed and crash ever found runs through its fuzz target, without atheris; cost grows in line with size."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import pytest
from tests.fuzz.run import GOLDEN, HERE, targets

GROWTH = 8
ALLOWED = 3.5
"""An input eight times as long may take 3.5 times as long as linear; quadratic code takes 8 times as long."""


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


def _seconds(check: object, data: bytes) -> float:
    best = 60.0
    for _ in range(2):
        begin = time.process_time()
        check(data)  # type: ignore[operator]
        best = min(best, time.process_time() - begin)
    return best


_SEEDS = [(name, path) for name in targets() for path in sorted((HERE / "seeds" / name).glob("*"))]


@pytest.mark.parametrize(("name", "path"), _SEEDS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_cost_is_linear(name: str, path: Path) -> None:
    """A seed repeated to eight times the size takes about eight times as long."""
    target = importlib.import_module(f"tests.fuzz.fuzz_{name}")
    seed, size = path.read_bytes(), getattr(target, "GROWTH_FROM", 8 * 1024)
    small = (seed * (size // max(len(seed), 1) + 1))[:size]
    short, long = _seconds(target.check, small), _seconds(target.check, small * GROWTH)
    assert long < 0.05 or long <= short * GROWTH * ALLOWED
