"""The interface for programs does what the pages do: people, tokens, letters, proposals, trials, held mail, reports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.peers import free_port
from tests.specimens import PUBLISHED
from tests.unit.console.desk import PASSWORD, Desk, desk, token_of
from tests.unit.console.test_console import FINDING

from pansentry.console.trial_mail import recipient_of
from pansentry.permissions import Role

MAIL = f"From: a@customer.example\nTo: b@shop.example\nSubject: x\n\nVisa {PUBLISHED['visa'][0]}\n"
CHANGED = "name: shop\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: hold\n"


@asynccontextmanager
async def program(folder: Path, role: Role = Role.ADMIN, **more: str) -> AsyncIterator[tuple[Desk, httpx.AsyncClient]]:
    """Open a console and a program with a token of somebody with this role."""
    async with desk(folder, **more) as console:
        await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        await console.store.accounts.create("one", PASSWORD, role, who="test")
        client = console.client()
        client.headers["authorization"] = f"Bearer {await console.store.accounts.make_token('one', 'test')}"
        yield console, client


async def test_people_are_made_changed_and_taken_away(tmp_path: Path) -> None:
    """With the same rules as on the page: a long password, a role that there is, never without an admin."""
    async with program(tmp_path) as (console, client):
        made = await client.put("/api/v1/people/eve", json={"role": "viewer", "password": PASSWORD})
        assert made.json() == {"name": "eve", "role": "viewer"}
        assert await console.store.accounts.sign_in("eve", PASSWORD, "")
        for wrong in ({"role": "boss", "password": PASSWORD}, {"role": "viewer", "password": "short"}, [], "x"):
            assert (await client.put("/api/v1/people/eve", json=wrong)).status_code == 400
        people = (await client.get("/api/v1/people")).json()
        assert {one["name"]: one["role"] for one in people["people"]} == {
            "eve": "viewer",
            "one": "admin",
            "owner": "admin",
        }
        assert "password" not in str(people)
        assert (await client.delete("/api/v1/people/eve")).json() == {"removed": True}
        assert (await client.delete("/api/v1/people/owner")).json() == {"removed": True}
        own = await client.delete("/api/v1/people/one")
        assert (own.status_code, "their own account" in own.json()["error"]) == (409, True)


async def test_a_short_password_changes_no_role(tmp_path: Path) -> None:
    """What is refused leaves nothing behind, on the page as here."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        form = {"token": await token_of(browser), "name": "eve", "role": "admin", "password": "short"}
        await browser.post("/people", data=form)
        assert "eve" not in dict(await console.store.people.list())


async def test_tokens_are_seen_and_ended_by_whose_they_are(tmp_path: Path) -> None:
    """A list without the tokens; what is ended opens nothing any more; nobody ends another one's."""
    async with program(tmp_path) as (console, client):
        other = await console.store.accounts.make_token("owner", "theirs")
        (ours,) = (await client.get("/api/v1/tokens")).json()["tokens"]
        assert ours["label"] == "test"
        (theirs,) = await console.store.accounts.tokens("owner")
        assert (await client.delete(f"/api/v1/tokens/{theirs.id}")).status_code == 404
        assert await console.store.accounts.session(other) is not None
        assert (await client.delete(f"/api/v1/tokens/{ours['id']}")).json() == {"removed": True}
        assert (await client.get("/api/v1/tokens")).status_code == 401
        browser = console.client()
        await browser.post("/login", data={"name": "owner", "password": PASSWORD})
        page = (await browser.get("/account")).text
        assert "theirs" in page
        await browser.post(f"/account/tokens/{theirs.id}/revoke", data={"token": await token_of(browser)})
        assert await console.store.accounts.session(other) is None


async def test_a_letter_is_read_scored_and_sent_to_us_only(tmp_path: Path) -> None:
    """The same words as on the page; a sample goes to an address of ours by the outbox."""
    async with program(tmp_path) as (console, client):
        listed = (await client.get("/api/v1/letters")).json()
        assert "guidance" in {one["name"] for one in listed["letters"]}
        letter = (await client.get("/api/v1/letters/guidance/de/first")).json()
        assert letter["points"] == letter["best"]
        assert letter["subject"]
        there = "/api/v1/letters/guidance/de/first/send"
        assert (await client.post(there, json={"recipient": "a@elsewhere.example"})).status_code == 409
        assert (await client.post(there, json={})).status_code == 400
        assert await console.store.outbox.waiting() == 0
        ours = recipient_of(console.office.configuration)
        assert (await client.post(there, json={"recipient": ours})).json() == {"sent_to": ours}
        assert await console.store.outbox.waiting() == 1
        assert (await client.get("/api/v1/letters/guidance/xx/first")).status_code == 404


