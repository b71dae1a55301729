"""A letter on its way out: a provider's link or the plain page, tasks for staff, webhooks, the breaker's alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pansentry.outcome import EnqueueLetter, LinkWish, Task
from pansentry.payments import Despatch, LinkRequest, LinkTroubleError
from pansentry.store import Store, open_store
from pansentry.store.grants import Budget, Grant

PLAIN = EnqueueLetter("anna@customer.example", b"plain", "window", message_ref="abc", customer="c" * 32)


class Provider:
    """Makes links, or trouble; remembers what it was asked."""

    def __init__(self, link: str = "", trouble: str = "") -> None:
        self.answer, self.trouble = link, trouble
        self.asked: list[LinkRequest] = []

    async def link(self, request: LinkRequest) -> str:
        self.asked.append(request)
        if self.trouble:
            raise LinkTroubleError(self.trouble)
        return self.answer


def redraft(url: str) -> EnqueueLetter | None:
    return replace(PLAIN, message=url.encode()) if url.startswith("https://pay") else None


WISHES = replace(PLAIN, link=LinkWish("4711", 12900, "EUR", "same", redraft))


async def despatch(provider: Provider | None) -> tuple[Despatch, Store, list[tuple[str, dict[str, object]]]]:
    store = await open_store("sqlite:///:memory:")
    said: list[tuple[str, dict[str, object]]] = []
    return Despatch(store, lambda name, **f: said.append((name, f)), lambda: 1.7e9, provider, shop="Meier"), store, said


async def test_a_better_link_is_taken() -> None:
    """The provider is asked once with order and amount, and the letter is the one with its link."""
    provider = Provider("https://pay.example/a")
    way, store, _ = await despatch(provider)
    letter = await way.improve(WISHES)
    assert letter.message == b"https://pay.example/a"
    assert letter.link is None
    (asked,) = provider.asked
    assert (asked.order, asked.amount, asked.currency, asked.idempotency_key) == ("4711", 12900, "EUR", "same")
    assert asked.expires_at == 1.7e9 + 14 * 86400
    await store.close()


@pytest.mark.parametrize(
    ("provider", "reason"),
    [(Provider(trouble="timeout"), "timeout"), (Provider("https://elsewhere.example/a"), "not-allowed")],
)
async def test_trouble_leaves_the_plain_page(provider: Provider, reason: str) -> None:
    """A provider that fails, or whose link a letter may not show, costs the link and never the letter."""
    way, store, said = await despatch(provider)
    assert await way.improve(WISHES) is WISHES
    assert said == [("link.failed", {"id": "abc", "reason": reason})]
    await store.close()


async def test_nobody_is_asked_for_a_letter_that_will_not_go_out() -> None:
    """Inside its window, without a wish, or without a provider, nothing is asked."""
    provider = Provider("https://pay.example/a")
    way, store, _ = await despatch(provider)
    assert await way.improve(PLAIN) is PLAIN
    assert await store.outbox.file_letter(PLAIN) is Grant.GRANTED
    assert await way.improve(WISHES) is WISHES
    assert provider.asked == []
    without, other, _ = await despatch(None)
    assert await without.improve(WISHES) is WISHES
    await store.close()
    await other.close()


async def test_duties_become_tasks() -> None:
    """Each channel with a duty is a task in the event log once the letter is granted, and not otherwise."""
    way, store, _ = await despatch(None)
    letter = replace(PLAIN, tasks=(Task("call-back", "callback", "Call within a day"),), language="de")
    way.afterwards(letter, Grant.WINDOW)
    way.afterwards(letter, Grant.GRANTED)
    await store.events.flush()
    (event,) = await store.events.recent()
    assert (event["kind"], event["channel"], event["duty"], event["message_ref"]) == (
        "task", "call-back", "Call within a day", "abc"
    )  # fmt: skip
    await store.close()


async def test_the_breaker_tells_the_admin_once() -> None:
    """The letter that reaches the budget switches letters off and leaves an alert; the next ones are silently off."""
    way, store, said = await despatch(None)
    budget = Budget(per_hour=1)
    grants = []
    for number in range(4):
        letter = replace(PLAIN, window_key=f"w{number}", customer=f"{number}" * 32)
        grants.append(await store.outbox.file_letter(letter, budget=budget))
        way.afterwards(letter, grants[-1])
    assert grants == [Grant.GRANTED, Grant.TOTAL_BUDGET, Grant.OFF, Grant.OFF]
    assert [name for name, _ in said] == ["letters.off"]
    await store.events.flush()
    assert [(e["kind"], e["action"]) for e in await store.events.recent()] == [("alert", "letters-off")]
    await store.close()
