"""From what an old version left behind to this one: nothing is lost, and what cannot go on says what to change.

The folders beside this file are states that gateways of former versions really wrote (``make.py`` says how): letters
that wait, held mail, windows, memory, events, accounts, policies, configuration. Each is opened as an admin would:
``pansentry db upgrade``, then the gateway is started, an hour after the old one was stopped.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import smtplib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import time_machine
from tests.e2e.next_hops.scripted import ScriptedHop
from tests.e2e.peers import free_port, maildir_messages
from tests.patient_loop import until
from tests.upgrades.make import MAILS, PUBLISHED, mail

from pansentry import detect
from pansentry.authentication import keygen
from pansentry.configuration import Configuration, load
from pansentry.gateway import Gateway, start
from pansentry.policy.loading import load_policies
from pansentry.store import open_store
from pansentry.store.schema import SCHEMA_VERSION
from pansentry.store.upgrade import Upgraded, upgrade, version_of

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.iterdir() if (path / "state.sql").is_file())
STOPPED_AT = 1795350000.0
"""A little after the youngest of the states was written."""
KEPT = ("events", "held", "memory", "outbox", "reply_windows", "answered", "audit", "accounts", "customers", "codes")


def unpacked(version: str, folder: Path) -> Path:
    """Lay a state out as it was; return the database."""
    shutil.copytree(HERE / version / "policies", folder / "policies")
    database = folder / "pansentry.db"
    with sqlite3.connect(database) as connection:
        connection.executescript((HERE / version / "state.sql").read_text().replace("@STATE@", str(folder)))
    connection.close()
    key = folder / "pansentry.db.key"
    key.write_bytes(bytes.fromhex((HERE / version / "key").read_text()))
    for path in (database, key):
        path.chmod(0o600)
    (folder / "dkim.pem").write_bytes(keygen("shop.example").pem)
    return database


def configured(version: str, folder: Path, letters: str) -> Configuration:
    """Read the old configuration; only ports, folders and the way out of letters are of today."""
    text = (HERE / version / "pansentry.yaml").read_text()
    text = text.replace("@PORT@", str(free_port())).replace("@STATE@", str(folder))
    (folder / "pansentry.yaml").write_text(text.replace("smtp://127.0.0.1:9?tls=none", letters))
    return load(folder / "pansentry.yaml", {})


def counted(database: Path) -> dict[str, int]:
    """Return how many rows each table has, of those that were there in any version."""
    with sqlite3.connect(database) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        found = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in KEPT if name in there
        }
    connection.close()
    return found


def test_every_former_version_is_here() -> None:
    """An empty folder would test nothing."""
    assert VERSIONS == ["first", "second", "third"]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_state_holds_a_card(version: str) -> None:
    """What was written then has no number in it, in octets spelled in hexadecimal neither."""
    text = (HERE / version / "state.sql").read_text()
    octets = [bytes.fromhex(one) for one in re.findall(r"X'([0-9A-F]+)'", text)]
    for one in (text, *(octet.decode("latin-1") for octet in octets)):
        assert not [finding for finding in detect(one) if finding.kind == "pan"]
        assert PUBLISHED.replace(" ", "") not in one


@pytest.mark.parametrize("version", VERSIONS)
def test_policies_still_mean_the_same(version: str) -> None:
    """They load without a flaw, and hold and redact for the same people."""
    policies = load_policies(HERE / version / "policies")
    assert policies.for_recipient("legal@shop.example").name == "legal"
    assert policies.for_recipient("orders@shop.example").name == "default"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_row_is_lost(version: str, tmp_path: Path) -> None:
    """The tables are brought up once, every row stays, and doing it again changes nothing."""
    database = unpacked(version, tmp_path)
    before = counted(database)
    assert before["events"] > 3
    assert (before["outbox"], before["held"]) == (1, 1)
    assert before["reply_windows"]
    url = f"sqlite:///{database}"
    assert version_of(url) == 1
    assert upgrade(url) == Upgraded(1, SCHEMA_VERSION)
    assert upgrade(url) == Upgraded(SCHEMA_VERSION, SCHEMA_VERSION)
    after = counted(database)
    assert {name: after[name] for name in before} == before


@pytest.fixture(params=VERSIONS)
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Gateway, Path, ScriptedHop]]:
    """Yield a gateway of this version on an old state, its folder, and the server that letters leave by."""
    database = unpacked(request.param, tmp_path)
    async with ScriptedHop({}) as letters:
        configuration = configured(request.param, tmp_path, f"{letters.url}?tls=none")
        await asyncio.to_thread(upgrade, f"sqlite:///{database}")
        with time_machine.travel(STOPPED_AT + 3600, tick=True):
            gateway = await start(configuration, lambda *_, **__: None)
            try:
                yield gateway, tmp_path, letters
            finally:
                await gateway.stop()


async def test_mail_and_letters_go_on(running: tuple[Gateway, Path, ScriptedHop]) -> None:
    """The letter that waited is sent, its customer is not written to again in that week, held mail is given out."""
    gateway, folder, letters = running
    await until(lambda: bool(letters.delivered))
    assert len(letters.delivered) == 1
    assert b"eva@customer.example" in b"".join(letters.delivered[0].rcpts)
    sender, recipient, said = MAILS[0]
    port = gateway.listeners[0].port

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(sender, [recipient], mail(sender, recipient, said, 99))

    await asyncio.to_thread(send)
    store = await open_store(f"sqlite:///{folder}/pansentry.db")
    try:

        async def is_empty() -> bool:
            return await store.outbox.waiting() == 0

        await until(is_empty)  # the letter is sent, and the window of the old version holds: there is no second one
        (held,) = await store.held.list()
        whole = await store.held.get(held.id)
        assert whole is not None
        assert b"XXXX XXXX XXXX 1111" in whole.message
        assert await store.held.release(held.id, whole.message, ["legal@shop.example"], who="test")
        accounts = await store.accounts.list()
        if accounts:
            assert await store.accounts.sign_in("anna", "correct horse battery staple", "")
    finally:
        await store.close()
    await until(lambda: len(maildir_messages(folder / "mailbox")) >= 2)
    delivered = maildir_messages(folder / "mailbox")
    assert len(delivered) == 2
    assert all(b"XXXX XXXX XXXX 1111" in one for one in delivered)
    assert len(letters.delivered) == 1
