"""Mail while the database is away: it goes on redacted, or stays with its sender; and policies that a fleet shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED
from tests.unit.configuration.test_load import HEAD, read
from tests.unit.store.engines import away, open_at
from tests.unit.test_reception import CARD, CLEAN, HOLD, Hop, one_mail, reception

from pansentry.errors import ConfigurationError
from pansentry.policy_activation import Activation

NUMBER = PUBLISHED["visa"][0].encode()


@pytest.fixture
async def store(postgres):
    """A store of a fleet."""
    store = await open_at(postgres.make_database(), lambda: 1000.0)
    yield store
    await store.close()


async def test_mail_goes_on_redacted_while_the_store_is_away(store):
    """Both kinds of mail are delivered, the card is taken out, and what happened is told when the store is back."""
    hop = Hop()
    desk = reception(store, hop)
    with away(store):
        assert [(await one_mail(desk, mail)).code for mail in (CARD, CLEAN)] == [250, 250]
    assert len(hop.sent) == 2
    assert not any(NUMBER in message.replace(b" ", b"") for message in hop.sent)
    await store.events.flush()
    assert sum((await store.events.count()).values()) == 2
    assert await store.outbox.waiting() == 0


async def test_mail_is_deferred_while_the_store_is_away_if_so_wished(store):
    """With `without_store: defer` nothing is delivered and everything is 451 until the store is back."""
    hop = Hop()
    desk = reception(store, hop)
    desk.counter = replace(desk.counter, needs_store=True)
    with away(store):
        assert [(await one_mail(desk, mail)).code for mail in (CARD, CLEAN)] == [451, 451]
    assert (hop.sent, hop.aborted) == ([], 2)
    assert (await one_mail(desk)).code == 250


async def test_mail_with_a_card_is_deferred_when_the_store_fails_in_this_moment(store, monkeypatch):
    """Also a store that nobody knew was away stops what depends on it."""
    hop = Hop()
    desk = reception(store, hop)
    desk.counter = replace(desk.counter, needs_store=True)

    async def fail(*_key: object, **_how: object) -> bool:
        raise TimeoutError

    monkeypatch.setattr(type(store.ledger), "is_repeat", fail)
    with pytest.raises(TimeoutError):  # which the server answers with 451
        await one_mail(desk)
    assert (hop.sent, hop.aborted) == ([], 1)


async def test_mail_to_be_held_stays_with_its_sender_while_the_store_is_away(store):
    """There is nowhere to hold it, so it is not taken."""
    hop = Hop()
    desk = reception(store, hop, HOLD)
    with away(store), pytest.raises(Exception, match="does not answer"):  # which the server answers with 451
        await one_mail(desk)
    assert (await one_mail(desk)).code == 250
    assert hop.sent == []
    assert len(await store.held.list()) == 1


def node(folder: Path, text: str) -> Activation:
    """Return the policies of a node that has one file."""
    folder.mkdir()
    (folder / "p.yaml").write_text(text)
    activation = Activation(folder)
    activation.state = activation.read()
    return activation


GOOD = "name: p\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: redact\n"


async def test_a_node_that_is_behind_takes_over_what_the_fleet_uses(store, tmp_path):
    """Known here and replaced elsewhere: taken over; new here: everybody is to have it."""
    one, two = node(tmp_path / "one", GOOD), node(tmp_path / "two", GOOD)
    await one.note_accepted(store.versions, "start")
    assert await two.newer(store.versions) is None
    (tmp_path / "one/p.yaml").write_text(GOOD + "mode: observe\n")
    one.state = one.read()
    assert await one.newer(store.versions) is None
    await one.note_accepted(store.versions, "eve")
    newest = await two.newer(store.versions)
    assert newest is not None
    assert two.take_over(newest) == ""
    assert two.has_changed() is False
    assert two.has_changed() is True
    assert two.read().policies.fallback.observes


async def test_a_folder_that_may_not_be_written_is_told(store, tmp_path):
    """A folder that is mounted read-only keeps its policies; the log says which ones the fleet has."""
    one = node(tmp_path / "one", GOOD)
    await one.note_accepted(store.versions, "start")
    version = await store.versions.get(one.state.source.digest)
    one.state = replace(one.state, source=replace(one.state.source, folder=Path("/proc/1")))
    assert "cannot be written to /proc/1" in one.take_over(version)
    assert "were not kept" in one.take_over(replace(version, files={}))


async def test_files_of_one_machine_are_nobody_elses(sqlite_url, tmp_path):
    """With SQLite what lies in the folder is what counts, also when it was in use before."""
    alone = await open_at(sqlite_url, lambda: 0.0)
    one = node(tmp_path / "one", GOOD)
    await one.note_accepted(alone.versions, "start")
    await alone.versions.accept("other", {}, "eve")
    assert await one.newer(alone.versions) is None
    await alone.close()


def test_a_store_that_is_shared_needs_a_secret_that_is_shared():
    """One sentence that names the setting, and neither the password nor a traceback."""
    with pytest.raises(ConfigurationError) as caught:
        read(HEAD + "store: postgresql://pan:hunter2@db/x\n")
    assert "Gateways that share a store need one `secret`" in str(caught.value)
    assert "PANSENTRY_SECRET_FILE" in str(caught.value)
    assert "hunter2" not in str(caught.value)
