"""Sums of events: a mail counts once for each kind of place."""

from __future__ import annotations

from pansentry.store import open_store
from pansentry.store.tallies import by_which, day_of

NOW = 1_790_000_000.0


async def test_a_mail_counts_once_for_each_kind_of_place() -> None:
    """Parts and pages of one mail are one text and one PDF."""
    store = await open_store("sqlite:///:memory:", lambda: NOW)
    places = ("body:1", "body:1.2", "body:2", "document:pdf:page 1", "document:pdf:page 7", "header:subject", "name:2")
    nested = ("body:2:header:subject", "header:x-anything", "document:zip/docx")
    store.events.record({"kind": "message", "action": "redact", "pan": 1, "confidence": 0.9, "places": places})
    store.events.record({"kind": "message", "action": "redact", "pan": 1, "confidence": 0.9, "places": nested})
    await store.events.flush()
    sums = await store.tallies.between(day_of(NOW), day_of(NOW))
    assert by_which(sums, "place") == {
        "body": 1,
        "document:pdf": 1,
        "document:text-document": 1,
        "header": 1,
        "header:subject": 2,
        "name": 1,
    }
    await store.close()


async def test_a_mail_counts_once_for_each_name_that_is_shown() -> None:
    """Three kinds of text documents are one; what is read together with the Subject is no second place."""
    store = await open_store("sqlite:///:memory:", lambda: NOW)
    for places in (
        ("document:docx", "document:odt", "document:zip/docx:page 2"),
        ("body:1", "joined"),
        ("header:subject", "joined"),
        ("part:2/header:subject",),
        ("joined",),
    ):
        store.events.record({"kind": "message", "action": "redact", "pan": 1, "confidence": 0.9, "places": places})
    await store.events.flush()
    sums = await store.tallies.between(day_of(NOW), day_of(NOW))
    assert by_which(sums, "place") == {"body": 2, "document:text-document": 1, "header:subject": 2}
    await store.close()
