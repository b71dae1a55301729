"""Kill -9 at any moment of the outbox: no mail is lost, no letter is sent twice, the database stays whole."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import text
from tests.e2e.next_hops.scripted import Act, ScriptedHop

from pansentry.outcome import EnqueueLetter
from pansentry.store import open_store
from pansentry.store.grants import Grant


async def spawn(database, server):
    """Start an outbox process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.e2e.next_hops.outbox_process",
        str(database),
        server.url + "?tls=none",
        stderr=asyncio.subprocess.DEVNULL,
    )


async def kill(process):
    """Kill a process, whatever it is doing."""
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def until(condition, deadline_s=60):
    """Wait until a condition holds."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110  the condition is another process
            await asyncio.sleep(0.002)


async def finish(database, server):
    """Run an outbox process to its natural end."""
    process = await spawn(database, server)
    async with asyncio.timeout(90):
        assert await process.wait() == 0


async def file_one(database, kind):
    """File one letter, or one deferred mail."""
    store = await open_store(f"sqlite:///{database}", time.time)
    if kind == "letter":
        assert await store.outbox.file_letter(EnqueueLetter("a@x.example", b"letter\r\n", "w")) is Grant.GRANTED
    else:
        await store.outbox.file_deferred("s@x.example", ["a@x.example"], b"mail\r\n", wait_s=0)
    await store.close()


@pytest.mark.parametrize(
    ("step", "act", "letters", "mails"),
    [
        ("greeting", Act.HANG, 1, 1),
        ("mail", Act.HANG, 1, 1),
        ("rcpt", Act.HANG, 1, 1),
        ("data", Act.HANG, 0, 1),
        ("dot", Act.HANG, 0, 1),
        ("dot", Act.STORE_THEN_HANG, 1, 2),
    ],
)
@pytest.mark.parametrize("kind", ["letter", "deferred"])
async def test_killed_at_each_step(tmp_path, kind, step, act, letters, mails):
    """Killed before content is due to go out: sent once later. After: a letter is not repeated, mail is."""
    database = tmp_path / "s.db"
    await file_one(database, kind)
    async with ScriptedHop({step: act}, {}) as server:
        process = await spawn(database, server)
        await until(lambda: step in server.reached)
        await kill(process)
        await finish(database, server)
        assert len(server.delivered) == (letters if kind == "letter" else mails)


async def test_random_kills_lose_no_mail_and_double_no_letter(tmp_path):
    """A hundred letters and mails under random kills: each mail arrives, each letter at most once."""
    database = tmp_path / "s.db"
    store = await open_store(f"sqlite:///{database}", time.time)
    for n in range(100):
        await store.outbox.file_letter(EnqueueLetter(f"u{n}@d{n}.example", b"letter %d\r\n" % n, f"w{n}"))
        await store.outbox.file_deferred("s@x.example", [f"m{n}@x.example"], b"mail %d\r\n" % n, wait_s=0)
    await store.close()
    dice = random.Random(20261122)
    async with ScriptedHop() as server:
        server.pause_s = 0.02  # so that a process does not end before it is killed
        for _ in range(6):
            process = await spawn(database, server)
            enough = len(server.delivered) + 1 + dice.randrange(15)
            await until(lambda enough=enough: len(server.delivered) >= enough)
            assert process.returncode is None
            await kill(process)
        await finish(database, server)
        arrived = Counter(delivered.content for delivered in server.delivered)
    letters = [arrived[b"letter %d\r\n" % n] for n in range(100)]
    mails = [arrived[b"mail %d\r\n" % n] for n in range(100)]
    assert max(letters) == 1
    assert min(mails) == 1
    assert letters.count(0) <= 6 * 5  # at most what was between content and answer at each kill
    store = await open_store(f"sqlite:///{database}", time.time)
    assert (await store.database.read(text("PRAGMA integrity_check")))[0][0] == "ok"
    assert await store.outbox.waiting() == 0
    await store.close()


FILE_LETTERS = """
import asyncio, sys, time
from pansentry.outcome import EnqueueLetter
from pansentry.store import open_store

async def main():
    store = await open_store(f"sqlite:///{sys.argv[1]}", time.time)
    for n in range(10_000):
        grant = await store.outbox.file_letter(EnqueueLetter(f"u{n}@d{n}.example", b"x", f"w{n}"), origin=f"o{n}")
        if grant != "granted":
            break
        print(n, flush=True)

asyncio.run(main())
"""


async def test_granted_letters_survive_a_kill(tmp_path):
    """What was granted before the kill is in the outbox after it, once, and its window is closed."""
    database = tmp_path / "s.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FILE_LETTERS, str(database), stdout=asyncio.subprocess.PIPE
    )
    lines = [await process.stdout.readline() for _ in range(50)]
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    granted = [int(line) for line in [*lines, *rest.splitlines()]]
    store = await open_store(f"sqlite:///{database}", time.time)
    assert len(granted) <= await store.outbox.waiting() <= len(granted) + 1
    for n in granted:
        again = await store.outbox.file_letter(EnqueueLetter(f"u{n}@d{n}.example", b"x", f"w{n}"))
        assert again is Grant.WINDOW
    await store.close()


async def test_two_processes_on_one_outbox_send_each_letter_once(tmp_path):
    """Two workers share an outbox; each letter goes out once."""
    database = tmp_path / "s.db"
    store = await open_store(f"sqlite:///{database}", time.time)
    for n in range(60):
        await store.outbox.file_letter(EnqueueLetter(f"u{n}@d{n}.example", b"letter %d\r\n" % n, f"w{n}"))
    await store.close()
    async with ScriptedHop() as server:
        await asyncio.gather(finish(database, server), finish(database, server))
        arrived = Counter(delivered.content for delivered in server.delivered)
    assert arrived == {b"letter %d\r\n" % n: 1 for n in range(60)}
