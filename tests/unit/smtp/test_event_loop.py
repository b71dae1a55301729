"""The event loop and its read size."""

from __future__ import annotations

import asyncio
import sys
from asyncio import selector_events

import pytest

from pansentry.smtp.event_loop import RECV_BYTES, limit_receive_size, new_event_loop


def test_without_uvloop_reads_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain asyncio is told to read less than glibc's mmap threshold at once."""
    monkeypatch.setattr(selector_events._SelectorSocketTransport, "max_size", 256 * 1024)
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = new_event_loop()
    loop.close()
    assert type(loop).__module__.startswith("asyncio")
    assert selector_events._SelectorSocketTransport.max_size == RECV_BYTES


def test_with_uvloop_it_is_used() -> None:
    """uvloop is taken where it is installed."""
    uvloop = pytest.importorskip("uvloop")
    loop = new_event_loop()
    loop.close()
    assert isinstance(loop, uvloop.Loop)


def test_a_python_without_the_attribute_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attribute is private and may go."""
    monkeypatch.delattr(selector_events, "_SelectorSocketTransport")
    limit_receive_size()
    assert isinstance(asyncio.new_event_loop().close(), type(None))
