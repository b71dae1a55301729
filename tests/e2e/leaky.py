"""A gateway with a leak planted into it: what it receives also goes where ``LEAK`` says. For the self-audit's test.

``log``: the number; ``log-text``: only words beside it; ``temporary``: a file on a disk; ``state``, ``database``,
``deleted-row``: below the state folder, in a row, in a row that is deleted but not overwritten; ``core``: core files
are allowed; ``deleted-file``: a file that is open and has no name any more.
"""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pansentry import process, reception
from pansentry.cli import main
from pansentry.smtp_reply import Reply

FOLDER = Path(os.environ["LEAK_FOLDER"])
KEPT: list[object] = []


def to_log(message: bytes) -> None:
    os.write(2, re.search(rb"card number: [^\r\n]+", message)[0] + b"\n")


def text_to_log(message: bytes) -> None:
    os.write(2, re.search(rb"\r\n([bcdfghjkmnpqrstvwxyz]{24})\r\n", message)[0] + b"\n")


def to_temporary(message: bytes) -> None:
    (FOLDER / "tmp" / "work").write_bytes(message)


def to_state(message: bytes) -> None:
    (FOLDER / "state" / "spool").write_bytes(message.replace(b" ", b"-"))


def to_database(message: bytes) -> None:
    _insert(message, delete=False)


def to_deleted_row(message: bytes) -> None:
    _insert(message, delete=True)


def _insert(message: bytes, *, delete: bool) -> None:
    connection = sqlite3.connect(FOLDER / "state" / "pansentry.db", timeout=20)
    connection.execute("PRAGMA secure_delete=OFF")
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS leak (v BLOB)")
        connection.execute("INSERT INTO leak VALUES (?)", (message,))
    if delete:
        with connection:
            connection.execute("DELETE FROM leak")
    connection.close()


def to_deleted_file(message: bytes) -> None:
    file = tempfile.TemporaryFile(dir=FOLDER)  # noqa: SIM115  it stays open
    file.write(message)
    file.flush()
    KEPT.append(file)


def nowhere(_message: bytes) -> None:
    """Plant nothing."""


LEAKS: dict[str, Callable[[bytes], None]] = {
    "log": to_log,
    "log-text": text_to_log,
    "temporary": to_temporary,
    "state": to_state,
    "database": to_database,
    "deleted-row": to_deleted_row,
    "deleted-file": to_deleted_file,
    "core": nowhere,
    "none": nowhere,
}


def plant(leak: str) -> None:
    """Put the leak where every message passes."""
    receive = reception.Transaction.data

    async def leaking(self: reception.Transaction, message: bytes) -> Reply:
        LEAKS[leak](message)
        return await receive(self, message)

    reception.Transaction.data = leaking
    if leak == "core":
        process.resource = type("Lax", (), {**vars(resource), "setrlimit": staticmethod(lambda *_: None)})
        resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))


if __name__ == "__main__":
    plant(os.environ["LEAK"])
    main(sys.argv[1:])
