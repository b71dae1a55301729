"""Links that decide about held mail: off by default, for one mail, one action and one person, once, and by a button."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.unit.console.desk import ORIGIN, Desk, desk, token_of

from pansentry.configuration.model import Summary
from pansentry.console.digest import summary
from pansentry.console.links import LINK_S, Deed, link, order
from pansentry.notification import Notifier
from pansentry.store.scrubbing import has_digit_run

WHO = "marta@shop.example"
MESSAGE = b"Subject: Order\r\n\r\nhello\r\n"
NOW = 1_790_000_000.0


@asynccontextmanager
async def opened(folder: Path, *, decide: str = "link", clock: object = None) -> AsyncIterator[tuple[Desk, str]]:
    """Open a console with one held mail."""
    wanted = Summary(to=("ben@shop.example", WHO), decide=decide)
    async with desk(folder, clock=clock or (lambda: NOW), summary=wanted) as console:
        yield console, await console.store.held.put(MESSAGE, "shop/hold", "a@customer.example", ["b@shop.example"])


async def path(console: Desk, identifier: str, deed: Deed = Deed.RELEASE, to: str = WHO) -> str:
    """Return the path of a link."""
    held = await console.store.held.get(identifier)
    assert held is not None
    return f"/decide/{link(console.store, held, deed, to)}"


async def test_to_open_a_link_decides_nothing_and_its_button_once(tmp_path: Path) -> None:
    """A scanner may open it as often as it likes; the button releases; after that the link is over. All is audited."""
    async with opened(tmp_path) as (console, held):
        there, browser = await path(console, held), console.client()
        for _ in range(3):
            page = await browser.get(there)
            assert (page.status_code, "customer.example" in page.text, "Order" in page.text) == (200, True, False)
        assert await console.store.held.count() == 1
        assert "Released." in (await browser.post(there)).text
        assert (await console.store.held.count(), await console.store.outbox.waiting()) == (0, 1)
        assert (await browser.post(there)).status_code == 404
        assert (await browser.get(there)).status_code == 404
        (entry,) = await console.store.audit.list(1)
        assert (entry.who, entry.did) == (f"{WHO} (link)", "held.release")


async def test_a_link_to_delete_deletes(tmp_path: Path) -> None:
    """The other action has a link of its own; also for somebody who is signed in besides."""
    async with opened(tmp_path) as (console, held):
        there, browser = await path(console, held, Deed.PURGE), await console.signed_in()
        assert (await browser.post(there)).status_code == 403  # a form without the session's token
        assert "Deleted." in (await browser.post(there, data={"token": await token_of(browser)})).text
        assert (await console.store.held.count(), await console.store.outbox.waiting()) == (0, 0)


async def test_a_link_is_for_one_mail_one_action_one_person_and_a_week(tmp_path: Path) -> None:
    """Whatever is changed in it, it is none; the same mail held anew needs a new one."""
    now = [NOW]
    async with opened(tmp_path, clock=lambda: now[0]) as (console, held):
        good = (await path(console, held)).rpartition("/")[2]
        people = ("ben@shop.example", WHO)
        found = await order(console.store, good, people)
        assert found is not None
        assert (found.deed, found.who) == (Deed.RELEASE, WHO)
        deed, identifier, until, mark = good.split(".")
        for wrong in (
            f"purge.{identifier}.{until}.{mark}",
            f"{deed}.{'b' + identifier[1:] if identifier[0] != 'b' else 'c' + identifier[1:]}.{until}.{mark}",
            f"{deed}.{identifier}.{until[:-1]}{'c' if until[-1] != 'c' else 'd'}.{mark}",
            f"{deed}.{identifier}.{until}.{mark[:-1]}{'c' if mark[-1] != 'c' else 'd'}",
            f"{deed}.{identifier}.{until}.{mark}x",
            "release",
            "",
        ):
            assert await order(console.store, wrong, people) is None, wrong
        assert await order(console.store, good, ("ben@shop.example",)) is None
        now[0] += LINK_S + 1
        assert await order(console.store, good, people) is None


async def test_a_mail_that_is_held_anew_needs_a_new_link(tmp_path: Path) -> None:
    """The same message, sent again, is held under the same name: the old link is not for it."""
    now = [NOW]
    async with opened(tmp_path, clock=lambda: now[0]) as (console, _):
        store = console.store
        held = await store.held.put(MESSAGE, "shop/hold", "a@b.example", ["b@shop.example"], origin="x")
        good = (await path(console, held)).rpartition("/")[2]
        await store.held.purge(held, who="ben")
        now[0] += 60
        assert held == await store.held.put(MESSAGE, "shop/hold", "a@b.example", ["b@shop.example"], origin="x")
        assert await order(store, good, (WHO,)) is None


async def test_without_the_owners_wish_a_link_is_none(tmp_path: Path) -> None:
    """By default a link that decides does not work, even a right one."""
    async with opened(tmp_path, decide="sign-in") as (console, held):
        assert (await console.client().post(await path(console, held))).status_code == 404
        assert await console.store.held.count() == 1


async def test_guessing_ends(tmp_path: Path) -> None:
    """After ten wrong ones from an address the right one is not looked at for a quarter of an hour."""
    async with opened(tmp_path) as (console, held):
        browser = console.client()
        for _ in range(10):
            assert (await browser.get("/decide/release.b.b." + "b" * 32)).status_code == 404
        assert (await browser.get(await path(console, held))).status_code == 404


async def test_what_still_reads_as_card_data_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link reads the mail again as the page does: residue keeps it held, and the page says so."""
    async with opened(tmp_path) as (console, held):
        monkeypatch.setattr("pansentry.pipeline.redacted", lambda *_: (b"", ("body:1",)))
        assert "not released" in (await console.client().post(await path(console, held))).text
        assert (await console.store.held.count(), await console.store.outbox.waiting()) == (1, 0)


@pytest.mark.parametrize("decide", ["sign-in", "link"])
async def test_the_summary_has_the_links_that_the_owner_wants(tmp_path: Path, decide: str) -> None:
    """The page by default; a link for each decision if wished; they work as they stand in the mail; no digit run."""
    async with opened(tmp_path, decide=decide) as (console, held):
        writer = Notifier({}, "postmaster@shop.example", console.store.key, lambda: "bcdfgh", lambda: NOW)
        letter = await summary(console.store, writer, console.office.configuration.console, WHO, "en", {})
        assert letter is not None
        text = letter.message.replace(b"=\r\n", b"").decode()
        found = re.findall(rf"{re.escape(ORIGIN)}(/\S+)", text)
        if decide == "sign-in":
            assert found == [f"/held/{held}"]
        else:
            assert [one.split(".")[0] for one in found] == ["/decide/release", "/decide/purge"]
            assert not any(has_digit_run(one) for one in found)
            assert "Released." in (await console.client().post(found[0])).text
