"""A test mail with a published card number, sent through our own door, and what became of it.

In: the configuration, a recipient of ours, a mark of random letters. Out: the answer of our own SMTP server, which is
the next hop's; for a mailbox on this machine the text as it arrived. The reverse-path is null, so no letter is written.
The page that shows it never gets the number: what arrived is looked through, and digits that stayed are struck out.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.delivery.next_hop import Scheme, parse_next_hop
from pansentry.doctor.self_audit import reach
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from pansentry.configuration import Configuration

NUMBER = "4000 0566 5566 5556"
"""A number that Stripe publishes for tests; no bank gives it out."""
ADDRESS = re.compile(r"[^\s<>@,\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,253}")
"""An address that a page may send to: one line, one recipient."""
_LETTERS = "bcdfghjkmnpqrstvwxyz"
_MAX_FILES = 200
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Arrived:
    """The text of the test mail as the mailbox has it; ``is_redacted`` says that the number is not in it."""

    text: str
    is_redacted: bool


def new_mark() -> str:
    """Return a word that is in no other mail."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def recipient_of(configuration: Configuration) -> str:
    """Return whom a test mail goes to unless somebody says otherwise."""
    first = configuration.domains[0]
    return first if "@" in first else f"postmaster@{first}"


def send(configuration: Configuration, recipient: str, mark: str) -> tuple[int, str]:
    """Send the mail through the first listener and return the answer. Raises OSError and SMTPException."""
    with reach(configuration) as client:
        for code, said in (client.mail(""), client.rcpt(recipient)):
            if code != 250:
                return code, scrubbed(said.decode("utf-8", "replace"))[:200]
        code, said = client.data(_message(configuration.hostname, recipient, mark))
    return code, scrubbed(said.decode("utf-8", "replace"))[:200]


def arrived(configuration: Configuration, mark: str) -> Arrived | None:
    """Return what the mailbox on this machine has of the mail; None if it has not come, or the mailbox is elsewhere."""
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is not Scheme.MAILDIR:
        return None
    folder = Path(where.path)
    files = [path for part in ("new", "cur") for path in (folder / part).glob("*")]
    for path in sorted(files, key=lambda one: one.name, reverse=True)[:_MAX_FILES]:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES).decode("utf-8", "replace")
        if mark in raw:
            text = raw.replace("\r\n", "\n").partition("\n\n")[2].strip()
            left = NUMBER.replace(" ", "") in "".join(sign for sign in raw if sign.isascii() and sign.isdigit())
            return Arrived(scrubbed(text), not left)
    return None


def _message(hostname: str, recipient: str, mark: str) -> bytes:
    message = EmailMessage()
    message["From"] = f"PanSentry <test@{hostname}>"
    message["To"] = recipient
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mark}@{hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = f"PanSentry test {mark}"
    text = f"This is the test {mark}.\n\nMy card number is {NUMBER},\nit expires 09/29 and the security code is 737.\n"
    message.set_content(text)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
