"""Whatever waits in these tests does so in an event loop that does not count the pauses of a busy machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.patient_loop import PatientLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], PatientLoop]]:
    """Return the one loop for all; pytest-asyncio's hook."""
    return {"patient": PatientLoop}
