"""A long sweep: many messages in a real Dovecot, killed on the way (``scripts/bench-sweep``).

Prints messages a second, the largest resident memory of a run, and what is wrong in the end: a message that is missing
or there twice, a card that is left. Exit code 1 if anything is. Needs root and Debian's Dovecot with IMAP.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from imapclient import IMAPClient
from tests.e2e.peers import Dovecot
from tests.e2e.test_sweep import log_in, mail

_ID = re.compile(rb"^Message-ID: <(\d+)@", re.M)
_CARD = b"4111 1111 1111 1111"
_AT_ONCE = 500


def fill(dovecot: Dovecot, count: int) -> None:
    """Lay the messages into the mailbox: files, as Dovecot itself stores them."""
    with log_in(dovecot) as client:
        client.append("INBOX", b"Subject: first\r\n\r\n")
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    place = dovecot.folder / "mail/orders/Maildir/cur"
    owner = place.stat()
    for number in range(count):
        path = place / f"{1600000000 + number}.M{number}P1.host:2,S"
        path.write_bytes(mail(number))
        os.chown(path, owner.st_uid, owner.st_gid)


def run(place: str, journal: Path, kill_after_s: float | None) -> tuple[bool, float, int]:
    """Run the sweep; return whether it came to its end, its seconds, its largest resident memory in KiB."""
    command = [sys.executable, "-m", "pansentry", "sweep", place, "--redact", "--journal", str(journal)]
    begun, peak = time.monotonic(), 0
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PANSENTRY_IMAP_PASSWORD": "x"}
    )
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text() if Path(f"/proc/{process.pid}").exists() else ""
        found = re.search(r"VmHWM:\s+(\d+)", status)
        peak = max(peak, int(found[1]) if found else 0)
        if kill_after_s is not None and time.monotonic() - begun > kill_after_s:
            process.kill()
        time.sleep(0.2)
    return process.returncode == 0, time.monotonic() - begun, peak


def looked_through(client: IMAPClient) -> tuple[Counter[int], int]:
    """Return how often each message is there, and how many cards are left."""
    seen: Counter[int] = Counter()
    left = 0
    client.select_folder("INBOX", readonly=True)
    numbers = client.search()
    for at in range(0, len(numbers), _AT_ONCE):
        for facts in client.fetch(numbers[at : at + _AT_ONCE], ["BODY.PEEK[]"]).values():
            raw = facts[b"BODY[]"]
            found = _ID.search(raw)
            seen[int(found[1]) if found else -1] += 1
            left += _CARD in raw
    return seen, left


def main() -> int:
    """Fill, sweep and kill, look through; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    wanted = parser.parse_args()
    dice = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="sweep") as name:
        folder = Path(name)
        (folder / "dovecot").mkdir()
        dovecot = Dovecot.start(folder / "dovecot", imap=True)
        try:
            fill(dovecot, wanted.messages)
            place = f"imap://orders%40shop.example@127.0.0.1:{dovecot.imap_port}/INBOX"
            share = wanted.messages / 250 / (wanted.kills + 1)  # about so many seconds lie between two kills
            runs = [run(place, folder / "journal", share * dice.uniform(0.3, 1.5) + 2) for _ in range(wanted.kills)]
            runs.append(run(place, folder / "journal", None))
            with log_in(dovecot) as client:
                seen, left = looked_through(client)
        finally:
            dovecot.stop()
    missing = wanted.messages - len(seen.keys() & set(range(wanted.messages)))
    twice = sum(count - 1 for count in seen.values() if count > 1)
    seconds, peaks = sum(took for _, took, _ in runs), [peak >> 10 for _, _, peak in runs]
    end = "ended well" if runs[-1][0] else "FAILED"
    sys.stdout.write(
        f"{wanted.messages} messages, a third with a card; {sum(not ended for ended, _, _ in runs)} runs killed; "
        f"{wanted.messages / seconds:.0f} messages a second over all runs ({seconds:.0f} s)\n"
        f"largest resident memory: first run {peaks[0]} MiB, all runs {max(peaks)} MiB\n"
        f"missing {missing}, there twice {twice}, with a card {left}, last run {end}\n"
    )
    return int(bool(missing or twice or left or not runs[-1][0]))


if __name__ == "__main__":
    sys.exit(main())
