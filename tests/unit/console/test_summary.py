"""The summary for the owner: the numbers, held mail with links, one thing to do, once in its time."""

from __future__ import annotations

import email
import email.policy

import pytest
from tests.specimens import PUBLISHED
from tests.unit.console.test_console import FINDING

from pansentry import shipped
from pansentry.configuration import Configuration, load
from pansentry.configuration.model import Summary
from pansentry.console.digest import numbers_of, send_summaries
from pansentry.console.texts import translator
from pansentry.notification import Notifier
from pansentry.store import Store, open_store
from pansentry.store.tallies import DAY_S

NOW = [1_790_000_000.0]


def configured(*, language: str = "en", every: str = "day") -> Configuration:
    """Return a configuration in which two people get the summary."""
    read = load(shipped.examples() / "demo/pansentry.yaml", {})
    wanted = Summary(to=("marta@shop.example", "ben@shop.example"), every=every, url="https://console.shop.example/")
    console = read.console.model_copy(update={"summary": wanted})
    assert read.business is not None
    business = read.business.model_copy(update={"language": language})
    return read.model_copy(update={"console": console, "business": business})


def writer(store: Store) -> Notifier:
    """Return what writes the mails."""
    return Notifier({}, "postmaster@shop.example", store.key, lambda: "bcdfgh", lambda: NOW[0])


async def opened() -> Store:
    """Return a store in memory with three mails with cards, yesterday, and one on hold."""
    NOW[0] = 1_790_000_000.0 - DAY_S
    store = await open_store("sqlite:///:memory:", lambda: NOW[0])
    for _ in range(3):
        store.events.record(FINDING)
    await store.events.flush()
    NOW[0] += DAY_S
    await store.held.put(
        b"Subject: x\r\n\r\nhello\r\n", "shop/hold", f"{PUBLISHED['visa'][0]}@b.example", ["b@shop.example"]
    )
    return store


@pytest.mark.parametrize("language", ["en", "de", "it"])
async def test_it_says_what_was_and_what_to_do(language: str) -> None:
    """Numbers of yesterday, the held mail with its link, one thing to do, in the shop's language; no digits."""
    store, say = await opened(), translator(language)
    assert await send_summaries(store, writer(store), configured(language=language), {}) == 2
    entries = await store.outbox.take(10)
    assert {entry.forward_paths for entry in entries} == {("marta@shop.example",), ("ben@shop.example",)}
    mail = email.message_from_bytes(entries[0].message, policy=email.policy.default)
    text = mail.get_content()
    assert mail["Subject"] == f"PanSentry: {say('Yesterday')}"
    assert f"3 {say('with card data')}" in text
    assert say("Decide about the mail that is held.") in text
    held = (await store.held.list(1))[0].id
    assert f"https://console.shop.example/held/{held}" in text
    assert PUBLISHED["visa"][0] not in text
    await store.close()


async def test_it_comes_once_in_its_time() -> None:
    """Asked again at once there is none; a day later there is; of the weekly one there is none before a week."""
    store = await opened()
    assert await send_summaries(store, writer(store), configured(), {}) == 2
    assert await send_summaries(store, writer(store), configured(), {}) == 0
    NOW[0] += DAY_S - 1800
    assert await send_summaries(store, writer(store), configured(), {}) == 2
    assert await send_summaries(store, writer(store), configured(every="week"), {}) == 2
    NOW[0] += 6 * DAY_S
    assert await send_summaries(store, writer(store), configured(every="week"), {}) == 0
    await store.close()


async def test_the_most_urgent_comes_first() -> None:
    """Refused policies before certificates, certificates before held mail, and nothing where all is well."""
    store = await opened()
    assert (await numbers_of(store, 1, {"c": 90.0})).todo.startswith("Decide")
    assert (await numbers_of(store, 1, {"c": 3.0})).todo.startswith("A certificate")
    await store.versions.refuse("abc", "wrong", "test")
    assert (await numbers_of(store, 1, {"c": 3.0})).todo.startswith("A change of the policies")
    await store.close()
    empty = await open_store("sqlite:///:memory:", lambda: NOW[0])
    assert (await numbers_of(empty, 7, {})).todo == "Nothing. All is well."
    await empty.close()


async def test_it_is_off_until_somebody_is_named() -> None:
    """The shipped configuration sends none."""
    store = await opened()
    assert load(shipped.examples() / "demo/pansentry.yaml", {}).console.summary.to == ()
    assert await send_summaries(store, writer(store), load(shipped.examples() / "demo/pansentry.yaml", {}), {}) == 0
    await store.close()
