"""A console over a store in memory, asked by a client that keeps cookies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from pansentry import shipped
from pansentry.configuration import Configuration, Listener, load
from pansentry.console.app import create_app
from pansentry.console.letterbox import Letterbox
from pansentry.console.office import Office
from pansentry.doctor.answer import passed, warned
from pansentry.permissions import Role
from pansentry.policy.folder import snapshot
from pansentry.policy_activation import prove
from pansentry.reply import load_letters
from pansentry.store import Store, open_store

PASSWORD = "three words long"
ORIGIN = "http://console.test"


@dataclass
class Desk:
    """A console, its store, and the folder of its policies."""

    office: Office
    store: Store
    folder: Path
    app: Any

    def client(self) -> httpx.AsyncClient:
        """Return a browser that does not follow redirects by itself."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url=ORIGIN)

    async def signed_in(self, role: Role = Role.ADMIN, name: str = "") -> httpx.AsyncClient:
        """Return a browser of somebody with this role."""
        name = name or f"{role}"
        if role is not Role.ADMIN and not await self.store.accounts.count():
            await self.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        await self.store.accounts.create(name, PASSWORD, role, who="test")
        browser = self.client()
        answer = await browser.post("/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        return browser


async def token_of(browser: httpx.AsyncClient, path: str = "/account") -> str:
    """Return the token that the forms of a page carry."""
    match = re.search(r'name="token" value="([0-9a-f]+)"', (await browser.get(path)).text)
    assert match is not None
    return match[1]


@asynccontextmanager
async def desk(
    folder: Path,
    *,
    clock: Any = lambda: 1_790_000_000.0,
    url: str = "sqlite:///:memory:",
    listen: str = "",
    **console: Any,
) -> AsyncIterator[Desk]:
    """Open a console whose policies lie in ``folder``, over the store at ``url``; ``console`` are settings of it."""
    configuration: Configuration = load(shipped.examples() / "demo/pansentry.yaml", {"PANSENTRY_POLICIES": str(folder)})
    settings = configuration.console.model_copy(update={"url": ORIGIN, **console})
    configuration = configuration.model_copy(update={"console": settings})
    if listen:
        configuration = configuration.model_copy(update={"listen": (Listener(address=listen),)})
    (folder / "shop.yaml").write_text(
        "name: shop\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: redact\n"
    )
    store = await open_store(url, clock)
    state = [prove(snapshot(folder), None).policies]

    async def reload() -> bool:
        state[0] = prove(snapshot(folder), None).policies
        await store.versions.accept(snapshot(folder).digest, snapshot(folder).files, "console")
        return True

    async def health() -> dict[str, object]:
        return {"store": "ok", "next_hop": "ok"}

    office = Office(
        store,
        configuration,
        clock,
        lambda: state[0],
        folder,
        Letterbox(
            shipped.replies(),
            lambda: load_letters(shipped.replies(), configuration.business, state[0].letters()),
            lambda: state[0].version,
        ),
        reload,
        health,
        store.key,
        lambda: (passed("store", "It is whole."), warned("certificate", "There is none.", "Add a `tls:` block.")),
        lambda: {"connections": 0},
    )
    await reload()
    try:
        yield Desk(office, store, folder, create_app(office))
    finally:
        await store.close()