async def test_a_policy_is_tried_on_a_mail_and_on_what_was_recorded(tmp_path: Path) -> None:
    """Nothing is written; flaws come with their lines."""
    async with program(tmp_path) as (console, client):
        sightings = ["pan|visa|0.98|body"]
        console.store.events.record({**FINDING, "sightings": sightings, "policy": "shop"})
        await console.store.events.flush()
        tried = (await client.post("/api/v1/policies/shop.yaml/try", json={"text": CHANGED, "mail": MAIL})).json()
        assert (tried["action"], tried["rule"], tried["found"]) == ("hold", "shop/card", ["pan"])
        decided = (await client.post("/api/v1/policies/shop.yaml/recent", json={"text": CHANGED})).json()
        assert decided["seen"] == 1
        wrong = await client.post("/api/v1/policies/shop.yaml/try", json={"text": f"{CHANGED}x: 1\n", "mail": MAIL})
        assert (wrong.status_code, wrong.json()["flaws"][0]["line"]) == (422, 7)
        assert (await client.post("/api/v1/policies/shop.yaml/recent", json={"text": CHANGED, "number": 7})).is_error
        assert "then: redact" in (console.folder / "shop.yaml").read_text()
        assert "properties" in (await client.get("/api/v1/policies/schema")).json()


async def test_a_proposal_is_made_read_taken_and_thrown_away(tmp_path: Path) -> None:
    """From a recorded message to the file of the policy."""
    async with program(tmp_path) as (console, client):
        event = {**FINDING, "sightings": ["pan|visa|0.98|body"], "policy": "shop"}
        for reference in ("bcdfghjkmnpqrs", "tvwxzbcdfghjkm"):
            console.store.events.record({**event, "message_ref": reference})
        await console.store.events.flush()
        first, second = [
            (await client.post(f"/api/v1/messages/{number}/not-a-card", json={})).json()["proposal"]
            for number in (1, 2)
        ]
        assert set((await client.get("/api/v1/proposals")).json()["proposals"]) == {first, second}
        good = (console.folder / "shop.yaml").read_text()
        (console.folder / "shop.yaml").write_text(f"{good}reply: {{letter: apology}}\n")
        said = await client.post(f"/api/v1/proposals/{first}/accept")
        assert "There is no letter `apology`" in said.text, "the gateway would not start with it"
        (console.folder / "shop.yaml").write_text(good)
        shown = (await client.get(f"/api/v1/proposals/{first}")).json()
        assert (shown["flaw"], [one["file"] for one in shown["changes"]]) == ("", ["shop.yaml"])
        assert (await client.post(f"/api/v1/proposals/{first}/accept")).json()["taken"] is True
        assert "customer.example" in (console.folder / "shop.yaml").read_text()
        assert (await client.delete(f"/api/v1/proposals/{second}")).json() == {"removed": True}
        assert (await client.get("/api/v1/proposals")).json() == {"proposals": []}
        assert (await client.post("/api/v1/messages/77/not-a-card", json={})).status_code == 404


async def test_held_mail_reports_and_the_day_are_read(tmp_path: Path) -> None:
    """One held mail without its text; the pack; a PDF; the sums of the day; the steps for a provider."""
    async with program(tmp_path) as (console, client):
        held = await console.store.held.put(
            b"Subject: Order\r\n\r\nhello\r\n", "shop/hold", "a@customer.example", ["b@shop.example"]
        )
        console.store.events.record(FINDING)
        await console.store.events.flush()
        one = (await client.get(f"/api/v1/held/{held}")).json()
        assert (one["subject"], one["from_domain"], "hello" in str(one)) == ("Order", "customer.example", False)
        pack = (await client.get("/api/v1/reports/2026-09/pci")).json()
        assert [incident["has_sad"] for incident in pack["incidents"]] == [True]
        assert (await client.get("/api/v1/reports/2026-09/pdf")).content.startswith(b"%PDF")
        assert (await client.get("/api/v1/reports/2026-13/pdf")).status_code == 400
        day = (await client.get("/api/v1/today")).json()
        assert (day["held"], day["actions"], day["policy_refused"]) == (1, {"redact": 1}, None)
        steps = (await client.get("/api/v1/setup")).json()
        assert all("<<" not in step["copy"] for one in steps["providers"] for step in one["steps"])


@pytest.mark.parametrize(("recipient", "said"), [("a@elsewhere.example", "takes mail for"), ("", "takes mail for")])
async def test_a_test_mail_goes_to_us_only(tmp_path: Path, recipient: str, said: str) -> None:
    """As on the page; and a gateway that does not answer is said."""
    async with program(tmp_path, listen=f"127.0.0.1:{free_port()}") as (console, client):
        answer = await client.post("/api/v1/setup/test", json={"recipient": recipient})
        assert (answer.status_code, said in answer.json()["error"]) == (409, True)
        ours = {"recipient": recipient_of(console.office.configuration)}
        assert "could not be reached" in (await client.post("/api/v1/setup/test", json=ours)).json()["error"]


async def test_a_browser_cannot_send_json_without_its_forms_token(tmp_path: Path) -> None:
    """A session's cookie alone changes nothing through the interface: it is for programs."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        answer = await browser.put("/api/v1/people/eve", json={"role": "admin", "password": PASSWORD})
        assert answer.status_code == 403
        assert "eve" not in dict(await console.store.people.list())
