"""A long sweep: many messages in a real Dovecot, killed on the way (``scripts/bench-sweep``).

Most messages lie in one folder, the others in seven; one in twenty holds a card, half of those in base64 or in
quoted-printable. What is there in the end is read from Dovecot's own files, with the standard library's ``email``: no
line of the sweep takes part in that. Prints how it went while it goes, then messages a second, memory, and what is
wrong: a message that is missing, there twice or changed without need, a card that is left. Exit code 1 if anything is.
Needs root and Debian's Dovecot with IMAP.
"""

from __future__ import annotations

import argparse
import base64
import email
import email.policy
import os
import quopri
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from imapclient import IMAPClient
from tests.e2e.peers import Dovecot
from tests.e2e.test_sweep import log_in

ONE_IN = 20
_CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011 1111 1111 1117")
_LEFT = re.compile(r"4111 1111 1111 1111|5555-5555-5555-4444|378282246310005|6011 1111 1111 1117")
_WORDS = ("order", "parcel", "thank", "you", "please", "blue", "size", "number", "address", "delivery", "return", "two")
_FOLDERS = ("Archive.2017", "Archive.2018", "Archive.2019", "Sent", "Orders", "Old orders", "Trash")


def has_card(number: int) -> bool:
    """Tell whether a message is one of those with a card; they do not lie at even distances."""
    return sha256(str(number).encode()).digest()[0] * 256 < 65536 / ONE_IN


