"""The sweep in a real mailbox: Dovecot over IMAP, killed on the way; Maildir and mbox, killed on the way."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from imapclient import IMAPClient
from tests.e2e.cut import cut
from tests.e2e.peers import Dovecot

from pansentry.sweep.journal import Journal
from pansentry.sweep.judgement import judge
from pansentry.sweep.places import open_place
from pansentry.sweep.sweep import Mode, Task, sweep

pytestmark = pytest.mark.peers

CARD = "Visa 4111 1111 1111 1111, exp 09/28, cvv 737"
COUNT = 60
DATE = datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC)
ID = re.compile(rb"^Message-ID: <(\d+)@", re.M)


def mail(number: int) -> bytes:
    """Every third mail holds a card; the others hold numbers, too."""
    text = CARD if number % 3 == 0 else f"order 2019-{number:05}, IBAN DE89 3704 0044 0532 0130 00"
    return (
        f"From: a{number}@customer.example\r\nTo: orders@shop.example\r\nSubject: mail {number}\r\n"
        f"Date: Sat, 04 May 2019 03:02:01 +0000\r\nMessage-ID: <{number}@customer.example>\r\n\r\n{text}\r\n"
    ).encode()


def run(*arguments: object, kill_after_s: float | None = None) -> int:
    """Run a sweep; end it as a power cut would after some time, if it is not done by then."""
    environment = os.environ | {"PANSENTRY_IMAP_PASSWORD": "x"}
    command = [sys.executable, "-m", "pansentry", "sweep", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    try:
        _, said = process.communicate(timeout=kill_after_s or 120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return -9
    assert b"4111" not in said
    return process.returncode


def run_and_kill(*arguments: object, kills: int) -> None:
    """Run a sweep that is killed again and again, a little later each time; the last run ends by itself."""
    dice = random.Random(11)
    for _ in range(kills):
        run(*arguments, kill_after_s=dice.uniform(0.7, 1.6))
    assert run(*arguments) == 0


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    """A Dovecot with IMAP."""
    (tmp_path / "dovecot").mkdir()
    running = Dovecot.start(tmp_path / "dovecot", imap=True)
    yield running
    running.stop()


def log_in(dovecot: Dovecot) -> IMAPClient:
    """Log in as a mail program does."""
    client = IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False)
    client.login("orders@shop.example", "x")
    return client


def test_imap_is_swept_and_nothing_is_lost(dovecot: Dovecot, tmp_path: Path) -> None:
    """Killed at any moment, every message is there once in the end, with its date and flags, and none holds a card."""
    place = f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}"
    with log_in(dovecot) as client:
        client.create_folder("Archive.2019")
        for number in range(COUNT):
            folder = "INBOX" if number % 2 else "Archive.2019"
            client.append(folder, mail(number), [b"\\Seen", b"$Label1"] if number % 4 == 0 else [], DATE)
    assert run(place) == 1
    run_and_kill(place, "--redact", "--journal", tmp_path / "journal", kills=4)
    assert run(place) == 0
    seen: Counter[int] = Counter()
    with log_in(dovecot) as client:
        for folder in ("INBOX", "Archive.2019"):
            client.select_folder(folder, readonly=True)
            for facts in client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).values():
                raw = facts[b"BODY[]"]
                number = int(ID.search(raw)[1])  # type: ignore[index]
                seen[number] += 1
                assert b"4111 1111 1111 1111" not in raw
                assert (b"\\Seen" in facts[b"FLAGS"], b"$Label1" in facts[b"FLAGS"]) == (number % 4 == 0,) * 2
                assert facts[b"INTERNALDATE"].astimezone(UTC) == DATE
                assert folder == ("INBOX" if number % 2 else "Archive.2019")
                if number % 3:
                    assert raw == mail(number)
    assert seen == Counter(range(COUNT))


@pytest.mark.parametrize(
    ("mode", "hidden"),
    [(Mode.REDACT, ()), (Mode.REDACT, (b"UIDPLUS", b"MULTIAPPEND", b"MOVE")), (Mode.MOVE, ())],
    ids=["redact", "redact-old-server", "move"],
)
def test_a_connection_that_breaks_anywhere(
    mode: Mode, hidden: tuple[bytes, ...], dovecot: Dovecot, tmp_path: Path
) -> None:
    """Whichever command the connection breaks at, before or behind it, the next run leaves each message once."""
    with log_in(dovecot) as client:
        client.create_folder("Cards")
        at, was_cut = 0, True
        while was_cut:
            at += 1
            for after in (False, True):
                fill_anew(client)
                journal = tmp_path / f"journal-{at}-{after}"
                with cut(dovecot.imap_port, at, after=after, hidden=hidden) as between:
                    sweep_once(between.port, journal, mode)
                was_cut = between.was_cut
                with cut(dovecot.imap_port, 0, after=False, hidden=hidden) as between:
                    assert sweep_once(between.port, journal, mode)
                assert contents(client) == {
                    "INBOX": [1, 2, 4] if mode is Mode.MOVE else [0, 1, 2, 3, 4],
                    "Cards": [0, 3] if mode is Mode.MOVE else [],
                }, (at, after)
    assert at > 10


def fill_anew(client: IMAPClient) -> None:
    """Put five messages into the inbox, two of them with a card, and nothing anywhere else."""
    for folder in ("Cards", "INBOX"):
        client.select_folder(folder)
        if numbers := client.search():
            client.delete_messages(numbers)
            client.expunge()
    client.multiappend("INBOX", [{"msg": mail(number), "flags": [b"\\Seen"], "date": DATE} for number in range(5)])


def sweep_once(port: int, journal: Path, mode: Mode) -> bool:
    """Sweep the inbox in this process; return whether it came to its end."""
    place = f"imap://orders%40shop.example@127.0.0.1:{port}/INBOX"
    with closing(Journal(journal, changes=True)) as book:
        try:
            with closing(open_place(place, writes=True, password="x")) as mailbox:
                for _ in sweep(mailbox, lambda raw: partial(judge, raw), book, Task(mode, "Cards")):
                    pass
        except OSError:
            return False
    return True


def contents(client: IMAPClient) -> dict[str, list[int]]:
    """Return which messages are in the two folders; those that were not moved hold no card."""
    found = {}
    for folder in ("INBOX", "Cards"):
        client.select_folder(folder, readonly=True)
        mails = [facts[b"BODY[]"] for facts in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
        assert folder == "Cards" or not any(b"4111 1111 1111 1111" in raw for raw in mails)
        found[folder] = sorted(int(ID.search(raw)[1]) for raw in mails)  # type: ignore[index]
    return found


def test_imap_moves(dovecot: Dovecot, tmp_path: Path) -> None:
    """With --move the messages with card data are in the other folder, as they were, and the others stay."""
    place = f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}"
    with log_in(dovecot) as client:
        for number in range(6):
            client.append("INBOX", mail(number), [], DATE)
    assert run(place, "--move", "Cards", "--journal", tmp_path / "journal") == 0
    with log_in(dovecot) as client:
        assert client.folder_status("INBOX", ["MESSAGES"]) == {b"MESSAGES": 4}
        assert client.folder_status("Cards", ["MESSAGES"]) == {b"MESSAGES": 2}


def test_a_server_that_lets_nobody_in(dovecot: Dovecot) -> None:
    """A wrong password is one sentence and exit code 2."""
    command = [
        sys.executable,
        "-m",
        "pansentry",
        "sweep",
        f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}",
    ]
    environment = os.environ | {"PANSENTRY_IMAP_PASSWORD": "wrong"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "does not let us in with this password" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_maildir_is_swept_and_nothing_is_lost(tmp_path: Path) -> None:
    """Killed at any moment, every message of a Maildir is there once in the end, with its time and flags."""
    root = tmp_path / "Maildir"
    for number in range(COUNT):
        folder = root if number % 2 else root / ".Old"
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        path = folder / "cur" / f"{number}.M1.host,S={len(mail(number))}:2,S"
        path.write_bytes(mail(number))
        os.utime(path, (DATE.timestamp(), DATE.timestamp()))
    run_and_kill(root, "--redact", "--journal", tmp_path / "journal", kills=4)
    paths = [path for path in root.rglob("cur/*") if path.is_file()]
    assert sorted(int(ID.search(path.read_bytes())[1]) for path in paths) == list(range(COUNT))  # type: ignore[index]
    assert {path.stat().st_mtime for path in paths} == {DATE.timestamp()}
    assert {path.name[-4:] for path in paths} == {":2,S"}
    assert not any(b"4111 1111 1111 1111" in path.read_bytes() for path in paths)
    assert not any(path.is_file() for path in root.rglob("tmp/*")) or run(root) == 0


def test_an_mbox_is_swept_whole_or_not(tmp_path: Path) -> None:
    """Killed at any moment, an mbox is the old file or the new one; a locked one is left alone."""
    box, lock = tmp_path / "box", tmp_path / "box.lock"
    letters = [
        b"From a@customer.example Sat May  4 03:02:01 2019\n" + mail(n).replace(b"\r", b"") for n in range(COUNT)
    ]
    box.write_bytes(b"\n".join(letters))
    lock.touch()
    assert run(box, "--redact", "--journal", tmp_path / "journal") == 69
    lock.unlink()
    for wait_s in (0.9, 1.2):
        before = box.read_bytes()
        if run(box, "--redact", "--journal", tmp_path / "journal", kill_after_s=wait_s) == -9:
            assert box.read_bytes() == before or b"4111 1111" not in box.read_bytes()
    assert run(box, "--redact", "--journal", tmp_path / "journal") == 0
    swept = box.read_bytes()
    assert [int(one) for one in ID.findall(swept)] == list(range(COUNT))
    assert b"4111 1111 1111 1111" not in swept
    assert swept.count(b"\nFrom a@customer.example Sat") == COUNT - 1


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """Two sweeps with one journal: the second says so and ends."""
    import fcntl

    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/one.eml").write_bytes(mail(0))
    with (tmp_path / "journal").open("a") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        assert run(tmp_path / "mails", "--redact", "--journal", tmp_path / "journal") == 69
    assert run(tmp_path / "mails", "--redact", "--journal", tmp_path / "journal") == 0
    assert b"XXXX XXXX XXXX 1111" in (tmp_path / "mails/one.eml").read_bytes()
