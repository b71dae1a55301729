"""The nursery of a gateway: there before a port is open, gone when it has stopped, and not needed to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from tests.e2e.peers import free_port

from pansentry import readiness
from pansentry.configuration.load import parse
from pansentry.gateway import Gateway, start

if TYPE_CHECKING:
    from pathlib import Path


async def started(folder: Path) -> tuple[Gateway, list[str]]:
    """Start a gateway with a mailbox of its own; return the names of what it has logged, too."""
    text = f"""hostname: gw.shop.example
domains: [shop.example]
listen: [{{address: '127.0.0.1:{free_port()}'}}]
state_dir: {folder}
next_hop: maildir:{folder}/box
business: {{name: Meier, phone: "+49 30 123456", pay_page: https://shop.example/pay, website: https://shop.example}}
"""
    logged: list[str] = []

    def log(event: str, /, **_fields: str | int | float) -> None:
        logged.append(event)

    return await start(parse(text.encode(), "f", {}, folder, lambda _: "")[0], log), logged


async def test_the_nursery_ends_with_the_gateway(tmp_path: Path) -> None:
    """A gateway has judges from the start, and leaves no process behind."""
    gateway, _ = await started(tmp_path)
    assert gateway.reception.hearing.judges is not None
    assert gateway.nursery is not None
    assert psutil.pid_exists(gateway.nursery.pid)
    await gateway.stop()
    assert not psutil.pid_exists(gateway.nursery.pid)


async def test_a_gateway_runs_without_a_nursery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no process for it, the log says so, and mail is judged in the gateway."""

    def none(_entries: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(readiness, "open_nursery", none)
    gateway, logged = await started(tmp_path)
    assert gateway.reception.hearing.judges is None
    assert "nursery.none" in logged
    await gateway.stop()
