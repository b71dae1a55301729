"""Write what an old version leaves behind: run once for each fixture, on a checkout of that version.

``git worktree add --detach OLD COMMIT; python -m tests.upgrades.make OLD tests/upgrades/NAME``

A gateway of the old version is started with its own policies (one more, that holds), and gets three mails: a card from
a customer, who is written to (the letter cannot leave, nobody listens where it should go); a card for a mailbox whose
mail is held; a clean one. Then it is stopped, and its state is written as text: ``state.sql`` (SQLite's dump), ``key``
(what its tokens are made with, in hexadecimal), configuration and policies as they were. No card number is in it.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.peers import free_port, stop, wait_for_port

PUBLISHED = "4111 1111 1111 1111"
CONFIGURATION = """hostname: mx.shop.example
domains: [shop.example]
listen:
  - address: "127.0.0.1:@PORT@"
state_dir: @STATE@
next_hop: maildir:@STATE@/mailbox
reply_via: smtp://127.0.0.1:9?tls=none
policies: policies
business:
  name: "Meier"
  phone: "+41 44 668 18 00"
  pay_page: "https://shop.example/pay"
dkim:
  domain: shop.example
  selector: pansentry
  key: dkim.pem
"""
HOLDING = """name: legal
applies_to: [legal@shop.example]
rules:
  - name: look-first
    when: {found: true}
    then: hold
  - name: rest
    then: deliver
"""
ACCOUNT = """
import asyncio, sys
from pansentry.permissions import Role
from pansentry.store import open_store
async def run():
    store = await open_store(f"sqlite:///{sys.argv[1]}/pansentry.db")
    await store.accounts.create("anna", "correct horse battery staple", Role.ADMIN, who="make")
    await store.close()
asyncio.run(run())
"""
MAILS = (
    ("eva@customer.example", "orders@shop.example", f"Please charge my Visa {PUBLISHED}, exp 09/29, CVV 737."),
    ("udo@customer.example", "legal@shop.example", f"My card is {PUBLISHED}."),
    ("ida@customer.example", "orders@shop.example", "When do you open?"),
)


def mail(sender: str, recipient: str, text: str, number: int) -> str:
    """Return a message."""
    head = f"From: {sender}\r\nTo: {recipient}\r\nSubject: order\r\nMessage-ID: <{number}@customer.example>\r\n"
    return f"{head}Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n{text}\r\n"


def main() -> None:
    old, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        policies = home / "policies"
        policies.mkdir()
        text = (old / "policies/default.yaml").read_text()
        (policies / "default.yaml").write_text(text.replace("require: dmarc", "require: none "))
        (policies / "legal.yaml").write_text(HOLDING)
        port = free_port()
        settings = CONFIGURATION.replace("@PORT@", str(port)).replace("@STATE@", str(home))
        (home / "pansentry.yaml").write_text(settings)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(old / "src")}
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", home / "dkim.pem", "2048"], check=True)
        process = subprocess.Popen([sys.executable, "-m", "pansentry", "serve"], cwd=home, env=environment)
        try:
            wait_for_port(port, "the old gateway", process)
            with smtplib.SMTP("127.0.0.1", port) as client:
                for number, (sender, recipient, said) in enumerate(MAILS):
                    client.sendmail(sender, [recipient], mail(sender, recipient, said, number))
            time.sleep(4)  # events are written in batches
        finally:
            stop(process)
        if (old / "src/pansentry/store/accounts.py").exists():
            said = subprocess.run(
                [sys.executable, "-c", ACCOUNT, home], env=environment, check=False, capture_output=True
            )
            assert said.returncode == 0, said.stderr.decode()
        target.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(home / "pansentry.db") as database:
            lines = [line for line in database.iterdump() if PUBLISHED.replace(" ", "") not in line]
        (target / "state.sql").write_text("\n".join(lines).replace(str(home), "@STATE@") + "\n")
        (target / "key").write_text((home / "pansentry.db.key").read_bytes().hex() + "\n")
        (target / "pansentry.yaml").write_text(CONFIGURATION)
        shutil.copytree(policies, target / "policies", dirs_exist_ok=True)


if __name__ == "__main__":
    main()