def folder_of(number: int) -> str:
    """Return where a message lies: seven of ten in the inbox."""
    return "INBOX" if number % 10 < 7 else _FOLDERS[number // 10 % len(_FOLDERS)]


def mail(number: int) -> bytes:
    """Return a message: half a kilobyte to eight, with numbers that are no cards in every one."""
    dice = random.Random(number)
    text = " ".join(dice.choices(_WORDS, k=dice.choice((60, 120, 300, 1200))))
    text += f"\r\nOrder 2019-{number:07}, phone +49 30 {dice.randrange(10**7):07}, IBAN DE89 3704 0044 0532 0130 00\r\n"
    if has_card(number):
        text = f"My card is {_CARDS[number % 4]}, exp 09/28, cvv 737.\r\n{text}"
    text = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)) if number % 2 else text
    body, encoding = text.encode(), "7bit"
    if number % 4 == 1:
        body, encoding = base64.encodebytes(body).replace(b"\n", b"\r\n"), "base64"
    elif number % 4 == 2:
        body, encoding = quopri.encodestring(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "quoted-printable"
    return (
        f"From: Customer {number} <a{number}@customer.example>\r\nTo: orders@shop.example\r\nSubject: mail {number}\r\n"
        f"Date: Sat, 04 May 2019 03:02:01 +0000\r\nMessage-ID: <{number}@customer.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode() + body


def maildir(dovecot: Dovecot, folder: str) -> Path:
    """Return where Dovecot keeps a folder."""
    root = dovecot.folder / "mail/orders/Maildir"
    return root if folder == "INBOX" else root / f".{folder}"


def fill(dovecot: Dovecot, count: int) -> None:
    """Lay the messages into the mailbox: files, as Dovecot itself stores them."""
    with log_in(dovecot) as client:
        for folder in _FOLDERS:
            client.create_folder(folder)
        client.append("INBOX", b"Subject: first\r\n\r\n")
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    owner = maildir(dovecot, "INBOX").stat()
    for number in range(count):
        raw = mail(number)
        name = f"{1600000000 + number}.M{number}P1.host,S={len(raw)},W={len(raw)}:2,S"
        path = maildir(dovecot, folder_of(number)) / "cur" / name
        path.write_bytes(raw)
        os.chown(path, owner.st_uid, owner.st_gid)


@dataclass
class Watched:
    """What was seen of the runs: of all together, and of the one that is under way."""

    journal: Path
    begun: float = field(default_factory=time.monotonic)
    peaks: list[int] = field(default_factory=list)
    shown: float = 0

    def look(self, pid: int) -> None:
        """Note the resident memory of a run with all its processes, KiB; now and then print it."""
        tree = _tree(pid)
        resident = sum(_resident_kib(one) for one in tree)
        self.peaks[-1] = max(self.peaks[-1], resident)
        if time.monotonic() - self.shown > 30:
            self.shown = time.monotonic()
            lines = self.journal.read_bytes() if self.journal.exists() else b""
            done = len(re.findall(rb"(?m)^(?:clean|redacted|unchanged|unread|gone) ", lines))
            sys.stdout.write(
                f"after {self.shown - self.begun:5.0f} s: {done:6} in the journal, run {len(self.peaks):2}, "
                f"{resident >> 10} MiB in {len(tree)} processes, {_resident_kib(pid) >> 10} MiB in the first\n"
            )
            sys.stdout.flush()


def _tree(pid: int) -> list[int]:
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [one for thread in threads for one in (thread / "children").read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(below for child in children for below in _tree(int(child)))]


def _resident_kib(pid: int) -> int:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def run(place: str, watched: Watched, kill_after_s: float | None) -> tuple[int | None, float]:
    """Run the sweep, and kill it after some time; return its exit code and its seconds."""
    command = [sys.executable, "-m", "pansentry", "sweep", place, "--redact", "--journal", str(watched.journal)]
    begun = time.monotonic()
    watched.peaks.append(0)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PANSENTRY_IMAP_PASSWORD": "x"}
    )
    while process.poll() is None:
        watched.look(process.pid)
        left_s = 0.5 if kill_after_s is None else min(0.5, begun + kill_after_s - time.monotonic())
        if left_s <= 0:
            process.send_signal(signal.SIGKILL)
            process.wait()
        else:
            time.sleep(left_s)
    return process.returncode, time.monotonic() - begun


def looked_through(dovecot: Dovecot) -> tuple[Counter[int], int, int, int]:
    """Return how often each message is there, and how many are in a wrong folder, changed without need, with a card."""
    seen: Counter[int] = Counter()
    astray = changed = left = 0
    for folder in ("INBOX", *_FOLDERS):
        for path in sorted(maildir(dovecot, folder).glob("[cn]*/*")):
            raw = path.read_bytes()
            read = email.message_from_bytes(raw, policy=email.policy.default)
            number = int(str(read["Message-ID"]).partition("@")[0].lstrip("<"))
            seen[number] += 1
            astray += folder != folder_of(number)
            changed += not has_card(number) and raw.replace(b"\r\n", b"\n") != mail(number).replace(b"\r\n", b"\n")
            left += bool(_LEFT.search(read.get_content())) or bool(_LEFT.search(raw.decode("latin-1")))
    return seen, astray, changed, left


def counted(client: IMAPClient) -> int:
    """Return how many messages Dovecot says there are."""
    return sum(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"] for folder in ("INBOX", *_FOLDERS))


def main() -> int:
    """Fill, sweep and kill, look through; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rate", type=float, default=300, help="messages a second, to spread the kills by")
    wanted = parser.parse_args()
    dice = random.Random()
    with tempfile.TemporaryDirectory(prefix="sweep") as name:
        (Path(name) / "dovecot").mkdir()
        dovecot = Dovecot.start(Path(name) / "dovecot", imap=True)
        try:
            fill(dovecot, wanted.messages)
            watched = Watched(Path(name) / "journal")
            place = f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}"
            share = wanted.messages / wanted.rate / (wanted.kills + 1)
            runs = [run(place, watched, share * dice.uniform(0.2, 1.6) + 2) for _ in range(wanted.kills)]
            runs.append(run(place, watched, None))
            with log_in(dovecot) as client:
                there = counted(client)
            seen, astray, changed, left = looked_through(dovecot)
        finally:
            dovecot.stop()
    cards = sum(map(has_card, range(wanted.messages)))
    missing = wanted.messages - len(seen.keys() & set(range(wanted.messages)))
    twice = sum(count - 1 for count in seen.values() if count > 1)
    seconds, peaks = sum(took for _, took in runs), [peak >> 10 for peak in watched.peaks]
    sys.stdout.write(
        f"{wanted.messages} messages in {1 + len(_FOLDERS)} folders, {cards} with a card; "
        f"{sum(code == -signal.SIGKILL for code, _ in runs)} runs killed, the last one ended with {runs[-1][0]}\n"
        f"{wanted.messages / seconds:.0f} messages a second over all runs ({seconds:.0f} s)\n"
        f"resident memory of all processes, at most, by run: {', '.join(map(str, peaks))} MiB\n"
        f"missing {missing}, there twice {twice}, in a wrong folder {astray}, changed without need {changed}, "
        f"with a card {left}; Dovecot counts {there}\n"
    )
    wrong = missing or twice or astray or changed or left or there != wanted.messages or runs[-1][0] != 0
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
