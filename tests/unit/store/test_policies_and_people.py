"""Versions of policies, roles, and held mail with its sealed original; each change is in the audit log with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.unit.store.engines import open_at

from pansentry.permissions import PERMISSIONS, NotPermittedError, Role, Task, is_permitted, least_role
from pansentry.store import Store, schema
from pansentry.store.held import Sealed
from pansentry.store.versions import KEPT, refused_now

FILES = {"default.yaml": b"name: d\n", "tests/a.yaml": b"\xff\x00 any bytes"}


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_at(url, lambda: 1000.0)
    yield opened
    await opened.close()


async def did(store: Store) -> list[tuple[str, str]]:
    return [(entry.who, entry.did) for entry in reversed(await store.audit.list())]


async def test_a_version_comes_back_byte_for_byte(store: Store) -> None:
    """What was in use can be had again, whatever bytes its files hold."""
    assert await store.versions.accept("aa11", FILES, "eve")
    found = await store.versions.get("aa")
    assert found is not None
    assert (found.files, found.who, found.at) == (FILES, "eve", 1000.0)
    assert await store.versions.get("bb") is None


async def test_workers_that_reload_at_once_keep_one_version(store: Store) -> None:
    """The same digest twice in a row is one version, and one entry of the audit log."""
    assert await store.versions.accept("aa11", FILES, "eve")
    assert not await store.versions.accept("aa11", FILES, "ben")
    assert [one.digest for one in await store.versions.list()] == ["aa11"]
    assert await did(store) == [("eve", "policy.accept")]


async def test_going_back_makes_a_new_version_of_an_old_digest(store: Store) -> None:
    """The list shows what was in use when; the one before is the newest that differs."""
    for digest in ("aa11", "bb22", "aa11"):
        await store.versions.accept(digest, FILES, "eve")
    assert [one.digest for one in await store.versions.list()] == ["aa11", "bb22", "aa11"]
    before = await store.versions.before("aa11")
    assert before is not None
    assert before.digest == "bb22"


async def test_what_was_refused_is_told_until_something_is_accepted(store: Store, url: str) -> None:
    """Also from outside, without opening the store; the same refusal is noted once."""
    assert await store.versions.refused() is None
    assert await store.versions.refuse("cc33", "p:3:1: wrong", "files of eve")
    assert not await store.versions.refuse("cc33", "p:3:1: wrong", "files of eve")
    found = await store.versions.refused()
    assert found is not None
    assert (found.digest, found.reason) == ("cc33", "p:3:1: wrong")
    assert await asyncio.to_thread(refused_now, url) == found
    await store.versions.accept("dd44", FILES, "eve")
    assert await store.versions.refused() is None
    assert await asyncio.to_thread(refused_now, url) is None
    assert [one for _, one in await did(store)] == ["policy.refuse", "policy.accept"]


def test_a_store_that_is_not_there_refused_nothing(tmp_path: Path) -> None:
    """A look from outside makes no file."""
    assert refused_now(f"sqlite:///{tmp_path}/none.db") is None
    assert refused_now("postgresql://host/name") is None
    assert list(tmp_path.iterdir()) == []


async def test_versions_do_not_pile_up(store: Store) -> None:
    """Only the newest are kept."""
    for number in range(KEPT + 3):
        await store.versions.accept(f"d{number}", {}, "eve")
    kept = await store.versions.list(1000)
    assert len(kept) == KEPT
    assert kept[0].digest == f"d{KEPT + 2}"


async def test_as_long_as_nobody_is_named_everybody_is_an_admin(store: Store) -> None:
    """And as soon as somebody is, everybody else is nobody."""
    assert await store.people.role_of("eve") is Role.ADMIN
    await store.people.grant("eve", Role.ADMIN, who="eve")
    assert await store.people.role_of("ben") is None
    said = "ben has no role here, and to see held mail one must be viewer. .*: `pansentry audit grant ben viewer`"
    with pytest.raises(NotPermittedError, match=said):
        await store.people.require("ben", Task.SEE_HELD)


async def test_nobody_is_locked_out(store: Store) -> None:
    """The first to be named is an admin, and the last admin stays one."""
    with pytest.raises(NotPermittedError, match="There must be an admin"):
        await store.people.grant("ben", Role.VIEWER, who="eve")
    await store.people.grant("eve", Role.ADMIN, who="eve")
    await store.people.grant("ben", Role.VIEWER, who="eve")
    with pytest.raises(NotPermittedError, match="There must be an admin"):
        await store.people.grant("eve", Role.VIEWER, who="eve")
    with pytest.raises(NotPermittedError, match="last admin"):
        await store.people.revoke("eve", who="eve")
    assert await store.people.revoke("ben", who="eve")
    assert not await store.people.revoke("ben", who="eve")
    assert await did(store) == [("eve", "people.grant"), ("eve", "people.grant"), ("eve", "people.revoke")]


@pytest.mark.parametrize("task", list(Task))
def test_every_task_has_a_least_role_and_those_above_may_too(task: Task) -> None:
    """The table of permissions covers every task, and an admin may do everything."""
    roles = list(Role)
    at = roles.index(least_role(task))
    assert [is_permitted(role, task) for role in roles] == [i >= at for i in range(len(roles))]
    assert sum(task in tasks for tasks in PERMISSIONS.values()) == 1


async def test_a_viewer_may_look_and_not_release(store: Store) -> None:
    """The role is asked for the task at hand."""
    await store.people.grant("eve", Role.ADMIN, who="eve")
    await store.people.grant("ben", Role.VIEWER, who="eve")
    await store.people.require("ben", Task.SEE_HELD)
    with pytest.raises(NotPermittedError, match="ben has the role viewer, and to release held mail one must be operat"):
        await store.people.require("ben", Task.RELEASE_HELD)


SEALED = Sealed("strict", "bcdf", "age1x", b"age file")


async def test_a_sealed_original_lies_beside_its_copy_and_goes_with_it(store: Store) -> None:
    """Listings carry neither; purging takes both and is on record."""
    name = await store.held.put(b"copy", "strict/r", "a@b.example", ["i@s.example"], more=SEALED)
    (listed,) = await store.held.list()
    assert (listed.message, listed.more.original, listed.more.sealed_to, listed.size_bytes) == (b"", b"", "age1x", 4)
    found = await store.held.get(name)
    assert found is not None
    assert (found.message, found.more) == (b"copy", SEALED)
    assert await store.held.purge(name, who="eve")
    assert not await store.held.purge(name, who="eve")
    assert await store.held.get(name) is None
    assert await did(store) == [("eve", "held.purge")]
    assert await store.database.read(select(schema.quarantine)) == []


async def test_a_mail_is_released_once(store: Store) -> None:
    """Into the outbox and out of the held mail in one step, with an entry of the audit log."""
    name = await store.held.put(b"copy", "strict/r", "a@b.example", ["i@s.example"], more=SEALED)
    assert await store.held.release(name, b"clean", ["i@s.example"], who="eve")
    assert not await store.held.release(name, b"clean", ["i@s.example"], who="ben")
    (entry,) = await store.outbox.take()
    assert (entry.message, entry.forward_paths, entry.reverse_path) == (b"clean", ("i@s.example",), "a@b.example")
    assert await store.held.list() == ()
    assert await did(store) == [("eve", "held.release")]


async def test_the_same_mail_is_held_once_with_one_original(store: Store) -> None:
    """What comes again while it is held changes nothing."""
    for content in (b"one", b"two"):
        await store.held.put(content, "r", "", ["i@s.example"], origin="key", more=SEALED)
    (only,) = await store.held.list()
    found = await store.held.get(only.id)
    assert found is not None
    assert found.message == b"one"


async def test_what_has_been_held_for_long_enough_goes_and_that_is_on_record(store: Store) -> None:
    """The time is the policy's; the original goes too."""
    await store.held.put(b"old", "r", "", ["i@s.example"], keep_s=0.0, more=SEALED)
    await store.held.put(b"new", "r", "", ["i@s.example"], keep_s=1.0)
    assert await store.held.forget_expired() == 1
    assert len(await store.held.list()) == 1
    assert await did(store) == [("gateway", "held.expire")]


async def test_a_review_copy_with_an_origin_is_filed_once_while_it_waits(store: Store) -> None:
    """A client that tries again makes no second copy."""
    for _ in range(2):
        await store.outbox.file_deferred("", ["r@s.example"], b"copy", wait_s=0, origin="review-1")
    assert len(await store.outbox.take()) == 1
