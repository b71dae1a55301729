"""Events while the store refuses them, and what is left of texts that senders chose."""

from __future__ import annotations

import asyncio

import pytest
from tests.patient_loop import until
from tests.specimens import PUBLISHED
from tests.unit.store.engines import open_at

from pansentry.outcome import Alike
from pansentry.store import events as module

NUMBER = PUBLISHED["visa"][0]


@pytest.fixture
async def store(url):
    """An empty store of either engine."""
    store = await open_at(url, lambda: 1000.0)
    yield store
    await store.close()


async def written(store, **fields):
    """Record one event and return it as it was written."""
    store.events.record(fields)
    await store.events.flush()
    (event,) = await store.events.recent()
    return event


@pytest.mark.parametrize("size", [280, 295, 299, 4085, 4095])
@pytest.mark.parametrize("spelled", [NUMBER, " - ".join(NUMBER), NUMBER[:4] + "-" + NUMBER[4:]])
async def test_a_number_that_a_cut_would_shorten_is_struck_out_first(sqlite_url, size, spelled):
    """Where a text is cut no beginning of a number is left: neither at what is kept nor at what is looked through."""
    store = await open_at(sqlite_url, lambda: 1000.0)
    text = "x" * (size - 5) + " via " + spelled + "y" * 10_000
    squeezed = (NUMBER + " ") * 300
    squeezed = squeezed[: size - 8] + " via " + spelled + " and more" * 1000
    for one in (text, squeezed):
        store.events.record({"kind": "message", "client_name": one, "places": (one,), "rule": one, "helo": [one]})
    await store.events.flush()
    for event in await store.events.recent():
        for value in (event["client_name"], event["places"][0], event["rule"], event["helo"][0]):
            assert len(value) <= 300
            assert not any(c.isdigit() for c in value)
    await store.close()


async def test_text_that_is_all_digits_is_left_out(sqlite_url):
    """A text longer than what is looked through, without a letter, leaves nothing that could be half a number."""
    store = await open_at(sqlite_url, lambda: 1000.0)
    assert (await written(store, kind="message", helo="4" * 5000))["helo"] == ""
    await store.close()


@pytest.mark.parametrize("odd", ["half \ud83d", "\0", "\udcff"])
async def test_half_a_character_does_not_stop_later_events(store, odd):
    """What no database takes is a question mark in its own event, in columns, fields and what many have alike."""
    alike = Alike({"kind": "message", "action": "deliver", "rule": f"r{odd}", "helo": odd})
    store.events.record({"kind": f"k{odd}", "client_name": f"ü{odd}", "places": (odd,)})
    store.events.record({"reasons": odd}, (alike,))
    store.events.record({"kind": "later"})
    await store.events.flush()
    later, second, first = await store.events.recent()
    assert later["kind"] == "later"
    assert "?" in first["kind"]
    assert "?" in second["rule"]
    for event in (first, second):
        str(event).encode()


class Refusing:
    """A database that refuses to write, and counts how often it was asked."""

    def __init__(self, store, monkeypatch):
        self.asked = 0
        self.patch = monkeypatch
        monkeypatch.setattr(type(store.database), "write", self.write)

    async def write(self, job):
        self.asked += 1
        await asyncio.sleep(0)
        raise ConnectionError


async def test_a_store_that_refuses_is_not_asked_for_each_mail(sqlite_url, monkeypatch):
    """However many events come while the store refuses them, it is asked once in a while; then all are written."""
    store = await open_at(sqlite_url, lambda: 1000.0)
    with monkeypatch.context() as patch:
        refusing = Refusing(store, patch)
        for n in range(3000):
            store.events.record({"kind": "message", "size_bytes": n})
            if n % 10 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        assert refusing.asked == 1
        monkeypatch.setattr(module, "_AGAIN_S", 0.01)
        await store.events.flush()  # asked for by name it tries, and plans the next one
        await until(lambda: refusing.asked >= 4)

    def is_written() -> bool:
        writing = store.events._writing
        return not store.events._waiting and not store.events._is_away and (writing is None or writing.done())

    await until(is_written)
    assert await store.events.count() == {("message", ""): 3000}
    sizes = [event["size_bytes"] for event in await store.events.recent(3000)]
    assert sizes == list(range(2999, -1, -1))
    for n in range(500):
        store.events.record({"kind": "soon", "size_bytes": n})
    await asyncio.sleep(0)
    assert store.events._writing is not None
    assert not store.events._writing.done()
    await store.close()
